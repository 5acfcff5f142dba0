//! What a replay found, counted.

use super::engine::{FileResult, Hit};
use super::source::{PassedOver, Source};
use super::text::thousands;
use jiff::{RoundMode, Timestamp, TimestampRound, Unit, tz::TimeZone};
use serde::Serialize;
use shared::engine::count::counted;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::verdict::{Severity, VerdictKind};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use uuid::Uuid;

/// How a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Violation,
    Exempt,
    Undetermined,
}

impl Kind {
    pub(super) fn of(finding: &Finding) -> Self {
        match (finding.verdict, finding.outcome) {
            (VerdictKind::Violation, Outcome::Exempt) => Self::Exempt,
            (VerdictKind::Violation, _) => Self::Violation,
            // A replay keeps nothing that is compliant.
            (VerdictKind::Undetermined | VerdictKind::Compliant, _) => Self::Undetermined,
        }
    }
}

/// How many of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    pub(super) violations: u64,
    pub(super) exempt: u64,
    pub(super) undetermined: u64,
}

impl Count {
    fn add(&mut self, kind: Kind) {
        match kind {
            Kind::Violation => self.violations += 1,
            Kind::Exempt => self.exempt += 1,
            Kind::Undetermined => self.undetermined += 1,
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.violations += other.violations;
        self.exempt += other.exempt;
        self.undetermined += other.undetermined;
    }
}

/// A finding in a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line {
    pub(super) severity: Reverse<Severity>,
    pub(super) time: Timestamp,
    pub(super) guardrail: &'static str,
    pub(super) resource: String,
    pub(super) actor: String,
    pub(super) reason: String,
}

/// A file that could not be read as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct BadFile {
    pub(super) path: String,
    pub(super) why: String,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub(super) files: u64,
    pub(super) bytes: u64,
    pub(super) records: u64,
    pub(super) reached: u64,
    pub(super) repeated: u64,
    pub(super) first: Option<Timestamp>,
    pub(super) last: Option<Timestamp>,
    pub(super) total: Count,
    pub(super) guardrails: BTreeMap<(Reverse<Severity>, &'static str), Count>,
    pub(super) severities: BTreeMap<Reverse<Severity>, Count>,
    pub(super) actors: BTreeMap<String, Count>,
    pub(super) accounts: BTreeMap<String, Count>,
    pub(super) days: BTreeMap<String, Count>,
    /// Violations by hour and severity.
    pub(super) timeline: BTreeMap<Timestamp, BTreeMap<Reverse<Severity>, u64>>,
    pub(super) gravest: Vec<Line>,
    pub(super) bad_files: Vec<BadFile>,
    /// Files in folders that are no logs.
    pub(super) passed_over: u64,
    /// The paths of the command line, by their place there, in which a record was read.
    read: BTreeSet<usize>,
    seen: HashSet<Uuid>,
}

/// How many of the gravest findings are shown one by one.
const GRAVEST: usize = 10;

impl Summary {
    /// Counts a file, but not its hits.
    pub(super) fn file(&mut self, source: &Source, result: &FileResult) {
        self.files += 1;
        self.bytes += result.contents.bytes;
        self.records += result.records;
        self.reached += result.reached;
        let unreadable = result.unreadable.as_ref().map_or(0, |(count, _)| *count);
        // Unwatched records do not make up for a watched one that cannot be read.
        if result.records > unreadable && (result.reached > 0 || unreadable == 0) {
            self.read.insert(source.argument);
        }
        let why = why_not_whole(result);
        if !why.is_empty() {
            self.bad_files.push(BadFile { path: source.path.display().to_string(), why: why.join("; ") });
        }
    }

    /// Counts what was not read of the paths of the command line; in which of them no record could be read.
    pub(super) fn passed_over<'a>(&mut self, paths: &'a [PathBuf], passed_over: &[PassedOver]) -> Vec<&'a PathBuf> {
        self.passed_over = passed_over.iter().map(|one| one.files).sum();
        let unread = paths.iter().enumerate().filter(|(at, _)| !self.read.contains(at));
        unread.map(|(_, path)| path).collect()
    }

    /// Counts an event's findings.
    pub(super) fn hit(&mut self, hit: &Hit) {
        for finding in &hit.findings {
            let kind = Kind::of(finding);
            let time = finding.cause.time;
            let day = TimeZone::UTC.to_datetime(time).date().to_string();
            let hour = time.round(TimestampRound::new().smallest(Unit::Hour).mode(RoundMode::Floor)).unwrap_or(time);
            let actor = finding.cause.actor.label();
            self.repeated += u64::from(!self.seen.insert(finding.id));
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
            self.total.add(kind);
            self.guardrails.entry((Reverse(finding.guardrail.severity), finding.guardrail.name)).or_default().add(kind);
            self.actors.entry(actor.clone()).or_default().add(kind);
            self.accounts.entry(finding.place.account.clone()).or_default().add(kind);
            self.days.entry(day).or_default().add(kind);
            self.severities.entry(Reverse(finding.severity)).or_default().add(kind);
            if kind == Kind::Violation {
                *self.timeline.entry(hour).or_default().entry(Reverse(finding.severity)).or_default() += 1;
                self.keep(Line {
                    severity: Reverse(finding.severity),
                    time,
                    guardrail: finding.guardrail.name,
                    resource: finding.resource.id.clone(),
                    actor,
                    reason: finding.reasons.first().cloned().unwrap_or_default(),
                });
            }
        }
    }

    /// Keeps the gravest, and of these the earliest; a repeated record is shown once.
    fn keep(&mut self, line: Line) {
        if let Err(at) = self.gravest.binary_search(&line)
            && at < GRAVEST
        {
            self.gravest.insert(at, line);
            self.gravest.truncate(GRAVEST);
        }
    }
}

/// Why a file cannot be called read, in a few words each.
fn why_not_whole(result: &FileResult) -> Vec<String> {
    let contents = &result.contents;
    let mut why: Vec<String> = contents.broken.iter().cloned().collect();
    if contents.strays > 0 {
        why.push(format!(
            "{} {} no JSON",
            counted(thousands(contents.strays), "line"),
            if contents.strays == 1 { "is" } else { "are" }
        ));
    }
    if let Some((count, first)) = &result.unreadable {
        why.push(format!("{}: {first}", counted(thousands(*count), "unreadable event")));
    }
    if result.records == 0 && contents.broken.is_none() {
        let kinds = [
            (result.insights, "CloudTrail Insights event"),
            (result.foreign, "other EventBridge event"),
            (result.others, "other object"),
        ];
        let kinds: Vec<String> = kinds
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, kind)| counted(thousands(count), kind))
            .collect();
        let beside = if kinds.is_empty() { String::new() } else { format!(" (but {})", kinds.join(", ")) };
        why.push(format!("no CloudTrail record was found in it{beside}"));
    }
    why
}

/// The entries with the most violations first.
pub(super) fn ranked(counts: &BTreeMap<String, Count>) -> Vec<(&str, Count)> {
    let mut all: Vec<(&str, Count)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    all.sort_by_key(|(name, count)| (Reverse((count.violations, count.undetermined)), *name));
    all
}
