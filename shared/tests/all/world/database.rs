//! Databases and load balancers: snapshots and who may restore them, instances, and switches of deletion protection.

use super::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::cluster::DbClusters;
use shared::resources::database::described;
use shared::resources::database::instance::DbInstances;
use shared::resources::database::instance::state::{DbInstance, InstanceAction, InstanceRef};
use shared::resources::database::load_balancer::LoadBalancers;
use shared::resources::database::protection::{
    ClusterRef, LoadBalancerRef, Made, Protectable, Protected, Protection, TableRef,
};
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::database::snapshot::state::{DbSnapshot, Share, SnapshotAction, SnapshotRef};
use shared::resources::database::table::DynamodbTables;

impl Living for DbSnapshots {
    fn change(live: &mut Observed<DbSnapshot>, action: &SnapshotAction) -> Result<(), ApplyError> {
        let Observed::Known(snapshot) = live else { return Err(not_there("DBSnapshotNotFound")) };
        let sharing = action.sharing();
        assert_eq!(sharing.snapshot, snapshot.snapshot, "a call about another snapshot");
        snapshot.shares.retain(|share| !sharing.with.contains(&share.with));
        if let SnapshotAction::Share(sharing) = action {
            let share = |with: &_| Share { with: Clone::clone(with), in_question: true };
            snapshot.shares.extend(sharing.with.iter().map(share));
        }
        Ok(())
    }

    fn read(live: &Observed<DbSnapshot>, key: &SnapshotRef) -> Observed<DbSnapshot> {
        if let Observed::Known(snapshot) = live {
            assert_eq!(snapshot.snapshot, *key, "a look at another snapshot");
        }
        live.clone()
    }

    /// `DescribeDBSnapshotAttributes` or `DescribeDBClusterSnapshotAttributes`.
    fn live(value: &Value) -> Observed<DbSnapshot> {
        Observed::Known(described::snapshot(value).unwrap().unwrap())
    }

    fn lines(live: &Observed<DbSnapshot>) -> Vec<String> {
        live.known().map(|it| it.shares.iter().map(|share| share.with.element()).collect()).unwrap_or_default()
    }
}

impl Living for DbInstances {
    fn change(live: &mut Observed<DbInstance>, action: &InstanceAction) -> Result<(), ApplyError> {
        let gone = || not_there("DBInstanceNotFound");
        let Observed::Known(instance) = live else { return Err(gone()) };
        if instance.id != action.id {
            return Err(gone());
        }
        if let Some(is_public) = action.public_access {
            instance.is_public = Observed::Known(is_public);
        }
        if let Some(is_on) = action.protection {
            instance.is_protected = Observed::Known(is_on);
        }
        Ok(())
    }

    /// A call that renames leads to a look under both names.
    fn read(live: &Observed<DbInstance>, key: &InstanceRef) -> Observed<DbInstance> {
        match live {
            Observed::Known(instance) if instance.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `DBInstances` of `DescribeDBInstances`.
    fn live(value: &Value) -> Observed<DbInstance> {
        Observed::Known(described::instance(value).unwrap())
    }

    fn lines(live: &Observed<DbInstance>) -> Vec<String> {
        let word = |seen: &Observed<bool>| seen.known().map_or("unknown", |is_on| if *is_on { "on" } else { "off" });
        let lines = |it: &DbInstance| {
            vec![
                format!("public access {}", word(&it.is_public)),
                format!("deletion protection {}", word(&it.is_protected)),
            ]
        };
        live.known().map(lines).unwrap_or_default()
    }
}

fn turn<K: Protectable>(live: &mut Observed<Protected<K>>, action: &Protection<K>) -> Result<(), ApplyError> {
    let Observed::Known(state) = live else { return Err(not_there("NotFound")) };
    if state.key != *action.key() {
        return Err(not_there("NotFound"));
    }
    state.is_on = action.is_on();
    Ok(())
}

fn look<K: Protectable>(live: &Observed<Protected<K>>, key: &K) -> Observed<Protected<K>> {
    match live {
        Observed::Known(state) if state.key != *key => Observed::Absent,
        other => other.clone(),
    }
}

fn line<K: Protectable>(live: &Observed<Protected<K>>) -> Vec<String> {
    let word = |state: &Protected<K>| format!("deletion protection {}", if state.is_on { "on" } else { "off" });
    live.known().map(word).into_iter().collect()
}

macro_rules! living {
    ($($family:ty, $key:ty, $described:expr;)+) => {
        $(impl Living for $family {
            fn change(live: &mut Observed<Protected<$key>>, action: &Protection<$key>) -> Result<(), ApplyError> {
                turn(live, action)
            }

            fn read(live: &Observed<Protected<$key>>, key: &$key) -> Observed<Protected<$key>> {
                look(live, key)
            }

            fn live(value: &Value) -> Observed<Protected<$key>> {
                Observed::Known($described(value).unwrap())
            }

            fn lines(live: &Observed<Protected<$key>>) -> Vec<String> {
                line(live)
            }
        })+
    };
}

/// `DescribeLoadBalancerAttributes`, with the ARN beside it, when it was made (`CreatedTime`) and when somebody looked.
fn load_balancer(value: &Value) -> Result<Protected<LoadBalancerRef>, String> {
    let time = |key: &str| value[key].as_str().map(|text| text.parse().unwrap());
    let made = time("CreatedTime").zip(time("Now")).map(|(at, seen)| Made { at, seen });
    let seen = described::load_balancer(value["LoadBalancerArn"].as_str().unwrap(), &value["Attributes"])?;
    Ok(Protected { made, ..seen })
}

living! {
    DbClusters, ClusterRef, described::cluster;
    DynamodbTables, TableRef, described::table;
    LoadBalancers, LoadBalancerRef, load_balancer;
}
