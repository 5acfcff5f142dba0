//! What became weaker in a service or resource control policy: by its statements.
//!
//! A part of a policy counts as kept only where one statement is seen to cover it, pattern by pattern: what is merely written in another way may be called
//! weaker, and what is weaker is never called kept.

use crate::policy::matches_pattern;
use serde_json::Value;
use std::collections::BTreeSet;

/// A statement, in a form in which equal ones are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    sid: String,
    denies: bool,
    actions: Part,
    resources: Part,
    principals: Value,
    conditions: Value,
}

/// What it is about: these, or all but these.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    These(BTreeSet<String>),
    AllBut(BTreeSet<String>),
}

/// Whether `outer` matches every text that `inner` matches. False where the two patterns alone do not prove it.
fn covers(outer: &str, inner: &str) -> bool {
    outer == inner || (!outer.contains('?') && matches_pattern(outer, inner))
}

fn all_covered(inner: &BTreeSet<String>, outer: &BTreeSet<String>) -> bool {
    inner.iter().all(|one| outer.iter().any(|other| covers(other, one)))
}

impl Part {
    /// None where neither is there.
    fn read(statement: &Value, these: &str, all_but: &str, is_lower: bool) -> Option<Self> {
        let list = |value: &Value| -> Option<BTreeSet<String>> {
            let text = |one: &Value| one.as_str().map(|one| if is_lower { one.to_lowercase() } else { one.to_owned() });
            match value {
                Value::Array(list) => list.iter().map(text).collect(),
                one => Some(BTreeSet::from([text(one)?])),
            }
        };
        match (statement.get(these), statement.get(all_but)) {
            (Some(value), None) => Some(Self::These(list(value)?)),
            (None, Some(value)) => Some(Self::AllBut(list(value)?)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    fn is_covered_by(&self, outer: &Self) -> bool {
        match (self, outer) {
            (Self::These(inner), Self::These(outer)) => all_covered(inner, outer),
            // All but fewer is more.
            (Self::AllBut(inner), Self::AllBut(outer)) => all_covered(outer, inner),
            (Self::AllBut(_), Self::These(outer)) => outer.contains("*"),
            (Self::These(_), Self::AllBut(outer)) => outer.is_empty(),
        }
    }

    /// The same, one by one.
    fn pieces(&self) -> Vec<Self> {
        match self {
            Self::These(all) => all.iter().map(|one| Self::These(BTreeSet::from([one.clone()]))).collect(),
            Self::AllBut(_) => vec![self.clone()],
        }
    }
}

impl Statement {
    fn read(statement: &Value, index: usize) -> Option<Self> {
        let everything = || Part::These(BTreeSet::from(["*".to_owned()]));
        let has = |name: &str| statement.get(name).is_some();
        let resources = match has("Resource") || has("NotResource") {
            true => Part::read(statement, "Resource", "NotResource", false)?,
            false => everything(),
        };
        let sid =
            statement["Sid"].as_str().map_or_else(|| format!("statement {}", index + 1), |sid| format!("`{sid}`"));
        Some(Self {
            sid,
            denies: match statement["Effect"].as_str()? {
                "Deny" => true,
                "Allow" => false,
                _ => return None,
            },
            actions: Part::read(statement, "Action", "NotAction", true)?,
            resources,
            principals: sorted(&Value::from_iter([
                ("Principal".to_owned(), statement["Principal"].clone()),
                ("NotPrincipal".to_owned(), statement["NotPrincipal"].clone()),
            ])),
            conditions: sorted(&statement["Condition"]),
        })
    }

    /// Whether this one does at least what `inner` does.
    fn is_as_wide_as(&self, inner: &Self) -> bool {
        let has_no_condition = self.conditions.as_object().is_none_or(serde_json::Map::is_empty);
        self.denies == inner.denies
            && inner.actions.is_covered_by(&self.actions)
            && inner.resources.is_covered_by(&self.resources)
            && self.principals == inner.principals
            && (has_no_condition || self.conditions == inner.conditions)
    }
}

/// Names in lower case, lists in order, one value as a list of one: conditions that say the same are equal.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().map(|(name, value)| (name.to_lowercase(), sorted(value))).collect(),
        Value::Array(list) => {
            let texts: BTreeSet<String> =
                list.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned)).collect();
            texts.into_iter().collect()
        }
        Value::Null => Value::Null,
        Value::String(text) => Value::from_iter([text.clone()]),
        other @ (Value::Bool(_) | Value::Number(_)) => Value::from_iter([other.to_string()]),
    }
}

fn statements(document: &str) -> Option<Vec<Statement>> {
    let document: Value = serde_json::from_str(document).ok()?;
    match document.get("Statement")? {
        Value::Array(list) => list.iter().enumerate().map(|(index, one)| Statement::read(one, index)).collect(),
        one => Some(vec![Statement::read(one, 0)?]),
    }
}

/// What `now` denies less, and what it allows more, than `before`.
///
/// # Errors
/// Which of them cannot be read.
pub fn weaker(before: &str, now: &str) -> Result<Vec<String>, String> {
    let unread = |which: &str| format!("{which} content is no policy that can be read");
    let before = statements(before).ok_or_else(|| unread("its previous"))?;
    let now = statements(now).ok_or_else(|| unread("its new"))?;
    let is_kept = |whole: &Statement, within: &[Statement]| {
        let of = |actions: Part| Statement { actions, ..whole.clone() };
        let mut pieces = whole.actions.pieces().into_iter().map(of);
        pieces.all(|piece| within.iter().any(|other| other.is_as_wide_as(&piece)))
    };
    let lost = before.iter().filter(|one| one.denies && !is_kept(one, &now));
    let lost = lost.map(|one| format!("{} no longer denies all that it denied", one.sid));
    let gained = now.iter().filter(|one| !one.denies && !is_kept(one, &before));
    let gained = gained.map(|one| format!("{} allows what was not allowed", one.sid));
    Ok(lost.chain(gained).collect())
}

/// Whether it denies anything. None where it cannot be read.
#[must_use]
pub fn denies(content: &str) -> Option<bool> {
    Some(statements(content)?.iter().any(|one| one.denies))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const DENY: &str = r#"{"Sid": "Trails", "Effect": "Deny", "Action": ["cloudtrail:StopLogging", "cloudtrail:DeleteTrail"], "Resource": "*"}"#;

    fn document(statement: &str) -> String {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{statement}]}}"#)
    }

    #[rstest]
    #[case::the_same(DENY, 0)]
    #[case::another_case(
        r#"{"Effect": "Deny", "Action": ["CLOUDTRAIL:stoplogging", "cloudtrail:DeleteTrail"], "Resource": ["*"]}"#,
        0
    )]
    #[case::more(r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}"#, 0)]
    #[case::in_two(
        r#"{"Effect": "Deny", "Action": "cloudtrail:Stop*", "Resource": "*"}, {"Effect": "Deny", "Action": "cloudtrail:DeleteTrail", "Resource": "*"}"#,
        0
    )]
    #[case::one_is_missing(r#"{"Effect": "Deny", "Action": "cloudtrail:StopLogging", "Resource": "*"}"#, 1)]
    #[case::a_condition(
        r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*", "Condition": {"Null": {"aws:PrincipalArn": "true"}}}"#,
        1
    )]
    #[case::one_resource(
        r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "arn:aws:cloudtrail:*:*:trail/x"}"#,
        1
    )]
    #[case::a_question_mark_is_no_star(r#"{"Effect": "Deny", "Action": "cloudtrail:?topLogging", "Resource": "*"}"#, 1)]
    #[case::allowed(
        r#"{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}, {"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        1
    )]
    #[case::all_but(r#"{"Effect": "Deny", "NotAction": "cloudtrail:*", "Resource": "*"}"#, 1)]
    fn what_is_denied_less(#[case] now: &str, #[case] found: usize) {
        assert_eq!(weaker(&document(DENY), &document(now)).unwrap().len(), found, "{now}");
    }

    #[test]
    fn exceptions_that_grow_deny_less() {
        let of = |names: Value| document(&json!({"Effect": "Deny", "NotAction": names, "Resource": "*"}).to_string());
        let (few, many) = (of(json!(["iam:*"])), of(json!(["iam:*", "s3:*"])));
        assert_eq!(weaker(&few, &many).unwrap(), ["statement 1 no longer denies all that it denied"]);
        assert!(weaker(&many, &few).unwrap().is_empty());
    }

    #[test]
    fn conditions_that_say_the_same_are_equal() {
        let of = |condition: Value| {
            document(&json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}).to_string())
        };
        let one = of(json!({"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}));
        let same = of(json!({"stringnotequals": {"AWS:RequestedRegion": ["eu-west-1", "eu-central-1"]}}));
        let wider = of(json!({"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1", "us-east-1"]}}));
        assert!(weaker(&one, &same).unwrap().is_empty());
        assert_eq!(weaker(&one, &wider).unwrap().len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(weaker("{}", &document(DENY)).unwrap_err().contains("previous"));
        assert!(weaker(&document(DENY), "...").unwrap_err().contains("new"));
        assert_eq!((denies(&document(DENY)), denies("...")), (Some(true), None));
    }
}
