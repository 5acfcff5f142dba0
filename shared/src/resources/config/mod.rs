//! AWS Config: the recorder, its delivery channel, and rules.

pub mod recorder;
pub mod rules_deleted;

pub use recorder::ConfigRecorders;
pub use rules_deleted::DeletedRules;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Config API reference".
pub const CONFIG: Api = Api {
    signed_as: "config",
    host: "config",
    protocol: Protocol::Json { version: "1.1", target: "StarlingDoveService" },
    errors: &[
        ("NoSuchConfigurationRecorderException", Means::NotThere),
        ("NoSuchDeliveryChannelException", Means::NotThere),
        // Recorder and channel need each other: the event of the other one brings it back.
        ("NoAvailableDeliveryChannelException", Means::NotYet),
        ("NoAvailableConfigurationRecorderException", Means::NotYet),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "config.amazonaws.com";
