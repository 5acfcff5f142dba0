//! The retention of a log group. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::engine::count::counted;
use shared::resources::logs::LogGroupRetentions;

holding!(LogGroupRetentions);

impl Fake for LogGroupRetentions {
    /// A group of `DescribeLogGroups`
    fn answer(value: &Value) -> Option<u64> {
        value["retentionInDays"].as_u64()
    }

    fn line(days: &Option<u64>) -> String {
        days.map_or("kept for ever".to_owned(), |days| format!("kept for {days}", days = counted(days, "day")))
    }

    fn values() -> Vec<Option<u64>> {
        vec![None, Some(365), Some(1)]
    }

    fn name() -> &'static str {
        "aws-controltower/CloudTrailLogs"
    }
}
