//! AWS CloudTrail: trails; the event data stores, channels and dashboards of CloudTrail Lake.

pub mod event_data_store;
pub mod resource_policy;
pub mod trail;

pub use event_data_store::deleted::StoreDeletions;
pub use event_data_store::ingestion_stopped::StoreIngestions;
pub use resource_policy::TrailPolicies;
pub use trail::Trails;

use crate::engine::request::{Api, Means, Protocol};
use serde_json::Value;

/// "AWS CloudTrail API reference".
pub const CLOUDTRAIL: Api = Api {
    signed_as: "cloudtrail",
    host: "cloudtrail",
    protocol: Protocol::Json { version: "1.1", target: "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101" },
    errors: &[
        ("TrailNotFoundException", Means::NotThere),
        ("TrailAlreadyExistsException", Means::Changed),
        ("InsightNotEnabledException", Means::NotThere),
        ("ConflictException", Means::NotYet),
        ("ChannelNotFoundException", Means::NotThere),
        ("EventDataStoreNotFoundException", Means::NotThere),
        ("ResourceNotFoundException", Means::NotThere),
        // It is still stopping, or another caller restored it: a later read shows which.
        ("InvalidEventDataStoreStatusException", Means::NotYet),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "cloudtrail.amazonaws.com";

/// Names of members as a call has them: a record begins them in lower case.
pub(crate) fn capitalised(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let large = |(name, value): (&String, &Value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_uppercase());
                (first.into_iter().chain(letters).collect(), capitalised(value))
            };
            Value::Object(members.iter().map(large).collect())
        }
        Value::Array(list) => list.iter().map(capitalised).collect(),
        other => other.clone(),
    }
}
