//! Every family wired to AWS, for whoever serves all of them: the `operate` function and the command line.

use crate::aws::dynamodb_table::DynamoDb;
use crate::aws::ec2::Ec2;
use crate::aws::elb::Elb;
use crate::aws::iam::Iam;
use crate::aws::rds::Rds;
use crate::families::RecordAlone;
use crate::families::compromised_user::CompromisedUsers;
use crate::families::database::cluster::DbClusters;
use crate::families::database::instance::DbInstances;
use crate::families::database::load_balancer::LoadBalancers;
use crate::families::database::snapshot::DbSnapshots;
use crate::families::database::table::DynamodbTables;
use crate::families::flow_log::FlowLogs;
use crate::families::iam_user::IamUsers;
use crate::families::identity_provider::IdentityProviders;
use crate::families::image::Images;
use crate::families::image_block_public_access::ImageBlockPublicAccess;
use crate::families::inline_policy::InlinePolicies;
use crate::families::instance::{EbsEncryption, InstanceMetadata, MetadataDefaults, SerialConsole};
use crate::families::login_profile::LoginProfiles;
use crate::families::managed_policy::ManagedPolicies;
use crate::families::mfa_device::MfaDevices;
use crate::families::network_acl::NetworkAcls;
use crate::families::password_policy::PasswordPolicies;
use crate::families::permissions_boundary::PermissionsBoundaries;
use crate::families::policy_attachment::PolicyAttachments;
use crate::families::role_trust::RoleTrusts;
use crate::families::root_activity::RootActivity;
use crate::families::security_group::SecurityGroups;
use crate::families::session_cut::SessionCuts;
use crate::families::sign_in::SignIns;
use crate::families::snapshot::Snapshots;
use crate::families::snapshot_block_public_access::SnapshotBlockPublicAccess;
use crate::families::subnet::SubnetFamily;
use crate::families::transit_gateway::TransitGateways;
use crate::service::{Service, served};

/// One line a family; a test holds the list against the catalogue.
#[must_use]
pub fn services() -> Vec<Box<dyn Service>> {
    vec![
        served(SecurityGroups, Ec2::new),
        served(IamUsers, Iam::new),
        served(InstanceMetadata, Ec2::new),
        served(EbsEncryption, Ec2::new),
        served(SerialConsole, Ec2::new),
        served(MetadataDefaults, Ec2::new),
        served(Snapshots, Ec2::new),
        served(Images, Ec2::new),
        served(SnapshotBlockPublicAccess, Ec2::new),
        served(ImageBlockPublicAccess, Ec2::new),
        served(NetworkAcls, Ec2::new),
        served(FlowLogs, Ec2::new),
        served(SubnetFamily, Ec2::new),
        served(TransitGateways, Ec2::new),
        served(SignIns, |_| RecordAlone),
        served(RootActivity, |_| RecordAlone),
        served(RoleTrusts, Iam::new),
        served(PermissionsBoundaries, Iam::new),
        served(IdentityProviders, Iam::new),
        served(DbSnapshots, Rds::new),
        served(DbInstances, Rds::new),
        served(DbClusters, Rds::new),
        served(DynamodbTables, DynamoDb::new),
        served(LoadBalancers, Elb::new),
        served(PolicyAttachments, Iam::new),
        served(InlinePolicies, Iam::new),
        served(ManagedPolicies, Iam::new),
        served(CompromisedUsers, Iam::new),
        served(LoginProfiles, Iam::new),
        served(MfaDevices, Iam::new),
        served(PasswordPolicies, Iam::new),
        served(SessionCuts, Iam::new),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_family_of_the_catalogue_is_there() {
        let wired: BTreeSet<&str> = services().iter().map(|service| service.kind()).collect();
        let listed: BTreeSet<&str> = crate::families::catalogue().iter().map(|entry| entry.kind).collect();
        assert_eq!(wired, listed);
    }
}
