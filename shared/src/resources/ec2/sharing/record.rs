//! The record shapes of the calls that share a snapshot or an image (`ModifySnapshotAttribute`, `ModifyImageAttribute`).
//!
//! `requestParameters.createVolumePermission.add.items[]` and `launchPermission.add.items[]`, whatever form the caller used:
//! CloudTrail turns `OperationType` with `UserId.N` into it. Read as well: lists without `items`, one object for a list of
//! one, `{tag, content}`, capital letters, a `…Request` around it all, and the flat form (`operationType`, `userId`, `group`)
//! as the old API takes it.

use super::{Grant, Grantee, Shareable, Shared, SharedRef};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Target, Unlocatable};
use crate::engine::observed::{Place, Resource};
use crate::engine::unreadable::Unreadable;
use serde_json::Value;
use std::collections::BTreeSet;

/// GuardDuty shares snapshots with an account of its own to scan them and takes the permission away afterwards ("GuardDuty
/// Malware Protection", GuardDuty user guide). No other principal can have a role of this path: IAM reserves it for services.
const SCANNER: &str = ":role/aws-service-role/malware-protection.guardduty.amazonaws.com/";

/// What one call says.
struct Call {
    id: String,
    added: Vec<Grantee>,
    /// Permissions that it added and that cannot be read, for a person.
    unread: Vec<String>,
}

/// The resource of the call and the permissions that it added. Nothing where it added none: the call serves descriptions and
/// product codes too, and takes permissions away.
pub(crate) fn located(event: &Event, what: Shareable) -> Result<Vec<Target<SharedRef, Shared>>, Unlocatable> {
    if event.actor.role.as_deref().is_some_and(|role| role.contains(SCANNER)) {
        return Ok(Vec::new());
    }
    let call = read(&event.request, what);
    let Call { id, added, unread } = call.map_err(|why| Unlocatable::new(event, why))?;
    if added.is_empty() && unread.is_empty() {
        return Ok(Vec::new());
    }
    // With a permission that cannot be read, it is unknown which of those that stand there the event added.
    let changed = unread.is_empty().then(|| added.iter().map(Grantee::element).collect::<BTreeSet<_>>());
    let grants = added.into_iter().map(|to| Grant { to, in_question: true }).collect();
    let proven = Shared { what, id: id.clone(), grants, unread };
    Ok(vec![Target { key: SharedRef { id }, proven: Some(proven), changed }])
}

/// Only what the event added is in question.
pub(crate) fn focused(shared: &mut Shared, target: &Target<SharedRef, Shared>) {
    let Some(changed) = &target.changed else { return };
    for grant in &mut shared.grants {
        grant.in_question = changed.contains(&grant.to.element());
    }
}

/// Snapshots and images have ARNs without an account, whose place is empty.
pub(crate) fn resource(key: &SharedRef, what: Shareable, place: &Place) -> Resource {
    let Place { partition, region, .. } = place;
    let (kind, path) = match what {
        Shareable::Snapshot => ("AwsEc2Snapshot", "snapshot"),
        Shareable::Image => ("AwsEc2Image", "image"),
    };
    Resource { id: format!("arn:{partition}:ec2:{region}::{path}/{}", key.id), kind, name: key.id.clone() }
}

fn read(request: &Body, what: Shareable) -> Result<Call, Unreadable> {
    let nameless = || Unreadable::request(request, what.word());
    let body = request.value().ok_or_else(nameless)?;
    let (wrapper, id, prefix, permission) = match what {
        Shareable::Snapshot => ("ModifySnapshotAttributeRequest", "snapshotId", "snap-", "createVolumePermission"),
        Shareable::Image => ("ModifyImageAttributeRequest", "imageId", "ami-", "launchPermission"),
    };
    let fields = body.get(wrapper).unwrap_or(body);
    let id = any_case(fields, id).and_then(text).ok_or_else(nameless)?;
    let rest = id.strip_prefix(prefix).filter(|rest| rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if rest.is_none_or(str::is_empty) {
        return Err(format!("the request's `{prefix}…` id is none").into());
    }
    let mut call = Call { id, added: Vec::new(), unread: Vec::new() };
    let change = any_case(fields, permission).and_then(|permission| any_case(permission, "add"));
    for item in change.map(items).unwrap_or_default() {
        call.take(item);
    }
    let operation = any_case(fields, "operationType").and_then(text);
    if operation.is_some_and(|operation| operation.eq_ignore_ascii_case("add")) {
        call.take(fields);
    }
    Ok(call)
}

impl Call {
    /// Takes in the grantees that stand in these fields, one by one or in lists.
    fn take(&mut self, fields: &Value) {
        let mut found = self.texts(fields, &["userId", "userIds"], |id| {
            // Twelve digits; a number has lost its leading zeros.
            let is_account = id.len() <= 12 && id.bytes().all(|byte| byte.is_ascii_digit());
            is_account.then(|| Grantee::Account(format!("{id:0>12}")))
        });
        let groups = ["group", "groups", "userGroup", "userGroups", "groupName", "groupNames"];
        found |= self.texts(fields, &groups, |name| (name == "all").then_some(Grantee::Everyone));
        found |= self.texts(fields, &["organizationArn", "organizationArns"], |arn| Some(Grantee::Organization(arn)));
        let units = ["organizationalUnitArn", "organizationalUnitArns"];
        found |= self.texts(fields, &units, |arn| Some(Grantee::Unit(arn)));
        if !found {
            self.unread.push(clipped(fields));
        }
    }

    /// The texts under any of these keys; in a list, each may stand under one of them once more. False when there is none.
    fn texts(&mut self, fields: &Value, keys: &[&str], grantee: impl Fn(String) -> Option<Grantee>) -> bool {
        let under = |fields: &Value| keys.iter().find_map(|key| any_case(fields, key).and_then(text));
        let all: Vec<_> = keys.iter().filter_map(|key| any_case(fields, key)).flat_map(items).collect();
        for item in &all {
            match text(item).or_else(|| under(item)).and_then(&grantee) {
                Some(grantee) if self.added.contains(&grantee) => {}
                Some(grantee) => self.added.push(grantee),
                None => self.unread.push(clipped(item)),
            }
        }
        !all.is_empty()
    }
}

/// A part of a message: never the whole of a user's text.
fn clipped(value: &Value) -> String {
    const LONGEST: usize = 60;
    value.to_string().chars().take(LONGEST).collect()
}

/// A list in any of the ways that records write one: `{"items": [...]}`, `[...]`, one value, `{}` or `""` for none.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => match any_case(value, "items") {
            Some(inner) => items(inner),
            None if map.is_empty() => Vec::new(),
            None => vec![value],
        },
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => vec![value],
    }
}

/// A field in camel case or with a capital, as the newer calls write it.
fn any_case<'a>(fields: &'a Value, key: &str) -> Option<&'a Value> {
    let capital = || {
        let mut letters = key.chars();
        let first = letters.next()?;
        fields.get(first.to_uppercase().chain(letters).collect::<String>())
    };
    fields.get(key).or_else(capital)
}

/// A text, a number, or either as the `content` of `{tag, content}`.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(map) => map.get("content").or_else(|| map.get("value")).and_then(text),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn added(request: Value) -> Result<Vec<String>, Unreadable> {
        let call = read(&Body::Present(request), Shareable::Snapshot)?;
        Ok(call.added.iter().map(Grantee::element).collect())
    }

    #[rstest]
    #[case::items(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"group": "all"}]}}}))]
    #[case::a_bare_list(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": [{"group": "all"}]}}))]
    #[case::one_object(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": {"group": "all"}}}}))]
    #[case::one_object_without_items(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"group": "all"}}}))]
    #[case::capitals_in_a_request(json!({"ModifySnapshotAttributeRequest":
        {"SnapshotId": "snap-1", "CreateVolumePermission": {"Add": {"Group": "all", "tag": 1}}}}))]
    #[case::tag_and_content(json!({"snapshotId": "snap-1", "operationType": "add", "groups": {"tag": 1, "content": "all"}}))]
    #[case::flat(json!({"snapshotId": "snap-1", "operationType": "ADD", "groups": {"items": ["all"]}}))]
    #[case::flat_with_fields(json!({"snapshotId": "snap-1", "operationType": "add", "groups": {"items": [{"group": "all"}]}}))]
    #[case::twice(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [{"group": "all"}]}},
        "operationType": "add", "group": "all"}))]
    fn every_shape_of_the_same_permission(#[case] request: Value) {
        assert_eq!(added(request).unwrap(), ["everyone"]);
    }

    #[rstest]
    #[case::removed(json!({"snapshotId": "snap-1", "createVolumePermission": {"remove": {"items": [{"group": "all"}]}}}))]
    #[case::removed_flat(json!({"snapshotId": "snap-1", "operationType": "remove", "groups": {"items": ["all"]}}))]
    #[case::empty(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {}}}))]
    #[case::empty_text(json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": ""}}}))]
    #[case::another_attribute(json!({"snapshotId": "snap-1", "attributeType": "PRODUCT_CODES"}))]
    fn nothing_was_added(#[case] request: Value) {
        assert_eq!(added(request).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_account_may_be_a_number_and_lose_its_zeros() {
        let add = json!([{"userId": 98_797_384_747_u64}, {"userId": "098797384747"}]);
        let request = json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": add}}});
        assert_eq!(added(request).unwrap(), ["account 098797384747"]);
    }

    #[rstest]
    #[case::no_id(json!({"createVolumePermission": {"add": {"items": [{"group": "all"}]}}}), "names no snapshot")]
    #[case::an_id_that_is_none(json!({"snapshotId": "snap-1; rm -rf", "createVolumePermission": {}}), "id is none")]
    fn a_call_about_nothing_is_an_error(#[case] request: Value, #[case] why: &str) {
        let error = added(request).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }

    #[rstest]
    #[case::an_unknown_grantee(json!([{"group": "all"}, {"planet": "mars"}]), &["everyone"], "mars")]
    #[case::an_account_that_is_none(json!([{"userId": "someone"}]), &[], "someone")]
    #[case::another_group(json!([{"group": "partners"}, {"group": "all"}]), &["everyone"], "partners")]
    #[case::an_object(json!([{"userId": {"what": "2"}}, {"userId": "111122223333"}]), &["account 111122223333"], "what")]
    fn what_cannot_be_read_hides_nothing_beside_it(#[case] add: Value, #[case] read: &[&str], #[case] unread: &str) {
        let request = json!({"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": add}}});
        let call = super::read(&Body::Present(request), Shareable::Snapshot).unwrap();
        assert_eq!(call.added.iter().map(Grantee::element).collect::<Vec<_>>(), read);
        assert_eq!(call.unread.len(), 1);
        assert!(call.unread[0].contains(unread), "{:?}", call.unread);
    }
}
