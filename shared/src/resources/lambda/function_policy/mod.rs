//! RES-01: the policies of Lambda functions, of their versions and aliases.
//!
//! `AddPermission` adds a statement and shows only that; `PutResourcePolicy` writes the whole document, under the revision that it replaces.
//! A version or alias has a policy of its own. Its record's name carries the date of the API.
//! Sources: "Working with resource-based IAM policies in Lambda" (Lambda developer guide); "AddPermission", "PutResourcePolicy" (API reference).

mod planned;

use super::LAMBDA;
use super::record::function_arn;
use crate::engine::resource_policy::prelude::*;
use serde_json::Value;

const ARNS: &[&str] = &["lambda:${Region}:${Account}:function:*"];
const GET: Permission = Permission::on("lambda:GetResourcePolicy", ARNS);
const LIST: Permission = Permission::read("lambda:ListFunctions");
const PUT: Permission = Permission::on("lambda:PutResourcePolicy", ARNS);
const DELETE: Permission = Permission::on("lambda:DeleteResourcePolicy", ARNS);

/// The date of the API that resource policies came with.
const API_DATE: &str = "2026-07-09";

/// The policies of Lambda functions.
pub type FunctionPolicies = Policies<Functions>;

/// Functions, versions and aliases, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Functions;

impl ResourcePolicy for Functions {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "lambda-function-policy";
    const NOUN: &'static str = "Lambda function";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Lambda function",
        public: "lambda-function-policy-public" is "RES-01" at Critical,
        untrusted: "lambda-function-policy-untrusted" is "RES-01",
        class: R1,
        controls: &["Lambda.1", "IAM Access Analyzer AWS::Lambda::Function"],
        untrusted_controls: &["IAM Access Analyzer AWS::Lambda::Function"],
        technique: "T1648",
        triggers: &[
            "AddPermission", "AddPermission20150331", "AddPermission20150331v2", "PutResourcePolicy", "PutResourcePolicy20260709",
        ],
        actions: Self::WRITES,
        ids: &["arn:%:lambda:%:%:function:%", "arn:%:lambda:%:%:function:%:%"],
        not_watched: &[
            ("RemovePermission20150331v2", "it removes a statement: what is left was there before"),
            ("DeleteResourcePolicy", "without a policy only the account's own principals are left"),
            ("AddLayerVersionPermission20181031", "a layer is not a function: it has a policy of its own"),
        ],
        default: "If nothing is left, the function has no policy, which allows its own account.",
        beside: "A function, each of its versions and each alias has its own. S3, API Gateway and other services invoke by a statement of their own, which stays.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::Lambda::Permission", ""), ("aws_lambda_permission", "")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn stated(resource: &PlannedResource<'_>) -> Result<Value, Unreadable> {
        planned::stated(resource)
    }

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no function");
        if event.name.starts_with("AddPermission") {
            let arn = function_arn(event).ok_or_else(unnamed)?;
            return Ok(Some(Change::of(arn, None)));
        }
        let arn = event.request.text(&["resourceArn"]).ok_or_else(unnamed)?;
        if !arn_part(arn, 5).is_some_and(|resource| resource.starts_with("function:")) {
            return Ok(None);
        }
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["policy"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.split_once(":function:").map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "AwsLambdaFunction", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(function: &str, document: &str) -> String {
        format!("aws lambda put-resource-policy --resource-arn {function} --policy {}", argument(document))
    }

    fn delete_line(function: &str) -> String {
        format!("aws lambda delete-resource-policy --resource-arn {function}")
    }
}

impl SignedPolicy for Functions {
    const API: &'static Api = &LAMBDA;
    /// It says so of a function without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        Request::rest("GetResourcePolicy", "GET", &[API_DATE, "resource-policy", arn])
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        let revision = answer.text("RevisionId").map(str::to_owned);
        Read::shown(answer, "Policy", revision)
    }

    fn put(arn: &String, document: &str, revision: Option<&str>) -> Request {
        let call = Request::rest("PutResourcePolicy", "PUT", &[API_DATE, "resource-policy", arn]);
        call.member("Policy", Some(document)).member("RevisionId", revision)
    }

    fn delete(arn: &String, revision: Option<&str>) -> Request {
        let call = Request::rest("DeleteResourcePolicy", "DELETE", &[API_DATE, "resource-policy", arn]);
        call.query("RevisionId", revision)
    }

    /// Versions are listed beside their functions; an alias is found when its policy changes.
    fn list(from: Option<&str>) -> Option<Request> {
        let call = Request::rest("ListFunctions", "GET", &["2015-03-31", "functions"]);
        Some(call.query("FunctionVersion", Some("ALL")).query("Marker", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let arn = |function: &Value| {
            let arn = function["FunctionArn"].as_str()?;
            Some(arn.strip_suffix(":$LATEST").unwrap_or(arn).to_owned())
        };
        let found = answer.list("Functions").iter().filter_map(arn).collect();
        Listed { found, next: answer.text("NextMarker").map(str::to_owned) }
    }
}
