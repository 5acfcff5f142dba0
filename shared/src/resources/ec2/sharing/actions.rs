//! What can be done about with whom something is shared.

use super::{Grantee, Shareable};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region, pieces};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_SNAPSHOT_ATTRIBUTE: Permission =
    Permission::on("ec2:ModifySnapshotAttribute", &["ec2:${Region}::snapshot/*"]);
pub(crate) const MODIFY_IMAGE_ATTRIBUTE: Permission =
    Permission::on("ec2:ModifyImageAttribute", &["ec2:${Region}::image/*"]);

/// The calls that change with whom something is shared. Never a reset: that would remove every other permission too.
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
            Shareable::Snapshot => MODIFY_SNAPSHOT_ATTRIBUTE.action,
            Shareable::Image => MODIFY_IMAGE_ATTRIBUTE.action,
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

    fn effect(&self) -> Effect {
        match self {
            Self::Unshare(_) => Effect::Removing,
            Self::Share(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        self.entries().grantees.len()
    }

    fn split(&self, most: usize) -> Vec<Self> {
        let some = |grantees| Entries { grantees, ..self.entries().clone() };
        pieces(&self.entries().grantees, most, |piece| match self {
            Self::Unshare(_) => Self::Unshare(some(piece)),
            Self::Share(_) => Self::Share(some(piece)),
        })
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

    fn entries(grantees: &[Grantee]) -> Entries {
        Entries { what: Shareable::Image, id: "ami-1".to_owned(), grantees: grantees.to_vec() }
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
