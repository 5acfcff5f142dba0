//! S3: the policy file as an object, with its version.

use crate::aws::{Failure, FailureKind, failure};
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use thiserror::Error;

/// An object, by bucket and key.
#[derive(Clone, Debug)]
pub struct Object {
    client: Client,
    bucket: String,
    key: String,
}

/// What a conditional read found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The same as last time.
    Unchanged,
    /// Another text.
    Changed {
        /// What it says.
        text: String,
        /// Its version, as S3 names it.
        etag: String,
    },
}

/// A location that is no `s3://bucket/key`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no S3 URI: `s3://bucket/key` was expected")]
pub struct NotAnObject(pub String);

/// A policy larger than this is none.
const LARGEST: i64 = 4 * 1024 * 1024;

impl Object {
    /// The object at `uri` (`s3://bucket/key`).
    ///
    /// # Errors
    /// [`NotAnObject`] for anything else.
    pub fn at(config: &SdkConfig, uri: &str) -> Result<Self, NotAnObject> {
        let parts = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        let Some((bucket, key)) = parts.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty()) else {
            return Err(NotAnObject(uri.to_owned()));
        };
        // An endpoint on loopback has no names for buckets.
        let is_local = config.endpoint_url().is_some();
        let client = Client::from_conf(Builder::from(config).force_path_style(is_local).build());
        Ok(Self { client, bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// Reads it, when its version is another than `known`. An error is a sentence for a person.
    ///
    /// # Errors
    /// When it is not there, may not be read, is too large or is no text.
    pub async fn read(&self, known: Option<&str>) -> Result<Read, String> {
        let call = self.client.get_object().bucket(&self.bucket).key(&self.key);
        let answer = match call.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 304 => return Ok(Read::Unchanged),
            Err(error) => return Err(self.sentence("s3:GetObject", failure(&error))),
        };
        if answer.content_length().is_some_and(|length| length > LARGEST) {
            return Err(format!("`s3://{}/{}` is larger than {LARGEST} bytes", self.bucket, self.key));
        }
        let etag = answer.e_tag().unwrap_or_default().to_owned();
        let bytes = answer.body.collect().await.map_err(|error| format!("`s3:GetObject` ended early: {error}"))?;
        let text = String::from_utf8(bytes.to_vec());
        let text = text.map_err(|_| format!("`s3://{}/{}` is no UTF-8 text", self.bucket, self.key))?;
        // moto and others answer the whole object although it is the same.
        if known == Some(etag.as_str()) && !etag.is_empty() {
            Ok(Read::Unchanged)
        } else {
            Ok(Read::Changed { text, etag })
        }
    }

    /// Writes it, if it still has the version `expected`. Answers false when it was written since.
    ///
    /// # Errors
    /// When S3 does not do it.
    pub async fn write(&self, text: &str, expected: &str) -> Result<bool, String> {
        let call = self.client.put_object().bucket(&self.bucket).key(&self.key).if_match(expected);
        let call = call.content_type("application/yaml").body(ByteStream::from(text.as_bytes().to_vec()));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => match failure(&error) {
                // "Conditional writes" in the S3 user guide: 412, and 409 when another write is under way.
                Failure { code, .. } if code == "PreconditionFailed" || code == "ConditionalRequestConflict" => {
                    Ok(false)
                }
                failure => Err(self.sentence("s3:PutObject", failure)),
            },
        }
    }

    fn sentence(&self, permission: &str, Failure { kind, code, message }: Failure) -> String {
        let (bucket, key) = (&self.bucket, &self.key);
        match kind {
            FailureKind::Denied => format!("the role lacks `{permission}` on `s3://{bucket}/{key}` (`{code}`)"),
            FailureKind::NotThere
            | FailureKind::Transient
            | FailureKind::NotYet
            | FailureKind::Changed
            | FailureKind::Refused => {
                format!("`{permission}` on `s3://{bucket}/{key}` failed with `{code}`: {message}")
            }
        }
    }
}
