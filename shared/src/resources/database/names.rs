//! Databases and load balancers: who may restore their snapshots, who reaches them, and what keeps them from being deleted.

use crate::engine::observed::Place;

/// The ARN of something of RDS: DocumentDB and Neptune have the same.
#[must_use]
pub fn rds_arn(place: &Place, kind: &str, id: &str) -> String {
    let Place { partition, account, region } = place;
    format!("arn:{partition}:rds:{region}:{account}:{kind}:{id}")
}
