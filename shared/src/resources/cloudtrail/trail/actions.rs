//! What can be done about a trail.

use super::selectors::Selectors;
use super::settings::{Settings, is_strictest, options};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::{Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::cloudtrail::CLOUDTRAIL;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

const TRAILS: &[&str] = &["cloudtrail:${Region}:${Account}:trail/*"];

pub(crate) const START_LOGGING: Permission = Permission::on("cloudtrail:StartLogging", TRAILS);
pub(crate) const STOP_LOGGING: Permission = Permission::on("cloudtrail:StopLogging", TRAILS);
pub(crate) const UPDATE_TRAIL: Permission = Permission::on("cloudtrail:UpdateTrail", TRAILS);
pub(crate) const PUT_EVENT_SELECTORS: Permission = Permission::on("cloudtrail:PutEventSelectors", TRAILS);
pub(crate) const PUT_INSIGHT_SELECTORS: Permission = Permission::on("cloudtrail:PutInsightSelectors", TRAILS);
pub(crate) const CREATE_TRAIL: Permission = Permission::on("cloudtrail:CreateTrail", TRAILS);
pub(crate) const DELETE_TRAIL: Permission = Permission::on("cloudtrail:DeleteTrail", TRAILS);
/// To create it with its tags.
pub(crate) const ADD_TAGS: Permission = Permission::on("cloudtrail:AddTags", TRAILS);
/// To give it the role that delivers to its log group.
pub(crate) const PASS_ROLE: Permission =
    Permission::on("iam:PassRole", &["iam::${Account}:role/*"]).when("iam:PassedToService", "cloudtrail.amazonaws.com");

/// The calls that change a trail. Each names it by its ARN, but for the one that creates it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrailAction {
    /// Start logging.
    Start(String),
    /// Stop logging.
    Stop(String),
    /// Write these members of the settings.
    Update {
        /// Its ARN.
        trail: String,
        /// All settings, as they are then.
        settings: Settings,
        /// Which members are written.
        members: Vec<String>,
    },
    /// Write its event selectors.
    Select {
        /// Its ARN.
        trail: String,
        /// All of them.
        selectors: Selectors,
        /// Whether the step before has created the trail.
        #[serde(default)]
        is_new: bool,
    },
    /// Write its insight selectors.
    Insight {
        /// Its ARN.
        trail: String,
        /// All of them.
        selectors: Vec<Value>,
        /// Whether the step before has created the trail.
        #[serde(default)]
        is_new: bool,
    },
    /// Create it. It does not log yet.
    Create {
        /// Its ARN.
        trail: String,
        /// Its settings.
        settings: Settings,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Delete it.
    Delete(String),
}

impl TrailAction {
    /// The ARN of the trail.
    #[must_use]
    pub fn trail(&self) -> &str {
        match self {
            Self::Start(trail)
            | Self::Stop(trail)
            | Self::Delete(trail)
            | Self::Update { trail, .. }
            | Self::Select { trail, .. }
            | Self::Insight { trail, .. }
            | Self::Create { trail, .. } => trail,
        }
    }

    /// One of each, for the test that holds the requests against the service's model.
    pub(super) fn each() -> Vec<Self> {
        let trail = || "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all".to_owned();
        let filled = || Some("x".to_owned());
        let settings = Settings {
            bucket: "logs".to_owned(),
            prefix: filled(),
            topic: filled(),
            log_group: filled(),
            log_role: filled(),
            key: filled(),
            ..Settings::default()
        };
        let (members, tags) = (settings.whole().into_iter().map(|(name, _)| name).collect(), [("a", "b")]);
        let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let field = json!({"Field": "eventCategory", "Equals": ["Management"]});
        let advanced = Selectors { advanced: vec![json!({ "FieldSelectors": [field] })], ..Selectors::default() };
        vec![
            Self::Start(trail()),
            Self::Stop(trail()),
            Self::Update { trail: trail(), settings: settings.clone(), members },
            Self::Select { trail: trail(), selectors: Selectors::usual(), is_new: true },
            Self::Select { trail: trail(), selectors: advanced, is_new: false },
            Self::Insight {
                trail: trail(),
                selectors: vec![json!({"InsightType": "ApiCallRateInsight"})],
                is_new: false,
            },
            Self::Create { trail: trail(), settings, tags },
            Self::Delete(trail()),
        ]
    }
}

/// The name in a trail's ARN.
pub(super) fn name(arn: &str) -> &str {
    arn.split_once(":trail/").map_or(arn, |(_, name)| name)
}

impl fmt::Display for TrailAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trail = name(self.trail());
        match self {
            Self::Start(_) => write!(f, "start logging of trail {trail}"),
            Self::Stop(_) => write!(f, "stop logging of trail {trail}"),
            Self::Update { members, .. } => write!(f, "write {} of trail {trail}", members.join(", ")),
            Self::Select { selectors, .. } => write!(f, "set the event selectors of trail {trail}: {selectors}"),
            Self::Insight { selectors, .. } if selectors.is_empty() => {
                write!(f, "remove the insights of trail {trail}")
            }
            Self::Insight { selectors, .. } => {
                let types = super::state::insight_types(selectors);
                write!(f, "set the insights of trail {trail}: {}", types.join(", "))
            }
            Self::Create { settings, .. } => write!(f, "create trail {trail} to bucket {}", settings.bucket),
            Self::Delete(_) => write!(f, "delete trail {trail}"),
        }
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

impl Action for TrailAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Start(_) => START_LOGGING,
            Self::Stop(_) => STOP_LOGGING,
            Self::Update { .. } => UPDATE_TRAIL,
            Self::Select { .. } => PUT_EVENT_SELECTORS,
            Self::Insight { .. } => PUT_INSIGHT_SELECTORS,
            Self::Create { .. } => CREATE_TRAIL,
            Self::Delete(_) => DELETE_TRAIL,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let trail = word(self.trail());
        let line = match self {
            Self::Start(_) => format!("aws cloudtrail start-logging --name {trail}"),
            Self::Stop(_) => format!("aws cloudtrail stop-logging --name {trail}"),
            Self::Delete(_) => format!("aws cloudtrail delete-trail --name {trail}"),
            Self::Update { settings, members, .. } => {
                format!("aws cloudtrail update-trail --name {trail}{}", options(&settings.members(members)))
            }
            Self::Select { selectors, .. } => {
                let (option, list) = match selectors.advanced.is_empty() {
                    true => ("event-selectors", &selectors.basic),
                    false => ("advanced-event-selectors", &selectors.advanced),
                };
                let list = json!(list).to_string();
                format!("aws cloudtrail put-event-selectors --trail-name {trail} --{option} {}", word(&list))
            }
            Self::Insight { selectors, .. } => {
                let list = json!(selectors).to_string();
                format!("aws cloudtrail put-insight-selectors --trail-name {trail} --insight-selectors {}", word(&list))
            }
            Self::Create { trail, settings, tags: own } => {
                let (name, members) = (word(name(trail)), options(&settings.whole()));
                let list = json!(tags(own)).to_string();
                let tags = if own.is_empty() { String::new() } else { format!(" --tags-list {}", word(&list)) };
                format!("aws cloudtrail create-trail --name {name}{members}{tags}")
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
            Self::Start(_) => Effect::Restoring,
            Self::Update { settings, members, .. } if is_strictest(&settings.members(members)) => Effect::Restoring,
            Self::Create { .. } | Self::Select { is_new: true, .. } | Self::Insight { is_new: true, .. } => {
                Effect::Recreating
            }
            Self::Stop(_) | Self::Update { .. } | Self::Select { .. } | Self::Insight { .. } | Self::Delete(_) => {
                Effect::Overwriting
            }
        }
    }

    /// What is written to a trail that the step before has created writes over nothing of the owner's.
    fn guards_itself(&self) -> bool {
        matches!(self, Self::Select { is_new: true, .. } | Self::Insight { is_new: true, .. })
    }
}

impl SignedAction for TrailAction {
    const API: &'static Api = &CLOUDTRAIL;

    fn request(&self) -> Request {
        match self {
            Self::Start(trail) => Request::named("StartLogging", json!({ "Name": trail })),
            Self::Stop(trail) => Request::named("StopLogging", json!({ "Name": trail })),
            Self::Delete(trail) => Request::named("DeleteTrail", json!({ "Name": trail })),
            Self::Update { trail, settings, members } => {
                let call = Request::named("UpdateTrail", Value::Object(settings.members(members)));
                call.member("Name", Some(trail.as_str()))
            }
            Self::Select { trail, selectors, .. } => {
                let call = Request::named("PutEventSelectors", json!({ "TrailName": trail }));
                // A trail has one kind.
                match selectors.advanced.is_empty() {
                    true => call.member("EventSelectors", Some(selectors.basic.clone())),
                    false => call.member("AdvancedEventSelectors", Some(selectors.advanced.clone())),
                }
            }
            Self::Insight { trail, selectors, .. } => {
                Request::named("PutInsightSelectors", json!({"TrailName": trail, "InsightSelectors": selectors}))
            }
            Self::Create { trail, settings, tags: own } => {
                let call = Request::named("CreateTrail", Value::Object(settings.whole()));
                let list = tags(own);
                call.member("Name", Some(name(trail))).member("TagsList", (!own.is_empty()).then_some(list))
            }
        }
    }
}
