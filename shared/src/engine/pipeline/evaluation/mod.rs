//! One guardrail's view of one resource while an event is handled.

mod outcome;

use super::{Detail, Retry};
use crate::engine::event::Event;
use crate::engine::family::{Family, ReadDepth};
use crate::engine::finding::{Cause, Finding, Outcome, Remedy, StepRecord, Times};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::plan::{Action, Applied, ApplyError, Plan, Step, Undo};
use crate::engine::verdict::{Severity, Verdict};
use crate::policy::{Mode, Policy};
use jiff::Timestamp;
use uuid::Uuid;

/// Through what the state was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lens {
    /// The record's own word.
    Record,
    /// A listing of everything, for a sweep: good enough to judge by.
    Listing,
    /// A read.
    Read(ReadDepth),
}

/// Why an evaluation only notifies for now.
pub(super) struct Suppression {
    /// The circuit breaker is open; else flapping wins.
    pub(super) is_breaker: bool,
    pub(super) why: String,
}

pub(super) struct Evaluation<F: Family> {
    guardrail: &'static dyn Guardrail<F::State, F::Action>,
    pub(super) mode: Mode,
    /// How much its finding says.
    pub(super) detail: Detail,
    /// Where the resource is, for the commands.
    region: String,
    class_is_allowed: bool,
    /// The resource's id, as it was known when exemptions were looked for.
    pub(super) resource: String,
    pub(super) exemption: Option<String>,
    pub(super) exemption_key: Option<String>,
    pub(super) suppression: Option<Suppression>,
    /// Why it does not act before the event comes back.
    waits: Option<String>,
    /// The first answer; a later look replaces it only when it was undetermined.
    pub(super) verdict: Option<Verdict>,
    /// The latest answer.
    now: Option<Verdict>,
    /// The state behind `verdict`.
    pub(super) state: Option<F::State>,
    /// The state on looking again.
    pub(super) after: Option<F::State>,
    /// What would close what is open now.
    pub(super) plan: Plan<F::Action>,
    /// The calls of the plan that were not made yet.
    left: Plan<F::Action>,
    /// The state that the plan was computed from.
    basis: Option<F::State>,
    /// What was seen last is the record's own word.
    is_by_record: bool,
    /// What was seen last: there is no such resource.
    is_gone: bool,
    pub(super) is_too_long: bool,
    steps: Vec<StepRecord>,
    /// The steps that were done, as they can be done and undone.
    done: Vec<Step<F::Action>>,
    was_done: bool,
    was_not_there: bool,
    /// Whether anybody has looked since the last call.
    was_seen_since: bool,
    /// The latest call answered success: what still shows as open may be an old view.
    may_lag: bool,
    failure: Option<ApplyFailure>,
    notes: Vec<String>,
    contained: Option<Timestamp>,
    verified: Option<Timestamp>,
}

struct ApplyFailure {
    why: String,
    is_final: bool,
}

impl<F: Family> Evaluation<F> {
    pub(super) fn new(
        guardrail: &'static dyn Guardrail<F::State, F::Action>,
        mode: Mode,
        class_is_allowed: bool,
        region: &str,
    ) -> Self {
        Self {
            guardrail,
            mode,
            detail: Detail::Whole,
            region: region.to_owned(),
            class_is_allowed,
            resource: String::new(),
            exemption: None,
            exemption_key: None,
            suppression: None,
            waits: None,
            verdict: None,
            now: None,
            state: None,
            after: None,
            plan: Plan::default(),
            left: Plan::default(),
            basis: None,
            is_by_record: false,
            is_gone: false,
            is_too_long: false,
            steps: Vec::new(),
            done: Vec::new(),
            was_done: false,
            was_not_there: false,
            was_seen_since: false,
            may_lag: false,
            failure: None,
            notes: Vec::new(),
            contained: None,
            verified: None,
        }
    }

    pub(super) fn about(&self) -> &'static About {
        self.guardrail.about()
    }

    /// Takes down what is not known of what an operator has decided.
    pub(super) fn warn(&mut self, caveat: Option<String>) {
        self.notes.extend(caveat);
    }

    /// Whether its remediation runs by itself.
    pub(super) fn is_enforced(&self) -> bool {
        self.mode == Mode::Enforce && self.class_is_allowed
    }

    /// The elements that offend now, by content.
    pub(super) fn elements(&self) -> Vec<&str> {
        match &self.now {
            Some(Verdict::Violation(violation)) => violation.evidence.iter().map(|e| e.element.as_str()).collect(),
            Some(Verdict::Compliant | Verdict::Undetermined { .. }) | None => Vec::new(),
        }
    }

    /// Judges what was seen through `lens`. `again` is the time of a look after the first one.
    pub(super) fn see(&mut self, seen: &Observed<F::State>, terms: &Terms<'_>, lens: Lens, again: Option<Timestamp>) {
        if self.is_settled_compliant() {
            return;
        }
        self.is_by_record = lens == Lens::Record;
        self.is_gone = matches!(seen, Observed::Absent);
        let verdict = match seen {
            Observed::Known(state) => self.guardrail.judge(state, terms),
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        };
        if again.is_some() {
            self.was_seen_since = true;
            self.after = seen.known().cloned();
        }
        if let (Verdict::Violation(violation), Observed::Known(state)) = (&verdict, seen) {
            self.plan = self.guardrail.plan(state, violation, terms);
            self.left = self.plan.clone();
            self.basis = Some(state.clone());
            if !self.was_done {
                self.state = Some(state.clone());
            }
        }
        match (&self.verdict, &verdict) {
            (Some(Verdict::Violation(_)), Verdict::Compliant) => self.verified = again,
            (Some(Verdict::Violation(_)), _) => {}
            (None | Some(Verdict::Compliant | Verdict::Undetermined { .. }), _) => {
                self.verdict = Some(verdict.clone());
                self.state = seen.known().cloned().or(self.state.take());
            }
        }
        self.now = Some(verdict);
    }

    /// Whether this state is enough for the guardrail: it shows that nothing is wrong, or what to do.
    pub(super) fn is_enough(&self, state: &F::State, terms: &Terms<'_>) -> bool {
        match self.guardrail.judge(state, terms) {
            Verdict::Compliant => true,
            Verdict::Violation(violation) => {
                let plan = self.guardrail.plan(state, &violation, terms);
                !plan.steps.is_empty() && (plan.may_trust_a_record() || !self.is_enforced())
            }
            Verdict::Undetermined { .. } => false,
        }
    }

    /// Whether this state leads to calls that a record does not prove enough for.
    pub(super) fn would_overwrite(&self, state: &F::State, terms: &Terms<'_>) -> bool {
        let Verdict::Violation(violation) = self.guardrail.judge(state, terms) else { return false };
        self.is_enforced() && !self.guardrail.plan(state, &violation, terms).may_trust_a_record()
    }

    /// Whether no objection is left in this state.
    pub(super) fn complies(&self, state: &F::State, terms: &Terms<'_>) -> bool {
        self.guardrail.judge(state, terms) == Verdict::Compliant
    }

    fn is_settled_compliant(&self) -> bool {
        self.verdict == Some(Verdict::Compliant)
    }

    pub(super) fn is_violation(&self) -> bool {
        matches!(self.now, Some(Verdict::Violation(_)))
    }

    /// Whether its plan may run now.
    pub(super) fn may_act(&self) -> bool {
        self.wants_to_act() && !self.waits_for_a_read()
    }

    fn wants_to_act(&self) -> bool {
        let is_held = self.exemption.is_some() || self.suppression.is_some() || self.waits.is_some();
        self.is_enforced()
            && !is_held
            && self.is_violation()
            && self.failure.is_none()
            && !self.left.steps.is_empty()
            && !self.is_too_long
    }

    /// Whether its plan may not run on what the record proves.
    pub(super) fn waits_for_a_read(&self) -> bool {
        self.is_by_record && self.wants_to_act() && !self.left.may_trust_a_record()
    }

    /// The calls that are still to be made; none after one that failed.
    pub(super) fn left(&self) -> Plan<F::Action> {
        if self.failure.is_some() { Plan::default() } else { self.left.clone() }
    }

    /// The state that `call` was computed from, where it is one of this evaluation's.
    pub(super) fn basis_of(&self, call: &F::Action) -> Option<&F::State> {
        self.basis.as_ref().filter(|_| self.left.steps.iter().any(|step| covers(call, step)))
    }

    /// Takes down that `call` was made, in whatever parts, and is not to be made again.
    pub(super) fn is_over(&mut self, call: &F::Action) {
        self.left.steps.retain(|step| !covers(call, step));
    }

    /// Whether a call was made for it.
    pub(super) fn was_called(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Notes that another caller changes the resource each time that it is looked at.
    pub(super) fn give_up(&mut self) {
        let why = "another caller changed it each time between the read and the call".to_owned();
        self.failure = Some(ApplyFailure { why: format!("not closed: {why}"), is_final: true });
    }

    /// Whether its plan is to be shown and was not run.
    pub(super) fn is_notify_only(&self) -> bool {
        self.is_violation() && self.steps.is_empty()
    }

    /// Whether a closer look would show more than `lens` did: what the record or a quick read left open, and whether
    /// what will only be notified still stands.
    pub(super) fn wants_a_look(&self, lens: Lens) -> bool {
        if self.exemption.is_some() || self.about().class == Class::R0 {
            return false;
        }
        match (&self.now, lens) {
            (Some(Verdict::Undetermined { .. }), Lens::Record | Lens::Listing | Lens::Read(ReadDepth::Quick))
            | (Some(Verdict::Violation(_)), Lens::Record) => true,
            // A listing is a look of this moment: what is only notified needs no closer one.
            (Some(Verdict::Violation(_)), Lens::Listing) => self.may_act(),
            (Some(_), _) | (None, _) => false,
        }
    }

    /// Whether the latest look shows nothing wrong.
    pub(super) fn is_compliant_now(&self) -> bool {
        matches!(self.now, Some(Verdict::Compliant))
    }

    /// Puts acting off.
    pub(super) fn wait(&mut self, why: String) {
        self.waits = Some(why);
    }

    /// The record proves a hole that a look does not show, and nothing was done: AWS's reads may lag, or another caller was faster.
    pub(super) fn is_behind(&self) -> bool {
        let is_proven = matches!(self.verdict, Some(Verdict::Violation(_)));
        is_proven && self.is_compliant_now() && !self.was_done && !self.was_not_there
    }

    /// A call answered success and the hole still shows: AWS's reads may lag.
    pub(super) fn seems_stale(&self) -> bool {
        self.may_lag && self.failure.is_none() && self.is_violation()
    }

    /// Notes the answer to a call that ran for this evaluation, or for this one among others.
    pub(super) fn record(&mut self, call: &F::Action, answer: &Result<Applied, ApplyError>, at: Timestamp) {
        let Some(mine) = self.left.steps.iter().find_map(|step| step.within(call)) else { return };
        let mut record = step_record(&mine, &self.region);
        self.was_seen_since &= matches!(answer, Ok(Applied { is_rehearsal: true, .. }));
        match answer {
            Ok(Applied { is_rehearsal: true, .. }) => {}
            Ok(applied) => {
                record.request_id.clone_from(&applied.request_id);
                record.answer = Some("done".to_owned());
                self.was_done = true;
                self.done.push(mine.clone());
                self.may_lag = true;
                self.contained = self.contained.or(Some(at));
            }
            Err(error) => {
                record.answer = Some(error.to_string());
                match error {
                    ApplyError::NotThere { .. } => {
                        // The call looks at what is there; a read that still shows it is behind.
                        self.was_not_there = true;
                        self.may_lag = true;
                    }
                    ApplyError::Denied { .. } | ApplyError::Refused { .. } => self.fail(&record.action, error, true),
                    ApplyError::Transient { .. } | ApplyError::NotYet { .. } | ApplyError::Changed { .. } => {
                        self.fail(&record.action, error, false);
                    }
                }
            }
        }
        self.steps.push(record);
    }

    fn fail(&mut self, action: &str, error: &ApplyError, is_final: bool) {
        self.failure = Some(ApplyFailure { why: format!("cannot {action}: {error}"), is_final });
    }

    #[expect(clippy::too_many_arguments, reason = "a finding brings together what the whole pipeline knows")]
    pub(super) fn finding(
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
            _ => policy.severity(self.about(), found),
        };
        let is_stuck = self.failure.as_ref().is_some_and(|failure| failure.is_final);
        let mut reasons = verdict.reasons();
        reasons.append(&mut self.notes);
        if let (Verdict::Violation(_), Some(latest)) = (&verdict, self.after.as_ref().or(self.state.as_ref())) {
            reasons.extend(self.guardrail.remarks(latest));
        }
        let is_shown = self.detail == Detail::Whole;
        let json =
            |state: Option<&F::State>| state.filter(|_| is_shown).and_then(|state| serde_json::to_value(state).ok());
        Finding {
            id,
            thread: id,
            stack: None,
            exempted_by: self.exemption_key,
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
            times: Times { event: event.time, received, contained: self.contained, verified: self.verified },
            also: Vec::new(),
            notified_by: None,
            remedy: Remedy {
                steps: self.done.iter().filter_map(|step| serde_json::to_value(step).ok()).collect(),
                ..Remedy::default()
            },
        }
    }
}

/// Whether `call` does what `step` does, alone or among other things.
fn covers<A: Action>(call: &A, step: &Step<A>) -> bool {
    let mut whole = call.clone();
    whole.absorb(&step.apply) && whole == *call
}

pub(super) fn step_record<A: Action>(step: &Step<A>, region: &str) -> StepRecord {
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
