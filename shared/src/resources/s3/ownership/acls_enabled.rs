//! S3-13: a bucket whose ACLs are disabled keeps them disabled.

use super::{BucketOwnerships, Ownership, PUT_OWNERSHIP};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketAclsEnabled;

static ABOUT: About = About {
    name: "s3-bucket-acls-enabled",
    catalogue_id: "S3-13",
    title: "ACLs of a bucket were enabled",
    description: "A bucket's object ownership was changed from `BucketOwnerEnforced`: ACLs of the bucket and of each object count again, and \
        a writer from another account may own what it writes. A bucket that used ACLs when it was last seen complies; where that was \
        never seen, a call that enables them violates, since AWS disables them for every new bucket.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["S3.12"],
    technique: "T1222",
    triggers: &["DeleteBucketOwnershipControls", "PutBucketOwnershipControls"],
    remediation: "Sets object ownership to `BucketOwnerEnforced` again. S3 refuses that while the bucket's ACL grants something to others: \
        that is notified.",
    actions: &[PUT_OWNERSHIP],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("CreateBucket", "AWS disables ACLs of every new bucket unless its request says otherwise"),
        ("PutBucketAcl, PutObjectAcl", "S3 refuses ACLs while they are disabled"),
    ],
};

impl Guardrail<Held<Ownership>, Write<BucketOwnerships>> for S3BucketAclsEnabled {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Ownership>, _: &Terms<'_>) -> Verdict {
        let bucket = &held.name;
        if held.now == Ownership::BucketOwnerEnforced {
            return Verdict::Compliant;
        }
        let before = match &held.before {
            Observed::Known(Ownership::BucketOwnerEnforced) => "they were disabled",
            Observed::Known(_) => return Verdict::Compliant,
            Observed::Absent | Observed::Unknown { .. } if held.by_event => {
                "nothing says that they were enabled before"
            }
            Observed::Absent => return Verdict::Compliant,
            // A good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => {
                let why = format!("ACLs of bucket `{bucket}` are enabled; whether they were is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let now = held.now.word().unwrap_or("not configured");
        let why = format!("ACLs of bucket `{bucket}` are enabled (object ownership is {now}); {before}");
        let evidence = vec![Evidence { element: format!("object ownership of {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Ownership>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketOwnerships>> {
        put(held, Ownership::BucketOwnerEnforced, &[])
    }
}
