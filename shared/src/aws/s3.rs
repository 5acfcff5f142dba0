//! S3: the policy file as an object, with its version.

use crate::aws::{CallError, Failure, FailureKind, failure};
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};
use std::string::FromUtf8Error;
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

/// Why an object could not be read or written.
#[derive(Debug, Error)]
pub enum ObjectError {
    /// The role may not do it.
    #[error("the role lacks `{permission}` on `{object}` (`{}`)", .cause.code)]
    Denied {
        /// The missing permission.
        permission: &'static str,
        /// The object's URI.
        object: String,
        /// What came back.
        #[source]
        cause: Failure,
    },
    /// S3 refused it for another reason, or did not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer ended early.
    #[error("`s3:GetObject` ended early: {0}")]
    EndedEarly(#[source] ByteStreamError),
    /// It is larger than any policy.
    #[error("`{0}` is larger than {LARGEST} bytes")]
    TooLarge(String),
    /// It is no text.
    #[error("`{object}` is no UTF-8 text")]
    NoText {
        /// The object's URI.
        object: String,
        /// Where it is none.
        #[source]
        cause: FromUtf8Error,
    },
}

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

    /// Reads it, when its version is another than `known`.
    ///
    /// # Errors
    /// [`ObjectError`] when it is not there, may not be read, is too large or is no text.
    pub async fn read(&self, known: Option<&str>) -> Result<Read, ObjectError> {
        let call = self.client.get_object().bucket(&self.bucket).key(&self.key);
        let answer = match call.set_if_none_match(known.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 304 => return Ok(Read::Unchanged),
            Err(error) => return Err(self.error("s3:GetObject", failure(&error))),
        };
        if answer.content_length().is_some_and(|length| length > LARGEST) {
            return Err(ObjectError::TooLarge(self.uri()));
        }
        let etag = answer.e_tag().unwrap_or_default().to_owned();
        let bytes = answer.body.collect().await.map_err(ObjectError::EndedEarly)?;
        let text = String::from_utf8(bytes.to_vec());
        let text = text.map_err(|cause| ObjectError::NoText { object: self.uri(), cause })?;
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
    /// [`ObjectError`] when S3 does not do it.
    pub async fn write(&self, text: &str, expected: &str) -> Result<bool, ObjectError> {
        let call = self.client.put_object().bucket(&self.bucket).key(&self.key).if_match(expected);
        let call = call.content_type("application/yaml").body(ByteStream::from(text.as_bytes().to_vec()));
        match call.send().await {
            Ok(_) => Ok(true),
            Err(error) => match failure(&error) {
                // "Conditional writes" in the S3 user guide: 412, and 409 when another write is under way.
                Failure { code, .. } if code == "PreconditionFailed" || code == "ConditionalRequestConflict" => {
                    Ok(false)
                }
                failure => Err(self.error("s3:PutObject", failure)),
            },
        }
    }

    fn uri(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    fn error(&self, permission: &'static str, cause: Failure) -> ObjectError {
        match cause.kind {
            FailureKind::Denied => ObjectError::Denied { permission, object: self.uri(), cause },
            FailureKind::NotThere
            | FailureKind::Transient
            | FailureKind::NotYet
            | FailureKind::Changed
            | FailureKind::Refused => CallError::about(permission, "on", &self.uri(), cause).into(),
        }
    }
}
