//! What happened: one CloudTrail record, in the envelope that EventBridge delivers or bare as it lies in a log; or a finding of AWS's own detection ([`finding`]).
//!
//! The wire is read leniently (only the fields that decide are asked for, each with an error that names it); what
//! comes out is strict. See "CloudTrail record contents" in the CloudTrail user guide and "AWS service events delivered
//! via CloudTrail" in the EventBridge user guide.

mod actor;
mod fields;
pub mod finding;
mod read;

pub use actor::{Actor, ActorKind, without_session};
pub use fields::{EventError, Fields};

use jiff::Timestamp;
use serde_json::Value;

/// A call that CloudTrail recorded, in the account and region that it happened in.
#[derive(Clone, Debug)]
pub struct Event {
    /// `eventID`: unique per record, equal when EventBridge or Lambda delivers the record again.
    pub id: String,
    /// `eventSource`, such as `ec2.amazonaws.com`.
    pub source: String,
    /// `eventName`, such as `AuthorizeSecurityGroupIngress`. Lambda's carry an API date: match by prefix there.
    pub name: String,
    /// `eventTime`: when the call was made, to the second.
    pub time: Timestamp,
    /// The account whose resources changed: `recipientAccountId`, else the envelope's, else the caller's.
    pub account: String,
    /// `awsRegion` as written; public data sets hold invented ones, so it is not checked against a list.
    pub region: String,
    /// Who called.
    pub actor: Actor,
    /// `sourceIPAddress` as written: an address, a service's name or `AWS Internal`.
    pub source_ip: Option<String>,
    /// `userAgent` as written. The caller chooses it: text to show escaped, never to decide on.
    pub user_agent: Option<String>,
    /// The call's failure, when it failed. A failed call changed nothing.
    pub failure: Option<CallFailure>,
    /// `requestParameters`.
    pub request: Body,
    /// `responseElements`.
    pub response: Body,
    /// `additionalEventData`: what a service records beside the two; of a sign-in whether MFA was used.
    pub additional: Body,
    /// `requestID`: what AWS called the request in its answer to the caller.
    pub request_id: Option<String>,
    /// `eventType`, such as `AwsApiCall` or `AwsServiceEvent`; old records and made ones leave it out.
    pub kind: Option<String>,
    /// Why the event was put off, when it was: what its record proves is an old story by now.
    pub waited: Option<String>,
    /// When it was put off for the first time, when it was: its grace period counts from here.
    pub since: Option<Timestamp>,
}

/// Why AWS refused the recorded call: `errorCode` and `errorMessage`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallFailure {
    /// Such as `Client.UnauthorizedOperation`.
    pub code: String,
    /// The sentence beside it, often empty.
    pub message: String,
}

/// `requestParameters` or `responseElements`.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// What the record holds.
    Present(Value),
    /// Null or missing: about a tenth of real records.
    Null,
    /// `{"omitted": true, ...}`: too large for a record; only a read shows it.
    Omitted,
}

impl Body {
    /// The value, when there is one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Self::Present(value) => Some(value),
            Self::Null | Self::Omitted => None,
        }
    }

    /// The text at a path of keys, if all of them are there.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.as_str()
    }

    /// The member of this name in any case: services begin names in upper or lower case.
    #[must_use]
    pub fn in_any_case(&self, name: &str) -> Option<&Value> {
        in_any_case(self.value()?, name)
    }

    /// The value at a path of keys, if all of them are there.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self.value()?, |value, key| value.get(key))
    }
}

/// The member of this name in any case; none where it is null.
#[must_use]
pub fn in_any_case<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let (_, found) = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    Some(found).filter(|found| !found.is_null())
}

/// What one delivery turned out to be.
#[derive(Clone, Debug)]
pub enum Parsed {
    /// A record of a call.
    Call(Box<Event>),
    /// Something that no guardrail here is about, with the reason in one sentence.
    NotOurs(String),
}

impl Event {
    /// Whether the call takes something away on purpose: that it is gone then is no news.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        const VERBS: [&str; 6] = ["Delete", "Deregister", "Detach", "Disassociate", "Remove", "Terminate"];
        VERBS.iter().any(|verb| self.name.starts_with(verb))
    }

    /// The partition (`aws`, `aws-cn`, `aws-us-gov`) that ARNs of this event's resources carry.
    #[must_use]
    pub fn partition(&self) -> &str {
        let from_arn = self.actor.arn.as_deref().and_then(|arn| arn.split(':').nth(1)).filter(|p| p.starts_with("aws"));
        from_arn.unwrap_or_else(|| match self.region.split('-').next() {
            Some("cn") => "aws-cn",
            Some("us") if self.region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        })
    }

    /// True for a record of `source` (such as `ec2.amazonaws.com`) whose name is one of `names`.
    #[must_use]
    pub fn is_one_of(&self, source: &str, names: &[&str]) -> bool {
        self.source == source && names.contains(&self.name.as_str())
    }
}
