//! A function's environment: read once, refused with the name of what is wrong.

use crate::aws::scheduler::Settings;
use crate::engine::observed::Place;
use crate::engine::own::Stack;
use crate::operations::metrics::Source;
use crate::policy::Mode;
use crate::resources::parapet::manifest::MANIFEST;
use std::collections::BTreeSet;
use std::time::Duration;
use thiserror::Error;

/// What the environment says. `docs/architecture.md` lists the variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// `PARAPET_TOPIC_ARN`
    pub topic: Option<String>,
    /// `PARAPET_WATCHER_TOPIC_ARN`: a second topic, of another account.
    pub watcher: Option<String>,
    /// `PARAPET_LEDGER_TABLE`
    pub ledger: Option<String>,
    /// `PARAPET_POLICY`
    pub policy: Option<String>,
    /// `PARAPET_MODE`
    pub mode: Mode,
    /// `PARAPET_SELF_ROLE_ARN`, several with commas: the first is this function's.
    pub own_roles: Vec<String>,
    /// `PARAPET_ROLE_NAME`
    pub member_role: Option<String>,
    /// `PARAPET_RUNBOOK_ROLE`: the name of the role by which runbooks work.
    pub runbook_role: Option<String>,
    /// `PARAPET_STACK`, with `PARAPET_PARTS`, `PARAPET_CONDITIONS`, `PARAPET_RESERVED_CONCURRENCY`, `PARAPET_DEPLOY_ROLE` and what names the stack's other resources.
    pub stack: Option<Stack>,
    /// `PARAPET_SCHEDULE_GROUP` and `PARAPET_SCHEDULE_ROLE_ARN`; with `PARAPET_DEAD_LETTERS_ARN` for what could not be invoked, and `PARAPET_KMS_KEY`.
    pub schedules: Option<Settings>,
    /// `PARAPET_REFRESH_SECONDS`
    pub refresh: Duration,
    /// `PARAPET_SPOKES`: `account/region` with commas.
    pub spokes: Vec<(String, String)>,
    /// `PARAPET_SECURITY_HUB` (`on`): whether findings are sent to AWS Security Hub, too.
    pub imports: bool,
    /// `AWS_REGION`
    pub region: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`
    pub function: String,
    /// The same with `PARAPET_STACK` and `PARAPET_GUARDRAIL_METRICS` (`on`): whose metrics are counted, and how finely.
    pub metrics: Source,
}

/// A setting of the environment that cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SettingError {
    /// `PARAPET_MODE` holds another word.
    #[error("`PARAPET_MODE` is `{0}`, one of `off`, `notify`, `enforce` was expected")]
    Mode(String),
    /// `PARAPET_REFRESH_SECONDS` holds no number.
    #[error("`PARAPET_REFRESH_SECONDS` is `{0}`, a number of seconds was expected")]
    Refresh(String),
    /// One of the two variables of schedules is set, the other is not.
    #[error("`{0}` is not set: schedules need `PARAPET_SCHEDULE_GROUP` and `PARAPET_SCHEDULE_ROLE_ARN`, or neither")]
    Schedules(&'static str),
    /// `PARAPET_SPOKES` holds something else.
    #[error("`PARAPET_SPOKES` holds `{0}`, pairs such as `111122223333/eu-west-1` with commas were expected")]
    Spoke(String),
}

/// The logical id of the function that guards Parapet itself.
pub(super) const SELF: &str = "SelfFunction";

/// The variable that names the key which encrypts what Parapet stores.
const KMS_KEY: &str = "PARAPET_KMS_KEY";

/// How old the policy and the standing orders may be when an event is taken up. A function that is busy renews them behind
/// the events; one that was idle for longer asks before it acts.
const REFRESH: Duration = Duration::from_secs(60);

impl Environment {
    /// Reads it; an empty variable is one that is not set.
    ///
    /// # Errors
    /// [`SettingError`] names the variable and what was expected.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let text = |name: &str| variable(name).filter(|value| !value.is_empty());
        let mode = match text("PARAPET_MODE").as_deref() {
            None => Mode::default(),
            Some("off") => Mode::Off,
            Some("notify") => Mode::Notify,
            Some("enforce") => Mode::Enforce,
            Some(other) => return Err(SettingError::Mode(other.to_owned())),
        };
        let refresh = match text("PARAPET_REFRESH_SECONDS") {
            None => REFRESH,
            Some(given) => given.parse().map(Duration::from_secs).map_err(|_| SettingError::Refresh(given))?,
        };
        let list = |name: &str| -> Vec<String> {
            let text = text(name).unwrap_or_default();
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let function = text("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "parapet".to_owned());
        let spokes = list("PARAPET_SPOKES").into_iter().map(spoke).collect::<Result<_, _>>()?;
        Ok(Self {
            topic: text("PARAPET_TOPIC_ARN"),
            watcher: text("PARAPET_WATCHER_TOPIC_ARN"),
            ledger: text("PARAPET_LEDGER_TABLE"),
            policy: text("PARAPET_POLICY"),
            mode,
            own_roles: list("PARAPET_SELF_ROLE_ARN"),
            member_role: text("PARAPET_ROLE_NAME"),
            runbook_role: text("PARAPET_RUNBOOK_ROLE"),
            stack: text("PARAPET_STACK").map(|name| Stack {
                name,
                // The template cannot tell a function its own name, and Lambda does.
                parts: MANIFEST
                    .names(&text("PARAPET_PARTS").unwrap_or_default())
                    .into_iter()
                    .chain([(SELF.to_owned(), function.clone())])
                    .collect(),
                conditions: list("PARAPET_CONDITIONS").into_iter().collect(),
                lists: [("CustomEventSources", "PARAPET_CUSTOM_SOURCES"), ("CustomEventNames", "PARAPET_CUSTOM_NAMES")]
                    .into_iter()
                    .map(|(parameter, variable)| (parameter.to_owned(), list(variable)))
                    .collect(),
                // 0 is the template's word for none.
                reserved: text("PARAPET_RESERVED_CONCURRENCY")
                    .and_then(|text| text.parse().ok())
                    .filter(|given| *given > 0),
                deploy_role: text("PARAPET_DEPLOY_ROLE"),
                dead_letters: text("PARAPET_DEAD_LETTERS_ARN"),
                keys: ["PARAPET_LEDGER_KEY", "PARAPET_OPERATORS_KEY", KMS_KEY].into_iter().filter_map(&text).collect(),
                policy: text("PARAPET_POLICY"),
            }),
            schedules: schedules(text)?,
            refresh,
            spokes,
            imports: text("PARAPET_SECURITY_HUB").as_deref() == Some("on"),
            region: text("AWS_REGION").or_else(|| text("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned()),
            metrics: Source {
                function: function.clone(),
                stack: text("PARAPET_STACK"),
                by_guardrail: text("PARAPET_GUARDRAIL_METRICS").as_deref() == Some("on"),
            },
            function,
        })
    }

    /// The function's own account, as its role says.
    #[must_use]
    pub fn account(&self) -> Option<String> {
        self.own_roles.first()?.split(':').nth(4).filter(|account| !account.is_empty()).map(str::to_owned)
    }

    /// Where a sweep goes: the function's own account and region, and the spokes.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let partition = self.own_roles.first().and_then(|arn| arn.split(':').nth(1)).unwrap_or("aws").to_owned();
        let own = self.account().map(|account| (account, self.region.clone()));
        let all = own.into_iter().chain(self.spokes.iter().cloned());
        all.map(|(account, region)| Place { partition: partition.clone(), account, region }).collect()
    }

    /// The same for what an account has once: each account in the region that its records come from.
    #[must_use]
    pub fn accounts(&self) -> Vec<Place> {
        let mut seen = BTreeSet::new();
        let places = self.places().into_iter().filter(|place| seen.insert(place.account.clone()));
        places.map(|place| Place { region: global_region(&place.partition).to_owned(), ..place }).collect()
    }
}

/// "How can I create EventBridge rules for global services?": IAM's records arrive in one region of each partition.
pub(super) fn global_region(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

fn schedules(text: impl Fn(&str) -> Option<String>) -> Result<Option<Settings>, SettingError> {
    const GROUP: &str = "PARAPET_SCHEDULE_GROUP";
    const ROLE: &str = "PARAPET_SCHEDULE_ROLE_ARN";
    match (text(GROUP), text(ROLE)) {
        (Some(group), Some(role)) => {
            Ok(Some(Settings { group, role, dead_letters: text("PARAPET_DEAD_LETTERS_ARN"), key: text(KMS_KEY) }))
        }
        (None, None) => Ok(None),
        (Some(_), None) => Err(SettingError::Schedules(ROLE)),
        (None, Some(_)) => Err(SettingError::Schedules(GROUP)),
    }
}

fn spoke(text: String) -> Result<(String, String), SettingError> {
    let is_account = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('/') {
        Some((account, region)) if is_account(account) && !region.is_empty() => {
            Ok((account.to_owned(), region.to_owned()))
        }
        _ => Err(SettingError::Spoke(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(set: &[(&str, &str)]) -> Result<Environment, SettingError> {
        Environment::read(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[rstest]
    #[case("PARAPET_MODE", "enforced", "one of `off`, `notify`, `enforce` was expected")]
    #[case("PARAPET_REFRESH_SECONDS", "soon", "a number of seconds was expected")]
    #[case("PARAPET_SPOKES", "1234/eu-west-1", "`111122223333/eu-west-1`")]
    #[case("PARAPET_SPOKES", "111122223333", "`111122223333/eu-west-1`")]
    fn a_bad_setting_is_named(#[case] name: &str, #[case] value: &str, #[case] part: &str) {
        let error = read(&[(name, value)]).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains(value) && error.contains(part), "{error}");
    }

    #[test]
    fn schedules_need_a_group_and_a_role() {
        let group = ("PARAPET_SCHEDULE_GROUP", "parapet");
        let role = ("PARAPET_SCHEDULE_ROLE_ARN", "arn:aws:iam::111122223333:role/parapet-schedules");
        assert_eq!(read(&[]).unwrap().schedules, None);
        let both = read(&[group, role]).unwrap().schedules.unwrap();
        assert_eq!(
            (both.group.as_str(), both.role.as_str(), both.dead_letters, both.key),
            (group.1, role.1, None, None)
        );
        for (one, missing) in [(group, role.0), (role, group.0)] {
            let error = read(&[one]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("`{missing}` is not set")), "{error}");
        }
    }

    #[test]
    fn a_key_of_ones_own_encrypts_schedules_and_is_a_part_of_the_stack() {
        const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1";
        let group = ("PARAPET_SCHEDULE_GROUP", "parapet");
        let role = ("PARAPET_SCHEDULE_ROLE_ARN", "arn:aws:iam::111122223333:role/parapet-schedules");
        let stack = ("PARAPET_STACK", "parapet");
        for (given, expected) in [(KEY, Some(KEY)), ("", None)] {
            let read = read(&[group, role, stack, (KMS_KEY, given)]).unwrap();
            assert_eq!(read.schedules.unwrap().key.as_deref(), expected);
            assert_eq!(read.stack.unwrap().keys.first().map(String::as_str), expected);
        }
    }

    #[test]
    fn a_sweep_goes_to_the_own_account_and_the_spokes() {
        let role = "arn:aws:iam::999988887777:role/parapet, arn:aws:iam::999988887777:role/operate";
        let set = [
            ("PARAPET_SELF_ROLE_ARN", role),
            ("PARAPET_SPOKES", "111122223333/eu-west-1,111122223333/us-east-1"),
            ("AWS_REGION", "eu-central-1"),
        ];
        let environment = read(&set).unwrap();
        let places: Vec<_> = environment.places().into_iter().map(|place| (place.account, place.region)).collect();
        let expected = [("999988887777", "eu-central-1"), ("111122223333", "eu-west-1"), ("111122223333", "us-east-1")];
        assert_eq!(places, expected.map(|(account, region)| (account.to_owned(), region.to_owned())));
        assert_eq!(environment.own_roles.len(), 2);
        let accounts: Vec<_> = environment.accounts().into_iter().map(|place| (place.account, place.region)).collect();
        let expected = [("999988887777", "us-east-1"), ("111122223333", "us-east-1")];
        assert_eq!(accounts, expected.map(|(account, region)| (account.to_owned(), region.to_owned())));
    }
}
