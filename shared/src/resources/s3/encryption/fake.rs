//! The default encryption of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketEncryptions;
use shared::resources::s3::encryption::state::{Encryption, Rule};

holding!(BucketEncryptions);

impl Fake for BucketEncryptions {
    /// The one element of `Rules` of `GetBucketEncryption`.
    fn answer(value: &Value) -> Encryption {
        let default = &value["ApplyServerSideEncryptionByDefault"];
        let types = value["BlockedEncryptionTypes"]["EncryptionType"].as_array().into_iter().flatten();
        Encryption {
            rule: Rule {
                algorithm: default["SSEAlgorithm"].as_str().unwrap().to_owned(),
                key: default["KMSMasterKeyID"].as_str().map(str::to_owned),
                bucket_key: value["BucketKeyEnabled"] == true,
            },
            blocked: types.map(|kind| kind.as_str().unwrap().to_owned()).collect(),
        }
    }

    fn line(encryption: &Encryption) -> String {
        encryption.to_string()
    }

    fn values() -> Vec<Encryption> {
        let rule = Rule { algorithm: "aws:kms".to_owned(), key: Some("k".to_owned()), bucket_key: true };
        vec![Encryption::default(), Encryption { rule, blocked: vec!["SSE-C".to_owned()] }]
    }
}
