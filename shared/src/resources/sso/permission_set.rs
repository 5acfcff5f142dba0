//! ACC-09: no permission set is made an administrator's unseen.
//!
//! Sources: "AttachManagedPolicyToPermissionSet", "PutInlinePolicyToPermissionSet", "AttachCustomerManagedPolicyReferenceToPermissionSet" (IAM Identity Center API
//! reference). A permission set reaches the accounts where it is assigned when it is provisioned there.

use super::{SOURCE, powers};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use crate::resources::iam::planned::document;

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

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::each("AWS::SSO::PermissionSet", of_set),
        PlannedForm::each("aws_ssoadmin_managed_policy_attachment", |it| {
            each(it, "managed_policy_arn", |set, part| managed(set, part.text("")))
        }),
        PlannedForm::each("aws_ssoadmin_managed_policy_attachments_exclusive", |it| {
            each(it, "managed_policy_arns", |set, part| managed(set, part.text("")))
        }),
        PlannedForm::each("aws_ssoadmin_permission_set_inline_policy", |it| {
            each(it, "inline_policy", |set, part| inline(set, document(part, "")))
        }),
        PlannedForm::each("aws_ssoadmin_customer_managed_policy_attachment", |it| {
            each(it, "customer_managed_policy_reference", |set, part| reference(set, part.text("name")))
        }),
    ];

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
        Ok(Some(match event.name.as_str() {
            MANAGED => {
                let policy = text(&["managedPolicyArn"], "policy")?;
                with_managed(seen, &policy)
            }
            INLINE => match event.request.text(&["inlinePolicy"]) {
                Some(text) => with_inline(seen, text),
                None => Noticed { unknown: Some("the record does not show the inline policy".to_owned()), ..seen },
            },
            _ => {
                let policy = text(&["customerManagedPolicyReference", "name"], "policy")?;
                with_reference(seen, &policy)
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

fn sentence(set: &str, why: &str) -> String {
    format!("permission set `{set}` was given administration: {why}")
}

fn with_managed(seen: Noticed, policy: &str) -> Noticed {
    let set = seen.name.clone();
    match powers::of_managed(policy) {
        Ok(why) => seen.sign(policy, why.map(|why| sentence(&set, &why))),
        Err(why) => Noticed { unknown: Some(why), ..seen },
    }
}

fn with_inline(seen: Noticed, text: &str) -> Noticed {
    let set = seen.name.clone();
    match powers::of_document(text) {
        Ok(why) => seen.sign("inline", why.map(|why| sentence(&set, &format!("its inline policy: {why}")))),
        Err(why) => Noticed { unknown: Some(format!("its inline policy: {why}")), ..seen },
    }
}

fn with_reference(seen: Noticed, policy: &str) -> Noticed {
    let why = format!(
        "permission set `{}` was given the customer managed policy `{policy}` of each account: what it grants is not known",
        seen.name
    );
    Noticed { unknown: Some(why), ..seen }
}

type Text = Result<Option<String>, Unreadable>;
type Seen = Result<Noticed, Unreadable>;

fn managed(set: &str, policy: Text) -> Option<Seen> {
    Some(policy.transpose()?.map(|policy| with_managed(Noticed::planned(set), &policy)))
}

fn inline(set: &str, text: Text) -> Option<Seen> {
    Some(text.transpose()?.map(|text| with_inline(Noticed::planned(set), &text)))
}

fn reference(set: &str, name: Text) -> Option<Seen> {
    Some(name.transpose()?.map(|name| with_reference(Noticed::planned(set), &name)))
}

/// One for each policy that a property names, of the permission set that it is given to.
fn each(it: &PlannedResource<'_>, property: &str, read: fn(&str, &PlannedResource<'_>) -> Option<Seen>) -> Vec<Seen> {
    let set = it.named(&["permission_set_arn", "Name"]);
    match it.parts(property) {
        Ok(parts) => parts.iter().filter_map(|part| read(&set, part)).collect(),
        Err(why) => vec![Err(why)],
    }
}

/// A set of CloudFormation says all that it is given. The inline policy is a document, or the text of one.
fn of_set(it: &PlannedResource<'_>) -> Vec<Seen> {
    let mut seen = each(it, "ManagedPolicies", |set, part| managed(set, part.text("")));
    seen.extend(each(it, "InlinePolicy", |set, part| inline(set, document(part, ""))));
    seen.extend(each(it, "CustomerManagedPolicyReferences", |set, part| reference(set, part.text("Name"))));
    seen
}
