//! With whom a snapshot or an image is shared: permissions that EC2 keeps as a list, and the calls that add to it and take
//! from it.

use crate::plan::{Action, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

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
    /// What permissions there are beside those, as far as a person can be told: a group other than `all`, the only one that
    /// AWS documents.
    pub unread: Vec<String>,
}

/// The calls that change with whom something is shared. Never a reset: that would take away every other permission too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SharingAction {
    /// Take these permissions away, and no other.
    Unshare(Entries),
    /// Put these permissions back.
    Share(Entries),
}

/// Permissions of one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entries {
    /// A snapshot or an image.
    pub what: Shareable,
    /// `snap-…` or `ami-…`
    pub id: String,
    /// To whom, each once.
    pub grantees: Vec<Grantee>,
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

impl SharingAction {
    /// The permissions of either call.
    #[must_use]
    pub fn entries(&self) -> &Entries {
        match self {
            Self::Unshare(entries) | Self::Share(entries) => entries,
        }
    }

    /// The API's word for what happens to the list.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        match self {
            Self::Unshare(_) => "Remove",
            Self::Share(_) => "Add",
        }
    }
}

impl fmt::Display for SharingAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entries { what, id, grantees } = self.entries();
        let grantees: Vec<_> = grantees.iter().map(Grantee::to_string).collect();
        let (verb, word) = match self {
            Self::Unshare(_) => ("stop sharing", "with"),
            Self::Share(_) => ("share", "with"),
        };
        write!(f, "{verb} {} {id} {word} {}", what.word(), grantees.join(", "))
    }
}

impl Action for SharingAction {
    fn permission(&self) -> &'static str {
        match self.entries().what {
            Shareable::Snapshot => "ec2:ModifySnapshotAttribute",
            Shareable::Image => "ec2:ModifyImageAttribute",
        }
    }

    fn command(&self, region: &str) -> String {
        let Entries { what, id, grantees } = self.entries();
        let line = match what {
            Shareable::Snapshot => {
                let named = |key: &str| {
                    let values = grantees.iter().map(Grantee::pair).filter(|pair| pair.0 == key).map(|pair| pair.1);
                    values.collect::<Vec<_>>().join(" ")
                };
                let operation = self.operation().to_lowercase();
                let options = [("group-names", named("Group")), ("user-ids", named("UserId"))];
                let options = options.iter().filter(|(_, values)| !values.is_empty());
                let options: String = options.map(|(option, values)| format!(" --{option} {values}")).collect();
                format!(
                    "aws ec2 modify-snapshot-attribute --snapshot-id {id} --attribute createVolumePermission \
                     --operation-type {operation}{options}"
                )
            }
            Shareable::Image => {
                let pairs = grantees.iter().map(Grantee::pair);
                let listed: Vec<_> = pairs.map(|(key, value)| serde_json::json!({ key: value })).collect();
                let change = serde_json::json!({ self.operation(): listed });
                // An ARN is the caller's text: as one argument of a shell it cannot leave its quotes.
                let change = change.to_string().replace('\'', r"'\''");
                format!("aws ec2 modify-image-attribute --image-id {id} --launch-permission '{change}'")
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unshare(mine), Self::Unshare(theirs)) | (Self::Share(mine), Self::Share(theirs)) => {
                mine.absorb(theirs)
            }
            (Self::Unshare(_), Self::Share(_)) | (Self::Share(_), Self::Unshare(_)) => false,
        }
    }

    fn elements(&self) -> usize {
        self.entries().grantees.len()
    }
}

impl Entries {
    fn absorb(&mut self, other: &Self) -> bool {
        if (self.what, &self.id) != (other.what, &other.id) {
            return false;
        }
        for grantee in &other.grantees {
            if !self.grantees.contains(grantee) {
                self.grantees.push(grantee.clone());
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn entries(grantees: &[Grantee]) -> Entries {
        Entries { what: Shareable::Image, id: "ami-1".to_owned(), grantees: grantees.to_vec() }
    }

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

    #[test]
    fn permissions_of_one_resource_go_in_one_call_each_once() {
        let account = Grantee::Account("444455556666".to_owned());
        let mut action = SharingAction::Unshare(entries(&[Grantee::Everyone]));
        assert!(action.absorb(&SharingAction::Unshare(entries(&[account.clone(), Grantee::Everyone]))));
        assert_eq!(action, SharingAction::Unshare(entries(&[Grantee::Everyone, account])));
        assert!(!action.absorb(&SharingAction::Share(entries(&[Grantee::Everyone]))));
        let other = Entries { id: "ami-2".to_owned(), ..entries(&[Grantee::Everyone]) };
        assert!(!action.absorb(&SharingAction::Unshare(other)));
    }

    #[test]
    fn nothing_in_an_arn_leaves_the_quotes_of_the_command() {
        let unit = Grantee::Unit("arn:aws:organizations::1:ou/o-a'; touch x; '/ou-b".to_owned());
        let line = SharingAction::Share(entries(&[unit])).command("eu-west-1");
        assert_eq!(
            line,
            "aws ec2 modify-image-attribute --image-id ami-1 --launch-permission '{\"Add\":[{\"OrganizationalUnitArn\":\
             \"arn:aws:organizations::1:ou/o-a'\\''; touch x; '\\''/ou-b\"}]}' --region eu-west-1"
        );
    }

    #[test]
    fn a_snapshot_s_command_names_groups_and_accounts_apart() {
        let grantees = [Grantee::Everyone, Grantee::Account("1".to_owned()), Grantee::Account("2".to_owned())];
        let all = Entries { what: Shareable::Snapshot, id: "snap-1".to_owned(), grantees: grantees.to_vec() };
        let one = Entries { grantees: grantees[..1].to_vec(), ..all.clone() };
        let start = "aws ec2 modify-snapshot-attribute --snapshot-id snap-1 --attribute createVolumePermission";
        assert_eq!(
            SharingAction::Unshare(all).command(""),
            format!("{start} --operation-type remove --group-names all --user-ids 1 2")
        );
        assert_eq!(SharingAction::Share(one).command(""), format!("{start} --operation-type add --group-names all"));
    }

    #[test]
    fn an_action_comes_back_from_the_ledger_as_it_was() {
        let action = SharingAction::Unshare(entries(&[Grantee::Everyone, Grantee::Account("444455556666".to_owned())]));
        let text = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<SharingAction>(&text).unwrap(), action);
    }
}
