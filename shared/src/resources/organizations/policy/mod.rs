//! Policies of an organization: ACC-07.
//!
//! Sources: "DetachPolicy", "UpdatePolicy", "DeletePolicy", "AttachPolicy", "CreatePolicy" (AWS Organizations API reference). A policy of any type is known by
//! its id. Before it can be deleted it must be detached from everything, so a deletion follows records of its own for each attachment; a policy that is
//! created again has another id, and is found by its name and type, which no two have in common.
//!
//! **Known good.** A policy is kept, with its attachments, when no guardrail of this family objects to it: by the sweep, and after a change that complies.

pub mod compare;
pub mod deleted;
pub mod detached;
pub mod state;
pub mod weakened;

use super::actions::{DELETE, DETACH, UPDATE};
use super::reads::{self, DESCRIBE_ORGANIZATION, DESCRIBE_POLICY, LIST_POLICIES, LIST_ROOTS, LIST_TAGS, LIST_TARGETS};
use super::{FULL_ACCESS, ORGANIZATIONS, PolicyAction, SOURCE};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::resources::callers::callers;
use deleted::OrganizationPolicyDeleted;
use detached::OrganizationPolicyDetached;
use serde_json::{Value, json};
use state::{Now, Policy, PolicyRef, View};
use weakened::OrganizationPolicyWeakened;

pub(crate) const DETACHED: &str = "DetachPolicy";
pub(crate) const UPDATED: &str = "UpdatePolicy";
pub(crate) const DELETED: &str = "DeletePolicy";
pub(crate) const IDS: &[&str] = &["arn:%:organizations::%:policy/%"];

/// The family of an organization's policies.
#[derive(Clone, Copy, Debug, Default)]
pub struct OrganizationPolicies;

impl Family for OrganizationPolicies {
    type Key = PolicyRef;
    type State = Policy;
    type Action = PolicyAction;

    fn kind(&self) -> &'static str {
        "organization-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_POLICY, LIST_TARGETS, LIST_TAGS, LIST_POLICIES]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_ROOTS, DESCRIBE_ORGANIZATION]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DETACH, DELETE, UPDATE]
    }

    guardrails![OrganizationPolicyDetached, OrganizationPolicyDeleted, OrganizationPolicyWeakened];

    /// The record of an update shows what was written; that of a detachment shows no policy, which may be one whose detachment is none of ours.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[DETACHED, UPDATED, DELETED]) {
            return Ok(Vec::new());
        }
        let named = |member: &str, what: &str| {
            let why = || Unlocatable::new(event, format!("the record names no {what}"));
            event.request.text(&[member]).map(str::to_owned).ok_or_else(why)
        };
        let target = match event.name == DETACHED {
            true => Some(named("targetId", "target")?),
            false => None,
        };
        let id = named("policyId", "policy")?;
        // It allows everything: without it less is permitted.
        if id == FULL_ACCESS {
            return Ok(Vec::new());
        }
        let key = PolicyRef { call: event.name.clone(), by: callers(event), target, ..PolicyRef::new(&id) };
        let now = match event.name.as_str() {
            DELETED => Some(Now::Gone),
            UPDATED => event.response.at(&["policy"]).and_then(reads::view).map(|view| Now::Stands(Box::new(view))),
            _ => None,
        };
        let proven = now.map(|now| key.state(now));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, policy: &mut Policy, target: &TargetOf<Self>) {
        policy.policy.clone_from(&target.key);
    }

    fn memory(&self, key: &PolicyRef) -> Option<String> {
        Some(key.id.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Policy>) {
        let before = match kept {
            Observed::Known(Policy { now: Now::Stands(view) | Now::Anew { view, .. }, .. }) => Observed::Known(*view),
            Observed::Known(_) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.policy.before = before.clone();
        }
        target.key.before = before;
    }

    /// What it is now, and not what it was.
    fn content(&self, policy: &Policy) -> Value {
        serde_json::to_value(&policy.now).unwrap_or_default()
    }

    fn writes(&self, call: &PolicyAction) -> Option<Value> {
        match call {
            PolicyAction::Update { content, .. } => Some(parsed(content)),
            PolicyAction::Attach { .. }
            | PolicyAction::Detach { .. }
            | PolicyAction::Create { .. }
            | PolicyAction::Delete { .. }
            | PolicyAction::Enable { .. }
            | PolicyAction::Disable { .. } => None,
        }
    }

    fn part(&self, call: &PolicyAction, policy: &Policy) -> (String, Value) {
        match (call, &policy.now) {
            (PolicyAction::Update { .. }, Now::Stands(view)) => ("content".to_owned(), parsed(&view.content)),
            _ => (String::new(), self.content(policy)),
        }
    }

    /// By the response, which shows what the call has left.
    fn written(&self, _: &Event, target: &TargetOf<Self>) -> Option<Written<PolicyAction>> {
        let Now::Stands(view) = &target.proven.as_ref()?.now else { return None };
        let again = PolicyAction::Update { policy: target.key.id.clone(), content: view.content.clone() };
        Some(Written { part: "content".to_owned(), content: parsed(&view.content), again: Some(again), anew: None })
    }

    /// What stands in its place is known from then on.
    fn heirs(&self, policy: &Policy) -> Vec<PolicyRef> {
        match &policy.now {
            Now::Anew { id, .. } => vec![PolicyRef::new(id)],
            Now::Stands(_) | Now::Gone => Vec::new(),
        }
    }

    fn resource(&self, key: &PolicyRef, _: Option<&Policy>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let id = format!("arn:{partition}:organizations::{account}:policy/{}", key.id);
        Resource { id, kind: "Other", name: key.id.clone() }
    }
}

/// A document by what it says.
fn parsed(content: &str) -> Value {
    serde_json::from_str(content).unwrap_or_else(|_| json!(content))
}

impl Asks for OrganizationPolicies {
    fn asks() -> Vec<(&'static Api, Request)> {
        let (id, from) = ("p-examplepolicy1", Some("2"));
        let reads = [
            reads::describe(id),
            reads::targets(id, from),
            reads::tags(id, from),
            reads::policies("SERVICE_CONTROL_POLICY", from),
            reads::roots(from),
            reads::organization(),
        ];
        let is_of_types =
            |action: &PolicyAction| matches!(action, PolicyAction::Enable { .. } | PolicyAction::Disable { .. });
        let calls = PolicyAction::each()
            .into_iter()
            .filter(|action| !is_of_types(action))
            .map(|action| action.request("p-examplepolicy1"));
        reads.into_iter().chain(calls).map(|request| (&ORGANIZATIONS, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let of = |request: Request| answers(request.operation);
        let described = of(reads::describe("p-examplepolicy1"));
        let Some(view) = described.body.get("Policy").and_then(reads::view) else {
            return vec!["no policy is found in an answer to DescribePolicy".to_owned()];
        };
        let pages = (of(reads::targets("", None)), of(reads::tags("", None)));
        match reads::whole(view, &[pages.0], &[pages.1]) {
            Ok(View { targets: Some(targets), tags, .. }) if !targets.is_empty() && !tags.is_empty() => Vec::new(),
            Ok(_) => vec!["no targets or no tags are found".to_owned()],
            Err(why) => vec![why],
        }
    }
}
