//! A policy written into a user, a role or a group: a document that is written whole, or deleted.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::record;
use crate::invariants::story::{Change, Stale, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::holder::{Holder, HolderKind};
use shared::engine::observed::Observed;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::inline_policy::state::{Inline, InlineRef};
use std::cell::Cell;

const NAME: &str = "work";
const HOLDER: &str = "cy";
const ALLOWED: &[&str] = &["s3:GetObject", "s3:ListBucket", "sqs:SendMessage"];
const FORBIDDEN: &str = "*";

thread_local! {
    /// Whose policy this sequence is about, and whether its document has one statement for all or one for each.
    static ABOUT: Cell<(HolderKind, bool)> = const { Cell::new((HolderKind::User, false)) };
}

fn holder() -> Holder {
    Holder { kind: ABOUT.get().0, name: HOLDER.to_owned() }
}

fn statement(actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": if actions == [FORBIDDEN] { "*" } else { "arn:aws:s3:::reports/*" }})
}

fn document(actions: &[&str]) -> Value {
    let (good, bad): (Vec<&str>, Vec<&str>) = actions.iter().partition(|action| **action != FORBIDDEN);
    let mut statements: Vec<Value> = if ABOUT.get().1 && !good.is_empty() {
        vec![statement(&good)]
    } else {
        good.iter().map(|action| statement(&[*action])).collect()
    };
    statements.extend(bad.iter().map(|action| statement(&[*action])));
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn inline(actions: &[&str]) -> Observed<Inline> {
    if actions.is_empty() {
        return Observed::Absent;
    }
    InlinePolicies::live(&json!({
        "Holder": holder(), "PolicyName": NAME, "PolicyDocument": document(actions), "Path": "/", "Beside": {"Documents": []},
    }))
}

/// The actions that the document allows, by any author.
fn actions(state: &Observed<Inline>) -> Vec<String> {
    let Some(text) = state.known().and_then(|inline| inline.document.known()) else { return Vec::new() };
    let document: Value = serde_json::from_str(text).unwrap();
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let allows = list(&document["Statement"]).into_iter().filter(|statement| statement["Effect"] == "Allow");
    let actions = allows.flat_map(|statement| list(&statement["Action"]));
    actions.filter_map(|action| action.as_str().map(str::to_owned)).collect()
}

impl Story for InlinePolicies {
    const GUARDRAIL: &'static str = "inline-policy-grants-admin";
    const STALE: Stale = Stale::Reported;

    fn start(random: &mut Random) -> Observed<Inline> {
        ABOUT.set((*random.pick(&HolderKind::ALL), random.chance(50)));
        inline(&ALLOWED.iter().filter(|_| random.chance(50)).copied().collect::<Vec<_>>())
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<Inline>) -> Option<Change<Inline>> {
        let standing = actions(state);
        let mut wanted: Vec<&str> =
            ALLOWED.iter().filter(|one| standing.iter().any(|it| it == *one)).copied().collect();
        if by == Writer::Owner {
            let one = *random.pick(ALLOWED);
            let before = wanted.len();
            wanted.retain(|it| *it != one);
            if wanted.len() == before {
                wanted.push(one);
            }
        } else {
            if random.chance(20) {
                wanted.clear();
            }
            wanted.push(FORBIDDEN);
        }
        if wanted == standing {
            return None;
        }
        let (word, title) = (holder().kind.word(), holder().kind.title());
        let mut request = json!({format!("{word}Name"): HOLDER, "policyName": NAME});
        let name = if wanted.is_empty() {
            format!("Delete{title}Policy")
        } else {
            request["policyDocument"] = document(&wanted).to_string().into();
            format!("Put{title}Policy")
        };
        Some(Change {
            says: format!("{name} {wanted:?}"),
            state: inline(&wanted),
            record: Some(record("iam", &name, request, json!(null))),
            made: if by == Writer::Owner { Vec::new() } else { vec![FORBIDDEN.to_owned()] },
        })
    }

    fn open(state: &Observed<Inline>) -> Vec<String> {
        actions(state).into_iter().filter(|action| action == FORBIDDEN).collect()
    }

    fn allows(state: &Observed<Inline>) -> Vec<String> {
        actions(state)
    }

    /// Evidence names the policy.
    fn is_about(evidence: &str, _: &str) -> bool {
        evidence == NAME
    }

    fn key() -> InlineRef {
        let before = Observed::Unknown { why: "nothing was asked yet".to_owned() };
        InlineRef { holder: holder(), name: NAME.to_owned(), before }
    }
}
