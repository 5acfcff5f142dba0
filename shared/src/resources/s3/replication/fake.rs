//! The replication of a bucket. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::s3::BucketReplications;
use shared::resources::s3::replication::Destination;
use shared::resources::s3::rules::{BucketRef, Rule, Rules, Switch};

impl Living for BucketReplications {
    fn change(live: &mut Observed<Rules<Destination>>, action: &Switch<Self>) -> Result<(), ApplyError> {
        let Observed::Known(held) = live else { return Err(not_there("NoSuchBucket")) };
        assert_eq!(action.bucket, held.bucket, "a call about another bucket");
        for rule in held.rules.iter_mut().filter(|rule| action.rules.contains(&rule.id)) {
            rule.is_enabled = action.on;
        }
        Ok(())
    }

    fn read(live: &Observed<Rules<Destination>>, key: &BucketRef) -> Observed<Rules<Destination>> {
        match live {
            Observed::Known(held) if held.bucket != key.bucket => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `Rules` of `GetBucketReplication`; `Own` of a destination says whether the account has a bucket of its name.
    fn live(value: &Value) -> Observed<Rules<Destination>> {
        let rules = value["Rules"].as_array().into_iter().flatten().map(|rule| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let to = &rule["Destination"];
            let account = text(&to["Account"]);
            let is_own = match (&account, to["Own"].as_bool()) {
                (Some(_), _) => Observed::Absent,
                (None, Some(is_own)) => Observed::Known(is_own),
                (None, None) => Observed::Unknown { why: "the role lacks `s3:ListAllMyBuckets`".to_owned() },
            };
            let bucket = text(&to["Bucket"]).unwrap().rsplit(':').next().unwrap().to_owned();
            let says = Destination { bucket, account, is_own };
            Rule { id: text(&rule["ID"]).unwrap(), is_enabled: rule["Status"] == "Enabled", says }
        });
        Observed::Known(Rules { bucket: "orders".to_owned(), rules: rules.collect() })
    }

    fn lines(live: &Observed<Rules<Destination>>) -> Vec<String> {
        let line = |rule: &Rule<Destination>| {
            format!("{} to {} {}", rule.id, rule.says.bucket, if rule.is_enabled { "enabled" } else { "disabled" })
        };
        live.known().map(|held| held.rules.iter().map(line).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        [true, false].map(|on| json!({"bucket": "orders", "rules": ["r"], "on": on})).into()
    }
}
