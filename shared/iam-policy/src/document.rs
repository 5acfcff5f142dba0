//! A policy document as data, whatever form it came in.
//!
//! What must hold: nothing is lost on the way. A single object stands for a list of one and a string for a list of
//! one, names of elements are read whatever their case, and every part that is unknown, missing, repeated or of the
//! wrong type leaves a [`Problem`] that names its place. A document with problems is never answered "closed".
//!
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

use std::fmt;

use serde_json::{Map, Value};

use super::condition::{self, Condition};
use super::glob::Pattern;
use super::json;
use super::principal::{self, Principals};
use super::scope::Scope;
use super::words::clip;

/// One policy document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// In the order of the document.
    pub statements: Vec<Statement>,
    /// The parts that could not be understood.
    pub problems: Vec<Problem>,
    /// `Statement`, in the spelling of the document.
    pub(crate) statement_name: String,
}

/// One statement of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its position among the statements.
    pub index: usize,
    /// `Statement` was one object, not a list.
    pub alone: bool,
    /// The statement's own name for itself.
    pub sid: Option<String>,
    /// Missing when it is neither `Allow` nor `Deny`; a problem says so.
    pub effect: Option<Effect>,
    /// Missing in identity policies.
    pub principals: Option<Principals>,
    /// What may be done.
    pub actions: Scope,
    /// On what; everything when the statement does not say.
    pub resources: Scope,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// The names of its elements in the spelling of the document.
    pub(crate) names: Names,
}

/// The names of some elements, in the spelling of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) effect: String,
    pub(crate) actions: String,
    pub(crate) conditions: String,
}

/// What a statement does when it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Lets it happen unless something denies it.
    Allow,
    /// Forbids it whatever allows it.
    Deny,
}

/// Something in a document that could not be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Such as `Statement[2].Condition.StringEquals`.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.place, self.what)
    }
}

impl Document {
    /// Reads JSON text, plain or URL-encoded as the IAM API returns it.
    pub fn parse(text: &str) -> Self {
        match json::parse(text) {
            Ok((value, repeated)) => {
                let mut document = Self::from_value(&value);
                document.problems.extend(
                    repeated.into_iter().map(|place| Problem { place, what: "the name is used twice".to_owned() }),
                );
                document
            }
            Err(why) => Self::unreadable(format!("not JSON: {why}")),
        }
    }

    /// Reads a JSON value; a string is taken as the text of the document.
    pub fn from_value(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::parse(text),
            Value::Object(members) => Self::from_members(members),
            Value::Null => Self::unreadable("there is no document".to_owned()),
            other => Self::unreadable(format!("a document is an object, not {}", kind(other))),
        }
    }

    /// Some Allow has an action and a resource left.
    pub fn grants_anything(&self) -> bool {
        self.statements
            .iter()
            .any(|statement| statement.allows() && !statement.actions.is_empty() && !statement.resources.is_empty())
    }

    fn unreadable(what: String) -> Self {
        Self {
            statements: Vec::new(),
            statement_name: String::new(),
            problems: vec![Problem { place: "document".to_owned(), what }],
        }
    }

    fn from_members(members: &Map<String, Value>) -> Self {
        let mut problems = Problems::default();
        let mut statements = Vec::new();
        let mut statement_name = String::new();
        for (name, value) in members {
            match name.to_ascii_lowercase().as_str() {
                "version" | "id" => {}
                "statement" if !statement_name.is_empty() => problems.add(clip(name), "the name is used twice"),
                "statement" => {
                    statement_name.clone_from(name);
                    statements = read_statements(value, &mut problems);
                }
                _ => problems.add(clip(name), "no element of a policy has this name"),
            }
        }
        if statement_name.is_empty() {
            problems.add("document", "there is no `Statement`");
        }
        Self { statements, problems: problems.0, statement_name }
    }
}

impl Statement {
    /// Where the statement stands, with its Sid where it has one.
    pub fn place(&self) -> String {
        if self.alone { "Statement".to_owned() } else { format!("Statement[{}]", self.index) }
    }

    pub(crate) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    pub(crate) fn denies(&self) -> bool {
        self.effect == Some(Effect::Deny)
    }
}

/// Collects problems while reading.
#[derive(Debug, Default)]
pub(crate) struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, place: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem { place: place.into(), what: what.into() });
    }
}

/// What a value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A string or a list of strings, each with its position.
pub(crate) fn strings<'a>(value: &'a Value, place: &str, problems: &mut Problems) -> Vec<(usize, &'a str)> {
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.is_empty() {
        problems.add(place, "the list is empty");
    }
    let mut texts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::String(text) if text.is_empty() => problems.add(place, "the string is empty"),
            Value::String(text) => texts.push((index, text.as_str())),
            other => problems.add(place, format!("a string is expected, not {}", kind(other))),
        }
    }
    texts
}

fn read_statements(value: &Value, problems: &mut Problems) -> Vec<Statement> {
    let (items, alone) = match value {
        Value::Array(items) => (items.as_slice(), false),
        one => (std::slice::from_ref(one), true),
    };
    if items.is_empty() {
        problems.add("Statement", "the list is empty");
    }
    let mut statements = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::Object(members) => statements.push(read_statement(members, index, alone, problems)),
            other => problems.add(format!("Statement[{index}]"), format!("not an object but {}", kind(other))),
        }
    }
    statements
}

fn read_statement(members: &Map<String, Value>, index: usize, alone: bool, problems: &mut Problems) -> Statement {
    let mut statement = Statement {
        index,
        alone,
        sid: None,
        effect: None,
        principals: None,
        actions: Scope::Only(Vec::new()),
        resources: Scope::everything(),
        conditions: Vec::new(),
        names: Names::default(),
    };
    let at = statement.place();
    let mut seen = Seen::default();
    for (name, value) in members {
        let place = format!("{at}.{}", clip(name));
        // The Serverless Application Repository spells three of them in its own way:
        // <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverlessrepo-how-to-publish.html>
        match name.to_ascii_lowercase().as_str() {
            "sid" | "statementid" => statement.sid = value.as_str().map(str::to_owned),
            "effect" => {
                once(&mut seen.effect, &place, problems);
                statement.names.effect.clone_from(name);
                statement.effect = match value.as_str() {
                    Some("Allow") => Some(Effect::Allow),
                    Some("Deny") => Some(Effect::Deny),
                    _ => {
                        problems.add(&place, "neither `Allow` nor `Deny`");
                        None
                    }
                };
            }
            "principal" | "principals" => {
                once(&mut seen.principals, &place, problems);
                statement.principals = Some(principal::read(value, false, &place, problems));
            }
            "notprincipal" => {
                once(&mut seen.principals, &place, problems);
                statement.principals = Some(principal::read(value, true, &place, problems));
            }
            "action" | "actions" => {
                once(&mut seen.actions, &place, problems);
                statement.names.actions.clone_from(name);
                statement.actions = Scope::Only(patterns(value, &place, Pattern::action, problems));
            }
            "notaction" => {
                once(&mut seen.actions, &place, problems);
                statement.actions = Scope::Except(patterns(value, &place, Pattern::action, problems));
            }
            "resource" => {
                once(&mut seen.resources, &place, problems);
                statement.resources = Scope::Only(patterns(value, &place, Pattern::value, problems));
            }
            "notresource" => {
                once(&mut seen.resources, &place, problems);
                statement.resources = Scope::Except(patterns(value, &place, Pattern::value, problems));
            }
            "condition" => {
                statement.names.conditions.clone_from(name);
                statement.conditions = condition::read(value, &place, problems);
            }
            _ => problems.add(&place, "no element of a statement has this name"),
        }
    }
    if !seen.effect {
        problems.add(&at, "there is no `Effect`");
    }
    if !seen.actions {
        problems.add(&at, "there is neither `Action` nor `NotAction`");
    }
    statement
}

/// Which elements a statement has had: an element and its `Not...` form exclude each other.
#[derive(Default)]
struct Seen {
    effect: bool,
    principals: bool,
    actions: bool,
    resources: bool,
}

fn once(seen: &mut bool, place: &str, problems: &mut Problems) {
    if *seen {
        problems.add(place, "the statement says this twice");
    }
    *seen = true;
}

fn patterns(value: &Value, place: &str, read: fn(&str) -> Pattern, problems: &mut Problems) -> Vec<Pattern> {
    strings(value, place, problems).into_iter().map(|(_, text)| read(text)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Document, Effect, Scope};

    fn places(document: &Document) -> Vec<&str> {
        document.problems.iter().map(|problem| problem.place.as_str()).collect()
    }

    #[test]
    fn one_object_stands_for_a_list() {
        let document = Document::from_value(&json!({
            "Statement": {"Effect": "Deny", "Action": "s3:*", "Principal": "*", "Resource": "*"}
        }));
        assert!(document.problems.is_empty());
        let [statement] = document.statements.as_slice() else { panic!("one statement") };
        assert_eq!(statement.effect, Some(Effect::Deny));
        assert_eq!(statement.place(), "Statement");
    }

    #[test]
    fn names_of_elements_ignore_case_but_effects_do_not() {
        let document = Document::from_value(&json!({
            "statement": [{"effect": "allow", "ACTION": ["s3:*"], "notresource": "a"}]
        }));
        assert_eq!(places(&document), ["Statement[0].effect"]);
        assert!(matches!(document.statements[0].resources, Scope::Except(_)));
    }

    #[test]
    fn every_part_that_is_not_understood_is_named() {
        let document = Document::from_value(&json!({
            "Statemnt": [],
            "Statement": [
                "x",
                {"Effect": "Allow", "Resource": 1, "Action": [], "NotAction": "a:b", "Colour": "red"},
                {"Action": "a:b", "Condition": {"StringEqual": {"a": "b"}}}
            ]
        }));
        let found = places(&document);
        for place in [
            "Statemnt",
            "Statement[0]",
            "Statement[1].Resource",
            "Statement[1].Action",
            "Statement[1].NotAction",
            "Statement[1].Colour",
            "Statement[2]",
            "Statement[2].Condition.StringEqual",
        ] {
            assert!(found.contains(&place), "{place} is missing among {found:?}");
        }
    }

    #[test]
    fn text_may_be_url_encoded_or_hold_a_name_twice() {
        let plain = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let encoded: String = plain.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(Document::parse(plain), Document::parse(&encoded));
        let twice = r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        assert_eq!(places(&Document::parse(twice)), ["Statement[0].Effect"]);
        for nothing in ["", "{", "[]", "null", "3", "{}"] {
            assert_eq!(places(&Document::parse(nothing)), ["document"], "{nothing:?}");
        }
    }
}
