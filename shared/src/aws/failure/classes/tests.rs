use super::*;
use std::collections::BTreeSet;

const ALL: [Service; 16] = [
    Service::DynamoDb,
    Service::Ec2,
    Service::Ecr,
    Service::Elb,
    Service::Events,
    Service::Iam,
    Service::Kms,
    Service::Rds,
    Service::Redshift,
    Service::S3,
    Service::S3Control,
    Service::Scheduler,
    Service::SecretsManager,
    Service::Sns,
    Service::Sqs,
    Service::Sts,
];

#[test]
fn every_code_has_one_class_in_its_service_and_none_is_said_twice() {
    for service in ALL {
        let mut seen = BTreeSet::new();
        for (code, kind) in service.codes().iter().chain(COMMON) {
            assert!(seen.insert(code), "{service:?} has `{code}` twice");
            assert_eq!(kind_of(Some(service), code), Some(*kind), "{service:?} {code}");
        }
    }
}

#[test]
fn a_table_repeats_nothing_that_the_sdk_knows() {
    for code in THROTTLING_ERRORS.iter().chain(TRANSIENT_ERRORS) {
        for service in ALL {
            assert_eq!(kind_of(Some(service), code), Some(Transient), "{service:?} {code}");
            assert!(
                !service.codes().iter().chain(COMMON).any(|(known, _)| known == code),
                "{service:?} repeats `{code}`"
            );
        }
    }
}

#[test]
fn a_code_means_nothing_to_another_service() {
    assert_eq!(kind_of(Some(Service::Ec2), "NoSuchEntity"), None);
    assert_eq!(kind_of(Some(Service::Iam), "ResourceNotFoundException"), None);
    assert_eq!(kind_of(Some(Service::DynamoDb), "ConditionalCheckFailedException"), None);
    assert_eq!(kind_of(None, "AccessDenied"), Some(Denied));
    assert_eq!(kind_of(None, "SomethingNew"), None);
}

/// A customer managed key, of which the service says why it cannot use it: never that the topic, the queue or the table is gone, and never that another try right away
/// may succeed, but for throttling.
#[test]
fn what_a_service_says_of_its_key_is_about_the_key() {
    let of = |service, code| kind_of(Some(service), code);
    for (sns, sqs, kind) in [
        ("KMSAccessDenied", "KMS.AccessDeniedException", Denied),
        ("KMSDisabled", "KMS.DisabledException", Refused),
        ("KMSInvalidState", "KMS.InvalidStateException", Refused),
        ("KMSNotFound", "KMS.NotFoundException", Refused),
        ("KMSOptInRequired", "KMS.OptInRequired", Denied),
        ("KMSThrottling", "KMS.ThrottlingException", Transient),
    ] {
        assert_eq!((of(Service::Sns, sns), of(Service::Sqs, sqs)), (Some(kind), Some(kind)), "{sns} {sqs}");
    }
    // DynamoDB, S3 and Scheduler answer as to a caller without the permission.
    for service in [Service::DynamoDb, Service::Scheduler] {
        assert_eq!(of(service, "AccessDeniedException"), Some(Denied));
    }
    assert_eq!(of(Service::S3, "AccessDenied"), Some(Denied));
}

#[test]
fn an_sdk_is_known_by_its_error_types() {
    #[cfg(feature = "dynamodb")]
    assert_eq!(Service::of::<aws_sdk_dynamodb::operation::put_item::PutItemError>(), Some(Service::DynamoDb));
    #[cfg(feature = "redshift")]
    assert_eq!(
        Service::of::<aws_sdk_redshift::operation::modify_cluster::ModifyClusterError>(),
        Some(Service::Redshift)
    );
    #[cfg(feature = "ec2")]
    assert_eq!(Service::of::<aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsError>(), Some(Service::Ec2));
    #[cfg(feature = "ecr")]
    assert_eq!(
        Service::of::<aws_sdk_ecr::operation::set_repository_policy::SetRepositoryPolicyError>(),
        Some(Service::Ecr)
    );
    #[cfg(feature = "events")]
    assert_eq!(
        Service::of::<aws_sdk_eventbridge::operation::put_permission::PutPermissionError>(),
        Some(Service::Events)
    );
    #[cfg(feature = "secretsmanager")]
    assert_eq!(
        Service::of::<aws_sdk_secretsmanager::operation::put_resource_policy::PutResourcePolicyError>(),
        Some(Service::SecretsManager)
    );
    #[cfg(feature = "elb")]
    assert_eq!(
        Service::of::<aws_sdk_elasticloadbalancingv2::operation::describe_load_balancers::DescribeLoadBalancersError>(),
        Some(Service::Elb)
    );
    #[cfg(feature = "iam")]
    assert_eq!(Service::of::<aws_sdk_iam::operation::get_user::GetUserError>(), Some(Service::Iam));
    #[cfg(feature = "kms")]
    assert_eq!(Service::of::<aws_sdk_kms::operation::verify_mac::VerifyMacError>(), Some(Service::Kms));
    #[cfg(feature = "rds")]
    assert_eq!(Service::of::<aws_sdk_rds::operation::modify_db_instance::ModifyDBInstanceError>(), Some(Service::Rds));
    #[cfg(feature = "s3")]
    assert_eq!(Service::of::<aws_sdk_s3::operation::get_object::GetObjectError>(), Some(Service::S3));
    #[cfg(feature = "scheduler")]
    assert_eq!(
        Service::of::<aws_sdk_scheduler::operation::create_schedule::CreateScheduleError>(),
        Some(Service::Scheduler)
    );
    #[cfg(feature = "sns")]
    assert_eq!(Service::of::<aws_sdk_sns::operation::publish::PublishError>(), Some(Service::Sns));
    #[cfg(feature = "sqs")]
    assert_eq!(Service::of::<aws_sdk_sqs::operation::send_message::SendMessageError>(), Some(Service::Sqs));
    #[cfg(feature = "sts")]
    assert_eq!(Service::of::<aws_sdk_sts::operation::assume_role::AssumeRoleError>(), Some(Service::Sts));
    assert_eq!(Service::of::<std::io::Error>(), None);
}
