//! What a finding may say in the end.

use super::progress::{Effect, Look, Progress};
use super::{Evaluation, Restraint, Suppression};
use crate::engine::finding::Outcome;
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::Mode;

impl Evaluation {
    /// What is true now, and the sentence that says why it is no more than that.
    pub(super) fn outcome(&mut self, verdict: &Verdict, is_deletion: bool) -> Outcome {
        let is_gone = self.is_gone() && !is_deletion;
        let violation = match verdict {
            Verdict::Violation(violation) => violation,
            Verdict::Compliant if is_gone => {
                self.notes.push("the resource no longer exists".to_owned());
                return Outcome::Gone;
            }
            Verdict::Compliant => return Outcome::AlreadyCompliant,
            // What is exempt is not read, so the record may leave the answer open.
            Verdict::Undetermined { .. } => return self.exempt().unwrap_or(Outcome::Notified),
        };
        if let Some(exempt) = self.exempt() {
            return exempt;
        }
        if self.is_compliant_now() && self.progress.applied().is_none() {
            // Another caller closed it; that this function may not is a finding all the same.
            self.notes.extend(self.progress.failure().map(|failure| failure.why().to_owned()));
            if is_gone {
                self.notes.push("the resource no longer exists".to_owned());
                return Outcome::Gone;
            }
            self.notes.push("already closed when it was read".to_owned());
            return Outcome::AlreadyCompliant;
        }
        match &self.restraint {
            Some(Restraint::Suppressed(Suppression::BreakerOpen(why))) => {
                self.notes.push(format!("not acted on: {why}"));
                return Outcome::BreakerOpen;
            }
            Some(Restraint::Suppressed(Suppression::Flapping(why))) => {
                self.notes.push(format!("not acted on: {why}"));
                return Outcome::Flapping;
            }
            Some(Restraint::Waiting(why)) => {
                self.notes.push(why.clone());
                return Outcome::Notified;
            }
            // What was done before the plan grew too large is what counts.
            Some(Restraint::Exempt { .. } | Restraint::TooLarge) | None => {}
        }
        match &self.progress {
            Progress::Failed { failure, effect } => {
                self.notes.push(failure.why().to_owned());
                if matches!(effect, Some(Effect::Applied { .. })) { Outcome::Partial } else { Outcome::Failed }
            }
            Progress::Called { look: Look::Taken, .. } => self.outcome_of_acting(violation),
            Progress::Called { look: Look::Pending, .. } => self.outcome_of_unverified(),
            Progress::Judged => self.outcome_of_not_acting(),
        }
    }

    /// The outcome of what an exemption covers.
    fn exempt(&mut self) -> Option<Outcome> {
        let Some(Restraint::Exempt { sentence, .. }) = &self.restraint else { return None };
        self.notes.push(sentence.clone());
        Some(Outcome::Exempt)
    }

    fn outcome_of_acting(&mut self, violation: &Violation) -> Outcome {
        match self.latest.as_ref().map(|latest| &latest.verdict) {
            Some(Verdict::Compliant) => Outcome::Remediated,
            Some(Verdict::Violation(left)) => {
                let still = |evidence: &&Evidence| left.evidence.iter().any(|e| e.element == evidence.element);
                let open = violation.evidence.iter().filter(still).count();
                self.notes.push("still open after verification".to_owned());
                if open < violation.evidence.len() { Outcome::Partial } else { Outcome::Failed }
            }
            Some(Verdict::Undetermined { why }) => {
                self.notes.push(format!("the call answered success, but verification was not possible: {why}"));
                Outcome::Partial
            }
            None => self.outcome_of_unverified(),
        }
    }

    fn outcome_of_unverified(&mut self) -> Outcome {
        self.notes.push("the call was made and is not verified yet".to_owned());
        Outcome::Partial
    }

    fn outcome_of_not_acting(&mut self) -> Outcome {
        // What the record proves stands; why a look showed no more is for a person to mend.
        if let Some(Verdict::Undetermined { why }) = self.latest.as_ref().map(|latest| &latest.verdict) {
            self.notes.push(format!("it could not be read: {why}"));
        }
        if matches!(self.restraint, Some(Restraint::TooLarge)) {
            let most = crate::engine::plan::MAX_ELEMENTS;
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
        } else if let (Mode::Enforce, Some(Verdict::Undetermined { why })) = (self.mode, self.now()) {
            self.notes.push(format!("not acted on: a closer look was not possible: {why}"));
        }
        Outcome::Notified
    }
}
