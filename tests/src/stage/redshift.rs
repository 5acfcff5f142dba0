//! Redshift clusters and their snapshots.

use super::{Script, Stage, done, set, whole};
use crate::Result;
use crate::reader::Reader;
use crate::view::View;
use aws_sdk_redshift::Client;
use shared::aws::service::clients::Redshift;
use shared::resources::redshift::snapshot::state::{Restore, Share, SnapshotCall, SnapshotRef};
use shared::resources::redshift::{RedshiftClusters, RedshiftLoggings, RedshiftSnapshots};

pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    match script.call.name.as_str() {
        "AuthorizeSnapshotAccess" => snapshot(script).await,
        "DisableLogging" => {
            let id = script.target(RedshiftLoggings)?.key.name;
            cluster(script, &id).await?;
            let note = format!("played by cluster {id}, made for it");
            whole::written(script, RedshiftLoggings, Redshift::new, whole::rewritten, note).await
        }
        _ => public(script).await,
    }
}

/// A cluster that is private.
async fn cluster(script: &Script<'_>, id: &str) -> Result<Client> {
    let redshift = Client::new(&script.clients.config);
    let call = redshift.create_cluster().cluster_identifier(id).node_type("ra3.xlplus").number_of_nodes(2);
    let call = call.master_username("admin1").master_user_password("Secret-of-a-test-1").publicly_accessible(false);
    call.send().await?;
    Ok(redshift)
}

async fn public(script: &Script<'_>) -> Result<Stage> {
    let id = script.target(RedshiftClusters)?.key;
    cluster(script, &id).await?;
    let world = Redshift::new(&script.clients.config);
    let reader = Reader::of(RedshiftClusters, id.clone(), Redshift::new);
    let stage = script.made(format!("cluster {id}")).seen(View::Read(reader));
    Ok(stage.then(async move { set(&world, RedshiftClusters, id, true).await }))
}

/// A manual snapshot that the others of the record or the fixture may restore already.
async fn snapshot(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(RedshiftSnapshots)?;
    let SnapshotRef { cluster: of, id } = &target.key;
    let redshift = cluster(script, of).await?;
    redshift.create_cluster_snapshot().cluster_identifier(of).snapshot_identifier(id).send().await?;
    let live = script.live["AccountsWithRestoreAccess"].as_array().into_iter().flatten();
    let live = live.filter_map(|one| Some(Share { account: one["AccountId"].as_str()?.to_owned(), in_question: true }));
    let shares = target.proven.map_or_else(|| live.collect(), |snapshot| snapshot.shares);
    let world = Redshift::new(&script.clients.config);
    let reader = Reader::of(RedshiftSnapshots, target.key.clone(), Redshift::new);
    let restore = |share: Share| {
        let restore = Restore { snapshot: target.key.clone(), account: share.account };
        (share.in_question, SnapshotCall::Authorize(restore))
    };
    let (added, before): (Vec<_>, Vec<_>) = shares.into_iter().map(restore).partition(|(is_added, _)| *is_added);
    for (_, call) in before {
        done(&world, &call).await?;
    }
    let stage = script.made(format!("snapshot {id} of cluster {of}")).seen(View::Read(reader));
    Ok(stage.then(async move {
        for (_, call) in added {
            done(&world, &call).await?;
        }
        Ok(())
    }))
}
