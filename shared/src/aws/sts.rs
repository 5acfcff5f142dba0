//! STS: whose credentials these are.

use crate::aws::{CallError, failure};
use aws_config::SdkConfig;
use aws_sdk_sts::Client;
use thiserror::Error;

/// The principal whose credentials are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The ARN of the user or session.
    pub arn: String,
}

/// Why it is unknown whose credentials are used.
#[derive(Clone, Debug, Error)]
pub enum CallerError {
    /// There are no credentials, or STS does not answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The answer names none.
    #[error("`sts:GetCallerIdentity` answered no account")]
    NoAccount,
}

/// Asks.
///
/// # Errors
/// [`CallerError`].
pub async fn caller(config: &SdkConfig) -> Result<Caller, CallerError> {
    let answer = Client::new(config).get_caller_identity().send().await;
    let answer = answer.map_err(|error| CallError::new("sts:GetCallerIdentity", failure(&error)))?;
    match (answer.account, answer.arn) {
        (Some(account), Some(arn)) => Ok(Caller { account, arn }),
        (None, _) | (_, None) => Err(CallerError::NoAccount),
    }
}
