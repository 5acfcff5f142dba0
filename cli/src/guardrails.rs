//! `parapet guardrails`: what is watched, as a table, JSON or the page docs/guardrails.md.

use crate::failure::CommandResult;
use crate::guardrails_page;
use crate::terminal;
use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};
use shared::engine::guardrail::ANY_CALL_BY_ROOT;
use shared::engine::verdict::Severity;
use shared::resources::{Entry, catalogue, catalogue_with};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// List the guardrails: what each looks for, on which events, and what it would do
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet guardrails
  parapet guardrails --severity critical,high
  parapet guardrails --control EC2.19
  parapet guardrails --family iam-user --format json
  parapet guardrails --lens planned
  parapet guardrails --policy policy/parapet.yaml --family custom
  parapet guardrails --format markdown > docs/guardrails.md")]
pub struct GuardrailsArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only those that map to this control (`EC2.19`, `5.3`, `CIS AWS Foundations 5.0.0/5.3`) or catalogue id (`NET-01`)
    #[arg(long, value_name = "ID")]
    control: Option<String>,
    /// Only those of this family (`security-group`) or service (`ec2`)
    #[arg(long, alias = "service", visible_alias = "service", value_name = "NAME")]
    family: Option<String>,
    /// Only those that look at resources this way
    #[arg(long, value_enum)]
    lens: Option<Lens>,
    /// With the guardrails that this policy file declares
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Only those of these severities
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', value_parser = parse_severity)]
    severity: Vec<Severity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Lens {
    /// In templates and plans, before deployment (`parapet check`); with the types of resources that are judged
    Planned,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    /// For a program
    Json,
    /// The page docs/guardrails.md
    Markdown,
}

/// A word that is no severity.
#[derive(Debug, Error)]
#[error("one of critical, high, medium, low, informational was expected")]
pub(crate) struct NoSeverity;

pub(crate) fn parse_severity(word: &str) -> Result<Severity, NoSeverity> {
    let all = [Severity::Informational, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    let found = all.into_iter().find(|severity| severity.word() == word.to_ascii_lowercase());
    found.ok_or(NoSeverity)
}

/// Prints what the filters leave.
///
/// # Errors
/// When the policy file is refused, or the output cannot be written.
pub fn run(args: &GuardrailsArgs) -> CommandResult {
    let policy = crate::policy::load(args.policy.as_deref())?;
    let types = crate::check::types();
    let wanted =
        |entry: &Entry| args.wants(entry) && (args.lens != Some(Lens::Planned) || types.contains_key(entry.about.name));
    let entries: Vec<Entry> = catalogue_with(&policy).into_iter().filter(wanted).collect();
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Table if args.lens == Some(Lens::Planned) => writeln!(out, "{}", table_of_types(&entries, &types))?,
        Format::Table => writeln!(out, "{}", table(&entries))?,
        Format::Json => writeln!(out, "{:#}", json_of(&entries, &types))?,
        Format::Markdown => write!(out, "{}", guardrails_page::markdown(&entries))?,
    }
    Ok(ExitCode::SUCCESS)
}

impl GuardrailsArgs {
    fn wants(&self, entry: &Entry) -> bool {
        let about = entry.about;
        let control = self.control.as_deref().is_none_or(|wanted| {
            about.catalogue_id.eq_ignore_ascii_case(wanted) || about.controls.iter().any(|id| is_control(id, wanted))
        });
        let family = self.family.as_deref().is_none_or(|wanted| {
            entry.family.eq_ignore_ascii_case(wanted) || services(entry.family).any(|own| own == wanted)
        });
        control && family && (self.severity.is_empty() || self.severity.contains(&about.severity))
    }
}

/// The whole id, or the framework before the slash, or the number after it.
fn is_control(id: &str, wanted: &str) -> bool {
    let (id, wanted) = (id.to_ascii_lowercase(), wanted.to_ascii_lowercase());
    id == wanted || id.split_once('/').is_some_and(|(framework, number)| framework == wanted || number == wanted)
}

/// The service prefixes of the actions of a family's guardrails.
fn services(family: &str) -> impl Iterator<Item = &'static str> {
    let own = catalogue().into_iter().filter(move |entry| entry.family == family);
    own.flat_map(|entry| entry.about.actions.iter().map(|permission| permission.service()))
}

fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal::width());
    table.set_header(["Id", "Guardrail", "Severity", "Family", "Class", "Controls"]);
    for entry in entries {
        let about = entry.about;
        table.add_row([
            about.catalogue_id.to_owned(),
            format!("{}\n{}", about.name, about.title),
            about.severity.to_string(),
            entry.family.to_owned(),
            format!("{:?}", about.class),
            about.controls.join("\n"),
        ]);
    }
    table
}

/// The types of resources by guardrail.
type Types = BTreeMap<&'static str, Vec<&'static str>>;

fn table_of_types(entries: &[Entry], types: &Types) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(terminal::width());
    table.set_header(["Guardrail", "Severity", "Types of resources"]);
    for entry in entries {
        let about = entry.about;
        let types = types.get(about.name).map(|types| types.join("\n")).unwrap_or_default();
        table.add_row([format!("{}\n{}", about.name, about.title), about.severity.to_string(), types]);
    }
    table
}

fn json_of(entries: &[Entry], types: &Types) -> Value {
    let one = |entry: &Entry| {
        let about = entry.about;
        json!({
            "name": about.name,
            "catalogue_id": about.catalogue_id,
            "family": entry.family,
            "title": about.title,
            "description": about.description,
            "severity": about.severity.word(),
            "class": format!("{:?}", about.class),
            "controls": about.controls,
            "technique": about.technique,
            "triggers": about.triggers.iter().map(|name| if *name == ANY_CALL_BY_ROOT { "*" } else { name }).collect::<Vec<_>>(),
            "remediation": about.remediation,
            "actions": about.actions,
            "planned": types.get(about.name).cloned().unwrap_or_default(),
        })
    };
    entries.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_match_whole_or_by_their_halves() {
        let cis = "CIS AWS Foundations 5.0.0/5.3";
        for wanted in [cis, "5.3", "cis aws foundations 5.0.0"] {
            assert!(is_control(cis, wanted), "{wanted}");
        }
        assert!(!is_control("EC2.13", "EC2.1"));
        assert!(is_control("EC2.13", "ec2.13"));
    }

    #[test]
    fn the_interface_of_the_json() {
        let Value::Array(all) = json_of(&catalogue(), &Types::new()) else { panic!("a list") };
        assert!(!all.is_empty());
        for key in ["name", "catalogue_id", "family", "severity", "controls", "triggers", "actions", "planned"] {
            assert!(all.iter().all(|one| one.get(key).is_some()), "{key}");
        }
    }
}
