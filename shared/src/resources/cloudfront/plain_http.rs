//! RES-15: viewers reach a distribution by HTTPS.

use super::record::{CHANGES, Configured, IDS, UNSEEN, configuration, distribution, is_one_of, items, named, text};
use crate::engine::notice::prelude::*;

/// Changes of how viewers may connect.
pub type ViewerProtocols = Notices<ViewerProtocol>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewerProtocol;

impl Notice for ViewerProtocol {
    type Settings = NoSettings;

    const KIND: &'static str = "cloudfront-viewer-protocol";
    const ABOUT: &'static About = &About {
        name: "cloudfront-plain-http-allowed",
        catalogue_id: "RES-15",
        title: "A CloudFront distribution serves viewers by plain HTTP",
        description: "A distribution was made or changed so that a cache behavior has the viewer protocol policy `allow-all`: cookies and content go unencrypted to \
            viewers that ask so. `redirect-to-https` and `https-only` comply, and so does a distribution that is disabled.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["CloudFront.3"],
        technique: "T1557",
        triggers: CHANGES,
        remediation: "Notifies: a change writes the whole configuration of the distribution, is rolled out for minutes, and cuts off viewers that cannot follow a redirect.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            (
                "CreateDistributionTenant, UpdateDistributionTenant",
                "a tenant has the cache behaviors of its distribution",
            ),
            ("CreateStreamingDistribution", "CloudFront has retired streaming distributions"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !is_one_of(event, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, distribution(event)?);
        let config = match configuration(event) {
            Configured::Unseen => return Ok(Some(Noticed { unknown: Some(UNSEEN.to_owned()), ..seen })),
            Configured::Disabled => return Ok(Some(seen)),
            Configured::Serves(config) => config,
        };
        let first = std::iter::once((&config["defaultCacheBehavior"], "the default cache behavior".to_owned()));
        let path = |behavior| format!("the cache behavior of `{}`", text(behavior, "pathPattern").unwrap_or("unknown"));
        let others = items(config, "cacheBehaviors").iter().map(|behavior| (behavior, path(behavior)));
        let id = seen.name.clone();
        Ok(Some(first.chain(others).fold(seen, |seen, (behavior, called)| {
            let is_plain = behavior["viewerProtocolPolicy"] == "allow-all";
            let why = format!("{called} of distribution `{id}` serves viewers by plain HTTP (`allow-all`)");
            seen.sign(&called, is_plain.then_some(why))
        })))
    }

    fn named(id: &str, place: &Place) -> Resource {
        named(id, place)
    }
}
