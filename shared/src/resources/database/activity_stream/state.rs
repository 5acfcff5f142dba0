//! A database activity stream, and the calls that start and stop it.

use crate::engine::arn::arn_part;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

const ON: &[&str] = &["rds:${Region}:${Account}:cluster:*", "rds:${Region}:${Account}:db:*"];

pub(crate) const START_ACTIVITY_STREAM: Permission = Permission::on("rds:StartActivityStream", ON);
pub(crate) const STOP_ACTIVITY_STREAM: Permission = Permission::on("rds:StopActivityStream", ON);

/// How to find the activity stream of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamRef {
    /// The ARN of the cluster or the instance.
    pub arn: String,
    /// Whether an event stopped it.
    pub was_stopped: bool,
    /// How it was set up when it was last seen running.
    pub before: Observed<Setup>,
}

impl StreamRef {
    /// One of which nothing was recalled yet, and that no event stopped.
    #[must_use]
    pub fn new(arn: String) -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { arn, was_stopped: false, before }
    }

    /// Whether it is a cluster's.
    #[must_use]
    pub fn is_cluster(&self) -> bool {
        arn_part(&self.arn, 5).is_some_and(|rest| rest.starts_with("cluster:"))
    }

    /// The identifier of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        named(&self.arn)
    }
}

/// What follows the last colon of an ARN.
fn named(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

/// How a stream is set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// `sync`, where a session waits until its activity is recorded, or `async`.
    pub mode: String,
    /// The KMS key that encrypts it.
    pub key: String,
    /// Whether it has the engine's own audit fields, which Oracle and SQL Server have.
    pub has_native: bool,
}

/// `ActivityStreamStatus`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// There is none.
    Stopped,
    /// It is being stopped: it cannot be started until that is done.
    Stopping,
    /// It is being started.
    Starting,
    /// It runs.
    Started,
}

impl Status {
    /// RDS's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "stopped" => Some(Self::Stopped),
            "stopping" => Some(Self::Stopping),
            "starting" => Some(Self::Starting),
            "started" => Some(Self::Started),
            _ => None,
        }
    }
}

/// What is known of the activity stream of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityStream {
    /// The ARN of the cluster or the instance.
    pub arn: String,
    /// Whether it runs. Absent where the engine has no such thing.
    pub status: Observed<Status>,
    /// How it is set up, where that shows.
    pub setup: Option<Setup>,
    /// How it was set up when it was last seen running.
    pub before: Observed<Setup>,
    /// Whether an event stopped it.
    pub was_stopped: bool,
}

impl ActivityStream {
    /// In a state, and nothing else known of it.
    #[must_use]
    pub fn of(key: &StreamRef, status: Observed<Status>) -> Self {
        Self { arn: key.arn.clone(), status, setup: None, before: key.before.clone(), was_stopped: key.was_stopped }
    }

    /// The identifier of the database.
    #[must_use]
    pub fn name(&self) -> &str {
        named(&self.arn)
    }
}

/// The calls that start and stop it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StreamAction {
    /// It runs, set up so.
    Start {
        /// The ARN of the cluster or the instance.
        arn: String,
        /// How.
        setup: Setup,
    },
    /// It does not.
    Stop(String),
}

impl StreamAction {
    /// The ARN of the cluster or the instance.
    #[must_use]
    pub fn arn(&self) -> &str {
        match self {
            Self::Start { arn, .. } | Self::Stop(arn) => arn,
        }
    }
}

impl fmt::Display for StreamAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = named(self.arn());
        match self {
            Self::Start { setup, .. } => {
                write!(f, "start the activity stream of {name} ({}, key {})", setup.mode, setup.key)
            }
            Self::Stop(_) => write!(f, "stop the activity stream of {name}"),
        }
    }
}

impl Action for StreamAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Start { .. } => START_ACTIVITY_STREAM.action,
            Self::Stop(_) => STOP_ACTIVITY_STREAM.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let arn = word(self.arn());
        let line = match self {
            Self::Start { setup, .. } => {
                let native = if setup.has_native { " --engine-native-audit-fields-included" } else { "" };
                let (mode, key) = (word(&setup.mode), word(&setup.key));
                format!(
                    "aws rds start-activity-stream --resource-arn {arn} --mode {mode} --kms-key-id {key} --apply-immediately{native}"
                )
            }
            Self::Stop(_) => format!("aws rds stop-activity-stream --resource-arn {arn} --apply-immediately"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// RDS refuses to start a stream that runs.
    fn effect(&self) -> Effect {
        match self {
            Self::Start { .. } => Effect::Recreating,
            Self::Stop(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
