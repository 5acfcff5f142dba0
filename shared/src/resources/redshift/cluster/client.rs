//! Clusters: public access.

use super::{Cluster, RedshiftClusters};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::redshift::client::Redshift;
use crate::resources::redshift::record::DESCRIBE_CLUSTERS;
use aws_sdk_redshift::operation::modify_cluster::builders::ModifyClusterFluentBuilder;
use aws_sdk_redshift::types::Cluster as Described;

impl Observe<RedshiftClusters> for Redshift {
    async fn observe(&self, id: &String, _: ReadDepth) -> Result<Observed<Cluster>, ReadError> {
        match self.client.describe_clusters().cluster_identifier(id).send().await {
            Ok(answer) => {
                let found = answer.clusters.unwrap_or_default().into_iter().find_map(cluster);
                Ok(found.map_or(Observed::Absent, Observed::Known))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_CLUSTERS.action),
        }
    }
}

/// One without an identifier is none.
fn cluster(described: Described) -> Option<Cluster> {
    let id = described.cluster_identifier?;
    let why = || format!("the response about `{id}` does not show whether it is publicly accessible");
    // What was asked for last counts: Redshift shows the old value until the change is in force.
    let pending = described.pending_modified_values.and_then(|pending| pending.publicly_accessible);
    let is_public = pending.or(described.publicly_accessible);
    Some(Cluster {
        is_public: is_public.map_or_else(|| Observed::Unknown { why: why() }, Observed::Known),
        is_being_deleted: matches!(described.cluster_status.as_deref(), Some("deleting" | "final-snapshot")),
        id,
    })
}

impl Apply<Set<RedshiftClusters>> for Redshift {
    async fn apply(&self, action: &Set<RedshiftClusters>) -> Result<Applied, ApplyError> {
        done(self.modify_cluster(action).send().await, action.permission())
    }
}

impl Redshift {
    /// Nothing but public access is named: everything else stays as it is.
    fn modify_cluster(&self, action: &Set<RedshiftClusters>) -> ModifyClusterFluentBuilder {
        let call = self.client.modify_cluster().cluster_identifier(action.subject());
        call.publicly_accessible(action.value())
    }
}

impl List<RedshiftClusters> for Redshift {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<RedshiftClusters>>, ReadError> {
        match self.client.describe_clusters().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => {
                let listed = answer.clusters.unwrap_or_default().into_iter().filter_map(cluster);
                let found = listed.map(|seen| (seen.id.clone(), Observed::Known(seen))).collect();
                Ok(Observed::Known(Page { found, next: answer.marker }))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_CLUSTERS.action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::redshift::client::tests::unsent;

    #[test]
    fn a_cluster_as_it_is_described() {
        let described = Described::builder().cluster_identifier("orders").cluster_status("deleting");
        let seen = cluster(described.publicly_accessible(true).build()).unwrap();
        assert_eq!((seen.is_public, seen.is_being_deleted), (Observed::Known(true), true));
        let unsaid = cluster(Described::builder().cluster_identifier("orders").build()).unwrap();
        assert!(matches!(unsaid.is_public, Observed::Unknown { .. }), "nothing said is not `no`");
        assert!(cluster(Described::builder().build()).is_none());
    }

    #[test]
    fn one_setting_is_changed_and_no_other() {
        let call = unsent().modify_cluster(&Set::to("orders".to_owned(), false).unwrap());
        assert_eq!(call.get_cluster_identifier().as_deref(), Some("orders"));
        assert_eq!((call.get_publicly_accessible(), call.get_elastic_ip()), (&Some(false), &None));
    }
}
