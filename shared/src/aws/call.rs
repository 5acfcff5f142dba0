//! A call to AWS that failed, as an error.

use super::{Failure, failure};
use crate::engine::plan::{Applied, ApplyError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ProvideErrorKind;
use aws_types::request_id::RequestId;
use std::error::Error;
use std::fmt;
use thiserror::Error as ThisError;

/// What was tried, on what, and what came back.
#[derive(Clone, Debug, ThisError)]
#[error("`{permission}` {on}failed with {cause}")]
pub struct CallError {
    permission: &'static str,
    on: On,
    #[source]
    cause: Failure,
}

/// What a call is on, as the sentence names it.
#[derive(Clone, Debug)]
struct On(Option<(&'static str, String)>);

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some((how, what)) => write!(f, "{how} `{what}` "),
            None => Ok(()),
        }
    }
}

impl CallError {
    /// A call that names nothing.
    #[must_use]
    pub fn new(permission: &'static str, cause: Failure) -> Self {
        Self { permission, on: On(None), cause }
    }

    /// A call that is `how` (`to`, `on`, `in`, `with`) the resource `what`.
    #[must_use]
    pub fn about(permission: &'static str, how: &'static str, what: &str, cause: Failure) -> Self {
        Self { permission, on: On(Some((how, what.to_owned()))), cause }
    }

    /// What came back.
    #[must_use]
    pub fn failure(&self) -> &Failure {
        &self.cause
    }
}

/// What a call that changes something answered.
pub(crate) fn done<T: RequestId, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    permission: &'static str,
) -> Result<Applied, ApplyError>
where
    E: ProvideErrorMetadata + ProvideErrorKind + Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
        Err(error) => Err(failure(&error).of_action(permission)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Service;

    #[test]
    fn it_says_what_was_tried_and_keeps_what_came_back() {
        let refused = || Failure::of_item(Service::Ec2, "AccessDenied", "no");
        let error = CallError::about("sqs:DeleteMessage", "to", "url", refused());
        assert_eq!(error.to_string(), "`sqs:DeleteMessage` to `url` failed with `AccessDenied`: no");
        assert_eq!(error.source().unwrap().to_string(), "`AccessDenied`: no");
        assert_eq!(error.failure().code, "AccessDenied");
        let error = CallError::new("sts:GetCallerIdentity", refused());
        assert_eq!(error.to_string(), "`sts:GetCallerIdentity` failed with `AccessDenied`: no");
    }
}
