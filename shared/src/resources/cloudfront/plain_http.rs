//! RES-15: viewers reach a distribution by HTTPS.

use super::record::{
    CHANGES, Configured, IDS, UNSEEN, configuration, distribution, is_disabled, is_one_of, items, named, text, within,
};
use crate::engine::notice::prelude::*;

/// Changes of how viewers may connect.
pub type ViewerProtocols = Notices<ViewerProtocol>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ViewerProtocol;

const PLAIN: &str = "allow-all";
const DEFAULT: &str = "the default cache behavior";

fn of_path(pattern: &str) -> String {
    format!("the cache behavior of `{pattern}`")
}

fn why(called: &str, id: &str) -> String {
    format!("{called} of distribution `{id}` serves viewers by plain HTTP (`{PLAIN}`)")
}

fn planned(it: &PlannedResource<'_>) -> Result<Option<Noticed>, Unreadable> {
    let mut seen = Noticed::planned(it.name);
    if is_disabled(it)? {
        return Ok(Some(seen));
    }
    let first = it.parts(&within(it, "DefaultCacheBehavior", "default_cache_behavior"))?;
    let others = it.parts(&within(it, "CacheBehaviors", "ordered_cache_behavior"))?;
    let path = |behavior: &PlannedResource<'_>| of_path(&behavior.named(&["PathPattern", "path_pattern"]));
    let first = first.into_iter().map(|behavior| (behavior, DEFAULT.to_owned()));
    for (behavior, called) in first.chain(others.into_iter().map(|behavior| (behavior, path(&behavior)))) {
        match behavior.text(behavior.called("ViewerProtocolPolicy", "viewer_protocol_policy")) {
            Ok(policy) => {
                let is_plain = policy.as_deref() == Some(PLAIN);
                seen = seen.sign(&called, is_plain.then(|| why(&called, it.name)));
            }
            Err(open) => seen.unknown = Some(format!("{called}: {open}")),
        }
    }
    Ok(Some(seen))
}

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

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::CloudFront::Distribution", planned),
        PlannedForm::one("aws_cloudfront_distribution", planned),
    ];

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
        let first = std::iter::once((&config["defaultCacheBehavior"], DEFAULT.to_owned()));
        let path = |behavior| of_path(text(behavior, "pathPattern").unwrap_or("unknown"));
        let others = items(config, "cacheBehaviors").iter().map(|behavior| (behavior, path(behavior)));
        let id = seen.name.clone();
        Ok(Some(first.chain(others).fold(seen, |seen, (behavior, called)| {
            let is_plain = behavior["viewerProtocolPolicy"] == PLAIN;
            seen.sign(&called, is_plain.then(|| why(&called, &id)))
        })))
    }

    fn named(id: &str, place: &Place) -> Resource {
        named(id, place)
    }
}
