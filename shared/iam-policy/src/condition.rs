//! The `Condition` of a statement, taken apart but not yet judged.
//!
//! What must hold: an operator that AWS does not have is a problem, because what it does is unknown.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use serde_json::Value;

use super::document::{Problems, kind};
use super::words::clip;

/// One key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Missing when AWS has no operator of that name.
    pub operator: Option<Operator>,
    /// The operator as it is written.
    pub operator_text: String,
    /// The key as it is written.
    pub key_text: String,
    /// The key in lower case: names of keys ignore case.
    pub key: String,
    /// The values; one match is enough.
    pub values: Vec<String>,
    /// The values stand in a list.
    pub in_list: bool,
}

/// What an operator does with a key and its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Operator {
    /// How one value is compared.
    pub comparison: Comparison,
    /// Holds when no value matches.
    pub negated: bool,
    /// Also holds when the request has no such key.
    pub if_exists: bool,
    /// For keys with several values in one request.
    pub quantifier: Option<Quantifier>,
}

/// How one value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Wildcards are literal.
    StringEquals,
    /// With wildcards that run across every character.
    StringLike,
    /// With wildcards inside each field of the ARN; `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Networks.
    Ip,
    /// `true` or `false`.
    Bool,
    /// Whether the request has the key at all.
    Null,
    /// Numbers.
    Numeric,
    /// Times.
    Date,
    /// Bytes.
    Binary,
}

/// For keys with several values in one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// Holds for a request without the key.
    ForAllValues,
    /// Does not hold for a request without the key.
    ForAnyValue,
}

impl Operator {
    /// Names ignore case.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let (quantifier, rest) = match lower.split_once(':') {
            None => (None, lower.as_str()),
            Some(("forallvalues", rest)) => (Some(Quantifier::ForAllValues), rest),
            Some(("foranyvalue", rest)) => (Some(Quantifier::ForAnyValue), rest),
            Some(_) => return None,
        };
        let (name, if_exists) = match rest.strip_suffix("ifexists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (comparison, negated) = match name {
            "stringequals" | "stringequalsignorecase" => (Comparison::StringEquals, false),
            "stringnotequals" | "stringnotequalsignorecase" => (Comparison::StringEquals, true),
            "stringlike" => (Comparison::StringLike, false),
            "stringnotlike" => (Comparison::StringLike, true),
            "arnequals" | "arnlike" => (Comparison::Arn, false),
            "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
            "ipaddress" => (Comparison::Ip, false),
            "notipaddress" => (Comparison::Ip, true),
            "bool" => (Comparison::Bool, false),
            "null" if !if_exists => (Comparison::Null, false),
            "numericequals"
            | "numericlessthan"
            | "numericlessthanequals"
            | "numericgreaterthan"
            | "numericgreaterthanequals" => (Comparison::Numeric, false),
            "numericnotequals" => (Comparison::Numeric, true),
            "dateequals" | "datelessthan" | "datelessthanequals" | "dategreaterthan" | "dategreaterthanequals" => {
                (Comparison::Date, false)
            }
            "datenotequals" => (Comparison::Date, true),
            "binaryequals" => (Comparison::Binary, false),
            _ => return None,
        };
        Some(Self { comparison, negated, if_exists, quantifier })
    }
}

impl Condition {
    /// Says that the request has the key: `"Null": {key: "false"}`.
    pub(crate) fn requires_presence(&self) -> bool {
        self.operator.is_some_and(|operator| operator.comparison == Comparison::Null)
            && !self.values.is_empty()
            && self.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    }
}

pub(crate) fn read(value: &Value, place: &str, problems: &mut Problems) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let Value::Object(operators) = value else {
        problems.add(place, format!("an object is expected, not {}", kind(value)));
        return conditions;
    };
    for (operator_text, keys) in operators {
        let place = format!("{place}.{}", clip(operator_text));
        let operator = Operator::read(operator_text);
        if operator.is_none() {
            problems.add(&place, "no operator has this name");
        }
        let Value::Object(keys) = keys else {
            problems.add(&place, format!("an object is expected, not {}", kind(keys)));
            continue;
        };
        if keys.is_empty() {
            problems.add(&place, "no key is named");
        }
        for (key_text, values) in keys {
            let place = format!("{place}.{}", clip(key_text));
            conditions.push(Condition {
                operator,
                operator_text: operator_text.clone(),
                key_text: key_text.clone(),
                key: key_text.to_ascii_lowercase(),
                values: read_values(values, &place, problems),
                in_list: values.is_array(),
            });
        }
    }
    conditions
}

fn read_values(value: &Value, place: &str, problems: &mut Problems) -> Vec<String> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.is_empty() {
        problems.add(place, "the list is empty");
    }
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(text) => texts.push(text.clone()),
            Value::Bool(truth) => texts.push(truth.to_string()),
            Value::Number(number) => texts.push(number.to_string()),
            other => problems.add(place, format!("a value is expected, not {}", kind(other))),
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Comparison, Operator, Problems, Quantifier, read};

    #[test]
    fn operators_are_taken_apart_whatever_their_case() {
        assert_eq!(
            Operator::read("ForAllValues:ARNEqualsIfExists"),
            Some(Operator {
                comparison: Comparison::Arn,
                negated: false,
                if_exists: true,
                quantifier: Some(Quantifier::ForAllValues)
            })
        );
        assert!(Operator::read("StringNotLike").is_some_and(|operator| operator.negated));
        for unknown in ["ForAnyValuesStringLike", "ForSomeValue:StringLike", "StringEqual", "NullIfExists", ""] {
            assert_eq!(Operator::read(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn values_of_any_simple_type_are_read() {
        let mut problems = Problems::default();
        let block = json!({"Bool": {"aws:SecureTransport": true}, "NumericEquals": {"s3:max-keys": ["1", 2]}});
        let conditions = read(&block, "Condition", &mut problems);
        assert!(problems.0.is_empty());
        let values: Vec<_> = conditions.iter().flat_map(|condition| &condition.values).collect();
        assert_eq!(values, ["true", "1", "2"]);
        let broken = json!({"Bool": 1, "StringEquals": {"a": [], "b": {}, "c": [null]}});
        read(&broken, "Condition", &mut problems);
        assert_eq!(problems.0.len(), 4);
    }
}
