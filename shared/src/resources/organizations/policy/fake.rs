//! A policy of an organization, or the place where one was. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::organizations::policy::state::{Now, Policy, PolicyRef, View};
use shared::resources::organizations::{OrganizationPolicies, PolicyAction};
use std::collections::BTreeSet;

/// The id that the next policy has.
const NEXT: &str = "p-created00001";

impl Living for OrganizationPolicies {
    fn change(live: &mut Observed<Policy>, action: &PolicyAction) -> Result<(), ApplyError> {
        let Observed::Known(policy) = live else { return Err(not_there("PolicyNotFoundException")) };
        if let PolicyAction::Create { name, description, kind, content, tags } = action {
            let view = View {
                name: name.clone(),
                description: description.clone(),
                kind: kind.clone(),
                content: content.clone(),
                targets: Some(BTreeSet::new()),
                tags: tags.clone(),
            };
            policy.now = Now::Anew { id: NEXT.to_owned(), view: Box::new(view) };
            return Ok(());
        }
        let (Now::Stands(view) | Now::Anew { view, .. }) = &mut policy.now else {
            return Err(not_there("PolicyNotFoundException"));
        };
        let mut targets = view.targets.clone().unwrap_or_default();
        match action {
            PolicyAction::Attach { target, .. } => {
                if !targets.insert(target.clone()) {
                    return Err(ApplyError::Changed { code: "DuplicatePolicyAttachmentException".to_owned() });
                }
            }
            PolicyAction::Detach { target, .. } => {
                if !targets.remove(target) {
                    return Err(not_there("PolicyNotAttachedException"));
                }
            }
            PolicyAction::Update { content, .. } => view.content.clone_from(content),
            PolicyAction::Delete { .. } => {
                policy.now = Now::Gone;
                return Ok(());
            }
            PolicyAction::Create { .. } | PolicyAction::Enable { .. } | PolicyAction::Disable { .. } => {}
        }
        view.targets = Some(targets);
        Ok(())
    }

    fn read(live: &Observed<Policy>, key: &PolicyRef) -> Observed<Policy> {
        let Observed::Known(policy) = live else { return live.clone() };
        // One in its place is looked for by its name, which only what was kept says.
        let now = match (&policy.now, &key.before) {
            (Now::Anew { .. }, Observed::Absent | Observed::Unknown { .. }) => Now::Gone,
            (now, _) => now.clone(),
        };
        Observed::Known(key.state(now))
    }

    /// `gone`, `{"anew": ID, "view": ...}`, or what stands.
    fn live(value: &Value) -> Observed<Policy> {
        let view = |value: &Value| Box::new(serde_json::from_value(value.clone()).unwrap());
        let now = match (value.as_str(), value["anew"].as_str()) {
            (Some("gone"), _) => Now::Gone,
            (_, Some(id)) => Now::Anew { id: id.to_owned(), view: view(&value["view"]) },
            (_, None) => Now::Stands(view(value)),
        };
        Observed::Known(PolicyRef::new("p-examplepolicy1").state(now))
    }

    fn lines(live: &Observed<Policy>) -> Vec<String> {
        let Observed::Known(policy) = live else { return Vec::new() };
        let (id, view) = match &policy.now {
            Now::Stands(view) => (None, view),
            Now::Anew { id, view } => (Some(format!("id {id}")), view),
            Now::Gone => return vec!["gone".to_owned()],
        };
        let targets = view.targets.iter().flatten().map(|target| format!("attached to {target}"));
        let tags = view.tags.iter().map(|(key, value)| format!("tag {key}: {value}"));
        id.into_iter().chain([format!("content {}", view.content)]).chain(targets).chain(tags).collect()
    }

    fn samples() -> Vec<Value> {
        let (policy, target, content) = ("p-examplepolicy1", "r-exam", "{}");
        vec![
            json!({"attach": {"policy": policy, "target": target}}),
            json!({"detach": {"policy": policy, "target": target}}),
            json!({"update": {"policy": policy, "content": content}}),
            json!({"delete": {"name": "guard", "kind": "TAG_POLICY"}}),
            json!({"create": {"name": "guard", "description": "", "kind": "TAG_POLICY", "content": content, "tags": {}}}),
        ]
    }
}
