//! What the guardrails on shared snapshots and images have in common.

use super::{Entries, Grantee, Shareable, Shared, SharingAction};
use crate::engine::guardrail::Terms;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::ec2::security_group::admin_port_open::verdict;

/// Whether it is shared with everyone.
pub(crate) fn judge_public(shared: &Shared, severity: Severity) -> Verdict {
    let grants = shared.grants.iter().filter(|grant| grant.in_question && grant.to == Grantee::Everyone);
    let evidence = grants.map(|grant| Evidence {
        element: grant.to.element(),
        why: format!("`{}` is public: {}", shared.id, reach(shared.what, "any AWS account")),
    });
    verdict(severity, evidence.collect(), unread(shared))
}

/// Whether it is shared with an account that policy does not trust.
pub(crate) fn judge_untrusted(shared: &Shared, severity: Severity, terms: &Terms<'_>) -> Verdict {
    // The list that would have to name the grantee, and does not.
    let lacking = |grantee: &Grantee| match grantee {
        Grantee::Account(id) => (!terms.trusts(id)).then_some("trusted_accounts"),
        Grantee::Organization(_) | Grantee::Unit(_) => {
            let is_trusted = grantee.organization_id().is_some_and(|id| terms.trusts_organization(id));
            (!is_trusted).then_some("trusted_organizations")
        }
        // Another guardrail's business.
        Grantee::Everyone => None,
    };
    let grants = shared.grants.iter().filter(|grant| grant.in_question);
    let evidence = grants.filter_map(|grant| {
        let list = lacking(&grant.to)?;
        let reach = reach(shared.what, "unknown");
        let why = format!("`{}` is shared with {}, which is not among `{list}`: {reach}", shared.id, grant.to);
        Some(Evidence { element: grant.to.element(), why })
    });
    verdict(severity, evidence.collect(), unread(shared))
}

fn unread(shared: &Shared) -> Option<String> {
    shared.unread.first().map(|what| format!("`{}` is shared with a grantee of an unknown kind: {what}", shared.id))
}

/// What that means, and what taking the permission away does not undo ("Share an Amazon EBS snapshot", EBS user guide).
fn reach(what: Shareable, who: &str) -> String {
    let (means, whose) = match what {
        Shareable::Snapshot => ("make volumes and copies of it", "of the snapshot"),
        Shareable::Image => ("launch it and copy it", "of the snapshots behind it"),
    };
    format!(
        "{who} can {means}. Copies may exist already and stay: look for the service events `SharedSnapshotVolumeCreated` \
         and `SharedSnapshotCopyInitiated` {whose}"
    )
}

/// One call that removes exactly the permissions that the evidence names, and the call that adds them again.
pub(crate) fn unshare(shared: &Shared, violation: &Violation) -> Plan<SharingAction> {
    let named = |grantee: &&Grantee| violation.evidence.iter().any(|evidence| evidence.element == grantee.element());
    let grantees: Vec<_> = shared.grants.iter().map(|grant| &grant.to).filter(named).cloned().collect();
    if grantees.is_empty() {
        return Plan::default();
    }
    let entries = Entries { what: shared.what, id: shared.id.clone(), grantees };
    Plan::one(SharingAction::Unshare(entries.clone()), SharingAction::Share(entries))
}
