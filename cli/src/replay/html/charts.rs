//! The numbers of a summary as shapes and rows.

use crate::replay::summary::{Count, Summary, ranked};
use crate::replay::text::thousands;
use crate::terminal::Safe;
use jiff::{Span, Timestamp, ToSpan, civil::DateTime, tz::TimeZone};
use minijinja::{Value, context};
use shared::engine::verdict::Severity;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many rows a table names.
pub(super) const ROWS: usize = 10;

/// Those of the timeline, which shows violations alone.
pub(super) fn severities(summary: &Summary) -> Vec<&'static str> {
    let violated = summary.severities.iter().filter(|(_, count)| count.violations > 0);
    violated.map(|(Reverse(severity), _)| severity.word()).collect()
}

pub(super) fn cards(summary: &Summary) -> Vec<Value> {
    let card = |number: u64, name: &str, class: &str| context! { number => thousands(number), name, class };
    let good = if summary.total.violations == 0 { "good" } else { "" };
    let mut cards = vec![card(summary.total.violations, "violations", good)];
    for (Reverse(severity), count) in &summary.severities {
        if count.violations > 0 {
            cards.push(card(count.violations, severity.word(), severity.word()));
        }
    }
    cards.push(card(summary.total.undetermined, "undetermined", ""));
    if summary.total.exempt > 0 {
        cards.push(card(summary.total.exempt, "exempt", ""));
    }
    cards
}

pub(super) fn tables(summary: &Summary) -> Vec<Value> {
    let guardrails =
        summary.guardrails.iter().map(|((Reverse(severity), name), count)| (*name, severity.word(), *count));
    let plain = |counts| ranked(counts).into_iter().map(|(name, count)| (name, "plain", count)).collect::<Vec<_>>();
    vec![
        table("By guardrail", "Guardrail", &guardrails.collect::<Vec<_>>(), false),
        table("By account", "Account", &plain(&summary.accounts), false),
        table("By actor", "Actor", &plain(&summary.actors), true),
    ]
}

fn table(title: &str, column: &str, rows: &[(&str, &str, Count)], is_wide: bool) -> Value {
    let most = rows.iter().map(|(_, _, count)| count.violations + count.undetermined).max().unwrap_or(0).max(1);
    let part = |number: u64| number * 100 / most;
    let shown: Vec<Value> = rows
        .iter()
        .take(ROWS)
        .map(|(name, class, count)| {
            context! {
                name => Safe(name).to_string(), class => *class,
                violations => thousands(count.violations), undetermined => thousands(count.undetermined),
                exempt => thousands(count.exempt), part => part(count.violations), rest => part(count.undetermined),
            }
        })
        .collect();
    context! { title, column, is_wide, more => rows.len().checked_sub(ROWS).filter(|more| *more > 0), rows => shown }
}

const WIDTH: i64 = 1200;
const HEIGHT: i64 = 200;
/// Where the axis lies.
const BASE: i64 = 176;
const TOP: i64 = 10;
const LEFT: i64 = 40;

/// Stacked bars over the whole period, gaps included. None without a violation.
pub(super) fn timeline(summary: &Summary) -> Option<Value> {
    let (first, last) = (summary.timeline.keys().next()?, summary.timeline.keys().next_back()?);
    let scale = Scale::of(*first, *last);
    let mut buckets: BTreeMap<String, BTreeMap<Reverse<Severity>, u64>> = BTreeMap::new();
    for (hour, counts) in &summary.timeline {
        let bucket = buckets.entry(scale.bucket(civil(*hour))).or_default();
        for (severity, count) in counts {
            *bucket.entry(*severity).or_default() += count;
        }
    }
    let names = scale.names(civil(*first), civil(*last));
    let most = buckets.values().map(|counts| counts.values().sum::<u64>()).max()?;
    let step = (WIDTH - LEFT) as f64 / names.len() as f64;
    let width = (step * 0.85).min(60.0);
    let mut bars = Vec::new();
    let mut labels = Vec::new();
    let every = names.len().div_ceil(12);
    for (at, name) in names.iter().enumerate() {
        let x = LEFT as f64 + at as f64 * step;
        if at % every == 0 {
            labels.push(context! { x => format!("{:.1}", x + step.min(width) / 2.0), text => name });
        }
        let mut below = BASE as f64;
        for (Reverse(severity), count) in buckets.get(name).into_iter().flatten() {
            let height = (*count as f64 * (BASE - TOP) as f64 / most as f64).max(1.0);
            below -= height;
            bars.push(context! {
                class => severity.word(), x => format!("{x:.1}"), y => format!("{below:.1}"),
                width => format!("{width:.1}"), height => format!("{height:.1}"),
                title => format!("{name}: {} {severity}", thousands(*count)),
            });
        }
    }
    Some(context! {
        unit => scale.unit(), width => WIDTH, height => HEIGHT, base => BASE, most => thousands(most), bars, labels,
    })
}

fn civil(hour: Timestamp) -> DateTime {
    TimeZone::UTC.to_datetime(hour)
}

#[derive(Clone, Copy)]
enum Scale {
    Hour,
    Day,
    Month,
}

impl Scale {
    fn of(first: Timestamp, last: Timestamp) -> Self {
        let hours = last.duration_since(first).as_hours();
        match hours {
            ..=72 => Self::Hour,
            73..=2880 => Self::Day,
            _ => Self::Month,
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    fn bucket(self, time: DateTime) -> String {
        let date = time.date();
        match self {
            Self::Hour => format!("{date} {:02}h", time.hour()),
            Self::Day => date.to_string(),
            Self::Month => format!("{:04}-{:02}", date.year(), date.month()),
        }
    }

    /// Every bucket from the first to the last.
    fn names(self, first: DateTime, last: DateTime) -> Vec<String> {
        let step: Span = match self {
            Self::Hour => 1.hour(),
            Self::Day => 1.day(),
            Self::Month => 1.month(),
        };
        // A record may claim any year; the axis must end.
        const MOST: usize = 2_400;
        let begin = match self {
            Self::Hour | Self::Day => first,
            Self::Month => first.date().first_of_month().to_datetime(first.time()),
        };
        let end = self.bucket(last);
        let mut names = Vec::new();
        let mut time = begin;
        while names.len() < MOST {
            let name = self.bucket(time);
            let is_last = name >= end;
            names.push(name);
            match time.checked_add(step) {
                Ok(next) if !is_last => time = next,
                Ok(_) | Err(_) => break,
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(first: &str, last: &str) -> (&'static str, Vec<String>) {
        let (first, last) = (first.parse().unwrap(), last.parse().unwrap());
        let scale = Scale::of(first, last);
        (scale.unit(), scale.names(civil(first), civil(last)))
    }

    #[test]
    fn the_axis_has_no_gaps_and_ends() {
        let (unit, hours) = names("2026-01-31T22:00:00Z", "2026-02-01T01:00:00Z");
        assert_eq!((unit, hours.len(), hours[3].as_str()), ("hour", 4, "2026-02-01 01h"));
        let (unit, days) = names("2026-01-31T22:00:00Z", "2026-02-10T01:00:00Z");
        assert_eq!((unit, days.len(), days[1].as_str()), ("day", 11, "2026-02-01"));
        let (unit, months) = names("2025-01-31T22:00:00Z", "2026-02-10T01:00:00Z");
        assert_eq!((unit, months.len(), months[1].as_str()), ("month", 14, "2025-02"));
        assert!(names("0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z").1.len() <= 2_400);
    }
}
