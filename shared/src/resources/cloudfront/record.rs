//! What records of CloudFront share.
//!
//! They are written in us-east-1, and older ones have the date of the API in the name of the event. Source of their members: "Logging Amazon CloudFront API calls using
//! AWS CloudTrail" (developer guide), with `UpdateDistribution` as its example.

use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::notice::Noticed;
use crate::engine::observed::{Place, Resource};
use crate::engine::planned::PlannedResource;
use crate::engine::unreadable::Unreadable;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// The calls that give an existing distribution another configuration.
pub(super) const UPDATES: &[&str] = &[
    "UpdateDistribution",
    "UpdateDistribution2018_11_05",
    "UpdateDistribution2019_03_26",
    "UpdateDistribution2020_05_31",
    "UpdateDistributionWithStagingConfig",
    "UpdateDistributionWithStagingConfig2020_05_31",
];

/// Those, and the ones that make a distribution.
pub(super) const CHANGES: &[&str] = &[
    "CopyDistribution",
    "CopyDistribution2020_05_31",
    "CreateDistribution",
    "CreateDistribution2018_11_05",
    "CreateDistribution2019_03_26",
    "CreateDistribution2020_05_31",
    "CreateDistributionWithTags",
    "CreateDistributionWithTags2018_11_05",
    "CreateDistributionWithTags2019_03_26",
    "CreateDistributionWithTags2020_05_31",
    "UpdateDistribution",
    "UpdateDistribution2018_11_05",
    "UpdateDistribution2019_03_26",
    "UpdateDistribution2020_05_31",
    "UpdateDistributionWithStagingConfig",
    "UpdateDistributionWithStagingConfig2020_05_31",
];

/// See [`About::ids`](crate::engine::guardrail::About::ids).
pub(super) const IDS: &[&str] = &["arn:%:cloudfront::%:distribution/%"];

/// What is said of a record without it.
pub(super) const UNSEEN: &str = "the record does not show the configuration of the distribution";

/// Whether the record is one of these calls.
pub(super) fn is_one_of(event: &Event, names: &[&str]) -> bool {
    event.is_one_of("cloudfront.amazonaws.com", names)
}

/// The distribution that the record is about: of a copy, the new one.
pub(super) fn distribution(event: &Event) -> Result<&str, Unlocatable> {
    let made = event.response.text(&["distribution", "id"]).or_else(|| event.response.text(&["id"]));
    let asked = || event.request.text(&["id"]);
    made.or_else(asked).ok_or_else(|| Unlocatable::new(event, "the record names no distribution"))
}

/// Its configuration since then. What is disabled serves no client, and has none that matters.
pub(super) fn configuration(event: &Event) -> Configured<'_> {
    let answered = || event.response.at(&["distribution", "distributionConfig"]);
    let tagged = || event.request.at(&["distributionConfigWithTags", "distributionConfig"]);
    let asked = event.request.at(&["distributionConfig"]).or_else(tagged);
    match asked.or_else(answered).filter(|config| config.is_object()) {
        None => Configured::Unseen,
        Some(config) if config["enabled"] == false => Configured::Disabled,
        Some(config) if !is_readable(config) => Configured::Unseen,
        Some(config) => Configured::Serves(config),
    }
}

/// Whether it has what every configuration has, in the form that is read here: what is not found in another form would be taken for nothing.
fn is_readable(config: &Value) -> bool {
    let is_empty = |list: &str| config.get(list).is_some_and(|list| list["quantity"] == 0);
    let has_all = |list: &str| is_empty(list) || !items(config, list).is_empty();
    has_all("origins")
        && config["defaultCacheBehavior"].is_object()
        && (config["cacheBehaviors"].is_null() || has_all("cacheBehaviors"))
}

/// What a record shows of a configuration.
pub(super) enum Configured<'a> {
    /// Nothing.
    Unseen,
    /// The distribution is disabled.
    Disabled,
    /// This.
    Serves(&'a Value),
}

/// A member that is a text and not empty.
pub(super) fn text<'a>(of: &'a Value, member: &str) -> Option<&'a str> {
    of[member].as_str().filter(|text| !text.is_empty())
}

/// The `items` of a list, none where there are none.
pub(super) fn items<'a>(of: &'a Value, list: &str) -> &'a [Value] {
    of.get(list).and_then(|list| list.get("items")?.as_array()).map_or(&[], Vec::as_slice)
}

/// The path of a member of the configuration in a template or a plan.
pub(super) fn within(it: &PlannedResource<'_>, name: &str, terraform: &str) -> String {
    if it.is_terraform() { terraform.to_owned() } else { format!("DistributionConfig.{name}") }
}

/// Whether a planned distribution serves no client.
pub(super) fn is_disabled(it: &PlannedResource<'_>) -> Result<bool, Unreadable> {
    Ok(it.flag(&within(it, "Enabled", "enabled"))? == Some(false))
}

/// Whether something stands at a path. What another resource will answer is something.
///
/// # Errors
/// It depends on a condition that is known at deployment only.
pub(super) fn is_given(of: &PlannedResource<'_>, path: &str) -> Result<bool, Unreadable> {
    match of.get(path) {
        Ok(value) => Ok(value.is_some_and(|value| value.as_str() != Some(""))),
        Err(why) if why.to_string().contains("`Fn::If ") => Err(why),
        Err(_) => Ok(true),
    }
}

/// How findings name a distribution.
pub(super) fn named(id: &str, Place { partition, account, .. }: &Place) -> Resource {
    let arn = format!("arn:{partition}:cloudfront::{account}:distribution/{id}");
    Resource { id: arn, kind: "AwsCloudFrontDistribution", name: id.to_owned() }
}

/// Which distributions need what no record shows the removal of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DistributionSettings {
    /// Ids of the distributions that have to have it; `*` and `?` match as in IAM. An update that leaves one of them without is a violation.
    pub required_for: Vec<String>,
    /// Ids of the distributions that need none: an update that leaves one of them without complies. Of all others it is unknown.
    pub optional_for: Vec<String>,
}

impl GuardrailSettings for DistributionSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "required_for", entries: &self.required_for, holds: DISTRIBUTIONS },
            List { name: "optional_for", entries: &self.optional_for, holds: DISTRIBUTIONS },
        ]
    }
}

const DISTRIBUTIONS: Holds =
    Holds { shapes: Holds::NAME, form: "the id of a distribution, not its ARN", everything: None };

impl DistributionSettings {
    /// Whether this distribution needs it; none where the operator does not say.
    pub(super) fn is_required(&self, id: &str) -> Option<bool> {
        let names = |list: &[String]| list.iter().any(|pattern| matches_pattern(pattern, id));
        match (names(&self.required_for), names(&self.optional_for)) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        }
    }
}

/// What the operator says of a distribution that is left without something (`element`): whether it needs it. What the record does not show at all stays
/// unknown, and a removal that it shows stays one unless it needs none.
pub(super) fn weighed<'a>(seen: &'a Noticed, element: &str, settings: &DistributionSettings) -> Cow<'a, Noticed> {
    let left = seen.unknown.as_ref().filter(|why| *why != UNSEEN);
    match (settings.is_required(&seen.name), left) {
        (Some(true), Some(_)) => {
            let why = format!("distribution `{}` has {element}: `required_for` names it", seen.name);
            Cow::Owned(Noticed { unknown: None, ..seen.clone() }.sign(element, Some(why)))
        }
        (Some(false), _) => Cow::Owned(Noticed { unknown: None, signs: Vec::new(), ..seen.clone() }),
        (Some(true) | None, _) => Cow::Borrowed(seen),
    }
}
