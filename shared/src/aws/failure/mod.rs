//! What a failed call means: not there, not allowed, worth another try, or refused for good.

mod classes;

pub use classes::Service;

use super::signed::Refusal;
use crate::engine::family::ReadError;
use crate::engine::observed::Observed;
use crate::engine::plan::ApplyError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::ProvideErrorKind;
use classes::kind_of;
use std::error::Error;
use thiserror::Error as ThisError;

/// A failed call, sorted.
#[derive(Clone, Debug, ThisError)]
#[error("`{code}`: {message}")]
pub struct Failure {
    /// What it means.
    pub kind: FailureKind,
    /// AWS's error code, or the SDK's word for a call that did not get an answer.
    pub code: String,
    /// AWS's sentence, or the chain of causes.
    pub message: String,
}

/// What a failed call means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// What the call names is not there (any more), or is already as it asks.
    NotThere,
    /// The role may not.
    Denied,
    /// Throttled, timed out, a server error: another try can succeed.
    Transient,
    /// The resource is being made or changed: another try can succeed in minutes.
    NotYet,
    /// What stands is no longer what the call was computed from, as its condition says.
    Changed,
    /// Anything else: another try will be refused the same way.
    Refused,
}

/// Sorts a failed call.
pub fn failure<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + ProvideErrorKind + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let (named, status) = (ProvideErrorMetadata::code(answer.err()), answer.raw().status());
            // A service without an SDK says itself what its errors mean.
            let refusal = (answer.err() as &(dyn Error + 'static)).downcast_ref::<Refusal>();
            let said = refusal.and_then(Refusal::means);
            let kind = said.or_else(|| named.and_then(|code| kind_of(Service::of::<E>(), code)));
            // What the service's model calls retryable.
            let kind = kind.or_else(|| answer.err().retryable_error_kind().map(|_| FailureKind::Transient));
            let fallback = match status {
                status if status.is_server_error() => FailureKind::Transient,
                // A refusal whose body could not be read: the status says what it is.
                status if status.as_u16() == 403 && named.is_none() => FailureKind::Denied,
                _ => FailureKind::Refused,
            };
            let said = answer.err().message().filter(|message| !message.is_empty()).map(str::to_owned);
            Failure {
                kind: kind.unwrap_or(fallback),
                code: named.map_or_else(|| format!("HTTP {}", status.as_u16()), str::to_owned),
                message: said.unwrap_or_else(|| body(answer.raw())),
            }
        }
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Failure { kind: FailureKind::Transient, code: "no answer".to_owned(), message: chain(error) }
        }
        _ => Failure { kind: FailureKind::Refused, code: "not sent".to_owned(), message: chain(error) },
    }
}

/// The beginning of an answer that names no error, for a person: a proxy's page, or nothing.
fn body(answer: &HttpResponse) -> String {
    const MOST: usize = 200;
    let text = answer.body().bytes().map(String::from_utf8_lossy).unwrap_or_default();
    match text.trim() {
        "" => "the answer is empty".to_owned(),
        text => format!("the answer names no error: {}", text.chars().take(MOST).collect::<String>()),
    }
}

fn chain(error: &dyn Error) -> String {
    DisplayErrorContext(error).to_string()
}

impl Failure {
    /// A call that was not made.
    pub(crate) fn not_sent(message: String) -> Self {
        Self { kind: FailureKind::Refused, code: "not sent".to_owned(), message }
    }

    /// The failure of one item of a call that answered success.
    #[must_use]
    pub fn of_item(service: Service, code: &str, message: &str) -> Self {
        let kind = kind_of(Some(service), code).unwrap_or(FailureKind::Refused);
        Self { kind, code: code.to_owned(), message: message.to_owned() }
    }

    /// What it means for an action that needs `permission`.
    #[must_use]
    pub fn of_action(self, permission: &'static str) -> ApplyError {
        let Self { kind, code, message } = self;
        match kind {
            FailureKind::NotThere => ApplyError::NotThere { code },
            FailureKind::Denied => ApplyError::Denied { permission, code },
            FailureKind::Transient => {
                ApplyError::Transient { why: format!("`{permission}` failed with `{code}`: {message}") }
            }
            FailureKind::NotYet => ApplyError::NotYet { code, message },
            FailureKind::Changed => ApplyError::Changed { code },
            FailureKind::Refused => ApplyError::Refused { code, message },
        }
    }

    /// What it means for a read that needs `permission`.
    ///
    /// # Errors
    /// [`ReadError`] when another try can succeed.
    pub fn of_read<T>(self, permission: &str) -> Result<Observed<T>, ReadError> {
        let Self { kind, code, message } = self;
        match kind {
            FailureKind::NotThere => Ok(Observed::Absent),
            FailureKind::Denied => Ok(Observed::Unknown { why: format!("the role lacks `{permission}` (`{code}`)") }),
            FailureKind::Transient | FailureKind::NotYet => {
                Err(ReadError { why: format!("`{permission}` failed with `{code}`: {message}") })
            }
            FailureKind::Refused | FailureKind::Changed => {
                Ok(Observed::Unknown { why: format!("`{permission}` was refused with `{code}`: {message}") })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use aws_smithy_types::retry::ErrorKind;
    use std::fmt;

    /// An error of no SDK.
    #[derive(Debug, Default)]
    struct Said(ErrorMetadata, Option<ErrorKind>);

    impl fmt::Display for Said {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("said")
        }
    }

    impl Error for Said {}

    impl ProvideErrorMetadata for Said {
        fn meta(&self) -> &ErrorMetadata {
            &self.0
        }
    }

    impl ProvideErrorKind for Said {
        fn code(&self) -> Option<&str> {
            self.0.code()
        }

        fn retryable_error_kind(&self) -> Option<ErrorKind> {
            self.1
        }
    }

    fn failed(status: u16, said: Said, body: &'static str) -> Failure {
        let answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
        failure(&SdkError::service_error(said, answer))
    }

    #[test]
    fn an_answer_without_a_code_says_what_there_is() {
        let page = failed(500, Said::default(), "<html>oops</html>");
        assert_eq!((page.kind, page.code.as_str()), (FailureKind::Transient, "HTTP 500"));
        assert!(page.message.contains("<html>oops"), "{page:?}");
        assert_eq!(failed(403, Said::default(), "").kind, FailureKind::Denied);
        let empty = failed(400, Said::default(), "  ");
        assert_eq!((empty.kind, empty.message.as_str()), (FailureKind::Refused, "the answer is empty"));
    }

    #[test]
    fn what_the_model_calls_retryable_is_worth_another_try() {
        let meta = || ErrorMetadata::builder().code("SomethingNew").message("why").build();
        let modeled = failed(400, Said(meta(), Some(ErrorKind::ServerError)), "");
        assert_eq!((modeled.kind, modeled.message.as_str()), (FailureKind::Transient, "why"));
        assert_eq!(failed(400, Said(meta(), None), "").kind, FailureKind::Refused);
        let denied = ErrorMetadata::builder().code("AccessDenied").build();
        assert_eq!(failed(400, Said(denied, None), "").kind, FailureKind::Denied);
    }
}
