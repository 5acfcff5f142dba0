//! Gone is not closed: what is not found under a principal's name is looked for under the name that the principal has now.
//!
//! No API finds a user or a group by its stable id, and records of grants carry names alone. So the two that have to meet leave a
//! note for each other, in whatever order they come: an event whose resource is not there notes what it was about, and the event
//! that renamed the principal notes where it went. Each writes its note before it reads the other's, so that one of them sees both.

use super::Handled;
use super::pipe::Pipe;
use crate::engine::erased::{AnyKey, AnyTarget};
use crate::engine::event::Event;
use crate::engine::family::Target;
use crate::engine::holder::Holder;
use crate::engine::memory;
use crate::engine::memory::NOTE;
use crate::engine::span::{Rename, renamed};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use tracing::warn;

/// A principal that was renamed again and again is followed so far.
const HOPS: usize = 8;
/// So many things that were not found are noted of one principal.
const MOST: usize = 50;
/// A name that is free may be another principal's soon.
const TERM: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Where a principal went.
#[derive(Debug, Serialize, Deserialize)]
struct Went {
    to: String,
    at: Timestamp,
}

/// What an event was about that was not there.
#[derive(Debug, Serialize, Deserialize)]
struct Missed {
    /// Its key, as its family writes it.
    key: Value,
    changed: BTreeSet<String>,
    at: Timestamp,
}

impl Pipe<'_> {
    /// Handles a resource, under the name that its principal has now where it has another.
    pub(super) async fn follow(&self, target: AnyTarget) -> Handled {
        let mut target = target;
        let mut handled = self.target(target.clone()).await;
        for _ in 0..HOPS {
            let holder = self.family.holder(&target.key).filter(|_| handled.is_gone && !takes_away(self.event));
            let Some(holder) = holder else { break };
            self.miss(&holder, &target).await;
            let Some(went) = self.read::<Went>(&went_name(self, &holder)).await else { break };
            // The principal that has the name now is another one.
            if went.at < self.event.time || went.to == holder.name {
                break;
            }
            let key = self.family.under(&target.key, &went.to);
            self.move_kept(&target.key, &key).await;
            target = Target { key, proven: None, changed: target.changed };
            handled = self.target(target.clone()).await;
        }
        handled
    }

    /// What was looked for under the old name of a principal that this event renames.
    pub(super) async fn missed(&self) -> Vec<AnyTarget> {
        let Ok(Some(Rename { from, to })) = renamed(self.event) else { return Vec::new() };
        if from == to || self.evaluations().is_empty() {
            return Vec::new();
        }
        self.write(&went_name(self, &from), &Went { to: to.name.clone(), at: self.event.time }).await;
        let notes = self.read::<Vec<Missed>>(&self.missed_name(&from)).await.unwrap_or_default();
        let mut found = Vec::new();
        for note in notes.into_iter().filter(|note| note.at <= self.event.time) {
            let old = match self.family.key_from(note.key) {
                Ok(old) => old,
                Err(problem) => {
                    warn!(%problem, "what was not found under an old name cannot be read: only the sweep looks at it");
                    continue;
                }
            };
            let key = self.family.under(&old, &to.name);
            self.move_kept(&old, &key).await;
            found.push(Target { key, proven: None, changed: Some(note.changed) });
        }
        found
    }

    async fn miss(&self, holder: &Holder, target: &AnyTarget) {
        // What was not put in question by this event is not in question under another name either.
        let Some(changed) = target.changed.clone() else { return };
        let key = match serde_json::to_value(&target.key) {
            Ok(key) => key,
            Err(problem) => return warn!(%problem, "what was not found is not noted under its name"),
        };
        let name = self.missed_name(holder);
        let mut notes = self.read::<Vec<Missed>>(&name).await.unwrap_or_default();
        let now = self.event.time;
        notes.retain(|note| now.duration_since(note.at).abs() < TERM && note.changed != changed);
        notes.push(Missed { key, changed, at: now });
        let surplus = notes.len().saturating_sub(MOST);
        notes.drain(..surplus);
        self.write(&name, &notes).await;
    }

    /// What was known good of a resource is so under the new name of its principal.
    async fn move_kept(&self, from: &AnyKey, to: &AnyKey) {
        let names = memory::name(self.family, from, &self.place).zip(memory::name(self.family, to, &self.place));
        let Some((from, to)) = names else { return };
        let memory = self.context.memory;
        if let (Ok(Some(state)), Ok(None)) = (memory.recall(&from).await, memory.recall(&to).await)
            && let Err(problem) = memory.keep(&to, &state).await
        {
            warn!(to, %problem, "a good state was not kept under a new name");
        }
    }

    fn missed_name(&self, holder: &Holder) -> String {
        format!("{NOTE}missed#{}#{}#{holder}", self.family.kind(), self.place.account)
    }

    async fn read<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&self.context.memory.recall(name).await.ok()??).ok()
    }

    async fn write<T: Serialize + Sync>(&self, name: &str, note: &T) {
        let Ok(text) = serde_json::to_string(note) else { return };
        if let Err(problem) = self.context.memory.keep(name, &text).await {
            warn!(name, %problem, "a note was not kept");
        }
    }
}

fn went_name(pipe: &Pipe<'_>, holder: &Holder) -> String {
    format!("{NOTE}renamed#{}#{holder}", pipe.place.account)
}

/// After such a call, that something is not there is what was asked for.
fn takes_away(event: &Event) -> bool {
    ["Delete", "Detach", "Remove"].iter().any(|verb| event.name.starts_with(verb))
}
