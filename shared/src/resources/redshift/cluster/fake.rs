//! Public access of a Redshift cluster. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::redshift::RedshiftClusters;
use shared::resources::redshift::cluster::Cluster;

living!(RedshiftClusters);

impl Fake for RedshiftClusters {
    fn put(cluster: &mut Cluster, is_public: bool) {
        cluster.is_public = Observed::Known(is_public);
    }

    /// An element of `Clusters` of `DescribeClusters`.
    fn answer(value: &Value) -> Cluster {
        Cluster {
            id: value["ClusterIdentifier"].as_str().unwrap().to_owned(),
            is_public: Observed::Known(value["PubliclyAccessible"].as_bool().unwrap()),
            is_being_deleted: value["ClusterStatus"] == "deleting",
        }
    }

    fn line(cluster: &Cluster) -> String {
        let word = match &cluster.is_public {
            Observed::Known(true) => "on",
            Observed::Known(false) => "off",
            Observed::Absent | Observed::Unknown { .. } => "unknown",
        };
        format!("public access {word}")
    }

    fn subject() -> String {
        "orders".to_owned()
    }

    fn is_of(cluster: &Cluster, key: &String) -> bool {
        cluster.id == *key
    }
}
