//! S3-04: the public access block of a bucket blocks at least what it did.

use super::{BucketBlocks, PUT_BLOCK};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::s3::block::{Block, BlockSettings, Judged, judge};
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketPublicAccessBlockWeakened;

static ABOUT: About = About {
    name: "s3-bucket-public-access-block-weakened",
    catalogue_id: "S3-04",
    title: "The public access block of a bucket was deleted or weakened",
    description: "The public access block of a bucket was deleted, or blocks less than when it was last seen to be good. Where that was \
        never seen and a call deletes or weakens it, all four kinds of access should be blocked, as AWS blocks them for every new \
        bucket since April 2023. A bucket that a sweep finds without a block, and that was never seen with one, complies unless \
        `all` is set: it may serve a website. The account's block applies beside the bucket's, whichever is stricter.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[
        "S3.8",
        "CIS AWS Foundations 5.0.0/2.1.4",
        "Amazon Macie Policy:IAMUser/S3BlockPublicAccessDisabled",
        "GuardDuty Policy:S3/BucketBlockPublicAccessDisabled",
    ],
    technique: "T1562.007",
    triggers: &["DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"],
    remediation: "Writes the block with what it blocks now and what it blocked before; with all four kinds where that is unknown. The \
        bucket's policy and ACL stay as they are.",
    actions: &[PUT_BLOCK],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("CreateBucket", "AWS blocks public access to every new bucket"),
        ("PutBucketPolicy, PutBucketAcl", "what is public is another question than what is blocked"),
    ],
};

impl Guardrail<Held<Option<Block>>, Write<BucketBlocks>> for S3BucketPublicAccessBlockWeakened {
    type Settings = BlockSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Block>>, terms: &Terms<'_>) -> Verdict {
        match judge(held, &terms.settings(self), &format!("bucket `{}`", held.name)) {
            Judged::Good => Verdict::Compliant,
            Judged::Unknown(why) => Verdict::Undetermined { why },
            Judged::Weak { why, .. } => {
                let element = format!("public access block of {}", held.name);
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence: vec![Evidence { element, why }] })
            }
        }
    }

    fn plan(&self, held: &Held<Option<Block>>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<BucketBlocks>> {
        match judge(held, &terms.settings(self), &held.name) {
            Judged::Weak { wanted, .. } => put(held, Some(wanted), &[]),
            Judged::Good | Judged::Unknown(_) => Plan::default(),
        }
    }
}
