//! The object ownership of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketOwnerships;
use shared::resources::s3::ownership::Ownership;

holding!(BucketOwnerships);

impl Fake for BucketOwnerships {
    /// `ObjectOwnership` of `GetBucketOwnershipControls`; `none` where there is no configuration.
    fn answer(value: &Value) -> Ownership {
        value["ObjectOwnership"].as_str().and_then(Ownership::read).unwrap_or(Ownership::None)
    }

    fn line(ownership: &Ownership) -> String {
        ownership.word().unwrap_or("no ownership controls").to_owned()
    }

    fn values() -> Vec<Ownership> {
        vec![Ownership::BucketOwnerEnforced, Ownership::None]
    }
}
