//! RES-15: requests to a distribution go on being logged.
//!
//! Standard logs of the older kind and real-time logs are members of the configuration; those that CloudWatch Logs delivers (version 2) are not, and
//! no record of CloudFront shows them ("Access logs (standard logs)", developer guide).

use super::record::{
    Configured, DistributionSettings, IDS, UNSEEN, UPDATES, configuration, distribution, is_one_of, items, named, text,
};
use crate::engine::notice::prelude::*;
use std::borrow::Cow;

/// Changes of what is logged.
pub type LoggingChanges = Notices<LoggingChange>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoggingChange;

/// The element of a distribution that logs nothing.
const NONE: &str = "no logging";

impl Notice for LoggingChange {
    type Settings = DistributionSettings;

    const KIND: &'static str = "cloudfront-logging";
    const ABOUT: &'static About = &About {
        name: "cloudfront-logging-off",
        catalogue_id: "RES-15",
        title: "An update left a CloudFront distribution without logging",
        description: "An update left a distribution of `required_for` with neither standard nor real-time logging. An update writes the whole configuration, and whether it was \
            logged before shows in no record: of a distribution that is in neither `required_for` nor `optional_for` it is notified as undetermined. Logs that CloudWatch Logs \
            delivers (version 2) are not in the configuration: name such a distribution in `optional_for`.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["CloudFront.5"],
        technique: "T1562.008",
        triggers: UPDATES,
        remediation: "Notifies: where logs went before shows in no record, and a change writes the whole configuration of the distribution and is rolled out for minutes.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("CreateDistribution", "a new distribution has no logging to lose"),
            (
                "DeleteDelivery, DeleteDeliverySource",
                "deliveries of CloudWatch Logs are of many services, and are another resource",
            ),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !is_one_of(event, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, distribution(event)?);
        let id = seen.name.clone();
        let unknown = match configuration(event) {
            Configured::Unseen => Some(UNSEEN.to_owned()),
            Configured::Disabled => None,
            Configured::Serves(config) => {
                let behaviors = std::iter::once(&config["defaultCacheBehavior"]).chain(items(config, "cacheBehaviors"));
                let is_logged = config.pointer("/logging/enabled").is_some_and(|is_on| *is_on == true)
                    || behaviors.into_iter().any(|behavior| text(behavior, "realtimeLogConfigArn").is_some());
                (!is_logged).then(|| {
                    format!("distribution `{id}` logs no requests by its configuration; whether it did before shows in no record")
                })
            }
        };
        Ok(Some(Noticed { unknown, ..seen }))
    }

    fn weighed<'a>(seen: &'a Noticed, terms: &Terms<'_>) -> Cow<'a, Noticed> {
        super::record::weighed(seen, NONE, &Self::settings(terms))
    }

    fn named(id: &str, place: &Place) -> Resource {
        named(id, place)
    }
}
