//! Exemptions that cover nothing, everything, or for too long.

use crate::policy::warnings::lists::Holds;
use crate::policy::warnings::shape::{could_be_about, is_everything, meets, resource_ids};
use crate::policy::warnings::{Entry, Found, quoted};
use crate::policy::{AccountId, Exemption, LONGEST_DAYS, Policy, Until};
use jiff::{SignedDuration, Timestamp};

pub(super) fn warnings(policy: &Policy, now: Timestamp) -> Vec<Found> {
    let list = Entry::of(["exemptions"]);
    let all = policy.exemptions.iter().enumerate();
    all.flat_map(|(at, exemption)| {
        let entry = list.item(at);
        let earlier = policy.exemptions.iter().take(at).position(|other| other.is_about_the_same(exemption));
        let twice = earlier.map(|earlier| {
            (
                entry.clone(),
                format!("is about the same as `exemptions[{earlier}]`: whichever ends later holds, keep one of them"),
            )
        });
        [resource(exemption, &entry), actor(exemption, &entry), end(exemption, &entry, now), twice]
    })
    .flatten()
    .collect()
}

fn resource(exemption: &Exemption, entry: &Entry) -> Option<Found> {
    let guardrail = exemption.guardrail.as_str();
    let (pattern, account) = (exemption.resource.as_str(), exemption.account.as_ref().map(AccountId::as_str));
    let is_for_all = exemption.actor.as_deref().is_none_or(is_everything);
    let says = if is_everything(pattern) && is_for_all {
        let which = account
            .map_or("every resource of every account".to_owned(), |id| format!("every resource of account {id}"));
        format!(
            "`{pattern}` exempts {which} from `{guardrail}`: name a resource or an `actor`, or set the guardrail's `mode`"
        )
    } else if is_planned(pattern) || could_be_about(pattern, guardrail, account) {
        return None;
    } else if let Some(account) = account.filter(|_| could_be_about(pattern, guardrail, None)) {
        format!("`{pattern}` is not of account {account}, which the exemption names: it covers nothing")
    } else {
        let forms: Vec<String> = resource_ids(guardrail).iter().map(|shape| shape.replace('%', "*")).collect();
        format!(
            "`{pattern}` is no id of a resource of `{guardrail}`: it covers nothing; ids look like {}",
            quoted(&forms)
        )
    };
    Some((entry.key("resource"), says))
}

/// A resource of a template or of a plan, which `parapet check` names by its logical id or its address.
fn is_planned(pattern: &str) -> bool {
    let is_word =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-*?".contains(c));
    let is_logical_id = pattern.starts_with(|c: char| c.is_ascii_alphabetic() || c == '*')
        && pattern.chars().all(|c| c.is_ascii_alphanumeric() || "*?".contains(c));
    let mut parts = pattern.split('.').map(|part| part.split('[').next().unwrap_or_default());
    let is_address = pattern.contains('.') && !pattern.starts_with("arn:") && parts.all(is_word);
    is_logical_id || is_address
}

fn actor(exemption: &Exemption, entry: &Entry) -> Option<Found> {
    let pattern = exemption.actor.as_deref()?;
    let entry = entry.key("actor");
    if is_everything(pattern) {
        return Some((
            entry,
            format!("`{pattern}` matches every principal: leave `actor` out, or name a user or a role"),
        ));
    }
    // A session is matched by its role, whatever its caller named it.
    let is_session = pattern.contains(":assumed-role/");
    let way_out = if is_session {
        "a session's name is its caller's choice and is not matched: name the role, as `arn:aws:iam::ACCOUNT:role/NAME`"
    } else {
        "the ARN of a user or a role is expected"
    };
    (!Holds::CALLERS.iter().any(|form| meets(pattern, form)))
        .then(|| (entry, format!("`{pattern}` matches no principal: {way_out}")))
}

fn end(exemption: &Exemption, entry: &Entry, now: Timestamp) -> Option<Found> {
    let (resource, owner, expires) = (&exemption.resource, exemption.owner.as_str(), exemption.expires);
    let latest = Until::Moment(now).day().saturating_add(SignedDuration::from_hours(24 * LONGEST_DAYS));
    let says = if exemption.has_expired(now) {
        format!("the exemption of `{resource}` ({owner}) expired on {expires} and no longer holds")
    } else if expires.day() > latest {
        format!(
            "{expires} is more than {LONGEST_DAYS} days away: an exemption that is not reviewed for a year is \
                 forgotten; renew it each year"
        )
    } else {
        return None;
    };
    Some((entry.key("expires"), says))
}
