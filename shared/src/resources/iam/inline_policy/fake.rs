//! A policy written into a principal. For tests (`shared/tests/all/world`).

use crate::world::fakes::iam_policy_attachment::{beside, role};
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::holder::Holder;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::inline_policy::state::{Inline, InlineAction, InlineRef};
use std::cell::RefCell;

thread_local! {
    /// A policy that is written again stands beside what it stood beside.
    static DELETED: RefCell<Option<Inline>> = const { RefCell::new(None) };
}

impl Living for InlinePolicies {
    fn change(live: &mut Observed<Inline>, action: &InlineAction) -> Result<(), ApplyError> {
        if let Observed::Known(state) = live {
            assert_eq!((action.holder(), action.name()), (&state.holder, state.name.as_str()), "a call about another");
        }
        match action {
            InlineAction::Put { holder, name, document, .. } => {
                let deleted = DELETED.take().map_or(Observed::Absent, Observed::Known);
                let like = if live.known().is_some() { live.clone() } else { deleted };
                *live = Observed::Known(inline(holder.clone(), name, Observed::Known(document.clone()), &like));
            }
            InlineAction::Delete { .. } => {
                let Observed::Known(deleted) = live else { return Err(not_there("NoSuchEntity")) };
                DELETED.set(Some(deleted.clone()));
                // What its holder has beside it is there without it.
                let is_alone = deleted.beside.known().is_none();
                let left = Inline { document: Observed::Absent, ..deleted.clone() };
                *live = if is_alone { Observed::Absent } else { Observed::Known(left) };
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Inline>, key: &InlineRef) -> Observed<Inline> {
        if let Observed::Known(state) = live {
            assert_eq!((&state.holder, &state.name), (&key.holder, &key.name), "a look at another");
        }
        live.clone()
    }

    /// `Holder`, `PolicyName`, `PolicyDocument` (`absent` where only what its holder has beside it is left), `Path`, `Beside`.
    fn live(value: &Value) -> Observed<Inline> {
        let document = match &value["PolicyDocument"] {
            Value::Null => Observed::Unknown { why: "the document was not read".to_owned() },
            Value::String(word) if word == "absent" => Observed::Absent,
            Value::String(text) => Observed::Known(text.clone()),
            document => Observed::Known(document.to_string()),
        };
        let path = value["Path"].as_str().map(str::to_owned);
        let path = path.map_or_else(|| Observed::Unknown { why: "no path was read".to_owned() }, Observed::Known);
        let holder = serde_json::from_value(value["Holder"].clone()).unwrap();
        let made = inline(holder, value["PolicyName"].as_str().unwrap(), document, &Observed::Absent);
        Observed::Known(Inline { path, beside: beside(value), role: role(value), ..made })
    }

    fn lines(live: &Observed<Inline>) -> Vec<String> {
        let line = |it: &Inline| {
            let document = it.document.known().map(String::as_str).unwrap_or("nothing that is known");
            let document = serde_json::from_str::<Value>(document).map_or(document.to_owned(), |json| json.to_string());
            format!("{} {} says {document}", it.holder, it.name)
        };
        live.known().filter(|it| it.document != Observed::Absent).map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        ["user", "role", "group"]
            .into_iter()
            .flat_map(|kind| {
                let holder = json!({"kind": kind, "name": "ana"});
                [
                    json!({"put": {"holder": holder, "name": "work", "document": "{}"}}),
                    json!({"delete": {"holder": holder, "name": "work"}}),
                ]
            })
            .collect()
    }
}

fn inline(holder: Holder, name: &str, document: Observed<String>, like: &Observed<Inline>) -> Inline {
    let unknown = || "not read".to_owned();
    Inline {
        holder,
        name: name.to_owned(),
        path: like.known().map_or_else(|| Observed::Unknown { why: unknown() }, |it| it.path.clone()),
        document,
        before: Observed::Unknown { why: unknown() },
        beside: like
            .known()
            .map_or_else(shared::resources::iam::policy_attachment::state::unread, |it| it.beside.clone()),
        is_standing: true,
        role: like.known().map_or_else(shared::engine::holder::unseen, |it| it.role.clone()),
    }
}
