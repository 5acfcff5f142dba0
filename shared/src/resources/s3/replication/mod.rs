//! The replication of a bucket: S3-11.
//!
//! Sources: "PutBucketReplication", "Destination" in the Amazon S3 API reference: `Account` stands beside the destination's ARN only where the
//! replicas are to belong to that account, so whether a bucket is the account's own shows among its buckets.

#[cfg(feature = "s3")]
pub(crate) mod client;
mod planned;
pub mod to_untrusted;

use super::LIST_BUCKETS;
use super::record::{S3, bucket_name, bucket_resource, document, list, text};
use super::rules::{BucketRef, Rule, Ruled, Rules, Switch};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use to_untrusted::S3BucketReplicatedToUntrusted;

pub(crate) const GET_REPLICATION: Permission = Permission::on("s3:GetReplicationConfiguration", &["s3:::*"]);
pub(crate) const PUT_REPLICATION: Permission = Permission::on("s3:PutReplicationConfiguration", &["s3:::*"]);
/// S3 asks for it of the caller who writes the configuration that names a role.
pub(crate) const PASS_ROLE: Permission =
    Permission::on("iam:PassRole", &["iam::${Account}:role/*"]).when("iam:PassedToService", "s3.amazonaws.com");

/// The family of the replication of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketReplications;

/// Where a rule replicates to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The bucket's name.
    pub bucket: String,
    /// `Account`, where the rule names it.
    pub account: Option<String>,
    /// Whether the bucket is one of the account's, where the rule names no account.
    pub is_own: Observed<bool>,
}

/// The name in the ARN of a bucket.
pub(crate) fn name_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

impl Ruled for BucketReplications {
    const RULES: &'static str = "replication rule";
    const PUT: Permission = PUT_REPLICATION;
    const READ: &'static str = "get-bucket-replication";
    const WRITE: (&'static str, &'static str) = ("put-bucket-replication", "--replication-configuration");
    const QUERY: (&'static str, &'static str) = ("ReplicationConfiguration.", "Role: Role, ");
}

impl Family for BucketReplications {
    type Key = BucketRef;
    type State = Rules<Destination>;
    type Action = Switch<Self>;

    fn kind(&self) -> &'static str {
        "s3-bucket-replication"
    }

    /// Whose a destination is shows among the account's buckets.
    fn reads(&self) -> &'static [Permission] {
        &[GET_REPLICATION, LIST_BUCKETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PUT_REPLICATION, PASS_ROLE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Rules<Destination>>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![S3BucketReplicatedToUntrusted];

    /// A request need not name its rules, by whose ids they are switched: they are read.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(S3, &["PutBucketReplication"]) {
            return Ok(Vec::new());
        }
        Ok(vec![Target { key: BucketRef { bucket: bucket_name(event)? }, proven: None, changed: None }])
    }

    fn claimed(&self, event: &Event, key: &BucketRef) -> Option<Rules<Destination>> {
        let configuration = document(event, "ReplicationConfiguration")?;
        let rules = list(configuration, "Rule").into_iter().map(|rule| {
            let destination = rule.get("Destination")?;
            let account = text(destination, "Account").map(str::to_owned);
            let is_own = Observed::Unknown { why: "a record does not say whose the destination is".to_owned() };
            let says = Destination { bucket: name_of(text(destination, "Bucket")?).to_owned(), account, is_own };
            let id = text(rule, "ID").unwrap_or("without an id").to_owned();
            Some(Rule { id, is_enabled: text(rule, "Status") == Some("Enabled"), says })
        });
        // A rule that cannot be read may be the one that matters.
        Some(Rules { bucket: key.bucket.clone(), rules: rules.collect::<Option<_>>()? })
    }

    fn focus(&self, _: &mut Rules<Destination>, _: &TargetOf<Self>) {}

    fn resource(&self, key: &BucketRef, _: Option<&Rules<Destination>>, place: &Place) -> Resource {
        bucket_resource(&key.bucket, place)
    }
}
