//! The one list of functions, of the families that each serves, and of the client that each family needs.
//!
//! Everything that has to know all families follows from it: the catalogue, what `undo` and the sweep serve, each function's
//! `main`, and what the tests walk through.

pub mod accessanalyzer;
pub mod account;
pub mod agentcore;
pub mod apigateway;
pub mod backup;
pub mod bedrock;
pub mod by_record;
pub mod callers;
mod catalogue;
pub mod cloudfront;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod codeartifact;
pub mod codebuild;
pub mod cognito;
pub mod config;
pub mod custom;
pub mod database;
pub mod dsql;
pub mod ec2;
pub mod ecr;
pub mod efs;
pub mod eks;
pub mod emr;
pub mod events;
pub mod glacier;
pub mod glue;
pub mod guardduty;
pub mod iam;
pub mod inspector;
pub mod kinesis;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod macie;
pub mod opensearch;
pub mod organizations;
pub mod parapet;
#[cfg(test)]
mod planned_tests;
mod purposes;
pub mod ram;
pub mod redshift;
pub mod route53domains;
pub mod s3;
pub mod s3files;
pub mod s3tables;
pub mod s3vectors;
pub mod sagemaker;
pub mod secretsmanager;
pub mod securityhub;
pub mod ses;
mod settings;
pub mod sign_in;
pub mod sms;
pub mod sns;
pub mod sqs;
pub mod ssm;
pub mod sso;
pub mod threat;
mod triggered;
pub mod wafv2;

use crate::engine::family::Family;

pub use catalogue::{Entry, catalogue, catalogue_with};
pub use purposes::{PURPOSES, Purpose};
pub use triggered::Triggered;

/// Hands the list to the macro `$with`, after what stands in the brackets:
///
/// ```
/// macro_rules! names {
///     ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => { [$($function),+] };
/// }
/// assert!(shared::registry!(names![]).contains(&"security-group"));
/// ```
///
/// A new family is one line here; a new function is one block, and a row of [`PURPOSES`]: `make generate` writes its crate. Families are listed in the order
/// in which the catalogue shows them.
#[macro_export]
macro_rules! registry {
    ($with:ident ! [$($arguments:tt)*]) => {
        $with! {
            [$($arguments)*]
            "security-group" {
                ec2::SecurityGroups => Ec2,
            }
            "iam-user" {
                iam::IamUsers => Iam,
                iam::CompromisedUsers => Iam,
                iam::LoginProfiles => Iam,
                iam::MfaDevices => Iam,
                iam::PasswordPolicies => Iam,
                iam::SessionCuts => Iam,
                iam::RootCredentials => Iam,
                iam::RootSessions => Iam,
            }
            "instance" {
                ec2::InstanceMetadata => Ec2,
                ec2::EbsEncryption => Ec2,
                ec2::SerialConsole => Ec2,
                ec2::MetadataDefaults => Ec2,
            }
            "image-sharing" {
                ec2::Snapshots => Ec2,
                ec2::Images => Ec2,
                ec2::SnapshotBlockPublicAccess => Ec2,
                ec2::ImageBlockPublicAccess => Ec2,
            }
            "network" {
                ec2::NetworkAcls => Ec2,
                ec2::FlowLogs => Ec2,
                ec2::SubnetFamily => Ec2,
                ec2::TransitGateways => Ec2,
            }
            "sign-in" {
                sign_in::SignIns => RecordAlone,
                sign_in::FailedSignIns => RecordAlone,
                sign_in::RootActivity => RecordAlone,
                sign_in::RootCredentials => RecordAlone,
            }
            "iam-trust" {
                iam::RoleTrusts => Iam,
                iam::PermissionsBoundaries => Iam,
                iam::IdentityProviders => Iam,
            }
            "database" {
                database::DbSnapshots => Rds,
                database::DbInstances => Rds,
                database::DbClusters => Rds,
                database::DbBackups => Rds,
                database::DeletedBackups => RecordAlone,
                database::ActivityStreams => Rds,
                database::ExportTasks => Rds,
                redshift::RedshiftClusters => Redshift,
                redshift::RedshiftSnapshots => Redshift,
                redshift::RedshiftLoggings => Redshift,
                database::DynamodbTables => DynamoDb,
                database::TableRecoveries => DynamoDb,
                database::TablePolicies => DynamoDb,
                database::TableExports => RecordAlone,
                database::LoadBalancers => Elb,
                database::Listeners => Elb,
            }
            "iam-policy" {
                iam::PolicyAttachments => Iam,
                iam::InlinePolicies => Iam,
                iam::ManagedPolicies => Iam,
            }
            "lambda" {
                lambda::FunctionPolicies => Signed,
                lambda::FunctionUrls => Signed,
                lambda::LayerPermissions => Signed,
                lambda::EventSources => Signed,
                lambda::CodeChanges => RecordAlone,
            }
            "messaging" {
                sns::TopicPolicies => Sns,
                sqs::QueuePolicies => Sqs,
                events::BusPolicies => Events,
            }
            "secret" {
                secretsmanager::SecretPolicies => SecretsManager,
                secretsmanager::SecretStates => SecretsManager,
            }
            "registry" {
                ecr::RepositoryPolicies => Ecr,
                ecr::RegistryPolicies => Ecr,
                ecr::PublicRepositoryPolicies => Signed,
                ssm::DocumentShares => Signed,
                ssm::PublicSharing => Signed,
                ssm::SsmPolicies => RecordAlone,
            }
            "data-store" {
                kinesis::StreamPolicies => Signed,
                glue::CatalogPolicies => Signed,
                efs::FileSystemPolicies => Signed,
                efs::DeletedPolicies => RecordAlone,
                backup::VaultPolicies => Signed,
                backup::VaultLocks => Signed,
                backup::DeletedRecoveryPoints => RecordAlone,
                glacier::GlacierVaultPolicies => Signed,
                s3files::S3FilesPolicies => Signed,
                dsql::DsqlPolicies => Signed,
                opensearch::DomainPolicies => Signed,
                s3tables::TableBucketPolicies => Signed,
                s3tables::TablePolicies => Signed,
                s3vectors::VectorBucketPolicies => Signed,
                emr::EmrBlockPublicAccess => Signed,
            }
            "resource-policy" {
                logs::LogsPolicies => Signed,
                logs::DestinationPolicies => Signed,
                ses::IdentityPolicies => Signed,
                codeartifact::PackageDomainPolicies => Signed,
                codeartifact::PackageRepositoryPolicies => Signed,
                cloudtrail::TrailPolicies => Signed,
                bedrock::BedrockPolicies => Signed,
                agentcore::AgentPolicies => Signed,
                apigateway::ApiPolicies => RecordAlone,
            }
            "application" {
                codebuild::ProjectVisibilities => Signed,
                codebuild::Webhooks => RecordAlone,
                cognito::IdentityPools => Signed,
                sagemaker::Notebooks => RecordAlone,
                ses::SendingChanges => RecordAlone,
                cloudfront::OriginAccesses => RecordAlone,
                cloudfront::WebAcls => RecordAlone,
                cloudfront::ViewerProtocols => RecordAlone,
                cloudfront::LoggingChanges => RecordAlone,
                sms::SpendLimits => Signed,
            }
            "s3" {
                s3::AccountBlock => S3Control,
                s3::BucketBlocks => S3,
                s3::BucketEncryptions => S3,
                s3::BucketPolicies => S3Control,
                s3::BucketAcls => S3Control,
                s3::BucketVersionings => S3,
                s3::BucketLoggings => S3,
                s3::BucketOwnerships => S3,
                s3::BucketObjectLocks => S3,
                s3::BucketWebsites => S3,
                s3::BucketLifecycles => S3,
                s3::BucketReplications => S3,
                s3::BucketTls => S3,
                s3::AccessPointPolicies => S3Control,
                s3::AccessPointBlocks => S3Control,
            }
            "kms" {
                kms::KmsKeys => Kms,
                kms::KeyRotations => Kms,
                kms::KeyPolicies => Kms,
                kms::KmsGrants => Kms,
                kms::KeyStores => Kms,
            }
            "audit-trail" {
                cloudtrail::Trails => Signed,
                cloudtrail::StoreIngestions => Signed,
                cloudtrail::StoreDeletions => Signed,
                config::ConfigRecorders => Signed,
                config::DeletedRules => RecordAlone,
                logs::LogGroupRetentions => Signed,
                logs::ProtectedGroups => RecordAlone,
                cloudwatch::AlarmSwitches => Signed,
                cloudwatch::DeletedAlarms => RecordAlone,
            }
            "organization" {
                organizations::OrganizationPolicies => Signed,
                organizations::PolicyTypes => Signed,
                organizations::AccountChanges => RecordAlone,
                organizations::AdministrationChanges => RecordAlone,
                organizations::ResponsibilityTransfers => RecordAlone,
                ram::SharedPrincipals => Signed,
                ram::ExternalSwitches => Signed,
                sso::AccountAssignments => Signed,
                sso::PermissionSets => RecordAlone,
                sso::TokenIssuers => RecordAlone,
            }
            "account" {
                account::SecurityContacts => Signed,
                account::EnabledRegions => Signed,
                route53domains::TransferLocks => Signed,
                route53domains::DomainTransfers => RecordAlone,
            }
            "detection" {
                guardduty::Detectors => Signed,
                guardduty::Filters => Signed,
                guardduty::TrustedLists => Signed,
                guardduty::TrustedEntityLists => Signed,
                guardduty::ThreatLists => Signed,
                guardduty::MonitoredMembers => Signed,
                guardduty::DetachedMembers => RecordAlone,
                guardduty::OrganizationChanges => RecordAlone,
                guardduty::DeletedExports => RecordAlone,
                securityhub::Hubs => Signed,
                securityhub::HubsV2 => Signed,
                securityhub::Standards => Signed,
                securityhub::NarrowedHubs => RecordAlone,
                securityhub::SuppressedFindings => RecordAlone,
                macie::MacieEnabled => Signed,
                macie::MacieRunning => Signed,
                inspector::DisabledScans => RecordAlone,
                accessanalyzer::Analyzers => Signed,
                accessanalyzer::ArchiveRules => RecordAlone,
                wafv2::WebAclAssociations => Signed,
                wafv2::WebAclLogging => Signed,
                wafv2::WebAclRules => Signed,
                eks::ControlPlaneLogs => Signed,
                eks::ClusterEndpoints => Signed,
                eks::ClusterAdmins => Signed,
                bedrock::InvocationLogging => Signed,
                bedrock::DeletedGuardrails => RecordAlone,
            }
            "self" {
                parapet::EventRules => Signed,
                parapet::ConcurrencyLimits => Signed,
                parapet::FunctionChanges => RecordAlone,
                parapet::RoleChanges => RecordAlone,
                parapet::PartChanges => RecordAlone,
            }
            "custom" {
                custom::DeclaredGuardrails => Runbooks,
            }
            "threat" {
                iam::ReportedUsers => Iam,
                iam::ReportedRoles => Iam,
                ec2::ReportedInstances => Ec2,
                threat::OtherFindings => RecordAlone,
            }
        }
    };
}

/// What is made of the list here.
macro_rules! declare {
    // A name is a token here and no literal: as such it can be a pattern of `serve`.
    ([] $($function:tt { $($service:ident::$family:ident => $client:ident,)+ })+) => {
        /// The functions, in the order of the catalogue.
        pub const FUNCTIONS: &[&str] = &[$($function),+];

        /// Shows every family, those of one function side by side.
        pub fn visit_all(visitor: &mut impl Visitor) {
            $($(visitor.visit($function, <crate::resources::$service::$family as Default>::default());)+)+
        }

        /// Every family wired to AWS, for what serves all of them: the `operate` function and the command line.
        #[cfg(feature = "everything")]
        #[must_use]
        pub fn services() -> Vec<Box<dyn crate::aws::service::Service>> {
            vec![$($(crate::aws::service::served(<crate::resources::$service::$family as Default>::default(), crate::aws::service::clients::$client::new)),+),+]
        }

        /// The whole of a function's `main`: serves the families that the registry lists under its name. A function is built
        /// with the features of its own clients only, so its crate names exactly these.
        #[cfg(feature = "lambda")]
        #[macro_export]
        macro_rules! serve {
            $(($function) => {
                $crate::lambda::serve(vec![
                    $($crate::aws::service::served(<$crate::resources::$service::$family as Default>::default(), $crate::aws::service::clients::$client::new)),+
                ])
            };)+
        }
    };
}

registry!(declare![]);

/// What wants to see every family: their types differ, so it is not a list.
pub trait Visitor {
    /// Sees one, which `function` serves.
    fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_function_has_its_purpose() {
        let named: Vec<&str> = PURPOSES.iter().map(|purpose| purpose.function).collect();
        assert_eq!(named, FUNCTIONS);
    }

    #[test]
    fn no_two_families_are_of_the_same_kind() {
        struct Kinds(BTreeSet<&'static str>);

        impl Visitor for Kinds {
            fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
                assert!(self.0.insert(family.kind()), "{} is listed twice", family.kind());
            }
        }

        visit_all(&mut Kinds(BTreeSet::new()));
    }
}
