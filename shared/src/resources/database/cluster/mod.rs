//! DB-03: DB clusters (Aurora, Multi-AZ, DocumentDB, Neptune) are protected from deletion.

#[cfg(feature = "rds")]
pub(crate) mod client;

use super::names::rds_arn;
use super::protection::{Protected, Protection, changed};
use super::record::{RDS, field, flag, is_being_set_up, named, text, unlocatable};
use crate::engine::event::Body;
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::resources::database::protection::NOT_WATCHED;
use std::fmt::{self, Display};

pub(crate) const DESCRIBE_DB_CLUSTERS: Permission =
    Permission::on("rds:DescribeDBClusters", &["rds:${Region}:${Account}:cluster:*"]);
pub(crate) const MODIFY_DB_CLUSTER: Permission =
    Permission::on("rds:ModifyDBCluster", &["rds:${Region}:${Account}:cluster:*"]);

/// Deletion protection of DB clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DbClusters;

/// A DB cluster: Aurora, Multi-AZ, DocumentDB, Neptune.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterRef {
    /// Its identifier, in the lower case that RDS keeps.
    pub id: String,
}

impl Display for ClusterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DB cluster {}", self.id)
    }
}

impl Subject for ClusterRef {
    fn name(&self) -> &str {
        &self.id
    }
}

impl Protection for DbClusters {
    type Key = ClusterRef;

    const KIND: &'static str = "db-cluster";
    const READS: &'static [Permission] = &[DESCRIBE_DB_CLUSTERS];
    // Security Hub user guide, "Amazon RDS controls", "Amazon DocumentDB controls", "Neptune controls".
    const ABOUT: &'static About = &About {
        name: "db-cluster-deletion-protection-off",
        catalogue_id: "DB-03",
        title: "Deletion protection of a DB cluster is off",
        description: "Deletion protection of a DB cluster (Aurora, Multi-AZ, DocumentDB, Neptune) was turned off; `only` names \
            the clusters that it applies to, all without it. A call that sets other things of a cluster that was created within \
            the hour configured it, and removed no protection. The sweep also finds clusters that never had it.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["RDS.7", "DocumentDB.5", "Neptune.4"],
        technique: "T1485",
        triggers: &["ModifyDBCluster"],
        remediation: "Turns deletion protection on again, which affects nothing but a deletion. A resource that is being deleted is \
            notified only.",
        actions: &[MODIFY_DB_CLUSTER],
        ids: &["arn:%:rds:%:%:cluster:%"],
        not_watched: NOT_WATCHED,
    };
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: true,
            stored: &["on"],
            permission: MODIFY_DB_CLUSTER,
            says: "turn deletion protection on for DB cluster {}",
            line: "aws rds modify-db-cluster --db-cluster-identifier {} --deletion-protection",
        },
        Call {
            sets: false,
            stored: &["off"],
            permission: MODIFY_DB_CLUSTER,
            says: "turn deletion protection off for DB cluster {}",
            line: "aws rds modify-db-cluster --db-cluster-identifier {} --no-deletion-protection",
        },
    ];

    const PLANNED: &'static [PlannedForm<Protected<ClusterRef>>] = &[
        PlannedForm::one("AWS::RDS::DBCluster", |it| planned(it, "DeletionProtection", "DBClusterIdentifier")),
        PlannedForm::one("AWS::DocDB::DBCluster", |it| planned(it, "DeletionProtection", "DBClusterIdentifier")),
        PlannedForm::one("AWS::Neptune::DBCluster", |it| planned(it, "DeletionProtection", "DBClusterIdentifier")),
        PlannedForm::one("aws_rds_cluster", |it| planned(it, "deletion_protection", "cluster_identifier")),
        PlannedForm::one("aws_docdb_cluster", |it| planned(it, "deletion_protection", "cluster_identifier")),
        PlannedForm::one("aws_neptune_cluster", |it| planned(it, "deletion_protection", "cluster_identifier")),
    ];

    fn changed_by(event: &Event) -> Result<Vec<Target<ClusterRef, Protected<ClusterRef>>>, Unlocatable> {
        if !event.is_one_of(RDS, <Self as Protection>::ABOUT.triggers) {
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
            Target { proven: is_on.map(state), changed: changed(false), key }
        };
        Ok(names.into_iter().map(target).collect())
    }

    fn named(key: &ClusterRef, place: &Place) -> Resource {
        Resource { id: rds_arn(place, "cluster", &key.id), kind: "AwsRdsDbCluster", name: key.id.clone() }
    }
}

fn planned(it: &PlannedResource<'_>, property: &str, name: &str) -> Result<Option<Protected<ClusterRef>>, Unreadable> {
    let key = ClusterRef { id: it.named(&[name]) };
    Protected::planned(it, key, property)
}
