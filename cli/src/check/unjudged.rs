//! Resources that a file plans and that no guardrail judges there: never silently.
//!
//! Of most kinds no guardrail says anything anywhere. Of those below some guardrail does once the resource is there, so that
//! what a template says of it can be a violation that only the account will show: undetermined.

use crate::template::Position;
use serde::Serialize;
use std::collections::BTreeMap;

/// A resource of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unjudged {
    kind: String,
    name: String,
    at: Position,
    guardrails: &'static [&'static str],
}

impl Unjudged {
    /// `name` is the logical id, or Terraform's address; `has` whether it has a property.
    pub(super) fn new(kind: &str, name: &str, at: Position, has: impl Fn(&str) -> bool) -> Self {
        let watched = WATCHED.iter().find(|(watched, ..)| *watched == kind);
        let watched = watched.filter(|(_, _, parts)| parts.is_empty() || parts.iter().any(|part| has(part)));
        let guardrails = watched.map_or(&[][..], |(_, names, _)| names);
        Self { kind: kind.to_owned(), name: name.to_owned(), at, guardrails }
    }
}

/// The resources of one kind in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OfKind {
    pub(super) file: String,
    pub(super) kind: String,
    pub(super) resources: Vec<String>,
    /// Where the first stands.
    pub(super) line: usize,
    /// Where the first stands that a guardrail looks at once it is there.
    #[serde(skip)]
    pub(super) at: Position,
    /// The guardrails that do.
    pub(super) guardrails: &'static [&'static str],
    #[serde(skip)]
    watched: Vec<String>,
}

const GRANTS: &[&str] = &["attached-policy-grants-admin", "inline-policy-grants-admin"];
const ATTACHED: &[&str] = &["attached-policy-grants-admin", "attached-policy-grants-escalation"];
const INLINE: &[&str] = &["inline-policy-grants-admin", "inline-policy-grants-escalation"];
const MANAGED: &[&str] = &["managed-policy-grants-admin", "managed-policy-grants-escalation"];
const ROLE: &[&str] = &["role-trust-open", "attached-policy-grants-admin", "inline-policy-grants-admin"];
const DATABASE: &[&str] = &["db-instance-publicly-accessible", "db-instance-deletion-protection-off"];
const TABLE: &[&str] = &["dynamodb-table-deletion-protection-off"];
const BALANCER: &[&str] = &["load-balancer-deletion-protection-off"];
const PROVIDER: &[&str] = &["identity-provider-not-allowed"];
const PASSWORD: &[&str] = &["console-password-set-by-another"];
const PREFIXES: &[&str] = &["security-group-admin-port-open"];

const TRAIL: &[&str] = &["trail-logs-less", "trail-weakened", "trail-stopped"];
const RECORDER: &[&str] = &["config-recorder-weakened", "config-recorder-stopped"];
const ALARM: &[&str] = &["alarm-actions-disabled"];
const FUNCTION_POLICY: &[&str] = &["lambda-function-policy-public", "lambda-function-policy-untrusted"];
const BUS_POLICY: &[&str] = &["event-bus-policy-public", "event-bus-policy-untrusted"];
const BLOCK: &[&str] = &["s3-bucket-public-access-block-weakened"];
const ENCRYPTION: &[&str] =
    &["s3-bucket-encryption-downgraded", "s3-bucket-encrypted-with-foreign-key", "s3-bucket-customer-keys-allowed"];
const ACLS: &[&str] = &["s3-bucket-acls-enabled"];
const EXPIRY: &[&str] = &["s3-bucket-expires-soon"];
const REPLICATION: &[&str] = &["s3-bucket-replicated-to-untrusted"];
const BUCKET: &[&str] = &[
    "s3-bucket-public-access-block-weakened",
    "s3-bucket-acls-enabled",
    "s3-bucket-encryption-downgraded",
    "s3-bucket-expires-soon",
    "s3-bucket-replicated-to-untrusted",
];

const API: &[&str] = &["api-gateway-policy-opened"];
const DISTRIBUTION: &[&str] = &[
    "cloudfront-origin-access-missing",
    "cloudfront-plain-http-allowed",
    "cloudfront-web-acl-removed",
    "cloudfront-logging-off",
];
const WAREHOUSE: &[&str] = &["redshift-cluster-publicly-accessible"];

/// The properties that make the difference, where not the kind alone does.
const ALWAYS: &[&str] = &[];
const HELD: &[&str] = &["ManagedPolicyArns", "Policies"];
const SIGNS_IN: &[&str] = &["LoginProfile", "ManagedPolicyArns", "Policies"];
const SILENT: &[&str] = &["ActionsEnabled", "actions_enabled"];
const SERVERLESS: &[&str] = &["Policies"];
const BUCKETS_OWN: &[&str] = &[
    "PublicAccessBlockConfiguration",
    "OwnershipControls",
    "BucketEncryption",
    "LifecycleConfiguration",
    "ReplicationConfiguration",
];

/// Which guardrails look at a kind once it is there, and at which of its properties.
const WATCHED: &[(&str, &[&str], &[&str])] = &[
    ("AWS::CloudTrail::Trail", TRAIL, ALWAYS),
    ("AWS::CloudWatch::Alarm", ALARM, SILENT),
    ("AWS::CloudWatch::CompositeAlarm", ALARM, SILENT),
    ("AWS::Config::ConfigurationRecorder", RECORDER, ALWAYS),
    ("AWS::ApiGateway::RestApi", API, &["Policy"]),
    ("AWS::CloudFront::Distribution", DISTRIBUTION, ALWAYS),
    ("AWS::DynamoDB::GlobalTable", TABLE, ALWAYS),
    ("AWS::DynamoDB::Table", TABLE, ALWAYS),
    ("AWS::EC2::PrefixList", PREFIXES, ALWAYS),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", BALANCER, ALWAYS),
    ("AWS::Events::EventBusPolicy", BUS_POLICY, ALWAYS),
    ("AWS::IAM::Group", GRANTS, HELD),
    ("AWS::IAM::GroupPolicy", INLINE, ALWAYS),
    ("AWS::IAM::ManagedPolicy", MANAGED, ALWAYS),
    ("AWS::IAM::OIDCProvider", PROVIDER, ALWAYS),
    ("AWS::IAM::Policy", INLINE, ALWAYS),
    ("AWS::IAM::Role", ROLE, ALWAYS),
    ("AWS::IAM::RolePolicy", INLINE, ALWAYS),
    ("AWS::IAM::SAMLProvider", PROVIDER, ALWAYS),
    (
        "AWS::IAM::User",
        &["attached-policy-grants-admin", "inline-policy-grants-admin", "console-password-set-by-another"],
        SIGNS_IN,
    ),
    ("AWS::IAM::UserPolicy", INLINE, ALWAYS),
    ("AWS::Lambda::Permission", FUNCTION_POLICY, ALWAYS),
    ("AWS::RDS::DBInstance", DATABASE, ALWAYS),
    ("AWS::Redshift::Cluster", WAREHOUSE, ALWAYS),
    ("AWS::S3::Bucket", BUCKET, BUCKETS_OWN),
    ("AWS::Serverless::Function", GRANTS, SERVERLESS),
    ("AWS::Serverless::SimpleTable", TABLE, ALWAYS),
    ("AWS::Serverless::StateMachine", GRANTS, SERVERLESS),
    ("aws_alb", BALANCER, ALWAYS),
    ("aws_cloudtrail", TRAIL, ALWAYS),
    ("aws_api_gateway_rest_api", API, &["policy"]),
    ("aws_api_gateway_rest_api_policy", API, ALWAYS),
    ("aws_backup_vault_lock_configuration", &["backup-vault-lock-removed"], ALWAYS),
    ("aws_cloudfront_distribution", DISTRIBUTION, ALWAYS),
    ("aws_cloudwatch_event_permission", BUS_POLICY, ALWAYS),
    ("aws_cloudwatch_metric_alarm", ALARM, SILENT),
    ("aws_config_configuration_recorder", RECORDER, ALWAYS),
    ("aws_config_configuration_recorder_status", RECORDER, ALWAYS),
    ("aws_db_cluster_snapshot", &["db-snapshot-public", "db-snapshot-shared-with-untrusted"], ALWAYS),
    ("aws_db_instance", DATABASE, ALWAYS),
    ("aws_db_snapshot", &["db-snapshot-public", "db-snapshot-shared-with-untrusted"], ALWAYS),
    ("aws_dynamodb_table", TABLE, ALWAYS),
    ("aws_ec2_managed_prefix_list", PREFIXES, ALWAYS),
    ("aws_ec2_managed_prefix_list_entry", PREFIXES, ALWAYS),
    ("aws_iam_account_password_policy", &["password-policy-weak"], ALWAYS),
    ("aws_iam_group_policies_exclusive", INLINE, ALWAYS),
    ("aws_iam_group_policy", INLINE, ALWAYS),
    ("aws_iam_group_policy_attachment", ATTACHED, ALWAYS),
    ("aws_iam_openid_connect_provider", PROVIDER, ALWAYS),
    ("aws_iam_policy", MANAGED, ALWAYS),
    ("aws_iam_policy_attachment", ATTACHED, ALWAYS),
    ("aws_iam_role", ROLE, ALWAYS),
    ("aws_iam_role_policy", INLINE, ALWAYS),
    ("aws_iam_role_policy_attachment", ATTACHED, ALWAYS),
    ("aws_iam_saml_provider", PROVIDER, ALWAYS),
    ("aws_iam_user_login_profile", PASSWORD, ALWAYS),
    ("aws_iam_user_policy", INLINE, ALWAYS),
    ("aws_iam_user_policy_attachment", ATTACHED, ALWAYS),
    ("aws_kms_grant", &["kms-grant-to-untrusted"], ALWAYS),
    ("aws_lambda_permission", FUNCTION_POLICY, ALWAYS),
    ("aws_lb", BALANCER, ALWAYS),
    ("aws_redshift_cluster", WAREHOUSE, ALWAYS),
    ("aws_redshift_logging", &["redshift-audit-logging-off"], ALWAYS),
    ("aws_s3_account_public_access_block", &["s3-account-public-access-block-weakened"], ALWAYS),
    ("aws_s3_bucket_lifecycle_configuration", EXPIRY, ALWAYS),
    ("aws_s3_bucket_ownership_controls", ACLS, ALWAYS),
    ("aws_s3_bucket_public_access_block", BLOCK, ALWAYS),
    ("aws_s3_bucket_replication_configuration", REPLICATION, ALWAYS),
    ("aws_s3_bucket_server_side_encryption_configuration", ENCRYPTION, ALWAYS),
];

/// The resources by kind, in the order of the kinds.
pub(super) fn by_kind(file: &str, resources: Vec<Unjudged>) -> Vec<OfKind> {
    let mut kinds: BTreeMap<String, OfKind> = BTreeMap::new();
    for Unjudged { kind, name, at, guardrails } in resources {
        let entry = kinds.entry(kind.clone()).or_insert_with(|| OfKind {
            file: file.to_owned(),
            kind,
            resources: Vec::new(),
            line: at.line,
            at,
            guardrails: &[],
            watched: Vec::new(),
        });
        entry.resources.push(name.clone());
        if !guardrails.is_empty() {
            if entry.watched.is_empty() {
                (entry.at, entry.guardrails) = (at, guardrails);
            }
            entry.watched.push(name);
        }
    }
    kinds.into_values().collect()
}

impl OfKind {
    /// Why the answer is open; none for a kind that no guardrail looks at anywhere.
    pub(super) fn unevaluated(&self) -> Option<String> {
        const NAMED: usize = 3;
        if self.guardrails.is_empty() {
            return None;
        }
        let names: Vec<String> = self.watched.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        let more = self.watched.len().checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let guardrails: Vec<String> = self.guardrails.iter().map(|name| format!("`{name}`")).collect();
        Some(format!(
            "{} is not evaluated before deployment ({}{more}): {} evaluates it once it exists",
            self.kind,
            names.join(", "),
            guardrails.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_guardrail_of_the_table_is_one() {
        let known: BTreeSet<&str> = shared::resources::catalogue().iter().map(|entry| entry.about.name).collect();
        for (kind, names, _) in WATCHED {
            assert!(!names.is_empty() && names.iter().all(|name| known.contains(name)), "{kind}: {names:?}");
        }
    }

    #[test]
    fn resources_are_reported_by_kind() {
        let one = |kind: &str, name: &str, line| {
            Unjudged::new(kind, name, Position { line, column: 1 }, |part| part == "Policies" && name == "Holder")
        };
        let found = by_kind(
            "f",
            vec![one("AWS::Logs::LogGroup", "B", 3), one("AWS::EC2::Subnet", "S", 4), one("AWS::EC2::Subnet", "T", 9)],
        );
        assert_eq!(
            found.iter().map(|kind| (kind.kind.as_str(), kind.line)).collect::<Vec<_>>(),
            [("AWS::EC2::Subnet", 4), ("AWS::Logs::LogGroup", 3)]
        );
        let reported = found[0].unevaluated().unwrap();
        assert_eq!(
            reported,
            "AWS::EC2::Subnet is not evaluated before deployment (`S`, `T`): `subnet-assigns-public-address` evaluates it \
             once it exists"
        );
        assert_eq!(found[1].unevaluated(), None);
        let users = by_kind("f", vec![one("AWS::IAM::User", "Bare", 1), one("AWS::IAM::User", "Holder", 5)]);
        assert!(users[0].unevaluated().unwrap().contains("(`Holder`)") && users[0].at.line == 5);
    }
}
