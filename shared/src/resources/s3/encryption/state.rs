//! What a bucket encrypts its objects with.

use crate::engine::arn::arn_part;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// The part of the configuration that says which key is used.
pub(crate) const RULE: &str = "rule";
/// The part that says which kinds of encryption are refused.
pub(crate) const BLOCKED: &str = "blocked";

/// `EncryptionType` of keys that callers bring along.
pub const CUSTOMER_KEYS: &str = "SSE-C";

/// The default encryption of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// What objects are encrypted with.
    pub rule: Rule,
    /// `BlockedEncryptionTypes`: `SSE-C`, or `NONE`.
    pub blocked: Vec<String>,
}

/// `ApplyServerSideEncryptionByDefault`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub algorithm: String,
    /// `KMSMasterKeyID`: an id, an alias or an ARN; the key that AWS manages without it.
    pub key: Option<String>,
    /// `BucketKeyEnabled`
    pub bucket_key: bool,
}

/// SSE-S3, as of every bucket of which nothing else is said.
impl Default for Rule {
    fn default() -> Self {
        Self { algorithm: "AES256".to_owned(), key: None, bucket_key: false }
    }
}

impl Rule {
    /// How much it asks of a caller who reads an object; a customer managed key more than one of AWS.
    #[must_use]
    pub fn strength(&self) -> u8 {
        let is_managed = self.key.as_deref().is_none_or(|key| key.ends_with("alias/aws/s3"));
        match self.algorithm.as_str() {
            "aws:kms" | "aws:kms:dsse" if is_managed => 1,
            "aws:kms" => 2,
            "aws:kms:dsse" => 3,
            _ => 0,
        }
    }

    /// The account of the key, where its name says it.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        arn_part(self.key.as_deref()?, 4)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.key, self.algorithm.as_str()) {
            (Some(key), algorithm) => write!(f, "{algorithm} with key {key}"),
            (None, "AES256") => f.write_str("AES256 (SSE-S3)"),
            (None, algorithm) => write!(f, "{algorithm} with the key that AWS manages"),
        }
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.rule)?;
        match self.blocks_customer_keys() {
            true => f.write_str(", SSE-C blocked"),
            false if self.blocked.is_empty() => Ok(()),
            false => f.write_str(", SSE-C allowed"),
        }
    }
}

impl Encryption {
    /// Whether objects cannot be encrypted with keys that callers bring along.
    #[must_use]
    pub fn blocks_customer_keys(&self) -> bool {
        self.blocked.iter().any(|kind| kind == CUSTOMER_KEYS)
    }

    /// `ServerSideEncryptionConfiguration`, as the AWS command line takes it.
    #[must_use]
    pub fn configuration(&self) -> Value {
        let mut default = json!({"SSEAlgorithm": self.rule.algorithm});
        if let (Some(fields), Some(key)) = (default.as_object_mut(), &self.rule.key) {
            fields.insert("KMSMasterKeyID".to_owned(), key.as_str().into());
        }
        let mut rule = json!({"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": self.rule.bucket_key});
        if let (Some(fields), false) = (rule.as_object_mut(), self.blocked.is_empty()) {
            fields.insert("BlockedEncryptionTypes".to_owned(), json!({"EncryptionType": self.blocked}));
        }
        json!({"Rules": [rule]})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(algorithm: &str, key: Option<&str>) -> Rule {
        Rule { algorithm: algorithm.to_owned(), key: key.map(str::to_owned), bucket_key: false }
    }

    #[test]
    fn a_customer_managed_key_is_stronger_than_one_of_aws() {
        let own = "arn:aws:kms:eu-west-1:111122223333:key/1";
        let strengths =
            [Rule::default(), rule("aws:kms", None), rule("aws:kms", Some(own)), rule("aws:kms:dsse", Some(own))]
                .map(|rule| rule.strength());
        assert_eq!(strengths, [0, 1, 2, 3]);
        assert_eq!(rule("aws:kms", Some("arn:aws:kms:eu-west-1:111122223333:alias/aws/s3")).strength(), 1);
        assert_eq!(rule("aws:kms", Some(own)).account(), Some("111122223333"));
        assert_eq!(rule("aws:kms", Some("alias/orders")).account(), None);
    }

    #[test]
    fn the_configuration_as_the_command_line_takes_it() {
        let encryption = Encryption { rule: rule("aws:kms", Some("k")), blocked: vec![CUSTOMER_KEYS.to_owned()] };
        assert_eq!(
            encryption.configuration(),
            json!({"Rules": [{
                "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
                "BucketKeyEnabled": false, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
            }]})
        );
        assert_eq!(encryption.to_string(), "aws:kms with key k, SSE-C blocked");
    }
}
