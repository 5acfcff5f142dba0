//! Where a bucket's access is logged to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

/// `LoggingEnabled`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// `TargetBucket`
    pub bucket: String,
    /// `TargetPrefix`
    pub prefix: String,
    /// `TargetObjectKeyFormat`, where it is said.
    pub form: Option<Form>,
    /// `TargetGrants`: for target buckets whose ACLs are enabled.
    pub grants: Vec<Grant>,
}

/// `TargetObjectKeyFormat`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// `SimplePrefix`
    Simple,
    /// `PartitionedPrefix`, by the time of this: `EventTime` or `DeliveryTime`.
    Partitioned(Option<String>),
}

/// `TargetGrant`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// `CanonicalUser`, `Group` or `AmazonCustomerByEmail`.
    pub kind: String,
    /// The canonical user's id.
    pub id: Option<String>,
    /// The group's URI.
    pub uri: Option<String>,
    /// The customer's address.
    pub email: Option<String>,
    /// `READ`, `WRITE` or `FULL_CONTROL`.
    pub permission: String,
}

impl fmt::Display for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

impl Logging {
    /// `BucketLoggingStatus`, as the AWS command line takes it.
    #[must_use]
    pub fn status(&self) -> Value {
        let mut enabled = Map::new();
        enabled.insert("TargetBucket".to_owned(), self.bucket.as_str().into());
        enabled.insert("TargetPrefix".to_owned(), self.prefix.as_str().into());
        if !self.grants.is_empty() {
            enabled.insert("TargetGrants".to_owned(), self.grants.iter().map(Grant::value).collect());
        }
        let form = self.form.as_ref().map(|form| match form {
            Form::Simple => json!({"SimplePrefix": {}}),
            Form::Partitioned(None) => json!({"PartitionedPrefix": {}}),
            Form::Partitioned(Some(by)) => json!({"PartitionedPrefix": {"PartitionDateSource": by}}),
        });
        enabled.extend(form.map(|form| ("TargetObjectKeyFormat".to_owned(), form)));
        json!({"LoggingEnabled": enabled})
    }
}

impl Grant {
    fn value(&self) -> Value {
        let mut grantee = Map::new();
        grantee.insert("Type".to_owned(), self.kind.as_str().into());
        for (name, text) in [("ID", &self.id), ("URI", &self.uri), ("EmailAddress", &self.email)] {
            grantee.extend(text.as_ref().map(|text| (name.to_owned(), text.as_str().into())));
        }
        json!({"Grantee": grantee, "Permission": self.permission})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_it_is_written() {
        let grant = Grant {
            kind: "CanonicalUser".to_owned(),
            id: Some("7009".to_owned()),
            uri: None,
            email: None,
            permission: "READ".to_owned(),
        };
        let form = Some(Form::Partitioned(Some("EventTime".to_owned())));
        let logging = Logging { bucket: "logs".to_owned(), prefix: "orders/".to_owned(), form, grants: vec![grant] };
        assert_eq!(
            logging.status(),
            json!({"LoggingEnabled": {
                "TargetBucket": "logs", "TargetPrefix": "orders/",
                "TargetGrants": [{"Grantee": {"Type": "CanonicalUser", "ID": "7009"}, "Permission": "READ"}],
                "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
            }})
        );
    }
}
