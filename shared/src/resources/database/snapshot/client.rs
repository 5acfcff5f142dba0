//! Snapshots: with whom they are shared.

use super::state::{DbSnapshot, SnapshotAction, SnapshotOf, SnapshotRef};
use super::{
    DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES, DESCRIBE_DB_CLUSTER_SNAPSHOTS, DESCRIBE_DB_SNAPSHOT_ATTRIBUTES,
    DESCRIBE_DB_SNAPSHOTS,
};
use super::{DbSnapshots, RESTORE};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::client::{Cursor, Rds};
use aws_sdk_rds::operation::RequestId;
use aws_sdk_rds::operation::modify_db_cluster_snapshot_attribute::builders::ModifyDBClusterSnapshotAttributeFluentBuilder;
use aws_sdk_rds::operation::modify_db_snapshot_attribute::builders::ModifyDBSnapshotAttributeFluentBuilder;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all of its other callers.
const AT_ONCE: usize = 8;

/// Only manual snapshots can be shared.
const MANUAL: &str = "manual";

impl Observe<DbSnapshots> for Rds {
    async fn observe(&self, key: &SnapshotRef, _: ReadDepth) -> Result<Observed<DbSnapshot>, ReadError> {
        let restore = match key.of {
            SnapshotOf::Instance => {
                let call = self.client.describe_db_snapshot_attributes().db_snapshot_identifier(&key.id);
                let answer = match call.send().await {
                    Ok(answer) => answer,
                    Err(error) => return failure(&error).of_read(DESCRIBE_DB_SNAPSHOT_ATTRIBUTES.action),
                };
                let listed = answer.db_snapshot_attributes_result.and_then(|result| result.db_snapshot_attributes);
                listed.map(|listed| {
                    restore(listed.into_iter().map(|listed| (listed.attribute_name, listed.attribute_values)))
                })
            }
            SnapshotOf::Cluster => {
                let call = self.client.describe_db_cluster_snapshot_attributes();
                let answer = match call.db_cluster_snapshot_identifier(&key.id).send().await {
                    Ok(answer) => answer,
                    Err(error) => return failure(&error).of_read(DESCRIBE_DB_CLUSTER_SNAPSHOT_ATTRIBUTES.action),
                };
                let result = answer.db_cluster_snapshot_attributes_result;
                let listed = result.and_then(|result| result.db_cluster_snapshot_attributes);
                listed.map(|listed| {
                    restore(listed.into_iter().map(|listed| (listed.attribute_name, listed.attribute_values)))
                })
            }
        };
        Ok(match restore {
            Some(values) => Observed::Known(DbSnapshot::shared_with(key.clone(), values.iter().map(String::as_str))),
            None => Observed::Unknown { why: format!("the answer about {key} lists no attributes") },
        })
    }
}

/// The values of the attribute `restore`; a snapshot that does not list it is not shared.
fn restore(listed: impl Iterator<Item = (Option<String>, Option<Vec<String>>)>) -> Vec<String> {
    let mut listed = listed.filter(|(name, _)| name.as_deref() == Some(RESTORE));
    listed.next().and_then(|(_, values)| values).unwrap_or_default()
}

impl Apply<SnapshotAction> for Rds {
    async fn apply(&self, action: &SnapshotAction) -> Result<Applied, ApplyError> {
        let request_id = match action.sharing().snapshot.of {
            SnapshotOf::Instance => {
                let answer = self.modify_snapshot(action).send().await;
                answer.map(|answer| answer.request_id().map(str::to_owned)).map_err(|error| failure(&error))
            }
            SnapshotOf::Cluster => {
                let answer = self.modify_cluster_snapshot(action).send().await;
                answer.map(|answer| answer.request_id().map(str::to_owned)).map_err(|error| failure(&error))
            }
        };
        request_id
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

impl Rds {
    fn modify_snapshot(&self, action: &SnapshotAction) -> ModifyDBSnapshotAttributeFluentBuilder {
        let (add, remove) = values(action);
        let call = self.client.modify_db_snapshot_attribute().attribute_name(RESTORE);
        let call = call.db_snapshot_identifier(&action.sharing().snapshot.id);
        call.set_values_to_add(add).set_values_to_remove(remove)
    }

    fn modify_cluster_snapshot(&self, action: &SnapshotAction) -> ModifyDBClusterSnapshotAttributeFluentBuilder {
        let (add, remove) = values(action);
        let call = self.client.modify_db_cluster_snapshot_attribute().attribute_name(RESTORE);
        let call = call.db_cluster_snapshot_identifier(&action.sharing().snapshot.id);
        call.set_values_to_add(add).set_values_to_remove(remove)
    }
}

/// What is added, and what is removed: one of them.
fn values(action: &SnapshotAction) -> (Option<Vec<String>>, Option<Vec<String>>) {
    let values = Some(action.sharing().with.iter().map(|with| with.value().to_owned()).collect());
    match action {
        SnapshotAction::Share(_) => (values, None),
        SnapshotAction::Unshare(_) => (None, values),
    }
}

impl List<DbSnapshots> for Rds {
    /// The listings do not show with whom a snapshot is shared: one read each. Instances' snapshots first, then clusters'.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<DbSnapshots>>, ReadError> {
        let cursor = Cursor::read(from);
        let (of, ids, next) = match cursor {
            Cursor::First(marker) => {
                let call = self.client.describe_db_snapshots().snapshot_type(MANUAL).set_marker(marker);
                let answer = match call.send().await {
                    Ok(answer) => answer,
                    Err(error) => return failure(&error).of_read(DESCRIBE_DB_SNAPSHOTS.action),
                };
                let listed = answer.db_snapshots.unwrap_or_default();
                let ids: Vec<_> = listed.into_iter().filter_map(|listed| listed.db_snapshot_identifier).collect();
                (SnapshotOf::Instance, ids, Some(Cursor::after_first(answer.marker)))
            }
            Cursor::Second(marker) => {
                let call = self.client.describe_db_cluster_snapshots().snapshot_type(MANUAL).set_marker(marker);
                let answer = match call.send().await {
                    Ok(answer) => answer,
                    Err(error) => return failure(&error).of_read(DESCRIBE_DB_CLUSTER_SNAPSHOTS.action),
                };
                let listed = answer.db_cluster_snapshots.unwrap_or_default();
                let ids = listed.into_iter().filter_map(|listed| listed.db_cluster_snapshot_identifier).collect();
                (SnapshotOf::Cluster, ids, answer.marker.map(|marker| Cursor::Second(Some(marker))))
            }
        };
        let read = |id: String| async move {
            let key = SnapshotRef { of, id };
            let seen = Observe::<DbSnapshots>::observe(self, &key, ReadDepth::Full).await?;
            Ok((key, seen))
        };
        let found = stream::iter(ids).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: next.map(|next| next.to_string()) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::database::client::tests::unsent;
    use crate::resources::database::snapshot::state::{Restorer, Sharing};

    #[test]
    fn the_values_of_restore_and_of_no_other_attribute() {
        let attribute = |name: &str, value: &str| (Some(name.to_owned()), Some(vec![value.to_owned()]));
        let listed = [attribute("another", "all"), attribute(RESTORE, "444455556666")];
        assert_eq!(restore(listed.into_iter()), ["444455556666"]);
        assert!(restore([(Some(RESTORE.to_owned()), None)].into_iter()).is_empty());
        assert!(restore(std::iter::empty()).is_empty());
    }

    #[test]
    fn exactly_these_values_are_taken_away_and_brought_back() {
        let sharing = |of| Sharing {
            snapshot: SnapshotRef { of, id: "orders".to_owned() },
            with: vec![Restorer::Everybody, Restorer::Account("444455556666".to_owned())],
        };
        let both = || Some(vec!["all".to_owned(), "444455556666".to_owned()]);
        let call = unsent().modify_cluster_snapshot(&SnapshotAction::Unshare(sharing(SnapshotOf::Cluster)));
        assert_eq!(call.get_db_cluster_snapshot_identifier().as_deref(), Some("orders"));
        assert_eq!(call.get_attribute_name().as_deref(), Some(RESTORE));
        assert_eq!((call.get_values_to_remove(), call.get_values_to_add()), (&both(), &None));
        let call = unsent().modify_snapshot(&SnapshotAction::Share(sharing(SnapshotOf::Instance)));
        assert_eq!(call.get_db_snapshot_identifier().as_deref(), Some("orders"));
        assert_eq!((call.get_values_to_remove(), call.get_values_to_add()), (&None, &both()));
    }
}
