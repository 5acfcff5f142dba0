//! What a failed call means: not there, not allowed, worth another try, or refused for good.

use crate::families::ReadError;
use crate::model::Observed;
use crate::plan::ApplyError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use std::error::Error;

/// A failed call, sorted.
#[derive(Clone, Debug)]
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

/// "Common error codes" of EC2 and of IAM, and the codes of EC2's and IAM's calls that are used here.
fn kind_of(code: &str) -> Option<FailureKind> {
    match code {
        "InvalidPermission.NotFound"
        | "InvalidPermission.Duplicate"
        | "InvalidGroup.NotFound"
        | "InvalidGroupId.NotFound"
        | "InvalidSecurityGroupRuleId.NotFound"
        | "InvalidInstanceID.NotFound"
        | "InvalidSnapshot.NotFound"
        | "InvalidAMIID.NotFound"
        | "InvalidAMIID.Unavailable"
        | "NoSuchEntity"
        | "NoSuchEntityException"
        | "InvalidNetworkAclID.NotFound"
        | "InvalidNetworkAclEntry.NotFound"
        | "InvalidFlowLogId.NotFound"
        | "FlowLogAlreadyExists"
        | "InvalidVpcID.NotFound"
        | "InvalidVpcId.NotFound"
        | "InvalidSubnetID.NotFound"
        | "InvalidSubnetId.NotFound"
        | "InvalidNetworkInterfaceID.NotFound"
        | "InvalidNetworkInterfaceId.NotFound"
        | "InvalidTransitGatewayID.NotFound"
        | "InvalidTransitGatewayAttachmentID.NotFound" => Some(FailureKind::NotThere),
        "EntityAlreadyExists" | "EntityAlreadyExistsException" => Some(FailureKind::NotThere),
        "DBInstanceNotFound"
        | "DBClusterNotFoundFault"
        | "DBSnapshotNotFound"
        | "DBClusterSnapshotNotFoundFault"
        | "LoadBalancerNotFound"
        | "ResourceNotFoundException" => Some(FailureKind::NotThere),
        "UnauthorizedOperation"
        | "AccessDenied"
        | "AccessDeniedException"
        | "AuthFailure"
        | "AuthorizationError"
        | "OptInRequired" => Some(FailureKind::Denied),
        "Throttling"
        | "ThrottlingException"
        | "Throttled"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "InternalError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "ServiceFailure"
        | "Unavailable"
        | "RequestTimeout"
        | "EntityTemporarilyUnmodifiable"
        | "ConcurrentModification" => Some(FailureKind::Transient),
        "IncorrectState"
        | "IncorrectInstanceState"
        | "InvalidDBInstanceState"
        | "InvalidDBClusterStateFault"
        | "InvalidDBSnapshotState"
        | "InvalidDBClusterSnapshotStateFault"
        | "ResourceInUseException" => Some(FailureKind::NotYet),
        "PreconditionFailed" | "PreconditionFailedException" | "InvalidIfMatchVersion" => Some(FailureKind::Changed),
        _ => None,
    }
}

/// Sorts a failed call.
pub fn failure<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ServiceError(answer) => {
            let named = answer.err().code();
            let code = named.unwrap_or("unnamed").to_owned();
            let fallback = match answer.raw().status() {
                status if status.is_server_error() => FailureKind::Transient,
                // A refusal whose body could not be read: the status says what it is.
                status if status.as_u16() == 403 && named.is_none() => FailureKind::Denied,
                _ => FailureKind::Refused,
            };
            let message = answer.err().message().unwrap_or_default().to_owned();
            Failure { kind: kind_of(&code).unwrap_or(fallback), code, message }
        }
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => {
            Failure { kind: FailureKind::Transient, code: "no answer".to_owned(), message: chain(error) }
        }
        _ => Failure { kind: FailureKind::Refused, code: "not sent".to_owned(), message: chain(error) },
    }
}

fn chain(error: &dyn Error) -> String {
    DisplayErrorContext(error).to_string()
}

impl Failure {
    /// The failure of one item of a call that answered success.
    #[must_use]
    pub fn of_item(code: &str, message: &str) -> Self {
        let kind = kind_of(code).unwrap_or(FailureKind::Refused);
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
