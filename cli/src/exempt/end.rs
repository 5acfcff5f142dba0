//! `--expires` and `--for`: when an exemption ends, and why not later.

use clap::Args;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use shared::policy::{LONGEST_DAYS, Until};
use thiserror::Error;

/// An end that no exemption gets.
#[derive(Debug, Error)]
pub(crate) enum BadEnd {
    #[error("the end {0} has passed already: name a later one")]
    Passed(Until),
    #[error(
        "the end {until} is more than {LONGEST_DAYS} days away: name {latest} at the latest, and renew it then with `--replace`"
    )]
    TooFar { until: Until, latest: Date },
    #[error("a number of hours, days or weeks was expected, such as 24h, 30d or 2w")]
    NoLength,
}

/// One of the two.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct End {
    /// The last day (UTC) that it holds, 2027-03-31, or the moment that it ends, 2027-03-31T12:00:00Z
    #[arg(long, value_name = "DATE|TIMESTAMP", value_parser = str::parse::<Until>)]
    expires: Option<Until>,
    /// How long it holds from now on: hours, days or weeks, such as 24h, 30d or 2w
    #[arg(long = "for", value_name = "LENGTH", value_parser = parse_length)]
    length: Option<SignedDuration>,
}

impl End {
    /// The end; why not where it has passed or is too far away.
    pub(super) fn until(&self, now: Timestamp) -> Result<Until, BadEnd> {
        let until = match (self.expires, self.length) {
            (Some(until), _) => until,
            (None, length) => {
                let end = now.as_second().saturating_add(length.unwrap_or_default().as_secs());
                Until::Moment(Timestamp::from_second(end).unwrap_or(Timestamp::MAX))
            }
        };
        if until.has_passed(now) {
            return Err(BadEnd::Passed(until));
        }
        let today = Until::Moment(now).day();
        let latest = today.saturating_add(SignedDuration::from_hours(24 * LONGEST_DAYS));
        if until.day() > latest {
            return Err(BadEnd::TooFar { until, latest });
        }
        Ok(until)
    }
}

pub(crate) fn parse_length(text: &str) -> Result<SignedDuration, BadEnd> {
    let hours = |unit| match unit {
        'h' => Some(1),
        'd' => Some(24),
        'w' => Some(24 * 7),
        _ => None,
    };
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let mut unit = text.strip_prefix(number).unwrap_or_default().chars();
    let read = unit.next().and_then(hours).zip(number.parse::<u32>().ok()).filter(|(_, number)| *number > 0);
    match (read, unit.next()) {
        (Some((hours, number)), None) => Ok(SignedDuration::from_hours(hours * i64::from(number))),
        _ => Err(BadEnd::NoLength),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn until(end: &str) -> Result<String, BadEnd> {
        let now = "2026-11-24T10:00:00.5Z".parse().unwrap();
        let (expires, length) = match end.parse() {
            Ok(until) => (Some(until), None),
            Err(_) => (None, Some(parse_length(end)?)),
        };
        End { expires, length }.until(now).map(|until| until.to_string())
    }

    #[test]
    fn an_end_lies_ahead_and_not_too_far() {
        assert_eq!(until("24h").unwrap(), "2026-11-25T10:00:00Z");
        assert_eq!(until("2w").unwrap(), "2026-12-08T10:00:00Z");
        assert_eq!(until("366d").unwrap(), "2027-11-25T10:00:00Z");
        assert_eq!(until("2026-11-24").unwrap(), "2026-11-24", "today counts");
        assert_eq!(until("2027-11-25").unwrap(), "2027-11-25");
        assert!(until("2026-11-23").unwrap_err().to_string().contains("has passed already"));
        assert!(until("2026-11-24T10:00:00Z").unwrap_err().to_string().contains("has passed already"));
        for far in ["2027-11-26", "9999-12-31", "367d", "4000000000h"] {
            let error = until(far).unwrap_err().to_string();
            assert!(error.contains("more than 366 days away: name 2027-11-25 at the latest"), "{error}");
        }
    }

    #[test]
    fn a_length_is_a_number_and_a_unit() {
        for bad in ["", "h", "30", "0d", "-1d", "1.5h", "3m", "3dd", "30 d", "99999999999999h"] {
            assert!(parse_length(bad).is_err(), "{bad}");
        }
    }
}
