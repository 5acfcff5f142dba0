//! A family and its guardrails.

use super::{AnyAction, AnyKey, AnyState};
use crate::engine::event::Event;
use crate::engine::family::{Counter, Elsewhere, Family, ReadDepth, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::{About, Guardrail, Terms};
use crate::engine::holder::Holder;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::plan::{Action, Plan, Step};
use crate::engine::span::Span;
use crate::engine::verdict::{Verdict, Violation};
use serde_json::Value;
use std::time::Duration;

/// A resource that an event is about, of whichever family.
pub(crate) type AnyTarget = Target<AnyKey, AnyState>;

/// A target, with its types hidden.
pub(crate) fn hide<F: Family>(target: TargetOf<F>) -> AnyTarget {
    let Target { key, proven, changed } = target;
    Target { key: AnyKey::new(key), proven: proven.map(AnyState::new), changed }
}

fn shown<F: Family>(target: &AnyTarget) -> TargetOf<F> {
    Target {
        key: target.key.of::<F::Key>().clone(),
        proven: target.proven.as_ref().map(|state| state.of::<F::State>().clone()),
        changed: target.changed.clone(),
    }
}

/// A guardrail whose types only its family knows.
trait Judges: Send + Sync {
    fn about(&self) -> &'static About;
    fn judge(&self, state: &AnyState, terms: &Terms<'_>) -> Verdict;
    fn plan(&self, state: &AnyState, violation: &Violation, terms: &Terms<'_>) -> Plan<AnyAction>;
    fn remarks(&self, state: &AnyState) -> Vec<String>;
}

impl<S: Send + Sync + 'static, A: Action + 'static> Judges for &'static dyn Guardrail<S, A> {
    fn about(&self) -> &'static About {
        (**self).about()
    }

    fn judge(&self, state: &AnyState, terms: &Terms<'_>) -> Verdict {
        (**self).judge(state.of(), terms)
    }

    fn plan(&self, state: &AnyState, violation: &Violation, terms: &Terms<'_>) -> Plan<AnyAction> {
        AnyAction::plan((**self).plan(state.of(), violation, terms))
    }

    fn remarks(&self, state: &AnyState) -> Vec<String> {
        (**self).remarks(state.of())
    }
}

/// A guardrail of whichever family; see [`Guardrail`] for what its methods do.
pub(crate) struct AnyGuardrail(Box<dyn Judges>);

impl AnyGuardrail {
    pub(crate) fn about(&self) -> &'static About {
        self.0.about()
    }

    pub(crate) fn judge(&self, state: &AnyState, terms: &Terms<'_>) -> Verdict {
        self.0.judge(state, terms)
    }

    pub(crate) fn plan(&self, state: &AnyState, violation: &Violation, terms: &Terms<'_>) -> Plan<AnyAction> {
        self.0.plan(state, violation, terms)
    }

    pub(crate) fn remarks(&self, state: &AnyState) -> Vec<String> {
        self.0.remarks(state)
    }
}

/// What the pipeline asks a family; see [`Family`] for what each method does.
pub(crate) trait AnyFamily: Send + Sync {
    fn kind(&self) -> &'static str;
    fn hears_itself(&self) -> bool;
    fn hears_failures(&self) -> bool;
    fn counter(&self, event: &Event) -> Option<Counter>;
    fn counted(&self, target: &mut AnyTarget, count: Observed<u64>);
    fn guardrails(&self) -> Vec<AnyGuardrail>;
    fn locate(&self, event: &Event) -> Result<Vec<AnyTarget>, Unlocatable>;
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable>;
    fn holder(&self, key: &AnyKey) -> Option<Holder>;
    fn under(&self, key: &AnyKey, name: &str) -> AnyKey;
    fn focus(&self, state: &mut AnyState, target: &AnyTarget);
    fn memory(&self, key: &AnyKey) -> Option<String>;
    fn recalls(&self, key: &AnyKey) -> bool;
    fn recall(&self, target: &mut AnyTarget, kept: Observed<AnyState>);
    fn looks_ahead(&self, target: &AnyTarget, depth: ReadDepth) -> Option<ReadDepth>;
    fn lag(&self) -> &'static [Duration];
    fn stack(&self, state: &AnyState) -> Option<String>;
    fn heirs(&self, state: &AnyState) -> Vec<AnyKey>;
    fn content(&self, state: &AnyState) -> Value;
    fn writes(&self, call: &AnyAction) -> Option<Value>;
    fn part(&self, call: &AnyAction, state: &AnyState) -> (String, Value);
    fn windows(&self, key: &AnyKey) -> Option<String>;
    fn written(&self, event: &Event, target: &AnyTarget) -> Option<Written<AnyAction>>;
    fn elsewhere(&self, call: &AnyAction) -> Option<Elsewhere<AnyAction>>;
    fn says(&self, event: &Event, target: &AnyTarget) -> Option<Value>;
    /// Whether the state's content is a document that is written whole.
    fn is_rewritable(&self, state: &AnyState) -> bool;
    fn absent(&self, key: &AnyKey) -> Option<AnyState>;
    fn when_gone(&self, key: &AnyKey) -> Option<AnyState>;
    fn resource(&self, key: &AnyKey, state: Option<&AnyState>, place: &Place) -> Resource;

    /// The key that JSON holds; the same for the others.
    fn key_from(&self, value: Value) -> serde_json::Result<AnyKey>;
    fn state_from(&self, value: Value) -> serde_json::Result<AnyState>;
    fn target_from(&self, value: Value) -> serde_json::Result<AnyTarget>;
    fn step_from(&self, value: Value) -> serde_json::Result<Step<AnyAction>>;
}

impl<F: Family> AnyFamily for F {
    fn kind(&self) -> &'static str {
        Family::kind(self)
    }

    fn hears_itself(&self) -> bool {
        Family::hears_itself(self)
    }

    fn hears_failures(&self) -> bool {
        Family::hears_failures(self)
    }

    fn counter(&self, event: &Event) -> Option<Counter> {
        Family::counter(self, event)
    }

    fn counted(&self, target: &mut AnyTarget, count: Observed<u64>) {
        let mut changed = shown::<F>(target);
        Family::counted(self, &mut changed, count);
        *target = hide::<F>(changed);
    }

    fn guardrails(&self) -> Vec<AnyGuardrail> {
        Family::guardrails(self).iter().map(|guardrail| AnyGuardrail(Box::new(*guardrail))).collect()
    }

    fn locate(&self, event: &Event) -> Result<Vec<AnyTarget>, Unlocatable> {
        Ok(Family::locate(self, event)?.into_iter().map(hide::<F>).collect())
    }

    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        Family::spans(self, event)
    }

    fn holder(&self, key: &AnyKey) -> Option<Holder> {
        Family::holder(self, key.of())
    }

    fn under(&self, key: &AnyKey, name: &str) -> AnyKey {
        AnyKey::new(Family::under(self, key.of(), name))
    }

    fn focus(&self, state: &mut AnyState, target: &AnyTarget) {
        Family::focus(self, state.of_mut(), &shown::<F>(target));
    }

    fn memory(&self, key: &AnyKey) -> Option<String> {
        Family::memory(self, key.of())
    }

    fn recalls(&self, key: &AnyKey) -> bool {
        Family::recalls(self, key.of())
    }

    fn recall(&self, target: &mut AnyTarget, kept: Observed<AnyState>) {
        let mut changed = shown::<F>(target);
        Family::recall(self, &mut changed, kept.map(AnyState::into_of));
        *target = hide::<F>(changed);
    }

    fn looks_ahead(&self, target: &AnyTarget, depth: ReadDepth) -> Option<ReadDepth> {
        Family::looks_ahead(self, &shown::<F>(target), depth)
    }

    fn lag(&self) -> &'static [Duration] {
        Family::lag(self)
    }

    fn stack(&self, state: &AnyState) -> Option<String> {
        Family::stack(self, state.of())
    }

    fn heirs(&self, state: &AnyState) -> Vec<AnyKey> {
        Family::heirs(self, state.of()).into_iter().map(AnyKey::new).collect()
    }

    fn content(&self, state: &AnyState) -> Value {
        Family::content(self, state.of())
    }

    fn writes(&self, call: &AnyAction) -> Option<Value> {
        Family::writes(self, call.of())
    }

    fn part(&self, call: &AnyAction, state: &AnyState) -> (String, Value) {
        Family::part(self, call.of(), state.of())
    }

    fn windows(&self, key: &AnyKey) -> Option<String> {
        Family::windows(self, key.of())
    }

    fn written(&self, event: &Event, target: &AnyTarget) -> Option<Written<AnyAction>> {
        let Written { part, content, again, anew } = Family::written(self, event, &shown::<F>(target))?;
        Some(Written { part, content, again: again.map(AnyAction::new), anew: anew.map(AnyAction::new) })
    }

    fn elsewhere(&self, call: &AnyAction) -> Option<Elsewhere<AnyAction>> {
        let Elsewhere { kind, about, again } = Family::elsewhere(self, call.of())?;
        Some(Elsewhere { kind, about, again: AnyAction::new(again) })
    }

    fn says(&self, event: &Event, target: &AnyTarget) -> Option<Value> {
        Family::says(self, event, &shown::<F>(target))
    }

    fn is_rewritable(&self, state: &AnyState) -> bool {
        Family::rewrites(self, state.of()).is_some()
    }

    fn absent(&self, key: &AnyKey) -> Option<AnyState> {
        Family::absent(self, key.of()).map(AnyState::new)
    }

    fn when_gone(&self, key: &AnyKey) -> Option<AnyState> {
        Family::when_gone(self, key.of()).map(AnyState::new)
    }

    fn resource(&self, key: &AnyKey, state: Option<&AnyState>, place: &Place) -> Resource {
        Family::resource(self, key.of(), state.map(AnyState::of), place)
    }

    fn key_from(&self, value: Value) -> serde_json::Result<AnyKey> {
        serde_json::from_value::<F::Key>(value).map(AnyKey::new)
    }

    fn state_from(&self, value: Value) -> serde_json::Result<AnyState> {
        serde_json::from_value::<F::State>(value).map(AnyState::new)
    }

    fn target_from(&self, value: Value) -> serde_json::Result<AnyTarget> {
        serde_json::from_value::<TargetOf<F>>(value).map(hide::<F>)
    }

    fn step_from(&self, value: Value) -> serde_json::Result<Step<AnyAction>> {
        serde_json::from_value::<Step<F::Action>>(value).map(AnyAction::step)
    }
}
