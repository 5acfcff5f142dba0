//! What each function does, in one line, and whose events it hears.

/// What a function does, for its description and its rule in the templates.
#[derive(Clone, Copy, Debug)]
pub struct Purpose {
    /// The name of the function.
    pub function: &'static str,
    /// What it does, in one line.
    pub does: &'static str,
    /// Its rule, and the services whose events reach it: the calls are the triggers of its guardrails. None where its rules are
    /// about something else and stand in `generate/functions.yaml`.
    pub hears: Option<(&'static str, &'static [&'static str])>,
}

const fn purpose(
    function: &'static str,
    does: &'static str,
    hears: Option<(&'static str, &'static [&'static str])>,
) -> Purpose {
    Purpose { function, does, hears }
}

/// A row for each function of the registry, in its order.
pub const PURPOSES: &[Purpose] = &[
    purpose(
        "security-group",
        "Evaluates changes to security groups and remediates violations",
        Some(("Changes to security groups, except Parapet's own", &["ec2"])),
    ),
    purpose(
        "iam-user",
        "Evaluates the access keys, passwords and MFA devices of users and root, and the central management of root users, and remediates violations",
        Some((
            "Changes to users' keys, passwords and MFA devices and to the management of root users, except Parapet's own",
            &["iam"],
        )),
    ),
    purpose(
        "instance",
        "Evaluates IMDS options of instances and the account's defaults for instances and EBS volumes, and remediates violations",
        Some((
            "Launched instances, changes to IMDS options and to EC2 and EBS account defaults, except Parapet's own",
            &["ec2"],
        )),
    ),
    purpose(
        "image-sharing",
        "Evaluates the sharing of EBS snapshots and AMIs, and remediates violations",
        Some(("Changes to the sharing of EBS snapshots and AMIs, except Parapet's own", &["ec2"])),
    ),
    purpose(
        "network",
        "Evaluates changes to network ACLs, flow logs, subnets and transit gateways, and remediates violations",
        Some(("Changes to network ACLs, flow logs, subnets and transit gateways, except Parapet's own", &["ec2"])),
    ),
    purpose(
        "sign-in",
        "Notifies of sign-ins as root or without MFA, of bursts of failed sign-ins, and of root's API calls",
        None,
    ),
    purpose(
        "iam-trust",
        "Evaluates role trust policies, permissions boundaries and identity providers, and remediates violations",
        Some((
            "Changes to role trust policies, permissions boundaries and identity providers, except Parapet's own",
            &["iam"],
        )),
    ),
    purpose(
        "database",
        "Evaluates changes to databases, their snapshots and load balancers, and remediates violations",
        // DocumentDB and Neptune record as RDS does.
        Some((
            "Changes to databases, their snapshots and load balancers, except Parapet's own",
            &["dynamodb", "elasticloadbalancing", "rds", "redshift"],
        )),
    ),
    purpose(
        "iam-policy",
        "Evaluates what policies grant to users, roles and groups, and remediates violations",
        Some(("Policies created, changed, attached and deleted, except by Parapet", &["iam"])),
    ),
    purpose(
        "lambda",
        "Evaluates the policies, URLs, code, layers and event sources of Lambda functions, and remediates violations",
        Some((
            "Changes to the policies, URLs, code, layers and event sources of Lambda functions, except Parapet's own",
            &["lambda"],
        )),
    ),
    purpose(
        "messaging",
        "Evaluates the policies of SNS topics, SQS queues and event buses, and remediates violations",
        Some((
            "Changes to the policies of SNS topics, SQS queues and event buses, except Parapet's own",
            &["events", "sns", "sqs"],
        )),
    ),
    purpose(
        "secret",
        "Evaluates the policies, deletion and rotation of secrets, and remediates violations",
        Some(("Changes to the policies, deletion and rotation of secrets, except Parapet's own", &["secretsmanager"])),
    ),
    purpose(
        "registry",
        "Evaluates the policies of ECR repositories and registries and the sharing of SSM documents and parameters, and remediates violations",
        Some((
            "Changes to the policies of ECR repositories and registries and to the sharing of SSM documents and parameters, except Parapet's own",
            &["ecr", "ecr-public", "ssm"],
        )),
    ),
    purpose(
        "data-store",
        "Evaluates the policies of streams, catalogs, file systems, vaults, clusters, search domains and tables, locks of vaults, and EMR's block of public access, and remediates violations",
        Some((
            "Changes to the policies of streams, catalogs, file systems, vaults, clusters, search domains and tables, to locks of vaults and to EMR's block of public access, except Parapet's own",
            &[
                "backup",
                "dsql",
                "elasticfilesystem",
                "elasticmapreduce",
                "es",
                "glacier",
                "glue",
                "kinesis",
                "s3files",
                "s3tables",
                "s3vectors",
            ],
        )),
    ),
    purpose(
        "resource-policy",
        "Evaluates the policies of CloudWatch Logs, CloudTrail, REST APIs, SES identities, CodeArtifact and Bedrock, and remediates violations",
        Some((
            "Changes to the policies of CloudWatch Logs, CloudTrail, REST APIs, SES identities, CodeArtifact and Bedrock, except Parapet's own",
            &["apigateway", "bedrock", "bedrock-agentcore", "cloudtrail", "codeartifact", "logs", "ses"],
        )),
    ),
    purpose(
        "application",
        "Evaluates CodeBuild projects, identity pools, notebooks, CloudFront distributions and the sending of messages, and remediates violations",
        Some((
            "Changes to CodeBuild projects, identity pools, notebooks, CloudFront distributions and the sending of messages, except Parapet's own",
            &["cloudfront", "codebuild", "cognito-identity", "sagemaker", "ses", "sms-voice"],
        )),
    ),
    purpose(
        "s3",
        "Evaluates policies and settings of S3 buckets, access points and the account, and remediates violations",
        Some((
            "Changes to policies and settings of S3 buckets, access points and the account, except Parapet's own",
            &["s3"],
        )),
    ),
    purpose(
        "kms",
        "Evaluates the state, rotation, policies and grants of KMS keys, and remediates violations",
        Some(("Changes to the state, rotation, policies and grants of KMS keys, except Parapet's own", &["kms"])),
    ),
    purpose(
        "audit-trail",
        "Evaluates trails, event data stores, the configuration recorder, protected log groups and alarms, and remediates violations",
        Some((
            "Changes to trails, event data stores, the configuration recorder, log groups and alarms, except Parapet's own",
            &["cloudtrail", "config", "logs", "monitoring"],
        )),
    ),
    purpose(
        "organization",
        "Evaluates the organization's policies, accounts and administration, resource shares and Identity Center, and remediates violations",
        Some((
            "Changes to the organization's policies and accounts, resource shares and Identity Center, except Parapet's own",
            &["organizations", "ram", "sso"],
        )),
    ),
    purpose(
        "account",
        "Evaluates the account's regions, its security contact and its domains, and remediates violations",
        Some((
            "Changes to the account's regions, its security contact and its domains, except Parapet's own",
            &["account", "route53domains"],
        )),
    ),
    purpose(
        "detection",
        "Evaluates GuardDuty, Security Hub, Macie, Inspector, Access Analyzer, web ACLs, EKS and Bedrock, and remediates violations",
        Some((
            "Changes to GuardDuty, Security Hub, Macie, Inspector, Access Analyzer, web ACLs, EKS and Bedrock, except Parapet's own",
            &["access-analyzer", "bedrock", "eks", "guardduty", "inspector2", "macie2", "securityhub", "wafv2"],
        )),
    ),
    purpose(
        "self",
        "Evaluates changes to Parapet's own rules, functions, roles, topic, queue, ledger and policy, remediates what it can, and keeps the heartbeat",
        Some((
            "Changes to Parapet's own parts, and the heartbeat",
            &["dynamodb", "events", "iam", "kms", "lambda", "logs", "monitoring", "s3", "scheduler", "sns", "sqs"],
        )),
    ),
    purpose("custom", "Evaluates the guardrails that the policy file declares, and starts runbooks", None),
    purpose(
        "threat",
        "Evaluates what GuardDuty and AWS Health report of keys, sessions and instances, contains what the policy names, and notifies",
        None,
    ),
];
