//! DB-01: snapshots of databases are shared with trusted accounts only.

use super::public::{unshare, violation};
use super::state::{DbSnapshot, Restorer, SnapshotAction};
use super::state::{MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct DbSnapshotShared;

static ABOUT: About = About {
    name: "db-snapshot-shared-with-untrusted",
    catalogue_id: "DB-01",
    title: "DB snapshot shared with untrusted account",
    description: "The attribute `restore` of a manual snapshot of a DB instance or DB cluster (RDS, Aurora, \
        DocumentDB, Neptune) names an account that is neither the owner nor among `trusted_accounts`. RDS cannot \
        share snapshots with organisations. A public snapshot belongs to `db-snapshot-public`.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM Access Analyzer AWS::RDS::DBClusterSnapshot", "IAM Access Analyzer AWS::RDS::DBSnapshot"],
    technique: "T1537",
    triggers: &["ModifyDBSnapshotAttribute", "ModifyDBClusterSnapshotAttribute"],
    remediation: "Removes the untrusted accounts from the attribute `restore`; all others are not changed. Copies \
        that were already made remain.",
    actions: &[MODIFY_DB_CLUSTER_SNAPSHOT_ATTRIBUTE, MODIFY_DB_SNAPSHOT_ATTRIBUTE],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<DbSnapshot, SnapshotAction> for DbSnapshotShared {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, snapshot: &DbSnapshot, terms: &Terms<'_>) -> Verdict {
        let is_untrusted = |with: &&Restorer| match with {
            Restorer::Account(id) => !terms.trusts(id),
            Restorer::Everybody => false,
        };
        violation(ABOUT.severity, snapshot.in_question().filter(is_untrusted), |with| {
            format!("{with}, which policy does not trust, may restore {}", snapshot.snapshot)
        })
    }

    fn plan(&self, snapshot: &DbSnapshot, violation: &Violation, _: &Terms<'_>) -> Plan<SnapshotAction> {
        unshare(snapshot, violation)
    }
}
