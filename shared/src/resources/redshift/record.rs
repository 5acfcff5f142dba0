//! What records of Redshift share.

use crate::engine::event::{Body, Event};
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;

/// The service's name in records.
pub(super) const REDSHIFT: &str = "redshift.amazonaws.com";

/// Where permissions about clusters are on.
pub(super) const CLUSTERS: &[&str] = &["redshift:${Region}:${Account}:cluster:*"];

/// Lists clusters, or reads one.
pub(super) const DESCRIBE_CLUSTERS: Permission = Permission::on("redshift:DescribeClusters", CLUSTERS);

/// A text that is not empty, in lower case as Redshift keeps identifiers.
pub(super) fn identifier(body: &Body, key: &str) -> Option<String> {
    body.text(&[key]).filter(|text| !text.is_empty()).map(str::to_ascii_lowercase)
}

/// The cluster that the record names.
pub(super) fn cluster(event: &Event) -> Result<String, Unlocatable> {
    let named = identifier(&event.request, "clusterIdentifier");
    let named = named.or_else(|| identifier(&event.response, "clusterIdentifier"));
    named.ok_or_else(|| Unlocatable::new(event, "the record names no Redshift cluster"))
}

/// A flag, which may be written as a text.
pub(super) fn flag(body: &Body, key: &str) -> Option<bool> {
    let value = body.at(&[key])?;
    value.as_bool().or_else(|| value.as_str()?.to_ascii_lowercase().parse().ok())
}

/// How findings name a cluster.
pub(super) fn cluster_resource(id: &str, Place { partition, account, region }: &Place) -> Resource {
    let arn = format!("arn:{partition}:redshift:{region}:{account}:cluster:{id}");
    Resource { id: arn, kind: "AwsRedshiftCluster", name: id.to_owned() }
}
