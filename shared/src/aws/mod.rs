//! The only modules that name an SDK: each turns one service's answers into the plain types of [`crate::engine::observed`], and
//! carries out its actions. No decision is made here.

pub mod accounts;
mod call;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub(crate) mod failure;
#[cfg(feature = "kms")]
pub mod kms;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "scheduler")]
pub mod scheduler;
#[cfg(feature = "dynamodb")]
pub mod service;
pub mod signed;
#[cfg(feature = "sns")]
pub mod sns;
#[cfg(feature = "sqs")]
pub mod sqs;
#[cfg(feature = "dynamodb")]
pub mod store;
#[cfg(feature = "sts")]
pub mod sts;

pub use call::CallError;
pub(crate) use call::done;
pub use failure::{Failure, FailureKind, Service, failure};

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;

/// The configuration of every client of a function, from the SDK's own environment variables.
///
/// Attempts and timeouts are chosen for a function whose caller waits for it: the SDK's defaults spend seconds on a dead
/// endpoint, and Lambda tries the whole event again anyway.
pub async fn config() -> SdkConfig {
    const ATTEMPTS: u32 = 3;
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(1));
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(10))
        .build();
    aws_config::defaults(BehaviorVersion::latest()).retry_config(retries).timeout_config(timeouts).load().await
}
