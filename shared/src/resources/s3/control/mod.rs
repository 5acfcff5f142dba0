//! S3 Control, whose calls are about the account.

#[cfg(feature = "s3control")]
pub mod client;
