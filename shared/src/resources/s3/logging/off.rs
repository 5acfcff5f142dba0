//! S3-09: access to a bucket goes on being logged.

use super::state::Logging;
use super::{BucketLoggings, PUT_LOGGING};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketLoggingOff;

static ABOUT: About = About {
    name: "s3-bucket-logging-off",
    catalogue_id: "S3-09",
    title: "Server access logging of a bucket was switched off",
    description: "Server access logging of a bucket was switched off, and it was on when it was last seen to be good. Where that was never \
        seen, it is unknown whether it was on. A bucket that logs to another place complies: where logs belong is the account's to \
        say. Amazon S3 does not say who logs through CloudTrail's data events instead: exempt such a bucket.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["S3.9", "CloudTrail.7"],
    technique: "T1562.008",
    triggers: &["PutBucketLogging"],
    remediation: "Writes the last known good configuration: target bucket and prefix, the form of the keys, and grants. Without one it only \
        notifies.",
    actions: &[PUT_LOGGING],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        (
            "DeleteBucket, PutBucketPolicy of the target bucket",
            "logging stays on and cannot deliver: another bucket was changed",
        ),
        ("CreateBucket", "a new bucket has no logging to lose"),
    ],
};

impl Guardrail<Held<Option<Logging>>, Write<BucketLoggings>> for S3BucketLoggingOff {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Logging>>, _: &Terms<'_>) -> Verdict {
        let bucket = &held.name;
        let off = format!("server access logging of bucket `{bucket}` is off");
        let before = match held.taken_away() {
            Ok(Some(before)) => before,
            Ok(None) => return Verdict::Compliant,
            Err(why) => return Verdict::Undetermined { why: format!("{off}; {why}") },
        };
        let why = format!("{off}; access was logged to `{before}`");
        let evidence = vec![Evidence { element: format!("server access logging of {bucket}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Logging>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<BucketLoggings>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
