//! S3-13: a bucket that serves no website goes on serving none.

use super::state::Website;
use super::{BucketWebsites, DELETE_WEBSITE, PUT_WEBSITE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketWebsiteEnabled;

static ABOUT: About = About {
    name: "s3-bucket-website-enabled",
    catalogue_id: "S3-13",
    title: "A bucket was made to serve a website",
    description: "A bucket was configured to serve its objects as a website, over an endpoint without TLS. A bucket that served one when it was \
        last seen complies, as does one that only redirects all requests to another host; where that was never seen, a call that makes it serve \
        one violates, and a sweep finds the buckets alone that it has seen without. What the website shows still depends on the \
        bucket's policy and ACL. A bucket that is to serve one needs an exemption.",
    severity: Severity::Medium,
    class: Class::R2,
    controls: &[],
    technique: "T1530",
    triggers: &["PutBucketWebsite"],
    remediation: "Deletes the website configuration, or writes the redirect of before; the bucket's objects, policy and ACL stay. Needs \
        `max_class: R2`, since its visitors notice it.",
    actions: &[PUT_WEBSITE, DELETE_WEBSITE],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("DeleteBucketWebsite", "a bucket without the configuration serves no website"),
        ("PutBucketPolicy, PutBucketAcl", "what is public is another question than by which endpoint it is served"),
    ],
};

fn serves(website: &Option<Website>) -> bool {
    website.as_ref().is_some_and(Website::serves_objects)
}

impl Guardrail<Held<Option<Website>>, Write<BucketWebsites>> for S3BucketWebsiteEnabled {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Website>>, _: &Terms<'_>) -> Verdict {
        let bucket = &held.name;
        if !serves(&held.now) {
            return Verdict::Compliant;
        }
        let before = match &held.before {
            Observed::Known(before) if serves(before) => return Verdict::Compliant,
            Observed::Known(_) => "it served none when it was last seen",
            Observed::Absent if held.by_event => "nothing says that it served one before",
            Observed::Absent => return Verdict::Compliant,
            // A good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => {
                let why = format!("bucket `{bucket}` serves a website; whether it did is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let why = format!("bucket `{bucket}` serves its objects as a website; {before}");
        let evidence = vec![Evidence { element: format!("website of {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Website>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketWebsites>> {
        put(held, held.before.known().cloned().flatten(), &[])
    }
}
