//! The planned lens: DB instances, and Multi-AZ DB clusters, of a file.
//!
//! Whether an instance is public that does not say it depends on its subnets ("CreateDBInstance", `PubliclyAccessible`, RDS API reference); Terraform's
//! provider and Neptune make it private. Deletion protection is off unless it is asked for. DocumentDB has no public instances.

use super::state::{DbInstance, Questions};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<DbInstance>] = &[
    PlannedForm::one("AWS::RDS::DBInstance", |it| {
        let cluster = member(it, "DBClusterIdentifier", "Engine");
        let is_public = public(it, "PubliclyAccessible").unwrap_or_else(|| by_its_subnets("DB instance"));
        let is_protected = protected(it, "DeletionProtection");
        Ok(Some(DbInstance { is_protected, cluster, ..instance(it, "DBInstanceIdentifier", is_public) }))
    }),
    PlannedForm::one("AWS::RDS::DBCluster", multi_az),
    PlannedForm::one("AWS::Neptune::DBInstance", |it| {
        Ok(Some(in_cluster(it, "DBInstanceIdentifier", "PubliclyAccessible")))
    }),
    PlannedForm::one("aws_db_instance", |it| {
        let is_public = public(it, "publicly_accessible").unwrap_or(Observed::Known(false));
        let is_protected = protected(it, "deletion_protection");
        Ok(Some(DbInstance { is_protected, ..instance(it, "identifier", is_public) }))
    }),
    PlannedForm::one("aws_rds_cluster_instance", |it| Ok(Some(in_cluster(it, "identifier", "publicly_accessible")))),
    PlannedForm::one("aws_neptune_cluster_instance", |it| {
        Ok(Some(in_cluster(it, "identifier", "publicly_accessible")))
    }),
];

fn instance(it: &PlannedResource<'_>, name: &str, is_public: Observed<bool>) -> DbInstance {
    DbInstance {
        id: it.named(&[name]),
        is_public,
        is_protected: Observed::Absent,
        cluster: Observed::Absent,
        is_cluster: false,
        is_being_deleted: false,
        in_question: Questions::ALL,
    }
}

/// A member of a cluster, which has the protection.
fn in_cluster(it: &PlannedResource<'_>, name: &str, access: &str) -> DbInstance {
    let is_public = if it.is_left_out(access) { None } else { public(it, access) };
    let cluster = Observed::Known("the cluster of the file".to_owned());
    DbInstance { cluster, ..instance(it, name, is_public.unwrap_or(Observed::Known(false))) }
}

/// Only a Multi-AZ DB cluster names the class of its instances; it is public or not as a whole, and has a protection that is another guardrail's.
fn multi_az(it: &PlannedResource<'_>) -> Result<Option<DbInstance>, Unreadable> {
    if it.text("DBClusterInstanceClass")?.is_none() {
        return Ok(None);
    }
    let is_public = public(it, "PubliclyAccessible").unwrap_or_else(|| by_its_subnets("Multi-AZ DB cluster"));
    let in_question = Questions { protection: false, ..Questions::ALL };
    Ok(Some(DbInstance { is_cluster: true, in_question, ..instance(it, "DBClusterIdentifier", is_public) }))
}

/// What is open about access leaves open nothing about protection, and the other way round.
fn public(it: &PlannedResource<'_>, property: &str) -> Option<Observed<bool>> {
    match it.flag(property) {
        Ok(flag) => flag.map(Observed::Known),
        Err(why) => Some(Observed::Unknown { why: why.to_string() }),
    }
}

fn by_its_subnets(noun: &str) -> Observed<bool> {
    Observed::Unknown { why: format!("whether the {noun} is public depends on its subnets: the file does not say it") }
}

fn protected(it: &PlannedResource<'_>, property: &str) -> Observed<bool> {
    match it.flag(property) {
        Ok(flag) => Observed::Known(flag.unwrap_or_default()),
        Err(why) => Observed::Unknown { why: why.to_string() },
    }
}

/// The cluster, whatever its name will be; an instance of Aurora is always in one.
fn member(it: &PlannedResource<'_>, cluster: &str, engine: &str) -> Observed<String> {
    let is_conditional = it.properties.get(cluster).is_some_and(|cluster| cluster.get("Fn::If").is_some());
    let is_aurora = it.text(engine).ok().flatten().is_some_and(|engine| engine.starts_with("aurora"));
    match it.text(cluster) {
        Ok(Some(id)) => Observed::Known(id),
        _ if is_aurora => Observed::Known("the cluster of Aurora".to_owned()),
        Ok(None) => Observed::Absent,
        Err(why) if is_conditional => Observed::Unknown { why: why.to_string() },
        Err(_) => Observed::Known("the cluster of the file".to_owned()),
    }
}
