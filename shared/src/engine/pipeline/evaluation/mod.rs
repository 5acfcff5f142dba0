//! One guardrail's view of one resource while an event is handled.

mod finding;
mod outcome;
mod progress;

pub(super) use finding::step_record;
pub(super) use progress::{Restraint, Suppression};

use super::Detail;
use crate::engine::erased::{AnyAction, AnyGuardrail, AnyState};
use crate::engine::family::ReadDepth;
use crate::engine::finding::StepRecord;
use crate::engine::guardrail::{About, Class, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, ApplyError, Plan, Step};
use crate::engine::verdict::Verdict;
use crate::policy::Mode;
use jiff::Timestamp;
use progress::{Failure, Progress};

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

/// What a look showed last.
struct Latest {
    verdict: Verdict,
    by: Source,
}

/// What the latest verdict is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The record's own word.
    Record,
    /// What a read or a listing showed.
    Look,
    /// There is no such resource.
    Absence,
}

pub(super) struct Evaluation {
    guardrail: AnyGuardrail,
    pub(super) mode: Mode,
    /// How much its finding says.
    pub(super) detail: Detail,
    /// Where the resource is, for the commands.
    region: String,
    class_is_allowed: bool,
    /// The resource's id, as it was known when exemptions were looked for.
    pub(super) resource: String,
    /// What keeps it from acting, where something does.
    pub(super) restraint: Option<Restraint>,
    /// The first answer; a later look replaces it only when it was undetermined.
    pub(super) verdict: Option<Verdict>,
    /// The latest answer.
    latest: Option<Latest>,
    /// The state behind `verdict`.
    pub(super) state: Option<AnyState>,
    /// The state on looking again.
    pub(super) after: Option<AnyState>,
    /// The state of the latest look that showed nothing wrong.
    looked: Option<AnyState>,
    /// What would close what is open now.
    pub(super) plan: Plan<AnyAction>,
    /// The calls of the plan that were not made yet.
    left: Plan<AnyAction>,
    /// The state that the plan was computed from.
    basis: Option<AnyState>,
    /// The calls that were made, or would be.
    steps: Vec<StepRecord>,
    progress: Progress<AnyAction>,
    notes: Vec<String>,
    /// When it was seen closed.
    verified: Option<Timestamp>,
}

impl Evaluation {
    pub(super) fn new(guardrail: AnyGuardrail, mode: Mode, class_is_allowed: bool, region: &str) -> Self {
        Self {
            guardrail,
            mode,
            detail: Detail::Whole,
            region: region.to_owned(),
            class_is_allowed,
            resource: String::new(),
            restraint: None,
            verdict: None,
            latest: None,
            state: None,
            after: None,
            looked: None,
            plan: Plan::default(),
            left: Plan::default(),
            basis: None,
            steps: Vec::new(),
            progress: Progress::Judged,
            notes: Vec::new(),
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
        match self.now() {
            Some(Verdict::Violation(violation)) => violation.evidence.iter().map(|e| e.element.as_str()).collect(),
            Some(Verdict::Compliant | Verdict::Undetermined { .. }) | None => Vec::new(),
        }
    }

    /// Judges what was seen through `lens`. `again` is the time of a look after the first one.
    pub(super) fn see(&mut self, seen: &Observed<AnyState>, terms: &Terms<'_>, lens: Lens, again: Option<Timestamp>) {
        if self.is_settled_compliant() {
            return;
        }
        let by = match (seen, lens) {
            (_, Lens::Record) => Source::Record,
            (Observed::Absent, Lens::Listing | Lens::Read(_)) => Source::Absence,
            (Observed::Known(_) | Observed::Unknown { .. }, Lens::Listing | Lens::Read(_)) => Source::Look,
        };
        let verdict = match seen {
            Observed::Known(state) => self.guardrail.judge(state, terms),
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        };
        if again.is_some() {
            self.progress.looked();
            self.after = seen.known().cloned();
        }
        if let (Verdict::Violation(violation), Observed::Known(state)) = (&verdict, seen) {
            self.plan = self.guardrail.plan(state, violation, terms);
            self.left = self.plan.clone();
            self.basis = Some(state.clone());
            if self.progress.applied().is_none() {
                self.state = Some(state.clone());
            }
        }
        match (&self.verdict, &verdict) {
            (Some(Verdict::Violation(_)), Verdict::Compliant) => {
                self.verified = again;
                self.looked = seen.known().cloned();
            }
            (Some(Verdict::Violation(_)), _) => {}
            (None | Some(Verdict::Compliant | Verdict::Undetermined { .. }), _) => {
                self.verdict = Some(verdict.clone());
                self.state = seen.known().cloned().or(self.state.take());
            }
        }
        self.latest = Some(Latest { verdict, by });
    }

    /// Whether this state is enough for the guardrail: it shows that nothing is wrong, or what to do.
    pub(super) fn is_enough(&self, state: &AnyState, terms: &Terms<'_>) -> bool {
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
    pub(super) fn would_overwrite(&self, state: &AnyState, terms: &Terms<'_>) -> bool {
        let Verdict::Violation(violation) = self.guardrail.judge(state, terms) else { return false };
        self.is_enforced() && !self.guardrail.plan(state, &violation, terms).may_trust_a_record()
    }

    /// Whether no objection is left in this state.
    pub(super) fn complies(&self, state: &AnyState, terms: &Terms<'_>) -> bool {
        self.guardrail.judge(state, terms) == Verdict::Compliant
    }

    fn is_settled_compliant(&self) -> bool {
        self.verdict == Some(Verdict::Compliant)
    }

    /// The latest answer.
    fn now(&self) -> Option<&Verdict> {
        self.latest.as_ref().map(|latest| &latest.verdict)
    }

    fn is_gone(&self) -> bool {
        self.latest.as_ref().is_some_and(|latest| latest.by == Source::Absence)
    }

    pub(super) fn is_violation(&self) -> bool {
        matches!(self.now(), Some(Verdict::Violation(_)))
    }

    /// Whether its plan may run now.
    pub(super) fn may_act(&self) -> bool {
        self.wants_to_act() && !self.waits_for_a_read()
    }

    fn wants_to_act(&self) -> bool {
        self.is_enforced()
            && self.restraint.is_none()
            && self.is_violation()
            && self.progress.failure().is_none()
            && !self.left.steps.is_empty()
    }

    /// Whether its plan may not run on what the record proves.
    pub(super) fn waits_for_a_read(&self) -> bool {
        self.latest.as_ref().is_some_and(|latest| latest.by == Source::Record)
            && self.wants_to_act()
            && !self.left.may_trust_a_record()
    }

    /// The calls that are still to be made; none after one that failed.
    pub(super) fn left(&self) -> Plan<AnyAction> {
        if self.progress.failure().is_some() { Plan::default() } else { self.left.clone() }
    }

    /// The state that `call` was computed from, where it is one of this evaluation's.
    pub(super) fn basis_of(&self, call: &AnyAction) -> Option<&AnyState> {
        self.basis.as_ref().filter(|_| self.left.steps.iter().any(|step| covers(call, step)))
    }

    /// Takes down that `call` was made, in whatever parts, and is not to be made again.
    pub(super) fn is_over(&mut self, call: &AnyAction) {
        self.left.steps.retain(|step| !covers(call, step));
    }

    /// Whether a call was made for it.
    pub(super) fn was_called(&self) -> bool {
        !self.steps.is_empty()
    }

    /// Notes that another caller changes the resource each time that it is looked at.
    pub(super) fn give_up(&mut self) {
        let why = "another caller changed it each time between the read and the call".to_owned();
        self.progress.fail(Failure::Final(format!("not closed: {why}")));
    }

    /// Whether its plan is to be shown and was not run.
    pub(super) fn is_notify_only(&self) -> bool {
        self.is_violation() && self.steps.is_empty()
    }

    /// Whether a closer look would show more than `lens` did: what the record or a quick read left open, and whether
    /// what will only be notified still stands.
    pub(super) fn wants_a_look(&self, lens: Lens) -> bool {
        if matches!(self.restraint, Some(Restraint::Exempt { .. })) || self.about().class == Class::R0 {
            return false;
        }
        match (self.now(), lens) {
            (Some(Verdict::Undetermined { .. }), Lens::Record | Lens::Listing | Lens::Read(ReadDepth::Quick))
            | (Some(Verdict::Violation(_)), Lens::Record) => true,
            // A listing is a look of this moment: what is only notified needs no closer one.
            (Some(Verdict::Violation(_)), Lens::Listing) => self.may_act(),
            (Some(_), _) | (None, _) => false,
        }
    }

    /// Whether the latest look shows nothing wrong.
    pub(super) fn is_compliant_now(&self) -> bool {
        matches!(self.now(), Some(Verdict::Compliant))
    }

    /// Exempts it, or suspends it by what is ordered now. An exemption stays, and so does what keeps it from acting where
    /// nothing is ordered.
    pub(super) fn suppress(&mut self, suppression: Option<Suppression>) {
        self.restraint = match (self.restraint.take(), suppression) {
            (exempt @ Some(Restraint::Exempt { .. }), _) => exempt,
            (_, Some(suppression)) => Some(Restraint::Suppressed(suppression)),
            (Some(Restraint::Suppressed(_)), None) => None,
            (other @ (Some(Restraint::Waiting(_) | Restraint::TooLarge) | None), None) => other,
        };
    }

    /// The record proves a hole that a look does not show, and nothing was done: AWS's reads may lag, or another caller was faster.
    pub(super) fn is_behind(&self) -> bool {
        let is_proven = matches!(self.verdict, Some(Verdict::Violation(_)));
        is_proven && self.is_compliant_now() && self.progress.effect().is_none()
    }

    /// A call answered success and the hole still shows: AWS's reads may lag.
    pub(super) fn seems_stale(&self) -> bool {
        matches!(self.progress, Progress::Called { .. }) && self.is_violation()
    }

    /// Notes the answer to a call that ran for this evaluation, or for this one among others.
    pub(super) fn record(&mut self, call: &AnyAction, answer: &Result<Applied, ApplyError>, at: Timestamp) {
        let Some(mine) = self.left.steps.iter().find_map(|step| step.within(call)) else { return };
        let mut record = step_record(&mine, &self.region);
        match answer {
            Ok(Applied { is_rehearsal: true, .. }) => {}
            Ok(applied) => {
                record.request_id.clone_from(&applied.request_id);
                record.answer = Some("done".to_owned());
            }
            Err(error) => record.answer = Some(error.to_string()),
        }
        self.progress.advance(&record.action, &mine, answer, at);
        self.steps.push(record);
    }
}

/// Whether `call` does what `step` does, alone or among other things.
fn covers(call: &AnyAction, step: &Step<AnyAction>) -> bool {
    let mut whole = call.clone();
    whole.absorb(&step.apply) && whole == *call
}
