//! Guardrails that the policy file declares: expressions in CEL over the record of a call, and runbooks (docs/custom-guardrails.md).
//!
//! One family is one declared guardrail: [`Family::of_policy`] makes it. What the registry lists is the family of none, from which all that follows from the
//! code learns that a function serves such guardrails, and nothing else. The record is all there is to judge by: nothing is read.
//! Sources: "CloudTrail record contents" (CloudTrail user guide); "Language Definition" (cel-spec); "StartAutomationExecution" (Systems Manager API reference).

mod check;
#[cfg(feature = "sdk")]
pub mod client;
mod evaluate;
mod expression;
mod message;
mod problems;
mod program;
mod start;
mod variables;

pub use problems::{problems, read};
pub use start::{START, StartRunbook};

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Class, Guardrail, SettingsVisitor, Terms};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::{NoSettings, Policy};
use program::Program;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What the family is called, in the ledger too.
pub const KIND: &str = "custom";

/// The function that serves it.
pub const FUNCTION: &str = "custom";

/// A guardrail that the policy file declares; none in the registry.
#[derive(Clone, Debug, Default)]
pub struct DeclaredGuardrails {
    of: Option<&'static Program>,
    /// Accounts that are the operator's or a partner's.
    trusted: Vec<String>,
    /// What is wrong with this file's expressions: then nothing of them is used.
    broken: Option<String>,
}

/// Which call of which guardrail, and what its record showed: there is nothing else to read, now or later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    /// The guardrail.
    pub guardrail: String,
    /// What the record shows.
    pub seen: Seen,
}

/// What a record shows, by the guardrail's expressions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    /// The resource, as the guardrail's expression names it.
    pub resource: String,
    /// The principal that made the call: of a session its role.
    pub caller: String,
    /// Whether the call violates it.
    pub answer: Answer,
    /// The runbook, where it violates it and has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runbook: Option<Ready>,
    /// What else a person should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// The id of the execution, once it was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<String>,
}

/// What `when` says of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// True: with what the notification says.
    Violates(String),
    /// False.
    Complies,
    /// The record does not show it: why.
    Undetermined(String),
}

/// A runbook with the parameters of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// It can be started.
    Start(StartRunbook),
    /// It cannot: why.
    Not(String),
}

/// What `undo` says.
const NO_WAY_BACK: &str = "a runbook has no inverse that Parapet knows; its document, and the steps of the execution in Systems Manager, say what it did";

/// A declared guardrail, as the pipeline knows them.
struct Rule(&'static About);

impl Guardrail<Seen, StartRunbook> for Rule {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        self.0
    }

    fn judge(&self, seen: &Seen, terms: &Terms<'_>) -> Verdict {
        match &seen.answer {
            Answer::Complies => Verdict::Compliant,
            Answer::Undetermined(why) => Verdict::Undetermined { why: why.clone() },
            Answer::Violates(says) => {
                let why = match &seen.runbook {
                    Some(Ready::Start(_)) if runbook_role(terms).as_ref() == Some(&seen.caller) => {
                        format!("{says}; no runbook is started, because the call was made by `RunbookRole`")
                    }
                    Some(_) | None => says.clone(),
                };
                Verdict::Violation(Violation {
                    severity: self.0.severity,
                    evidence: vec![Evidence { element: self.0.name.to_owned(), why }],
                })
            }
        }
    }

    fn plan(&self, seen: &Seen, _: &Violation, terms: &Terms<'_>) -> Plan<StartRunbook> {
        let Some(Ready::Start(start)) = &seen.runbook else { return Plan::default() };
        let role = runbook_role(terms);
        // A runbook must not start itself again by what it does.
        if role.as_ref() == Some(&seen.caller) {
            return Plan::default();
        }
        let apply = StartRunbook { role, ..start.clone() };
        Plan { steps: vec![Step { apply, undo: Undo::Irreversible { why: Cow::Borrowed(NO_WAY_BACK) } }] }
    }

    fn remarks(&self, seen: &Seen) -> Vec<String> {
        let not_started = match &seen.runbook {
            Some(Ready::Not(why)) => Some(format!("the runbook cannot be started: {why}")),
            Some(Ready::Start(_)) | None => None,
        };
        not_started.into_iter().chain(seen.remarks.clone()).collect()
    }
}

/// The ARN of the role by which runbooks work; none where the stack names none.
fn runbook_role(terms: &Terms<'_>) -> Option<String> {
    let Place { partition, account, .. } = terms.place;
    terms.own.runbook_role.map(|name| format!("arn:{partition}:iam::{account}:role/{name}"))
}

impl Family for DeclaredGuardrails {
    type Key = Shown;
    type State = Seen;
    type Action = StartRunbook;

    fn kind(&self) -> &'static str {
        KIND
    }

    /// None: the stack's parameters name the runbooks that the role may start.
    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    /// The runbooks are started in the account of the event.
    fn asks_nothing(&self) -> bool {
        self.of.is_none_or(|program| program.about.class == Class::R0)
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Seen, StartRunbook>] {
        self.of.map_or(&[], |program| program.guardrails)
    }

    fn show_settings(&self, _: &mut impl SettingsVisitor) {}

    fn of_policy(&self, policy: &Policy) -> Vec<Self> {
        if policy.custom.is_empty() {
            return Vec::new();
        }
        let programs: Vec<&'static Program> = policy.custom.iter().map(program::of).collect();
        let broken = programs.iter().find_map(|program| program.broken());
        let trusted: Vec<String> = policy.trusted_accounts.iter().map(|account| account.as_str().to_owned()).collect();
        let one = |of| Self { of: Some(of), trusted: trusted.clone(), broken: broken.clone() };
        programs.into_iter().map(one).collect()
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let Some(program) = self.of.filter(|program| program.looks_at(event)) else { return Ok(Vec::new()) };
        if let Some(why) = &self.broken {
            return Err(Unlocatable::new(event, format!("the policy file cannot be used: {why}")));
        }
        let seen = program.see(event, &self.trusted);
        let key = Shown { guardrail: program.about.name.to_owned(), seen: seen.clone() };
        Ok(vec![Target { key, proven: Some(seen), changed: None }])
    }

    fn may_concern(&self, event: &Event) -> bool {
        self.of.is_some_and(|program| program.looks_at(event))
    }

    fn focus(&self, _: &mut Seen, _: &TargetOf<Self>) {}

    fn resource(&self, key: &Shown, _: Option<&Seen>, _: &Place) -> Resource {
        let id = key.seen.resource.clone();
        let name = id.rsplit(['/', ':']).next().filter(|name| !name.is_empty()).unwrap_or(&id).to_owned();
        Resource { id, kind: "Other", name }
    }
}

#[cfg(test)]
mod tests;
