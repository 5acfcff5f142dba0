//! DB-01: no snapshot of a database can be restored by everybody.

use super::state::{DbSnapshot, Restorer, Sharing, SnapshotAction};
use super::state::{MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct DbSnapshotPublic;

static ABOUT: About = About {
    name: "db-snapshot-public",
    catalogue_id: "DB-01",
    title: "DB snapshot is public",
    description: "The attribute `restore` of a manual snapshot of a DB instance or DB cluster (RDS, Aurora, \
        DocumentDB, Neptune) contains `all`: every AWS account can copy it and keep the copy. Accounts that are \
        named individually belong to `db-snapshot-shared-with-untrusted`.",
    severity: Severity::Critical,
    class: Class::R1,
    // Security Hub user guide, "Amazon RDS controls", "Amazon DocumentDB controls", "Neptune controls".
    controls: &[
        "RDS.1",
        "DocumentDB.3",
        "Neptune.3",
        "IAM Access Analyzer AWS::RDS::DBClusterSnapshot",
        "IAM Access Analyzer AWS::RDS::DBSnapshot",
    ],
    technique: "T1537",
    triggers: &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"],
    remediation: "Removes `all` from the attribute `restore`; accounts that are named are not changed. Copies that \
        were already made remain.",
    actions: &[MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<DbSnapshot, SnapshotAction> for DbSnapshotPublic {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, snapshot: &DbSnapshot, _: &Terms<'_>) -> Verdict {
        let public = snapshot.in_question().filter(|with| **with == Restorer::Everybody);
        violation(ABOUT.severity, public, |_| format!("every AWS account may restore {}", snapshot.snapshot))
    }

    fn plan(&self, snapshot: &DbSnapshot, violation: &Violation, _: &Terms<'_>) -> Plan<SnapshotAction> {
        unshare(snapshot, violation)
    }
}

/// A violation by these, if there are any.
pub(crate) fn violation<'a>(
    severity: Severity,
    restorers: impl Iterator<Item = &'a Restorer>,
    why: impl Fn(&Restorer) -> String,
) -> Verdict {
    let evidence: Vec<_> = restorers.map(|with| Evidence { element: with.element(), why: why(with) }).collect();
    if evidence.is_empty() { Verdict::Compliant } else { Verdict::Violation(Violation { severity, evidence }) }
}

/// One call that removes exactly those that the evidence names.
pub(crate) fn unshare(snapshot: &DbSnapshot, violation: &Violation) -> Plan<SnapshotAction> {
    let is_named = |with: &Restorer| violation.evidence.iter().any(|evidence| evidence.element == with.element());
    let with: Vec<_> = snapshot.shares.iter().map(|share| share.with.clone()).filter(is_named).collect();
    if with.is_empty() {
        return Plan::default();
    }
    let sharing = Sharing { snapshot: snapshot.snapshot.clone(), with };
    Plan::one(SnapshotAction::Unshare(sharing.clone()), SnapshotAction::Share(sharing))
}
