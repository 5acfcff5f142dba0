//! Resources that an event is about and that only a read can name: what a principal holds that was renamed, what a request wrote that
//! is too large for its record, the groups whose rules name a prefix list.

use crate::engine::event::Event;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Place, Resource};
use crate::engine::unreadable::Unreadable;

/// What is to be read to know which resources an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Everything of the family that this principal holds.
    HeldBy(Holder),
    /// The same, where the policy that was taken from the principal holds a Deny: else nothing became possible by it.
    Without {
        /// Whom it was taken from.
        holder: Holder,
        /// The policy's ARN.
        policy: String,
    },
    /// What a request wrote into a principal of this kind, into a policy or a trust policy, where the record leaves out which:
    /// every document that no record could carry is in question.
    Unshown {
        /// What the record does not name, for a person.
        what: &'static str,
    },
    /// Every group with a rule that names this prefix list.
    PrefixList(String),
}

/// A document that is longer than this was left out of the record of the call that wrote it, or near to it. CloudTrail leaves out
/// a request of more than 100 KB. IAM counts a policy without its white space, and takes at most 10,240 characters ("IAM and AWS
/// STS quotas"): what is longer was padded.
pub const PADDED: usize = 16 * 1024;

/// Whether a document is one that its record could not show.
#[must_use]
pub fn is_padded(document: &str) -> bool {
    document.len() > PADDED
}

impl Span {
    /// Why the span stands in a finding, when what belongs to it could not be read or nothing was found.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::HeldBy(holder) => format!("what {holder} holds"),
            Self::Without { holder, policy } => format!("what {holder} holds without the policy {policy}"),
            Self::Unshown { what } => format!("the record leaves out which {what} was changed; everything of its kind"),
            Self::PrefixList(id) => format!("the rules that name the prefix list {id}"),
        }
    }

    /// How findings name it; none where the record names nothing.
    #[must_use]
    pub fn resource(&self, place: &Place) -> Option<Resource> {
        let Place { partition, account, region } = place;
        match self {
            Self::HeldBy(holder) | Self::Without { holder, .. } => Some(Resource {
                id: format!("arn:{partition}:iam::{account}:{holder}"),
                kind: holder.kind.finding_kind(),
                name: holder.name.clone(),
            }),
            Self::Unshown { .. } => None,
            Self::PrefixList(id) => Some(Resource {
                id: format!("arn:{partition}:ec2:{region}:{account}:prefix-list/{id}"),
                kind: "AwsEc2ManagedPrefixList",
                name: id.clone(),
            }),
        }
    }
}

/// A principal that has another name now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// As it was called.
    pub from: Holder,
    /// As it is called.
    pub to: Holder,
}

/// What `UpdateUser` or `UpdateGroup` made of a principal. With a new path alone, the name stays. Roles cannot be renamed.
///
/// # Errors
/// Why the record does not say who it is about.
pub(crate) fn renamed(event: &Event) -> Result<Option<Rename>, Unreadable> {
    let kind = match event.name.as_str() {
        "UpdateUser" => HolderKind::User,
        "UpdateGroup" => HolderKind::Group,
        _ => return Ok(None),
    };
    if event.source != "iam.amazonaws.com" {
        return Ok(None);
    }
    let (old, new) = (format!("{}Name", kind.word()), format!("new{}Name", kind.title()));
    let name = |key: &str| event.request.text(&[key]).filter(|name| !name.is_empty());
    let from = name(&old).ok_or_else(|| Unreadable::request(&event.request, kind.word()))?;
    let holder = |name: &str| Holder { kind, name: name.to_owned() };
    Ok(Some(Rename { from: holder(from), to: holder(name(&new).unwrap_or(from)) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(name: &str, request: Value) -> Event {
        Event::from_record(&json!({
            "eventID": "e", "eventSource": "iam.amazonaws.com", "eventName": name, "eventTime": "2026-01-01T00:00:00Z",
            "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "requestParameters": request,
        }))
        .unwrap()
    }

    #[test]
    fn users_and_groups_are_renamed_and_nothing_else() {
        let names = |name: &str, request: Value| {
            renamed(&event(name, request)).map(|found| found.map(|it| (it.from.to_string(), it.to.to_string())))
        };
        let pair = |from: &str, to: &str| Ok(Some((from.to_owned(), to.to_owned())));
        assert_eq!(names("UpdateUser", json!({"userName": "a", "newUserName": "b"})), pair("user/a", "user/b"));
        assert_eq!(names("UpdateUser", json!({"userName": "a", "newPath": "/x/"})), pair("user/a", "user/a"));
        assert_eq!(names("UpdateGroup", json!({"groupName": "a", "newGroupName": "b"})), pair("group/a", "group/b"));
        assert_eq!(names("UpdateRole", json!({"roleName": "a"})), Ok(None));
        assert!(names("UpdateUser", Value::Null).is_err());
    }

    #[test]
    fn no_document_within_its_quota_is_taken_for_a_padded_one() {
        assert!(!is_padded(&"x".repeat(10_240)));
        assert!(is_padded(&" ".repeat(100_000)));
    }
}
