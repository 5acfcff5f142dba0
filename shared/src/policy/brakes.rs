//! How the operator limits what guardrails do by themselves: the breaker, the feud, the grace period.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The breaker: a guardrail that acts this often in one account is more likely wrong than right, and only tells from then
/// on, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// How many remediations of one guardrail in one account open it. 0 switches the breaker off.
    pub remediations: u32,
    /// Within how many minutes.
    #[schemars(range(min = 1, max = 1440))]
    pub window_minutes: u32,
    /// After how many minutes it closes again by itself.
    #[schemars(range(min = 1, max = 10080))]
    pub open_minutes: u32,
}

impl Default for Breaker {
    /// A person can look at twenty remediations in ten minutes; more are a storm, of changes or of mistakes.
    fn default() -> Self {
        Self { remediations: 20, window_minutes: 10, open_minutes: 60 }
    }
}

/// A feud: somebody opens a resource again whenever it is closed, mostly a pipeline that knows it no other way. From then
/// on the guardrail only tells about that resource, for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Feud {
    /// How many remediations of one guardrail on one resource make a feud. 0 switches the detection off.
    pub rounds: u32,
    /// Within how many hours.
    #[schemars(range(min = 1, max = 168))]
    pub window_hours: u32,
    /// After how many hours the guardrail enforces there again by itself.
    #[schemars(range(min = 1, max = 168))]
    pub open_hours: u32,
}

impl Default for Feud {
    /// Three times is no accident, and a day covers a pipeline that runs every night's and every morning's deployment.
    fn default() -> Self {
        Self { rounds: 3, window_hours: 24, open_hours: 24 }
    }
}

/// Seconds that a remediation waits: 0 to 900, the longest that SQS holds a message back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32", into = "u32")]
#[schemars(with = "u32", extend("maximum" = 900))]
pub struct Grace(pub u32);

impl TryFrom<u32> for Grace {
    type Error = String;

    fn try_from(seconds: u32) -> Result<Self, String> {
        const LONGEST: u32 = 900;
        if seconds <= LONGEST {
            Ok(Self(seconds))
        } else {
            Err(format!("{seconds} seconds are more than the {LONGEST} that a message can be held back"))
        }
    }
}

impl From<Grace> for u32 {
    fn from(Grace(seconds): Grace) -> Self {
        seconds
    }
}
