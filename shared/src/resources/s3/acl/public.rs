//! S3-03: the ACL of a bucket grants nothing to everybody.

use super::PUT_ACL;
use super::actions::{AclAction, revoking};
use super::state::{BucketAcl, Grant};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct S3BucketAclPublic;

static ABOUT: About = About {
    name: "s3-bucket-acl-public",
    catalogue_id: "S3-03",
    title: "The ACL of a bucket allows public access",
    description: "The ACL of a bucket grants something to `AllUsers`, which is everyone, or to `AuthenticatedUsers`, which is everyone with an \
        account of AWS: by a canned ACL such as `public-read`, by a grant in a header or by a document, as the bucket is made or later. To let \
        them write is critical. A bucket complies whose own public access block or whose account's ignores public ACLs, and one whose ACLs are \
        disabled (object ownership `BucketOwnerEnforced`); a standing ACL is judged again when the bucket's block is deleted or weakened.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[
        "S3.2",
        "S3.3",
        "S3.12",
        "IAM Access Analyzer AWS::S3::Bucket",
        "Amazon Macie Policy:IAMUser/S3BucketPublic",
        "GuardDuty Policy:S3/BucketAnonymousAccessGranted",
        "GuardDuty Policy:S3/BucketPublicAccessGranted",
    ],
    technique: "T1530",
    triggers: &["CreateBucket", "DeleteBucketPublicAccessBlock", "PutBucketAcl", "PutBucketPublicAccessBlock"],
    remediation: "Writes the ACL as it stands without the grants to the two groups: every other grant stays, such as the log delivery group's or \
        another account's, and so does the owner.",
    actions: &[PUT_ACL],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        (
            "PutObjectAcl",
            "a data event, and the ACL of an object: a trail records it only where data events are switched on",
        ),
        (
            "DeleteBucketOwnershipControls, PutBucketOwnershipControls",
            "S3 disables ACLs only of a bucket whose ACL grants nothing to others, so enabling them brings no grant back",
        ),
        (
            "DeleteAccountPublicAccessBlock, PutAccountPublicAccessBlock",
            "the account's block is a guardrail of its own",
        ),
    ],
};

fn is_at_fault(grant: &Grant) -> bool {
    grant.grantee.is_public()
}

impl Guardrail<BucketAcl, AclAction> for S3BucketAclPublic {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, acl: &BucketAcl, _: &Terms<'_>) -> Verdict {
        let bucket = &acl.bucket;
        let open: Vec<&Grant> = acl.grants.iter().filter(|grant| is_at_fault(grant)).collect();
        let is_ineffective = acl.ignored.known().or(acl.disabled.known()).is_some();
        if open.is_empty() || is_ineffective {
            return Verdict::Compliant;
        }
        let severity = if open.iter().any(|grant| grant.lets_write()) { Severity::Critical } else { ABOUT.severity };
        let of = |grant: &&Grant| Evidence {
            element: grant.element(bucket),
            why: format!("the ACL of bucket `{bucket}` grants {} to `{}`", grant.permission, grant.grantee),
        };
        Verdict::Violation(Violation { severity, evidence: open.iter().map(of).collect() })
    }

    fn plan(&self, acl: &BucketAcl, _: &Violation, _: &Terms<'_>) -> Plan<AclAction> {
        revoking(acl, is_at_fault)
    }

    fn remarks(&self, acl: &BucketAcl) -> Vec<String> {
        let why = match (&acl.disabled, &acl.ignored) {
            (Observed::Known(why), _) | (_, Observed::Known(why)) => {
                format!("public grants of the ACL are not effective: {why}")
            }
            (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => {
                format!("whether public grants of the ACL are effective is unknown: {why}")
            }
            (Observed::Absent, Observed::Absent) => return Vec::new(),
        };
        vec![why]
    }
}
