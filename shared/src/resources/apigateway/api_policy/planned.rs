//! The policies of REST APIs in templates and plans.

use super::{ApiChange, is_empty};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource, unresolved_reason};
use crate::engine::resource_policy::{Change, on_anything};
use crate::engine::unreadable::Unreadable;
use serde_json::{Value, json};

pub(super) const FORMS: &[PlannedForm<ApiChange>] = &[
    PlannedForm::one("AWS::ApiGateway::RestApi", |it| {
        match it.properties.get("Policy").filter(|policy| !is_empty(policy)) {
            Some(policy) => planned(it, Some(policy)),
            // What is included at deployment may hold one.
            None => planned(it, it.get("Body.x-amazon-apigateway-policy")?),
        }
    }),
    PlannedForm::one("AWS::Serverless::Api", of_sam),
    PlannedForm::one("aws_api_gateway_rest_api", of_member),
    PlannedForm::one("aws_api_gateway_rest_api_policy", of_member),
];

fn of_member(it: &PlannedResource<'_>) -> Result<Option<ApiChange>, Unreadable> {
    planned(it, it.properties.get("policy").filter(|policy| !is_empty(policy)))
}

/// SAM writes the policy: custom statements as they are, and one for the accounts of `AwsAccountWhitelist` ("ResourcePolicyStatement", AWS SAM developer guide). What
/// it makes of networks and endpoints is not read.
fn of_sam(it: &PlannedResource<'_>) -> Result<Option<ApiChange>, Unreadable> {
    let Some(Value::Object(parts)) = it.get("Auth.ResourcePolicy")? else { return Ok(None) };
    if let Some(other) = parts.keys().find(|key| !["CustomStatements", "AwsAccountWhitelist"].contains(&key.as_str())) {
        return Err(format!("what SAM makes of `Auth.ResourcePolicy.{other}` is not read").into());
    }
    let mut statements: Vec<Value> =
        it.parts("Auth.ResourcePolicy.CustomStatements")?.iter().map(|one| one.properties.clone()).collect();
    let accounts = it.texts("Auth.ResourcePolicy.AwsAccountWhitelist")?;
    if !accounts.is_empty() {
        let (action, resource) = ("execute-api:Invoke", "execute-api:/*");
        statements.push(
            json!({ "Effect": "Allow", "Principal": { "AWS": accounts }, "Action": action, "Resource": resource }),
        );
    }
    planned(it, Some(&json!({ "Version": "2012-10-17", "Statement": statements })))
}

/// An API without a policy says nothing of one.
fn planned(it: &PlannedResource<'_>, policy: Option<&Value>) -> Result<Option<ApiChange>, Unreadable> {
    let Some(policy) = policy else { return Ok(None) };
    let policy = match Change::of((), Some(&on_anything(policy))).document {
        Observed::Unknown { why } => return Err(unresolved_reason(policy).unwrap_or(why).into()),
        read @ (Observed::Known(_) | Observed::Absent) => read,
    };
    // A policy by itself does not show the API, and what is known at deployment only is not known.
    let types = match it.kind {
        // `EndpointConfiguration: PRIVATE`, or a mapping.
        "AWS::Serverless::Api" => it.texts("EndpointConfiguration").or_else(|_| it.texts("EndpointConfiguration.Type")),
        _ => it.texts(it.called("EndpointConfiguration.Types", "endpoint_configuration.types")),
    };
    let is_whole = it.kind != "aws_api_gateway_rest_api_policy";
    let is_private = types.ok().filter(|_| is_whole).map(|types| types.iter().any(|of| of == "PRIVATE"));
    Ok(Some(ApiChange { id: it.name.to_owned(), policy, is_removed: false, is_private, was_private: false }))
}
