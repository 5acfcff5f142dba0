//! The planned lens: where a file replicates a bucket to.
//!
//! Sources: "AWS::S3::Bucket ReplicationDestination" in the CloudFormation user guide; `aws_s3_bucket_replication_configuration` of Terraform's
//! provider.

use super::{Destination, name_of};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::NAMES;
use crate::resources::s3::rules::{Rule, Rules};

pub(super) const FORMS: &[PlannedForm<Rules<Destination>>] = &[
    PlannedForm::one("AWS::S3::Bucket", |it| {
        planned(it, "ReplicationConfiguration.Rules", ["Id", "Status", "Destination.Bucket", "Destination.Account"])
    }),
    PlannedForm::one("aws_s3_bucket", |it| {
        if it.is_left_out("replication_configuration") {
            return Ok(None);
        }
        let names = ["id", "status", "destination.bucket", "destination.account_id"];
        planned(it, "replication_configuration.rules", names)
    }),
    PlannedForm::one("aws_s3_bucket_replication_configuration", |it| {
        planned(it, "rule", ["id", "status", "destination.bucket", "destination.account"])
    }),
];

fn planned(it: &PlannedResource<'_>, path: &str, names: [&str; 4]) -> Result<Option<Rules<Destination>>, Unreadable> {
    let rules = it.parts(path)?;
    let rules: Vec<_> = rules.iter().map(|rule| ruled(rule, names)).collect::<Result<_, _>>()?;
    Ok((!rules.is_empty()).then(|| Rules { bucket: it.named(NAMES), rules }))
}

fn ruled(rule: &PlannedResource<'_>, names: [&str; 4]) -> Result<Rule<Destination>, Unreadable> {
    let [id, status, bucket, account] = names;
    let id = rule.text(id).ok().flatten().unwrap_or_else(|| "without an id".to_owned());
    let is_enabled = rule.text(status)?.as_deref() == Some("Enabled");
    let account = rule.text(account)?;
    let unsaid = || Observed::Unknown { why: "the file does not say whose the destination is".to_owned() };
    let (bucket, is_own) = match rule.text(bucket) {
        // What a file makes is in its own account.
        _ if rule.is_made_beside_it(bucket) => ("a bucket of the file".to_owned(), Observed::Known(true)),
        Ok(named) => (named.ok_or("a rule names no destination")?, unsaid()),
        Err(why) => ("a bucket".to_owned(), Observed::Unknown { why: why.to_string() }),
    };
    let says = Destination { bucket: name_of(&bucket).to_owned(), account, is_own };
    Ok(Rule { id, is_enabled, says })
}
