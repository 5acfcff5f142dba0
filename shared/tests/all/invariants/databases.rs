//! Snapshots of databases, shared with everybody or a few, and a database's public access, which is one setting that waits for its
//! grace period.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::{record, turn};
use crate::invariants::story::{Change, Story};
use crate::world::Living;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::resources::database::instance::DbInstances;
use shared::resources::database::instance::state::{DbInstance, InstanceRef, PUBLIC_ACCESS};
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::database::snapshot::state::{DbSnapshot, SnapshotOf, SnapshotRef};

const ID: &str = "orders";
const FORBIDDEN: &[&str] = &["all"];
const ALLOWED: &[&str] = &["444455556666", "555566667777"];

fn snapshot(values: &[&str]) -> Observed<DbSnapshot> {
    let attributes = json!([{"AttributeName": "restore", "AttributeValues": values}]);
    let result = json!({"DBSnapshotIdentifier": ID, "DBSnapshotAttributes": attributes});
    DbSnapshots::live(&json!({"DBSnapshotAttributesResult": result}))
}

fn element(value: &&str) -> String {
    if *value == "all" { "restore by every AWS account".to_owned() } else { format!("restore by account {value}") }
}

fn values(state: &Observed<DbSnapshot>) -> Vec<&'static str> {
    let lines = DbSnapshots::lines(state);
    FORBIDDEN.iter().chain(ALLOWED).filter(|value| lines.contains(&element(value))).copied().collect()
}

impl Story for DbSnapshots {
    const GUARDRAIL: &'static str = "db-snapshot-public";

    fn start(random: &mut Random) -> Observed<DbSnapshot> {
        snapshot(&ALLOWED.iter().filter(|_| random.chance(50)).copied().collect::<Vec<_>>())
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<DbSnapshot>) -> Option<Change<DbSnapshot>> {
        let turn = turn(by, random, &values(state), ALLOWED, FORBIDDEN)?;
        let key = if turn.adds { "valuesToAdd" } else { "valuesToRemove" };
        let request = json!({"dBSnapshotIdentifier": ID, "attributeName": "restore", key: turn.which});
        let attributes = json!([{"attributeName": "restore", "attributeValues": turn.left}]);
        let response = json!({"dBSnapshotIdentifier": ID, "dBSnapshotAttributes": attributes});
        let response = if random.chance(70) { response } else { json!(null) };
        Some(Change {
            says: format!("{key} {:?}", turn.which),
            state: snapshot(&turn.left),
            record: Some(record("rds", "ModifyDBSnapshotAttribute", request, response)),
            made: turn.made(FORBIDDEN, element),
        })
    }

    fn open(state: &Observed<DbSnapshot>) -> Vec<String> {
        values(state).iter().filter(|value| FORBIDDEN.contains(value)).map(element).collect()
    }

    fn allows(state: &Observed<DbSnapshot>) -> Vec<String> {
        Self::lines(state)
    }

    fn key() -> SnapshotRef {
        SnapshotRef { of: SnapshotOf::Instance, id: ID.to_owned() }
    }
}

fn instance(is_public: bool) -> Observed<DbInstance> {
    DbInstances::live(&json!({"DBInstanceIdentifier": ID, "PubliclyAccessible": is_public, "DeletionProtection": true}))
}

fn is_public(state: &Observed<DbInstance>) -> bool {
    state.known().is_some_and(|it| it.is_public == Observed::Known(true))
}

impl Story for DbInstances {
    const GUARDRAIL: &'static str = "db-instance-publicly-accessible";

    fn start(_: &mut Random) -> Observed<DbInstance> {
        instance(false)
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<DbInstance>) -> Option<Change<DbInstance>> {
        let opens = by != Writer::Owner;
        if is_public(state) == opens {
            return None;
        }
        let request = json!({"dBInstanceIdentifier": ID, "publiclyAccessible": opens, "applyImmediately": false});
        let response = json!({"dBInstanceIdentifier": ID, "publiclyAccessible": opens, "deletionProtection": true});
        let response = if random.chance(70) { response } else { json!(null) };
        Some(Change {
            says: format!("ModifyDBInstance public {opens}"),
            state: instance(opens),
            record: Some(record("rds", "ModifyDBInstance", request, response)),
            made: if opens { vec![PUBLIC_ACCESS.to_owned()] } else { Vec::new() },
        })
    }

    fn open(state: &Observed<DbInstance>) -> Vec<String> {
        if is_public(state) { vec![PUBLIC_ACCESS.to_owned()] } else { Vec::new() }
    }

    fn allows(state: &Observed<DbInstance>) -> Vec<String> {
        Self::open(state)
    }

    fn key() -> InstanceRef {
        InstanceRef { id: ID.to_owned(), resource_id: None, is_cluster: false }
    }
}
