//! Where the audit logs of a cluster go.

use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write as _};

/// `LoggingStatus` of a cluster that is logged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditLog {
    /// `LogDestinationType`: `s3`, `cloudwatch`, or a newer one; older answers leave it out for a bucket.
    pub to: String,
    /// `BucketName`
    pub bucket: Option<String>,
    /// `S3KeyPrefix`
    pub prefix: Option<String>,
    /// `LogExports`: which logs.
    pub exports: Vec<String>,
}

/// To a bucket.
pub const S3: &str = "s3";
/// To CloudWatch Logs.
pub const CLOUDWATCH: &str = "cloudwatch";

impl AuditLog {
    /// To a bucket.
    #[must_use]
    pub fn to_bucket(bucket: &str, prefix: Option<&str>) -> Self {
        Self {
            to: S3.to_owned(),
            bucket: Some(bucket.to_owned()),
            prefix: prefix.map(str::to_owned),
            exports: Vec::new(),
        }
    }

    /// Whether a call of ours writes all of it: of a kind of destination that is not known here, something may be missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self.to.as_str() {
            S3 => self.bucket.is_some(),
            to => to == CLOUDWATCH,
        }
    }

    /// As the AWS command line takes it, with a space in front.
    #[must_use]
    pub fn options(&self) -> String {
        let mut line = format!(" --log-destination-type {}", word(&self.to));
        for (option, value) in [("bucket-name", &self.bucket), ("s3-key-prefix", &self.prefix)] {
            if let Some(value) = value {
                let _ = write!(line, " --{option} {}", word(value));
            }
        }
        if !self.exports.is_empty() {
            let exports: Vec<_> = self.exports.iter().map(|export| word(export)).collect();
            let _ = write!(line, " --log-exports {}", exports.join(" "));
        }
        line
    }
}

impl fmt::Display for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.bucket, self.to.as_str()) {
            (Some(bucket), _) => write!(f, "s3://{bucket}/{}", self.prefix.as_deref().unwrap_or_default()),
            (None, CLOUDWATCH) => f.write_str("CloudWatch Logs"),
            (None, to) => f.write_str(to),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_of_it_is_on_the_command_line() {
        let bucket = AuditLog::to_bucket("logs", Some("red shift/"));
        assert_eq!(bucket.options(), " --log-destination-type s3 --bucket-name logs --s3-key-prefix 'red shift/'");
        let exports = vec!["connectionlog".to_owned(), "userlog".to_owned()];
        let stream = AuditLog { to: CLOUDWATCH.to_owned(), bucket: None, prefix: None, exports };
        assert_eq!(stream.options(), " --log-destination-type cloudwatch --log-exports connectionlog userlog");
        assert_eq!(
            (bucket.to_string(), stream.to_string()),
            ("s3://logs/red shift/".to_owned(), "CloudWatch Logs".to_owned())
        );
        let other = AuditLog { to: "s3table".to_owned(), ..stream.clone() };
        assert_eq!((bucket.is_whole(), stream.is_whole(), other.is_whole()), (true, true, false));
    }
}
