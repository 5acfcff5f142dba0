//! RES-15: a distribution keeps the web ACL that it has.
//!
//! `DisassociateDistributionWebACL` removes one for sure. `UpdateDistribution` writes the whole configuration, and what it was before is in no record.

use super::record::{
    Configured, DistributionSettings, IDS, UNSEEN, configuration, distribution, is_one_of, named, text,
};
use crate::engine::notice::prelude::*;
use std::borrow::Cow;

/// Removals of web ACLs.
pub type WebAcls = Notices<WebAcl>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebAcl;

const REMOVALS: &[&str] = &["DisassociateDistributionWebACL", "DisassociateDistributionWebACL2020_05_31"];

/// The element of a distribution that has none.
const NONE: &str = "no web ACL";

impl Notice for WebAcl {
    type Settings = DistributionSettings;

    const KIND: &'static str = "cloudfront-web-acl";
    const ABOUT: &'static About = &About {
        name: "cloudfront-web-acl-removed",
        catalogue_id: "RES-15",
        title: "The web ACL of a CloudFront distribution was removed",
        description: "The web ACL of a distribution was removed, or an update left a distribution of `required_for` without one. An update writes the whole \
            configuration, and whether a web ACL was there before shows in no record: of a distribution that is in neither `required_for` nor `optional_for`, an update that \
            leaves it without one is notified as undetermined.",
        severity: Severity::High,
        class: Class::R0,
        controls: &["CloudFront.6"],
        technique: "T1562.007",
        triggers: &[
            "DisassociateDistributionWebACL",
            "DisassociateDistributionWebACL2020_05_31",
            "UpdateDistribution",
            "UpdateDistribution2018_11_05",
            "UpdateDistribution2019_03_26",
            "UpdateDistribution2020_05_31",
            "UpdateDistributionWithStagingConfig",
            "UpdateDistributionWithStagingConfig2020_05_31",
        ],
        remediation: "Notifies: which web ACL it was shows in no record, and a change writes the whole configuration of the distribution and is rolled out for minutes.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("CreateDistribution", "a new distribution has no web ACL to lose"),
            (
                "DisassociateDistributionTenantWebACL",
                "a tenant has a web ACL of its own, and that of its distribution without it",
            ),
            (
                "UpdateWebACL, DeleteWebACL",
                "what a web ACL says is another resource; AWS WAF refuses to delete one that is used",
            ),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !is_one_of(event, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, distribution(event)?);
        let id = seen.name.clone();
        if is_one_of(event, REMOVALS) {
            return Ok(Some(seen.sign(NONE, Some(format!("the web ACL of distribution `{id}` was removed")))));
        }
        let unknown = match configuration(event) {
            Configured::Unseen => Some(UNSEEN.to_owned()),
            Configured::Disabled => None,
            Configured::Serves(config) => text(config, "webACLId")
                .is_none()
                .then(|| format!("distribution `{id}` has no web ACL; whether one was removed shows in no record")),
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
