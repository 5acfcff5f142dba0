//! What a finding says: its type, how grave it is, when it was last seen, and what it names.

use super::finding_types::{OF_INSTANCES, OF_PRINCIPALS, ON_EITHER_SIDE};
use crate::engine::event::Event;
use crate::engine::event::finding::GUARDDUTY;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is kept of a finding with the resource that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its type: GuardDuty's, or the code of AWS Health.
    pub kind: String,
    /// How grave it is, where it says so.
    pub severity: Option<Severity>,
    /// When the activity was last seen.
    pub at: Timestamp,
}

impl Report {
    /// What the event says.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let severity = event.request.at(&["severity"]).and_then(serde_json::Value::as_f64).and_then(level);
        Self { kind: event.name.clone(), severity, at: event.time }
    }
}

/// What is made of a report about something that is not there any more: it was an attacker's, or is another account's, and nothing is left to contain.
#[must_use]
pub fn gone(found: &str, what: &str, severity: Severity) -> Verdict {
    let why = format!("{found}, and {what} is not in this account, or not any more: there is nothing to contain here");
    Verdict::Violation(Violation { severity, evidence: vec![Evidence { element: "gone".to_owned(), why }] })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = self.severity.map_or("severity unknown", Severity::word);
        write!(f, "`{}` ({severity})", self.kind)
    }
}

/// GuardDuty's number in words ("Findings severity levels", GuardDuty user guide). None where it is no such number.
fn level(number: f64) -> Option<Severity> {
    const LEVELS: [(f64, Severity); 4] =
        [(9.0, Severity::Critical), (7.0, Severity::High), (4.0, Severity::Medium), (0.0, Severity::Low)];
    LEVELS.into_iter().find(|(from, _)| number >= *from).map(|(_, level)| level)
}

/// The principal whose credentials made the calls: `resource.accessKeyDetails`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The name of the user or role. It may be another account's: only the ids say whose it is.
    pub name: String,
    /// Its unique id, `AIDA…` or `AROA…`.
    pub id: String,
    /// The id of the access key, `AKIA…` or, of a session, `ASIA…`.
    pub key: String,
}

/// What can be contained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A user: one of its keys, or one of its sessions.
    User(Caller),
    /// A session of a role.
    Role(Caller),
    /// An instance, by its id.
    Instance(String),
}

/// What a finding of GuardDuty names that could be contained. None for any other event, and for a finding that is only notified: of a type that never leads to more, or about
/// something else than its type says (root, an anonymous caller, a service, a cluster).
#[must_use]
pub fn named(event: &Event) -> Option<Named> {
    let kind = event.name.as_str();
    if event.source != GUARDDUTY {
        return None;
    }
    let text = |path: &[&str]| event.request.text(path).filter(|text| !text.is_empty());
    if OF_PRINCIPALS.contains(&kind) {
        let of = |key: &str| text(&["resource", "accessKeyDetails", key]);
        let id = of("principalId")?.split(':').next().unwrap_or_default().to_owned();
        let caller = Caller { name: of("userName")?.to_owned(), id, key: of("accessKeyId")?.to_owned() };
        return match of("userType")? {
            "IAMUser" => Some(Named::User(caller)),
            "AssumedRole" | "Role" => Some(Named::Role(caller)),
            _ => None,
        };
    }
    let is_instance = OF_INSTANCES.contains(&kind) && text(&["resource", "resourceType"]) == Some("Instance");
    let is_actor = !ON_EITHER_SIDE.contains(&kind) || text(&["service", "resourceRole"]) == Some("ACTOR");
    let id = text(&["resource", "instanceDetails", "instanceId"]).filter(|_| is_instance && is_actor)?;
    Some(Named::Instance(id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::event::Parsed;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn finding(kind: &str, resource: &Value, role: &str) -> Event {
        let envelope = json!({
            "source": GUARDDUTY, "detail-type": "GuardDuty Finding", "account": "111122223333", "region": "eu-west-1",
            "time": "2026-03-02T09:14:00Z",
            "detail": {"id": "f1", "type": kind, "severity": 8, "resource": resource, "service": {"resourceRole": role}},
        });
        match Event::from_envelope(&envelope) {
            Ok(Parsed::Call(event)) => *event,
            other => panic!("{other:?}"),
        }
    }

    fn key(user_type: &str) -> Value {
        json!({"resourceType": "AccessKey", "accessKeyDetails":
            {"accessKeyId": "AKIA1", "principalId": "AIDA1:x", "userName": "ben", "userType": user_type}})
    }

    #[rstest]
    #[case("IAMUser", Some("user"))]
    #[case("AssumedRole", Some("role"))]
    #[case("Root", None)]
    #[case("AWSAccount", None)]
    #[case("FederatedUser", None)]
    fn whose_credentials_are_meant(#[case] user_type: &str, #[case] expected: Option<&str>) {
        let found = named(&finding("UnauthorizedAccess:IAMUser/TorIPCaller", &key(user_type), "TARGET"));
        let word = found.as_ref().map(|found| match found {
            Named::User(_) => "user",
            Named::Role(_) => "role",
            Named::Instance(_) => "instance",
        });
        assert_eq!(word, expected);
        if let Some(Named::User(caller) | Named::Role(caller)) = found {
            assert_eq!((caller.name.as_str(), caller.id.as_str(), caller.key.as_str()), ("ben", "AIDA1", "AKIA1"));
        }
    }

    #[rstest]
    #[case::it_attacks("UnauthorizedAccess:EC2/SSHBruteForce", "Instance", "ACTOR", true)]
    #[case::it_is_attacked("UnauthorizedAccess:EC2/SSHBruteForce", "Instance", "TARGET", false)]
    #[case::it_mines("CryptoCurrency:EC2/BitcoinTool.B", "Instance", "TARGET", true)]
    #[case::at_run_time("Execution:Runtime/ReverseShell", "Instance", "", true)]
    #[case::a_task_s("Execution:Runtime/ReverseShell", "ECSCluster", "", false)]
    #[case::anybody_may_probe("Recon:EC2/PortProbeUnprotectedPort", "Instance", "TARGET", false)]
    #[case::a_new_type("CryptoCurrency:EC2/Other", "Instance", "ACTOR", false)]
    fn which_instance_is_meant(
        #[case] kind: &str,
        #[case] resource_type: &str,
        #[case] role: &str,
        #[case] is_meant: bool,
    ) {
        let resource = json!({"resourceType": resource_type, "instanceDetails": {"instanceId": "i-1"}});
        let expected = is_meant.then(|| Named::Instance("i-1".to_owned()));
        assert_eq!(named(&finding(kind, &resource, role)), expected);
    }

    #[rstest]
    #[case(1.0, "low")]
    #[case(3.9, "low")]
    #[case(4.0, "medium")]
    #[case(8.9, "high")]
    #[case(9.5, "critical")]
    fn numbers_in_words(#[case] number: f64, #[case] word: &str) {
        assert_eq!(level(number).map(Severity::word), Some(word));
        assert_eq!(level(f64::NAN), None);
    }
}
