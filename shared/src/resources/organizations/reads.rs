//! Reading policies: which requests, and what their answers show.

use super::actions::POLICIES;
use super::policy::state::View;
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const DESCRIBE_POLICY: Permission = Permission::on("organizations:DescribePolicy", POLICIES);
pub(crate) const LIST_TARGETS: Permission = Permission::on("organizations:ListTargetsForPolicy", POLICIES);
pub(crate) const LIST_TAGS: Permission = Permission::on("organizations:ListTagsForResource", POLICIES);
pub(crate) const LIST_POLICIES: Permission = Permission::read("organizations:ListPolicies");
pub(crate) const LIST_ROOTS: Permission = Permission::read("organizations:ListRoots");
pub(crate) const DESCRIBE_ORGANIZATION: Permission = Permission::read("organizations:DescribeOrganization");

/// A policy with its content.
#[must_use]
pub fn describe(policy: &str) -> Request {
    Request::named("DescribePolicy", json!({ "PolicyId": policy }))
}

/// What it is attached to.
#[must_use]
pub fn targets(policy: &str, from: Option<&str>) -> Request {
    Request::named("ListTargetsForPolicy", json!({ "PolicyId": policy })).member("NextToken", from)
}

/// Its tags.
#[must_use]
pub fn tags(policy: &str, from: Option<&str>) -> Request {
    Request::named("ListTagsForResource", json!({ "ResourceId": policy })).member("NextToken", from)
}

/// The policies of a type.
#[must_use]
pub fn policies(kind: &str, from: Option<&str>) -> Request {
    Request::named("ListPolicies", json!({ "Filter": kind })).member("NextToken", from)
}

/// The roots with their types of policies: there is one.
#[must_use]
pub fn roots(from: Option<&str>) -> Request {
    Request::named("ListRoots", json!({})).member("NextToken", from)
}

/// The organization, of which any account of it may ask.
#[must_use]
pub fn organization() -> Request {
    Request::named("DescribeOrganization", json!({}))
}

/// The members of a list of an answer.
///
/// # Errors
/// It has no such list: that is not an empty one.
pub fn listed<'a>(answer: &'a Answer, list: &str) -> Result<&'a [Value], String> {
    let found = answer.body.get(list).and_then(Value::as_array);
    found.map(Vec::as_slice).ok_or_else(|| format!("the answer shows no `{list}`"))
}

/// A text of each member of a list.
///
/// # Errors
/// The list, or a member's text, is not shown.
pub fn texts(answer: &Answer, list: &str, member: &str) -> Result<Vec<String>, String> {
    let text = |one: &Value| {
        let text = one.get(member).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| format!("the answer shows a member of `{list}` without `{member}`"))
    };
    listed(answer, list)?.iter().map(text).collect()
}

/// The ids of the organization's own policies in an answer to [`policies`].
///
/// # Errors
/// See [`texts`].
pub fn own(answer: &Answer) -> Result<Vec<String>, String> {
    let ids = texts(answer, "Policies", "Id")?;
    let is_own = |one: &Value| one["AwsManaged"].as_bool() != Some(true);
    Ok(ids.into_iter().zip(listed(answer, "Policies")?).filter(|(_, one)| is_own(one)).map(|(id, _)| id).collect())
}

/// What a policy is, in an answer or in a record, whose names begin in lower case. None where its type or its content is not shown.
#[must_use]
pub fn view(policy: &Value) -> Option<View> {
    let summary = policy.get("PolicySummary").or_else(|| policy.get("policySummary"))?;
    let of = |object: &Value, large: &str, small: &str| {
        object.get(large).or_else(|| object.get(small))?.as_str().map(str::to_owned)
    };
    Some(View {
        name: of(summary, "Name", "name")?,
        description: of(summary, "Description", "description").unwrap_or_default(),
        kind: of(summary, "Type", "type")?,
        content: of(policy, "Content", "content")?,
        targets: None,
        tags: BTreeMap::new(),
    })
}

/// The pages of what it is attached to, and of its tags.
///
/// # Errors
/// What an answer does not show.
pub fn whole(mut view: View, targets: &[Answer], tags: &[Answer]) -> Result<View, String> {
    let mut attached = BTreeSet::new();
    for page in targets {
        attached.extend(texts(page, "Targets", "TargetId")?);
    }
    for page in tags {
        for tag in listed(page, "Tags")? {
            let text = |member: &str| tag.get(member).and_then(Value::as_str).map(str::to_owned);
            view.tags.extend(text("Key").map(|key| (key, text("Value").unwrap_or_default())));
        }
    }
    view.targets = Some(attached);
    Ok(view)
}

/// The roots of an answer, each with the types that are enabled or becoming so.
///
/// # Errors
/// What the answer does not show.
pub fn enabled(answer: &Answer) -> Result<Vec<(String, BTreeSet<String>)>, String> {
    let root = |root: &Value| {
        let hidden = || "the answer shows a root without its id or its types of policies".to_owned();
        let types = root.get("PolicyTypes").and_then(Value::as_array).ok_or_else(hidden)?;
        let is_on = |one: &&Value| matches!(one["Status"].as_str(), Some("ENABLED" | "PENDING_ENABLE"));
        let on = types.iter().filter(is_on).filter_map(|one| one["Type"].as_str().map(str::to_owned)).collect();
        Ok((root["Id"].as_str().ok_or_else(hidden)?.to_owned(), on))
    };
    listed(answer, "Roots")?.iter().map(root).collect()
}
