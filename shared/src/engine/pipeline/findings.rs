//! Which guardrails an event is a case of, and what is said of each in the end.

use super::evaluation::Evaluation;
use super::fold::fold;
use super::pipe::Pipe;
use super::{Detail, Retry};
use crate::engine::erased::{AnyGuardrail, AnyTarget};
use crate::engine::finding::{Finding, finding_id};
use crate::engine::guardrail::{About, Terms};
use crate::engine::observed::{Place, Resource};
use crate::engine::span::Span;
use crate::engine::verdict::{Verdict, VerdictKind};
use crate::policy::Mode;

impl Pipe<'_> {
    pub(super) fn terms(&self) -> Terms<'_> {
        Terms { policy: &self.context.rules.policy, place: &self.place, own: self.context.rules.own() }
    }

    fn mode(&self, about: &About) -> Mode {
        let rules = self.context.rules;
        let policy = &rules.policy;
        let mode = policy.mode(about, &self.event.account, rules.fallback);
        let mode = match policy.defaults.cloudformation {
            Some(most) if self.event.actor.is_cloudformation() => mode.min(most),
            _ => mode,
        };
        let mode = match policy.defaults.sweep {
            Some(most) if self.is_sweep => mode.min(most),
            _ => mode,
        };
        let waits = self.is_sweep && rules.orders.unreadable.is_some();
        if rules.broken_policy.is_some() || waits { mode.min(Mode::Notify) } else { mode }
    }

    fn is_asked(&self, about: &About) -> bool {
        match self.only {
            Some(names) => names.contains(&about.name),
            None => self.is_sweep || self.is_trigger(about),
        }
    }

    /// The guardrails of the family that are on, and that the event does not ask.
    pub(super) fn others(&self) -> impl Iterator<Item = AnyGuardrail> {
        let guardrails = self.family.guardrails().into_iter();
        guardrails.filter(|guardrail| !self.is_asked(guardrail.about()) && self.mode(guardrail.about()) != Mode::Off)
    }

    pub(super) fn evaluations(&self) -> Vec<Evaluation> {
        let rules = self.context.rules;
        let guardrails = self.family.guardrails();
        guardrails
            .into_iter()
            .filter(|guardrail| self.is_asked(guardrail.about()))
            .map(|guardrail| {
                let about = guardrail.about();
                Evaluation::new(guardrail, self.mode(about), rules.policy.allows(about), &self.place.region)
            })
            .filter(|evaluation| evaluation.mode != Mode::Off)
            .map(|mut evaluation| {
                evaluation.detail = self.detail;
                evaluation.warn(rules.caveat(self.is_sweep));
                evaluation
            })
            .collect()
    }

    fn is_trigger(&self, about: &About) -> bool {
        about.triggers.iter().any(|name| self.event.name.starts_with(name))
    }

    pub(super) fn findings(
        &self,
        target: &AnyTarget,
        evaluations: Vec<Evaluation>,
        retry: Option<&Retry>,
        is_pending: bool,
    ) -> Vec<Finding> {
        let mut findings: Vec<Finding> = evaluations
            .into_iter()
            // A sweep sees everything, and only says what is wrong; who asks about one resource is answered.
            .filter(|evaluation| {
                let is_answered = !self.is_sweep || self.only.is_some();
                (is_answered && self.detail != Detail::Answers) || evaluation.verdict != Some(Verdict::Compliant)
            })
            .map(|evaluation| {
                let resource = self.family.resource(&target.key, evaluation.state.as_ref(), &self.place);
                let shown = evaluation.after.as_ref().or(evaluation.state.as_ref());
                let stack = shown.and_then(|state| self.family.stack(state));
                let mut finding = self.finding(evaluation, resource, retry);
                finding.stack = stack;
                if self.detail == Detail::Whole {
                    finding.remedy.kind = self.family.kind().into();
                    match serde_json::to_value(target) {
                        Ok(target) => finding.remedy.target = target,
                        Err(error) => finding.reasons.push(format!(
                            "`parapet undo` cannot undo this: the resource's name cannot be written as JSON: {error}"
                        )),
                    }
                }
                if is_pending && finding.verdict == VerdictKind::Violation {
                    // What is said while an event is put off is said once, and does not stand for what will come of it.
                    finding.id = finding_id(
                        &format!("{}\npending", self.event.id),
                        finding.guardrail.name,
                        &finding.resource.id,
                    );
                } else if self.is_sweep {
                    finding.id = super::sweep::id(&finding);
                    finding.thread = finding.id;
                }
                finding
            })
            .collect();
        fold(&mut findings);
        findings
    }

    fn finding(&self, evaluation: Evaluation, resource: Resource, retry: Option<&Retry>) -> Finding {
        let id = finding_id(&self.event.id, evaluation.about().name, &resource.id);
        let policy = &self.context.rules.policy;
        let mut finding =
            evaluation.finding(id, resource, self.place.clone(), self.event, self.received, policy, retry);
        finding.is_counted = finding.verdict == VerdictKind::Violation && self.family.counter(self.event).is_some();
        finding
    }

    pub(super) fn unlocatable(&self, why: &str) -> Vec<Finding> {
        let Place { partition, account, region } = &self.place;
        let id = &self.event.id;
        let resource = Resource {
            id: format!("arn:{partition}:cloudtrail:{region}:{account}:event/{id}"),
            kind: "Other",
            name: id.clone(),
        };
        self.undetermined(&resource, why)
    }

    /// That nothing could be read of what a span is about.
    pub(super) fn about_span(&self, span: &Span, why: &str) -> Vec<Finding> {
        span.resource(&self.place).map_or_else(|| self.unlocatable(why), |resource| self.undetermined(&resource, why))
    }

    fn undetermined(&self, resource: &Resource, why: &str) -> Vec<Finding> {
        let undetermined = Verdict::Undetermined { why: why.to_owned() };
        let mut findings: Vec<Finding> = self
            .evaluations()
            .into_iter()
            .map(|mut evaluation| {
                evaluation.verdict = Some(undetermined.clone());
                self.finding(evaluation, resource.clone(), None)
            })
            .collect();
        fold(&mut findings);
        findings
    }
}
