//! Parapet's own inline policies on a user, as part of the families that put them. For tests (`shared/tests/all/world`).

use crate::world::{both, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::deny_policy::{Deny, DenyAction};

pub const MOMENT: &str = "2026-03-02T09:14:07Z";

/// A policy takes the place of one of the same name; one that is not there cannot be deleted.
pub fn change(denies: &mut Observed<Vec<Deny>>, action: &DenyAction) -> Result<(), ApplyError> {
    let policy = action.policy();
    let Observed::Known(standing) = denies else { panic!("a world knows what stands there") };
    let before = standing.len();
    standing.retain(|deny| deny.name() != policy.deny.name());
    match action {
        DenyAction::Put(_) => standing.push(policy.deny.clone()),
        DenyAction::Lift(_) if standing.len() == before => return Err(not_there("NoSuchEntity")),
        DenyAction::Lift(_) => {}
    }
    Ok(())
}

/// `UserPolicies`: documents by their names, of which only Parapet's own are seen.
pub fn live(value: &Value) -> Observed<Vec<Deny>> {
    if let Some(why) = value["UserPolicies"]["unknown"].as_str() {
        return Observed::Unknown { why: why.to_owned() };
    }
    let policies = value["UserPolicies"].as_object().cloned().unwrap_or_default();
    Observed::Known(policies.iter().filter_map(|(name, document)| Deny::read(name, document)).collect())
}

pub fn lines(denies: &Observed<Vec<Deny>>) -> Vec<String> {
    denies.known().into_iter().flatten().map(|deny| format!("denied {deny}")).collect()
}

/// A cut of the sessions that were opened before a moment, as the ledger keeps it.
pub fn cut() -> Value {
    json!({"sessions-before": {"moment": MOMENT, "until": MOMENT}})
}

/// One of each call, of a policy that denies this.
pub fn samples(what: &Value) -> Vec<Value> {
    both("put", "lift", &json!({"on": {"user": "ana"}, "deny": what}))
}
