//! The object lock configurations of buckets.

use super::state::{Lock, Mode, Period};
use super::{BucketObjectLocks, GET_LOCK};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unset};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::{
    DefaultRetention, EventHoldDuration, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode,
    ObjectLockRule,
};

impl Observe<BucketObjectLocks> for S3 {
    async fn observe(&self, key: &Of<Lock>, _: ReadDepth) -> Result<Observed<Held<Lock>>, ReadError> {
        match self.client.get_object_lock_configuration().bucket(&key.name).send().await {
            Ok(answer) => Ok(match answer.object_lock_configuration.as_ref().map_or(Some(Lock::default()), lock) {
                Some(lock) => Observed::Known(Held::of(key, lock)),
                None => Observed::Unknown {
                    why: format!("the answer does not say how long bucket `{}` locks its objects", key.name),
                },
            }),
            Err(error) => unset(failure(&error), key, Lock::default(), GET_LOCK.action),
        }
    }
}

impl Apply<Write<BucketObjectLocks>> for S3 {
    async fn apply(&self, action: &Write<BucketObjectLocks>) -> Result<Applied, ApplyError> {
        let call = self.client.put_object_lock_configuration().bucket(&action.name);
        done(call.object_lock_configuration(written(&action.value)).send().await, action.permission())
    }
}

fn period(days: Option<i32>, years: Option<i32>) -> Option<Period> {
    days.map(Period::Days).or(years.map(Period::Years))
}

fn parts(period: Option<Period>) -> (Option<i32>, Option<i32>) {
    match period {
        Some(Period::Days(days)) => (Some(days), None),
        Some(Period::Years(years)) => (None, Some(years)),
        None => (None, None),
    }
}

/// None where it has a mode that is not known here: what is written again would lack it.
fn lock(configuration: &ObjectLockConfiguration) -> Option<Lock> {
    let retention = configuration.rule().and_then(ObjectLockRule::default_retention);
    let mode = match retention.and_then(DefaultRetention::mode) {
        Some(mode) => Some(Mode::read(mode.as_str())?),
        None => None,
    };
    let hold = retention.and_then(DefaultRetention::default_event_hold);
    Some(Lock {
        is_enabled: configuration.object_lock_enabled() == Some(&ObjectLockEnabled::Enabled),
        mode,
        period: retention.and_then(|retention| period(retention.days(), retention.years())),
        hold: hold.and_then(|hold| period(hold.days(), hold.years())),
    })
}

fn written(lock: &Lock) -> ObjectLockConfiguration {
    let ((days, years), (held_days, held_years)) = (parts(lock.period), parts(lock.hold));
    let hold = EventHoldDuration::builder().set_days(held_days).set_years(held_years).build();
    let retention = DefaultRetention::builder()
        .set_mode(lock.mode.map(|mode| ObjectLockRetentionMode::from(mode.word())))
        .set_days(days)
        .set_years(years)
        .set_default_event_hold(lock.hold.map(|_| hold))
        .build();
    let rule = ObjectLockRule::builder().default_retention(retention).build();
    let has_rule = lock.period.is_some() || lock.hold.is_some();
    ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .set_rule(has_rule.then_some(rule))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let none = Lock { is_enabled: true, ..Lock::default() };
        let days = Lock { mode: Some(Mode::Compliance), period: Some(Period::Days(30)), ..none };
        let held = Lock { hold: Some(Period::Years(1)), ..days };
        for one in [none, days, held] {
            assert_eq!(lock(&written(&one)), Some(one));
        }
    }
}
