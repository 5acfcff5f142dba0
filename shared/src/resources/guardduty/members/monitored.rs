//! LOG-08: a GuardDuty administrator goes on monitoring its members.

use super::{IDS, detector};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::resources::callers::{AllowedPrincipals, callers};
use crate::resources::guardduty::{GUARDDUTY, SOURCE, accounts_of, detector_of};
use serde_json::{Value, json};

const GET: Permission = Permission::read("guardduty:GetMembers");
const START: Permission = Permission::setting("guardduty:StartMonitoringMembers");
const STOP: Permission = Permission::setting("guardduty:StopMonitoringMembers");

/// Whether members are monitored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MonitoredMembers;

/// What its calls name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// The id of the administrator's detector.
    pub detector: String,
    /// The members' accounts.
    pub accounts: Vec<String>,
}

impl Subject for Members {
    fn name(&self) -> &str {
        &self.detector
    }
}

/// Which members, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersRef {
    /// Which.
    pub of: Members,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// Members, as far as they are as each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monitored {
    /// Which; where some are not monitored, these.
    pub of: MembersRef,
    /// Whether they are monitored.
    pub is_on: Observed<bool>,
}

impl Setting for MonitoredMembers {
    type Key = MembersRef;
    type State = Monitored;
    type Subject = Members;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "guardduty-members";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[STOP];
    const ABOUT: &'static About = &About {
        name: "guardduty-members-not-monitored",
        catalogue_id: "LOG-08",
        title: "A GuardDuty administrator stopped monitoring members",
        description: "Monitoring of member accounts was stopped by a principal that is not among `allowed_principals`: their detectors are suspended, and the administrator sees no \
            new findings of them.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["StopMonitoringMembers"],
        remediation: "Starts monitoring the same accounts again, with one call.",
        actions: &[START],
        ids: IDS,
        not_watched: &[("DisassociateMembers, DeleteMembers", "members that are detached are another guardrail's")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["start"],
            START,
            "start monitoring members of GuardDuty detector {}",
            "aws guardduty start-monitoring-members --detector-id {}",
        ),
        Call::new(
            false,
            &["stop"],
            STOP,
            "stop monitoring members of GuardDuty detector {}",
            "aws guardduty stop-monitoring-members --detector-id {}",
        ),
    ];

    fn line(call: &Call<bool>, of: &Members) -> String {
        let accounts: Vec<String> = of.accounts.iter().map(|account| word(account).into_owned()).collect();
        format!("{} --account-ids {}", call.line.replacen("{}", &word(&of.detector), 1), accounts.join(" "))
    }

    /// A call that succeeded has stopped it for all but those that its response names.
    fn changed_by(event: &Event) -> Result<Vec<Target<MembersRef, Monitored>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let (detector, accounts) = (detector_of(event)?, accounts_of(event));
        if event.request.at(&["accountIds"]).is_none_or(|accounts| !accounts.is_array()) {
            return Err(Unlocatable::new(event, "the record names no accounts"));
        }
        if accounts.is_empty() {
            return Ok(Vec::new());
        }
        let key = MembersRef { of: Members { detector, accounts }, by: callers(event) };
        let proven = Some(Monitored { of: key.clone(), is_on: Observed::Known(false) });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(members: &mut Monitored, target: &Target<MembersRef, Monitored>) {
        members.of.by.clone_from(&target.key.by);
    }

    fn named(key: &MembersRef, place: &Place) -> Resource {
        detector(&key.of.detector, place)
    }

    fn shown(members: &Monitored) -> Shown<Members, bool> {
        let (subject, value) = (members.of.of.clone(), members.is_on.clone());
        Shown { subject, value, element: "members not monitored".to_owned(), is_fixed: false }
    }

    fn is_in_question(members: &Monitored, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&members.of.by)
    }

    fn why(members: &Monitored, _: &Terms<'_>) -> String {
        format!("GuardDuty does not monitor the member accounts {}", members.of.of.accounts.join(", "))
    }
}

/// What a member's status says of it; none where it is no member that can be monitored.
fn is_monitored(member: &Value) -> Option<bool> {
    match member["relationshipStatus"].as_str()?.to_ascii_lowercase().as_str() {
        "enabled" => Some(true),
        "disabled" => Some(false),
        _ => None,
    }
}

impl SignedSetting for MonitoredMembers {
    const API: &'static Api = &GUARDDUTY;

    fn get(key: &MembersRef) -> Request {
        Request::rest("GetMembers", "POST", &["detector", &key.of.detector, "member", "get"])
            .member("accountIds", Some(json!(key.of.accounts)))
    }

    fn got(key: &MembersRef, answer: &Answer) -> Observed<Monitored> {
        let members = answer.list("members");
        let of = |account: &String| {
            let found = members.iter().find(|member| member["accountId"].as_str() == Some(account));
            found.and_then(is_monitored)
        };
        let off: Vec<String> = key.of.accounts.iter().filter(|account| of(account) == Some(false)).cloned().collect();
        let hidden = key.of.accounts.iter().find(|account| of(account).is_none());
        let (accounts, is_on) = match hidden {
            _ if !off.is_empty() => (off, Observed::Known(false)),
            Some(account) => {
                let why = format!("the answer does not show whether member {account} is monitored");
                (key.of.accounts.clone(), Observed::Unknown { why })
            }
            None => (key.of.accounts.clone(), Observed::Known(true)),
        };
        let of = Members { accounts, ..key.of.clone() };
        Observed::Known(Monitored { of: MembersRef { of, by: key.by.clone() }, is_on })
    }

    fn set(of: &Members, is_on: bool) -> Request {
        let (operation, path) =
            if is_on { ("StartMonitoringMembers", "start") } else { ("StopMonitoringMembers", "stop") };
        Request::rest(operation, "POST", &["detector", &of.detector, "member", path])
            .member("accountIds", Some(json!(of.accounts)))
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_members_that_are_not_monitored_are_started_again() {
        let accounts = vec!["111111111111".to_owned(), "222222222222".to_owned()];
        let key = MembersRef { of: Members { detector: "1".to_owned(), accounts }, by: Vec::new() };
        let got = |second: &str| {
            let member = |id: &str, status: &str| json!({"accountId": id, "relationshipStatus": status});
            let body = json!({"members": [member("111111111111", "Enabled"), member("222222222222", second)]});
            MonitoredMembers::got(&key, &Answer { body, request_id: None }).known().unwrap().clone()
        };
        assert_eq!(got("Disabled").of.of.accounts, ["222222222222"]);
        assert_eq!(got("Enabled").is_on, Observed::Known(true));
        assert!(matches!(got("Resigned").is_on, Observed::Unknown { .. }));
    }
}
