//! The planned lens: the default encryption that a file sets.

use super::state::{Encryption, Rule};
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::NAMES;
use crate::resources::s3::document::Held;

pub(super) const FORMS: &[PlannedForm<Held<Encryption>>] = &[
    PlannedForm::one("AWS::S3::Bucket", |it| planned(it, "BucketEncryption.ServerSideEncryptionConfiguration")),
    PlannedForm::one("aws_s3_bucket", |it| {
        if it.is_left_out("server_side_encryption_configuration") {
            return Ok(None);
        }
        planned(it, "server_side_encryption_configuration.rule")
    }),
    PlannedForm::one("aws_s3_bucket_server_side_encryption_configuration", |it| planned(it, "rule")),
];

/// A bucket that does not say it is encrypted with Amazon S3's own keys.
fn planned(it: &PlannedResource<'_>, rules: &str) -> Result<Option<Held<Encryption>>, Unreadable> {
    let rules = it.parts(rules)?;
    let encryption = rules.first().map(encryption).transpose()?;
    Ok(encryption.map(|now| {
        // What a file asks for is held against what was before only where it allows customer-provided keys: AWS blocks them in a new bucket.
        let by_event = !now.blocked.is_empty() && !now.blocks_customer_keys();
        Held { by_event, ..Held::set_by(it, NAMES, now) }
    }))
}

fn encryption(rule: &PlannedResource<'_>) -> Result<Encryption, Unreadable> {
    let [default, algorithm, key, bucket_key, blocked] = if rule.is_terraform() {
        let default = "apply_server_side_encryption_by_default";
        [default, "sse_algorithm", "kms_master_key_id", "bucket_key_enabled", "blocked_encryption_types"]
    } else {
        let default = "ServerSideEncryptionByDefault";
        [default, "SSEAlgorithm", "KMSMasterKeyID", "BucketKeyEnabled", "BlockedEncryptionTypes.EncryptionType"]
    };
    let is_computed = rule.is_terraform() && rule.is_left_out(blocked);
    let blocked = if is_computed { Vec::new() } else { rule.texts(blocked)? };
    // A bucket key changes what the key costs, and nothing that is judged.
    let bucket_key = rule.flag(bucket_key).ok().flatten().unwrap_or_default();
    let Some(default) = rule.parts(default)?.into_iter().next() else {
        return Ok(Encryption { rule: Rule { bucket_key, ..Rule::default() }, blocked });
    };
    let algorithm = default.text(algorithm)?.unwrap_or_else(|| Rule::default().algorithm);
    let key = if default.is_made_beside_it(key) { Some(OWN.to_owned()) } else { default.text(key)? };
    Ok(Encryption { rule: Rule { algorithm, key, bucket_key }, blocked })
}

const OWN: &str = "a key of the template";
