//! Whether a finding names a resource: Security Hub and Parapet do not write every id alike.

use crate::engine::arn::arn_part;
use crate::engine::observed::Resource;

/// What Security Hub writes where the account itself is the resource, before its id.
pub(super) const ACCOUNT: &str = "AWS::::Account:";

/// Whether `asked`, the id of a resource in a finding, names `resource`. ARNs are compared part by part: one may leave out account and region, which the
/// other has, and what belongs to the resource is named with it: a user's keys, a function's versions, a load balancer's listeners. An account names
/// everything of its that the control's guardrails look at: its settings, and its trails where it should have one.
#[must_use]
pub fn is_named(asked: &str, resource: &Resource) -> bool {
    if let Some(account) = asked.strip_prefix(ACCOUNT) {
        return arn_part(&resource.id, 4).is_none_or(|own| own == account);
    }
    if asked == resource.id || asked == resource.name {
        return true;
    }
    let parts = |index: usize| (arn_part(asked, index), arn_part(&resource.id, index));
    let is_same = |index: usize| matches!(parts(index), (Some(theirs), Some(ours)) if theirs == ours);
    let is_alike = |index: usize| !matches!(parts(index), (Some(theirs), Some(ours)) if theirs != ours);
    let is_it = || matches!(parts(5), (Some(theirs), Some(ours)) if belongs(ours, theirs));
    is_same(1) && is_same(2) && is_alike(3) && is_alike(4) && is_it()
}

/// Whether `ours` is `theirs` or belongs to it, by the last parts of their ARNs.
fn belongs(ours: &str, theirs: &str) -> bool {
    // CloudWatch Logs writes a log group with its streams.
    let theirs = theirs.strip_suffix(":*").unwrap_or(theirs);
    let of_it = |rest: &str| rest.is_empty() || rest.starts_with("/access-key/") || rest.starts_with(':');
    let listens = || {
        let (balancer, listener) = (theirs.strip_prefix("loadbalancer/")?, ours.strip_prefix("listener/")?);
        listener.strip_prefix(balancer)
    };
    ours.strip_prefix(theirs).is_some_and(of_it) || listens().is_some_and(|rest| rest.starts_with('/'))
}
