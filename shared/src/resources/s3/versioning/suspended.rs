//! S3-08: what a bucket keeps of overwritten and deleted objects it goes on keeping.

use super::{BucketVersionings, PUT_VERSIONING, Status, Versioning};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketVersioningSuspended;

static ABOUT: About = About {
    name: "s3-bucket-versioning-suspended",
    catalogue_id: "S3-08",
    title: "The versioning of a bucket was suspended",
    description: "A bucket's versioning was suspended: what is overwritten or deleted from now on cannot be restored. Or MFA delete was \
        switched off, so that a caller without root's device can delete versions. A bucket whose versioning was suspended already \
        when it was last seen complies, and a sweep finds the buckets alone that it has seen with it.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["S3.14", "S3.20", "CIS AWS Foundations 5.0.0/2.1.2"],
    technique: "T1490",
    triggers: &["PutBucketVersioning"],
    remediation: "Enables versioning. MFA delete is never changed: S3 lets root alone do that, with its device, and refuses every change of \
        a bucket's versioning without it where it is on; these are notified.",
    actions: &[PUT_VERSIONING],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("PutBucketLifecycle", "it may expire versions: what it says is another setting"),
        ("DeleteObject, DeleteObjects with a version", "calls on objects"),
    ],
};

/// Why versioning should be enabled; none where it need not be.
fn suspended(held: &Held<Versioning>) -> Result<Option<&'static str>, String> {
    match (&held.before, held.now.status) {
        (_, Status::Enabled) => Ok(None),
        (Observed::Known(before), _) if before.status == Status::Enabled => Ok(Some("it was enabled")),
        (Observed::Known(_), _) => Ok(None),
        (Observed::Absent | Observed::Unknown { .. }, Status::Suspended) if held.by_event => {
            Ok(Some("nothing says that it was suspended before"))
        }
        (Observed::Absent, _) => Ok(None),
        // A good state may have been kept, and this one must not take its place.
        (Observed::Unknown { why }, _) => Err(format!(
            "versioning of bucket `{}` is off; whether it was on when last seen is unknown: {why}",
            held.name
        )),
    }
}

fn lost_mfa_delete(held: &Held<Versioning>) -> bool {
    let had = held.before.known().is_some_and(|before| before.mfa_delete == Some(true));
    had && held.now.mfa_delete == Some(false)
}

impl Guardrail<Held<Versioning>, Write<BucketVersionings>> for S3BucketVersioningSuspended {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Versioning>, _: &Terms<'_>) -> Verdict {
        let bucket = &held.name;
        let off = match suspended(held) {
            Ok(off) => off,
            Err(why) => return Verdict::Undetermined { why },
        };
        let off = off.map(|before| Evidence {
            element: format!("versioning of {bucket}"),
            why: format!("versioning of bucket `{bucket}` is suspended; {before}"),
        });
        let mfa = lost_mfa_delete(held).then(|| Evidence {
            element: format!("MFA delete of {bucket}"),
            why: format!("MFA delete of bucket `{bucket}` is off; only root can switch it on again, with its device"),
        });
        let evidence: Vec<Evidence> = off.into_iter().chain(mfa).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Versioning>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketVersionings>> {
        match suspended(held) {
            Ok(Some(_)) => put(held, Versioning { status: Status::Enabled, ..held.now }, &[]),
            Ok(None) | Err(_) => Plan::default(),
        }
    }
}
