//! IAM-21: the organization manages the root credentials of its members.

use super::{IDS, RootFeature, RootFeatures};
use crate::engine::setting::prelude::*;

const ENABLE: Permission = Permission::setting("iam:EnableOrganizationsRootCredentialsManagement");
const DISABLE: Permission = Permission::setting("iam:DisableOrganizationsRootCredentialsManagement");

/// Central management of root credentials.
pub type RootCredentials = RootFeatures<ManagesCredentials>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ManagesCredentials;

impl RootFeature for ManagesCredentials {
    const KIND: &'static str = "root-credentials-management";
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "root-credentials-management-disabled",
        catalogue_id: "IAM-21",
        title: "Central management of root credentials was disabled",
        description: "The management of the root credentials of member accounts was disabled for the organization by a principal that is not among `allowed_principals`: root passwords of members can be recovered again, and new members get them.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["CIS AWS Foundations 7.0.0/2.1.1"],
        technique: "T1562.001",
        triggers: &["DisableOrganizationsRootCredentialsManagement"],
        remediation: "Enables the feature again, with one call. Credentials that a member has created meanwhile stay.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[(
            "DisableAWSServiceAccess",
            "it ends the trusted access of IAM, without which the feature cannot be enabled: another guardrail's",
        )],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["enable"],
            ENABLE,
            "enable central management of root credentials",
            "aws iam enable-organizations-root-credentials-management",
        ),
        Call::new(
            false,
            &["disable"],
            DISABLE,
            "disable central management of root credentials",
            "aws iam disable-organizations-root-credentials-management",
        ),
    ];
    const NAME: &'static str = "RootCredentialsManagement";
    const WHY: &'static str = "the organization does not manage the root credentials of its members any more: their passwords can be recovered";
}
