//! How long the automated backups of a database are kept, and the call that sets it.

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use crate::policy::GuardrailSettings;
use crate::resources::database::cluster::MODIFY_DB_CLUSTER;
use crate::resources::database::instance::state::MODIFY_DB_INSTANCE;
use crate::resources::database::record::unread;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whose backups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupOf {
    /// A DB instance that is in no cluster.
    Instance,
    /// A DB cluster: Aurora, Multi-AZ, DocumentDB, Neptune.
    Cluster,
}

impl BackupOf {
    /// What a person calls it.
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Instance => "DB instance",
            Self::Cluster => "DB cluster",
        }
    }

    /// The field of records that names it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Instance => "dBInstanceIdentifier",
            Self::Cluster => "dBClusterIdentifier",
        }
    }
}

/// How to find the backups of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRef {
    /// What it is.
    pub of: BackupOf,
    /// Its identifier, in the lower case that RDS keeps.
    pub id: String,
    /// For how many days they were kept when that was last seen to be good.
    pub before: Observed<i64>,
}

impl BackupRef {
    /// A database of which nothing was recalled yet.
    #[must_use]
    pub fn new(of: BackupOf, id: String) -> Self {
        Self { of, id, before: Observed::Unknown { why: "its last known good state was not read".to_owned() } }
    }
}

/// What is known of the automated backups of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DbBackup {
    /// What it is.
    pub of: BackupOf,
    /// Its identifier.
    pub id: String,
    /// For how many days they are kept, once what is pending is in effect. None are made at 0.
    pub days: Observed<i64>,
    /// The same when it was last seen to be good.
    pub before: Observed<i64>,
    /// It is a member of a cluster, which has the backups, or a read replica, whose source has them.
    pub is_bound: Observed<bool>,
    /// It is on its way out: nothing about it can be changed any more.
    pub is_being_deleted: bool,
}

impl DbBackup {
    /// One of which nothing was seen yet.
    #[must_use]
    pub fn of(key: &BackupRef) -> Self {
        Self {
            of: key.of,
            id: key.id.clone(),
            days: Observed::Unknown { why: unread("how long backups are kept") },
            before: key.before.clone(),
            is_bound: Observed::Known(false),
            is_being_deleted: false,
        }
    }

    /// The call that sets the retention.
    #[must_use]
    pub fn set(&self, days: i64) -> SetRetention {
        SetRetention { of: self.of, id: self.id.clone(), days }
    }

    /// What it should be: what it was when it was last seen to be good, and the least that policy asks for at least.
    #[must_use]
    pub fn wanted(&self, settings: &BackupSettings) -> i64 {
        self.before.known().copied().unwrap_or_default().max(settings.least())
    }

    /// What it was, for a person.
    #[must_use]
    pub fn history(&self) -> String {
        match &self.before {
            Observed::Known(days) => format!("they were kept for {days}", days = counted(days, "day")),
            Observed::Absent => "for how long they were kept before was never seen".to_owned(),
            Observed::Unknown { why } => format!("for how long they were kept before is unknown ({why})"),
        }
    }
}

/// For how long backups have to be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BackupSettings {
    /// For how many days backups have to be kept at least (RDS keeps them for up to 35 days). It is also what is set where the last known
    /// good retention is unknown.
    #[schemars(range(min = 1, max = 35))]
    pub min_days: u8,
}

/// What Security Hub asks for ("RDS.11", "DocumentDB.2", "Neptune.5").
impl Default for BackupSettings {
    fn default() -> Self {
        Self { min_days: 7 }
    }
}

impl GuardrailSettings for BackupSettings {}

impl BackupSettings {
    /// RDS keeps them for 1 to 35 days.
    #[must_use]
    pub fn least(&self) -> i64 {
        i64::from(self.min_days).clamp(1, 35)
    }
}

/// `ModifyDBInstance` or `ModifyDBCluster` of the retention alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetRetention {
    /// Of what.
    pub of: BackupOf,
    /// Its identifier.
    pub id: String,
    /// 0 to 35 for an instance, 1 to 35 for a cluster.
    pub days: i64,
}

impl fmt::Display for SetRetention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { of, id, days } = self;
        write!(f, "set backup retention of {} {id} to {days}", of.noun(), days = counted(days, "day"))
    }
}

impl Action for SetRetention {
    fn permission(&self) -> &'static str {
        match self.of {
            BackupOf::Instance => MODIFY_DB_INSTANCE.action,
            BackupOf::Cluster => MODIFY_DB_CLUSTER.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let (id, days) = (word(&self.id), self.days);
        let what = match self.of {
            BackupOf::Instance => format!("modify-db-instance --db-instance-identifier {id}"),
            BackupOf::Cluster => format!("modify-db-cluster --db-cluster-identifier {id}"),
        };
        in_region(&format!("aws rds {what} --backup-retention-period {days}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// Somebody may have set a longer one since.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_what_was_and_no_less_than_policy_asks() {
        let backup = DbBackup::of(&BackupRef::new(BackupOf::Cluster, "shop".to_owned()));
        let before = |days| DbBackup { before: Observed::Known(days), ..backup.clone() };
        let settings = BackupSettings::default();
        assert_eq!(backup.wanted(&settings), 7);
        assert_eq!(before(35).wanted(&settings), 35);
        assert_eq!(before(3).wanted(&settings), 7);
        let line = backup.set(14).command("eu-west-1");
        let expected = "aws rds modify-db-cluster --db-cluster-identifier shop --backup-retention-period 14";
        assert_eq!(line, format!("{expected} --region eu-west-1"));
    }
}
