//! LOG-07: the standards of Security Hub stay enabled.
//!
//! Sources: "BatchDisableStandards", "BatchEnableStandards", "GetEnabledStandards", "StandardsSubscription" (Security Hub API reference). The response of the call that disables shows the
//! standard of each subscription. Where it does not, it follows from the subscription's ARN, which has the standard's path; the oldest one, CIS 1.2, is a ruleset without
//! a region.

use super::{IDS, SECURITY_HUB, SOURCE, hub};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::resources::callers::{AllowedPrincipals, callers};
use serde_json::{Value, json};

const HUB: &[&str] = &["securityhub:${Region}:${Account}:hub/default"];
const GET: Permission = Permission::on("securityhub:GetEnabledStandards", HUB);
const ENABLE: Permission = Permission::on("securityhub:BatchEnableStandards", HUB);
const DISABLE: Permission = Permission::on("securityhub:BatchDisableStandards", HUB);
const CIS_1_2: &str = "cis-aws-foundations-benchmark/v/1.2.0";

/// Whether standards are enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standards;

/// What its calls name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// Each subscription by its ARN, and the ARN of its standard.
    pub all: Vec<(String, String)>,
    /// The standards, for a person.
    pub names: String,
}

impl Subscribed {
    /// These.
    #[must_use]
    pub fn of(all: Vec<(String, String)>) -> Self {
        let short = |(arn, _): &(String, String)| path(arn).to_owned();
        let names: Vec<String> = all.iter().map(short).collect();
        Self { names: names.join(", "), all }
    }
}

impl Subject for Subscribed {
    fn name(&self) -> &str {
        &self.names
    }
}

/// Which standards, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardsRef {
    /// Which.
    pub of: Subscribed,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// Standards, as far as they are as each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enabled {
    /// Which; where some are not enabled, these.
    pub of: StandardsRef,
    /// Whether they are enabled.
    pub is_on: bool,
}

/// The standard in the ARN of a subscription.
fn path(arn: &str) -> &str {
    arn.split_once(":subscription/").map_or(arn, |(_, path)| path)
}

/// What a record names.
fn named(event: &Event) -> Option<Vec<(String, String)>> {
    let list = event.request.at(&["standardsSubscriptionArns"]).or(event.request.at(&["StandardsSubscriptionArns"]))?;
    let answered = event.response.at(&["StandardsSubscriptions"]).or(event.response.at(&["standardsSubscriptions"]));
    let answered = answered.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let member = |one: &Value, large: &str, small: &str| {
        one.get(large).or(one.get(small)).and_then(Value::as_str).map(str::to_owned)
    };
    let standard = |arn: &str| {
        let of =
            |one: &&Value| member(one, "StandardsSubscriptionArn", "standardsSubscriptionArn").as_deref() == Some(arn);
        let shown = answered.iter().find(of).and_then(|one| member(one, "StandardsArn", "standardsArn"));
        shown.unwrap_or_else(|| {
            let (partition, region, path) = (event.partition(), &event.region, path(arn));
            match path {
                CIS_1_2 => format!("arn:{partition}:securityhub:::ruleset/{path}"),
                _ => format!("arn:{partition}:securityhub:{region}::standards/{path}"),
            }
        })
    };
    let arns = list.as_array()?.iter().map(|arn| arn.as_str().map(|arn| (arn.to_owned(), standard(arn))));
    arns.collect::<Option<Vec<_>>>().filter(|arns| !arns.is_empty())
}

impl Setting for Standards {
    type Key = StandardsRef;
    type State = Enabled;
    type Subject = Subscribed;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "security-hub-standards";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "security-hub-standard-disabled",
        catalogue_id: "LOG-07",
        title: "A standard of Security Hub was disabled",
        description: "Standards were disabled by a principal that is not among `allowed_principals`: their controls are not evaluated any more, unless another standard has them.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["CIS AWS Foundations 5.0.0/4.16"],
        technique: "T1562.001",
        triggers: &["BatchDisableStandards"],
        remediation: "Enables the same standards again, with one call. Controls that were disabled in them may have to be disabled again.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[("DisableSecurityHub", "Security Hub that is disabled as a whole is another guardrail's")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["enable"], ENABLE, "enable the standards {}", "aws securityhub batch-enable-standards"),
        Call::new(false, &["disable"], DISABLE, "disable the standards {}", "aws securityhub batch-disable-standards"),
    ];

    fn line(call: &Call<bool>, of: &Subscribed) -> String {
        if call.sets {
            let requests = requests(of).to_string();
            return format!("{} --standards-subscription-requests {}", call.line, word(&requests));
        }
        let arns: Vec<String> = of.all.iter().map(|(arn, _)| word(arn).into_owned()).collect();
        format!("{} --standards-subscription-arns {}", call.line, arns.join(" "))
    }

    /// A call that succeeded has disabled them.
    fn changed_by(event: &Event) -> Result<Vec<Target<StandardsRef, Enabled>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let all = named(event).ok_or_else(|| Unlocatable::new(event, "the record names no standards"))?;
        let key = StandardsRef { of: Subscribed::of(all), by: callers(event) };
        Ok(vec![Target { proven: Some(Enabled { of: key.clone(), is_on: false }), key, changed: None }])
    }

    fn narrow(standards: &mut Enabled, target: &Target<StandardsRef, Enabled>) {
        standards.of.by.clone_from(&target.key.by);
    }

    fn named(_: &StandardsRef, place: &Place) -> Resource {
        hub(place)
    }

    fn shown(standards: &Enabled) -> Shown<Subscribed, bool> {
        Shown::of(standards.of.of.clone(), standards.is_on, "standards disabled")
    }

    fn is_in_question(standards: &Enabled, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&standards.of.by)
    }

    fn why(standards: &Enabled, _: &Terms<'_>) -> String {
        format!("the standards {} of Security Hub are disabled", standards.of.of.names)
    }
}

/// `StandardsSubscriptionRequests`
fn requests(of: &Subscribed) -> Value {
    of.all.iter().map(|(_, standard)| json!({"StandardsArn": standard})).collect()
}

/// `StandardsSubscriptionArns`
fn subscriptions(of: &Subscribed) -> Value {
    of.all.iter().map(|(arn, _)| json!(arn)).collect()
}

impl SignedSetting for Standards {
    const API: &'static Api = &SECURITY_HUB;

    fn get(key: &StandardsRef) -> Request {
        Request::rest("GetEnabledStandards", "POST", &["standards", "get"])
            .member("StandardsSubscriptionArns", Some(subscriptions(&key.of)))
    }

    /// What is not listed is not enabled; what is being disabled goes on to be.
    fn got(key: &StandardsRef, answer: &Answer) -> Observed<Enabled> {
        let Some(list) = answer.body.get("StandardsSubscriptions").and_then(Value::as_array) else {
            return Observed::Unknown { why: "the answer does not show the standards".to_owned() };
        };
        let is_on = |arn: &str| {
            let found = list.iter().find(|one| one["StandardsSubscriptionArn"].as_str() == Some(arn));
            found.is_some_and(|one| one["StandardsStatus"].as_str() != Some("DELETING"))
        };
        let off: Vec<(String, String)> = key.of.all.iter().filter(|(arn, _)| !is_on(arn)).cloned().collect();
        let (all, is_on) = if off.is_empty() { (key.of.all.clone(), true) } else { (off, false) };
        Observed::Known(Enabled { of: StandardsRef { of: Subscribed::of(all), by: key.by.clone() }, is_on })
    }

    fn set(of: &Subscribed, is_on: bool) -> Request {
        match is_on {
            true => Request::rest("BatchEnableStandards", "POST", &["standards", "register"])
                .member("StandardsSubscriptionRequests", Some(requests(of))),
            false => Request::rest("BatchDisableStandards", "POST", &["standards", "deregister"])
                .member("StandardsSubscriptionArns", Some(subscriptions(of))),
        }
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
