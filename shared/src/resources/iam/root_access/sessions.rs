//! IAM-21: the organization keeps its privileged root sessions.

use super::{IDS, RootFeature, RootFeatures};
use crate::engine::setting::prelude::*;

const ENABLE: Permission = Permission::setting("iam:EnableOrganizationsRootSessions");
const DISABLE: Permission = Permission::setting("iam:DisableOrganizationsRootSessions");

/// Privileged root sessions in member accounts.
pub type RootSessions = RootFeatures<RunsSessions>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunsSessions;

impl RootFeature for RunsSessions {
    const KIND: &'static str = "root-sessions";
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "root-sessions-disabled",
        catalogue_id: "IAM-21",
        title: "Privileged root sessions of the organization were disabled",
        description: "Privileged root sessions in member accounts were disabled for the organization by a principal that is not among `allowed_principals`: a bucket or a queue whose policy locks everyone out can only be unlocked with a member's own root credentials.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["CIS AWS Foundations 7.0.0/2.1.1"],
        technique: "T1562.001",
        triggers: &["DisableOrganizationsRootSessions"],
        remediation: "Enables the feature again, with one call. Nothing else changes.",
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
            "enable privileged root sessions in member accounts",
            "aws iam enable-organizations-root-sessions",
        ),
        Call::new(
            false,
            &["disable"],
            DISABLE,
            "disable privileged root sessions in member accounts",
            "aws iam disable-organizations-root-sessions",
        ),
    ];
    const NAME: &'static str = "RootSessions";
    const WHY: &'static str = "privileged root sessions in member accounts are disabled: what locks everyone out needs a member's root credentials";
}
