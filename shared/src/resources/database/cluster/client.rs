//! DB clusters: deletion protection.

use super::{ClusterRef, DESCRIBE_DB_CLUSTERS, DbClusters};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::database::client::Rds;
use crate::resources::database::protection::Protected;
use aws_sdk_rds::operation::RequestId;
use aws_sdk_rds::operation::modify_db_cluster::builders::ModifyDBClusterFluentBuilder;
use aws_sdk_rds::types::DbCluster as Described;

impl Observe<DbClusters> for Rds {
    async fn observe(&self, key: &ClusterRef, _: ReadDepth) -> Result<Observed<Protected<ClusterRef>>, ReadError> {
        match self.client.describe_db_clusters().db_cluster_identifier(&key.id).send().await {
            Ok(answer) => {
                let found = answer.db_clusters.unwrap_or_default().into_iter().find_map(cluster);
                Ok(found.map_or(Observed::Absent, |(_, seen)| seen))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
        }
    }
}

/// One without an identifier is none.
fn cluster(described: Described) -> Option<(ClusterRef, Observed<Protected<ClusterRef>>)> {
    let key = ClusterRef { id: described.db_cluster_identifier? };
    let seen = match described.deletion_protection {
        Some(is_on) => Observed::Known(Protected {
            is_being_deleted: described.status.as_deref() == Some("deleting"),
            ..Protected::switched(key.clone(), is_on)
        }),
        None => Observed::Unknown { why: format!("the response about {key} does not show whether it is protected") },
    };
    Some((key, seen))
}

impl Apply<Set<DbClusters>> for Rds {
    /// Without `ApplyImmediately`: turning it is done at once all the same, and what is pending stays pending.
    async fn apply(&self, action: &Set<DbClusters>) -> Result<Applied, ApplyError> {
        match self.modify_cluster(action).send().await {
            Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl Rds {
    fn modify_cluster(&self, action: &Set<DbClusters>) -> ModifyDBClusterFluentBuilder {
        let call = self.client.modify_db_cluster().db_cluster_identifier(&action.subject().id);
        call.deletion_protection(action.value())
    }
}

impl List<DbClusters> for Rds {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<DbClusters>>, ReadError> {
        match self.client.describe_db_clusters().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => {
                let found = answer.db_clusters.unwrap_or_default().into_iter().filter_map(cluster).collect();
                Ok(Observed::Known(Page { found, next: answer.marker }))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::database::client::tests::unsent;

    #[test]
    fn a_cluster_as_it_is_described() {
        let described =
            Described::builder().db_cluster_identifier("shop").status("deleting").deletion_protection(false);
        let (key, seen) = cluster(described.build()).unwrap();
        assert_eq!(key.id, "shop");
        assert!(seen.known().is_some_and(|seen| !seen.is_on && seen.is_being_deleted));
        let (_, unsaid) = cluster(Described::builder().db_cluster_identifier("shop").build()).unwrap();
        assert!(matches!(unsaid, Observed::Unknown { .. }), "nothing said is not `no`");
    }

    #[test]
    fn the_switch_alone_is_turned() {
        let call = unsent().modify_cluster(&Set::to(ClusterRef { id: "shop".to_owned() }, true).unwrap());
        assert_eq!(call.get_db_cluster_identifier().as_deref(), Some("shop"));
        assert_eq!((call.get_deletion_protection(), call.get_apply_immediately()), (&Some(true), &None));
    }
}
