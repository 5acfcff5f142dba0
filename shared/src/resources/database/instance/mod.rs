//! DB instances: DB-02 and DB-03.
//!
//! What a call sets is what the request says; what it leaves to RDS (a new instance's public access depends on its subnet
//! group) is what the response says, else a read. A change that also renames is looked for under both names.
//!
//! Members of Aurora clusters are public or not one by one, and have their deletion protection in the cluster. What waits
//! for the cluster's maintenance window is the cluster's, and stays there. The instances of a Multi-AZ DB cluster are made
//! and changed by it alone: no call of these is recorded for them, and RDS refuses the change. The cluster says whether it is
//! public when it is made, and no call changes that afterwards: it is notified.

#[cfg(feature = "rds")]
pub(crate) mod client;
pub mod deletion_protection_off;
mod planned;
pub mod publicly_accessible;
pub mod state;

use super::cluster::DESCRIBE_DB_CLUSTERS;
use super::names::rds_arn;
use super::protection::PROTECTION_OFF;
use super::record::{RDS, field, flag, identifier, is_being_set_up, named, text, unlocatable, unread};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use deletion_protection_off::DbInstanceUnprotected;
use publicly_accessible::DbInstancePublic;
use state::MODIFY_DB_INSTANCE;
use state::{DbInstance, InstanceAction, InstanceRef, PUBLIC_ACCESS, Questions};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_DB_INSTANCES: Permission =
    Permission::on("rds:DescribeDBInstances", &["rds:${Region}:${Account}:db:*"]);

/// The family of DB instances. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct DbInstances;

/// The calls that make an instance.
const MAKING: [&str; 5] = [
    "CreateDBInstance",
    "CreateDBInstanceReadReplica",
    "RestoreDBInstanceFromDBSnapshot",
    "RestoreDBInstanceFromS3",
    "RestoreDBInstanceToPointInTime",
];

/// The calls that make a Multi-AZ DB cluster, and clusters of Aurora, whose members are made one by one.
const MAKING_CLUSTERS: [&str; 3] = ["CreateDBCluster", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime"];

impl Family for DbInstances {
    type Key = InstanceRef;
    type State = DbInstance;
    type Action = InstanceAction;

    fn kind(&self) -> &'static str {
        "db-instance"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTERS, DESCRIBE_DB_INSTANCES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_DB_INSTANCE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<DbInstance>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![DbInstancePublic, DbInstanceUnprotected];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if event.is_one_of(RDS, &["ModifyDBInstance"]) {
            return modified(event);
        }
        if event.is_one_of(RDS, &MAKING_CLUSTERS) {
            return multi_az(event);
        }
        if !event.is_one_of(RDS, &MAKING) {
            return Ok(Vec::new());
        }
        // A restore to a point in time names the new instance as its target.
        let asked = || text(&event.request, "targetDBInstanceIdentifier");
        let id = text(&event.response, "dBInstanceIdentifier").or_else(|| text(&event.request, "dBInstanceIdentifier"));
        let id = id.or_else(asked).map(identifier).ok_or_else(|| unlocatable(event, "instance"))?;
        Ok(vec![target(event, id, Some(Questions { access: true, protection: false }))])
    }

    fn focus(&self, instance: &mut DbInstance, target: &TargetOf<Self>) {
        if let Some(changed) = &target.changed {
            instance.in_question =
                Questions { access: changed.contains(PUBLIC_ACCESS), protection: changed.contains(PROTECTION_OFF) };
        }
    }

    fn resource(&self, key: &InstanceRef, _: Option<&DbInstance>, place: &Place) -> Resource {
        let (word, kind) = if key.is_cluster { ("cluster", "AwsRdsDbCluster") } else { ("db", "AwsRdsDbInstance") };
        Resource { id: rds_arn(place, word, &key.id), kind, name: key.id.clone() }
    }
}

/// A change of other settings does not matter here. A record without its request does not say: all is in question.
fn modified(event: &Event) -> Result<Vec<TargetOf<DbInstances>>, Unlocatable> {
    let sets = |key: &str| field(&event.request, key).is_some();
    let asked = match event.request {
        Body::Present(_) => {
            let made = field(&event.response, "instanceCreateTime");
            let is_new =
                is_being_set_up(event, "deletionProtection", &["dBInstanceIdentifier", "applyImmediately"], made);
            let protection = sets("deletionProtection") && !is_new;
            let asked = Questions { access: sets("publiclyAccessible"), protection };
            let is_renamed_alone = !asked.access && !sets("deletionProtection") && sets("newDBInstanceIdentifier");
            let asked = if is_renamed_alone { Questions::ALL } else { asked };
            if !asked.access && !asked.protection {
                return Ok(Vec::new());
            }
            Some(asked)
        }
        Body::Null | Body::Omitted => None,
    };
    let names = named(event, "dBInstanceIdentifier");
    if names.is_empty() {
        return Err(unlocatable(event, "instance"));
    }
    Ok(names.into_iter().map(|id| target(event, id, asked)).collect())
}

fn target(event: &Event, id: String, asked: Option<Questions>) -> Target<InstanceRef, DbInstance> {
    let is_set = |key: &str| flag(&event.request, key).or_else(|| flag(&event.response, key));
    let seen = |key: &str, what: &str| match is_set(key) {
        Some(is_on) => Observed::Known(is_on),
        None => Observed::Unknown { why: unread(what) },
    };
    let is_public = seen("publiclyAccessible", "whether the instance is publicly accessible");
    let is_protected = seen("deletionProtection", "whether the instance is protected from deletion");
    let in_question = asked.unwrap_or(Questions::ALL);
    // A record that leaves open what is in question proves nothing.
    let is_proof = asked.is_some()
        && (!in_question.access || is_public.known().is_some())
        && (!in_question.protection || is_protected.known().is_some());
    let state = DbInstance {
        is_cluster: false,
        id: id.clone(),
        is_public,
        is_protected,
        cluster: cluster(event),
        is_being_deleted: text(&event.response, "dBInstanceStatus") == Some("deleting"),
        in_question,
    };
    let elements = |asked: Questions| {
        let access = asked.access.then(|| PUBLIC_ACCESS.to_owned());
        access.into_iter().chain(asked.protection.then(|| PROTECTION_OFF.to_owned())).collect::<BTreeSet<_>>()
    };
    let resource_id = text(&event.response, "dbiResourceId").map(str::to_owned);
    Target {
        key: InstanceRef { id, resource_id, is_cluster: false },
        proven: is_proof.then_some(state),
        changed: asked.map(elements),
    }
}

/// A cluster that is public as a whole: one of Multi-AZ, which has a class for its instances. The record of one of Aurora says
/// nothing of public access.
fn multi_az(event: &Event) -> Result<Vec<TargetOf<DbInstances>>, Unlocatable> {
    let of = |key: &str| field(&event.request, key).or_else(|| field(&event.response, key));
    let may_be =
        event.request.value().is_none() || of("dBClusterInstanceClass").is_some() || of("publiclyAccessible").is_some();
    if !may_be {
        return Ok(Vec::new());
    }
    let named = |body| text(body, "dBClusterIdentifier");
    let id = named(&event.request).or_else(|| named(&event.response)).map(identifier);
    let id = id.ok_or_else(|| unlocatable(event, "cluster"))?;
    let is_public = flag(&event.request, "publiclyAccessible").or_else(|| flag(&event.response, "publiclyAccessible"));
    let state = |is_public| DbInstance {
        id: id.clone(),
        is_public: Observed::Known(is_public),
        is_protected: Observed::Absent,
        cluster: Observed::Known(id.clone()),
        is_cluster: true,
        is_being_deleted: false,
        in_question: Questions { access: true, protection: false },
    };
    let proven = is_public.map(state);
    let key = InstanceRef { id, resource_id: None, is_cluster: true };
    Ok(vec![Target { key, proven, changed: Some(BTreeSet::from([PUBLIC_ACCESS.to_owned()])) }])
}

/// The response of a member of a cluster names the cluster; one that says nothing else of the instance says nothing of it.
fn cluster(event: &Event) -> Observed<String> {
    let named = text(&event.response, "dBClusterIdentifier").or_else(|| text(&event.request, "dBClusterIdentifier"));
    match (named, text(&event.response, "dBInstanceIdentifier")) {
        (Some(id), _) => Observed::Known(id.to_owned()),
        (None, Some(_)) => Observed::Absent,
        (None, None) => Observed::Unknown { why: unread("whether the instance is a member of a cluster") },
    }
}
