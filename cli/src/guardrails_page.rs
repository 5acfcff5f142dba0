//! The page docs/guardrails.md: the catalogue, from the code.

use serde_json::Value;
use shared::engine::guardrail::{ANY_CALL_BY_ROOT, About, Class};
use shared::resources::Entry;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const HEAD: &str = "# Guardrails

This page is generated: `parapet guardrails --format markdown > docs/guardrails.md`. A test fails when it is out of date.

What the classes of a remediation mean:

| Class | What it may do |
|---|---|
| R0 | Nothing: it notifies. No call of a function can close it. |
| R1 | Reversible, exact, without side effect. Runs when the mode is `enforce`. |
| R2 | Reversible, but may be noticed. Runs when the mode is `enforce` and `max_class` is R2. |
| R3 | Loses something. Never runs automatically. |
";

/// In which round trip the situations under `tests/fixtures` were closed: by guardrail and situation, as
/// `tests/tests/own_events.rs` has recorded it.
const RECORDED: &str = include_str!("../../docs/containment.json");

const CALLS: &str = "
## Calls up to containment

In which round trip to AWS the violation was closed, and in how many situations, recorded while the functions closed them in a
local AWS (`tests/tests/own_events.rs`, figures in [containment.json](containment.json)). Concurrent calls are one round trip, and
so is reading a state from the ledger.

- 1: the record proves the violation.
- 2: one read is needed.
- 3: a customer managed policy, where IAM first returns the default version and then its document.
- More: a policy that allows privilege escalation only together with other policies of its holder.
- none: the guardrail only notifies.

| Guardrail | | Round trips (situations) |
|---|---|---|
";

/// The page about these guardrails.
#[must_use]
pub fn markdown(entries: &[Entry]) -> String {
    let schema = shared::policy::schema();
    let types = crate::check::types();
    let mut page = HEAD.to_owned();
    let _ = write!(page, "\n| Id | Guardrail | Severity | Class | Violation |\n|---|---|---|---|---|\n");
    for Entry { about, .. } in entries {
        let (id, name, severity, class) = (about.catalogue_id, about.name, about.severity, class(about.class));
        let _ = writeln!(page, "| {id} | [`{name}`](#{name}) | {severity} | {class} | {} |", about.title);
    }
    let mut families: Vec<&str> = Vec::new();
    for entry in entries {
        if !families.contains(&entry.family) {
            families.push(entry.family);
        }
    }
    for family in families {
        let _ = write!(page, "\n## Family `{family}`\n");
        for entry in entries.iter().filter(|entry| entry.family == family) {
            section(&mut page, entry, &schema, &types);
        }
    }
    page += CALLS;
    let recorded: Value = serde_json::from_str(RECORDED).unwrap_or_default();
    for Entry { about, .. } in entries {
        let _ = writeln!(page, "| `{}` | {} | {} |", about.name, about.catalogue_id, calls(&recorded, about.name));
    }
    page
}

/// How many situations were closed in which round trip.
fn calls(recorded: &Value, guardrail: &str) -> String {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let situations = recorded.get(guardrail).and_then(Value::as_object).into_iter().flatten();
    for round in situations.filter_map(|(_, round)| round.as_u64()) {
        *counts.entry(round).or_default() += 1;
    }
    let counts: Vec<String> = counts.iter().map(|(round, situations)| format!("{round} ({situations})")).collect();
    if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
}

fn section(page: &mut String, entry: &Entry, schema: &Value, types: &BTreeMap<&str, Vec<&str>>) {
    let about = entry.about;
    let code = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let or_none = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let _ = write!(page, "\n### {}\n\n**{}**\n\n{}\n\n", about.name, about.title, about.description);
    let _ = write!(page, "| | |\n|---|---|\n");
    let technique_page = about.technique.replace('.', "/");
    let technique = match about.technique {
        "" => "none".to_owned(),
        known => format!("[{known}](https://attack.mitre.org/techniques/{technique_page}/)"),
    };
    for (what, value) in [
        ("Id", about.catalogue_id.to_owned()),
        ("Severity", about.severity.to_string()),
        ("Triggers", triggered_by(about.triggers)),
        ("Not evaluated", or_none(not_watched(about))),
        ("In templates and plans", types.get(about.name).map_or_else(|| "not judged".to_owned(), |types| code(types))),
        ("Remediation", format!("{} ({})", about.remediation, class(about.class))),
        ("Permissions", or_none(code(&about.actions.iter().map(|permission| permission.action).collect::<Vec<_>>()))),
        ("Controls", about.controls.join(", ")),
        ("ATT&CK", technique),
    ] {
        let _ = writeln!(page, "| {what} | {value} |");
    }
    let settings = settings(schema, about.name);
    if !settings.is_empty() {
        let _ = write!(page, "\n| Setting | Meaning |\n|---|---|\n");
        for (name, description) in settings {
            let _ = writeln!(page, "| `{name}` | {} |", description.replace('\n', " ").replace('|', "\\|"));
        }
    }
}

/// The calls that do not lead to it, with the reasons.
fn not_watched(about: &About) -> String {
    let calls = |calls: &str| calls.split(", ").map(named).collect::<Vec<_>>().join(", ");
    about.not_watched.iter().map(|(names, why)| format!("{}: {why}", calls(names))).collect::<Vec<_>>().join("; ")
}

/// The name of a call is code, words about calls are not.
fn named(call: &str) -> String {
    if call.contains(' ') { call.to_owned() } else { format!("`{call}`") }
}

/// The calls that lead to a guardrail.
fn triggered_by(triggers: &[&str]) -> String {
    let call =
        |name: &&str| if *name == ANY_CALL_BY_ROOT { "any call by root".to_owned() } else { format!("`{name}`") };
    triggers.iter().map(call).collect::<Vec<_>>().join(", ")
}

fn class(class: Class) -> &'static str {
    match class {
        Class::R0 => "R0",
        Class::R1 => "R1",
        Class::R2 => "R2",
        Class::R3 => "R3",
    }
}

/// The guardrail's own settings and what the schema says of each.
fn settings(schema: &Value, name: &str) -> Vec<(String, String)> {
    let follow = |value: &Value| match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => schema.pointer(reference.trim_start_matches('#')).cloned().unwrap_or_default(),
        None => value.clone(),
    };
    let step =
        |value: &Value, key: &str| follow(value.get("properties").and_then(|p| p.get(key)).unwrap_or(&Value::Null));
    let settings = step(&step(&step(schema, "guardrails"), name), "settings");
    let properties = settings.get("properties").and_then(Value::as_object);
    let described = |(name, value): (&String, &Value)| {
        (name.clone(), value.get("description").and_then(Value::as_str).unwrap_or_default().to_owned())
    };
    properties.into_iter().flatten().map(described).collect()
}
