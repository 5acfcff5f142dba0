//! From an evaluation to its finding.

use super::progress::Failure;
use super::{Evaluation, Restraint};
use crate::engine::erased::AnyState;
use crate::engine::event::Event;
use crate::engine::finding::{Cause, Finding, Outcome, Remedy, StepRecord, Times};
use crate::engine::observed::{Place, Resource};
use crate::engine::pipeline::{Detail, Retry};
use crate::engine::plan::{Action, Step, Undo};
use crate::engine::verdict::{Severity, Verdict};
use crate::policy::Policy;
use jiff::Timestamp;
use uuid::Uuid;

impl Evaluation {
    #[expect(clippy::too_many_arguments, reason = "a finding brings together what the whole pipeline knows")]
    pub(in crate::engine::pipeline) fn finding(
        mut self,
        id: Uuid,
        resource: Resource,
        place: Place,
        event: &Event,
        received: Timestamp,
        policy: &Policy,
        retry: Option<&Retry>,
    ) -> Finding {
        let verdict = self.verdict.take().unwrap_or_else(|| Verdict::Undetermined {
            why: retry.map_or_else(|| "it was not read".to_owned(), |retry| retry.0.clone()),
        });
        let outcome = self.outcome(&verdict, event.is_deletion());
        let evidence = match &verdict {
            Verdict::Violation(violation) => violation.evidence.clone(),
            Verdict::Compliant | Verdict::Undetermined { .. } => Vec::new(),
        };
        let found = match &verdict {
            Verdict::Violation(violation) => violation.severity,
            Verdict::Undetermined { .. } => self.about().severity,
            Verdict::Compliant => Severity::Informational,
        };
        let severity = match outcome {
            // What is not there opens nothing, under this name.
            Outcome::Gone => policy.severity(self.about(), found).min(Severity::Low),
            Outcome::Remediated
            | Outcome::AlreadyCompliant
            | Outcome::Notified
            | Outcome::Exempt
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
            | Outcome::BreakerOpen
            | Outcome::Flapping
            | Outcome::Undone => policy.severity(self.about(), found),
        };
        let is_stuck = matches!(self.progress.failure(), Some(Failure::Final(_)));
        let (done, contained) = self.progress.applied().unzip();
        let done = done.unwrap_or_default().iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>();
        let mut reasons = verdict.reasons();
        reasons.append(&mut self.notes);
        // All of the steps or none: half of them would undo half of it.
        let done = done.unwrap_or_else(|error| {
            reasons.push(format!("`parapet undo` cannot undo this: the steps cannot be written as JSON: {error}"));
            Vec::new()
        });
        // Of what was closed already, the look says why; the record cannot.
        let looked = self.looked.as_ref().filter(|_| outcome == Outcome::AlreadyCompliant);
        let latest = self.after.as_ref().or(looked).or(self.state.as_ref());
        if let (Verdict::Violation(_), Some(latest)) = (&verdict, latest) {
            reasons.extend(self.guardrail.remarks(latest));
        }
        let is_shown = self.detail == Detail::Whole;
        let json =
            |state: Option<&AnyState>| state.filter(|_| is_shown).and_then(|state| serde_json::to_value(state).ok());
        Finding {
            id,
            thread: id,
            stack: None,
            exempted_by: match self.restraint {
                Some(Restraint::Exempt { key, .. }) => Some(key),
                Some(Restraint::Suppressed(_) | Restraint::Waiting(_) | Restraint::TooLarge) | None => None,
            },
            guardrail: self.guardrail.about(),
            resource,
            place,
            cause: Cause::from(event),
            verdict: verdict.kind(),
            severity: if is_stuck { severity.raised() } else { severity },
            mode: self.mode,
            outcome,
            evidence,
            reasons,
            steps: self.steps,
            before: json(self.state.as_ref()).unwrap_or_default(),
            after: json(self.after.as_ref()),
            times: Times { event: event.time, received, contained, verified: self.verified },
            also: Vec::new(),
            notified_by: None,
            is_counted: false,
            remedy: Remedy { steps: done, ..Remedy::default() },
        }
    }
}

pub(in crate::engine::pipeline) fn step_record<A: Action>(step: &Step<A>, region: &str) -> StepRecord {
    let (undo, undo_command) = match &step.undo {
        Undo::Apply(action) => (action.to_string(), Some(action.command(region))),
        Undo::Irreversible { why } => (why.clone().into_owned(), None),
    };
    StepRecord {
        action: step.apply.to_string(),
        permission: step.apply.permission(),
        command: step.apply.command(region),
        request_id: None,
        answer: None,
        undo_command,
        undo,
    }
}
