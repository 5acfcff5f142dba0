//! DB clusters (Aurora, Multi-AZ, DocumentDB, Neptune): DB-03.

#[cfg(feature = "rds")]
pub(crate) mod client;
pub mod deletion_protection_off;

use super::names::rds_arn;
use super::protection::MODIFY_DB_CLUSTER;
use super::protection::{ClusterRef, PROTECTION_OFF, Protected, Protection};
use super::record::{RDS, field, flag, is_being_set_up, named, text, unlocatable};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use deletion_protection_off::DbClusterUnprotected;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_DB_CLUSTERS: Permission =
    Permission::on("rds:DescribeDBClusters", &["rds:${Region}:${Account}:cluster:*"]);

/// The family of DB clusters. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct DbClusters;

impl Family for DbClusters {
    type Key = ClusterRef;
    type State = Protected<ClusterRef>;
    type Action = Protection<ClusterRef>;

    fn kind(&self) -> &'static str {
        "db-cluster"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_DB_CLUSTER]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Protected<ClusterRef>, Protection<ClusterRef>>] {
        &[&DbClusterUnprotected]
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(RDS, &["ModifyDBCluster"]) {
            return Ok(Vec::new());
        }
        let is_asked = match event.request {
            Body::Present(_) => {
                let sets = |key: &str| field(&event.request, key).is_some();
                sets("deletionProtection") || sets("newDBClusterIdentifier")
            }
            Body::Null | Body::Omitted => true,
        };
        if !is_asked {
            return Ok(Vec::new());
        }
        let names = named(event, "dBClusterIdentifier");
        if names.is_empty() {
            return Err(unlocatable(event, "cluster"));
        }
        let made = field(&event.response, "clusterCreateTime");
        if is_being_set_up(event, "deletionProtection", &["dBClusterIdentifier", "applyImmediately"], made) {
            return Ok(Vec::new());
        }
        let is_on = flag(&event.request, "deletionProtection");
        let is_being_deleted = text(&event.response, "status") == Some("deleting");
        let target = |id: String| {
            let key = ClusterRef { id };
            let state = |is_on| Protected { is_being_deleted, ..Protected::switched(key.clone(), is_on) };
            Target { proven: is_on.map(state), changed: Some(BTreeSet::from([PROTECTION_OFF.to_owned()])), key }
        };
        Ok(names.into_iter().map(target).collect())
    }

    fn focus(&self, cluster: &mut Protected<ClusterRef>, target: &TargetOf<Self>) {
        cluster.in_question = target.changed.as_ref().is_none_or(|changed| changed.contains(PROTECTION_OFF));
    }

    fn resource(&self, key: &ClusterRef, _: Option<&Protected<ClusterRef>>, place: &Place) -> Resource {
        Resource { id: rds_arn(place, "cluster", &key.id), kind: "AwsRdsDbCluster", name: key.id.clone() }
    }
}
