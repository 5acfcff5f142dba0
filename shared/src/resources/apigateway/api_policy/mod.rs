//! RES-09: the resource policies of REST APIs, as records show them.
//!
//! A policy is a member of the API: `UpdateRestApi` replaces it by a patch of `/policy`, the other calls carry it whole or inside an OpenAPI document, which
//! only the response shows as a policy. What it says takes effect with the next deployment of the API, and only the owner knows what else that would bring. So
//! nothing is read and nothing is written: the record is judged.
//! Sources: "UpdateRestApi", "CreateRestApi", "PutRestApi", "ImportRestApi" (API Gateway API reference), "Patch operations", "Controlling access to a REST API with
//! API Gateway resource policies", "Private REST APIs in API Gateway" (developer guide). Records put the members of a call into one object (`createRestApiInput`)
//! or beside each other.

pub mod opened;
mod planned;

use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use crate::engine::planned::PlannedForm;
use crate::engine::resource_policy::Change;
use opened::ApiPolicyOpened;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

pub(crate) const TRIGGERS: &[&str] = &["CreateRestApi", "ImportRestApi", "PutRestApi", "UpdateRestApi"];

/// The family of the policies of REST APIs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApiPolicies;

/// What a call made of an API's policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiChange {
    /// The id of the API.
    pub id: String,
    /// The policy that was written; absent where none was.
    pub policy: Observed<String>,
    /// Whether the policy was removed.
    pub is_removed: bool,
    /// Whether the API is private, where the record shows it.
    pub is_private: Option<bool>,
    /// Whether it was private until this call.
    pub was_private: bool,
}

impl Family for ApiPolicies {
    type Key = String;
    type State = ApiChange;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "api-gateway-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<ApiChange>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![ApiPolicyOpened];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let target = |change: ApiChange| Target { key: change.id.clone(), proven: Some(change), changed: None };
        Ok(changed_by(event)?.map(target).into_iter().collect())
    }

    fn focus(&self, _: &mut ApiChange, _: &TargetOf<Self>) {}

    /// The ARN that API Gateway's own calls have: without the account.
    fn resource(&self, id: &String, _: Option<&ApiChange>, Place { partition, region, .. }: &Place) -> Resource {
        let arn = format!("arn:{partition}:apigateway:{region}::/restapis/{id}");
        Resource { id: arn, kind: "AwsApiGatewayRestApi", name: id.clone() }
    }
}

fn changed_by(event: &Event) -> Result<Option<ApiChange>, Unlocatable> {
    if !event.is_one_of("apigateway.amazonaws.com", TRIGGERS) {
        return Ok(None);
    }
    let types = response(event, "endpointConfiguration").or_else(|| asked(event, "endpointConfiguration"));
    let is_private = types.and_then(|endpoint| Some(endpoint.get("types")?.as_array()?.contains(&"PRIVATE".into())));
    let mut change =
        ApiChange { id: String::new(), policy: Observed::Absent, is_removed: false, is_private, was_private: false };
    let document = |value: &Value| Change::of((), Some(&unescaped(value))).document;
    if event.name != "UpdateRestApi" {
        let written = asked(event, "policy").or_else(|| response(event, "policy")).filter(|policy| !is_empty(policy));
        match written {
            Some(policy) => change.policy = document(policy),
            None => return Ok(None),
        }
    } else if let Some(patches) = asked(event, "patchOperations").and_then(Value::as_array) {
        let is = |patch: &Value, member: &str, text: &str| patch[member].as_str() == Some(text);
        for patch in patches {
            let value = Some(&patch["value"]).filter(|value| !is_empty(value));
            let is_gone = is(patch, "op", "remove");
            if is(patch, "path", "/policy") {
                change.is_removed = is_gone || value.is_none();
                change.policy = value.filter(|_| !is_gone).map_or(Observed::Absent, document);
            } else if is(patch, "path", "/endpointConfiguration/types/PRIVATE") {
                change.was_private = is_gone || !is(patch, "value", "PRIVATE");
            }
        }
        if change.policy == Observed::Absent && !change.is_removed && !change.was_private {
            return Ok(None);
        }
    } else {
        change.policy = Observed::Unknown { why: "the record does not show what of the API was changed".to_owned() };
    }
    let named = event.request.text(&["restApiId"]).or_else(|| event.response.text(&["id"]));
    change.id = named.ok_or_else(|| Unlocatable::new(event, "the record names no API"))?.to_owned();
    Ok(Some(change))
}

/// A member of the call: beside the others, or in the object that holds them.
fn asked<'a>(event: &'a Event, member: &str) -> Option<&'a Value> {
    let request = event.request.value()?.as_object()?;
    let within = || {
        let inputs = request.iter().filter(|(name, _)| name.ends_with("Input"));
        inputs.filter_map(|(_, input)| input.get(member)).next()
    };
    request.get(member).or_else(within).filter(|value| !value.is_null())
}

fn response<'a>(event: &'a Event, member: &str) -> Option<&'a Value> {
    match &event.response {
        Body::Present(value) => value.get(member).filter(|value| !value.is_null()),
        Body::Null | Body::Omitted => None,
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// API Gateway answers with a document whose quotes are escaped once more.
fn unescaped(value: &Value) -> Value {
    match value.as_str() {
        Some(text) if text.trim_start().starts_with("{\\\"") => text.replace("\\\"", "\"").replace("\\/", "/").into(),
        Some(_) | None => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn event(name: &str, request: &Value, response: &Value) -> Event {
        Event::from_record(&json!({
            "eventID": "e1", "eventVersion": "1.09", "eventSource": "apigateway.amazonaws.com", "eventName": name,
            "eventTime": "2026-03-02T09:14:07Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "accountId": "111122223333", "userName": "eve"},
            "requestParameters": request, "responseElements": response
        }))
        .unwrap()
    }

    #[rstest]
    #[case::beside_the_others(json!({"restApiId": "a1", "patchOperations": [{"op": "replace", "path": "/policy", "value": "{}"}]}))]
    #[case::in_an_object(
        json!({"restApiId": "a1", "updateRestApiInput": {"patchOperations": [{"op": "add", "path": "/policy", "value": "{}"}]}})
    )]
    fn a_patch_writes_the_policy(#[case] request: Value) {
        let private = json!({"id": "a1", "endpointConfiguration": {"types": ["PRIVATE"]}});
        let change = changed_by(&event("UpdateRestApi", &request, &private)).unwrap().unwrap();
        assert_eq!((change.policy, change.is_private), (Observed::Known("{}".to_owned()), Some(true)));
    }

    #[rstest]
    #[case::removed(json!([{"op": "remove", "path": "/policy"}]), true, false)]
    #[case::emptied(json!([{"op": "replace", "path": "/policy", "value": ""}]), true, false)]
    #[case::made_public(json!([{"op": "replace", "path": "/endpointConfiguration/types/PRIVATE", "value": "REGIONAL"}]), false, true)]
    fn a_patch_takes_away(#[case] patches: Value, #[case] is_removed: bool, #[case] was_private: bool) {
        let request = json!({"restApiId": "a1", "patchOperations": patches});
        let change = changed_by(&event("UpdateRestApi", &request, &Value::Null)).unwrap().unwrap();
        assert_eq!((change.is_removed, change.was_private), (is_removed, was_private));
        assert_eq!((change.policy, change.is_private), (Observed::Absent, None));
    }

    #[test]
    fn what_only_the_response_shows() {
        let answer = json!({"id": "a1", "policy": "{\\\"Version\\\":\\\"2012-10-17\\\"}", "endpointConfiguration": {"types": ["REGIONAL"]}});
        let change = changed_by(&event("ImportRestApi", &json!({"failOnWarnings": false}), &answer)).unwrap().unwrap();
        assert_eq!(change.policy, Observed::Known("{\"Version\":\"2012-10-17\"}".to_owned()));
        assert_eq!((change.id.as_str(), change.is_private), ("a1", Some(false)));
        assert!(changed_by(&event("PutRestApi", &json!({"restApiId": "a1"}), &json!({"id": "a1"}))).unwrap().is_none());
    }
}
