//! LOG-13: the roles of Parapet, and the policies of its stack, are changed by deployments alone.
//!
//! Source: the actions of these names in the IAM API reference. IAM records in one region of a partition: the stack of that region notifies of all that
//! are called as the parts of a stack of its name are, wherever they work.

use super::{noticed, part};
use crate::engine::notice::prelude::*;

/// Changes of Parapet's roles.
pub type RoleChanges = Notices<RoleChange>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleChange;

impl Notice for RoleChange {
    type Settings = NoSettings;

    const KIND: &'static str = "parapet-role-change";
    const HEARS_ITSELF: bool = true;
    const ABOUT: &'static About = &About {
        name: "parapet-role-changed",
        catalogue_id: "LOG-13",
        title: "A role of Parapet was changed or deleted",
        description: "The permissions, the boundary or the trust policy of a role of Parapet's stack, or a policy that the stack attaches to its roles, were changed, or it \
            was deleted: a function may then do less than it has to, or another principal acts in its name. Deployments by CloudFormation are notified as well.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1098.003",
        triggers: &[
            "AttachRolePolicy",
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "SetDefaultPolicyVersion",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ],
        remediation: "Notifies: the role that would change it back may be the one that was changed. Deploy the stack again.",
        actions: &[],
        ids: &["arn:%:iam::%:role/*", "arn:%:iam::%:policy/*"],
        not_watched: &[
            ("CreateRole, CreatePolicy", "a new one replaces none of the stack's"),
            ("TagRole, UntagRole", "nothing depends on a role's tags"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("iam.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let role = event.request.text(&["roleName"]).map(|name| super::arn_of(event, "iam", "", "role/", name));
        let arn = role.or_else(|| event.request.text(&["policyArn"]).map(str::to_owned));
        let arn = arn.ok_or_else(|| Unlocatable::new(event, "the record names neither a role nor a policy"))?;
        let what = match event.name.as_str() {
            "DeleteRole" | "DeletePolicy" => "it was deleted",
            "UpdateAssumeRolePolicy" => "its trust policy was changed",
            "PutRolePermissionsBoundary" | "DeleteRolePermissionsBoundary" => "its permissions boundary was changed",
            "UpdateRole" => "its description or session duration was changed",
            _ => "its permissions were changed",
        };
        Ok(Some(noticed(event, &arn, &event.name, what)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        part(name_of(&seen.name), terms).is_some()
    }

    fn named(arn: &str, _: &Place) -> Resource {
        let kind = if arn.contains(":policy/") { "AwsIamPolicy" } else { "AwsIamRole" };
        Resource { id: arn.to_owned(), kind, name: name_of(arn).to_owned() }
    }
}

fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
