//! S3-12: the policy of a bucket denies requests without TLS.

use super::actions::{PolicyOf, TlsAction};
use super::statement::{requires_tls, with_own};
use super::{PUT, TlsPolicy};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct S3BucketTlsNotRequired;

/// When buckets are looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// Whether a bucket that was just made needs the statement at once. It is made without a policy, and who makes it writes one afterwards as a
    /// rule: without this, only the sweep asks whether one was written.
    pub new_buckets: bool,
}

impl GuardrailSettings for TlsSettings {}

static ABOUT: About = About {
    name: "s3-bucket-tls-not-required",
    catalogue_id: "S3-12",
    title: "The policy of a bucket does not require TLS",
    description: "The policy of a bucket does not deny requests without TLS: it was deleted, written without such a statement, or (with `new_buckets`) the \
        bucket was just made and has none. What counts is a Deny for every principal and every action of S3, on the bucket and on its objects, with \
        `aws:SecureTransport` as its one condition; one with `NotPrincipal`, `NotAction` or `NotResource` or with another condition lets some \
        requests through and does not count. A bucket that serves a website needs an exemption: the endpoints of websites have no TLS.",
    severity: Severity::Medium,
    class: Class::R2,
    controls: &["S3.5", "CIS AWS Foundations 5.0.0/2.1.1"],
    technique: "T1040",
    triggers: &["CreateBucket", "DeleteBucketPolicy", "PutBucketPolicy"],
    remediation: "Adds one statement with the Sid `ParapetDenyWithoutTls` to the policy as it stands, in the place of one that has this Sid; every \
        other statement stays as it is written. A bucket without a policy gets one. Needs `max_class: R2`, since it writes to every \
        bucket and shuts out a client that does not use TLS.",
    actions: &[PUT],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("PutAccessPointPolicy", "the bucket's policy decides on requests through an access point as well"),
        ("PutBucketWebsite", "that a bucket serves a website is a guardrail of its own"),
    ],
};

fn arn(bucket: &str, terms: &Terms<'_>) -> String {
    let partition = Some(terms.place.partition.as_str()).filter(|partition| !partition.is_empty()).unwrap_or("aws");
    format!("arn:{partition}:s3:::{bucket}")
}

impl Guardrail<TlsPolicy, TlsAction> for S3BucketTlsNotRequired {
    type Settings = TlsSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &TlsPolicy, terms: &Terms<'_>) -> Verdict {
        let settings = terms.policy.guardrails.settings::<TlsSettings>(ABOUT.name);
        if policy.is_new && policy.document.is_none() && !settings.new_buckets {
            return Verdict::Compliant;
        }
        let bucket = &policy.bucket;
        let requires =
            |text: &String| if policy.is_partial { Ok(false) } else { requires_tls(text, &arn(bucket, terms)) };
        let required = policy.document.as_ref().map(requires);
        let why = match required {
            Some(Ok(true)) => return Verdict::Compliant,
            Some(Ok(false)) => {
                format!("no statement of the policy of bucket `{bucket}` denies all requests without TLS")
            }
            Some(Err(why)) => {
                let why = format!("whether the policy of bucket `{bucket}` requires TLS is unknown: {why}");
                return Verdict::Undetermined { why };
            }
            None => format!("bucket `{bucket}` has no policy, so nothing denies requests without TLS"),
        };
        let evidence = vec![Evidence { element: format!("TLS of {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, policy: &TlsPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<TlsAction> {
        let bucket = &policy.bucket;
        // What is not known would be lost.
        if policy.is_partial {
            return Plan::default();
        }
        let Some(document) = with_own(policy.document.as_deref(), &arn(bucket, terms)) else { return Plan::default() };
        let of = |document: Option<String>| PolicyOf { bucket: bucket.clone(), document };
        Plan::one(TlsAction::Require(of(Some(document))), TlsAction::Restore(of(policy.document.clone())))
    }
}
