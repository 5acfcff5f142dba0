//! The default encryption of buckets.

use super::state::{Encryption, Rule};
use super::{BucketEncryptions, GET_ENCRYPTION};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unbuilt, unset};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::{
    BlockedEncryptionTypes, EncryptionType, ServerSideEncryption, ServerSideEncryptionByDefault,
    ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};

impl Observe<BucketEncryptions> for S3 {
    async fn observe(&self, key: &Of<Encryption>, _: ReadDepth) -> Result<Observed<Held<Encryption>>, ReadError> {
        match self.client.get_bucket_encryption().bucket(&key.name).send().await {
            Ok(answer) => {
                let configuration = answer.server_side_encryption_configuration;
                let rule = configuration.as_ref().and_then(|configuration| configuration.rules().first());
                Ok(Observed::Known(Held::of(key, rule.map(encryption).unwrap_or_default())))
            }
            Err(error) => unset(failure(&error), key, Encryption::default(), GET_ENCRYPTION.action),
        }
    }
}

impl Apply<Write<BucketEncryptions>> for S3 {
    async fn apply(&self, action: &Write<BucketEncryptions>) -> Result<Applied, ApplyError> {
        let configuration = configuration(&action.value)?;
        let call = self.client.put_bucket_encryption().bucket(&action.name);
        done(call.server_side_encryption_configuration(configuration).send().await, action.permission())
    }
}

fn encryption(rule: &ServerSideEncryptionRule) -> Encryption {
    let kinds = rule.blocked_encryption_types().map(|types| types.encryption_type()).unwrap_or_default();
    let blocked = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    let default = rule.apply_server_side_encryption_by_default();
    let rule = default.map(|default| Rule {
        algorithm: default.sse_algorithm().as_str().to_owned(),
        key: default.kms_master_key_id().map(str::to_owned),
        bucket_key: rule.bucket_key_enabled() == Some(true),
    });
    Encryption { rule: rule.unwrap_or_default(), blocked }
}

fn configuration(encryption: &Encryption) -> Result<ServerSideEncryptionConfiguration, ApplyError> {
    let Encryption { rule, blocked } = encryption;
    let default = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::from(rule.algorithm.as_str()))
        .set_kms_master_key_id(rule.key.clone())
        .build()
        .map_err(|error| unbuilt(&error))?;
    let kinds: Vec<EncryptionType> = blocked.iter().map(|kind| EncryptionType::from(kind.as_str())).collect();
    let types = BlockedEncryptionTypes::builder().set_encryption_type(Some(kinds)).build();
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(default)
        .bucket_key_enabled(rule.bucket_key)
        .set_blocked_encryption_types((!blocked.is_empty()).then_some(types))
        .build();
    ServerSideEncryptionConfiguration::builder().rules(rule).build().map_err(|error| unbuilt(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let rule = Rule { algorithm: "aws:kms".to_owned(), key: Some("k".to_owned()), bucket_key: true };
        for blocked in [vec![], vec!["SSE-C".to_owned()]] {
            let value = Encryption { rule: rule.clone(), blocked };
            let written = configuration(&value).unwrap();
            assert_eq!(written.rules().first().map(encryption), Some(value));
        }
    }
}
