//! The object lock configuration of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketObjectLocks;
use shared::resources::s3::object_lock::state::{Lock, Mode, Period};

holding!(BucketObjectLocks);

fn period(value: &Value) -> Option<Period> {
    let number = |key: &str| value[key].as_i64().map(|number| i32::try_from(number).unwrap());
    number("Days").map(Period::Days).or(number("Years").map(Period::Years))
}

impl Fake for BucketObjectLocks {
    /// `ObjectLockConfiguration` of `GetObjectLockConfiguration`; `none` where there is none.
    fn answer(value: &Value) -> Lock {
        let retention = &value["Rule"]["DefaultRetention"];
        Lock {
            is_enabled: value["ObjectLockEnabled"] == "Enabled",
            mode: retention["Mode"].as_str().and_then(Mode::read),
            period: period(retention),
            hold: period(&retention["DefaultEventHold"]),
        }
    }

    fn line(lock: &Lock) -> String {
        lock.to_string()
    }

    fn values() -> Vec<Lock> {
        let strict =
            Lock { is_enabled: true, mode: Some(Mode::Compliance), period: Some(Period::Days(30)), hold: None };
        vec![strict, Lock { mode: None, period: None, ..strict }]
    }
}
