//! S3-13: what a bucket locks its new objects for stays as long and as strict as it was.

use super::state::{Lock, Mode};
use super::{BucketObjectLocks, PUT_LOCK};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketObjectLockWeakened;

static ABOUT: About = About {
    name: "s3-bucket-object-lock-weakened",
    catalogue_id: "S3-13",
    title: "The default retention of a bucket was weakened",
    description: "The default retention of a bucket's objects was removed or shortened since it was last seen to be good, or went from \
        `COMPLIANCE` to `GOVERNANCE`, or the default event hold was: objects that are written from now on can be deleted earlier, or by more \
        callers. Objects that are locked already stay locked. A call that leaves no default retention, of a bucket that was never seen, is \
        notified as undetermined.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["S3.15"],
    technique: "T1490",
    triggers: &["PutBucketObjectLockConfiguration", "PutObjectLockConfiguration"],
    remediation: "Writes the default retention of before, where that was in `GOVERNANCE` mode. In `COMPLIANCE` mode it only notifies: no principal can \
        delete before its end what is written under it. Objects that were written meanwhile keep what they got.",
    actions: &[PUT_LOCK],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("CreateBucket", "a bucket is made without a default retention"),
        ("PutObjectRetention, PutObjectLegalHold", "calls on objects, each of which has a retention of its own"),
    ],
};

impl Guardrail<Held<Lock>, Write<BucketObjectLocks>> for S3BucketObjectLockWeakened {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Lock>, _: &Terms<'_>) -> Verdict {
        let (bucket, now) = (&held.name, &held.now);
        let weaker = match &held.before {
            Observed::Known(before) => now.weaker_than(before),
            Observed::Absent if held.by_event && now.period.is_none() => {
                let why = format!("bucket `{bucket}` has no default retention; what it had was never seen");
                return Verdict::Undetermined { why };
            }
            Observed::Absent => return Verdict::Compliant,
            // A good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => {
                let why = format!("the object lock of bucket `{bucket}` is {now}; what it was is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let of = |what: String| Evidence {
            element: format!("object lock of {bucket}"),
            why: format!("bucket `{bucket}`: {what}"),
        };
        let evidence: Vec<Evidence> = weaker.into_iter().map(of).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Lock>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketObjectLocks>> {
        match held.before.known() {
            // What is written in compliance mode cannot be deleted by anybody until it ends: no guardrail decides on that.
            Some(before) if before.mode != Some(Mode::Compliance) => put(held, *before, &[]),
            Some(_) | None => Plan::default(),
        }
    }
}
