//! Parapet itself: LOG-12 and LOG-13.
//!
//! What its parts should be stands in [`manifest`], which `make generate` writes from the template: a function carries it, so that neither what is deployed
//! now nor a copy that can be edited says what is right. Which resource is which part follows from its name, as CloudFormation makes it.
//!
//! A deployment is known by what AWS itself writes into the record: CloudFormation (`invokedBy`), for the role that the stack's parameter `DeployRole` names. The
//! record of such a call has no stack id: that the resource is this stack's follows from its name. Changes to rules, targets, functions and roles are notified
//! even then, and not changed back: a new version has another manifest. CloudFormation on behalf of any other role is a caller like all others, as soon as
//! `DeployRole` is set: any principal that may create stacks can import a rule into one of its own.
//!
//! The function does not exclude its own role: see [`Family::hears_itself`](crate::engine::family::Family::hears_itself).

pub mod concurrency;
pub mod function_changed;
pub mod manifest;
pub mod part_changed;
pub mod role_changed;
pub mod rule;

pub use concurrency::ConcurrencyLimits;
pub use function_changed::FunctionChanges;
pub use part_changed::PartChanges;
pub use role_changed::RoleChanges;
pub use rule::EventRules;

use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::guardrail::Terms;
use crate::engine::notice::Noticed;
use crate::engine::own::Stack;
use crate::resources::callers::callers;
use manifest::MANIFEST;

/// The mark of a call that CloudFormation made, among those by whom a record says that it was made.
const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

/// The stack that the function belongs to, where the resource is in the same account.
pub(crate) fn stack_here<'a>(terms: &Terms<'a>) -> Option<&'a Stack> {
    let is_here = |arn: &String| arn_part(arn, 4) == Some(terms.place.account.as_str());
    terms.own.stack.filter(|_| terms.own.roles.first().is_some_and(is_here))
}

/// Which part of Parapet is called so, by its logical id.
pub(crate) fn part(name: &str, terms: &Terms<'_>) -> Option<&'static str> {
    MANIFEST.part(stack_here(terms)?, name)
}

/// By whom the record says that the call was made: the caller's ARNs, and a mark where CloudFormation made it.
pub(crate) fn made_by(event: &Event) -> Vec<String> {
    let through = event.actor.is_cloudformation().then(|| CLOUDFORMATION.to_owned());
    callers(event).into_iter().chain(through).collect()
}

/// What a record shows of a resource, with a mark where CloudFormation made the call.
pub(crate) fn noticed(event: &Event, arn: &str, element: &str, what: &str) -> Noticed {
    let caller = event.actor.role.as_deref().or(event.actor.arn.as_deref()).unwrap_or("an unknown principal");
    let through = if event.actor.is_cloudformation() { " through CloudFormation" } else { "" };
    let why = format!("{what} by `{caller}`{through} (`{}`)", event.name);
    Noticed { by: made_by(event), ..Noticed::of(event, arn).sign(element, Some(why)) }
}

/// Whether the stack's own deployment made the change: CloudFormation, for the role that the stack names. None where the stack names none: then it is not
/// known whose deployment it was.
fn deployment(by: &[String], terms: &Terms<'_>) -> Option<bool> {
    let is_cloudformation = by.iter().any(|by| by == CLOUDFORMATION);
    match stack_here(terms).and_then(|stack| stack.deploy_role.as_ref()) {
        _ if !is_cloudformation => Some(false),
        Some(role) => Some(by.contains(role)),
        None => None,
    }
}

/// Whether the change passes without a notification.
pub(crate) fn is_deployed(seen: &Noticed, terms: &Terms<'_>) -> bool {
    deployment(&seen.by, terms) == Some(true)
}

/// Whether a change that is notified is not changed back: what may be a deployment is not fought.
pub(crate) fn may_be_deployed(by: &[String], terms: &Terms<'_>) -> bool {
    deployment(by, terms) != Some(false)
}

/// Any ARN, or a name that stands for `arn:…:{service}:{region}:{account}:{before}{name}`.
pub(crate) fn arn_of(event: &Event, service: &str, region: &str, before: &str, named: &str) -> String {
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    format!("arn:{}:{service}:{region}:{}:{before}{named}", event.partition(), event.account)
}
