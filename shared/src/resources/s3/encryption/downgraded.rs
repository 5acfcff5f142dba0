//! S3-07: a bucket's objects are encrypted with at least the kind of key that they were.

use super::state::{Encryption, RULE};
use super::{BucketEncryptions, PUT_ENCRYPTION};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketEncryptionDowngraded;

static ABOUT: About = About {
    name: "s3-bucket-encryption-downgraded",
    catalogue_id: "S3-07",
    title: "The default encryption of a bucket was removed or downgraded",
    description: "New objects of a bucket are encrypted with a weaker kind of key than when it was last seen to be good: with Amazon S3's \
        own keys in place of KMS, or with the KMS key that AWS manages in place of a customer managed one. S3 encrypts every object \
        since 2023, so a deleted configuration means Amazon S3's own keys. Another key of the same kind complies; one of another \
        account is `s3-bucket-encrypted-with-foreign-key`'s. Objects that stand keep their encryption.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["S3.17"],
    technique: "T1562",
    triggers: &["DeleteBucketEncryption", "PutBucketEncryption"],
    remediation: "Writes the default encryption of before, with its key and whether it uses a bucket key. Without a last known good state \
        it is unknown whether it was stronger.",
    actions: &[PUT_ENCRYPTION],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("CreateBucket", "a new bucket has no encryption to lose"),
        ("PutObject, CopyObject", "calls on objects: the default holds where the request names no other"),
    ],
};

impl Guardrail<Held<Encryption>, Write<BucketEncryptions>> for S3BucketEncryptionDowngraded {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Encryption>, _: &Terms<'_>) -> Verdict {
        let (bucket, now) = (&held.name, &held.now.rule);
        let before = match &held.before {
            Observed::Known(before) => &before.rule,
            // The strongest that there is cannot be weaker than it was.
            _ if now.strength() >= 3 => return Verdict::Compliant,
            Observed::Absent if held.by_event && *now == Encryption::default().rule => {
                let why = format!("bucket `{bucket}` is encrypted with {now}; what it was before was never seen");
                return Verdict::Undetermined { why };
            }
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => {
                let why = format!("bucket `{bucket}` is encrypted with {now}; what it was before is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        if now.strength() >= before.strength() {
            return Verdict::Compliant;
        }
        let why = format!("bucket `{bucket}` is encrypted with {now}; it was with {before}");
        let evidence = vec![Evidence { element: format!("default encryption of {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Encryption>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketEncryptions>> {
        match &held.before {
            Observed::Known(before) => put(held, Encryption { rule: before.rule.clone(), ..held.now.clone() }, &[RULE]),
            Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
