//! What each service's error codes mean: one table a service, and nowhere else.
//!
//! What can succeed on another try is the SDK's word: its lists of throttling and transient codes (`aws-runtime`), and what the
//! service's model calls retryable. A table holds what the SDK does not know: whether what a call names is gone, whether the
//! role may not, whether the resource is not ready yet.

use crate::aws::failure::FailureKind;
use FailureKind::{Changed, Denied, NotThere, NotYet, Refused, Transient};
use aws_runtime::retries::classifiers::{THROTTLING_ERRORS, TRANSIENT_ERRORS};

/// A service that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon DynamoDB.
    DynamoDb,
    /// Amazon EC2.
    Ec2,
    /// Amazon ECR.
    Ecr,
    /// Elastic Load Balancing.
    Elb,
    /// Amazon EventBridge.
    Events,
    /// IAM.
    Iam,
    /// AWS KMS.
    Kms,
    /// Amazon RDS.
    Rds,
    /// Amazon Redshift.
    Redshift,
    /// Amazon S3.
    S3,
    /// Amazon S3 Control.
    S3Control,
    /// Amazon EventBridge Scheduler.
    Scheduler,
    /// AWS Secrets Manager.
    SecretsManager,
    /// Amazon SNS.
    Sns,
    /// Amazon SQS.
    Sqs,
    /// AWS STS.
    Sts,
}

type Codes = &'static [(&'static str, FailureKind)];

/// "Common errors" of the services' API references; EC2 and the query services have names of their own.
const COMMON: Codes = &[
    ("AccessDenied", Denied),
    ("AccessDeniedException", Denied),
    ("AuthFailure", Denied),
    ("OptInRequired", Denied),
    ("PreconditionFailed", Changed),
    ("PreconditionFailedException", Changed),
    ("UnauthorizedOperation", Denied),
    ("InternalError", Transient),
    ("InternalFailure", Transient),
    ("ServiceFailure", Transient),
    ("ServiceUnavailable", Transient),
    ("Throttled", Transient),
    ("Unavailable", Transient),
];

/// "Error codes for the Amazon EC2 API", EC2 developer guide.
const EC2: Codes = &[
    ("FlowLogAlreadyExists", NotThere),
    ("InvalidAMIID.NotFound", NotThere),
    ("InvalidAMIID.Unavailable", NotThere),
    ("InvalidFlowLogId.NotFound", NotThere),
    ("InvalidGroup.NotFound", NotThere),
    ("InvalidGroupId.NotFound", NotThere),
    ("InvalidInstanceID.NotFound", NotThere),
    ("InvalidNetworkAclEntry.NotFound", NotThere),
    ("InvalidNetworkAclID.NotFound", NotThere),
    ("InvalidNetworkInterfaceID.NotFound", NotThere),
    ("InvalidNetworkInterfaceId.NotFound", NotThere),
    ("InvalidPermission.Duplicate", NotThere),
    ("InvalidPermission.NotFound", NotThere),
    ("InvalidSecurityGroupRuleId.NotFound", NotThere),
    ("InvalidSnapshot.NotFound", NotThere),
    ("InvalidSubnetID.NotFound", NotThere),
    ("InvalidSubnetId.NotFound", NotThere),
    ("InvalidTransitGatewayAttachmentID.NotFound", NotThere),
    ("InvalidTransitGatewayID.NotFound", NotThere),
    ("InvalidVpcID.NotFound", NotThere),
    ("InvalidVpcId.NotFound", NotThere),
    ("IncorrectInstanceState", NotYet),
    ("IncorrectState", NotYet),
];

/// "Errors" of the actions that are called, IAM API reference.
const IAM: Codes = &[
    ("EntityAlreadyExists", NotThere),
    ("EntityAlreadyExistsException", NotThere),
    ("NoSuchEntity", NotThere),
    ("NoSuchEntityException", NotThere),
    ("ConcurrentModification", Transient),
    ("EntityTemporarilyUnmodifiable", Transient),
];

/// "Errors" of the actions that are called, RDS API reference.
const RDS: Codes = &[
    ("DBClusterNotFoundFault", NotThere),
    ("DBClusterSnapshotNotFoundFault", NotThere),
    ("DBInstanceNotFound", NotThere),
    ("DBSnapshotNotFound", NotThere),
    ("ExportTaskNotFound", NotThere),
    ("InvalidExportTaskStateFault", NotThere),
    ("InvalidDBClusterSnapshotStateFault", NotYet),
    ("InvalidDBClusterStateFault", NotYet),
    ("InvalidDBInstanceState", NotYet),
    ("InvalidDBSnapshotState", NotYet),
];

/// "Errors" of the actions that are called, Redshift API reference.
const REDSHIFT: Codes = &[
    ("AuthorizationAlreadyExists", NotThere),
    ("AuthorizationNotFound", NotThere),
    ("ClusterNotFound", NotThere),
    ("ClusterSnapshotNotFound", NotThere),
    ("InvalidClusterSnapshotState", NotYet),
    ("InvalidClusterState", NotYet),
];

/// "Errors" of the actions that are called, DynamoDB API reference. A policy whose revision is not the expected one does not exist either.
const DYNAMODB: Codes = &[
    ("ResourceNotFoundException", NotThere),
    ("TableNotFoundException", NotThere),
    ("PolicyNotFoundException", Changed),
    ("ContinuousBackupsUnavailableException", NotYet),
    ("ResourceInUseException", NotYet),
];

/// "Errors" of the actions that are called, ECR API reference.
const ECR: Codes = &[("RepositoryNotFoundException", NotThere)];

/// "Errors" of the actions that are called, EventBridge API reference.
const EVENTS: Codes = &[("ResourceNotFoundException", NotThere), ("ConcurrentModificationException", Transient)];

/// "Errors" of the actions that are called, Secrets Manager API reference.
const SECRETS_MANAGER: Codes = &[("ResourceNotFoundException", NotThere)];

const ELB: Codes = &[("ListenerNotFound", NotThere), ("LoadBalancerNotFound", NotThere)];

const KMS: Codes = &[
    ("CustomKeyStoreNotFoundException", NotThere),
    ("NotFoundException", NotThere),
    ("CustomKeyStoreInvalidStateException", NotYet),
    ("KMSInvalidStateException", NotYet),
];

/// "List of error codes", S3 API reference. `OperationAborted` and `ConditionalRequestConflict`: two writes at once.
const S3: Codes = &[
    ("NoSuchBucket", NotThere),
    ("NoSuchKey", NotThere),
    ("NoSuchLifecycleConfiguration", NotThere),
    ("NoSuchPublicAccessBlockConfiguration", NotThere),
    ("NoSuchWebsiteConfiguration", NotThere),
    ("ObjectLockConfigurationNotFoundError", NotThere),
    ("OwnershipControlsNotFoundError", NotThere),
    ("ReplicationConfigurationNotFoundError", NotThere),
    ("ServerSideEncryptionConfigurationNotFoundError", NotThere),
    ("ConditionalRequestConflict", Transient),
    ("OperationAborted", Transient),
];

const S3_CONTROL: Codes = &[
    ("NoSuchAccessPoint", NotThere),
    ("NoSuchAccessPointPolicy", NotThere),
    ("NoSuchPublicAccessBlockConfiguration", NotThere),
    ("OperationAborted", Transient),
];

const SCHEDULER: Codes = &[("ResourceNotFoundException", NotThere)];

/// "Publish", SNS API reference. A key that is disabled or gone refuses until an operator mends it: `KMSDisabled`, `KMSInvalidState` and
/// `KMSNotFound`, which says nothing of the topic.
const SNS: Codes = &[
    ("NotFound", NotThere),
    ("AuthorizationError", Denied),
    ("KMSAccessDenied", Denied),
    ("KMSOptInRequired", Denied),
    ("KMSDisabled", Refused),
    ("KMSInvalidState", Refused),
    ("KMSNotFound", Refused),
    ("KMSThrottling", Transient),
];

/// "ReceiveMessage", SQS API reference. The same of the key.
const SQS: Codes = &[
    ("AWS.SimpleQueueService.NonExistentQueue", NotThere),
    ("QueueDoesNotExist", NotThere),
    ("KMS.AccessDeniedException", Denied),
    ("KMS.OptInRequired", Denied),
    ("KMS.DisabledException", Refused),
    ("KMS.InvalidKeyUsageException", Refused),
    ("KMS.InvalidStateException", Refused),
    ("KMS.NotFoundException", Refused),
    ("KMS.ThrottlingException", Transient),
];

const STS: Codes = &[("IDPCommunicationError", Transient)];

impl Service {
    fn codes(self) -> Codes {
        match self {
            Self::DynamoDb => DYNAMODB,
            Self::Ec2 => EC2,
            Self::Ecr => ECR,
            Self::Elb => ELB,
            Self::Events => EVENTS,
            Self::Iam => IAM,
            Self::Kms => KMS,
            Self::Rds => RDS,
            Self::Redshift => REDSHIFT,
            Self::S3 => S3,
            Self::S3Control => S3_CONTROL,
            Self::Scheduler => SCHEDULER,
            Self::SecretsManager => SECRETS_MANAGER,
            Self::Sns => SNS,
            Self::Sqs => SQS,
            Self::Sts => STS,
        }
    }

    /// The service whose SDK has the error type `E`: the type's path begins with the crate's name.
    pub(super) fn of<E>() -> Option<Self> {
        let name = std::any::type_name::<E>().split("::").next().unwrap_or_default();
        match name {
            "aws_sdk_dynamodb" => Some(Self::DynamoDb),
            "aws_sdk_ec2" => Some(Self::Ec2),
            "aws_sdk_ecr" => Some(Self::Ecr),
            "aws_sdk_eventbridge" => Some(Self::Events),
            "aws_sdk_secretsmanager" => Some(Self::SecretsManager),
            "aws_sdk_elasticloadbalancingv2" => Some(Self::Elb),
            "aws_sdk_iam" => Some(Self::Iam),
            "aws_sdk_kms" => Some(Self::Kms),
            "aws_sdk_rds" => Some(Self::Rds),
            "aws_sdk_redshift" => Some(Self::Redshift),
            "aws_sdk_s3" => Some(Self::S3),
            "aws_sdk_s3control" => Some(Self::S3Control),
            "aws_sdk_scheduler" => Some(Self::Scheduler),
            "aws_sdk_sns" => Some(Self::Sns),
            "aws_sdk_sqs" => Some(Self::Sqs),
            "aws_sdk_sts" => Some(Self::Sts),
            _ => None,
        }
    }
}

/// What a code means to a service; none where neither its table nor the SDK knows it. The service's own word goes first: what
/// is throttling to one (`LimitExceededException`) may be a quota to another.
pub(super) fn kind_of(service: Option<Service>, code: &str) -> Option<FailureKind> {
    let own = service.map(Service::codes).unwrap_or_default();
    let known = own.iter().chain(COMMON).find(|(known, _)| *known == code).map(|(_, kind)| *kind);
    known.or_else(|| {
        [THROTTLING_ERRORS, TRANSIENT_ERRORS].iter().any(|codes| codes.contains(&code)).then_some(Transient)
    })
}

#[cfg(test)]
mod tests;
