//! What a bucket's object lock configuration says.

use crate::engine::count::counted;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fmt;

/// `ObjectLockConfiguration`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// `ObjectLockEnabled`: cannot be undone.
    pub is_enabled: bool,
    /// `Mode` of the default retention; none where there is none.
    pub mode: Option<Mode>,
    /// How long that lasts.
    pub period: Option<Period>,
    /// `DefaultEventHold`: how long new objects are held after an event.
    pub hold: Option<Period>,
}

/// `Mode`, the weaker one first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Who has the permission for it can delete a locked object all the same.
    Governance,
    /// Nobody can.
    Compliance,
}

/// `Days` or `Years`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Days.
    Days(i32),
    /// Years.
    Years(i32),
}

impl Mode {
    /// S3's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }

    /// S3's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

impl Period {
    fn days(self) -> i64 {
        match self {
            Self::Days(days) => i64::from(days),
            Self::Years(years) => i64::from(years) * 365,
        }
    }

    /// The name and the number, as S3 writes them.
    fn part(self) -> (&'static str, i32) {
        match self {
            Self::Days(days) => ("Days", days),
            Self::Years(years) => ("Years", years),
        }
    }

    /// What became of `before`, where it got shorter.
    fn shortened(before: Option<Self>, now: Option<Self>) -> Option<String> {
        match (before?, now) {
            (before, None) => Some(format!("of {before} was removed")),
            (before, Some(now)) if now.days() < before.days() => Some(format!("was shortened from {before} to {now}")),
            (_, Some(_)) => None,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Self::Days(days) => counted(days, "day"),
            Self::Years(years) => counted(years, "year"),
        })
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mode.zip(self.period) {
            Some((mode, period)) => write!(f, "{} for {period}", mode.word())?,
            None => f.write_str("no default retention")?,
        }
        match self.hold {
            Some(hold) => write!(f, ", event hold of {hold}"),
            None => Ok(()),
        }
    }
}

impl Lock {
    /// What is weaker than it was: part by part, with what became of it.
    #[must_use]
    pub fn weaker_than(&self, before: &Self) -> Vec<String> {
        // It cannot be disabled: this is another bucket of the name, which never had it.
        if !self.is_enabled {
            return Vec::new();
        }
        let mode = match (before.mode, self.mode) {
            (Some(Mode::Compliance), Some(Mode::Governance)) => Some("went from COMPLIANCE to GOVERNANCE".to_owned()),
            _ => None,
        };
        let retention = Period::shortened(before.period, self.period).into_iter().chain(mode);
        let retention = retention.map(|what| format!("default retention {what}"));
        let hold = Period::shortened(before.hold, self.hold).map(|what| format!("default event hold {what}"));
        retention.chain(hold).collect()
    }

    /// As the AWS command line takes it.
    #[must_use]
    pub fn configuration(&self) -> Value {
        let mut retention = Map::new();
        retention.extend(self.mode.map(|mode| ("Mode".to_owned(), mode.word().into())));
        retention.extend(self.period.map(|period| (period.part().0.to_owned(), period.part().1.into())));
        let hold =
            |period: Period| Value::Object(Map::from_iter([(period.part().0.to_owned(), period.part().1.into())]));
        retention.extend(self.hold.map(|period| ("DefaultEventHold".to_owned(), hold(period))));
        if retention.is_empty() {
            json!({"ObjectLockEnabled": "Enabled"})
        } else {
            json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn lock(mode: Mode, period: Period) -> Lock {
        Lock { is_enabled: true, mode: Some(mode), period: Some(period), hold: None }
    }

    const NONE: Lock = Lock { is_enabled: true, mode: None, period: None, hold: None };

    #[rstest]
    #[case::the_same(lock(Mode::Compliance, Period::Years(1)), lock(Mode::Compliance, Period::Days(365)), &[])]
    #[case::longer(lock(Mode::Governance, Period::Days(30)), lock(Mode::Compliance, Period::Years(1)), &[])]
    #[case::removed(lock(Mode::Governance, Period::Days(30)), NONE, &["default retention of 30 days was removed"])]
    #[case::shorter(lock(Mode::Governance, Period::Years(7)), lock(Mode::Governance, Period::Days(1)), &["default retention was shortened from 7 years to 1 day"])]
    #[case::weaker_and_longer(lock(Mode::Compliance, Period::Days(1)), lock(Mode::Governance, Period::Days(9)), &["default retention went from COMPLIANCE to GOVERNANCE"])]
    #[case::nothing_before(NONE, lock(Mode::Governance, Period::Days(1)), &[])]
    fn what_is_weaker(#[case] before: Lock, #[case] now: Lock, #[case] weaker: &[&str]) {
        assert_eq!(now.weaker_than(&before), weaker);
    }

    #[test]
    fn all_of_it_is_written() {
        let held = Lock { hold: Some(Period::Years(1)), ..lock(Mode::Compliance, Period::Days(30)) };
        let retention = json!({"Mode": "COMPLIANCE", "Days": 30, "DefaultEventHold": {"Years": 1}});
        assert_eq!(
            held.configuration(),
            json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}})
        );
        assert_eq!(NONE.configuration(), json!({"ObjectLockEnabled": "Enabled"}));
        assert_eq!(held.to_string(), "COMPLIANCE for 30 days, event hold of 1 year");
    }
}
