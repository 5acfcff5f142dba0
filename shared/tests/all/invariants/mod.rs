//! What must hold whatever happens, shown on generated sequences of changes, records, repeated, reordered, late and forged ones,
//! operator actions and faults, on an account whose reads lag and in which another principal writes between a read and a
//! write:
//!
//! - no call leaves a state more permissive than what stood, or than what its owner has set last and policy allows. The one exception:
//!   where nothing stands any more of what the owner set, and the owner's record is on its way, an older state of the owner's may come
//!   back, and the operator is notified when that record comes (not of network ACL entries: docs/security.md);
//! - no state that complies is changed but for a change that the last look before the call could not show, and that is reported;
//!   every call that overwrites is computed from a look and compared with another;
//! - every opening that policy forbids is closed or reported within one delivery of its record, and closed in the end;
//! - nothing is reported as closed that is open.
//!
//! Planted defects (no read before a call, a late record believed, no comparison) are each noticed.
//!
//! Seeds that failed once are always played. `SEQUENCES=1000000 cargo test -p shared --release --test all invariants` plays as many of each family;
//! `FIRST=n` begins at another
//! seed. The number is small where nothing is said.

mod account;
mod acls;
mod attachments;
mod console;
mod databases;
mod groups;
mod inline;
mod overwritten;
mod random;
mod sets;
mod sharing;
mod story;
mod trusts;

use self::account::Planted;
use self::story::{Story, play};
use shared::resources::database::instance::DbInstances;
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::ec2::image::Images;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::ec2::serial_console::SerialConsole;
use shared::resources::ec2::snapshot::Snapshots;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::policy_attachment::PolicyAttachments;
use shared::resources::iam::role_trust::RoleTrusts;

/// How many sequences of each family are played where nothing is said.
const FEW: u64 = 120;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// `once` are seeds that failed once: they are always played.
fn hold<F: Story>(once: &[u64]) {
    let (first, count) = (number("FIRST", 0), number("SEQUENCES", FEW));
    for seed in once.iter().copied().chain(first..first + count) {
        if let Err(broken) = play::<F>(seed, None) {
            panic!("seed {}: {}\n{}", broken.seed, broken.promise, broken.log.join("\n"));
        }
    }
}

macro_rules! holds {
    ($($name:ident: $family:ty, $once:expr;)+) => {
        $(#[test]
        fn $name() {
            hold::<$family>(&$once);
        })+
    };
}

holds! {
    security_groups: SecurityGroups, [];
    serial_console: SerialConsole, [];
    snapshots: Snapshots, [];
    images: Images, [];
    database_snapshots: DbSnapshots, [];
    databases: DbInstances, [];
    policy_attachments: PolicyAttachments, [];
    network_acls: NetworkAcls, [9594, 37430];
    inline_policies: InlinePolicies, [173, 174, 1946, 2772, 14501, 16193, 17637, 18825, 29526, 29867, 34613, 38643, 39456, 40777, 51513, 88955];
    trust_policies: RoleTrusts, [2772, 2773, 5414, 7006, 8949, 10276, 15955, 18728, 21546, 25330, 27232, 33079, 35853, 37820, 82002, 86223];
}

/// Within how many sequences a planted defect is noticed: the first one that shows it is the last one that is played.
const SOON: u64 = 1000;

/// The defect is noticed.
fn noticed<F: Story>(planted: Planted) {
    let broken = (0..SOON).find_map(|seed| play::<F>(seed, Some(planted)).err());
    let broken = broken.unwrap_or_else(|| panic!("{planted:?} is not noticed"));
    println!("{planted:?}: seed {}: {}", broken.seed, broken.promise);
}

macro_rules! notices {
    ($($name:ident: $planted:ident in $($family:ty),+;)+) => {
        $(#[test]
        fn $name() {
            $(noticed::<$family>(Planted::$planted);)+
        })+
    };
}

notices! {
    a_call_without_a_read_is_noticed: NoRead in RoleTrusts, InlinePolicies, PolicyAttachments;
    a_late_record_that_is_believed_is_noticed: LateBelieved in RoleTrusts, InlinePolicies;
    a_call_without_a_comparison_is_noticed: NotCompared in RoleTrusts, InlinePolicies, PolicyAttachments;
}
