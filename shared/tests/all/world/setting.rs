//! Every setting: one fake, since how a call changes it and what it shows follow from its description.

use super::not_there;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::setting::{Set, Setting};
use shared::resources::database::protection::{Made, Protected, Protection};
use shared::resources::database::{DbClusters, DynamodbTables, LoadBalancers, described};
use shared::resources::ec2::block_public_access::Blocking;
use shared::resources::ec2::image_block_public_access::ImageBlock;
use shared::resources::ec2::serial_console::ConsoleAccess;
use shared::resources::ec2::snapshot_block_public_access::{SnapshotBlock, SnapshotBlockRef};
use shared::resources::ec2::transit_gateway::TransitGateway;
use shared::resources::ec2::{ImageBlockPublicAccess, SerialConsole, SnapshotBlockPublicAccess, TransitGateways};

/// What the description of a setting does not say.
pub trait Fake: Setting {
    /// Where the state holds the value.
    fn put(state: &mut Self::State, value: Self::Value);

    /// The state that an answer of the API describes.
    fn answer(value: &Value) -> Self::State;

    /// The line that a fixture names.
    fn line(state: &Self::State) -> String;

    /// Whether a look by the key finds it.
    fn is_of(state: &Self::State, key: &Self::Key) -> bool {
        let _ = (state, key);
        true
    }
}

pub fn change<S: Fake>(live: &mut Observed<S::State>, action: &Set<S>) -> Result<(), ApplyError> {
    match live {
        Observed::Known(state) if S::shown(state).subject == *action.subject() => {
            S::put(state, action.value());
            Ok(())
        }
        Observed::Known(_) | Observed::Absent => Err(not_there("NotFound")),
        // A change that no read shows for a while.
        Observed::Unknown { .. } => Ok(()),
    }
}

pub fn read<S: Fake>(live: &Observed<S::State>, key: &S::Key) -> Observed<S::State> {
    match live {
        Observed::Known(state) if !S::is_of(state, key) => Observed::Absent,
        other => other.clone(),
    }
}

/// Both traits are of other crates than the family, so each family is named.
macro_rules! living {
    ($($setting:ty),+ $(,)?) => {
        $(impl $crate::world::Living for $setting {
            fn change(live: &mut shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, action: &<Self as shared::engine::family::Family>::Action) -> Result<(), shared::engine::plan::ApplyError> {
                $crate::world::setting::change(live, action)
            }

            fn read(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, key: &<Self as shared::engine::family::Family>::Key) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                $crate::world::setting::read::<Self>(live, key)
            }

            fn live(value: &serde_json::Value) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                shared::engine::observed::Observed::Known(<Self as $crate::world::setting::Fake>::answer(value))
            }

            fn lines(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>) -> Vec<String> {
                live.known().map(<Self as $crate::world::setting::Fake>::line).into_iter().collect()
            }
        })+
    };
}

pub(crate) use living;

living! {
    SerialConsole, ImageBlockPublicAccess, SnapshotBlockPublicAccess, TransitGateways, DbClusters, DynamodbTables, LoadBalancers,
}

impl Fake for SerialConsole {
    fn put(access: &mut ConsoleAccess, is_enabled: bool) {
        access.is_enabled = is_enabled;
    }

    /// `GetSerialConsoleAccessStatus`
    fn answer(value: &Value) -> ConsoleAccess {
        ConsoleAccess { is_enabled: value["SerialConsoleAccessEnabled"].as_bool().unwrap() }
    }

    fn line(access: &ConsoleAccess) -> String {
        format!("serial console access {}", access.is_enabled)
    }
}

impl Fake for ImageBlockPublicAccess {
    fn put(block: &mut ImageBlock, is_blocked: bool) {
        block.is_blocked = is_blocked;
    }

    /// `GetImageBlockPublicAccessState`
    fn answer(value: &Value) -> ImageBlock {
        let is_blocked = value["ImageBlockPublicAccessState"] == "block-new-sharing";
        ImageBlock { is_blocked, is_declared: value["ManagedBy"] == "declarative-policy" }
    }

    fn line(block: &ImageBlock) -> String {
        if block.is_blocked { "block-new-sharing" } else { "unblocked" }.to_owned()
    }
}

impl Fake for SnapshotBlockPublicAccess {
    fn put(block: &mut SnapshotBlock, level: Blocking) {
        block.now = level;
    }

    /// `GetSnapshotBlockPublicAccessState`
    fn answer(value: &Value) -> SnapshotBlock {
        let now = Blocking::read(value["State"].as_str().unwrap()).unwrap();
        let before = SnapshotBlockRef::default().kept;
        SnapshotBlock { now, before, is_declared: value["ManagedBy"] == "declarative-policy" }
    }

    fn line(block: &SnapshotBlock) -> String {
        block.now.to_string()
    }
}

impl Fake for TransitGateways {
    fn put(gateway: &mut TransitGateway, accepts: bool) {
        gateway.accepts_by_itself = Observed::Known(accepts);
    }

    /// One element of `TransitGateways` as `DescribeTransitGateways` writes it.
    fn answer(value: &Value) -> TransitGateway {
        TransitGateway {
            id: value["TransitGatewayId"].as_str().unwrap().to_owned(),
            owner: value["OwnerId"].as_str().map(str::to_owned),
            accepts_by_itself: Observed::Known(value["Options"]["AutoAcceptSharedAttachments"] == "enable"),
            stack: None,
        }
    }

    fn line(gateway: &TransitGateway) -> String {
        let accepts = gateway.accepts_by_itself == Observed::Known(true);
        format!("{} {}", gateway.id, if accepts { "accepts by itself" } else { "asks first" })
    }

    fn is_of(gateway: &TransitGateway, key: &Self::Key) -> bool {
        gateway.id == key.id
    }
}

/// A resource that has the switch and nothing else.
trait Described: Protection {
    fn described(value: &Value) -> Result<Protected<Self::Key>, String>;
}

impl Described for DbClusters {
    fn described(value: &Value) -> Result<Protected<Self::Key>, String> {
        described::cluster(value)
    }
}

impl Described for DynamodbTables {
    fn described(value: &Value) -> Result<Protected<Self::Key>, String> {
        described::table(value)
    }
}

impl Described for LoadBalancers {
    /// `DescribeLoadBalancerAttributes`, with the ARN beside it, when it was made (`CreatedTime`) and when it was read.
    fn described(value: &Value) -> Result<Protected<Self::Key>, String> {
        let time = |key: &str| value[key].as_str().map(|text| text.parse().unwrap());
        let made = time("CreatedTime").zip(time("Now")).map(|(at, seen)| Made { at, seen });
        let seen = described::load_balancer(value["LoadBalancerArn"].as_str().unwrap(), &value["Attributes"])?;
        Ok(Protected { made, ..seen })
    }
}

macro_rules! protected {
    ($($protection:ty),+) => {
        $(impl Fake for $protection {
            fn put(state: &mut Self::State, is_on: bool) {
                state.is_on = is_on;
            }

            fn answer(value: &Value) -> Self::State {
                Self::described(value).unwrap()
            }

            fn line(state: &Self::State) -> String {
                format!("deletion protection {}", if state.is_on { "on" } else { "off" })
            }

            fn is_of(state: &Self::State, key: &<Self as Setting>::Key) -> bool {
                state.key == *key
            }
        })+
    };
}

protected!(DbClusters, DynamodbTables, LoadBalancers);
