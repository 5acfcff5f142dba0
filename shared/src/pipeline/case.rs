//! One guardrail's view of one resource while an event is handled.

use crate::event::Event;
use crate::families::{Family, Glance};
use crate::finding::{Cause, Finding, Outcome, Remedy, StepRecord, Times};
use crate::guardrails::{About, Class, Guardrail, Terms};
use crate::model::{Observed, Place, Resource};
use crate::pipeline::Retry;
use crate::plan::{Action, Applied, ApplyError, Plan, Step, Undo};
use crate::policy::{Mode, Policy};
use crate::verdict::{Evidence, Verdict, Violation};
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
    Read(Glance),
}

/// Why a case only tells for now.
pub(super) struct Held {
    /// The circuit breaker is open; else flapping wins.
    pub(super) is_breaker: bool,
    pub(super) why: String,
}

pub(super) struct Case<F: Family> {
    guardrail: &'static dyn Guardrail<F::State, F::Action>,
    pub(super) mode: Mode,
    /// Where the resource is, for the commands.
    region: String,
    class_is_allowed: bool,
    /// The resource's id, as it was known when exemptions were looked for.
    pub(super) resource: String,
    pub(super) exemption: Option<String>,
    pub(super) exemption_key: Option<String>,
    pub(super) held: Option<Held>,
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

impl<F: Family> Case<F> {
    pub(super) fn new(
        guardrail: &'static dyn Guardrail<F::State, F::Action>,
        mode: Mode,
        class_is_allowed: bool,
        region: &str,
    ) -> Self {
        Self {
            guardrail,
            mode,
            region: region.to_owned(),
            class_is_allowed,
            resource: String::new(),
            exemption: None,
            exemption_key: None,
            held: None,
            waits: None,
            verdict: None,
            now: None,
            state: None,
            after: None,
            plan: Plan::default(),
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

    /// Judges what was seen. `again` is the time of a look after the first one.
    pub(super) fn see(&mut self, seen: &Observed<F::State>, terms: &Terms<'_>, again: Option<Timestamp>) {
        if self.is_settled_compliant() {
            return;
        }
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

    /// Whether this state tells the guardrail enough: that nothing is wrong, or what to do.
    pub(super) fn is_enough(&self, state: &F::State, terms: &Terms<'_>) -> bool {
        match self.guardrail.judge(state, terms) {
            Verdict::Compliant => true,
            Verdict::Violation(violation) => !self.guardrail.plan(state, &violation, terms).steps.is_empty(),
            Verdict::Undetermined { .. } => false,
        }
    }

    fn is_settled_compliant(&self) -> bool {
        self.verdict == Some(Verdict::Compliant)
    }

    pub(super) fn is_violation(&self) -> bool {
        matches!(self.now, Some(Verdict::Violation(_)))
    }

    /// Whether its plan may run now.
    pub(super) fn may_act(&self) -> bool {
        let is_held = self.exemption.is_some() || self.held.is_some() || self.waits.is_some();
        self.is_enforced()
            && !is_held
            && self.is_violation()
            && self.failure.is_none()
            && !self.plan.steps.is_empty()
            && !self.is_too_long
    }

    /// Whether its plan is to be shown and was not run.
    pub(super) fn is_only_told(&self) -> bool {
        self.is_violation() && self.steps.is_empty()
    }

    /// Whether a closer look would tell more than `lens` did: what the record or a quick glance left open, and whether
    /// what will only be told still stands.
    pub(super) fn wants_a_look(&self, lens: Lens) -> bool {
        if self.exemption.is_some() || self.about().class == Class::R0 {
            return false;
        }
        match (&self.now, lens) {
            (Some(Verdict::Undetermined { .. }), Lens::Record | Lens::Listing | Lens::Read(Glance::Quick))
            | (Some(Verdict::Violation(_)), Lens::Record) => true,
            // A listing is a look of this moment: what is only told needs no closer one.
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

    /// A call answered success and the hole still shows: AWS's reads may lag.
    pub(super) fn seems_stale(&self) -> bool {
        self.may_lag && self.failure.is_none() && self.is_violation()
    }

    /// Takes down the answer to a call that ran for this case, or for this one among others.
    pub(super) fn record(&mut self, call: &F::Action, answer: &Result<Applied, ApplyError>, at: Timestamp) {
        let Some(mine) = self.plan.steps.iter().find_map(|step| step.within(call)) else { return };
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
                    ApplyError::Transient { .. } | ApplyError::NotYet { .. } => {
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
            why: retry.map_or_else(|| "it was not looked at".to_owned(), |retry| retry.0.clone()),
        });
        let outcome = self.outcome(&verdict);
        let evidence = match &verdict {
            Verdict::Violation(violation) => violation.evidence.clone(),
            Verdict::Compliant | Verdict::Undetermined { .. } => Vec::new(),
        };
        let found = match &verdict {
            Verdict::Violation(violation) => violation.severity,
            Verdict::Undetermined { .. } => self.about().severity,
            Verdict::Compliant => crate::verdict::Severity::Informational,
        };
        let severity = policy.severity(self.about(), found);
        let is_stuck = self.failure.as_ref().is_some_and(|failure| failure.is_final);
        let mut reasons = verdict.reasons();
        reasons.append(&mut self.notes);
        if let (Verdict::Violation(_), Some(latest)) = (&verdict, self.after.as_ref().or(self.state.as_ref())) {
            reasons.extend(self.guardrail.remarks(latest));
        }
        let json = |state: Option<&F::State>| state.and_then(|state| serde_json::to_value(state).ok());
        Finding {
            id,
            thread: id,
            stack: None,
            exempted_by: self.exemption_key,
            guardrail: self.guardrail.about(),
            resource,
            place,
            cause: Cause::from(event),
            verdict: verdict.word(),
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
            told_by: None,
            remedy: Remedy {
                steps: self.done.iter().filter_map(|step| serde_json::to_value(step).ok()).collect(),
                ..Remedy::default()
            },
        }
    }

    /// What is true now, and the sentence that says why it is no more than that.
    fn outcome(&mut self, verdict: &Verdict) -> Outcome {
        let Verdict::Violation(violation) = verdict else { return Outcome::of_untouched(verdict) };
        if let Some(exemption) = &self.exemption {
            self.notes.push(exemption.clone());
            return Outcome::Exempt;
        }
        let is_closed = matches!(self.now, Some(Verdict::Compliant));
        if is_closed && !self.was_done {
            // Somebody else closed it; that this function may not is a finding all the same.
            self.notes.extend(self.failure.as_ref().map(|failure| failure.why.clone()));
            self.notes.push("closed already when looked at".to_owned());
            return Outcome::AlreadyCompliant;
        }
        if let Some(held) = &self.held {
            self.notes.push(format!("not acted on: {}", held.why));
            return if held.is_breaker { Outcome::BreakerOpen } else { Outcome::Feud };
        }
        if let Some(why) = self.waits.take() {
            self.notes.push(why);
            return Outcome::Notified;
        }
        if let Some(failure) = &self.failure {
            self.notes.push(failure.why.clone());
            return if self.was_done { Outcome::Partial } else { Outcome::Failed };
        }
        if self.was_done || self.was_not_there {
            return self.outcome_of_acting(violation);
        }
        self.outcome_of_not_acting()
    }

    fn outcome_of_acting(&mut self, violation: &Violation) -> Outcome {
        match self.now.as_ref().filter(|_| self.was_seen_since) {
            Some(Verdict::Compliant) => Outcome::Remediated,
            Some(Verdict::Violation(left)) => {
                let still = |evidence: &&Evidence| left.evidence.iter().any(|e| e.element == evidence.element);
                let open = violation.evidence.iter().filter(still).count();
                self.notes.push("still open on looking again".to_owned());
                if open < violation.evidence.len() { Outcome::Partial } else { Outcome::Failed }
            }
            Some(Verdict::Undetermined { why }) => {
                self.notes.push(format!("the call answered success, but looking again was not possible: {why}"));
                Outcome::Partial
            }
            None => {
                self.notes.push("the call was made, nobody has looked again yet".to_owned());
                Outcome::Partial
            }
        }
    }

    fn outcome_of_not_acting(&mut self) -> Outcome {
        // What the record proves stands; why a look told no more is for a person to mend.
        if let Some(Verdict::Undetermined { why }) = &self.now {
            self.notes.push(format!("it could not be looked at: {why}"));
        }
        if self.is_too_long {
            let most = crate::plan::MAX_ELEMENTS;
            self.notes.push(format!(
                "not acted on: the plan changes {} elements, more than the {most} that may be changed at once where no event made them",
                self.plan.elements()
            ));
            return Outcome::Skipped;
        }
        if self.mode == Mode::Enforce && self.plan.steps.is_empty() {
            self.notes.push(format!("not acted on: {}", self.about().remediation));
        } else if self.mode == Mode::Enforce && !self.class_is_allowed {
            let class = self.about().class;
            self.notes.push(format!("not acted on: the remediation is of class {class:?}, above `max_class`"));
        } else if let (Mode::Enforce, Some(Verdict::Undetermined { why })) = (self.mode, &self.now) {
            self.notes.push(format!("not acted on: a closer look was not possible: {why}"));
        }
        Outcome::Notified
    }
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

impl Outcome {
    /// The outcome of a case that was judged and not acted on.
    fn of_untouched(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Compliant => Self::AlreadyCompliant,
            Verdict::Violation(_) | Verdict::Undetermined { .. } => Self::Notified,
        }
    }
}
