//! The planned lens: the statement that a permission of a file adds.
//!
//! Sources: "AWS::Lambda::Permission" (CloudFormation user guide), "AddPermission" (Lambda API reference), "Viewing resource-based IAM policies in
//! Lambda" (developer guide), which shows what Lambda writes.

use crate::engine::planned::PlannedResource;
use crate::engine::resource_policy::{principal_of, with_condition};
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value, json};

/// A property in CloudFormation's name and in Terraform's, with the condition that Lambda makes of it.
const CONDITIONS: &[([&str; 2], &str, &str)] = &[
    (["SourceArn", "source_arn"], "ArnLike", "AWS:SourceArn"),
    (["SourceAccount", "source_account"], "StringEquals", "AWS:SourceAccount"),
    (["PrincipalOrgID", "principal_org_id"], "StringEquals", "aws:PrincipalOrgID"),
    (["EventSourceToken", "event_source_token"], "StringEquals", "lambda:EventSourceToken"),
    (["FunctionUrlAuthType", "function_url_auth_type"], "StringEquals", "lambda:FunctionUrlAuthType"),
    (["InvokedViaFunctionUrl", "invoked_via_function_url"], "Bool", "lambda:InvokedViaFunctionUrl"),
];

/// Stands for what a service is limited to and what is known at deployment only: which it is makes no difference for a service.
const SOMETHING: &str = "arn:aws:s3:::known-at-deployment";

pub(super) fn stated(it: &PlannedResource<'_>) -> Result<Value, Unreadable> {
    let of = |[cloudformation, terraform]: [&'static str; 2]| {
        if it.is_terraform() { terraform } else { cloudformation }
    };
    let principal = it.text(of(["Principal", "principal"]))?.ok_or("the permission names no principal")?;
    let is_service = principal.ends_with(".amazonaws.com") || principal.ends_with(".amazonaws.com.cn");
    let mut conditions = Map::new();
    let mut add = |operator: &str, key: &str, value: String| {
        if let Value::Object(keys) = conditions.entry(operator).or_insert_with(|| json!({})) {
            keys.insert(key.to_owned(), value.into());
        }
    };
    for (names, operator, key) in CONDITIONS {
        match it.text(of(*names)) {
            Ok(Some(value)) => add(operator, key, value),
            Ok(None) => {}
            Err(_) if is_service => add("ArnLike", "AWS:SourceArn", SOMETHING.to_owned()),
            Err(why) => return Err(why),
        }
    }
    let is_limited = !conditions.is_empty();
    let action = it.text(of(["Action", "action"]))?.unwrap_or_else(|| "lambda:InvokeFunction".to_owned());
    let principal = if is_service { json!({"Service": principal}) } else { principal_of(&principal) };
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    let statement = with_condition(statement, Some(Value::Object(conditions)).filter(|_| is_limited));
    Ok(json!({"Version": "2012-10-17", "Statement": [statement]}))
}
