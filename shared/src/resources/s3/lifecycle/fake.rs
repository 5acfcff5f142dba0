//! The lifecycle configuration of a bucket. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::s3::BucketLifecycles;
use shared::resources::s3::lifecycle::{Expiry, expiry};
use shared::resources::s3::rules::{BucketRef, Rule, Rules, Switch};

impl Living for BucketLifecycles {
    fn change(live: &mut Observed<Rules<Expiry>>, action: &Switch<Self>) -> Result<(), ApplyError> {
        let Observed::Known(held) = live else { return Err(not_there("NoSuchBucket")) };
        assert_eq!(action.bucket, held.bucket, "a call about another bucket");
        for rule in held.rules.iter_mut().filter(|rule| action.rules.contains(&rule.id)) {
            rule.is_enabled = action.on;
        }
        Ok(())
    }

    fn read(live: &Observed<Rules<Expiry>>, key: &BucketRef) -> Observed<Rules<Expiry>> {
        match live {
            Observed::Known(held) if held.bucket != key.bucket => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `Rules` of `GetBucketLifecycleConfiguration`.
    fn live(value: &Value) -> Observed<Rules<Expiry>> {
        let rules = value["Rules"].as_array().into_iter().flatten().map(|rule| Rule {
            id: rule["ID"].as_str().unwrap().to_owned(),
            is_enabled: rule["Status"] == "Enabled",
            says: expiry(rule),
        });
        Observed::Known(Rules { bucket: "orders".to_owned(), rules: rules.collect() })
    }

    fn lines(live: &Observed<Rules<Expiry>>) -> Vec<String> {
        let line =
            |rule: &Rule<Expiry>| format!("{} {}", rule.id, if rule.is_enabled { "enabled" } else { "disabled" });
        live.known().map(|held| held.rules.iter().map(line).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        [true, false].map(|on| json!({"bucket": "orders", "rules": ["r"], "on": on})).into()
    }
}
