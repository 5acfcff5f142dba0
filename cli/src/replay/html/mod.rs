//! A replay as one page: no network, no script but its own, every text escaped.
//!
//! Charts and counts are drawn here and show without scripts; the list of findings is data that the page's script turns
//! into text nodes. A content security policy names that script by its hash, so that nothing else could run even if
//! something slipped through.

mod charts;

use super::engine::Hit;
use super::summary::{Kind, Summary};
use super::text::thousands;
use crate::terminal::Safe;
use data_encoding::BASE64;
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, Value as Jinja, context};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use shared::engine::count::counted;
use shared::engine::finding::Finding;
use std::io::{self, Write};

const PAGE: &str = include_str!("report.html");
const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");
/// Stands in the page's head, before anything that comes from a log.
const DATA: &str = "@@DATA@@";
/// A page with more than this opens slowly; the rest is counted, and `jsonl` has it all.
const MOST_EVENTS: u64 = 20_000;

/// What the page lists, as JSON text that is safe inside a `script` element.
#[derive(Debug, Default)]
pub(super) struct Report {
    events: Vec<u8>,
    findings: Vec<u8>,
    guardrails: Map<String, Value>,
    kept: u64,
    left_out: u64,
}

impl Report {
    /// Takes an event in.
    pub(super) fn add(&mut self, hit: &Hit) {
        let Some(first) = hit.findings.first() else { return };
        if self.kept >= MOST_EVENTS {
            self.left_out += 1;
            return;
        }
        let event = json!({
            "id": first.cause.event_id,
            "name": first.cause.event_name,
            "time": first.cause.time.to_string(),
            "account": first.place.account,
            "region": first.place.region,
            "actor": first.cause.actor.label(),
            "ip": first.cause.source_ip,
            "agent": first.cause.user_agent,
            "record": hit.record,
        });
        append(&mut self.events, &event);
        for finding in &hit.findings {
            append(&mut self.findings, &self::finding(self.kept, finding));
            let title = || format!("{} {}", finding.guardrail.catalogue_id, finding.guardrail.title).into();
            self.guardrails.entry(finding.guardrail.name).or_insert_with(title);
        }
        self.kept += 1;
    }

    /// Writes the page.
    pub(super) fn write(&self, out: &mut dyn Write, summary: &Summary, now: Timestamp) -> io::Result<()> {
        let page = self.page(summary, now).map_err(io::Error::other)?;
        let (head, tail) = page.split_once(DATA).unwrap_or((&page, ""));
        out.write_all(head.as_bytes())?;
        out.write_all(b"{\"guardrails\":")?;
        let mut guardrails = Vec::new();
        append(&mut guardrails, &Value::Object(self.guardrails.clone()));
        out.write_all(&guardrails)?;
        for (name, list) in [("events", &self.events), ("findings", &self.findings)] {
            write!(out, ",\"{name}\":[")?;
            out.write_all(list)?;
            out.write_all(b"]")?;
        }
        out.write_all(b"}")?;
        out.write_all(tail.as_bytes())
    }

    fn page(&self, summary: &Summary, now: Timestamp) -> Result<String, minijinja::Error> {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("report.html", PAGE)?;
        let period = summary.first.zip(summary.last).map(|(first, last)| format!("Findings from {first} to {last}"));
        let bad: Vec<Jinja> = summary
            .bad_files
            .iter()
            .take(charts::ROWS)
            .map(|file| context! { path => Safe(&file.path).to_string(), why => Safe(&file.why).to_string() })
            .collect();
        environment.get_template("report.html")?.render(context! {
            style => STYLE,
            script => SCRIPT,
            script_hash => BASE64.encode(&Sha256::digest(SCRIPT)),
            verdict => verdict(summary),
            facts => format!(
                "{}, {}, {} reached a guardrail",
                counted(thousands(summary.files), "file"), counted(thousands(summary.records), "record"), counted(thousands(summary.reached), "event")
            ),
            has_exempt => summary.total.exempt > 0,
            period,
            cards => charts::cards(summary),
            timeline => charts::timeline(summary),
            severities => charts::severities(summary),
            tables => charts::tables(summary),
            bad_more => summary.bad_files.len().checked_sub(bad.len()).filter(|more| *more > 0),
            bad_files => bad,
            kept => thousands(self.kept),
            left_out => (self.left_out > 0).then(|| thousands(self.left_out)),
            now => now.to_string(),
        })
    }
}

/// The page in a sentence, for a reader who stops there.
fn verdict(summary: &Summary) -> String {
    let violations = summary.total.violations;
    if summary.total == super::summary::Count::default() {
        return "No guardrail has anything to say about these logs.".to_owned();
    }
    if violations == 0 {
        let (count, undetermined) = (summary.total.undetermined, thousands(summary.total.undetermined));
        let (answers, need) = (counted(undetermined, "answer"), if count == 1 { "needs" } else { "need" });
        return format!("No violation is proven by these logs; {answers} {need} a read of the account.");
    }
    let with = |counts: &std::collections::BTreeMap<String, super::summary::Count>| {
        counts.values().filter(|count| count.violations > 0).count() as u64
    };
    format!(
        "{} by {} in {}.",
        counted(thousands(violations), "violation"),
        counted(thousands(with(&summary.actors)), "actor"),
        counted(thousands(with(&summary.accounts)), "account")
    )
}

fn finding(event: u64, finding: &Finding) -> Value {
    json!({
        "event": event,
        "id": finding.id.to_string(),
        "kind": Kind::of(finding),
        "guardrail": finding.guardrail.name,
        "severity": finding.severity.word(),
        "resource": finding.resource.id,
        "reasons": finding.reasons,
        "result": finding.outcome.word(),
        "remediation": finding.guardrail.remediation,
        "steps": finding.steps.iter().map(|step| json!({
            "action": step.action, "command": step.command, "undo": step.undo, "undo_command": step.undo_command,
        })).collect::<Value>(),
        "state": finding.before,
    })
}

/// JSON in which no `<`, `>` or `&` is left: nothing in it can end the `script` element that holds it.
fn append(list: &mut Vec<u8>, value: &Value) {
    if !list.is_empty() {
        list.extend_from_slice(b",\n");
    }
    for byte in value.to_string().bytes() {
        match byte {
            b'<' => list.extend_from_slice(b"\\u003c"),
            b'>' => list.extend_from_slice(b"\\u003e"),
            b'&' => list.extend_from_slice(b"\\u0026"),
            other => list.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_leave_its_element() {
        let mut list = Vec::new();
        append(&mut list, &json!({"name": "</script><script>alert(1)</script><!-- &amp;"}));
        let text = String::from_utf8(list).unwrap();
        assert!(!text.contains(['<', '>', '&']), "{text}");
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["name"], "</script><script>alert(1)</script><!-- &amp;");
    }

    #[test]
    fn the_page_names_its_script_and_loads_nothing() {
        let page = Report::default().page(&Summary::default(), Timestamp::UNIX_EPOCH).unwrap();
        assert!(page.contains(&format!("'sha256-{}'", BASE64.encode(&Sha256::digest(SCRIPT)))));
        assert!(page.contains("No guardrail has anything to say"));
        for mark in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(mark), "{mark}");
        }
    }
}
