//! A type of policies. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::organizations::policy_type::{TypeOfPolicies, TypeRef};
use shared::resources::organizations::{PolicyAction, PolicyTypes};

impl Living for PolicyTypes {
    fn change(live: &mut Observed<TypeOfPolicies>, action: &PolicyAction) -> Result<(), ApplyError> {
        let Observed::Known(state) = live else { return Err(not_there("RootNotFoundException")) };
        match action {
            PolicyAction::Enable { .. } => state.enabled = Some(true),
            PolicyAction::Disable { .. } => {
                state.enabled = Some(false);
                state.attached.iter_mut().flat_map(|all| all.values_mut()).for_each(std::collections::BTreeSet::clear);
            }
            PolicyAction::Attach { policy, target } => {
                state.attached.get_or_insert_default().entry(policy.clone()).or_default().insert(target.clone());
            }
            PolicyAction::Detach { policy, target } => {
                state.attached.get_or_insert_default().entry(policy.clone()).or_default().remove(target);
            }
            PolicyAction::Update { .. } | PolicyAction::Create { .. } | PolicyAction::Delete { .. } => {}
        }
        Ok(())
    }

    /// What is attached shows only while the type is enabled.
    fn read(live: &Observed<TypeOfPolicies>, key: &TypeRef) -> Observed<TypeOfPolicies> {
        match live {
            Observed::Known(state) => {
                let attached = state.attached.clone().filter(|_| state.enabled == Some(true));
                Observed::Known(key.state(state.enabled, attached))
            }
            other => other.clone(),
        }
    }

    /// Whether it is enabled, and what each policy is attached to.
    fn live(value: &Value) -> Observed<TypeOfPolicies> {
        let attached = serde_json::from_value(value["attached"].clone()).unwrap();
        Observed::Known(TypeRef::new("r-exam", "SERVICE_CONTROL_POLICY").state(value["enabled"].as_bool(), attached))
    }

    fn lines(live: &Observed<TypeOfPolicies>) -> Vec<String> {
        let Observed::Known(state) = live else { return Vec::new() };
        let all = state.attached.iter().flatten();
        let attached =
            all.flat_map(|(policy, targets)| targets.iter().map(move |target| format!("{policy} on {target}")));
        [format!("enabled: {}", state.enabled == Some(true))].into_iter().chain(attached).collect()
    }

    fn samples() -> Vec<Value> {
        let (root, kind, policy) = ("r-exam", "SERVICE_CONTROL_POLICY", "p-examplepolicy1");
        vec![
            json!({"enable": {"root": root, "kind": kind}}),
            json!({"disable": {"root": root, "kind": kind}}),
            json!({"attach": {"policy": policy, "target": root}}),
            json!({"detach": {"policy": policy, "target": root}}),
        ]
    }
}
