//! What is kept: good states, and the moments in which another caller's change may have been written over.
//!
//! Where a service takes no condition, what stands is compared right before the call; a change between that look and the call is
//! written over unseen. Its record comes later: it then shows something that is neither what was read nor what was written.

use super::Handled;
use super::evaluation::Evaluation;
use super::pipe::Pipe;
use crate::engine::erased::{AnyAction, AnyKey, AnyState, AnyTarget};
use crate::engine::family::{ReadDepth, Written};
use crate::engine::finding::Finding;
use crate::engine::memory;
use crate::engine::memory::MemoryError;
use crate::engine::observed::Observed;
use crate::engine::plan::Action as _;
use crate::engine::unavailable::Unavailable;
use crate::engine::verdict::{Severity, Verdict, VerdictKind};
use crate::notify::Notice;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;
use thiserror::Error;
use tracing::warn;

/// How many calls on one resource are kept: a document has 6,144 characters at most, and an item 400 KB.
const MOST_WINDOWS: usize = 8;

/// A call that wrote over what stood there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Window {
    /// Before the last look.
    pub(super) since: Timestamp,
    /// After the call.
    pub(super) until: Timestamp,
    /// The part that it wrote; empty for all of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) part: String,
    /// What the look showed.
    pub(super) read: Value,
    /// What was written.
    pub(super) wrote: Value,
    /// The call, for a person.
    pub(super) call: String,
    /// AWS answered it with success. A call without an answer may have been made.
    #[serde(default)]
    pub(super) is_sure: bool,
    /// When the good state that was kept, and that the call may have written again, was seen. What its owner wrote since then had not
    /// been read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) kept: Option<Timestamp>,
    /// It is kept under the name of the resource of another family that said what the call was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) elsewhere: Option<Other>,
}

/// Of which other resource a call depended on what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Other {
    /// Its family's kind, and its name there.
    #[serde(skip)]
    pub(super) name: (String, String),
    /// The command that gives back what the call took.
    pub(super) again: String,
}

/// What an event's record says of a resource.
pub(super) struct Claim {
    key: AnyKey,
    state: Option<AnyState>,
    written: Option<Written<AnyAction>>,
    says: Option<Value>,
}

/// Why the calls that wrote over something are unknown.
#[derive(Debug, Error)]
pub(super) enum WindowsError {
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error("what was kept of them cannot be read, {0}")]
    Unreadable(#[source] serde_json::Error),
}

/// Whether a change was written over is unknown.
#[derive(Debug, Error)]
#[error("whether a remediation overwrote this change is not known: {0}")]
pub(super) struct NotKnown(#[source] WindowsError);

/// The field of a kept state that says when it was seen.
const SEEN: &str = "kept_as_of";

impl Window {
    /// Whether a change of `part` to `content`, whose record says `at`, was written over unseen. Records know whole seconds,
    /// and a look may have shown what stood there up to `lag` before. Of a change to something `good` it counts, too, whether
    /// it is newer than the good state that was written again.
    fn hides(&self, part: &str, content: &Value, at: Timestamp, lag: Duration, good: bool) -> bool {
        let from = self.since.checked_sub(lag + Duration::from_secs(1)).unwrap_or(Timestamp::MIN);
        let is_newer = good && self.kept.is_some_and(|kept| kept < at);
        let is_then = (from < at || is_newer) && at <= self.until;
        is_then && self.part == part && *content != self.read && *content != self.wrote
    }

    /// Whether the call was computed from what another resource said before it was changed to `says`, by a record of `at`.
    fn missed(&self, says: &Value, at: Timestamp, lag: Duration) -> bool {
        let from = self.since.checked_sub(lag + Duration::from_secs(1)).unwrap_or(Timestamp::MIN);
        from < at && at <= self.until && *says != self.read
    }
}

impl Pipe<'_> {
    /// Keeps what was read last, when no guardrail objects to it. A record's word is never kept: where nothing was read, it is
    /// read for that.
    pub(super) async fn keep(&self, target: &AnyTarget, read: Option<Observed<AnyState>>, evaluations: &[Evaluation]) {
        if self.family.memory(&target.key).is_none() || !evaluations.iter().all(Evaluation::is_compliant_now) {
            return;
        }
        let read = match read {
            Some(read) => Ok(read),
            None => self.look(target, ReadDepth::Full).await,
        };
        let state = match read {
            Ok(Observed::Known(state)) => state,
            Ok(Observed::Absent) => match self.family.absent(&target.key) {
                Some(state) => state,
                None => return,
            },
            Ok(Observed::Unknown { .. }) | Err(_) => return self.forget(target).await,
        };
        let terms = self.terms();
        if !evaluations.iter().all(|evaluation| evaluation.complies(&state, &terms)) {
            return self.forget(target).await;
        }
        // An event asks the guardrails that it triggers; what is kept is the whole state. What another one objects to, or cannot judge, has a
        // record of its own, and is no good state meanwhile.
        if !self.others().all(|guardrail| guardrail.judge(&state, &terms) == Verdict::Compliant) {
            return;
        }
        let heirs = self.family.heirs(&state);
        let keys = std::iter::once(&target.key).chain(&heirs);
        let names = keys.filter_map(|key| memory::name(self.family, key, &self.place));
        for name in names {
            let Some(text) = self.dated(&state) else { return };
            if let Err(problem) = self.context.memory.keep(&name, &text).await {
                warn!(name, %problem, "a good state was not kept");
            }
        }
    }

    /// The state as it is kept; with the time at which it was seen, where a call may write it again later.
    fn dated(&self, state: &AnyState) -> Option<String> {
        let mut value = serde_json::to_value(state).ok()?;
        let lag: Duration = self.family.lag().iter().sum();
        let seen = if self.is_sweep { self.received.checked_sub(lag).ok()? } else { self.event.time };
        if let (Some(fields), Some(_)) = (value.as_object_mut(), self.family.is_rewritable(state).then_some(())) {
            fields.insert(SEEN.to_owned(), seen.to_string().into());
        }
        serde_json::to_string(&value).ok()
    }

    /// When the good state that is kept of the resource was seen.
    async fn kept_as_of(&self, key: &AnyKey) -> Option<Timestamp> {
        let name = memory::name(self.family, key, &self.place)?;
        let text = self.context.memory.recall(&name).await.ok()??;
        serde_json::from_str::<Value>(&text).ok()?.get(SEEN)?.as_str()?.parse().ok()
    }

    /// The owner's good document stood, and no read shows it: it is gone already, or cannot be read now. What was kept is older
    /// than it, and to restore that would restore what the owner has removed since.
    async fn forget(&self, target: &AnyTarget) {
        let Some(name) = memory::name(self.family, &target.key, &self.place) else { return };
        let is_whole = target.proven.as_ref().is_some_and(|state| self.family.is_rewritable(state));
        if !is_whole || self.wrote_lately(&target.key).await {
            return;
        }
        if let Err(problem) = self.context.memory.keep(&name, memory::NOTHING).await {
            warn!(name, %problem, "a state that is no longer the last good one was not forgotten");
        }
    }

    /// Whether a read may still show what this function itself has just written over.
    async fn wrote_lately(&self, key: &AnyKey) -> bool {
        let Some(name) = self.window_name(key) else { return false };
        let lag: Duration = self.family.lag().iter().sum();
        // Not known: what was kept may be older than what the owner has, and is forgotten rather than restored.
        let windows = self.windows(&name).await.unwrap_or_default();
        // What the record says stood there after the call: that no read shows it is not for the call's sake. A record's time is a
        // whole second: of the second in which the call ended, it may be either.
        let end = self.event.time.checked_add(Duration::from_secs(1)).unwrap_or(Timestamp::MAX);
        let last = windows.last().filter(|window| window.is_sure && end <= window.until);
        let until = last.and_then(|window| window.until.checked_add(lag).ok());
        until.is_some_and(|until| self.context.clock.now() < until)
    }

    fn window_name(&self, key: &AnyKey) -> Option<String> {
        Some(self.name_of_windows(self.family.kind(), &self.family.windows(key)?))
    }

    /// Of calls on other resources that depended on what this one said.
    fn name_of_missed(&self, kind: &str, about: &str) -> String {
        format!("{}#missed", self.name_of_windows(kind, about))
    }

    fn name_of_windows(&self, kind: &str, about: &str) -> String {
        format!("{}{kind}#{}#{}#{about}", memory::WROTE, self.place.account, self.place.region)
    }

    /// Keeps what was written over, with what was before: a record may be hours late. What stands in the way is for the finding
    /// to say. To be called before the state that stands now is kept.
    pub(super) async fn keep_windows(&self, target: &AnyTarget, new: &[Window]) -> Option<String> {
        let mut named: BTreeMap<String, Vec<Window>> = BTreeMap::new();
        for window in new {
            let name = match &window.elsewhere {
                Some(Other { name: (kind, about), .. }) => Some(self.name_of_missed(kind, about)),
                None => self.window_name(&target.key),
            };
            named.entry(name?).or_default().push(window.clone());
        }
        let mut problem = None;
        for (name, windows) in named {
            problem = self.keep_windows_as(&name, &target.key, windows).await.or(problem);
        }
        problem
    }

    async fn keep_windows_as(&self, name: &str, key: &AnyKey, new: Vec<Window>) -> Option<String> {
        // What is not known is lost with what is written now.
        let (mut windows, lost) = match self.windows(name).await {
            Ok(windows) => (windows, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        let kept = self.kept_as_of(key).await;
        windows.extend(new.into_iter().map(|window| Window { kept, ..window }));
        let latest = windows.split_off(windows.len().saturating_sub(MOST_WINDOWS));
        let kept = match serde_json::to_string(&latest) {
            Ok(text) => self.context.memory.keep(name, &text).await,
            Err(error) => Err(Unavailable::new(error).into()),
        };
        if let Err(problem) = kept {
            warn!(name, %problem, "when something was written over was not kept: a change that this hid is not noticed");
            return Some(format!(
                "a change that came between the last look and the call is not noticed: when that was could not be kept, {problem}"
            ));
        }
        let lost = lost?;
        Some(format!("changes that earlier remediations wrote over may go unnoticed: {lost}"))
    }

    /// What is kept of the calls that wrote over something, the latest last. No answer is not the answer that there were none.
    async fn windows(&self, name: &str) -> Result<Vec<Window>, WindowsError> {
        let windows = match self.context.memory.recall(name).await {
            Ok(None) => Ok(Vec::new()),
            Ok(Some(text)) => serde_json::from_str(&text).map_err(WindowsError::Unreadable),
            Err(problem) => Err(problem.into()),
        };
        if let Err(problem) = &windows {
            warn!(name, %problem, "the calls that wrote over something are not known");
        }
        windows
    }

    /// What the record says that was written, where that may have been written over unseen.
    pub(super) fn claim(&self, target: &AnyTarget) -> Claim {
        let (written, says) = if self.is_sweep {
            (None, None)
        } else {
            (self.family.written(self.event, target), self.family.says(self.event, target))
        };
        Claim { key: target.key.clone(), state: target.proven.clone(), written, says }
    }

    /// Whether the change that this event is about was written over unseen, or came too late for a call on another resource that
    /// depended on it.
    ///
    /// # Errors
    /// [`NotKnown`], for the finding.
    pub(super) async fn overwritten(&self, claim: &Claim, handled: &Handled) -> Result<Option<Notice>, NotKnown> {
        let Claim { key, state, written, says } = claim;
        let lag = self.family.lag().iter().sum();
        let terms = self.terms();
        let is_good = |state: &AnyState| self.evaluations().iter().all(|evaluation| evaluation.complies(state, &terms));
        if let Some((written, name)) = written.as_ref().zip(self.window_name(key)) {
            let Written { part, content, .. } = &written;
            // Nothing grants nothing, whatever it was that went.
            let is_good = content.is_null() || state.as_ref().is_some_and(is_good);
            let windows = self.windows(&name).await.map_err(NotKnown)?;
            let hides = |window: &&Window| window.hides(part, content, self.event.time, lag, is_good);
            if let Some(window) = windows.iter().find(hides) {
                return Ok(Some(self.notice(key, window, written)));
            }
        }
        let Some((says, about)) = says.as_ref().zip(self.family.windows(key)) else { return Ok(None) };
        // What is no better now was rightly taken from its holders.
        let is_bad = |finding: &Finding| finding.verdict != VerdictKind::Compliant;
        if state.as_ref().map_or_else(|| handled.findings.iter().any(is_bad), |state| !is_good(state)) {
            return Ok(None);
        }
        let windows = self.windows(&self.name_of_missed(self.family.kind(), &about)).await.map_err(NotKnown)?;
        let missed = windows.iter().find(|window| window.missed(says, self.event.time, lag));
        Ok(missed.map(|window| self.notice_of(key, window, says, window.elsewhere.as_ref().map(|it| it.again.clone()))))
    }

    fn notice(&self, key: &AnyKey, window: &Window, written: &Written<AnyAction>) -> Notice {
        let anew = written.anew.as_ref().filter(|_| window.wrote.is_null());
        let again = anew.or(written.again.as_ref()).map(|call| call.command(&self.place.region));
        self.notice_of(key, window, &written.content, again)
    }

    fn notice_of(&self, key: &AnyKey, window: &Window, content: &Value, again: Option<String>) -> Notice {
        let again = again.unwrap_or_else(|| "no single call writes it again, see its record".to_owned());
        let resource = self.family.resource(key, None, &self.place);
        let who = self.event.actor.label();
        let (time, name) = (self.event.time, &self.event.name);
        Notice {
            key: format!("{}\n{}", self.event.id, resource.id),
            title: format!("A change of {who} was overwritten"),
            subject: resource.name.clone(),
            kind: "overwritten",
            guardrail: "parapet",
            severity: Severity::High,
            account: self.place.account.clone(),
            region: self.place.region.clone(),
            says: vec![
                format!("{who} changed {} with {name} at {time}", resource.id),
                format!(
                    "the remediation \"{}\", between {} and {}, did not take it into account: no look had shown the change",
                    window.call, window.since, window.until
                ),
                format!("what {who} wrote: {content}"),
            ],
            next: vec![
                format!("To keep {who}'s change: {again}"),
                "Review the current state first: it may have been fixed since".to_owned(),
            ],
        }
    }
}

#[cfg(test)]
mod tests;
