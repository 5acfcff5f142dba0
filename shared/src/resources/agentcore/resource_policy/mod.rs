//! RES-09: the policies of AgentCore's runtimes, their endpoints, and gateways.
//!
//! Who may invoke an agent uses what its role may. A call from another account needs the policies of a runtime and of its endpoint, so that each
//! of them is a hole only beside the other; both are held to the same.
//! Sources: "PutResourcePolicy", "GetResourcePolicy", "ListAgentRuntimes" (AgentCore Control Plane API reference), "Resource-based policies for Amazon Bedrock
//! AgentCore" (developer guide).

use super::AGENTCORE;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &[
    "bedrock-agentcore:${Region}:${Account}:gateway/*",
    "bedrock-agentcore:${Region}:${Account}:runtime/*",
    "bedrock-agentcore:${Region}:${Account}:runtime/*/runtime-endpoint/*",
];
const GET: Permission = Permission::on("bedrock-agentcore:GetResourcePolicy", ON);
const LIST: Permission = Permission::read("bedrock-agentcore:ListAgentRuntimes");
const PUT: Permission = Permission::on("bedrock-agentcore:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("bedrock-agentcore:DeleteResourcePolicy", ON);

/// The policies of runtimes, endpoints and gateways.
pub type AgentPolicies = Policies<AgentRuntimes>;

/// Runtimes, endpoints and gateways, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentRuntimes;

impl ResourcePolicy for AgentRuntimes {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "agentcore-resource-policy";
    const NOUN: &'static str = "AgentCore resource";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "AgentCore resource",
        public: "agentcore-resource-policy-public" is "RES-09" at Critical,
        untrusted: "agentcore-resource-policy-untrusted" is "RES-09",
        class: R2,
        controls: &[],
        technique: "T1190",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:bedrock-agentcore:%:%:runtime/*", "arn:%:bedrock-agentcore:%:%:gateway/%", "arn:%:bedrock-agentcore:%:%:memory/%"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy only the account's own principals may use the resource"),
            ("CreateAgentRuntime, CreateGateway", "runtimes and gateways are made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the resource to its own account.",
        beside: "A runtime or gateway that authenticates its callers by OAuth itself has `*` in its policy, and no condition that IAM knows: exempt it. The policies of \
            endpoints and gateways are evaluated when they change; the sweep reads those of runtimes.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::BedrockAgentCore::ResourcePolicy", "Policy"), ("aws_bedrockagentcore_resource_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("bedrock-agentcore.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let named = event.request.text(&["resourceArn"]);
        let arn = named.ok_or_else(|| Unlocatable::new(event, "the record names no resource of AgentCore"))?;
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["policy"]))))
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
        format!(
            "aws bedrock-agentcore-control put-resource-policy --resource-arn {arn} --policy {}",
            argument(document)
        )
    }

    fn delete_line(arn: &str) -> String {
        format!("aws bedrock-agentcore-control delete-resource-policy --resource-arn {arn}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, arn: &str) -> Request {
    Request::rest(operation, method, &["resourcepolicy", arn])
}

impl SignedPolicy for AgentRuntimes {
    const API: &'static Api = &AGENTCORE;
    /// It says so of a resource that is not there: that lets no principal in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        policy_of("GetResourcePolicy", "GET", arn)
    }

    /// `policy` need not be there: an answer that has nothing at all shows that there is none.
    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        match answer.body.as_object().is_some_and(serde_json::Map::is_empty) {
            true => Observed::Known(Read::of(None)),
            false => Read::shown(answer, "policy", None),
        }
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutResourcePolicy", "PUT", arn).member("policy", Some(document))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        policy_of("DeleteResourcePolicy", "DELETE", arn)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListAgentRuntimes", "POST", &["runtimes"]).query("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("agentRuntimes", "agentRuntimeArn");
        Listed { found, next: answer.text("nextToken").map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_answer_shows_no_policy_and_another_one_is_not_understood() {
        let got = |body| AgentRuntimes::got(&String::new(), &Answer { body, request_id: None });
        assert_eq!(got(json!({})), Observed::Known(Read::of(None)));
        assert_eq!(got(json!({"policy": "{}"})), Observed::Known(Read::of(Some("{}".to_owned()))));
        assert!(matches!(got(json!({"Policy": "{}"})), Observed::Unknown { .. }));
    }
}
