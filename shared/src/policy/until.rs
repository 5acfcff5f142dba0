//! When an exemption ends: with a day, or at a moment.

use super::BadValue;
use jiff::civil::{Date, Time};
use jiff::{Timestamp, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The end of an exemption, read from and written as one text: `2027-03-31` or `2027-03-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The last day (UTC), which counts as a whole.
    Day(Date),
    /// The first moment that is no longer covered.
    Moment(Timestamp),
}

impl Until {
    /// The first moment that is no longer covered.
    #[must_use]
    pub fn end(self) -> Timestamp {
        match self {
            // The last day of the calendar has no next one: it never ends.
            Self::Day(day) => day
                .tomorrow()
                .and_then(|next| TimeZone::UTC.to_timestamp(next.to_datetime(Time::midnight())))
                .unwrap_or(Timestamp::MAX),
            Self::Moment(moment) => moment,
        }
    }

    /// True when it no longer holds at `now`.
    #[must_use]
    pub fn has_passed(self, now: Timestamp) -> bool {
        now >= self.end()
    }

    /// The day (UTC) that it falls on.
    #[must_use]
    pub fn day(self) -> Date {
        match self {
            Self::Day(day) => day,
            Self::Moment(moment) => TimeZone::UTC.to_datetime(moment).date(),
        }
    }
}

impl fmt::Display for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Moment(moment) => moment.fmt(f),
        }
    }
}

impl FromStr for Until {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let bad = |cause| BadValue::End { text: text.to_owned(), cause };
        match text.len() {
            DATE => text.parse().map(Self::Day).map_err(|cause| bad(Some(cause))),
            _ if is_rfc_3339(text) => text.parse().map(Self::Moment).map_err(|cause| bad(Some(cause))),
            _ => Err(bad(None)),
        }
    }
}

/// How long `2027-03-31` is.
const DATE: usize = 10;

/// The library reads more forms of a time than RFC 3339 has. The schema promises editors that one only.
fn is_rfc_3339(text: &str) -> bool {
    let is_sign_at = |at: usize, sign: u8| text.as_bytes().get(at) == Some(&sign);
    is_sign_at(4, b'-') && is_sign_at(7, b'-') && is_sign_at(13, b':') && is_sign_at(16, b':') && !text.contains('[')
}

impl Serialize for Until {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Until {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Until {
    fn schema_name() -> Cow<'static, str> {
        "Until".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "The last day (UTC) such as `2027-03-31`, or the moment such as `2027-03-31T12:00:00Z`.",
            "anyOf": [{ "format": "date" }, { "format": "date-time" }]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::the_whole_day_counts("2027-03-31", "2027-03-31T23:59:59Z", false)]
    #[case::and_no_day_more("2027-03-31", "2027-04-01T00:00:00Z", true)]
    #[case::before_the_moment("2027-03-31T12:00:00Z", "2027-03-31T11:59:59Z", false)]
    #[case::at_the_moment("2027-03-31T12:00:00Z", "2027-03-31T12:00:00Z", true)]
    #[case::in_another_zone("2027-03-31T14:00:00+02:00", "2027-03-31T12:00:00Z", true)]
    #[case::the_last_day_of_all("9999-12-31", "9999-12-30T00:00:00Z", false)]
    fn an_end_passes(#[case] until: Until, #[case] now: Timestamp, #[case] expected: bool) {
        assert_eq!(until.has_passed(now), expected);
    }

    #[rstest]
    #[case("2027-03-31", "2027-03-31")]
    #[case("2027-03-31T12:00:00Z", "2027-03-31T12:00:00Z")]
    #[case("2027-03-31T12:00:00.5Z", "2027-03-31T12:00:00.5Z")]
    #[case::in_utc("2027-03-31T14:00:00+02:00", "2027-03-31T12:00:00Z")]
    fn it_is_written_as_it_was_read(#[case] text: &str, #[case] written: &str) {
        let until: Until = serde_json::from_value(text.into()).unwrap();
        assert_eq!(serde_json::to_value(until).unwrap(), written);
        assert_eq!(until.to_string().parse::<Until>().unwrap(), until);
    }

    #[rstest]
    #[case("")]
    #[case("soon")]
    #[case("2027-13-01")]
    #[case("2027-02-29")]
    #[case::no_zone("2027-03-31T12:00:00")]
    #[case::a_zone_by_name("2027-03-31T12:00:00+02:00[Europe/Berlin]")]
    #[case::the_short_form("20270331T120000Z")]
    #[case::no_time("2027-03-31Z")]
    fn anything_else_is_refused_by_name(#[case] text: &str) {
        let error = text.parse::<Until>().unwrap_err().to_string();
        assert!(error.starts_with(&format!("`{text}`")), "{error}");
    }
}
