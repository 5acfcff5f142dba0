//! Findings of detectors beside Security Hub that name a resource and what is open about it: Amazon Macie, IAM Access Analyzer, and GuardDuty of buckets.
//!
//! They are hints as Security Hub's are: they come minutes to a day after the change. No result is written back: Macie and Access Analyzer look again by themselves, and
//! what an operator does with a finding of GuardDuty is the operator's.
//!
//! Sources: "Amazon EventBridge event schema for Macie findings" (Macie user guide), "Monitoring IAM Access Analyzer with Amazon EventBridge" (IAM user guide), "Creating custom
//! responses to GuardDuty findings with EventBridge", "Finding details" (GuardDuty user guide).

use super::{Hint, NoHint, Source, Topic, needed, place, text};
use serde_json::{Value, json};

/// A service that detects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detector {
    /// IAM Access Analyzer, of external access. A topic is the type of a resource.
    AccessAnalyzer,
    /// GuardDuty. A topic is the type of a finding. Its findings are events, too: see [`crate::engine::event::finding`].
    GuardDuty,
    /// Macie. A topic is the type of a finding.
    Macie,
}

impl Detector {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::AccessAnalyzer, Self::GuardDuty, Self::Macie];

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "IAM Access Analyzer",
            Self::GuardDuty => "GuardDuty",
            Self::Macie => "Amazon Macie",
        }
    }

    /// What a control is about that is one of a detector's topics, as `About::controls` writes it: its name and the topic.
    #[must_use]
    pub fn named(control: &'static str) -> Option<(Self, &'static str)> {
        let topic = |one: Self| Some((one, control.strip_prefix(one.name())?.strip_prefix(' ')?));
        Self::ALL.into_iter().find_map(topic)
    }

    /// The source of its events.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "aws.access-analyzer",
            Self::GuardDuty => crate::engine::event::finding::GUARDDUTY,
            Self::Macie => "aws.macie",
        }
    }

    /// The type of its events.
    #[must_use]
    pub const fn detail_type(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "Access Analyzer Finding",
            Self::GuardDuty => "GuardDuty Finding",
            Self::Macie => "Macie Finding",
        }
    }

    /// The member of `detail` that says what it is about.
    #[must_use]
    pub const fn topic(self) -> &'static str {
        match self {
            Self::AccessAnalyzer => "resourceType",
            Self::GuardDuty | Self::Macie => "type",
        }
    }

    /// What `detail` is to say, as an event pattern, beside the topic: what is settled does not even start a function.
    #[must_use]
    pub fn open(self) -> Value {
        match self {
            Self::AccessAnalyzer => json!({"status": ["ACTIVE"]}),
            Self::GuardDuty => json!({"service": {"archived": [false]}}),
            Self::Macie => json!({"archived": [false]}),
        }
    }

    /// Whether it is a finding that was made to try the way.
    fn is_sample(self, finding: &Value) -> bool {
        match self {
            Self::AccessAnalyzer => false,
            Self::GuardDuty => crate::engine::event::finding::is_sample(finding),
            Self::Macie => finding["sample"] == true,
        }
    }

    /// Why nothing is asked for any more.
    fn settled(self, finding: &Value) -> Option<String> {
        if self.is_sample(finding) {
            return Some("it is a sample".to_owned());
        }
        let is = |pointer: &str| finding.pointer(pointer) == Some(&Value::Bool(true));
        let is_archived = match self {
            Self::AccessAnalyzer => {
                let status = text(finding, "/status").filter(|status| *status != "ACTIVE");
                return status.map(|status| format!("its status is `{status}`"));
            }
            Self::GuardDuty => is("/service/archived"),
            Self::Macie => is("/archived"),
        };
        is_archived.then(|| "it is archived".to_owned())
    }

    /// The ids of what it names; none where one of them has none, which could be the one that is open.
    fn resources(self, finding: &Value) -> Option<Vec<String>> {
        let one = |pointer: &str| Some(text(finding, pointer).map(str::to_owned).into_iter().collect());
        match self {
            Self::AccessAnalyzer => one("/resource"),
            Self::Macie => one("/resourcesAffected/s3Bucket/arn"),
            Self::GuardDuty => {
                let buckets = finding.pointer("/resource/s3BucketDetails").and_then(Value::as_array);
                buckets.into_iter().flatten().map(|bucket| text(bucket, "/arn").map(str::to_owned)).collect()
            }
        }
    }
}

/// The type of finding of GuardDuty that is about a setting of the account.
const ACCOUNT_SETTING: &str = "Policy:S3/AccountBlockPublicAccessDisabled";

/// The id of the finding.
pub(super) fn id(finding: &Value) -> Option<&Value> {
    finding.get("id")
}

/// The hint of a finding of this detector.
pub(super) fn hint(detector: Detector, finding: &Value) -> Result<Hint, NoHint> {
    if let Some(why) = detector.settled(finding) {
        return Err(NoHint::Settled(why));
    }
    let topic = needed(finding, &format!("/{}", detector.topic()))?.to_owned();
    let account = text(finding, "/accountId");
    let unnamed = || NoHint::Unreadable("one of its resources has no ARN".to_owned());
    let mut resources = detector.resources(finding).ok_or_else(unnamed)?;
    if resources.is_empty() {
        // GuardDuty names no bucket where it is about the account's own setting.
        let of_account = account.filter(|_| topic == ACCOUNT_SETTING);
        resources.push(match of_account {
            Some(account) => format!("{}{account}", super::names::ACCOUNT),
            None => return Err(NoHint::Unreadable("it names no resource".to_owned())),
        });
    }
    Ok(Hint {
        finding: Source::Detector(needed(finding, "/id")?.to_owned()),
        topic: Topic::Detected(detector, topic),
        place: place(&resources, account, text(finding, "/region"))?,
        resources,
    })
}
