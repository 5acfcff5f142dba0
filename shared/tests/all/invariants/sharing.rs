//! Snapshots and images: with whom they are shared, entry by entry.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::{record, turn};
use crate::invariants::story::{Change, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::resources::ec2::image::Images;
use shared::resources::ec2::sharing::{Shared, SharedRef};
use shared::resources::ec2::snapshot::Snapshots;

const FORBIDDEN: &[&str] = &["everyone"];
const ALLOWED: &[&str] = &["account 444455556666", "account 555566667777"];

fn permission(element: &&str) -> Value {
    match element.strip_prefix("account ") {
        Some(id) => json!({"UserId": id}),
        None => json!({"Group": "all"}),
    }
}

fn asked(element: &&str) -> Value {
    match element.strip_prefix("account ") {
        Some(id) => json!({"userId": id}),
        None => json!({"group": "all"}),
    }
}

fn standing<F: Living>(state: &Observed<F::State>) -> Vec<&'static str> {
    let lines = F::lines(state);
    FORBIDDEN.iter().chain(ALLOWED).filter(|element| lines.iter().any(|line| line == *element)).copied().collect()
}

macro_rules! shared_with {
    ($family:ty, $guardrail:literal, $call:literal, $id:literal, $read:literal, $reads:literal, $key:literal, $asks:literal) => {
        impl Story for $family {
            const GUARDRAIL: &'static str = $guardrail;

            fn start(random: &mut Random) -> Observed<Shared> {
                let with: Vec<&str> = ALLOWED.iter().filter(|_| random.chance(50)).copied().collect();
                Self::live(&json!({$read: $id, $reads: with.iter().map(permission).collect::<Vec<_>>()}))
            }

            fn change_by(by: Writer, random: &mut Random, state: &Observed<Shared>) -> Option<Change<Shared>> {
                let turn = turn(by, random, &standing::<Self>(state), ALLOWED, FORBIDDEN)?;
                let verb = if turn.adds { "add" } else { "remove" };
                let items: Vec<Value> = turn.which.iter().map(asked).collect();
                let request = json!({$key: $id, $asks: {verb: {"items": items}}});
                let left: Vec<Value> = turn.left.iter().map(permission).collect();
                Some(Change {
                    says: format!("{} {verb} {:?}", $call, turn.which),
                    state: Self::live(&json!({$read: $id, $reads: left})),
                    record: Some(record("ec2", $call, request, json!({"_return": true}))),
                    made: turn.made(FORBIDDEN, |element| (*element).to_owned()),
                })
            }

            fn open(state: &Observed<Shared>) -> Vec<String> {
                let standing = standing::<Self>(state);
                FORBIDDEN.iter().filter(|it| standing.contains(it)).map(|it| (*it).to_owned()).collect()
            }

            fn allows(state: &Observed<Shared>) -> Vec<String> {
                Self::lines(state)
            }

            fn key() -> SharedRef {
                SharedRef { id: $id.to_owned() }
            }
        }
    };
}

shared_with!(
    Snapshots,
    "snapshot-public",
    "ModifySnapshotAttribute",
    "snap-0a1b2c3d4e5f60718",
    "SnapshotId",
    "CreateVolumePermissions",
    "snapshotId",
    "createVolumePermission"
);
shared_with!(
    Images,
    "image-public",
    "ModifyImageAttribute",
    "ami-0a1b2c3d4e5f60718",
    "ImageId",
    "LaunchPermissions",
    "imageId",
    "launchPermission"
);
