//! S3-03: the ACL of a bucket grants nothing to another account that policy does not name.

use super::PUT_ACL;
use super::actions::{AclAction, revoking};
use super::state::{BucketAcl, Grant, Grantee};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct S3BucketAclUntrusted;

/// Which accounts an ACL may name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AclSettings {
    /// Canonical user ids of other accounts that ACLs of buckets may name. S3 does not say which account a canonical user is, so
    /// `trusted_accounts` cannot be asked; `aws s3api list-buckets --query Owner.ID`, called in the other account, shows its own.
    pub allowed_canonical_users: Vec<String>,
}

impl GuardrailSettings for AclSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_canonical_users", entries: &self.allowed_canonical_users, holds: USERS }]
    }
}

const USERS: Holds = Holds {
    shapes: Holds::NAME,
    form: "a canonical user id of 64 characters, not an account",
    everything: Some("allows every account: the guardrail finds nothing"),
};

/// `awslogsdelivery`, to whom CloudFront's standard logging (legacy) gives itself access to the bucket of the logs; the second one in China.
/// Source: "Configure standard logging (legacy)", CloudFront developer guide.
const LOGS_OF_CLOUDFRONT: [&str; 2] = [
    "c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0",
    "a52cb28745c0c06e84ec548334e44bfa7fc2a85c54af20cd59e4969344b7af56",
];

static ABOUT: About = About {
    name: "s3-bucket-acl-untrusted",
    catalogue_id: "S3-03",
    title: "The ACL of a bucket names an account that is not allowed",
    description: "The ACL of a bucket grants something to a canonical user that is neither the bucket's owner nor among \
        `allowed_canonical_users`: another account, which S3 does not name. CloudFront's log delivery is allowed, and so is the log delivery \
        group of S3. A bucket whose ACLs are disabled complies. What an ACL grants to everyone is another guardrail's.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["S3.12", "IAM Access Analyzer AWS::S3::Bucket", "Amazon Macie Policy:IAMUser/S3BucketSharedExternally"],
    technique: "T1530",
    triggers: &["CreateBucket", "PutBucketAcl"],
    remediation: "Writes the ACL as it stands without the grants to these users: every other grant stays, and so does the owner. Needs \
        `max_class: R2`, since a partner may be using it.",
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
            "DeleteBucketPublicAccessBlock, PutBucketPublicAccessBlock",
            "a public access block stands before grants to everyone alone, not before those to an account",
        ),
    ],
};

/// Whether a grant violates; an error where that does not show.
fn is_untrusted(acl: &BucketAcl, grant: &Grant, allowed: &[String]) -> Result<bool, String> {
    let whose =
        |name: &str| format!("whether `{name}` is the owner of bucket `{}` does not show in the record", acl.bucket);
    match &grant.grantee {
        Grantee::Group(_) => Ok(false),
        Grantee::Email(address) => Err(whose(address)),
        Grantee::User(id) if LOGS_OF_CLOUDFRONT.contains(&id.as_str()) => Ok(false),
        Grantee::User(id) if allowed.iter().any(|pattern| matches_pattern(pattern, id)) => Ok(false),
        Grantee::User(id) => acl.owner.as_ref().map(|owner| owner != id).ok_or_else(|| whose(id)),
    }
}

impl Guardrail<BucketAcl, AclAction> for S3BucketAclUntrusted {
    type Settings = AclSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, acl: &BucketAcl, terms: &Terms<'_>) -> Verdict {
        let (bucket, settings) = (&acl.bucket, terms.settings(self));
        if acl.disabled.known().is_some() {
            return Verdict::Compliant;
        }
        let (mut evidence, mut unknown) = (Vec::new(), None);
        for grant in &acl.grants {
            match is_untrusted(acl, grant, &settings.allowed_canonical_users) {
                Ok(false) => {}
                Ok(true) => evidence.push(Evidence {
                    element: grant.element(bucket),
                    why: format!(
                        "the ACL of bucket `{bucket}` grants {} to canonical user `{}`, which is not allowed",
                        grant.permission, grant.grantee
                    ),
                }),
                Err(why) => unknown = Some(why),
            }
        }
        match (evidence.is_empty(), unknown) {
            (false, _) => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            (true, Some(why)) => Verdict::Undetermined { why },
            (true, None) => Verdict::Compliant,
        }
    }

    fn plan(&self, acl: &BucketAcl, _: &Violation, terms: &Terms<'_>) -> Plan<AclAction> {
        let settings = terms.settings(self);
        revoking(acl, |grant| is_untrusted(acl, grant, &settings.allowed_canonical_users) == Ok(true))
    }
}
