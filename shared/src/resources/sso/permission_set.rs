//! ACC-09: no permission set is made an administrator's unseen.
//!
//! Sources: "AttachManagedPolicyToPermissionSet", "PutInlinePolicyToPermissionSet", "AttachCustomerManagedPolicyReferenceToPermissionSet" (IAM Identity Center API
//! reference). A permission set reaches the accounts where it is assigned when it is provisioned there.

use super::{SOURCE, powers};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// What permission sets are given.
pub type PermissionSets = Notices<AdminSet>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdminSet;

const MANAGED: &str = "AttachManagedPolicyToPermissionSet";
const INLINE: &str = "PutInlinePolicyToPermissionSet";
const REFERENCE: &str = "AttachCustomerManagedPolicyReferenceToPermissionSet";

impl Notice for AdminSet {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "permission-set";
    const ABOUT: &'static About = &About {
        name: "permission-set-grants-admin",
        catalogue_id: "ACC-09",
        title: "A permission set of Identity Center grants administration",
        description: "A principal that is not among `allowed_principals` gave a permission set a policy that makes an administrator, or opens a privilege escalation path of the strongest \
            tier, wherever the set is assigned: one of AWS's own such as `AdministratorAccess`, or an inline policy. A customer managed policy is \
            named alone, each account has its own under that name: what it grants is unknown, and is notified as such.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1098.003",
        triggers: &[MANAGED, INLINE, REFERENCE],
        remediation: "Notifies: a permission set that loses a policy locks out whom it is assigned to, at once and in every account.",
        actions: &[],
        ids: &["arn:%:sso:::permissionSet/%/%"],
        not_watched: &[
            ("ProvisionPermissionSet", "it carries into accounts what the set was given before"),
            ("PutPermissionsBoundaryToPermissionSet", "a boundary grants nothing"),
            ("DeletePermissionsBoundaryFromPermissionSet", "what the set was given is judged without its boundary"),
            ("CreatePermissionSet", "a new permission set has no policy"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let text = |path: &[&str], what: &str| {
            let unnamed = || Unlocatable::new(event, format!("the record names no {what}"));
            event.request.text(path).map(str::to_owned).ok_or_else(unnamed)
        };
        let set = text(&["permissionSetArn"], "permission set")?;
        let seen = Noticed::of(event, &set);
        let sentence = |why: String| format!("permission set `{set}` was given administration: {why}");
        Ok(Some(match event.name.as_str() {
            MANAGED => {
                let policy = text(&["managedPolicyArn"], "policy")?;
                match powers::of_managed(&policy) {
                    Ok(why) => seen.sign(&policy, why.map(sentence)),
                    Err(why) => Noticed { unknown: Some(why), ..seen },
                }
            }
            INLINE => match event.request.text(&["inlinePolicy"]).map(powers::of_document) {
                Some(Ok(why)) => seen.sign("inline", why.map(|why| sentence(format!("its inline policy: {why}")))),
                Some(Err(why)) => Noticed { unknown: Some(format!("its inline policy: {why}")), ..seen },
                None => Noticed { unknown: Some("the record does not show the inline policy".to_owned()), ..seen },
            },
            _ => {
                let policy = text(&["customerManagedPolicyReference", "name"], "policy")?;
                let why = format!(
                    "permission set `{set}` was given the customer managed policy `{policy}` of each account: what it grants is not known"
                );
                Noticed { unknown: Some(why), ..seen }
            }
        }))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(set: &str, _: &Place) -> Resource {
        Resource { id: set.to_owned(), kind: "Other", name: set.rsplit('/').next().unwrap_or(set).to_owned() }
    }
}
