//! Every family wired to AWS, for whoever serves all of them: the `operate` function and the command line.

use crate::aws::ec2::Ec2;
use crate::aws::iam::Iam;
use crate::families::iam_user::IamUsers;
use crate::families::inline_policy::InlinePolicies;
use crate::families::managed_policy::ManagedPolicies;
use crate::families::policy_attachment::PolicyAttachments;
use crate::families::security_group::SecurityGroups;
use crate::service::{Service, served};

/// One line a family; a test holds the list against the catalogue.
#[must_use]
pub fn services() -> Vec<Box<dyn Service>> {
    vec![
        served(SecurityGroups, Ec2::new),
        served(IamUsers, Iam::new),
        served(PolicyAttachments, Iam::new),
        served(InlinePolicies, Iam::new),
        served(ManagedPolicies, Iam::new),
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
