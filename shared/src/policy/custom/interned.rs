//! What lives as long as the process of a guardrail that a file declares: its name, and what it says of itself.
//!
//! Everything that handles findings holds a guardrail by a reference that never ends. Each text and each declaration is kept once, so that reading the
//! same file again and again keeps nothing more (docs/adr/0029-own-guardrails-are-interned.md).

use super::Declared;
use super::form::{EventName, Line};
use crate::engine::guardrail::{About, Class};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// How the ids of resources look: as the operator's expression says.
const IDS: &[&str] = &["*"];

static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
static ABOUTS: Mutex<BTreeMap<String, &'static About>> = Mutex::new(BTreeMap::new());

/// The same text, for as long as the process lives.
pub(crate) fn name(text: &str) -> &'static str {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text) {
        return known;
    }
    let kept: &'static str = Box::leak(text.to_owned().into_boxed_str());
    texts.insert(kept);
    kept
}

/// What a guardrail of this name, which a file has declared since the process started, says of itself.
#[must_use]
pub fn declared(name: &str) -> Option<&'static About> {
    ABOUTS.lock().unwrap_or_else(PoisonError::into_inner).values().find(|about| about.name == name).copied()
}

/// What a declared guardrail says of itself: one for each declaration.
pub(super) fn about(declared: &Declared) -> &'static About {
    // By what is shown of it: modes and settings are looked up elsewhere.
    let remediation = match &declared.runbook {
        Some(runbook) => format!("Starts the runbook `{}`, version {}.", runbook.document.as_str(), runbook.version),
        None => "Notifies: the policy file names no runbook.".to_owned(),
    };
    let Declared { name: own, title, severity, event_names, controls, when, .. } = declared;
    let triggers: Vec<&str> = event_names.iter().map(EventName::as_str).collect();
    let description = format!("Declared in the policy file: `{}`.", when.as_str().trim());
    let key = format!("{:?}", (own, title, severity, &triggers, controls, &description, &remediation));
    let mut abouts = ABOUTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = abouts.get(&key) {
        return known;
    }
    let texts = |all: Vec<&str>| -> &'static [&'static str] { Box::leak(all.into_iter().map(name).collect()) };
    let kept: &'static About = Box::leak(Box::new(About {
        name: name(own.as_str()),
        catalogue_id: "CUSTOM",
        title: name(title.as_str()),
        description: name(&description),
        severity: *severity,
        class: if declared.runbook.is_some() { Class::R2 } else { Class::R0 },
        controls: texts(controls.iter().map(Line::as_str).collect()),
        technique: "",
        triggers: texts(triggers),
        remediation: name(&remediation),
        actions: &[],
        ids: IDS,
        not_watched: &[],
    }));
    abouts.insert(key, kept);
    kept
}
