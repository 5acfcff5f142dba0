//! ACC-09: nobody is assigned an administrator's permission set unseen.
//!
//! Sources: "CreateAccountAssignment", "DeleteAccountAssignment", "ListAccountAssignments", "ListManagedPoliciesInPermissionSet", "GetInlinePolicyForPermissionSet",
//! "ListCustomerManagedPolicyReferencesInPermissionSet" (IAM Identity Center API reference). An assignment is made and deleted over some seconds; the record
//! names a user or a group, an account and a permission set, and not what the set grants, which is read.

#[cfg(feature = "sdk")]
pub(crate) mod client;
pub mod reads;
pub mod state;

use super::{SOURCE, SSO, powers};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Class, Guardrail, Terms, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::signed::SignedAction;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, callers};
use serde_json::Value;
use state::{Assigned, Assignment, AssignmentAction, CREATE, DELETE, Policies};

/// The family of assignments.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountAssignments;

impl Family for AccountAssignments {
    type Key = Assigned;
    type State = Assignment;
    type Action = AssignmentAction;

    fn kind(&self) -> &'static str {
        "account-assignment"
    }

    fn reads(&self) -> &'static [Permission] {
        reads::ALL
    }

    fn undoes(&self) -> &'static [Permission] {
        &[CREATE]
    }

    guardrails![AdminAssigned];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let text = |member: &str| {
            let unnamed = || Unlocatable::new(event, format!("the record names no `{member}`"));
            event.request.text(&[member]).map(str::to_owned).ok_or_else(unnamed)
        };
        let key = Assigned {
            instance: text("instanceArn")?,
            account: text("targetId")?,
            set: text("permissionSetArn")?,
            principal_type: text("principalType")?,
            principal: text("principalId")?,
            by: callers(event),
        };
        Ok(vec![Target { key, proven: None, changed: None }])
    }

    fn focus(&self, assignment: &mut Assignment, target: &TargetOf<Self>) {
        assignment.of.clone_from(&target.key);
    }

    fn content(&self, assignment: &Assignment) -> Value {
        Value::from(assignment.of.principal.clone())
    }

    fn resource(&self, key: &Assigned, _: Option<&Assignment>, _: &Place) -> Resource {
        let name = key.set.rsplit('/').next().unwrap_or(&key.set).to_owned();
        Resource { id: format!("{}/{}/{}", key.set, key.account, key.principal), kind: "Other", name }
    }
}

/// See the module.
pub struct AdminAssigned;

static ABOUT: About = About {
    name: "admin-permission-set-assigned",
    catalogue_id: "ACC-09",
    title: "An administrator's permission set of Identity Center was assigned",
    description: "A principal that is not among `allowed_principals` assigned a user or a group a permission set that makes an administrator, or opens a privilege escalation path of the \
        strongest tier, in an account: by AWS's own policies or an inline policy. What a customer managed policy grants is each account's, and unknown.",
    severity: Severity::High,
    class: Class::R2,
    controls: &[],
    technique: "T1098.003",
    triggers: &["CreateAccountAssignment"],
    remediation: "Deletes the assignment that the record names: the user or the members of the group lose their access to the account by it. Needs `max_class: R2`.",
    actions: &[DELETE],
    ids: &["arn:%:sso:::permissionSet/%/%/%/%"],
    not_watched: &[
        ("DeleteAccountAssignment", "it takes access away"),
        (
            "CreateGroupMembership",
            "a member gets what the group is assigned: Identity Center's directory is not watched",
        ),
    ],
};

/// Why the permission set makes an administrator; none where it does not. One policy that does is enough, whatever the others say.
fn admin(policies: &Policies) -> Result<Option<String>, String> {
    let managed = policies.managed.iter().map(|arn| powers::of_managed(arn));
    let inline = policies.inline.iter().map(|text| powers::of_document(text));
    let unknown =
        |name: &String| Err(format!("what the customer managed policy `{name}` of its accounts grants is not known"));
    let all: Vec<_> = managed.chain(inline).chain(policies.references.iter().map(unknown)).collect();
    match all.iter().find(|one| matches!(one, Ok(Some(_)))) {
        Some(found) => found.clone(),
        None => all.into_iter().find(Result::is_err).unwrap_or(Ok(None)),
    }
}

impl Guardrail<Assignment, AssignmentAction> for AdminAssigned {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, assignment: &Assignment, terms: &Terms<'_>) -> Verdict {
        let Assigned { account, set, principal, principal_type, by, .. } = &assignment.of;
        if terms.settings(self).allow(by) {
            return Verdict::Compliant;
        }
        let (what, kind) = (format!("permission set `{set}`"), principal_type.to_lowercase());
        match admin(&assignment.policies) {
            Ok(None) => Verdict::Compliant,
            Err(why) => {
                Verdict::Undetermined { why: format!("whether {what} makes an administrator is not known: {why}") }
            }
            Ok(Some(why)) => {
                let why = format!("{kind} `{principal}` was assigned {what} in account `{account}`: {why}");
                let evidence = vec![Evidence { element: principal.clone(), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
        }
    }

    fn plan(&self, assignment: &Assignment, _: &Violation, _: &Terms<'_>) -> Plan<AssignmentAction> {
        let of = || assignment.of.clone();
        Plan::one(AssignmentAction::Delete(of()), AssignmentAction::Create(of()))
    }
}

impl Asks for AccountAssignments {
    fn asks() -> Vec<(&'static Api, Request)> {
        let of = Assigned::sample();
        let from = Some("2");
        let reads = [
            reads::assignments(&of, from),
            reads::managed(&of, from),
            reads::inline(&of),
            reads::references(&of, from),
        ];
        let calls = [AssignmentAction::Delete(of.clone()), AssignmentAction::Create(of)].map(|action| action.request());
        reads.into_iter().chain(calls).map(|request| (&SSO, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let page = |operation: &'static str| vec![answers(operation)];
        let found = reads::policies(
            &page("ListManagedPoliciesInPermissionSet"),
            &answers("GetInlinePolicyForPermissionSet"),
            &page("ListCustomerManagedPolicyReferencesInPermissionSet"),
        );
        match found {
            Observed::Known(Policies { managed, inline, references }) => {
                let bare = [
                    ("managed", managed.is_empty()),
                    ("inline", inline.is_none()),
                    ("referenced", references.is_empty()),
                ];
                bare.iter()
                    .filter(|(_, is_bare)| *is_bare)
                    .map(|(what, _)| format!("no {what} policy is found"))
                    .collect()
            }
            Observed::Absent => vec!["no policies are found".to_owned()],
            Observed::Unknown { why } => vec![why],
        }
    }
}
