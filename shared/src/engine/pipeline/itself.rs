//! Calls by Parapet's own role, for what guards Parapet itself: it knows its own by their requests, which the ledger has.
//!
//! A call by the role that the ledger does not have may be another's: another principal runs code as the function. Or the write was lost. Either is notified, and
//! nothing is changed: what Parapet has done would otherwise be what it undoes.

use super::{Context, Handled, Rules};
use crate::engine::erased::{AnyFamily, AnyMemory, AnyTarget};
use crate::engine::event::Event;
use crate::engine::guardrail::Terms;
use crate::engine::memory::NOTE;
use crate::engine::observed::Place;
use crate::engine::plan::Applied;
use crate::engine::verdict::{Severity, Verdict};
use crate::notify::Notice;

/// Under which name a request is noted.
fn name(place: &Place, request: &str) -> String {
    format!("{NOTE}call#{}#{}#{request}", place.account, place.region)
}

/// Notes the request of a call that was made, before its record can come. What is not noted is notified when it comes.
pub(super) async fn note(family: &dyn AnyFamily, memory: &dyn AnyMemory, place: &Place, applied: &Applied) {
    if let (true, Some(request)) = (family.hears_itself() && !applied.is_rehearsal, &applied.request_id) {
        let _ = memory.keep(&name(place, request), "\"made\"").await;
    }
}

/// Whether the call matters here. The function's own role calls nothing but what it guards, so that every call by it does. `operate` undoes what all
/// functions have done: what a judge objects to, or cannot judge, does.
fn is_in_question(family: &dyn AnyFamily, rules: &Rules, event: &Event, targets: &[AnyTarget]) -> bool {
    let place = super::place(event);
    let is_function = rules.own_roles.iter().skip(1).all(|other| event.actor.role.as_ref() != Some(other));
    let terms = Terms { policy: &rules.policy, place: &place, own: rules.own() };
    let is_compliant = |target: &AnyTarget| {
        let judged =
            |state| family.guardrails().iter().all(|guardrail| guardrail.judge(state, &terms) == Verdict::Compliant);
        target.proven.as_ref().is_some_and(judged)
    };
    !targets.is_empty() && (is_function || !targets.iter().all(is_compliant))
}

/// An event of the own role: nothing where it is the function's own call, else a notice.
pub(super) async fn handle(family: &dyn AnyFamily, context: Context<'_>, event: &Event) -> Handled {
    let located = family.locate(event);
    if located.as_ref().is_ok_and(|targets| !is_in_question(family, context.rules, event, targets)) {
        return Handled::default();
    }
    let why = match &event.request_id {
        None => "the record has no request id".to_owned(),
        Some(request) => match context.memory.recall(&name(&super::place(event), request)).await {
            Ok(Some(_)) => return Handled::default(),
            Ok(None) => format!("the ledger has no request `{request}` of Parapet's"),
            Err(error) => format!("whether request `{request}` was Parapet's is not known: {error}"),
        },
    };
    let role = event.actor.role.clone().unwrap_or_default();
    let notice = Notice {
        key: format!("{}\n{}", event.account, event.id),
        title: "A call by Parapet's own role is not one that Parapet made".to_owned(),
        subject: event.name.clone(),
        kind: "own-role-used",
        guardrail: "parapet",
        severity: Severity::Critical,
        account: event.account.clone(),
        region: event.region.clone(),
        says: vec![
            format!("`{}` ({}) was called by `{role}`, and {why}", event.name, event.source),
            "nothing was changed: the call may be Parapet's own, of which the note was lost".to_owned(),
        ],
        next: vec![
            "Look for the request in the function's log; where it is not there, another principal acts as this role"
                .to_owned(),
            "Compare the stack's rules and functions with its template (drift detection)".to_owned(),
        ],
    };
    Handled { notices: vec![notice], ..Handled::default() }
}
