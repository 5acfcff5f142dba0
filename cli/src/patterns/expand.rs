//! EventBridge's patterns in the plain form that the matcher reads like EventBridge does.
//!
//! Two shapes are written out into several patterns of which any may match: `$or`, and an array in which `exists: false`
//! stands beside other alternatives (EventBridge reads it as "or", the matcher does not match absent fields by it).
//! `anything-but` with a `prefix` becomes a regular expression with a look-ahead. What has no plain form is refused.

use quamina::QuaminaError;
use serde_json::{Map, Value, json};
use thiserror::Error;

/// EventBridge itself refuses patterns that come to more than a thousand combinations.
const MOST: usize = 1_000;

/// What is no pattern, or cannot be matched.
#[derive(Debug, Error)]
pub enum BadPattern {
    /// A part is known at deployment only.
    #[error("{0}")]
    Unresolved(String),
    /// It is another JSON value.
    #[error("a pattern must be an object")]
    NoObject,
    /// `$or` lists something else.
    #[error("`{0}` must list objects")]
    Branches(String),
    /// A field is neither of the two.
    #[error("`{0}` must be a list of alternatives or an object")]
    Field(String),
    /// The list of a field is empty.
    #[error("`{0}` has no alternatives, and would never match")]
    NoAlternatives(String),
    /// A list is among the alternatives.
    #[error("`{0}`: a list inside a list")]
    Nested(String),
    /// There are too many of them, written out.
    #[error("`{0}`: the pattern comes to more than {MOST} combinations")]
    TooMany(String),
    /// The matcher has nothing like it.
    #[error("`{path}`: `{alternative}` cannot be matched offline")]
    Unsupported {
        /// The field.
        path: String,
        /// Its alternative.
        alternative: Value,
    },
    /// The matcher refuses it.
    #[error(transparent)]
    Refused(#[from] QuaminaError),
}

/// The plain patterns that together mean `pattern`.
///
/// # Errors
/// [`BadPattern`].
pub(super) fn expand(pattern: &Value) -> Result<Vec<Value>, BadPattern> {
    let map = pattern.as_object().ok_or(BadPattern::NoObject)?;
    let expanded = object(map, "")?;
    Ok(expanded.into_iter().map(Value::Object).collect())
}

fn object(map: &Map<String, Value>, path: &str) -> Result<Vec<Map<String, Value>>, BadPattern> {
    let mut all = vec![Map::new()];
    for (key, value) in map {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let choices = match value {
            Value::Array(branches) if key == "$or" => {
                let mut choices = Vec::new();
                for branch in branches {
                    let branch = branch.as_object().ok_or_else(|| BadPattern::Branches(path.clone()))?;
                    choices.extend(object(branch, &path)?);
                }
                choices
            }
            Value::Object(inner) => {
                let inner = object(inner, &path)?;
                inner.into_iter().map(|inner| Map::from_iter([(key.clone(), Value::Object(inner))])).collect()
            }
            Value::Array(alternatives) => field(alternatives, &path)?
                .into_iter()
                .map(|alternatives| Map::from_iter([(key.clone(), Value::Array(alternatives))]))
                .collect::<Vec<_>>(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(BadPattern::Field(path));
            }
        };
        if all.len().saturating_mul(choices.len()) > MOST {
            return Err(BadPattern::TooMany(path));
        }
        all = all.iter().flat_map(|so_far| choices.iter().map(|choice| merged(so_far, choice))).collect();
    }
    Ok(all)
}

/// The branches of `$or` stand beside the fields of their object, and may share parents with them.
fn merged(into: &Map<String, Value>, from: &Map<String, Value>) -> Map<String, Value> {
    let mut out = into.clone();
    for (key, value) in from {
        let joined = match (out.get(key), value) {
            (Some(Value::Object(mine)), Value::Object(theirs)) => Value::Object(merged(mine, theirs)),
            (_, value) => value.clone(),
        };
        out.insert(key.clone(), joined);
    }
    out
}

/// The lists of alternatives of which any may match.
fn field(alternatives: &[Value], path: &str) -> Result<Vec<Vec<Value>>, BadPattern> {
    if alternatives.is_empty() {
        return Err(BadPattern::NoAlternatives(path.to_owned()));
    }
    let absent = json!({ "exists": false });
    let mut present = Vec::new();
    for alternative in alternatives.iter().filter(|alternative| **alternative != absent) {
        present.push(plain(alternative, path)?);
    }
    // The matcher takes one complex alternative a list without surprises; equal literals may share one.
    let (literals, complex): (Vec<_>, Vec<_>) = present.into_iter().partition(|value| !value.is_object());
    let mut lists: Vec<Vec<Value>> = complex.into_iter().map(|one| vec![one]).collect();
    if !literals.is_empty() {
        lists.push(literals);
    }
    if alternatives.contains(&absent) {
        lists.push(vec![absent]);
    }
    Ok(lists)
}

fn plain(alternative: &Value, path: &str) -> Result<Value, BadPattern> {
    let Some(map) = alternative.as_object() else {
        return if alternative.is_array() { Err(BadPattern::Nested(path.to_owned())) } else { Ok(alternative.clone()) };
    };
    let unsupported = || BadPattern::Unsupported { path: path.to_owned(), alternative: alternative.clone() };
    let (Some((operator, operand)), 1) = (map.iter().next(), map.len()) else { return Err(unsupported()) };
    match (operator.as_str(), operand) {
        ("exists" | "numeric" | "cidr" | "wildcard" | "equals-ignore-case", _) => Ok(alternative.clone()),
        ("prefix" | "suffix", Value::String(_)) => Ok(alternative.clone()),
        ("prefix", Value::Object(inner)) => ignoring_case(inner, false).ok_or_else(unsupported),
        ("suffix", Value::Object(inner)) => ignoring_case(inner, true).ok_or_else(unsupported),
        ("anything-but", Value::String(_) | Value::Number(_) | Value::Array(_)) => Ok(alternative.clone()),
        ("anything-but", Value::Object(inner)) => negated(inner).ok_or_else(unsupported),
        _ => Err(unsupported()),
    }
}

fn ignoring_case(inner: &Map<String, Value>, at_end: bool) -> Option<Value> {
    let text = inner.get("equals-ignore-case").filter(|_| inner.len() == 1)?.as_str()?;
    let text = insensitive(text);
    Some(json!({ "regexp": if at_end { format!(".*{text}") } else { format!("{text}.*") } }))
}

fn negated(inner: &Map<String, Value>) -> Option<Value> {
    let (operator, operand) = inner.iter().next().filter(|_| inner.len() == 1)?;
    let texts: Vec<&str> = match operand {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().map(Value::as_str).collect::<Option<_>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    let any = texts.iter().map(|text| literal(text)).collect::<Vec<_>>().join("|");
    // The matcher takes a look-ahead, but not the look-behind that the other operators would need.
    (operator == "prefix").then(|| json!({ "regexp": format!("(?!({any})).*") }))
}

/// The matcher's regular expressions quote with `~`.
fn literal(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if !c.is_alphanumeric() && !matches!(c, '_' | '/' | ':' | '@' | ' ' | '=' | ',') {
            out.push('~');
        }
        out.push(c);
        out
    })
}

fn insensitive(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if c.is_alphabetic() {
            out.push('[');
            out.extend(c.to_lowercase().chain(c.to_uppercase()));
            out.push(']');
        } else {
            out.push_str(&literal(&c.to_string()));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mixed_array_becomes_two_patterns() {
        let pattern = json!({"a": [{"anything-but": "x"}, {"exists": false}], "b": [1, 2]});
        let expected =
            [json!({"a": [{"anything-but": "x"}], "b": [1, 2]}), json!({"a": [{"exists": false}], "b": [1, 2]})];
        assert_eq!(expand(&pattern).unwrap(), expected);
    }

    #[test]
    fn or_is_written_out_beside_its_siblings() {
        let pattern = json!({"d": {"s": ["x"], "$or": [{"a": [1]}, {"b": {"c": [2]}}]}});
        let expected = [json!({"d": {"s": ["x"], "a": [1]}}), json!({"d": {"s": ["x"], "b": {"c": [2]}}})];
        let mut found = expand(&pattern).unwrap();
        found.sort_by_key(|pattern| pattern["d"].get("b").is_some());
        assert_eq!(found, expected);
    }

    #[test]
    fn what_has_no_plain_form_is_named() {
        for (pattern, word) in [
            (json!({"a": "x"}), "`a`"),
            (json!({"a": []}), "no alternatives"),
            (json!({"a": {"b": [{"unheard-of": 1}]}}), "`a.b`"),
            (json!({"a": [[1]]}), "inside a list"),
            (json!([]), "an object"),
        ] {
            assert!(expand(&pattern).unwrap_err().to_string().contains(word), "{pattern}");
        }
        let many: Vec<Value> = (0..40).map(|n| json!({"prefix": n.to_string()})).collect();
        assert!(expand(&json!({"a": many, "b": many})).unwrap_err().to_string().contains("1000 combinations"));
    }
}
