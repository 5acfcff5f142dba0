//! STS: whose credentials these are.

use crate::aws::{Failure, failure};
use aws_config::SdkConfig;
use aws_sdk_sts::Client;

/// The principal whose credentials are used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The ARN of the user or session.
    pub arn: String,
}

/// Asks. An error is a sentence for a person.
///
/// # Errors
/// When there are no credentials, or STS does not answer.
pub async fn caller(config: &SdkConfig) -> Result<Caller, String> {
    let answer = Client::new(config).get_caller_identity().send().await.map_err(|error| {
        let Failure { code, message, .. } = failure(&error);
        format!("`sts:GetCallerIdentity` failed with `{code}`: {message}")
    })?;
    match (answer.account, answer.arn) {
        (Some(account), Some(arn)) => Ok(Caller { account, arn }),
        (_, _) => Err("`sts:GetCallerIdentity` answered no account".to_owned()),
    }
}
