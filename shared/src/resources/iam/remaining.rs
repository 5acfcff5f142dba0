//! How much of a known-good document is given back: what an owner may have removed since, unseen, is not.
//!
//! Between the look that showed a document to be good and a change that opens it, its owner may have narrowed it, and that record is on
//! its way. So where something of the good document still stands, the rest of it is not given back; its denials are, and those that
//! were added since stay. Where nothing of it stands any more and something else that is good does, that is left. Where nothing good
//! stands at all, it is unknown, and the good document comes back as it was.

use iam_policy::json;
use serde_json::{Map, Value, json};

/// The good document without the permissions that do not stand in `now`; as it is written where all of them stand. None where none
/// does, or where either cannot be read for sure.
pub(crate) fn remaining(good: &str, now: &str) -> Option<String> {
    let (document, mine) = statements(good)?;
    let (_, theirs) = statements(now)?;
    let standing: Vec<Parts> = theirs.iter().filter_map(Parts::of).collect();
    let (denials, new_denials) = (denying(&mine), denying(&theirs));
    let added: Vec<&Value> = new_denials.into_iter().filter(|one| !denials.contains(one)).collect();
    let mut left = Vec::new();
    for statement in &mine {
        match Parts::of(statement) {
            Some(parts) => left.extend(parts.within(&standing, statement)),
            None => left.push(statement.clone()),
        }
    }
    if !left.iter().any(|statement| Parts::of(statement).is_some()) {
        return None;
    }
    if added.is_empty() && left == mine {
        return Some(good.to_owned());
    }
    left.extend(added.into_iter().cloned());
    let mut document = document;
    document.insert("Statement".to_owned(), Value::Array(left));
    Some(Value::Object(document).to_string())
}

/// Whether the document lets anybody do anything.
pub(crate) fn allows_something(document: &str) -> bool {
    statements(document).is_some_and(|(_, all)| all.iter().any(|statement| Parts::of(statement).is_some()))
}

/// Whether the document has a statement that allows and stands in `now` as it is.
pub(crate) fn keeps_a_statement(document: &str, now: &str) -> bool {
    let (Some((_, mine)), Some((_, theirs))) = (statements(document), statements(now)) else { return false };
    mine.iter().any(|statement| Parts::of(statement).is_some() && theirs.contains(statement))
}

/// Whether the document `now` is a part of the good one, and not all of it.
pub(crate) fn is_part(good: &str, now: &str) -> bool {
    let is_same = |text: &str| json::content(text) == json::content(now);
    !is_same(good) && remaining(good, now).is_some_and(|left| is_same(&left))
}

fn statements(text: &str) -> Option<(Map<String, Value>, Vec<Value>)> {
    let (value, repeated) = json::parse(text).ok()?;
    let Value::Object(document) = value else { return None };
    let statements = list(document.get("Statement"));
    let is_plain =
        |statement: &Value| ["Allow", "Deny"].iter().any(|effect| statement.get("Effect") == Some(&json!(effect)));
    (repeated.is_empty() && statements.iter().all(is_plain)).then_some((document, statements))
}

fn denying(statements: &[Value]) -> Vec<&Value> {
    statements.iter().filter(|statement| statement.get("Effect") == Some(&json!("Deny"))).collect()
}

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(items)) => items.clone(),
        Some(other) => vec![other.clone()],
        None => vec![Value::Null],
    }
}

/// The lists of a statement that allows, in the order in which they are cut: whom, which actions, on what.
struct Parts {
    lists: [Vec<Value>; 3],
    /// Everything else that it says: conditions, and what it excepts.
    rest: Map<String, Value>,
}

const LISTS: [&str; 3] = ["Principal", "Action", "Resource"];

impl Parts {
    /// None of one that denies.
    fn of(statement: &Value) -> Option<Self> {
        let mut rest = statement.as_object()?.clone();
        rest.remove("Sid");
        let [whom, actions, resources] = LISTS.map(|key| rest.remove(key));
        let whom = match whom {
            Some(Value::Object(kinds)) => {
                let of = |(kind, who): (&String, &Value)| {
                    list(Some(who)).into_iter().map(|one| json!([kind, one])).collect::<Vec<_>>()
                };
                kinds.iter().flat_map(of).collect()
            }
            other => list(other.as_ref()),
        };
        let allows = statement.get("Effect") == Some(&json!("Allow"));
        allows.then(|| Self { lists: [whom, list(actions.as_ref()), list(resources.as_ref())], rest })
    }

    /// The statement, as far as everything that it allows stands in one of these.
    fn within(&self, standing: &[Self], statement: &Value) -> Option<Value> {
        let alike: Vec<&Self> = standing.iter().filter(|other| other.rest == self.rest).collect();
        let stands = |lists: &[Vec<Value>; 3]| {
            let [whom, actions, resources] = lists;
            whom.iter().all(|who| {
                actions.iter().all(|action| {
                    resources.iter().all(|resource| alike.iter().any(|other| other.holds([who, action, resource])))
                })
            })
        };
        if stands(&self.lists) {
            return Some(statement.clone());
        }
        (0..LISTS.len()).find_map(|at| {
            let mut lists = self.lists.clone();
            let only = |one: &Value| {
                let mut lists = self.lists.clone();
                if let Some(list) = lists.get_mut(at) {
                    *list = vec![one.clone()];
                }
                lists
            };
            let list = lists.get_mut(at)?;
            list.retain(|one| stands(&only(one)));
            let kept = (!list.is_empty()).then(|| list.clone())?;
            let mut cut = statement.clone();
            let key = LISTS.get(at)?;
            *cut.get_mut(*key)? = if at == 0 { principals(kept) } else { Value::Array(kept) };
            Some(cut)
        })
    }

    fn holds(&self, one: [&Value; 3]) -> bool {
        self.lists.iter().zip(one).all(|(list, one)| list.contains(one))
    }
}

/// Principals as a statement writes them.
fn principals(list: Vec<Value>) -> Value {
    let mut kinds: Map<String, Value> = Map::new();
    for one in list {
        let Value::Array(pair) = &one else { return one };
        let [Value::String(kind), who] = pair.as_slice() else { return one };
        if let Some(of) = kinds.entry(kind.clone()).or_insert_with(|| json!([])).as_array_mut() {
            of.push(who.clone());
        }
    }
    Value::Object(kinds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn trust(statements: &Value) -> String {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }

    fn by(effect: &str, principals: &[&str]) -> Value {
        json!({"Effect": effect, "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"})
    }

    #[rstest]
    #[case::all_of_it_stands(json!([by("Allow", &["a", "b"])]), json!([by("Allow", &["a", "b"]), by("Allow", &["x"])]),
        Some(json!([by("Allow", &["a", "b"])])))]
    #[case::in_the_same_list(json!([by("Allow", &["a", "b"])]), json!([by("Allow", &["a", "x"])]), Some(json!([by("Allow", &["a"])])))]
    #[case::a_statement_is_gone(json!([by("Allow", &["a"]), by("Allow", &["b"])]), json!([by("Allow", &["b"]), by("Allow", &["x"])]),
        Some(json!([by("Allow", &["b"])])))]
    #[case::written_in_another_way(json!([by("Allow", &["a"]), by("Allow", &["b"])]), json!(by("Allow", &["x", "a", "b"])),
        Some(json!([by("Allow", &["a"]), by("Allow", &["b"])])))]
    #[case::nothing_stands(json!([by("Allow", &["a"])]), json!([by("Allow", &["x"])]), None)]
    #[case::a_denial_comes_back(json!([by("Allow", &["a"]), by("Deny", &["d"])]), json!([by("Allow", &["a", "x"])]),
        Some(json!([by("Allow", &["a"]), by("Deny", &["d"])])))]
    #[case::a_new_denial_stays(json!([by("Allow", &["a"])]), json!([by("Allow", &["a"]), by("Deny", &["d"]), by("Allow", &["x"])]),
        Some(json!([by("Allow", &["a"]), by("Deny", &["d"])])))]
    #[case::a_denial_alone_is_nothing(json!([by("Allow", &["a"]), by("Deny", &["d"])]), json!([by("Deny", &["d"])]), None)]
    #[case::under_a_condition_it_is_another(json!([by("Allow", &["a"])]),
        json!([{"Effect": "Allow", "Principal": {"AWS": "a"}, "Action": "sts:AssumeRole", "Condition": {"Bool": {"k": "true"}}}]), None)]
    fn what_does_not_stand_is_not_given_back(#[case] good: Value, #[case] now: Value, #[case] left: Option<Value>) {
        let (good, now) = (trust(&good), trust(&now));
        assert_eq!(remaining(&good, &now), left.map(|left| trust(&left)));
    }

    #[test]
    fn actions_and_resources_are_cut_where_principals_are_not_written() {
        let allow = |actions: Value, on: Value| json!([{"Effect": "Allow", "Action": actions, "Resource": on}]);
        let good = trust(&allow(json!(["s3:Get*", "s3:List*"]), json!("r")));
        let now = trust(&allow(json!(["s3:Get*", "iam:*"]), json!(["r", "q"])));
        assert_eq!(remaining(&good, &now), Some(trust(&allow(json!(["s3:Get*"]), json!("r")))));
        let now = trust(&allow(json!("*"), json!("*")));
        assert_eq!(remaining(&good, &now), None);
    }

    #[test]
    fn what_is_left_of_another_document() {
        let now = trust(&json!([by("Allow", &["c"]), by("Allow", &["d", "x"])]));
        assert!(allows_something(&now) && !allows_something(&trust(&json!([by("Deny", &["*"])]))));
        assert!(keeps_a_statement(&trust(&json!([by("Allow", &["c"])])), &now));
        assert!(
            !keeps_a_statement(&trust(&json!([by("Allow", &["d"])])), &now),
            "what was edited may be wider than it was"
        );
        assert!(!keeps_a_statement(&trust(&json!([by("Deny", &["c"])])), &now));
    }

    #[test]
    fn a_part_is_less_than_all() {
        let (good, less) = (trust(&json!([by("Allow", &["a", "b"])])), trust(&json!([by("Allow", &["a"])])));
        assert!(is_part(&good, &less));
        assert!(!is_part(&good, &good));
        assert!(!is_part(&less, &good));
    }

    #[rstest]
    #[case::unreadable("{")]
    #[case::twice(r#"{"Statement":[],"Statement":[]}"#)]
    #[case::an_effect_that_is_none(r#"{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}"#)]
    fn what_cannot_be_read_for_sure_is_not_compared(#[case] odd: &str) {
        let good = trust(&json!([by("Allow", &["a"])]));
        assert_eq!(remaining(&good, odd), None);
        assert_eq!(remaining(odd, &good), None);
    }
}
