//! A policy that is named like a session cut. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::fakes::iam_deny_policy as deny_policy;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::deny_policy::{DenyAction, Principal};
use shared::resources::iam::session_cut::SessionCuts;
use shared::resources::iam::session_cut::state::{CutRef, FoundCut, read};

impl Living for SessionCuts {
    fn change(live: &mut Observed<FoundCut>, action: &DenyAction) -> Result<(), ApplyError> {
        let policy = action.policy();
        match (action, &live) {
            (DenyAction::Put(_), _) => {
                let (on, name, deny) = (policy.on.clone(), policy.deny.name(), Some(policy.deny.clone()));
                *live = Observed::Known(FoundCut { on, name, deny, seen: now() });
            }
            (DenyAction::Lift(_), Observed::Known(cut)) => {
                assert_eq!((&cut.on, &cut.name), (&policy.on, &policy.deny.name()), "a call about another policy");
                *live = Observed::Absent;
            }
            (DenyAction::Lift(_), Observed::Absent | Observed::Unknown { .. }) => {
                return Err(not_there("NoSuchEntity"));
            }
        }
        Ok(())
    }

    fn read(live: &Observed<FoundCut>, key: &CutRef) -> Observed<FoundCut> {
        if let Observed::Known(cut) = live {
            assert_eq!((&cut.on, &cut.name), (&key.on, &key.name), "a look at another policy");
        }
        live.clone()
    }

    /// `GetUserPolicy`, and the time of the look.
    fn live(value: &Value) -> Observed<FoundCut> {
        let on = Principal::User(value["UserName"].as_str().unwrap().to_owned());
        let name = value["PolicyName"].as_str().unwrap().to_owned();
        let deny = read(&on, &name, &value["PolicyDocument"]);
        let seen = value["Now"].as_str().map_or_else(now, |now| now.parse().unwrap());
        Observed::Known(FoundCut { on, name, deny, seen })
    }

    fn lines(live: &Observed<FoundCut>) -> Vec<String> {
        live.known().map(|cut| cut.name.clone()).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        ["user", "role"]
            .into_iter()
            .flat_map(|of| {
                let policy = json!({"on": { of: "ana" }, "deny": deny_policy::cut()});
                both("lift", "put", &policy)
            })
            .collect()
    }
}

fn now() -> jiff::Timestamp {
    "2026-03-20T00:00:00Z".parse().unwrap()
}
