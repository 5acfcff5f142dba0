//! DB-07: snapshots of Redshift clusters are shared with trusted accounts only.

use super::state::{REVOKE, Restore, Snapshot, SnapshotCall, element};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct RedshiftSnapshotShared;

static ABOUT: About = About {
    name: "redshift-snapshot-shared-with-untrusted",
    catalogue_id: "DB-07",
    title: "Redshift snapshot shared with untrusted account",
    description: "An account that is neither the owner nor among `trusted_accounts` may restore a manual snapshot of a provisioned cluster. Redshift shares snapshots with \
        accounts alone, not with organizations or with everyone. AWS Support, which is let in by its own name, complies.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["AuthorizeSnapshotAccess"],
    remediation: "Revokes the access of the untrusted accounts, each by a call of its own; all others keep theirs. Clusters that were already restored remain.",
    actions: &[REVOKE],
    ids: &["arn:%:redshift:%:%:snapshot:%/%"],
    not_watched: &[
        ("RevokeSnapshotAccess, DeleteClusterSnapshot", "they take access away"),
        ("CopyClusterSnapshot, CreateClusterSnapshot", "a snapshot that is made or copied is not shared"),
        (
            "AuthorizeDataShare, AuthorizeEndpointAccess",
            "data shares and endpoints of other accounts are other grants, which are not evaluated",
        ),
    ],
};

impl Guardrail<Snapshot, SnapshotCall> for RedshiftSnapshotShared {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, snapshot: &Snapshot, terms: &Terms<'_>) -> Verdict {
        let untrusted = snapshot.shares.iter().filter(|share| share.in_question && !terms.trusts(&share.account));
        let evidence: Vec<Evidence> = untrusted
            .map(|share| Evidence {
                element: element(&share.account),
                why: format!(
                    "account {}, which policy does not trust, may restore {}",
                    share.account, snapshot.snapshot
                ),
            })
            .collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, snapshot: &Snapshot, violation: &Violation, _: &Terms<'_>) -> Plan<SnapshotCall> {
        let is_named = |account: &str| violation.evidence.iter().any(|evidence| evidence.element == element(account));
        let step = |account: &str| {
            let restore = Restore { snapshot: snapshot.snapshot.clone(), account: account.to_owned() };
            let undo = Undo::Apply(SnapshotCall::Authorize(restore.clone()));
            Step { apply: SnapshotCall::Revoke(restore), undo }
        };
        let accounts = snapshot.shares.iter().map(|share| share.account.as_str());
        Plan { steps: accounts.filter(|account| is_named(account)).map(step).collect() }
    }
}
