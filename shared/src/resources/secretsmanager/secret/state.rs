//! A secret, and the calls that delete and restore it.

use crate::engine::count::counted;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use crate::resources::secretsmanager::record::unsaid;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Every secret of the account in the region.
pub(super) const ON: &[&str] = &["secretsmanager:${Region}:${Account}:secret:*"];

pub(crate) const RESTORE_SECRET: Permission = Permission::on("secretsmanager:RestoreSecret", ON);
pub(crate) const DELETE_SECRET: Permission = Permission::on("secretsmanager:DeleteSecret", ON);

/// Secrets Manager's own default in days, and the longest.
pub(crate) const DEFAULT_WINDOW: i64 = 30;

/// How to find a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRef {
    /// Its ARN where that is known, else its name.
    pub id: String,
    /// What the event did to it.
    pub by: Change,
    /// The recovery window in days that the event gave it: no read shows it.
    pub window: Option<i64>,
}

/// What an event did to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Its deletion was scheduled.
    DeletionScheduled,
    /// It was deleted without a recovery window.
    ForceDeleted,
    /// Its rotation was cancelled.
    RotationCancelled,
    /// There is no event: a sweep looks.
    Nothing,
}

/// What is known of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Its ARN where that is known, else its name.
    pub id: String,
    /// Whether its deletion is scheduled.
    pub is_scheduled: Observed<bool>,
    /// When it will be deleted, as the record writes it.
    pub deletion_date: Option<String>,
    /// The recovery window of its deletion in days, where that shows.
    pub window: Option<i64>,
    /// Whether it is rotated automatically.
    pub is_rotated: Observed<bool>,
    /// What the event did.
    pub by: Change,
}

impl Secret {
    /// One of which nothing was seen yet.
    #[must_use]
    pub fn of(key: &SecretRef) -> Self {
        Self {
            id: key.id.clone(),
            is_scheduled: unsaid(&key.id, "is scheduled for deletion"),
            deletion_date: None,
            window: key.window,
            is_rotated: unsaid(&key.id, "is rotated"),
            by: key.by,
        }
    }
}

/// The calls that delete and restore a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretAction {
    /// It is not deleted.
    Restore(String),
    /// It is deleted after so many days.
    Delete {
        /// Its ARN or name.
        secret: String,
        /// 7 to 30. It is never deleted without a recovery window.
        days: i64,
    },
}

impl SecretAction {
    /// The ARN or name of the secret.
    #[must_use]
    pub fn secret(&self) -> &str {
        match self {
            Self::Restore(secret) | Self::Delete { secret, .. } => secret,
        }
    }
}

impl fmt::Display for SecretAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restore(secret) => write!(f, "restore secret `{secret}`"),
            Self::Delete { secret, days } => {
                write!(f, "schedule the deletion of secret `{secret}` in {days}", days = counted(days, "day"))
            }
        }
    }
}

impl Action for SecretAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Restore(_) => RESTORE_SECRET.action,
            Self::Delete { .. } => DELETE_SECRET.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let secret = word(self.secret());
        let line = match self {
            Self::Restore(_) => format!("aws secretsmanager restore-secret --secret-id {secret}"),
            Self::Delete { days, .. } => {
                format!("aws secretsmanager delete-secret --secret-id {secret} --recovery-window-in-days {days}")
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// Restoring changes nothing of a secret that is not being deleted.
    fn effect(&self) -> Effect {
        match self {
            Self::Restore(_) => Effect::Restoring,
            Self::Delete { .. } => Effect::Overwriting,
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
    fn each_call_says_what_it_does_and_how() {
        let delete = SecretAction::Delete { secret: "db/orders".to_owned(), days: 7 };
        assert_eq!(delete.to_string(), "schedule the deletion of secret `db/orders` in 7 days");
        assert_eq!(
            delete.command("eu-west-1"),
            "aws secretsmanager delete-secret --secret-id db/orders --recovery-window-in-days 7 --region eu-west-1"
        );
        assert_eq!(
            SecretAction::Restore("x; rm -rf /".to_owned()).command(""),
            "aws secretsmanager restore-secret --secret-id 'x; rm -rf /'"
        );
    }
}
