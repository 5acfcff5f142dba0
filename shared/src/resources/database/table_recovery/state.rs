//! The point-in-time recovery of a DynamoDB table.

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every table of the account in the region.
pub(super) const TABLES: &[&str] = &["dynamodb:${Region}:${Account}:table/*"];

pub(crate) const UPDATE_CONTINUOUS_BACKUPS: Permission = Permission::on("dynamodb:UpdateContinuousBackups", TABLES);

/// DynamoDB's own recovery period in days, and the longest.
pub(super) const DEFAULT_DAYS: i64 = 35;

/// How to find the point-in-time recovery of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryRef {
    /// The table's name.
    pub name: String,
    /// Its recovery period when it was last seen to be good, in days.
    pub before: Observed<i64>,
}

impl RecoveryRef {
    /// A table of which nothing was recalled yet.
    #[must_use]
    pub fn new(name: String) -> Self {
        Self { name, before: Observed::Unknown { why: "its last known good state was not read".to_owned() } }
    }
}

/// What is known of the point-in-time recovery of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovery {
    /// The table's name.
    pub name: String,
    /// Whether it is enabled.
    pub is_on: bool,
    /// How many days back it goes, where it is enabled and that shows.
    pub days: Option<i64>,
    /// The same when it was last seen to be good.
    pub before: Observed<i64>,
}

impl Recovery {
    /// The call that sets it to this again.
    #[must_use]
    pub fn again(&self) -> RecoveryAction {
        let table = self.name.clone();
        match self.is_on {
            true => RecoveryAction::Enable { table, days: self.days },
            false => RecoveryAction::Disable(table),
        }
    }
}

/// `UpdateContinuousBackups`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecoveryAction {
    /// It is enabled.
    Enable {
        /// The table's name.
        table: String,
        /// 1 to 35; DynamoDB's own default (35) without it.
        days: Option<i64>,
    },
    /// It is disabled.
    Disable(String),
}

impl RecoveryAction {
    /// The name of the table.
    #[must_use]
    pub fn table(&self) -> &str {
        match self {
            Self::Enable { table, .. } | Self::Disable(table) => table,
        }
    }
}

impl fmt::Display for RecoveryAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enable { table, days: Some(days) } => {
                write!(f, "enable point-in-time recovery of table {table} for {days}", days = counted(days, "day"))
            }
            Self::Enable { table, days: None } => write!(f, "enable point-in-time recovery of table {table}"),
            Self::Disable(table) => write!(f, "disable point-in-time recovery of table {table}"),
        }
    }
}

impl Action for RecoveryAction {
    fn permission(&self) -> &'static str {
        UPDATE_CONTINUOUS_BACKUPS.action
    }

    fn command(&self, region: &str) -> String {
        let (table, is_on) = (word(self.table()), matches!(self, Self::Enable { .. }));
        let period = match self {
            Self::Enable { days: Some(days), .. } => format!(",RecoveryPeriodInDays={days}"),
            Self::Enable { days: None, .. } | Self::Disable(_) => String::new(),
        };
        let specification = format!("PointInTimeRecoveryEnabled={is_on}{period}");
        let line = format!(
            "aws dynamodb update-continuous-backups --table-name {table} --point-in-time-recovery-specification {specification}"
        );
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The call sets the period too: where it was enabled again since, with a longer one, it would be a shorter one.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}
