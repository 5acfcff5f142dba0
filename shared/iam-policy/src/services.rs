//! Which of AWS's services run code of their customer's by the roles that they assume, and which policies AWS wrote for which
//! service's role.
//!
//! What must hold: a service that is not listed here is taken to run customer code. A service also counts as running code
//! where it makes the calls that a customer writes down (templates, state machines, automations, schedules, pipelines).

/// A service that does by a role what AWS programmed, and nothing that a customer brings along.
struct Service {
    /// Its principal, without the domain.
    name: &'static str,
    /// Where AWS says what the role is for.
    source: &'static str,
}

const fn service(name: &'static str, source: &'static str) -> Service {
    Service { name, source }
}

const WITHOUT_CUSTOMER_CODE: &[Service] = &[
    service(
        "application-autoscaling",
        "https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_service-with-iam.html",
    ),
    service(
        "autoscaling",
        "https://docs.aws.amazon.com/autoscaling/ec2/userguide/autoscaling-service-linked-role.html",
    ),
    service("backup", "https://docs.aws.amazon.com/aws-backup/latest/devguide/iam-service-roles.html"),
    service("batch", "https://docs.aws.amazon.com/batch/latest/userguide/service_IAM_role.html"),
    service(
        "cloudtrail",
        "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html",
    ),
    service(
        "codedeploy",
        "https://docs.aws.amazon.com/codedeploy/latest/userguide/getting-started-create-service-role.html",
    ),
    service("config", "https://docs.aws.amazon.com/config/latest/developerguide/iamrole-permissions.html"),
    service(
        "controltower",
        "https://docs.aws.amazon.com/controltower/latest/userguide/access-control-managing-permissions.html",
    ),
    service("datasync", "https://docs.aws.amazon.com/datasync/latest/userguide/using-service-linked-roles.html"),
    service("dlm", "https://docs.aws.amazon.com/ebs/latest/userguide/service-role.html"),
    service("dms", "https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html"),
    service("ecs", "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html"),
    service("eks", "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html"),
    service("elasticbeanstalk", "https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/iam-servicerole.html"),
    service("elasticmapreduce", "https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-iam-role.html"),
    service("es", "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html"),
    service("export.rds", "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.html"),
    service(
        "monitoring.rds",
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html",
    ),
    service(
        "opensearchservice",
        "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/cognito-auth.html",
    ),
    service("spotfleet", "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-fleet-prerequisites.html"),
    service("storagegateway", "https://docs.aws.amazon.com/storagegateway/latest/userguide/security-iam.html"),
    service("vpc-flow-logs", "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html"),
];

/// Policies that AWS wrote for the role of one service, of those that count as a privilege escalation path: by their names in
/// the ARN, each with the principals of that service ("AWS managed policy reference", of each policy).
const WRITTEN_FOR: &[(&str, &[&str])] = &[
    ("AWS-SSM-DiagnosisAutomation-AdministrationRolePolicy", &["ssm"]),
    ("AWS-SSM-DiagnosisAutomation-OperationalAccountAdministrationRolePolicy", &["ssm"]),
    ("AWS-SSM-RemediationAutomation-AdministrationRolePolicy", &["ssm"]),
    ("AWS-SSM-RemediationAutomation-OperationalAccountAdministrationRolePolicy", &["ssm"]),
    ("AWSElasticBeanstalkManagedUpdatesCustomerRolePolicy", &["elasticbeanstalk"]),
    ("AWSQuickSetupDeploymentRolePolicy", &["cloudformation", "ssm", "ssm-quicksetup"]),
    ("AWSQuickSetupPatchPolicyDeploymentRolePolicy", &["cloudformation", "ssm", "ssm-quicksetup"]),
    ("AWSQuickSetupSSMDeploymentRolePolicy", &["cloudformation", "ssm", "ssm-quicksetup"]),
    ("AmazonBraketJobsExecutionPolicy", &["braket"]),
    ("AmazonECSInfrastructureRolePolicyForManagedInstances", &["ecs"]),
    ("AmazonEKSComputePolicy", &["eks"]),
    ("AmazonESCognitoAccess", &["es"]),
    ("AmazonOpenSearchServiceCognitoAccess", &["es", "opensearchservice"]),
    ("AmazonSageMakerServiceCatalogProductsCodeBuildServiceRolePolicy", &["codebuild"]),
    ("EC2ImageBuilderExecutionPolicy", &["imagebuilder"]),
    ("service-role/AWSBackupServiceRolePolicyForRestores", &["backup"]),
    ("service-role/AWSBatchServiceRole", &["batch"]),
    ("service-role/AWSCodeStarServiceRole", &["codestar"]),
    ("service-role/AWSControlTowerServiceRolePolicy", &["controltower"]),
    ("service-role/AWSDeepLensServiceRolePolicy", &["deeplens"]),
    ("service-role/AWSDeepRacerServiceRolePolicy", &["deepracer"]),
    ("service-role/AWSElasticBeanstalkRoleCore", &["elasticbeanstalk"]),
    ("service-role/AWSElasticBeanstalkService", &["elasticbeanstalk"]),
    ("service-role/AWSElasticDisasterRecoveryEc2InstancePolicy", &["drs", "ec2"]),
    ("service-role/AWSElasticDisasterRecoveryRecoveryInstancePolicy", &["drs", "ec2"]),
    ("service-role/AWSPanoramaServiceRolePolicy", &["panorama"]),
    ("service-role/AmazonEC2ContainerServiceEventsRole", &["events"]),
    ("service-role/AmazonEC2SpotFleetTaggingRole", &["spotfleet"]),
    ("service-role/AmazonEMRServicePolicy_v2", &["elasticmapreduce"]),
    ("service-role/AmazonElasticMapReduceRole", &["elasticmapreduce"]),
    ("service-role/AmazonSageMakerPartnerServiceCatalogProductsCloudFormationServiceRolePolicy", &["cloudformation"]),
    ("service-role/AmazonSageMakerServiceCatalogProductsCloudformationServiceRolePolicy", &["cloudformation"]),
    ("service-role/AmazonSageMakerServiceCatalogProductsCodePipelineServiceRolePolicy", &["codepipeline"]),
    ("service-role/AmazonSageMakerServiceCatalogProductsLambdaServiceRolePolicy", &["lambda"]),
    ("service-role/ServerMigrationServiceLaunchRole", &["sms"]),
];

/// The principal of a service without its domain.
fn plain(principal: &str) -> &str {
    let principal = principal.strip_suffix(".cn").unwrap_or(principal);
    principal.strip_suffix(".amazonaws.com").unwrap_or(principal)
}

/// The service runs nothing that a customer brings along by a role that it assumes.
pub fn runs_no_customer_code(principal: &str) -> bool {
    WITHOUT_CUSTOMER_CODE.iter().any(|service| service.name == plain(principal))
}

/// The services that run no customer code, each with the page of AWS's that says what its role is for.
pub fn services_without_customer_code() -> impl Iterator<Item = (&'static str, &'static str)> {
    WITHOUT_CUSTOMER_CODE.iter().map(|service| (service.name, service.source))
}

/// AWS wrote the policy of this ARN for the roles of this service.
pub fn is_written_for(arn: &str, principal: &str) -> bool {
    let name = arn.split_once(":iam::aws:policy/").map_or("", |(_, name)| name);
    let services = WRITTEN_FOR.iter().find(|(policy, _)| *policy == name).map(|(_, services)| *services);
    services.is_some_and(|services| services.contains(&plain(principal)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::managed::known;

    #[test]
    fn a_service_is_known_by_its_whole_name() {
        assert!(runs_no_customer_code("backup.amazonaws.com") && runs_no_customer_code("batch.amazonaws.com"));
        assert!(runs_no_customer_code("elasticmapreduce.amazonaws.com.cn"));
        for code in ["lambda", "ec2", "ecs-tasks", "cloudformation", "states", "ssm", "glue", "codebuild", "scheduler"]
        {
            assert!(!runs_no_customer_code(&format!("{code}.amazonaws.com")), "{code}");
        }
        assert!(!runs_no_customer_code("backup.example.com") && !runs_no_customer_code("*"));
    }

    #[test]
    fn each_service_has_its_source_and_each_policy_is_one_of_aws_s() {
        #[expect(clippy::allow_attributes, reason = "the field is read here alone")]
        #[allow(dead_code)]
        fn source(service: &Service) -> &str {
            service.source
        }
        assert!(
            WITHOUT_CUSTOMER_CODE.iter().all(|service| source(service).starts_with("https://docs.aws.amazon.com/"))
        );
        assert!(WITHOUT_CUSTOMER_CODE.is_sorted_by(|left, right| left.name < right.name));
        for (policy, _) in WRITTEN_FOR {
            let arn = format!("arn:aws:iam::aws:policy/{policy}");
            let found = known(&arn).unwrap_or_else(|| panic!("{policy} is not known"));
            assert!(!found.ways.is_empty(), "{policy} allows no privilege escalation: it needs no line here");
        }
    }

    #[test]
    fn a_policy_is_written_for_its_own_service() {
        let policy = "arn:aws:iam::aws:policy/service-role/AWSCodeStarServiceRole";
        assert!(is_written_for(policy, "codestar.amazonaws.com") && !is_written_for(policy, "lambda.amazonaws.com"));
        assert!(!is_written_for(&policy.replace("::aws:", "::111122223333:"), "codestar.amazonaws.com"));
    }
}
