//! Databases, tables and load balancers.

use super::{Script, Stage, done, listeners, set, whole};
use crate::reader::Reader;
use crate::view::View;
use crate::{Result, databases};
use shared::engine::family::Family;
use shared::engine::observed::Observed;
use shared::resources::database::activity_stream::state::StreamAction;
use shared::resources::database::backup::DbBackups;
use shared::resources::database::backup::state::BackupOf;
use shared::resources::database::client::Rds;
use shared::resources::database::cluster::DbClusters;
use shared::resources::database::export_task::state::{Export, ExportAction, ExportRef};
use shared::resources::database::instance::DbInstances;
use shared::resources::database::instance::state::InstanceAction;
use shared::resources::database::load_balancer::LoadBalancerRef;
use shared::resources::database::load_balancer::LoadBalancers;
use shared::resources::database::load_balancer::client::Elb;
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::database::snapshot::state::{Restorer, Sharing, SnapshotAction, SnapshotOf};
use shared::resources::database::table::DynamodbTables;
use shared::resources::database::table::client::DynamoDb;
use shared::resources::database::{ActivityStreams, ExportTasks};

pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    match (script.call.source.as_str(), script.call.name.as_str()) {
        (databases::RDS, "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute") => snapshot(script).await,
        (databases::RDS, "ModifyDBCluster" | "ModifyDBInstance")
            if script.call.request.at(&["deletionProtection"]).is_none()
                && script.call.request.at(&["backupRetentionPeriod"]).is_some() =>
        {
            backup(script).await
        }
        (databases::RDS, "ModifyDBCluster") => cluster(script).await,
        (databases::RDS, "StopActivityStream") => activity_stream(script).await,
        (databases::RDS, "StartExportTask") => export(script).await,
        (databases::RDS, name) if name.contains("DBInstance") => instance(script).await,
        ("dynamodb.amazonaws.com", "UpdateTable") => table(script).await,
        ("elasticloadbalancing.amazonaws.com", "ModifyLoadBalancerAttributes") => load_balancer(script).await,
        ("elasticloadbalancing.amazonaws.com", _) => listeners::stage(script).await,
        (_, name) => Err(format!("nothing is known of what `{name}` is about").into()),
    }
}

/// An instance, private and protected at first.
async fn instance(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(DbInstances)?;
    let id = &target.key.id;
    let subject = databases::instance(script.clients, id).await?;
    let action = match &target.proven {
        Some(proven) => {
            let opened = proven.in_question.access && proven.is_public != Observed::Known(false);
            let unprotected = proven.in_question.protection && proven.is_protected == Observed::Known(false);
            let (public_access, protection) = (opened.then_some(true), unprotected.then_some(false));
            InstanceAction { id: id.clone(), public_access, protection }
        }
        None => {
            let protection = (script.call.name == "ModifyDBInstance").then_some(false);
            InstanceAction { id: id.clone(), public_access: Some(true), protection }
        }
    };
    let world = Rds::new(&script.clients.config);
    let stage = script.made(format!("instance {id}")).seen(View::Database(subject));
    Ok(stage.then(async move { done(&world, &action).await }))
}

/// A snapshot that no other account may restore at first.
async fn snapshot(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(DbSnapshots)?;
    let key = target.key;
    let subject = match key.of {
        SnapshotOf::Instance => databases::unshared(script.clients, &key.id).await?,
        SnapshotOf::Cluster => databases::cluster_snapshot(script.clients, &key.id).await?,
    };
    let with: Vec<Restorer> = target.proven.iter().flat_map(|proven| proven.in_question()).cloned().collect();
    let with = if with.is_empty() { vec![Restorer::Everybody] } else { with };
    let world = Rds::new(&script.clients.config);
    let stage = script.made(format!("snapshot {}", key.id)).seen(View::Database(subject));
    let share = SnapshotAction::Share(Sharing { snapshot: key, with });
    Ok(stage.then(async move { done(&world, &share).await }))
}

/// How long backups are kept, and nothing else of a request.
async fn backup(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(DbBackups)?.key;
    let note = format!("played by {} {}, made for it", key.of.noun(), key.id);
    match key.of {
        BackupOf::Instance => databases::instance(script.clients, &key.id).await?,
        BackupOf::Cluster => databases::cluster(script.clients, &key.id).await?,
    };
    whole::written(script, DbBackups, Rds::new, whole::rewritten, note).await
}

async fn cluster(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(DbClusters)?.key;
    let subject = databases::cluster(script.clients, &key.id).await?;
    let stage = script.made(format!("cluster {}", key.id)).seen(View::Database(subject));
    let world = Rds::new(&script.clients.config);
    Ok(stage.then(async move { set(&world, DbClusters, key, false).await }))
}

/// A stream that runs as it was kept, and has been seen.
async fn activity_stream(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(ActivityStreams)?.key;
    if key.is_cluster() {
        databases::cluster(script.clients, key.name()).await?;
    } else {
        databases::instance(script.clients, key.name()).await?;
    }
    let setup = serde_json::from_value(script.kept["setup"].clone())?;
    let (start, stop) = (StreamAction::Start { arn: key.arn.clone(), setup }, StreamAction::Stop(key.arn.clone()));
    let world = Rds::new(&script.clients.config);
    done(&world, &start).await?;
    let stage = script.made(format!("database {}", key.name())).remembered(ActivityStreams.kind());
    let stage = stage.seen(View::Read(Reader::of(ActivityStreams, key, Rds::new)));
    Ok(stage.then(async move { done(&world, &stop).await }))
}

/// A snapshot or a cluster, which the event has exported.
async fn export(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(ExportTasks)?;
    let ExportRef { id, source } = target.key.clone();
    let own = source.rsplit(':').next().unwrap_or_default();
    if source.contains(":cluster:") {
        databases::cluster(script.clients, own).await?;
    } else {
        databases::unshared(script.clients, own).await?;
    }
    let live = |name: &str| script.live[name].as_str().unwrap_or_default().to_owned();
    let read = || Export {
        id: id.clone(),
        source: source.clone(),
        bucket: live("S3Bucket"),
        prefix: None,
        role: live("IamRoleArn"),
        key: live("KmsKeyId"),
        only: Vec::new(),
    };
    let start = ExportAction::Start(target.proven.map_or_else(read, |task| task.export));
    let world = Rds::new(&script.clients.config);
    let reader = Reader::of(ExportTasks, target.key, Rds::new);
    let stage = script.made(source).seen(View::Read(reader));
    Ok(stage.then(async move { done(&world, &start).await }))
}

async fn table(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(DynamodbTables)?.key;
    let subject = databases::table(script.clients, &key.name).await?;
    let stage = script.made(format!("table {}", key.name)).seen(View::Database(subject));
    let world = DynamoDb::new(&script.clients.config);
    Ok(stage.then(async move { set(&world, DynamodbTables, key, false).await }))
}

async fn load_balancer(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(LoadBalancers)?.key;
    let arn = databases::load_balancer(script.clients, "yours").await?;
    let stage = script.played(&key.arn, &arn)?.seen(View::Database(databases::Subject::LoadBalancer(arn.clone())));
    let world = Elb::new(&script.clients.config);
    Ok(stage.then(async move { set(&world, LoadBalancers, LoadBalancerRef { arn }, false).await }))
}
