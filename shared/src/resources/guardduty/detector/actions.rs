//! What can be done about a detector.

use super::reads::DETECTORS;
use super::state::Plans;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::Request;
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt::{self, Write as _};

pub(crate) const CREATE_DETECTOR: Permission = Permission::setting("guardduty:CreateDetector");
pub(crate) const UPDATE_DETECTOR: Permission = Permission::on("guardduty:UpdateDetector", DETECTORS);
pub(crate) const DELETE_DETECTOR: Permission = Permission::on("guardduty:DeleteDetector", DETECTORS);

/// The calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DetectorAction {
    /// Create it with these plans.
    Create(Plans),
    /// Delete the one that the account has: what [`Self::Create`] makes has an id that is not known beforehand.
    Delete,
    /// Set these plans, and nothing else.
    Update {
        /// Its id.
        id: String,
        /// What is set.
        plans: Plans,
    },
}

/// Deletes one.
#[must_use]
pub(super) fn delete(id: &str) -> Request {
    Request::rest("DeleteDetector", "DELETE", &["detector", id])
}

impl DetectorAction {
    /// The call; `id` is the detector that the account has, for the one that names none.
    #[must_use]
    pub fn request(&self, id: &str) -> Request {
        let with = |request: Request, plans: &Plans, enabled: Option<bool>| {
            let features = plans.written();
            request
                .member("enable", enabled)
                .member("findingPublishingFrequency", plans.frequency.clone())
                .member("features", (!features.is_empty()).then_some(Value::Array(features)))
        };
        match self {
            Self::Create(plans) => {
                let request = Request::rest("CreateDetector", "POST", &["detector"]);
                with(request, plans, Some(plans.enabled.unwrap_or(true)))
            }
            Self::Delete => delete(id),
            Self::Update { id, plans } => {
                with(Request::rest("UpdateDetector", "POST", &["detector", id]), plans, plans.enabled)
            }
        }
    }
}

/// What a call sets, for a person.
fn said(plans: &Plans) -> String {
    let of_switch = plans.enabled.map(|is_on| if is_on { "enabled" } else { "suspended" }.to_owned());
    let of_frequency = plans.frequency.as_ref().map(|frequency| format!("frequency {frequency}"));
    let plan = |(name, is_on): (&String, &bool)| format!("{name} {}", if *is_on { "on" } else { "off" });
    let all: Vec<String> = of_switch.into_iter().chain(of_frequency).chain(plans.features.iter().map(plan)).collect();
    all.join(", ")
}

/// The same as options of the AWS command line.
fn options(plans: &Plans) -> String {
    let mut line = String::new();
    match plans.enabled {
        Some(true) => line.push_str(" --enable"),
        Some(false) => line.push_str(" --no-enable"),
        None => {}
    }
    if let Some(frequency) = &plans.frequency {
        let _ = write!(line, " --finding-publishing-frequency {}", word(frequency));
    }
    let features = plans.written();
    if !features.is_empty() {
        let features = json!(features).to_string();
        let _ = write!(line, " --features {}", word(&features));
    }
    line
}

impl fmt::Display for DetectorAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create(plans) => write!(f, "create the GuardDuty detector: {}", said(plans)),
            Self::Delete => f.write_str("delete the GuardDuty detector"),
            Self::Update { id, plans } => write!(f, "set GuardDuty detector {id}: {}", said(plans)),
        }
    }
}

impl Action for DetectorAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Create(_) => CREATE_DETECTOR,
            Self::Delete => DELETE_DETECTOR,
            Self::Update { .. } => UPDATE_DETECTOR,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Create(plans) => format!("aws guardduty create-detector{}", options(plans)),
            Self::Delete => {
                let find = "aws guardduty list-detectors --query 'DetectorIds[0]' --output text";
                format!("aws guardduty delete-detector --detector-id $({})", in_region(find, region))
            }
            Self::Update { id, plans } => {
                format!("aws guardduty update-detector --detector-id {}{}", word(id), options(plans))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Create(_) => Effect::Recreating,
            Self::Update { plans, .. } if plans.is_strictest() => Effect::Restoring,
            Self::Delete | Self::Update { .. } => Effect::Overwriting,
        }
    }
}
