//! RES-15: a distribution reaches a bucket by an origin access control.
//!
//! Without one (or the identity that came before it) CloudFront asks as a stranger does, and the bucket has to be public to be served. The website
//! endpoint of a bucket takes neither: it is an origin like any other server ("Restrict access to an Amazon S3 origin", developer guide).

use super::record::{
    CHANGES, Configured, IDS, UNSEEN, configuration, distribution, is_disabled, is_given, is_one_of, items, named,
    text, within,
};
use crate::engine::notice::prelude::*;
use serde_json::Value;

/// Changes of how distributions reach buckets.
pub type OriginAccesses = Notices<OriginAccess>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OriginAccess;

impl Notice for OriginAccess {
    type Settings = NoSettings;

    const KIND: &'static str = "cloudfront-origin-access";
    const ABOUT: &'static About = &About {
        name: "cloudfront-origin-access-missing",
        catalogue_id: "RES-15",
        title: "A CloudFront distribution reaches a bucket without origin access control",
        description: "A distribution was made or changed so that an origin that is a bucket has neither an origin access control nor an origin access identity: \
            the bucket has to be public for it, and a client that knows it goes past CloudFront. The website endpoint of a bucket, which takes neither, complies, and \
            so does a distribution that is disabled.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["CloudFront.13"],
        technique: "T1530",
        triggers: CHANGES,
        remediation: "Notifies: a change writes the whole configuration of the distribution and is rolled out for minutes, and which access control the bucket's policy lets \
            in is not in the record. What is public of the bucket is for the guardrails on it.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("DeleteOriginAccessControl", "CloudFront refuses it for one that a distribution uses"),
            (
                "UpdateOriginAccessControl",
                "it says how requests are signed: one that signs none is refused by the bucket's policy",
            ),
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
        let id = seen.name.clone();
        Ok(Some(items(config, "origins").iter().fold(seen, |seen, origin| {
            let (name, domain) =
                (text(origin, "id").unwrap_or("unknown"), text(origin, "domainName").unwrap_or_default());
            if is_open(origin, domain) { reached(seen, &id, domain, name) } else { seen }
        })))
    }

    fn named(id: &str, place: &Place) -> Resource {
        named(id, place)
    }
}

fn reached(seen: Noticed, id: &str, domain: &str, name: &str) -> Noticed {
    let why = format!("distribution `{id}` reaches bucket `{domain}` (origin `{name}`) without origin access control");
    seen.sign(&format!("origin {name}"), Some(why))
}

fn planned(it: &PlannedResource<'_>) -> Result<Option<Noticed>, Unreadable> {
    let mut seen = Noticed::planned(it.name);
    if is_disabled(it)? {
        return Ok(Some(seen));
    }
    for origin in it.parts(&within(it, "Origins", "origin"))? {
        let name = origin.named(&["Id", "origin_id"]);
        seen = match bucket(&origin) {
            Ok(Some(domain)) => reached(seen, it.name, &domain, &name),
            Ok(None) => seen,
            Err(open) => Noticed { unknown: Some(format!("origin `{name}`: {open}")), ..seen },
        };
    }
    Ok(Some(seen))
}

/// How templates and plans call the name of a load balancer or of a website: no bucket's.
const OTHER_NAMES: [&str; 4] = [".DNSName`", ".WebsiteURL`", ".dns_name`", ".website_endpoint`"];

/// The bucket that a planned origin reaches as a stranger. Whose domain is known at deployment only is a bucket unless it has the settings of another server, and
/// goes by the origin's name.
fn bucket(origin: &PlannedResource<'_>) -> Result<Option<String>, Unreadable> {
    let domain = origin.text(origin.called("DomainName", "domain_name"));
    if domain.as_ref().is_ok_and(|domain| !is_bucket(domain.as_deref().unwrap_or_default())) {
        return Ok(None);
    }
    let identity = origin.called("S3OriginConfig.OriginAccessIdentity", "s3_origin_config.origin_access_identity");
    for property in [origin.called("OriginAccessControlId", "origin_access_control_id"), identity] {
        if is_given(origin, property)? {
            return Ok(None);
        }
    }
    match domain {
        Ok(domain) => Ok(domain),
        Err(open) if is_given(origin, origin.called("CustomOriginConfig", "custom_origin_config"))? => {
            let is_other = OTHER_NAMES.iter().any(|name| open.to_string().contains(name));
            if is_other { Ok(None) } else { Err(open) }
        }
        Err(_) => Ok(Some(origin.named(&["Id", "origin_id"]))),
    }
}

fn is_open(origin: &Value, domain: &str) -> bool {
    let is_controlled = text(origin, "originAccessControlId").is_some()
        || text(&origin["s3OriginConfig"], "originAccessIdentity").is_some();
    is_bucket(domain) && !is_controlled
}

/// `orders.s3.amazonaws.com`, `orders.s3.eu-central-1.amazonaws.com`, `orders.s3-eu-west-1.amazonaws.com`, not `orders.s3-website...`.
fn is_bucket(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let rest = domain.strip_suffix(".amazonaws.com").or_else(|| domain.strip_suffix(".amazonaws.com.cn"));
    let after = rest.and_then(|rest| rest.split_once(".s3")).map(|(_, after)| after);
    after.is_some_and(|after| {
        after.is_empty() || after.starts_with('.') || (after.starts_with('-') && !after.starts_with("-website"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("orders.s3.amazonaws.com", true)]
    #[case("orders.s3.eu-central-1.amazonaws.com", true)]
    #[case("Orders.S3-eu-west-1.amazonaws.com", true)]
    #[case("my.orders.s3.cn-north-1.amazonaws.com.cn", true)]
    #[case("orders.s3-website.eu-central-1.amazonaws.com", false)]
    #[case("orders.s3-website-us-east-1.amazonaws.com", false)]
    #[case("d111111abcdef8.cloudfront.net", false)]
    #[case("orders.execute-api.eu-central-1.amazonaws.com", false)]
    #[case("orders.s3.example.com", false)]
    #[case("", false)]
    fn a_bucket_is_known_by_its_domain(#[case] domain: &str, #[case] expected: bool) {
        assert_eq!(is_bucket(domain), expected);
    }
}
