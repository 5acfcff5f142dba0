//! Files in, findings out, in the order of the files however many cores work on them.

use super::glance::{Glance, Shown};
use super::nested::{self, Found};
use super::record::Delivery;
use super::source::Source;
use super::split::{self, Contents, Splitter};
use crate::input::{Form, Scratch, open, table};
use crate::patterns::Patterns;
use serde_json::Value;
use shared::engine::finding::Finding;
use shared::engine::verdict::VerdictKind;
use shared::resources::by_record::Judge;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;

/// An event that a guardrail objects to, or cannot judge.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Its record, where the output shows it; null otherwise.
    pub(super) record: Value,
    /// Violations and what could not be judged.
    pub(super) findings: Vec<Finding>,
}

/// What became of a file.
#[derive(Debug, Default)]
pub(super) struct FileResult {
    pub(super) contents: Contents,
    /// CloudTrail records in it, wrapped or not.
    pub(super) records: u64,
    /// Events of CloudTrail Insights.
    pub(super) insights: u64,
    /// Other things that EventBridge delivers.
    pub(super) foreign: u64,
    /// Objects without any of these, and why something in them could not be looked into.
    pub(super) others: u64,
    /// Events that reached a function.
    pub(super) reached: u64,
    /// Events that reached a function and cannot be read, with the first reason.
    pub(super) unreadable: Option<(u64, String)>,
    pub(super) hits: Vec<Hit>,
}

/// What a thread reports of the file that it reads.
enum News {
    /// Some of its hits.
    Hits(Vec<Hit>),
    /// It is done with; the result holds the last hits.
    End(FileResult),
}

/// What a thread reports of the run of files that it has taken.
enum Batch<'a> {
    /// There is more to come.
    Some(Vec<(&'a Source, News)>),
    /// That was all.
    All(Vec<(&'a Source, News)>),
}

/// What [`Engine::run`] hands on.
pub(super) enum Step<'a> {
    /// An event with findings.
    Hit(&'a Hit),
    /// The end of a file.
    File(&'a Source, &'a FileResult),
}

/// Findings of one file that may wait before they are handed on.
const BATCH: usize = 64;

/// What a thread uses for one file after the other.
#[derive(Default)]
struct Memory {
    scratch: Scratch,
    splitter: Splitter,
}

/// Patterns, judge and what they let us skip.
pub(super) struct Engine<'a> {
    patterns: &'a Patterns,
    judge: &'a Judge,
    own_roles: &'a [String],
    glance: Glance<'a>,
    shows_records: bool,
}

impl<'a> Engine<'a> {
    pub(super) fn new(patterns: &'a Patterns, judge: &'a Judge, own_roles: &'a [String]) -> Self {
        Self { patterns, judge, own_roles, glance: Glance::new(patterns.calls()), shows_records: false }
    }

    /// The same, whose hits hold their records.
    pub(super) fn with_records(self) -> Self {
        Self { shows_records: true, ..self }
    }

    /// Reads all files with `jobs` threads and hands hits and results to `each`, in the order of `sources`: any number of
    /// hits of a file, then its end.
    ///
    /// # Errors
    /// What `each` answers; nothing is read after that.
    pub(super) fn run<E: Send>(
        &self,
        sources: &[Source],
        jobs: NonZeroUsize,
        seen: impl Fn(u64) + Sync,
        mut each: impl FnMut(Step<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let next = AtomicUsize::new(0);
        // Bounded: findings do not pile up when the output is slower than the reading.
        let (send, receive) = sync_channel::<(usize, Batch<'_>)>(2 * jobs.get());
        let runs: Vec<&[Source]> = sources.chunks(run_length(sources.len(), jobs)).collect();
        thread::scope(|scope| {
            for _ in 0..jobs.get().min(runs.len()) {
                let (send, next, seen, runs) = (send.clone(), &next, &seen, &runs);
                scope.spawn(move || {
                    let mut memory = Memory::default();
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        let Some(run) = runs.get(at) else { break };
                        // Sent together: to wake the other thread for each of many small files costs more than they do.
                        let mut batch = Vec::with_capacity(run.len());
                        for source in *run {
                            let result = self.file(source, &mut memory, seen, |hits| {
                                batch.push((source, News::Hits(hits)));
                                drop(send.send((at, Batch::Some(std::mem::take(&mut batch)))));
                            });
                            batch.push((source, News::End(result)));
                        }
                        if send.send((at, Batch::All(batch))).is_err() {
                            break;
                        }
                    }
                });
            }
            drop(send);
            // Files are handed on in order: news of later ones wait for the earlier ones' end.
            let mut waiting: BTreeMap<usize, Vec<Batch<'_>>> = BTreeMap::new();
            let mut turn = 0;
            for (at, batch) in receive {
                waiting.entry(at).or_default().push(batch);
                while let Some(ready) = waiting.remove(&turn) {
                    let mut is_done = false;
                    for batch in ready {
                        let (news, is_last) = match batch {
                            Batch::Some(news) => (news, false),
                            Batch::All(news) => (news, true),
                        };
                        hand_on(news, &mut each)?;
                        is_done |= is_last;
                    }
                    if !is_done {
                        break;
                    }
                    turn += 1;
                }
            }
            Ok(())
        })
    }

    fn file(
        &self,
        source: &Source,
        memory: &mut Memory,
        seen: &(impl Fn(u64) + Sync),
        mut pass: impl FnMut(Vec<Hit>),
    ) -> FileResult {
        let mut found = FileResult::default();
        let mut object = |object: &[u8]| {
            self.object(object, &mut found);
            if found.hits.len() >= BATCH {
                pass(std::mem::take(&mut found.hits));
            }
        };
        let contents = match open(&source.path, &mut memory.scratch, seen) {
            Ok(Form::Whole(text)) => split::whole(text, object),
            Ok(Form::Json(stream)) => memory.splitter.records(stream, &mut object),
            Ok(Form::Table(stream)) => {
                let mut contents = Contents { bytes: source.size, ..Contents::default() };
                let read = table::rows(stream, |row| {
                    contents.objects += 1;
                    self.value(Value::Object(row), &mut found);
                    if found.hits.len() >= BATCH {
                        pass(std::mem::take(&mut found.hits));
                    }
                });
                Contents { broken: read.err().map(|error| error.to_string()), ..contents }
            }
            Ok(Form::Other(what)) => Contents { broken: Some(format!("it is {what}")), ..Contents::default() },
            Err(error) => Contents { broken: Some(error.to_string()), ..Contents::default() },
        };
        FileResult { contents, ..found }
    }

    /// Most objects are records that no guardrail asks for: these are not parsed.
    fn object(&self, bytes: &[u8], result: &mut FileResult) {
        let shown = self.glance.shown(bytes);
        // One record of each file is looked at closely: what only looks like records must not pass for a clean log.
        if shown == Shown::Unwanted && (result.records > 0 || Glance::is_record(bytes)) {
            result.records += self.glance.records(bytes);
            return;
        }
        match serde_json::from_slice(bytes) {
            Ok(value) => self.value(value, result),
            Err(error) if shown != Shown::Nothing || self.glance.names_a_call(bytes) => {
                unreadable(result, error.to_string());
            }
            Err(_) => result.others += 1,
        }
    }

    fn value(&self, value: Value, result: &mut FileResult) {
        let Found { deliveries, insights, lost } = nested::find(value);
        result.insights += insights;
        if deliveries.is_empty() && insights == 0 {
            result.others += 1;
        }
        if let Some(why) = lost {
            unreadable(result, why);
        }
        for delivery in deliveries {
            if delivery.is_foreign() {
                result.foreign += 1;
            } else {
                result.records += 1;
                self.delivery(delivery, result);
            }
        }
    }

    fn delivery(&self, delivery: Delivery, result: &mut FileResult) {
        if !delivery.is_delivered() {
            return;
        }
        if let Some(why) = delivery.damage() {
            // A pattern may ask for what is damaged: the name alone decides.
            if self.is_asked_for(delivery.record()) {
                unreadable(result, why);
            }
            return;
        }
        let families = self.patterns.functions_of(&delivery.envelope);
        if families.is_empty() {
            return;
        }
        let event = match delivery.event() {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(error) => return unreadable(result, error.to_string()),
        };
        if event.actor.role.as_ref().is_some_and(|role| self.own_roles.contains(role)) {
            return;
        }
        result.reached += 1;
        let findings = families.into_iter().flat_map(|family| self.judge.by_record(family, &event).unwrap_or_default());
        let findings: Vec<Finding> = findings.filter(|finding| finding.verdict != VerdictKind::Compliant).collect();
        if !findings.is_empty() {
            let record = if self.shows_records { delivery.into_record() } else { Value::Null };
            result.hits.push(Hit { record, findings });
        }
    }

    /// Whether some pattern could ask for a call of this name that did not fail.
    fn is_asked_for(&self, record: &Value) -> bool {
        let name = record.get("eventName").and_then(Value::as_str).unwrap_or_default();
        let kind = record.get("userIdentity").and_then(|identity| identity.get("type")?.as_str());
        let calls = self.patterns.calls();
        let is_caller = kind.map_or(!calls.callers().is_empty(), |kind| calls.callers().contains(kind));
        record.get("errorCode").is_none() && (is_caller || calls.may_ask(None, name))
    }
}

/// How many files a thread takes at a time: many where there are many, so that few are left to wait for at the end.
fn run_length(files: usize, jobs: NonZeroUsize) -> usize {
    const LONGEST: usize = 32;
    (files / (jobs.get() * 8)).clamp(1, LONGEST)
}

fn hand_on<E>(news: Vec<(&Source, News)>, each: &mut impl FnMut(Step<'_>) -> Result<(), E>) -> Result<(), E> {
    for (source, news) in news {
        let (hits, end) = match news {
            News::Hits(hits) => (hits, None),
            News::End(mut result) => (std::mem::take(&mut result.hits), Some(result)),
        };
        for hit in &hits {
            each(Step::Hit(hit))?;
        }
        if let Some(result) = end {
            each(Step::File(source, &result))?;
        }
    }
    Ok(())
}

fn unreadable(result: &mut FileResult, why: String) {
    match &mut result.unreadable {
        Some((count, _)) => *count += 1,
        None => result.unreadable = Some((1, why)),
    }
}
