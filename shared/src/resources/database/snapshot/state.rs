//! Manual snapshots of DB instances and DB clusters, and who may copy or restore them.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region, pieces};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_DB_SNAPSHOT_ATTRIBUTE: Permission =
    Permission::on("rds:ModifyDBSnapshotAttribute", &["rds:${Region}:${Account}:snapshot:*"]);
pub(crate) const MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE: Permission =
    Permission::on("rds:ModifyDBClusterSnapshotAttribute", &["rds:${Region}:${Account}:cluster-snapshot:*"]);

/// What a snapshot is of: the two have calls of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotOf {
    /// A DB instance of RDS.
    Instance,
    /// A DB cluster: Aurora, Multi-AZ, DocumentDB, Neptune.
    Cluster,
}

/// How to find a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRef {
    /// What it is of.
    pub of: SnapshotOf,
    /// Its identifier, in the lower case that RDS keeps.
    pub id: String,
}

/// Who may copy or restore a snapshot: a value of its attribute `restore`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restorer {
    /// `all`: every AWS account.
    Everybody,
    /// One account.
    Account(String),
}

/// A value of the attribute, and whether it is to be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Who may.
    pub with: Restorer,
    /// The event added it, or it is unknown what the event added.
    pub in_question: bool,
}

/// What is known of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbSnapshot {
    /// Which.
    pub snapshot: SnapshotRef,
    /// With whom it is shared. From a request alone: with whom it was shared by that call.
    pub shares: Vec<Share>,
}

/// The calls that change who may restore a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotAction {
    /// These may no longer, all others stay.
    Unshare(Sharing),
    /// These may again.
    Share(Sharing),
}

/// A snapshot and some of those who may restore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// The snapshot.
    pub snapshot: SnapshotRef,
    /// Each once.
    pub with: Vec<Restorer>,
}

impl Restorer {
    /// Reads a value of the attribute.
    #[must_use]
    pub fn read(value: &str) -> Self {
        if value.eq_ignore_ascii_case("all") { Self::Everybody } else { Self::Account(value.to_owned()) }
    }

    /// The value of the attribute.
    #[must_use]
    pub fn value(&self) -> &str {
        match self {
            Self::Everybody => "all",
            Self::Account(id) => id,
        }
    }

    /// The same content, whenever it is seen again.
    #[must_use]
    pub fn element(&self) -> String {
        format!("restore by {self}")
    }
}

impl fmt::Display for Restorer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => f.write_str("every AWS account"),
            Self::Account(id) => write!(f, "account {id}"),
        }
    }
}

impl fmt::Display for SnapshotRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.of {
            SnapshotOf::Instance => "snapshot",
            SnapshotOf::Cluster => "cluster snapshot",
        };
        write!(f, "{kind} {}", self.id)
    }
}

impl DbSnapshot {
    /// A snapshot with these values, all in question.
    #[must_use]
    pub fn shared_with<'a>(snapshot: SnapshotRef, values: impl IntoIterator<Item = &'a str>) -> Self {
        let share = |value| Share { with: Restorer::read(value), in_question: true };
        Self { snapshot, shares: values.into_iter().map(share).collect() }
    }

    /// Those whose right to restore is to be judged.
    pub fn in_question(&self) -> impl Iterator<Item = &Restorer> {
        self.shares.iter().filter(|share| share.in_question).map(|share| &share.with)
    }
}

impl SnapshotAction {
    /// What either call changes.
    #[must_use]
    pub fn sharing(&self) -> &Sharing {
        match self {
            Self::Unshare(sharing) | Self::Share(sharing) => sharing,
        }
    }
}

impl Sharing {
    fn absorb(&mut self, other: &Self) -> bool {
        if self.snapshot != other.snapshot {
            return false;
        }
        for restorer in &other.with {
            if !self.with.contains(restorer) {
                self.with.push(restorer.clone());
            }
        }
        true
    }
}

impl fmt::Display for SnapshotAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, what) = match self {
            Self::Unshare(_) => ("stop", "restoring"),
            Self::Share(_) => ("let", "restore"),
        };
        let with: Vec<_> = self.sharing().with.iter().map(Restorer::to_string).collect();
        write!(f, "{verb} {} {what} {}", with.join(", "), self.sharing().snapshot)
    }
}

impl Action for SnapshotAction {
    fn permission(&self) -> &'static str {
        match self.sharing().snapshot.of {
            SnapshotOf::Instance => MODIFY_DB_SNAPSHOT_ATTRIBUTE.action,
            SnapshotOf::Cluster => MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let Sharing { snapshot, with } = self.sharing();
        let kind = match snapshot.of {
            SnapshotOf::Instance => "db-snapshot",
            SnapshotOf::Cluster => "db-cluster-snapshot",
        };
        let option = match self {
            Self::Unshare(_) => "remove",
            Self::Share(_) => "add",
        };
        let values: Vec<_> = with.iter().map(|restorer| word(restorer.value())).collect();
        let (id, values) = (word(&snapshot.id), values.join(" "));
        let line = format!(
            "aws rds modify-{kind}-attribute --{kind}-identifier {id} --attribute-name restore --values-to-{option} {values}"
        );
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
        self.sharing().with.len()
    }

    fn split(&self, most: usize) -> Vec<Self> {
        let some = |with| Sharing { with, ..self.sharing().clone() };
        pieces(&self.sharing().with, most, |piece| match self {
            Self::Unshare(_) => Self::Unshare(some(piece)),
            Self::Share(_) => Self::Share(some(piece)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unshare(of: SnapshotOf, with: Restorer) -> SnapshotAction {
        let snapshot = SnapshotRef { of, id: "orders".to_owned() };
        SnapshotAction::Unshare(Sharing { snapshot, with: vec![with] })
    }

    #[test]
    fn two_guardrails_take_their_values_away_in_one_call() {
        let mut call = unshare(SnapshotOf::Instance, Restorer::Everybody);
        assert!(call.absorb(&unshare(SnapshotOf::Instance, Restorer::Account("444455556666".to_owned()))));
        assert!(!call.absorb(&unshare(SnapshotOf::Cluster, Restorer::Everybody)), "another snapshot");
        assert_eq!(call.elements(), 2);
        assert_eq!(
            call.command("eu-west-1"),
            "aws rds modify-db-snapshot-attribute --db-snapshot-identifier orders --attribute-name restore \
             --values-to-remove all 444455556666 --region eu-west-1"
        );
        assert_eq!(call.to_string(), "stop every AWS account, account 444455556666 restoring snapshot orders");
    }

    #[test]
    fn a_cluster_s_snapshot_has_a_call_of_its_own() {
        let call = unshare(SnapshotOf::Cluster, Restorer::Everybody);
        assert_eq!(call.permission(), "rds:ModifyDBClusterSnapshotAttribute");
        assert!(call.command("").starts_with("aws rds modify-db-cluster-snapshot-attribute --db-cluster-snapshot-id"));
    }

    #[test]
    fn actions_are_read_back_from_the_ledger() {
        let call = unshare(SnapshotOf::Cluster, Restorer::Account("444455556666".to_owned()));
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<SnapshotAction>(&text).unwrap(), call);
    }
}
