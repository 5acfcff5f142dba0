//! Reading assignments: which requests, and what their answers show.

use super::state::{Assigned, Policies};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use serde_json::{Value, json};

const ASSIGNED: &[&str] = &["sso:::account/*", "sso:::instance/*", "sso:::permissionSet/*/*"];
const SETS: &[&str] = &["sso:::instance/*", "sso:::permissionSet/*/*"];

pub(crate) const LIST: Permission = Permission::on("sso:ListAccountAssignments", ASSIGNED);
pub(crate) const MANAGED: Permission = Permission::on("sso:ListManagedPoliciesInPermissionSet", SETS);
pub(crate) const INLINE: Permission = Permission::on("sso:GetInlinePolicyForPermissionSet", SETS);
pub(crate) const REFERENCES: Permission =
    Permission::on("sso:ListCustomerManagedPolicyReferencesInPermissionSet", SETS);
pub(crate) const ALL: &[Permission] = &[LIST, MANAGED, INLINE, REFERENCES];

fn of_set(operation: &'static str, of: &Assigned, from: Option<&str>) -> Request {
    let body = json!({"InstanceArn": of.instance, "PermissionSetArn": of.set});
    Request::named(operation, body).member("NextToken", from)
}

/// Who is assigned the permission set in the account.
#[must_use]
pub fn assignments(of: &Assigned, from: Option<&str>) -> Request {
    of_set("ListAccountAssignments", of, from).member("AccountId", Some(of.account.as_str()))
}

/// AWS's own policies in the set.
#[must_use]
pub fn managed(of: &Assigned, from: Option<&str>) -> Request {
    of_set("ListManagedPoliciesInPermissionSet", of, from)
}

/// The inline policy of the set.
#[must_use]
pub fn inline(of: &Assigned) -> Request {
    of_set("GetInlinePolicyForPermissionSet", of, None)
}

/// The customer managed policies of the set.
#[must_use]
pub fn references(of: &Assigned, from: Option<&str>) -> Request {
    of_set("ListCustomerManagedPolicyReferencesInPermissionSet", of, from)
}

/// Whether the assignment is on one of these pages. None where a page shows no list.
#[must_use]
pub fn is_assigned(of: &Assigned, pages: &[Answer]) -> Option<bool> {
    let mut found = false;
    for page in pages {
        let list = page.body.get("AccountAssignments").and_then(Value::as_array)?;
        found |= list.iter().any(|one| one["PrincipalId"].as_str() == Some(&of.principal));
    }
    Some(found)
}

/// The policies of the set; an inline policy that is none is an empty text.
#[must_use]
pub fn policies(managed: &[Answer], inline: &Answer, references: &[Answer]) -> Observed<Policies> {
    let all = |pages: &[Answer], list: &str, member: &str| {
        let text = |one: &Value| one.get(member).and_then(Value::as_str).map(str::to_owned);
        let of = |page: &Answer| page.body.get(list)?.as_array()?.iter().map(text).collect::<Option<Vec<String>>>();
        let pages: Option<Vec<Vec<String>>> = pages.iter().map(of).collect();
        pages.map(|pages| pages.concat())
    };
    let read = || {
        Some(Policies {
            managed: all(managed, "AttachedManagedPolicies", "Arn")?,
            inline: inline.text("InlinePolicy").filter(|text| !text.is_empty()).map(str::to_owned),
            references: all(references, "CustomerManagedPolicyReferences", "Name")?,
        })
    };
    let why = || "the answers do not show the policies of the permission set".to_owned();
    read().map_or_else(|| Observed::Unknown { why: why() }, Observed::Known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_not_shown_is_not_empty() {
        let answer = |body: Value| Answer { body, request_id: None };
        let (none, bare) =
            (answer(json!({"AttachedManagedPolicies": [], "CustomerManagedPolicyReferences": []})), answer(json!({})));
        let of = |managed: &Answer| policies(std::slice::from_ref(managed), &bare, std::slice::from_ref(&none));
        assert_eq!(of(&none), Observed::Known(Policies::default()));
        assert!(matches!(of(&bare), Observed::Unknown { .. }));
        assert_eq!(is_assigned(&Assigned::sample(), &[bare]), None);
    }
}
