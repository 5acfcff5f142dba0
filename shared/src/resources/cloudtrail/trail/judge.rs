//! What the guardrails of trails have in common: which trails can be changed here.

use super::state::{Now, Trail, View};
use crate::engine::arn::arn_part;
use crate::engine::guardrail::Terms;

pub(super) const IDS: &[&str] = &["arn:%:cloudtrail:%:%:trail/%"];

/// The trail, where it is there.
pub(super) fn standing(trail: &Trail) -> Option<&View> {
    match &trail.now {
        Now::Stands(view) => Some(view),
        Now::Replaced { .. } | Now::Gone => None,
    }
}

/// Why this account cannot change it; none where it can.
pub(super) fn out_of_reach(trail: &Trail, terms: &Terms<'_>) -> Option<&'static str> {
    let is_ours = arn_part(&trail.arn, 4).is_none_or(|owner| owner == terms.place.account);
    (!is_ours).then_some("it is another account's: only that account can change it")
}

/// Why more than starting it is not tried; none where it is.
pub(super) fn not_rewritten(trail: &Trail, terms: &Terms<'_>) -> Option<&'static str> {
    let views = [standing(trail), trail.before.known()];
    let is_of_organization = views.into_iter().flatten().any(View::is_of_organization);
    let organization = "it is an organization's: changing it needs permissions for AWS Organizations";
    out_of_reach(trail, terms).or(is_of_organization.then_some(organization))
}

/// A sentence, and why nothing is planned where that is so.
pub(super) fn with_reason(sentence: String, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("{sentence}; {reason}"),
        None => sentence,
    }
}
