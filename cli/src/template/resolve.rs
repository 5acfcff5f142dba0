//! CloudFormation's functions, as far as they are known before deployment.
//!
//! What is unknown stays in the value as the call itself (`{"Fn::GetAtt": [...]}`), so that a reader of it sees
//! that it is not there yet.

use super::node::{Content, Entry, Node};
use serde_json::{Map, Value, json};
use shared::engine::planned::{is_function, is_unresolved, scalar_text};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use thiserror::Error;

/// What is known before deployment: parameters and their defaults, pseudo parameters, attributes, conditions, mappings.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, Value>,
    attributes: BTreeMap<String, String>,
    conditions: Arc<BTreeMap<String, Node>>,
    mappings: Option<Arc<Value>>,
    /// What is taken for true or false of conditions that are known at deployment only.
    assumed: BTreeMap<String, bool>,
    /// What was found of conditions, each asked for once.
    answers: RefCell<BTreeMap<String, Option<bool>>>,
}

/// Conditions refer to conditions: a circle must end.
const DEEPEST: usize = 64;

const NO_VALUE: &str = "AWS::NoValue";

/// A value that the template does not allow for its parameter.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("parameter `{name}` cannot be `{value}`: the template allows `{allowed}`")]
pub struct NotAllowed {
    name: String,
    value: String,
    allowed: String,
}

fn type_of(parameter: &Node) -> &str {
    parameter.get("Type").and_then(Node::text).unwrap_or("String")
}

fn is_of_ssm(parameter: &Node) -> bool {
    type_of(parameter).starts_with("AWS::SSM::Parameter::Value")
}

/// A value as the parameter's type has it: a list is written with commas.
fn of_type(parameter: &Node, text: &str) -> Value {
    let kind = type_of(parameter);
    let is_list = kind == "CommaDelimitedList" || kind.contains("List<") || kind.contains("<CommaDelimitedList>");
    match is_list {
        true => text.split(',').map(|item| Value::String(item.trim().to_owned())).collect(),
        false => Value::String(text.to_owned()),
    }
}

impl Environment {
    /// What a template says of itself: the defaults of its parameters, its mappings and conditions.
    #[must_use]
    pub fn of_template(template: &Node) -> Self {
        let mut environment = Self::default();
        for parameter in template.get("Parameters").map(Node::entries).unwrap_or_default() {
            let Some(default) = parameter.value.get("Default") else { continue };
            // The default of an SSM parameter is the parameter's name, not its value.
            if is_of_ssm(&parameter.value) {
                continue;
            }
            let value = match scalar_text(&default.to_value()) {
                Some(text) => of_type(&parameter.value, &text),
                None => default.to_value(),
            };
            environment.values.insert(parameter.key.clone(), value);
        }
        let conditions = template.get("Conditions").map(Node::entries).unwrap_or_default().iter();
        environment.conditions =
            Arc::new(conditions.map(|condition| (condition.key.clone(), condition.value.clone())).collect());
        environment.mappings = template.get("Mappings").map(|mappings| Arc::new(mappings.to_value()));
        environment
    }

    /// The names of a template's parameters.
    pub fn parameters(template: &Node) -> impl Iterator<Item = &str> {
        template.get("Parameters").map(Node::entries).unwrap_or_default().iter().map(|entry| entry.key.as_str())
    }

    /// Sets a parameter of the template to what is given instead of its default. Nothing, where the template has no such parameter.
    ///
    /// # Errors
    /// The template allows other values only.
    pub fn choose(&mut self, template: &Node, name: &str, value: &str) -> Result<(), NotAllowed> {
        let Some(parameter) = template.get("Parameters").and_then(|parameters| parameters.get(name)) else {
            return Ok(());
        };
        let allowed = parameter.get("AllowedValues").map(Node::items).unwrap_or_default();
        let allowed: Vec<String> = allowed.iter().filter_map(|one| scalar_text(&one.to_value())).collect();
        let value = of_type(parameter, value);
        let each = value.as_array().map_or_else(|| vec![&value], |items| items.iter().collect());
        let refused = each.into_iter().filter_map(Value::as_str).find(|one| !allowed.iter().any(|of| of == one));
        if let Some(refused) = refused.filter(|_| !allowed.is_empty()) {
            return Err(NotAllowed { name: name.to_owned(), value: refused.to_owned(), allowed: allowed.join("`, `") });
        }
        self.values.insert(name.to_owned(), value);
        self.answers.take();
        Ok(())
    }

    /// Sets a parameter or pseudo parameter (`AWS::Region`).
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), Value::String(value.to_owned()));
        self.answers.take();
    }

    /// A parameter or pseudo parameter, where it is known.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Sets what `!GetAtt resource.attribute` answers.
    pub fn set_attribute(&mut self, resource_and_attribute: &str, value: &str) {
        self.attributes.insert(resource_and_attribute.to_owned(), value.to_owned());
    }

    /// The value with every function answered that can be. None for `AWS::NoValue`.
    #[must_use]
    pub fn resolve(&self, node: &Node) -> Option<Value> {
        match self.resolve_node(node, 0) {
            Resolved::Value(value) => Some(value),
            Resolved::NoValue => None,
        }
    }

    /// The node that stands for this one: the branch of an `Fn::If` whose condition is known, else itself. None for
    /// `AWS::NoValue`. Keeps places, which [`Self::resolve`] drops.
    #[must_use]
    pub fn branch<'a>(&self, node: &'a Node) -> Option<&'a Node> {
        match call(node) {
            Some(("Ref", argument)) if argument.text() == Some(NO_VALUE) => None,
            Some(("Fn::If", argument)) => match argument.items() {
                [name, yes, no] => match name.text().and_then(|name| self.condition(name)) {
                    Some(true) => self.branch(yes),
                    Some(false) => self.branch(no),
                    None => Some(node),
                },
                _ => Some(node),
            },
            _ => Some(node),
        }
    }

    /// Whether a named condition holds; none when that is known at deployment only.
    #[must_use]
    pub fn condition(&self, name: &str) -> Option<bool> {
        self.named_condition(name, 0)
    }

    /// The same where a condition is taken for true or false, and with what follows from that: the value of a parameter that it asks for. None where it cannot
    /// be.
    #[must_use]
    pub fn assuming(&self, condition: &str, holds: bool) -> Option<Self> {
        let mut environment = self.clone();
        environment.answers.take();
        environment.assume(condition, holds, 0).then_some(environment)
    }

    /// Whether it can be.
    fn assume(&mut self, condition: &str, holds: bool, depth: usize) -> bool {
        if let Some(known) = self.condition(condition) {
            return known == holds;
        }
        let conditions = Arc::clone(&self.conditions);
        let can_be = conditions.get(condition).is_none_or(|node| self.assume_of(node, holds, depth + 1));
        self.assumed.insert(condition.to_owned(), holds);
        self.answers.take();
        can_be
    }

    fn assume_of(&mut self, node: &Node, holds: bool, depth: usize) -> bool {
        let Some((name, argument)) = call(node).filter(|_| depth < DEEPEST) else { return true };
        if let Some(known) = self.truth(node, depth) {
            return known == holds;
        }
        match (name, argument.items()) {
            ("Condition", _) => argument.text().is_none_or(|name| self.assume(name, holds, depth + 1)),
            ("Fn::Not", [one]) => self.assume_of(one, !holds, depth + 1),
            ("Fn::And", all) if holds => all.iter().all(|one| self.assume_of(one, true, depth + 1)),
            ("Fn::Or", all) if !holds => all.iter().all(|one| self.assume_of(one, false, depth + 1)),
            ("Fn::Equals", [left, right]) if holds => {
                let parameter = |node: &Node| match call(node) {
                    Some(("Ref", name)) => name.text().map(str::to_owned),
                    _ => None,
                };
                for (of, value) in [(left, right), (right, left)] {
                    if let (Some(name), Some(value)) = (parameter(of), self.known(value, depth)) {
                        self.values.entry(name).or_insert(value);
                        self.answers.take();
                    }
                }
                true
            }
            _ => true,
        }
    }

    fn named_condition(&self, name: &str, depth: usize) -> Option<bool> {
        if let Some(assumed) = self.assumed.get(name) {
            return Some(*assumed);
        }
        if let Some(answer) = self.answers.borrow().get(name) {
            return *answer;
        }
        (depth < DEEPEST).then_some(())?;
        // One that asks for itself has no answer.
        self.answers.borrow_mut().insert(name.to_owned(), None);
        let answer = self.conditions.get(name).and_then(|condition| self.truth(condition, depth + 1));
        self.answers.borrow_mut().insert(name.to_owned(), answer);
        answer
    }

    fn truth(&self, node: &Node, depth: usize) -> Option<bool> {
        (depth < DEEPEST).then_some(())?;
        let (name, argument) = call(node)?;
        let all = || argument.items().iter().map(|item| self.truth(item, depth + 1)).collect::<Vec<_>>();
        match name {
            "Condition" => self.named_condition(argument.text()?, depth + 1),
            "Fn::Equals" => match argument.items() {
                [left, right] => {
                    let (left, right) = (self.known(left, depth)?, self.known(right, depth)?);
                    Some(scalar_text(&left).map_or(left == right, |left| Some(left) == scalar_text(&right)))
                }
                _ => None,
            },
            "Fn::Not" => all().first().copied().flatten().map(|truth| !truth),
            "Fn::And" if all().contains(&Some(false)) => Some(false),
            "Fn::And" => all().iter().all(|truth| truth.is_some()).then_some(true),
            "Fn::Or" if all().contains(&Some(true)) => Some(true),
            "Fn::Or" => all().iter().all(|truth| truth.is_some()).then_some(false),
            _ => None,
        }
    }

    /// The value, when nothing in it is left open.
    fn known(&self, node: &Node, depth: usize) -> Option<Value> {
        match self.resolve_node(node, depth + 1) {
            Resolved::Value(value) if !is_unresolved(&value) => Some(value),
            Resolved::Value(_) | Resolved::NoValue => None,
        }
    }

    fn resolve_node(&self, node: &Node, depth: usize) -> Resolved {
        if depth > DEEPEST {
            return Resolved::Value(node.to_value());
        }
        match &node.content {
            Content::List(items) => {
                let items = items.iter().map(|item| self.resolve_node(item, depth + 1));
                Resolved::Value(items.filter_map(Resolved::value).collect())
            }
            Content::Map(entries) => match call(node) {
                Some((name, argument)) => self.answer(name, argument, depth).unwrap_or_else(|| {
                    let argument = self.resolve_node(argument, depth + 1).value().unwrap_or_default();
                    Resolved::Value(json!({ name: argument }))
                }),
                None => Resolved::Value(Value::Object(self.resolve_entries(entries, depth))),
            },
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => {
                Resolved::Value(node.to_value())
            }
        }
    }

    fn resolve_entries(&self, entries: &[Entry], depth: usize) -> Map<String, Value> {
        let resolved = entries.iter().filter_map(|entry| {
            let value = self.resolve_node(&entry.value, depth + 1).value()?;
            Some((entry.key.clone(), value))
        });
        resolved.collect()
    }

    /// The answer of a function; none when it is known at deployment only.
    fn answer(&self, name: &str, argument: &Node, depth: usize) -> Option<Resolved> {
        let value = match name {
            "Ref" if argument.text() == Some(NO_VALUE) => return Some(Resolved::NoValue),
            "Ref" => self.values.get(argument.text()?)?.clone(),
            "Fn::GetAtt" => {
                let path = match &argument.content {
                    Content::Text(text) => text.clone(),
                    _ => argument.items().iter().filter_map(Node::text).collect::<Vec<_>>().join("."),
                };
                Value::String(self.attributes.get(&path)?.clone())
            }
            "Fn::Sub" => Value::String(self.substitute(argument, depth)?),
            "Fn::Join" => match argument.items() {
                [separator, parts] => {
                    let parts = self.known(parts, depth)?;
                    let parts = parts.as_array()?.iter().map(scalar_text).collect::<Option<Vec<_>>>()?;
                    Value::String(parts.join(separator.text()?))
                }
                _ => return None,
            },
            "Fn::Split" => match argument.items() {
                [separator, text] => {
                    let text = scalar_text(&self.known(text, depth)?)?;
                    text.split(separator.text()?).map(str::to_owned).collect()
                }
                _ => return None,
            },
            "Fn::Select" => match argument.items() {
                [index, list] => {
                    let index = scalar_text(&self.known(index, depth)?)?.parse::<usize>().ok()?;
                    let Resolved::Value(list) = self.resolve_node(list, depth + 1) else { return None };
                    list.as_array()?.get(index)?.clone()
                }
                _ => return None,
            },
            "Fn::FindInMap" => {
                let keys = argument.items().iter().take(3).map(|key| scalar_text(&self.known(key, depth)?));
                let keys = keys.collect::<Option<Vec<_>>>()?;
                keys.iter().try_fold(self.mappings.as_deref()?, |value, key| value.get(key))?.clone()
            }
            "Fn::If" => match argument.items() {
                [condition, yes, no] => {
                    let chosen = if self.condition(condition.text()?)? { yes } else { no };
                    return Some(self.resolve_node(chosen, depth + 1));
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(Resolved::Value(value))
    }

    fn substitute(&self, argument: &Node, depth: usize) -> Option<String> {
        let (pattern, own) = match &argument.content {
            Content::Text(text) => (text.as_str(), None),
            _ => (argument.items().first()?.text()?, argument.items().get(1)),
        };
        let mut out = String::with_capacity(pattern.len());
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}')?;
            out.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                out.push_str(&format!("${{{literal}}}"));
            } else if let Some(own) = own.and_then(|own| own.get(name)) {
                out.push_str(&scalar_text(&self.known(own, depth)?)?);
            } else {
                let known = self.values.get(name).and_then(scalar_text);
                out.push_str(&known.or_else(|| self.attributes.get(name).cloned())?);
            }
            rest = tail;
        }
        out.push_str(rest);
        Some(out)
    }
}

enum Resolved {
    Value(Value),
    NoValue,
}

impl Resolved {
    fn value(self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::NoValue => None,
        }
    }
}

/// The function and its argument, when the node is a call.
fn call(node: &Node) -> Option<(&str, &Node)> {
    match node.entries() {
        [Entry { key, value, .. }] if is_function(key, value.text().is_some()) => Some((key, value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
