//! The concurrency that a function reserves. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::parapet::ConcurrencyLimits;

holding!(ConcurrencyLimits);

impl Fake for ConcurrencyLimits {
    /// `GetFunctionConcurrency`
    fn answer(value: &Value) -> Option<u64> {
        value["ReservedConcurrentExecutions"].as_u64()
    }

    fn line(reserved: &Option<u64>) -> String {
        reserved.map_or("reserves nothing".to_owned(), |reserved| format!("reserves {reserved}"))
    }

    fn values() -> Vec<Option<u64>> {
        vec![None, Some(5), Some(0)]
    }

    fn name() -> &'static str {
        "parapet-SecurityGroupFunction-1A2B3C4D5E6F"
    }
}
