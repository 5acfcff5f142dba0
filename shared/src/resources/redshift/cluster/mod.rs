//! DB-07: no Redshift cluster is publicly accessible.
//!
//! A cluster that is made and does not say is public or not by Redshift's default, which the response shows; a change of something else says nothing about it.

#[cfg(feature = "redshift")]
pub(crate) mod client;

use super::record::{CLUSTERS, DESCRIBE_CLUSTERS, REDSHIFT, cluster, cluster_resource, flag, identifier};
use crate::engine::setting::prelude::*;

const MODIFY: Permission = Permission::on("redshift:ModifyCluster", CLUSTERS);

/// Public access of clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedshiftClusters;

/// A cluster, and whether it is publicly accessible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cluster {
    /// Its identifier.
    pub id: String,
    /// `PubliclyAccessible`
    pub is_public: Observed<bool>,
    /// It is on its way out: nothing about it can be changed any more.
    pub is_being_deleted: bool,
}

impl Setting for RedshiftClusters {
    type Key = String;
    type State = Cluster;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "redshift-cluster";
    /// Not public.
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[DESCRIBE_CLUSTERS];
    const UNDOES: &'static [Permission] = &[MODIFY];
    const ABOUT: &'static About = &About {
        name: "redshift-cluster-publicly-accessible",
        catalogue_id: "DB-07",
        title: "Redshift cluster is publicly accessible",
        description: "A provisioned cluster was created, restored or modified so that it has a public address. Subnets and security groups are not considered: each of \
            them is one change away from allowing access. A cluster that is still being created is evaluated again when it can be modified.",
        severity: Severity::Critical,
        class: Class::R2,
        controls: &["Redshift.1"],
        technique: "T1133",
        triggers: &["CreateCluster", "ModifyCluster", "RestoreFromClusterSnapshot"],
        remediation: "Disables public access, which Redshift does at once: clients outside the VPC lose the cluster. Undoing it gives the cluster another public \
            address, unless it has an Elastic IP address of its own. A cluster that is being deleted is notified only.",
        actions: &[MODIFY],
        ids: &["arn:%:redshift:%:%:cluster:%"],
        not_watched: &[
            ("ResizeCluster, ResumeCluster", "they leave public access as it is"),
            ("CreateEndpointAccess", "an endpoint that Redshift manages is in a VPC"),
            ("CreateWorkgroup, UpdateWorkgroup", "Redshift Serverless is another service, which is not evaluated"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            false,
            &["close"],
            MODIFY,
            "turn public access off for Redshift cluster {}",
            "aws redshift modify-cluster --cluster-identifier {} --no-publicly-accessible",
        ),
        Call::new(
            true,
            &["open"],
            MODIFY,
            "turn public access on for Redshift cluster {}",
            "aws redshift modify-cluster --cluster-identifier {} --publicly-accessible",
        ),
    ];

    const PLANNED: &'static [PlannedForm<Cluster>] = &[
        PlannedForm::one("AWS::Redshift::Cluster", |it| planned(it, "PubliclyAccessible", false)),
        PlannedForm::one("aws_redshift_cluster", |it| planned(it, "publicly_accessible", true)),
    ];

    /// A change that also renames is looked for under both names.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, Cluster>>, Unlocatable> {
        if !event.is_one_of(REDSHIFT, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let asked = flag(&event.request, "publiclyAccessible");
        let is_change = event.name == "ModifyCluster";
        if is_change && asked.is_none() && event.request.value().is_some() {
            return Ok(Vec::new());
        }
        let id = cluster(event)?;
        let renamed = identifier(&event.request, "newClusterIdentifier").filter(|_| is_change);
        let shown = asked.or_else(|| flag(&event.response, "publiclyAccessible").filter(|_| !is_change));
        let proven = shown.filter(|_| renamed.is_none()).map(|is_public| Cluster {
            id: id.clone(),
            is_public: Observed::Known(is_public),
            is_being_deleted: false,
        });
        let under = |key: String| Target { key, proven: None, changed: None };
        let first = Target { key: id, proven, changed: None };
        Ok(std::iter::once(first).chain(renamed.map(under)).collect())
    }

    fn named(id: &String, place: &Place) -> Resource {
        cluster_resource(id, place)
    }

    fn shown(cluster: &Cluster) -> Shown<String, bool> {
        Shown {
            subject: cluster.id.clone(),
            value: cluster.is_public.clone(),
            element: "public access".to_owned(),
            is_fixed: cluster.is_being_deleted,
        }
    }

    fn why(cluster: &Cluster, _: &Terms<'_>) -> String {
        format!("Redshift cluster {} is publicly accessible", cluster.id)
    }
}

/// A new cluster that does not say it is private ("AWS::Redshift::Cluster", CloudFormation user guide); Terraform's provider asks for public access up to
/// version 5.
fn planned(it: &PlannedResource<'_>, property: &str, unsaid: bool) -> Result<Option<Cluster>, Unreadable> {
    let id = it.named(&["ClusterIdentifier", "cluster_identifier"]);
    let is_public = Observed::Known(it.flag(property)?.unwrap_or(unsaid));
    Ok(Some(Cluster { id, is_public, is_being_deleted: false }))
}
