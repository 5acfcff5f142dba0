//! Policy documents compared by what they mean: who may do what on what, under which condition. Order, `Sid`s, lists of one and the letters of an action do not
//! matter ("IAM JSON policy elements", IAM user guide).

use super::deployed::first_unresolved;
use super::line::{Check, DEPLOY, some};
use serde_json::{Map, Value};
use shared::engine::planned::scalar_text;
use std::collections::BTreeSet;
use std::fmt;

/// What one statement says of one action and one resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    effect: String,
    principal: String,
    action: String,
    resource: String,
    condition: String,
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let effect = if self.effect == "Allow" { "" } else { "denied: " };
        write!(f, "{effect}`{}`", self.action)?;
        if !self.resource.is_empty() {
            write!(f, " on `{}`", self.resource)?;
        }
        if !self.principal.is_empty() {
            write!(f, " for `{}`", self.principal)?;
        }
        if !self.condition.is_empty() {
            write!(f, " if {}", self.condition)?;
        }
        Ok(())
    }
}

/// What documents say.
pub type Grants = BTreeSet<Grant>;

/// What a document says: as JSON, or as its text.
///
/// # Errors
/// It is no policy document.
pub fn grants(document: &Value) -> Result<Grants, String> {
    let parsed;
    let document = match document {
        Value::String(text) => {
            parsed = serde_json::from_str::<Value>(text).map_err(|error| format!("the policy is no JSON: {error}"))?;
            &parsed
        }
        other => other,
    };
    let statements = match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => return Err("the policy has no statements".to_owned()),
    };
    Ok(statements.into_iter().flat_map(of_statement).collect())
}

/// What a document of the template says.
///
/// # Errors
/// Not all of it is known, or it is no policy document.
pub fn wanted(document: &Value) -> Result<Grants, String> {
    match first_unresolved(document) {
        Some(unresolved) => Err(format!("what the template says is not known: {unresolved}")),
        None => grants(document),
    }
}

/// What `one` says and `other` does not, for a person.
#[must_use]
pub fn missing_from(other: &Grants, one: &Grants) -> Vec<String> {
    one.difference(other).map(ToString::to_string).collect()
}

/// Says what a policy (`what`: `its policy`) lacks, and what it has beside the template's.
pub fn compare(
    check: &mut Check,
    resource: &str,
    what: &str,
    wanted: Result<Grants, String>,
    found: Result<Grants, String>,
) {
    let (wanted, found) = match (wanted, found) {
        (Ok(wanted), Ok(found)) => (wanted, found),
        (Err(why), _) | (_, Err(why)) => return check.unknown(resource, format!("{what}: {why}")),
    };
    let (missing, more) = (missing_from(&found, &wanted), missing_from(&wanted, &found));
    if !missing.is_empty() {
        check.fault(resource, format!("{what} lacks {}", some(&missing)), DEPLOY);
    }
    if !more.is_empty() {
        check.fault(resource, format!("{what} has more than the template: {}", some(&more)), DEPLOY);
    }
}

fn of_statement(statement: &Value) -> Vec<Grant> {
    let text = |name: &str| statement.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let condition = statement.get("Condition").map(condition).unwrap_or_default();
    let (effect, mut grants) = (text("Effect"), Vec::new());
    for principal in principals(statement) {
        for action in elements(statement, "Action", "NotAction", str::to_ascii_lowercase) {
            for resource in elements(statement, "Resource", "NotResource", str::to_owned) {
                grants.push(Grant {
                    effect: effect.clone(),
                    principal: principal.clone(),
                    action: action.clone(),
                    resource,
                    condition: condition.clone(),
                });
            }
        }
    }
    grants
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().filter_map(scalar_text).collect(),
        one => scalar_text(one).into_iter().collect(),
    }
}

/// One for each, or all together where they are what is left out.
fn elements(statement: &Value, name: &str, not: &str, form: impl Fn(&str) -> String) -> Vec<String> {
    if let Some(value) = statement.get(name) {
        return texts(value).iter().map(|text| form(text)).collect();
    }
    let Some(value) = statement.get(not) else { return vec![String::new()] };
    let mut left_out: Vec<String> = texts(value).iter().map(|text| form(text)).collect();
    left_out.sort_unstable();
    vec![format!("all but {}", left_out.join(" "))]
}

fn principals(statement: &Value) -> Vec<String> {
    let of = |value: &Value| match value {
        Value::Object(kinds) => {
            kinds.iter().flat_map(|(kind, who)| texts(who).into_iter().map(move |who| principal(kind, &who))).collect()
        }
        other => texts(other),
    };
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(value), _) => of(value),
        (None, Some(value)) => {
            let mut left_out: Vec<String> = of(value);
            left_out.sort_unstable();
            vec![format!("all but {}", left_out.join(" "))]
        }
        (None, None) => vec![String::new()],
    }
}

/// `{"AWS": "*"}` is everyone, and an account stands for its root.
fn principal(kind: &str, who: &str) -> String {
    match kind {
        "AWS" => match who.strip_prefix("arn:").and_then(|_| who.strip_suffix(":root")) {
            Some(rest) => rest.rsplit(':').next().unwrap_or(who).to_owned(),
            None => who.to_owned(),
        },
        _ => who.to_owned(),
    }
}

fn condition(value: &Value) -> String {
    let mut all = Vec::new();
    for (operator, keys) in value.as_object().unwrap_or(&Map::new()) {
        for (key, values) in keys.as_object().unwrap_or(&Map::new()) {
            let mut values = texts(values);
            values.sort_unstable();
            all.push(format!("{operator} {} {}", key.to_ascii_lowercase(), values.join(" ")));
        }
    }
    all.sort_unstable();
    all.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(statement: Value) -> Grants {
        grants(&json!({"Version": "2012-10-17", "Statement": statement})).unwrap()
    }

    #[test]
    fn the_same_is_said_in_many_ways() {
        let one = of(
            json!([{"Sid": "A", "Effect": "Allow", "Action": ["ec2:StopInstances", "EC2:startinstances"], "Resource": "*"}]),
        );
        let other = of(json!([
            {"Effect": "Allow", "Action": "ec2:StartInstances", "Resource": ["*"]},
            {"Sid": "B", "Effect": "Allow", "Action": "ec2:stopinstances", "Resource": "*"},
        ]));
        assert_eq!(one, other);
        let text = Value::String(
            r#"{"Statement": {"Effect": "Allow", "Action": "ec2:stopinstances", "Resource": "*"}}"#.to_owned(),
        );
        assert!(grants(&text).unwrap().is_subset(&one));
    }

    #[test]
    fn principals_and_conditions_have_one_form() {
        let trust = |principal: Value, condition: Value| {
            of(json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}]))
        };
        let one = trust(
            json!({"AWS": "arn:aws:iam::111122223333:root"}),
            json!({"StringEquals": {"aws:SourceAccount": ["1", "2"]}}),
        );
        let other = trust(json!({"AWS": ["111122223333"]}), json!({"StringEquals": {"AWS:sourceaccount": ["2", "1"]}}));
        assert_eq!(one, other);
        assert_eq!(trust(json!("*"), json!({})), trust(json!({"AWS": "*"}), json!({})));
        assert_ne!(one, trust(json!({"AWS": "111122223333"}), json!({})), "without its condition it is another");
    }

    #[test]
    fn what_is_missing_and_what_is_more_is_named() {
        let wanted = of(json!([{"Effect": "Allow", "Action": ["a:X", "a:Y"], "Resource": "*"}]));
        let found = of(json!([{"Effect": "Allow", "Action": ["a:X", "a:Z"], "Resource": "*"}]));
        assert_eq!(missing_from(&found, &wanted), ["`a:y` on `*`"]);
        assert_eq!(missing_from(&wanted, &found), ["`a:z` on `*`"]);
        let denied = of(json!([{"Effect": "Deny", "NotAction": ["b:Y", "a:X"], "NotResource": "r"}]));
        assert_eq!(missing_from(&wanted, &denied), ["denied: `all but a:x b:y` on `all but r`"]);
    }

    #[test]
    fn what_is_no_policy_says_nothing() {
        for value in [json!("no json"), json!({}), json!(null), json!({"Statement": 5})] {
            assert!(grants(&value).is_err(), "{value}");
        }
    }
}
