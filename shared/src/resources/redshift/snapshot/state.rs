//! Manual snapshots of clusters, and who may restore them.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

const SNAPSHOTS: &[&str] = &["redshift:${Region}:${Account}:snapshot:*/*"];
pub(crate) const AUTHORIZE: Permission = Permission::on("redshift:AuthorizeSnapshotAccess", SNAPSHOTS);
pub(crate) const REVOKE: Permission = Permission::on("redshift:RevokeSnapshotAccess", SNAPSHOTS);

/// Whether this names AWS Support, which is let in for a case ("AuthorizeSnapshotAccess").
#[must_use]
pub fn is_support(account: &str) -> bool {
    account == "amazon-redshift-support"
}

/// How to find a snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotRef {
    /// The cluster that it is of.
    pub cluster: String,
    /// Its identifier.
    pub id: String,
}

/// An account that may restore a snapshot, and whether that is to be judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Twelve digits.
    pub account: String,
    /// The event added it, or it is unknown what the event added.
    pub in_question: bool,
}

/// What is known of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Which.
    pub snapshot: SnapshotRef,
    /// Who may restore it beside the owner. From a request alone: who was authorized by that call.
    pub shares: Vec<Share>,
}

/// The calls that change who may restore a snapshot, each about one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotCall {
    /// The account may no longer.
    Revoke(Restore),
    /// It may again.
    Authorize(Restore),
}

/// A snapshot and an account that may restore it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    /// The snapshot.
    pub snapshot: SnapshotRef,
    /// The account.
    pub account: String,
}

/// The same content, whenever it is seen again.
#[must_use]
pub fn element(account: &str) -> String {
    format!("restore by account {account}")
}

impl SnapshotRef {
    /// The snapshot that an ARN names. Redshift keeps identifiers in lower case.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<Self> {
        let (cluster, id) = arn.split_once(":snapshot:")?.1.split_once('/')?;
        Some(Self { cluster: cluster.to_ascii_lowercase(), id: id.to_ascii_lowercase() })
    }
}

impl fmt::Display for SnapshotRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redshift snapshot {} of cluster {}", self.id, self.cluster)
    }
}

impl SnapshotCall {
    /// What either call is about.
    #[must_use]
    pub fn restore(&self) -> &Restore {
        match self {
            Self::Revoke(restore) | Self::Authorize(restore) => restore,
        }
    }
}

impl fmt::Display for SnapshotCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Restore { snapshot, account } = self.restore();
        match self {
            Self::Revoke(_) => write!(f, "stop account {account} restoring {snapshot}"),
            Self::Authorize(_) => write!(f, "let account {account} restore {snapshot}"),
        }
    }
}

impl Action for SnapshotCall {
    fn permission(&self) -> &'static str {
        match self {
            Self::Revoke(_) => REVOKE.action,
            Self::Authorize(_) => AUTHORIZE.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let Restore { snapshot, account } = self.restore();
        let verb = match self {
            Self::Revoke(_) => "revoke",
            Self::Authorize(_) => "authorize",
        };
        let (id, cluster, account) = (word(&snapshot.id), word(&snapshot.cluster), word(account));
        let line = format!(
            "aws redshift {verb}-snapshot-access --snapshot-identifier {id} --snapshot-cluster-identifier {cluster} \
             --account-with-restore-access {account}"
        );
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Revoke(_) => Effect::Removing,
            Self::Authorize(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_both_names() {
        let arn = "arn:aws:redshift:eu-central-1:111122223333:snapshot:orders/nightly";
        let snapshot = SnapshotRef { cluster: "orders".to_owned(), id: "nightly".to_owned() };
        assert_eq!(SnapshotRef::of_arn(arn), Some(snapshot.clone()));
        let large = "arn:aws:redshift:eu-central-1:111122223333:snapshot:Orders/Nightly";
        assert_eq!(SnapshotRef::of_arn(large), Some(snapshot.clone()));
        assert_eq!(SnapshotRef::of_arn("arn:aws:redshift:eu-central-1:111122223333:cluster:orders"), None);
        let call = SnapshotCall::Revoke(Restore { snapshot, account: "999988887777".to_owned() });
        assert_eq!(
            call.command("eu-central-1"),
            "aws redshift revoke-snapshot-access --snapshot-identifier nightly --snapshot-cluster-identifier orders \
             --account-with-restore-access 999988887777 --region eu-central-1"
        );
    }
}
