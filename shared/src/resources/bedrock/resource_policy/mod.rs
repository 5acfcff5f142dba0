//! RES-09: the policies of Bedrock's custom models and guardrails.
//!
//! Who may copy or invoke a custom model gets at what it was trained on. Sharing through AWS RAM names accounts in the same policy.
//! Sources: "PutResourcePolicy", "GetResourcePolicy", "ListCustomModels" (Amazon Bedrock API reference), the service authorization reference for
//! what has such policies.

use super::BEDROCK;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &[
    "bedrock:${Region}:${Account}:custom-model/*",
    "bedrock:${Region}:${Account}:guardrail-profile/*",
    "bedrock:${Region}:${Account}:guardrail/*",
];
const GET: Permission = Permission::on("bedrock:GetResourcePolicy", ON);
const LIST: Permission = Permission::read("bedrock:ListCustomModels");
const PUT: Permission = Permission::on("bedrock:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("bedrock:DeleteResourcePolicy", ON);

/// The policies of custom models and guardrails.
pub type BedrockPolicies = Policies<CustomModels>;

/// Custom models and guardrails, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CustomModels;

impl ResourcePolicy for CustomModels {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "bedrock-resource-policy";
    const NOUN: &'static str = "Bedrock resource";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Bedrock resource",
        public: "bedrock-resource-policy-public" is "RES-09" at Critical,
        untrusted: "bedrock-resource-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:bedrock:%:%:custom-model/*", "arn:%:bedrock:%:%:guardrail/%", "arn:%:bedrock:%:%:guardrail-profile/%"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy only the account's own principals may use the resource"),
            ("CreateGuardrail, CreateModelCustomizationJob", "models and guardrails are made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the resource to its own account.",
        beside: "The policies of guardrails are evaluated when they change; the sweep reads those of custom models.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[("AWS::Bedrock::ResourcePolicy", "PolicyDocument")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("bedrock.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let named = event.request.text(&["resourceArn"]);
        let arn = named.ok_or_else(|| Unlocatable::new(event, "the record names no resource of Bedrock"))?;
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["resourcePolicy"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
        Resource { id: arn.clone(), kind: "Other", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(arn: &str, document: &str) -> String {
        format!("aws bedrock put-resource-policy --resource-arn {arn} --resource-policy {}", argument(document))
    }

    fn delete_line(arn: &str) -> String {
        format!("aws bedrock delete-resource-policy --resource-arn {arn}")
    }
}

impl SignedPolicy for CustomModels {
    const API: &'static Api = &BEDROCK;
    /// It says so of a resource without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        Request::rest("GetResourcePolicy", "GET", &["resource-policy", arn])
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "resourcePolicy", None)
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        let call = Request::rest("PutResourcePolicy", "POST", &["resource-policy"]);
        call.member("resourceArn", Some(arn.as_str())).member("resourcePolicy", Some(document))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        Request::rest("DeleteResourcePolicy", "DELETE", &["resource-policy", arn])
    }

    /// The account's own: the list also has those that others share with it.
    fn list(from: Option<&str>) -> Option<Request> {
        let list = Request::rest("ListCustomModels", "GET", &["custom-models"]).query("isOwned", Some("true"));
        Some(list.query("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("modelSummaries", "modelArn");
        Listed { found, next: answer.text("nextToken").map(str::to_owned) }
    }
}
