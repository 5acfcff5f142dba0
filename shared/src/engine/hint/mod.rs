//! A finding of AWS Security Hub or another detector: a hint that a resource may violate what a guardrail is about.
//!
//! A finding is evaluated hours after the change, so it is no evidence of the current state. It names a control, or what was detected, and resources; their current state is read and
//! judged as in a sweep. Findings of products other than Security Hub are skipped: they belong to no control, and any principal with
//! `securityhub:BatchImportFindings` can import arbitrary content. Two formats are read: ASFF (Security Hub CSPM: "Security Hub Findings - Imported" and
//! "- Custom Action") and OCSF ("Findings Imported V2").
//!
//! Sources: "EventBridge event formats for Security Hub CSPM", "AWS Security Finding Format", "OCSF findings in Security Hub" (AWS Security Hub user guide); the
//! class Compliance Finding of OCSF.

mod asff;
mod detectors;
mod names;
mod ocsf;

pub use detectors::Detector;
pub use names::is_named;

use crate::engine::observed::Place;
use crate::engine::request::{Api, Protocol, Request};
use serde_json::Value;
use std::fmt;

/// The service that the result is written back to.
pub static SECURITY_HUB: Api =
    Api { signed_as: "securityhub", host: "securityhub", protocol: Protocol::Rest, errors: &[] };

/// What people call the service.
const HUB: &str = "AWS Security Hub";
/// The source of the events.
pub const SOURCE: &str = "aws.securityhub";
/// The detail type of a finding that a product or a control of Security Hub CSPM generated or updated.
pub const IMPORTED: &str = "Security Hub Findings - Imported";
/// The detail type of findings that a user sent with a custom action.
pub const CUSTOM_ACTION: &str = "Security Hub Findings - Custom Action";
/// The detail type of a finding of Security Hub (V2).
pub const IMPORTED_V2: &str = "Findings Imported V2";

/// Whether `id` is a control of Security Hub, as findings write it: the service and a number, such as `EC2.19`. A technique of MITRE ATT&CK looks alike.
#[must_use]
pub fn is_control(id: &str) -> bool {
    let Some((service, number)) = id.split_once('.') else { return false };
    let is_service = service.chars().all(char::is_alphanumeric)
        && !service.trim_start_matches('T').chars().all(|c| c.is_ascii_digit());
    is_service && !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit())
}

/// One finding that a guardrail may be about.
#[derive(Clone, Debug, PartialEq)]
pub struct Hint {
    /// Its identifiers.
    pub finding: Source,
    /// What it is about.
    pub topic: Topic,
    /// The ids of its resources, as it writes them.
    pub resources: Vec<String>,
    /// Where they are.
    pub place: Place,
}

/// What a finding is about, by which guardrails are asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A control of Security Hub, such as `EC2.19`.
    Control(String),
    /// What a detector calls it: see [`Detector::topic`].
    Detected(Detector, String),
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(control) => write!(f, "control {control}"),
            Self::Detected(_, what) => write!(f, "`{what}`"),
        }
    }
}

impl Topic {
    /// Whether it is this control, as `About::controls` writes it.
    #[must_use]
    pub fn is(&self, control: &'static str) -> bool {
        match self {
            Self::Control(id) => control == id,
            Self::Detected(detector, what) => Detector::named(control) == Some((*detector, what.as_str())),
        }
    }

    /// Who reports it.
    #[must_use]
    pub fn reporter(&self) -> &'static str {
        match self {
            Self::Control(_) => HUB,
            Self::Detected(detector, _) => detector.name(),
        }
    }
}

/// The identifiers of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// One in ASFF.
    Asff {
        /// `Id`
        id: String,
        /// `ProductArn`
        product_arn: String,
    },
    /// One in OCSF.
    Ocsf {
        /// `metadata.uid`
        uid: String,
    },
    /// A detector's, by its id: no result is written back.
    Detector(String),
}

/// What one event holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// What is to be looked at.
    pub hints: Vec<Hint>,
    /// What is not, each with its reason: a finding that cannot be read hides no other.
    pub skipped: Vec<Skipped>,
}

/// A finding that nothing is done about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its id, where it has one.
    pub finding: String,
    /// Whose it is.
    pub by: &'static str,
    /// Why.
    pub why: String,
    /// Whether it should have been readable.
    pub is_unreadable: bool,
}

/// Why a finding is no hint.
enum NoHint {
    /// It asks for nothing: it has passed, is archived, suppressed or resolved.
    Settled(String),
    /// A field is missing or has another form.
    Unreadable(String),
}

/// The findings of an event of Security Hub or of another detector; none where it is another event.
#[must_use]
pub fn hints(envelope: &Value) -> Option<Hints> {
    if let Some(detector) = detector(envelope) {
        let mut all = Hints::default();
        all.take(detector.name(), &envelope["detail"], |finding| detectors::hint(detector, finding), detectors::id);
        return Some(all);
    }
    if envelope.get("source").and_then(Value::as_str) != Some(SOURCE) {
        return None;
    }
    let kind = envelope.get("detail-type").and_then(Value::as_str)?;
    let read = match kind {
        IMPORTED => |finding: &Value| asff::hint(finding, asff::Trigger::Imported),
        CUSTOM_ACTION => |finding: &Value| asff::hint(finding, asff::Trigger::CustomAction),
        IMPORTED_V2 => ocsf::hint,
        _ => return None,
    };
    let id: fn(&Value) -> Option<&Value> = if kind == IMPORTED_V2 { ocsf::id } else { asff::id };
    let mut all = Hints::default();
    let Some(findings) = envelope.pointer("/detail/findings").and_then(Value::as_array) else {
        let finding = envelope.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        let why = format!("the event `{kind}` has no `detail.findings`");
        all.skipped.push(Skipped { finding, by: HUB, why, is_unreadable: true });
        return Some(all);
    };
    for finding in findings {
        all.take(HUB, finding, read, id);
    }
    Some(all)
}

/// The detector whose finding it is.
#[must_use]
pub fn detector(envelope: &Value) -> Option<Detector> {
    let is = |key: &str, text: &str| envelope.get(key).is_some_and(|value| value == text);
    Detector::ALL.into_iter().find(|one| is("source", one.source()) && is("detail-type", one.detail_type()))
}

impl Hints {
    fn take(
        &mut self,
        by: &'static str,
        finding: &Value,
        read: impl Fn(&Value) -> Result<Hint, NoHint>,
        id: impl Fn(&Value) -> Option<&Value>,
    ) {
        let (why, is_unreadable) = match read(finding) {
            Ok(hint) => return self.hints.push(hint),
            Err(NoHint::Settled(why)) => (why, false),
            Err(NoHint::Unreadable(why)) => (why, true),
        };
        let finding = id(finding).and_then(Value::as_str).unwrap_or("a finding without an id").to_owned();
        self.skipped.push(Skipped { finding, by, why, is_unreadable });
    }
}

/// What is written back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Whether nothing of it is open any more.
    pub is_closed: bool,
    /// What came of it, for a person.
    pub says: String,
}

/// The most characters of a note ("NoteUpdate" in the Security Hub API reference).
const LONGEST_NOTE: usize = 512;

impl Source {
    /// The id.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Asff { id, .. } => id,
            Self::Ocsf { uid } => uid,
            Self::Detector(id) => id,
        }
    }

    /// The call that writes the reply back; none where nothing is. A finding that is still open is no longer new: it would come back at once, since each update is sent as an event.
    #[must_use]
    pub fn reply(&self, reply: &Reply) -> Option<Request> {
        let says: String = reply.says.chars().take(LONGEST_NOTE).collect();
        match self {
            Self::Asff { id, product_arn } => Some(asff::reply(id, product_arn, reply.is_closed, &says)),
            Self::Ocsf { uid } => Some(ocsf::reply(uid, reply.is_closed, &says)),
            Self::Detector(_) => None,
        }
    }

    /// Whether the answer says that it was written.
    ///
    /// # Errors
    /// What Security Hub says instead.
    pub fn replied(answer: &Value) -> Result<(), String> {
        refused(answer, "UnprocessedFindings").map_or(Ok(()), Err)
    }
}

/// The first finding that an answer lists as not taken, with the reason that Security Hub gives.
pub(crate) fn refused(answer: &Value, list: &str) -> Option<String> {
    let one = answer.get(list).and_then(Value::as_array)?.first()?;
    let text = |key: &str| one.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(format!("{} {}", text("ErrorCode"), text("ErrorMessage")))
}

fn text<'a>(finding: &'a Value, pointer: &str) -> Option<&'a str> {
    finding.pointer(pointer).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn needed<'a>(finding: &'a Value, pointer: &str) -> Result<&'a str, NoHint> {
    text(finding, pointer)
        .ok_or_else(|| NoHint::Unreadable(format!("it has no `{}`", pointer.trim_start_matches('/').replace('/', "."))))
}

/// The ids of the resources in the list at `list`, each under `id`: one without an id could be the one that violates.
fn resources(finding: &Value, list: &str, id: &str) -> Result<Vec<String>, NoHint> {
    let listed = finding.get(list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if listed.is_empty() {
        return Err(NoHint::Unreadable("it names no resource".to_owned()));
    }
    let named = |resource: &Value| text(resource, id).map(str::to_owned);
    let all: Option<Vec<String>> = listed.iter().map(named).collect();
    all.ok_or_else(|| NoHint::Unreadable("one of its resources has no id".to_owned()))
}

/// The account and region that a finding names: they become part of the host that is called.
fn place(resources: &[String], account: Option<&str>, region: Option<&str>) -> Result<Place, NoHint> {
    let is_account = |id: &&str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
    let is_region =
        |name: &&str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let unreadable = |what: &str| NoHint::Unreadable(format!("it names no {what}"));
    Ok(Place {
        partition: partition(resources),
        account: account.filter(is_account).ok_or_else(|| unreadable("account"))?.to_owned(),
        region: region.filter(is_region).ok_or_else(|| unreadable("region"))?.to_owned(),
    })
}

/// Whether Security Hub itself generated the finding, by the ARN of its product.
fn is_its_own(product: &str) -> bool {
    product.ends_with("/aws/securityhub")
}

/// The partition of the first ARN among them, `aws` where there is none.
fn partition(resources: &[String]) -> String {
    let of = |id: &String| id.strip_prefix("arn:").and_then(|rest| rest.split(':').next()).map(str::to_owned);
    resources.iter().find_map(of).unwrap_or_else(|| "aws".to_owned())
}

#[cfg(test)]
mod tests;
