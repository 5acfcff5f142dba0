//! The end of a burst is said once, also when nothing follows: a schedule brings the function back when the window is over.

use super::{ALONE, Alike, Burst, NotifyAs, WINDOW, notify_as};
use crate::operations::deferral;
use crate::operations::deferral::Schedule;
use crate::operations::ledger::{Counted, Tally};
use crate::policy::declared;
use crate::resources::catalogue;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use thiserror::Error;

/// How the names of bursts' counters begin.
pub(super) const NAME: &str = "count#burst#";

/// A burst, as the schedule hands it over.
#[derive(Serialize, Deserialize)]
struct Written {
    name: String,
    ends: Timestamp,
    guardrail: String,
    #[serde(flatten)]
    alike: Alike,
}

/// Why a payload hands over no burst.
#[derive(Debug, Error)]
pub enum BurstError {
    /// It has another shape.
    #[error("`burst`: {0}")]
    Unreadable(#[source] serde_json::Error),
    /// This version has no such guardrail.
    #[error("`burst` of the guardrail `{0}`, which is unknown")]
    NoGuardrail(String),
    /// It names another item of the ledger.
    #[error("`burst` names no counter of one")]
    NoCounter,
}

impl Burst {
    /// What brings the function back when the window is over: the same for each process that sees the burst.
    #[must_use]
    pub fn ending(&self, function: &str, now: Timestamp) -> Schedule {
        let wait = Duration::try_from(self.ends.duration_since(now)).unwrap_or_default();
        let name = deferral::name("burst", &[function, &self.tally.name]);
        Schedule { name, at: deferral::at(now, wait), input: self.payload().to_string() }
    }

    /// What is handed over.
    #[must_use]
    pub fn payload(&self) -> Value {
        let written = Written {
            name: self.tally.name.clone(),
            ends: self.ends,
            guardrail: self.about.name.to_owned(),
            alike: self.alike.clone(),
        };
        json!({ "parapet": { "task": "burst", "burst": written } })
    }

    /// Reads what was handed over. How many there were is not in it: the ledger says that.
    ///
    /// # Errors
    /// [`BurstError`].
    pub fn read(own: &Value) -> Result<Self, BurstError> {
        let burst = own.get("burst").cloned().unwrap_or_default();
        let written: Written = serde_json::from_value(burst).map_err(BurstError::Unreadable)?;
        let Written { name, ends, guardrail, alike } = written;
        let known = catalogue().into_iter().find(|entry| entry.about.name == guardrail).map(|entry| entry.about);
        let known = known.or_else(|| declared(&guardrail));
        let about = known.ok_or(BurstError::NoGuardrail(guardrail))?;
        if !name.starts_with(NAME) {
            return Err(BurstError::NoCounter);
        }
        Ok(Self { tally: Tally::one(name, ends.checked_add(WINDOW).unwrap_or(ends)), ends, about, alike })
    }
}

/// Whether a digest for the end says anything that none has said yet: more were counted than at the last digest.
#[must_use]
pub fn is_worth_ending(counted: Counted) -> bool {
    counted.count > ALONE && notify_as(counted.count) != NotifyAs::Digest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;
    use crate::operations::bursts::burst;
    use rstest::rstest;

    fn now() -> Timestamp {
        "2026-01-31T12:10:00Z".parse().unwrap()
    }

    #[test]
    fn it_comes_back_after_its_window_as_it_was_and_once() {
        let burst = burst(&sample::remediated(), now()).unwrap();
        let schedule = burst.ending("function", now());
        assert!(schedule.at >= burst.ends && schedule.at <= burst.ends + jiff::SignedDuration::from_mins(2));
        let later = now() + jiff::SignedDuration::from_mins(9);
        assert_eq!(schedule.name, burst.ending("function", later).name, "every process makes the same one");
        assert_ne!(schedule.name, burst.ending("another", now()).name);
        let payload: Value = serde_json::from_str(&schedule.input).unwrap();
        let read = Burst::read(&payload["parapet"]).unwrap();
        let counted = Counted { count: 57, calls: 171 };
        assert_eq!(
            read.digest(counted, true),
            burst.digest(counted, true),
            "the notice that another process would send"
        );
        assert_ne!(read.digest(counted, true).id(), burst.digest(counted, false).id());
    }

    #[rstest]
    #[case::no_guardrail("guardrail", "no-such-guardrail", "which is unknown")]
    #[case::another_counter("name", "count#breaker#x", "names no counter")]
    #[case::no_time("ends", "soon", "`burst`")]
    fn what_is_no_burst_is_refused(#[case] field: &str, #[case] value: &str, #[case] expected: &str) {
        let mut payload = burst(&sample::remediated(), now()).unwrap().payload();
        payload["parapet"]["burst"][field] = value.into();
        let problem = Burst::read(&payload["parapet"]).unwrap_err();
        assert!(problem.to_string().contains(expected), "{problem}");
        assert!(Burst::read(&json!({})).is_err());
    }

    #[rstest]
    #[case::none_was_counted(0, false)]
    #[case::all_were_notified_by_themselves(3, false)]
    #[case::the_digest_said_all(4, false)]
    #[case::one_more(5, true)]
    #[case::the_hundredth_was_said(100, false)]
    #[case::many(9_999, true)]
    fn the_end_is_said_where_more_were_counted_than_said(#[case] count: u64, #[case] expected: bool) {
        assert_eq!(is_worth_ending(Counted { count, calls: 0 }), expected);
    }
}
