//! IAM: the client that all of its resources share, each in a module of its own.

pub(crate) mod details;
pub(crate) mod holdings;

use crate::aws::failure;
use crate::engine::plan::{Applied, ApplyError};
use aws_config::SdkConfig;
use aws_sdk_iam::Client;
use aws_sdk_iam::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ProvideErrorKind;
use std::error::Error;

/// The IAM API of one account.
#[derive(Clone, Debug)]
pub struct Iam {
    pub(super) client: Client,
}

impl Iam {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

/// What a call that changes something answered.
pub(crate) fn done<T: RequestId, E: ProvideErrorMetadata + ProvideErrorKind + Error + 'static>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    permission: &'static str,
) -> Result<Applied, ApplyError> {
    match answer {
        Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
        Err(error) => Err(failure(&error).of_action(permission)),
    }
}
