//! Snapshots: with whom they are shared.

use super::state::{Share, Snapshot, SnapshotCall, SnapshotRef, is_support};
use super::{DESCRIBE_SNAPSHOTS, RedshiftSnapshots};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::redshift::client::Redshift;
use aws_sdk_redshift::operation::authorize_snapshot_access::builders::AuthorizeSnapshotAccessFluentBuilder;
use aws_sdk_redshift::operation::revoke_snapshot_access::builders::RevokeSnapshotAccessFluentBuilder;
use aws_sdk_redshift::types::{AccountWithRestoreAccess, Snapshot as Described};

/// Only manual snapshots can be shared.
const MANUAL: &str = "manual";

impl Observe<RedshiftSnapshots> for Redshift {
    async fn observe(&self, key: &SnapshotRef, _: ReadDepth) -> Result<Observed<Snapshot>, ReadError> {
        let call = self.client.describe_cluster_snapshots().cluster_identifier(&key.cluster);
        match call.snapshot_identifier(&key.id).send().await {
            Ok(answer) => {
                let found = the_one(key, answer.snapshots.unwrap_or_default());
                Ok(found.map_or(Observed::Absent, Observed::Known))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_SNAPSHOTS.action),
        }
    }
}

/// Of all that are listed, the one that was asked for: with a cluster's identifier beside it, an answer may hold the automated snapshots of that cluster, too.
fn the_one(key: &SnapshotRef, listed: Vec<Described>) -> Option<Snapshot> {
    listed.into_iter().filter_map(snapshot).find(|found| found.snapshot == *key)
}

/// One without its names is none.
fn snapshot(described: Described) -> Option<Snapshot> {
    let snapshot = SnapshotRef { cluster: described.cluster_identifier?, id: described.snapshot_identifier? };
    let is_other = |access: &AccountWithRestoreAccess| !access.account_alias().is_some_and(is_support);
    let accounts = described.accounts_with_restore_access.unwrap_or_default();
    let accounts = accounts.into_iter().filter(is_other).filter_map(|access| access.account_id);
    let shares = accounts.map(|account| Share { account, in_question: true }).collect();
    Some(Snapshot { snapshot, shares })
}

impl Apply<SnapshotCall> for Redshift {
    async fn apply(&self, action: &SnapshotCall) -> Result<Applied, ApplyError> {
        match action {
            SnapshotCall::Revoke(_) => done(self.revoke(action).send().await, action.permission()),
            SnapshotCall::Authorize(_) => done(self.authorize(action).send().await, action.permission()),
        }
    }
}

impl Redshift {
    fn revoke(&self, action: &SnapshotCall) -> RevokeSnapshotAccessFluentBuilder {
        let restore = action.restore();
        let call = self.client.revoke_snapshot_access().snapshot_identifier(&restore.snapshot.id);
        call.snapshot_cluster_identifier(&restore.snapshot.cluster).account_with_restore_access(&restore.account)
    }

    fn authorize(&self, action: &SnapshotCall) -> AuthorizeSnapshotAccessFluentBuilder {
        let restore = action.restore();
        let call = self.client.authorize_snapshot_access().snapshot_identifier(&restore.snapshot.id);
        call.snapshot_cluster_identifier(&restore.snapshot.cluster).account_with_restore_access(&restore.account)
    }
}

impl List<RedshiftSnapshots> for Redshift {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<RedshiftSnapshots>>, ReadError> {
        let call = self.client.describe_cluster_snapshots().snapshot_type(MANUAL);
        match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => {
                let listed = answer.snapshots.unwrap_or_default().into_iter().filter_map(snapshot);
                let found = listed.map(|seen| (seen.snapshot.clone(), Observed::Known(seen))).collect();
                Ok(Observed::Known(Page { found, next: answer.marker }))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_SNAPSHOTS.action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::redshift::client::tests::unsent;
    use crate::resources::redshift::snapshot::state::Restore;

    #[test]
    fn a_snapshot_as_it_is_described() {
        let access = |id: &str, alias: Option<&str>| {
            AccountWithRestoreAccess::builder().account_id(id).set_account_alias(alias.map(str::to_owned)).build()
        };
        let described = Described::builder().snapshot_identifier("nightly").cluster_identifier("orders");
        let support = access("000000000001", Some("amazon-redshift-support"));
        let described = described.accounts_with_restore_access(access("999988887777", None));
        let seen = snapshot(described.accounts_with_restore_access(support).build()).unwrap();
        assert_eq!(seen.shares, [Share { account: "999988887777".to_owned(), in_question: true }]);
        assert!(snapshot(Described::builder().snapshot_identifier("nightly").build()).is_none());
        let listed = |id: &str| Described::builder().snapshot_identifier(id).cluster_identifier("orders").build();
        let key = SnapshotRef { cluster: "orders".to_owned(), id: "nightly".to_owned() };
        let found = the_one(&key, vec![listed("rs:orders-1"), listed("nightly")]);
        assert_eq!(found.map(|found| found.snapshot), Some(key));
    }

    #[test]
    fn exactly_this_account_is_taken_away_and_brought_back() {
        let snapshot = SnapshotRef { cluster: "orders".to_owned(), id: "nightly".to_owned() };
        let restore = Restore { snapshot, account: "999988887777".to_owned() };
        let call = unsent().revoke(&SnapshotCall::Revoke(restore.clone()));
        assert_eq!(call.get_snapshot_identifier().as_deref(), Some("nightly"));
        assert_eq!(call.get_account_with_restore_access().as_deref(), Some("999988887777"));
        let call = unsent().authorize(&SnapshotCall::Authorize(restore));
        assert_eq!(call.get_snapshot_cluster_identifier().as_deref(), Some("orders"));
        assert_eq!(call.get_account_with_restore_access().as_deref(), Some("999988887777"));
    }
}
