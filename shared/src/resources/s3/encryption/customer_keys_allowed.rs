//! S3-14: a bucket that refused keys which callers bring along goes on refusing them.

use super::state::{BLOCKED, CUSTOMER_KEYS, Encryption};
use super::{BucketEncryptions, PUT_ENCRYPTION};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::s3::document::{Held, Write, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct S3CustomerKeysAllowed;

/// Which buckets take keys that callers bring along.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CustomerKeysSettings {
    /// Names of the buckets whose objects may be encrypted so; `*` and `?` match as in IAM.
    pub allowed_buckets: Vec<String>,
}

impl GuardrailSettings for CustomerKeysSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_buckets", entries: &self.allowed_buckets, holds: BUCKETS }]
    }
}

const BUCKETS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a bucket, not its ARN",
    everything: Some("allows every bucket: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "s3-bucket-customer-keys-allowed",
    catalogue_id: "S3-14",
    title: "A bucket lets objects be encrypted with keys that callers bring along again",
    description: "A call switched off the block of customer-provided keys (SSE-C) of a bucket, or the block is gone that stood when the \
        bucket was last seen to be good. AWS blocks them for new buckets since April 2026. Ransomware encrypts a bucket's objects with \
        such a key, which AWS does not keep. A bucket that was never seen with the block complies until a call says `NONE`; \
        `allowed_buckets` names the buckets that use such keys.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1486",
    triggers: &["PutBucketEncryption", "DeleteBucketEncryption"],
    remediation: "Blocks SSE-C again. The bucket's default encryption stays as it is, and so do objects that stand.",
    actions: &[PUT_ENCRYPTION],
    ids: &["arn:%:s3:::%"],
    not_watched: &[("PutObject, CopyObject", "calls on objects, which S3 refuses once such keys are blocked")],
};

impl Guardrail<Held<Encryption>, Write<BucketEncryptions>> for S3CustomerKeysAllowed {
    type Settings = CustomerKeysSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Encryption>, terms: &Terms<'_>) -> Verdict {
        let (bucket, settings) = (&held.name, terms.settings(self));
        let is_allowed = settings.allowed_buckets.iter().any(|pattern| matches_pattern(pattern, bucket));
        if held.now.blocks_customer_keys() || is_allowed {
            return Verdict::Compliant;
        }
        let before = match &held.before {
            Observed::Known(before) if before.blocks_customer_keys() => "they were blocked",
            Observed::Known(_) => return Verdict::Compliant,
            Observed::Absent | Observed::Unknown { .. } if held.by_event && !held.now.blocked.is_empty() => {
                "the call says `NONE`, and nothing says that they were allowed before"
            }
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => {
                let why = format!("bucket `{bucket}` does not block SSE-C; whether it did before is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let why = format!("bucket `{bucket}` lets objects be encrypted with customer-provided keys (SSE-C); {before}");
        let evidence = vec![Evidence { element: format!("SSE-C in {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Encryption>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketEncryptions>> {
        put(held, Encryption { blocked: vec![CUSTOMER_KEYS.to_owned()], ..held.now.clone() }, &[BLOCKED])
    }
}
