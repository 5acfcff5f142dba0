//! A state in lines for a person: what is known of it, short or in full. Programs take `--format json`.

use serde_json::{Map, Value};

/// The lines of a short form, and the width of each.
const LINES: usize = 6;
const WIDTH: usize = 200;

/// The state, a line a member. Unless `is_whole`, what does not fit is counted, and the reasons why parts are unknown are left out.
pub(super) fn lines(state: &Value, is_whole: bool) -> Vec<String> {
    let Value::Object(members) = state else { return vec![fitted(text(state), is_whole)] };
    let (mut lines, mut unknown) = (Vec::new(), Vec::new());
    for (name, value) in members.iter().filter(|(name, _)| !is_bookkeeping(name)) {
        match why(value) {
            Some(why) if is_whole => lines.push(format!("{}: unknown, {why}", words(name))),
            Some(_) => unknown.push(words(name)),
            None => lines.extend(self::members(name, value, is_whole)),
        }
    }
    if !unknown.is_empty() {
        lines.push(format!("not known: {}", unknown.join(", ")));
    }
    if members.get(IS_WHOLE) == Some(&Value::Bool(false)) {
        lines.push("the rest: not in the record".to_owned());
    }
    if let Some(more) = lines.len().checked_sub(LINES).filter(|more| *more > 0 && !is_whole) {
        lines.truncate(LINES);
        lines.push(format!("and {more} more (`--verbose` shows all)"));
    }
    lines
}

/// The lines of one member: one, or for a list of objects one each. None for an empty value.
fn members(name: &str, value: &Value, is_whole: bool) -> Vec<String> {
    let name = words(name);
    let line = |value: &Value| match text(value) {
        nothing if nothing.is_empty() => None,
        text => Some(fitted(format!("{name}: {text}"), is_whole)),
    };
    match known(value) {
        Value::Array(items) if items.iter().any(Value::is_object) => items.iter().filter_map(line).collect(),
        other => line(other).into_iter().collect(),
    }
}

/// A value in one line. Empty for an empty value.
fn text(value: &Value) -> String {
    match known(value) {
        Value::Null => String::new(),
        Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(absent) if absent == ABSENT => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => joined(items.iter().map(text)),
        Value::Object(_) if why(value).is_some() => "unknown".to_owned(),
        Value::Object(members) => {
            joined(members.iter().filter(|(name, _)| !is_bookkeeping(name)).map(|(name, value)| pair(name, value)))
        }
    }
}

/// `name value`; of what wraps one thing that thing alone.
fn pair(name: &str, value: &Value) -> String {
    let text = text(value);
    let is_wrapped = matches!(known(value), Value::Object(_)) && why(value).is_none();
    if text.is_empty() || is_wrapped { text } else { format!("{} {text}", words(name)) }
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Whether all of the resource is known, or only what the record shows.
const IS_WHOLE: &str = "is_whole";

/// A member that guardrails need and a reader does not: which parts the event changed is what the verdict says.
fn is_bookkeeping(name: &str) -> bool {
    name == IS_WHOLE || name.ends_with("in_question")
}

/// How a member is written that is not there.
const ABSENT: &str = "absent";

/// What stands inside of what is known.
fn known(value: &Value) -> &Value {
    only(value, "known").unwrap_or(value)
}

/// Why it is unknown, where it is.
fn why(value: &Value) -> Option<&str> {
    only(value, "unknown")?.get("why")?.as_str()
}

fn only<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.as_object().filter(|members: &&Map<String, Value>| members.len() == 1)?.get(name)
}

fn words(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

fn fitted(text: String, is_whole: bool) -> String {
    if is_whole || text.chars().count() <= WIDTH {
        return text;
    }
    text.chars().take(WIDTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_state_is_read_without_knowing_json() {
        let group = json!({"id": "sg-1", "is_whole": false, "name": {"unknown": {"why": "the record names the group by id only"}},
            "owner": "absent", "path": {"known": "/"}, "tags": {},
            "rules": [{"direction": "ingress", "source": {"cidr": "0.0.0.0/0"}, "traffic": {"ports": {"from": 22, "to": 22}}, "tags": {}, "in_question": true},
                {"direction": "egress", "source": {"cidr": "::/0"}, "traffic": "all"}]});
        assert_eq!(
            lines(&group, false),
            [
                "id: sg-1",
                "owner: none",
                "path: /",
                "rules: direction ingress, cidr 0.0.0.0/0, from 22, to 22",
                "rules: direction egress, cidr ::/0, traffic all",
                "not known: name",
                "and 1 more (`--verbose` shows all)",
            ]
        );
        let whole = lines(&group, true);
        assert!(whole.contains(&"the rest: not in the record".to_owned()), "{whole:?}");
        assert!(!whole.iter().any(|line| line.contains("is whole") || line.contains("in question")), "{whole:?}");
        assert!(lines(&group, true).contains(&"name: unknown, the record names the group by id only".to_owned()));
    }

    #[test]
    fn what_is_long_is_cut_unless_all_is_asked_for() {
        let state = json!({"document": {"known": "x".repeat(500)}, "beside": {"unknown": {"why": "not read"}}});
        let short = lines(&state, false);
        assert!(short.iter().all(|line| line.chars().count() <= WIDTH), "{short:?}");
        assert!(
            short.contains(&"not known: beside".to_owned()) && short.iter().any(|line| line.ends_with('…')),
            "{short:?}"
        );
        assert!(lines(&state, true).iter().any(|line| line.len() > 500));
        assert_eq!(lines(&json!("on"), false), ["on"]);
    }
}
