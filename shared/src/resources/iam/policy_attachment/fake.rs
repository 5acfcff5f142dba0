//! A managed policy attached to a principal. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::holder::{Beside, RoleSeen, unseen};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::policy_attachment::PolicyAttachments;
use shared::resources::iam::policy_attachment::state::{Attachment, AttachmentAction, AttachmentRef, unread};
use std::cell::RefCell;

thread_local! {
    /// A pair that is attached again has the policy that it had.
    static DETACHED: RefCell<Option<Attachment>> = const { RefCell::new(None) };
}

impl Living for PolicyAttachments {
    fn change(live: &mut Observed<Attachment>, action: &AttachmentAction) -> Result<(), ApplyError> {
        match action {
            AttachmentAction::Detach(pair) => {
                let Observed::Known(attached) = live else { return Err(not_there("NoSuchEntity")) };
                assert_eq!(pair, &attached.pair, "a call about another pair");
                DETACHED.set(Some(attached.clone()));
                *live = Observed::Absent;
            }
            AttachmentAction::Attach(_) if live.known().is_some() => {}
            AttachmentAction::Attach(pair) => {
                let detached = DETACHED.take().filter(|detached| detached.pair == *pair);
                *live = detached.map_or(Observed::Absent, Observed::Known);
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Attachment>, AttachmentRef { pair, .. }: &AttachmentRef) -> Observed<Attachment> {
        match live {
            Observed::Known(state) => Observed::Known(Attachment { pair: pair.clone(), ..state.clone() }),
            other => other.clone(),
        }
    }

    /// `Document`, `Path`, `Beside` with `Documents` and a `Boundary`; the pair is the one that is asked for.
    fn live(value: &Value) -> Observed<Attachment> {
        let pair = serde_json::from_value(value["Pair"].clone()).unwrap();
        let text = |key: &str| match &value[key] {
            Value::Null => Observed::Unknown { why: format!("`{key}` was not read") },
            Value::String(text) => Observed::Known(text.clone()),
            document => Observed::Known(document.to_string()),
        };
        Observed::Known(Attachment {
            pair,
            path: text("Path"),
            document: text("Document"),
            beside: beside(value),
            is_standing: true,
            by_service: None,
            role: role(value),
        })
    }

    fn lines(live: &Observed<Attachment>) -> Vec<String> {
        let line = |it: &Attachment| format!("{} holds {}", it.pair.holder, it.pair.policy);
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let user = json!({"kind": "user", "name": "ana"});
        let policy = |arn: &str| both("detach", "attach", &json!({"holder": user, "policy": arn}));
        let own = policy("arn:aws:iam::aws:policy/AdministratorAccess");
        let holders = ["role", "group"].map(|kind| json!({"kind": kind, "name": "ana"}));
        let customers = "arn:aws:iam::111122223333:policy/all";
        let of = |holder: &Value| both("detach", "attach", &json!({"holder": holder, "policy": customers}));
        [own, policy(customers), of(&holders[0]), of(&holders[1])].concat()
    }
}

/// `Role`: `GetRole`'s `RoleId`, `CreateDate` and `AssumeRolePolicyDocument`, and the time of the look.
pub fn role(value: &Value) -> Observed<RoleSeen> {
    let Some(role) = value.get("Role") else { return unseen() };
    let text = |key: &str| role[key].as_str().unwrap_or_default();
    Observed::Known(RoleSeen {
        id: text("RoleId").to_owned(),
        created: text("CreateDate").parse().ok(),
        trust: match role.get("AssumeRolePolicyDocument") {
            Some(trust) => Observed::Known(trust.to_string()),
            None => Observed::Unknown { why: "no trust policy was read".to_owned() },
        },
        seen: role["Now"].as_str().unwrap_or("2026-03-02T09:14:20Z").parse().unwrap(),
    })
}

pub fn beside(value: &Value) -> Observed<Beside> {
    let Some(beside) = value.get("Beside") else { return unread() };
    let documents = beside["Documents"].as_array().unwrap().iter().map(Value::to_string).collect();
    let boundary = beside.get("Boundary").map(Value::to_string);
    Observed::Known(Beside { documents, boundary })
}
