//! What to do now: undo it, close it by hand, give a permission, exempt it.

use crate::engine::finding::{Finding, Outcome, StepRecord};
use crate::engine::verdict::VerdictKind;
use crate::notify::escape::command;
use crate::notify::story::{MOST, SENTENCE, Story};
use crate::policy::Mode;

/// Something to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What and why, harmless.
    pub says: String,
    /// The command line for it, exact and harmless.
    pub command: Option<String>,
}

impl Story<'_> {
    /// What to do now, with the command lines.
    #[must_use]
    pub fn advice(&self) -> Vec<Advice> {
        let Finding { steps, verdict, outcome, guardrail, mode, .. } = self.finding;
        let mut advice = Vec::new();
        for step in steps.iter().take(MOST) {
            match (was_done(step), outcome) {
                (true, Outcome::Undone) => {}
                (true, _) => advice.push(self.take_back(step)),
                (false, _) if self.is_open() => {
                    if let Some(permission) = missing_permission(step) {
                        advice.push(Advice::plain(format!("Let the function's role do {}", self.code(permission))));
                    }
                    advice.push(self.with_command("Close it by hand", &step.command));
                }
                (false, _) => {}
            }
        }
        if self.is_open() && steps.len() > MOST {
            advice.push(Advice::plain("The other calls are in the message to the queue, unmapped.steps".to_owned()));
        }
        if *verdict == VerdictKind::Undetermined {
            advice.push(Advice::plain("Check the resource yourself".to_owned()));
        } else if self.is_open() && steps.is_empty() {
            advice.push(Advice::plain(guardrail.remediation.to_owned()));
        } else if self.is_open() && *mode == Mode::Notify {
            let says = format!("To have it closed at once next time, set {} to mode enforce", guardrail.name);
            advice.push(Advice::plain(says));
        }
        if self.is_open() || matches!(outcome, Outcome::Remediated) {
            let undone = steps.iter().any(was_done);
            let why = if undone { ", before you undo anything: otherwise it is closed again" } else { "" };
            let says = format!("Intended? Exempt it in the policy file (reason, owner, last day){why}");
            advice.push(Advice::plain(says));
        }
        advice
    }

    fn take_back(&self, step: &StepRecord) -> Advice {
        match step.undo_command.as_deref() {
            Some(undo) => self.with_command("Undo it", undo),
            None => Advice::plain(format!("Cannot be undone: {}", self.say(&step.undo, SENTENCE))),
        }
    }

    fn with_command(&self, what: &str, line: &str) -> Advice {
        let place = format!("{what} (account {}, {})", self.finding.place.account, self.finding.place.region);
        let place = self.say(&place, SENTENCE);
        match command(line, self.longest_command) {
            Some(line) => Advice { says: place, command: Some(line) },
            None => Advice::plain(format!("{place}: the command is in the message to the queue, unmapped.steps")),
        }
    }

    /// Whether a hole is known to be open at the end.
    fn is_open(&self) -> bool {
        let open = match self.finding.outcome {
            Outcome::Notified
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
            | Outcome::BreakerOpen
            | Outcome::Flapping => true,
            Outcome::Remediated | Outcome::AlreadyCompliant | Outcome::Gone | Outcome::Exempt | Outcome::Undone => {
                false
            }
        };
        open && self.finding.verdict == VerdictKind::Violation
    }
}

impl Advice {
    fn plain(says: String) -> Self {
        Self { says, command: None }
    }
}

fn was_done(step: &StepRecord) -> bool {
    step.answer.as_deref() == Some("done")
}

/// The permission that the function's role lacks, when that is why the call failed.
fn missing_permission(step: &StepRecord) -> Option<&'static str> {
    step.answer.as_deref().is_some_and(|answer| answer.starts_with("the role lacks")).then_some(step.permission)
}
