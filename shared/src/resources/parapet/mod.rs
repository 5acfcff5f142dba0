//! Parapet itself: LOG-12 and LOG-13.
//!
//! What its parts should be stands in [`manifest`], which `make generate` writes from the template: a function carries it, so that neither what is deployed
//! now nor a copy that can be edited says what is right. Which resource is which part follows from its name, as CloudFormation makes it.
//!
//! Whoever changes a part is told apart by what AWS writes into the record: CloudFormation (`invokedBy`), by the role that the stack names. The record of
//! such a call has no stack id: that the resource is this stack's follows from its name, and CloudFormation changes a resource of a stack for that stack alone.
//! Changes to rules, targets, functions and roles are notified even then, and not changed back: a new version has another manifest.
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
use manifest::MANIFEST;

/// The mark of a call that CloudFormation made, among those by whom a record says that it was made.
pub(crate) const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

/// The stack that the function belongs to, where the resource is in the same account.
pub(crate) fn stack_here<'a>(terms: &Terms<'a>) -> Option<&'a Stack> {
    let is_here = |arn: &String| arn_part(arn, 4) == Some(terms.place.account.as_str());
    terms.own.stack.filter(|_| terms.own.roles.first().is_some_and(is_here))
}

/// Which part of Parapet is called so, by its logical id.
pub(crate) fn part(name: &str, terms: &Terms<'_>) -> Option<&'static str> {
    MANIFEST.part(stack_here(terms)?, name)
}

/// What a record shows of a resource, with a mark where CloudFormation made the call.
pub(crate) fn noticed(event: &Event, arn: &str, element: &str, what: &str) -> Noticed {
    let caller = event.actor.role.as_deref().or(event.actor.arn.as_deref()).unwrap_or("an unknown principal");
    let through = if event.actor.is_cloudformation() { " through CloudFormation" } else { "" };
    let why = format!("{what} by `{caller}`{through} (`{}`)", event.name);
    let mut seen = Noticed::of(event, arn).sign(element, Some(why));
    seen.by.extend(event.actor.is_cloudformation().then(|| CLOUDFORMATION.to_owned()));
    seen
}

/// Whether the stack's own deployment made the change: CloudFormation, for the role that the stack names.
pub(crate) fn is_deployed(seen: &Noticed, terms: &Terms<'_>) -> bool {
    let role = stack_here(terms).and_then(|stack| stack.deploy_role.as_ref());
    seen.by.iter().any(|by| by == CLOUDFORMATION) && role.is_some_and(|role| seen.by.contains(role))
}

/// Any ARN, or a name that stands for `arn:…:{service}:{region}:{account}:{before}{name}`.
pub(crate) fn arn_of(event: &Event, service: &str, region: &str, before: &str, named: &str) -> String {
    if named.starts_with("arn:") {
        return named.to_owned();
    }
    format!("arn:{}:{service}:{region}:{}:{before}{named}", event.partition(), event.account)
}
