//! With whom a snapshot or an image is shared: permissions that EC2 keeps as a list.

pub(crate) mod actions;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub(crate) mod judge;
pub(crate) mod planned;
pub(crate) mod record;

pub use actions::{Entries, SharingAction};

use crate::engine::guardrail::NotWatched;
use serde::{Deserialize, Serialize};
use std::fmt;

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
pub(crate) const NOT_WATCHED: &[NotWatched] = &[
    ("CopySnapshot, CopyImage, CreateImage", "a copy is not shared, even if its source is"),
    ("ResetSnapshotAttribute, ResetImageAttribute", "they only remove shares"),
    (
        "RestoreSnapshotFromRecycleBin, RestoreImageFromRecycleBin",
        "a restored resource was evaluated before: the sweep finds it",
    ),
];

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shareable {
    /// An EBS snapshot, by its `createVolumePermission`.
    Snapshot,
    /// An AMI, by its `launchPermission`.
    Image,
}

/// How to find it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedRef {
    /// `snap-…` or `ami-…`
    pub id: String,
}

/// With whom something is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grantee {
    /// Every AWS account: the group `all`.
    Everyone,
    /// One account, by its twelve digits.
    Account(String),
    /// An organisation, by its ARN. Images only.
    Organization(String),
    /// An organisational unit, by its ARN. Images only.
    Unit(String),
}

/// One permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// To whom.
    pub to: Grantee,
    /// Whether a judge should ask about it: the event added it, or there is no event.
    pub in_question: bool,
}

/// A snapshot or an image, and with whom it is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// Which of the two.
    pub what: Shareable,
    /// `snap-…` or `ami-…`
    pub id: String,
    /// The permissions that are known. A record names those that it added.
    pub grants: Vec<Grant>,
    /// What permissions there are beside those, as far as they can be shown: a group other than `all`, the only one that
    /// AWS documents.
    pub unread: Vec<String>,
}

impl Grantee {
    /// The permission by its content: equal whenever the same one is seen again.
    #[must_use]
    pub fn element(&self) -> String {
        self.to_string()
    }

    /// The id of the organisation (`o-…`) that an organisation's or a unit's ARN holds.
    #[must_use]
    pub fn organization_id(&self) -> Option<&str> {
        let (arn, word) = match self {
            Self::Organization(arn) => (arn, "organization"),
            Self::Unit(arn) => (arn, "ou"),
            Self::Everyone | Self::Account(_) => return None,
        };
        // `arn:aws:organizations::<management account>:organization/o-…`, `…:ou/o-…/ou-…`
        let mut parts = arn.splitn(6, ':').skip(5).flat_map(|resource| resource.split('/'));
        let is_its_kind = parts.next() == Some(word);
        parts.next().filter(|id| is_its_kind && id.starts_with("o-"))
    }

    /// The wire's key of the permission, and its value.
    fn pair(&self) -> (&'static str, &str) {
        match self {
            Self::Everyone => ("Group", "all"),
            Self::Account(id) => ("UserId", id),
            Self::Organization(arn) => ("OrganizationArn", arn),
            Self::Unit(arn) => ("OrganizationalUnitArn", arn),
        }
    }
}

impl fmt::Display for Grantee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Account(id) => write!(f, "account {id}"),
            Self::Organization(arn) => write!(f, "organization {arn}"),
            Self::Unit(arn) => write!(f, "organizational unit {arn}"),
        }
    }
}

impl Shareable {
    /// The word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Image => "image",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::organization(
        Grantee::Organization("arn:aws:organizations::123456789012:organization/o-a1b2".to_owned()),
        Some("o-a1b2")
    )]
    #[case::unit(Grantee::Unit("arn:aws:organizations::123456789012:ou/o-a1b2/ou-x-y".to_owned()), Some("o-a1b2"))]
    #[case::a_unit_is_no_organization(
        Grantee::Organization("arn:aws:organizations::123456789012:ou/o-a1b2/ou-x-y".to_owned()),
        None
    )]
    #[case::not_an_arn(Grantee::Organization("o-a1b2".to_owned()), None)]
    #[case::another_id(Grantee::Organization("arn:aws:organizations::123456789012:organization/x".to_owned()), None)]
    #[case::an_account(Grantee::Account("123456789012".to_owned()), None)]
    fn an_organization_is_known_by_its_id(#[case] grantee: Grantee, #[case] id: Option<&str>) {
        assert_eq!(grantee.organization_id(), id);
    }
}
