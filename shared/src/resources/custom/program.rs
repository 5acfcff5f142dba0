//! A declared guardrail with its expressions read: kept once for each declaration.

use super::evaluate::{Scope, shown};
use super::expression::{Compiled, Fault, Wants};
use super::message::Message;
use super::variables::from_json;
use super::{Answer, Ready, Rule, Seen, StartRunbook};
use crate::engine::event::Event;
use crate::engine::finding::finding_id;
use crate::engine::guardrail::{About, Guardrail};
use crate::policy::{CustomGuardrail, Declared, IdKind};
use cel::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// How many ids a parameter may have: Systems Manager takes as many targets.
const MOST_IDS: usize = 50;
/// How long the name of a resource may be.
const LONGEST_NAME: usize = 2_048;

/// What is wrong, and in which entry: the keys below the guardrail's.
pub(super) type Wrong = (Vec<String>, String, Fault);

/// A declared guardrail that can be evaluated, or what is wrong with it.
pub(super) struct Program {
    pub(super) about: &'static About,
    pub(super) guardrails: &'static [&'static dyn Guardrail<Seen, StartRunbook>],
    declared: Arc<Declared>,
    read: Result<Read, Vec<Wrong>>,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Program").field(&self.about.name).finish()
    }
}

/// The expressions.
struct Read {
    when: Compiled,
    message: Message,
    resource: Option<Compiled>,
    parameters: Vec<(String, IdKind, Compiled)>,
    settings: Value,
}

static PROGRAMS: Mutex<Vec<&'static Program>> = Mutex::new(Vec::new());

/// The program of a declaration.
pub(super) fn of(guardrail: &CustomGuardrail) -> &'static Program {
    let mut programs = PROGRAMS.lock().unwrap_or_else(PoisonError::into_inner);
    // Whatever is written in the file is part of it: another severity is another guardrail.
    let is_it = |known: &&&'static Program| known.declared == guardrail.declared;
    if let Some(known) = programs.iter().find(is_it) {
        return known;
    }
    let rule: &'static dyn Guardrail<Seen, StartRunbook> = Box::leak(Box::new(Rule(guardrail.about)));
    let kept: &'static Program = Box::leak(Box::new(Program {
        about: guardrail.about,
        guardrails: Box::leak(Box::new([rule])),
        read: Read::of(&guardrail.declared),
        declared: Arc::clone(&guardrail.declared),
    }));
    programs.push(kept);
    kept
}

impl Read {
    fn of(declared: &Declared) -> Result<Self, Vec<Wrong>> {
        let settings: BTreeSet<&str> = declared.settings.keys().map(String::as_str).collect();
        let mut wrong = Vec::new();
        let mut read = |keys: &[&str], text: &str, wants| {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            Compiled::of(text, wants, &settings).map_err(|fault| wrong.push((keys, text.to_owned(), fault))).ok()
        };
        let when = read(&["when"], declared.when.as_str(), Wants::Truth);
        let resource = declared.resource.as_ref().map(|resource| read(&["resource"], resource.as_str(), Wants::Text));
        let parameters = declared.runbook.iter().flat_map(|runbook| &runbook.parameters);
        let parameters: Vec<_> = parameters
            .map(|(name, parameter)| {
                let keys = ["runbook", "parameters", name.as_str(), "value"];
                (name.as_str().to_owned(), parameter.kind, read(&keys, parameter.value.as_str(), Wants::Ids))
            })
            .collect();
        let text = declared.message.as_str();
        let message = Message::of(text, &settings)
            .map_err(|fault| wrong.push((vec!["message".to_owned()], text.to_owned(), fault)));
        match (when, message) {
            (Some(when), Ok(message)) if wrong.is_empty() => Ok(Self {
                when,
                message,
                resource: resource.flatten(),
                parameters: parameters
                    .into_iter()
                    .filter_map(|(name, kind, value)| Some((name, kind, value?)))
                    .collect(),
                settings: Value::from(
                    declared
                        .settings
                        .iter()
                        .map(|(name, value)| (name.clone(), from_json(value)))
                        .collect::<std::collections::HashMap<_, _>>(),
                ),
            }),
            _ => Err(wrong),
        }
    }
}

impl Program {
    /// What is wrong with its expressions.
    pub(super) fn wrong(&self) -> &[Wrong] {
        self.read.as_ref().err().map_or(&[], Vec::as_slice)
    }

    /// The same in one sentence.
    pub(super) fn broken(&self) -> Option<String> {
        let (keys, _, fault) = self.wrong().first()?;
        Some(format!("`{}` of `{}`: {}", keys.join("."), self.about.name, fault.says))
    }

    /// Whether the event is a call that it is about.
    pub(super) fn looks_at(&self, event: &Event) -> bool {
        self.declared.looks_at(&event.source, &event.name)
    }

    /// What its expressions say of a record.
    pub(super) fn see(&self, event: &Event, trusted: &[String]) -> Seen {
        let caller = event.actor.principal();
        let undetermined = |why: String| Seen {
            resource: caller.clone(),
            caller: caller.clone(),
            answer: Answer::Undetermined(why),
            runbook: None,
            remarks: Vec::new(),
            execution: None,
        };
        let Ok(read) = &self.read else {
            return undetermined(self.broken().unwrap_or_default());
        };
        let scope = match Scope::new(event, &read.settings, trusted) {
            Ok(scope) => scope,
            Err(why) => return undetermined(why),
        };
        let mut remarks = Vec::new();
        let resource = match read.resource.as_ref().map(|resource| named(&scope, resource)) {
            None => caller.clone(),
            Some(Ok(name)) => name,
            Some(Err(why)) => {
                remarks.push(format!("`resource` names none, so the caller stands for it: {why}"));
                caller.clone()
            }
        };
        let answer = match scope.value(&read.when) {
            Ok(Value::Bool(true)) => Answer::Violates(read.message.says(&scope)),
            Ok(Value::Bool(false)) => Answer::Complies,
            Ok(_) => Answer::Undetermined("`when` is neither true nor false for this record".to_owned()),
            Err(why) => Answer::Undetermined(format!("`when` cannot be answered: {why}")),
        };
        let runbook = matches!(answer, Answer::Violates(_)).then(|| self.ready(read, &scope, event)).flatten();
        Seen { resource, caller, answer, runbook, remarks, execution: None }
    }

    fn ready(&self, read: &Read, scope: &Scope, event: &Event) -> Option<Ready> {
        let runbook = self.declared.runbook.as_ref()?;
        let mut parameters = BTreeMap::new();
        for (name, kind, value) in &read.parameters {
            match ids(scope, *kind, value) {
                Ok(ids) => drop(parameters.insert(name.clone(), ids)),
                Err(why) => return Some(Ready::Not(format!("parameter `{name}`: {why}"))),
            }
        }
        Some(Ready::Start(StartRunbook {
            document: runbook.document.as_str().to_owned(),
            version: runbook.version.to_string(),
            role: None,
            parameters,
            token: finding_id(&event.id, self.about.name, "runbook"),
        }))
    }
}

fn named(scope: &Scope, resource: &Compiled) -> Result<String, String> {
    let value = scope.value(resource)?;
    let text = match &value {
        Value::String(text) => text.as_str().to_owned(),
        other => shown(other).unwrap_or_default(),
    };
    match text.trim() {
        "" => Err("it is no text".to_owned()),
        name if name.len() > LONGEST_NAME => Err(format!("it has more than {LONGEST_NAME} characters")),
        name => Ok(name.to_owned()),
    }
}

/// The ids of a parameter: each of the form of its kind, or none is used.
fn ids(scope: &Scope, kind: IdKind, value: &Compiled) -> Result<Vec<String>, String> {
    let value = scope.value(value)?;
    let texts: Vec<&Value> = match &value {
        Value::List(items) => items.iter().collect(),
        one => vec![one],
    };
    if texts.is_empty() || texts.len() > MOST_IDS {
        return Err(format!("the record has {} ids: 1 to {MOST_IDS} are taken", texts.len()));
    }
    let id = |value: &Value| match value {
        Value::String(text) if kind.takes(text) => Ok(text.as_str().to_owned()),
        _ => Err(format!("the record has something else than a `{kind}` there")),
    };
    texts.into_iter().map(id).collect()
}
