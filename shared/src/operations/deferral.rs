//! What comes back later: a one-time schedule of EventBridge Scheduler that invokes the function itself.
//!
//! Its name follows from what it is for, so that a repeated run makes the same one and not a second.

use crate::engine::unavailable::Unavailable;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::future::Future;
use std::time::Duration;

/// One schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Unique in the group while it stands.
    pub name: String,
    /// When it invokes the function.
    pub at: Timestamp,
    /// What it hands over.
    pub input: String,
}

/// Where schedules are made.
pub trait Schedules: Sync {
    /// Makes it. One of the same name that stands already is success.
    fn create(&self, schedule: &Schedule) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// The longest input: the quota is 256 KB ("Quotas for Amazon EventBridge Scheduler", EventBridge Scheduler user guide).
pub const LONGEST_INPUT: usize = 250_000;

/// A name of at most 64 characters of `[0-9a-zA-Z-_.]` ("CreateSchedule", EventBridge Scheduler API reference): the same for
/// the same parts.
#[must_use]
pub fn name(what: &str, parts: &[&str]) -> String {
    const BYTES: usize = 20;
    let mut hash = Sha256::new();
    for part in parts {
        // With its length, so that no two lists of parts read alike.
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let hash = hash.finalize();
    format!("{what}-{}", HEXLOWER.encode_display(hash.get(..BYTES).unwrap_or(&hash)))
}

/// The first whole minute after `now` and `wait`. Scheduler works with a precision of 60 seconds, and refuses a time that has
/// passed when the call arrives ("Schedule types", EventBridge Scheduler user guide): so nothing comes back sooner than in a
/// few seconds, nor later than two minutes after it was asked for.
#[must_use]
pub fn at(now: Timestamp, wait: Duration) -> Timestamp {
    const MINUTE: i64 = 60;
    /// What the call itself may take.
    const CALL: i64 = 10;
    let wait = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
    let earliest = now.as_second().saturating_add(wait).saturating_add(CALL);
    let whole = earliest.div_euclid(MINUTE).saturating_add(1).saturating_mul(MINUTE);
    Timestamp::from_second(whole).unwrap_or(Timestamp::MAX)
}

/// The schedule's expression, in UTC.
#[must_use]
pub fn expression(at: Timestamp) -> String {
    at.strftime("at(%Y-%m-%dT%H:%M:%S)").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::at_once("2026-03-02T09:14:07Z", 0, "at(2026-03-02T09:15:00)")]
    #[case::too_close_to_the_minute("2026-03-02T09:14:55Z", 0, "at(2026-03-02T09:16:00)")]
    #[case::on_the_minute("2026-03-02T09:13:50Z", 0, "at(2026-03-02T09:15:00)")]
    #[case::a_grace_period("2026-03-02T09:14:07Z", 300, "at(2026-03-02T09:20:00)")]
    #[case::over_midnight("2026-12-31T23:59:59Z", 120, "at(2027-01-01T00:03:00)")]
    fn a_schedule_is_of_a_whole_minute_that_is_still_to_come(
        #[case] now: Timestamp,
        #[case] wait: u64,
        #[case] expected: &str,
    ) {
        let at = at(now, Duration::from_secs(wait));
        assert_eq!(expression(at), expected);
        assert!(at.duration_since(now).as_secs() >= i64::try_from(wait).unwrap());
    }

    #[test]
    fn an_endless_wait_is_a_time_all_the_same() {
        assert_eq!(at(Timestamp::now(), Duration::MAX), Timestamp::MAX);
    }

    #[test]
    fn a_name_is_scheduler_s_and_follows_from_its_parts() {
        let one = name("event", &["f3b1", "grace", "1"]);
        assert_eq!(one, name("event", &["f3b1", "grace", "1"]));
        for other in [&["f3b1", "grace", "2"][..], &["f3b1g", "race", "1"], &["f3b1", "grace1"]] {
            assert_ne!(one, name("event", other));
        }
        assert!(one.len() <= 64 && one.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{one}");
    }
}
