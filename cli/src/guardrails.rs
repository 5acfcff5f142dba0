//! `parapet guardrails`: what is watched, as a table, JSON or the page docs/guardrails.md.

use crate::failure::{CommandResult, Failure};
use crate::table::Table;
use crate::terminal::{Safe, columns};
use crate::{guardrails_page, nearest};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use shared::engine::guardrail::ANY_CALL_BY_ROOT;
use shared::engine::verdict::Severity;
use shared::resources::{Entry, catalogue, catalogue_with};
use std::collections::{BTreeMap, BTreeSet};
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
/// When the policy file is refused, a filter matches no guardrail, or the output cannot be written.
pub fn run(args: &GuardrailsArgs) -> CommandResult {
    let policy = crate::policy::load(args.policy.as_deref())?;
    let all = catalogue_with(&policy);
    args.known(&all)?;
    let types = crate::check::types();
    let wanted =
        |entry: &Entry| args.wants(entry) && (args.lens != Some(Lens::Planned) || types.contains_key(entry.about.name));
    let entries: Vec<Entry> = all.into_iter().filter(wanted).collect();
    if entries.is_empty() {
        return Err(Failure::new("no guardrail matches all filters: leave one out".to_owned()));
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Table if args.lens == Some(Lens::Planned) => {
            table_of_types(&entries, &types).write(&mut out, columns())?;
        }
        Format::Table => table(&entries).write(&mut out, columns())?,
        Format::Json => writeln!(out, "{:#}", json_of(&entries, &types))?,
        Format::Markdown => write!(out, "{}", guardrails_page::markdown(&entries))?,
    }
    Ok(ExitCode::SUCCESS)
}

impl GuardrailsArgs {
    fn wants(&self, entry: &Entry) -> bool {
        let control = self.control.as_deref().is_none_or(|wanted| has_control(entry, wanted));
        let family = self.family.as_deref().is_none_or(|wanted| is_family(entry, wanted));
        control && family && (self.severity.is_empty() || self.severity.contains(&entry.about.severity))
    }

    /// A filter that no guardrail at all passes was mistyped.
    fn known(&self, all: &[Entry]) -> Result<(), Failure> {
        let refuse = |option: &str, what: &str, wrong: &str, near: String| {
            Err(Failure::new(format!("{option}: no guardrail {what} `{}` ({near})", Safe(wrong))))
        };
        if let Some(wrong) = self.control.as_deref()
            && !all.iter().any(|entry| has_control(entry, wrong))
        {
            let words = all.iter().flat_map(|entry| entry.about.controls.iter().flat_map(|id| forms(id)));
            let words = words.chain(all.iter().map(|entry| entry.about.catalogue_id));
            return refuse("--control", "maps to", wrong, near_controls(wrong, words));
        }
        if let Some(wrong) = self.family.as_deref()
            && !all.iter().any(|entry| is_family(entry, wrong))
        {
            let words = all.iter().flat_map(|entry| std::iter::once(entry.family).chain(services(entry.family)));
            let families: BTreeSet<&str> = all.iter().map(|entry| entry.family).collect();
            let families: Vec<&str> = families.into_iter().collect();
            let otherwise = format!("there are {}", families.join(", "));
            return refuse("--family", "is of", wrong, nearest::hint(wrong, words, &otherwise));
        }
        Ok(())
    }
}

fn has_control(entry: &Entry, wanted: &str) -> bool {
    let about = entry.about;
    about.catalogue_id.eq_ignore_ascii_case(wanted) || about.controls.iter().any(|id| is_control(id, wanted))
}

fn is_family(entry: &Entry, wanted: &str) -> bool {
    entry.family.eq_ignore_ascii_case(wanted) || services(entry.family).any(|own| own.eq_ignore_ascii_case(wanted))
}

/// The controls that may have been meant. A digit is no typing error: another number is another control, so those of the same service,
/// framework or chapter are named; by its letters only one with the same digits may be meant.
fn near_controls<'w>(wrong: &str, words: impl Iterator<Item = &'w str>) -> String {
    const MOST: usize = 5;
    let parts = |id: &str| {
        let (group, number) = id.split_at_checked(id.rfind(['.', '-', '/'])? + 1)?;
        Some((group.to_lowercase(), number.parse::<u32>().ok()?))
    };
    let all: BTreeSet<&str> = words.collect();
    let group = parts(wrong).map(|(group, _)| group);
    let number = |id: &&'w str| parts(id).filter(|(own, _)| Some(own) == group.as_ref()).map(|(_, number)| number);
    let same: BTreeMap<u32, &str> = all.iter().filter_map(|id| Some((number(id)?, *id))).collect();
    if same.is_empty() {
        let digits = |id: &str| id.chars().filter(char::is_ascii_digit).collect::<String>();
        let alike = all.into_iter().filter(|id| digits(id) == digits(wrong));
        return nearest::hint(wrong, alike, "`parapet guardrails` lists the controls");
    }
    let named: Vec<String> = same.values().take(MOST).map(|id| format!("`{id}`")).collect();
    let rest = if same.len() > MOST { ", ..." } else { "" };
    format!("there are {}{rest}: `parapet guardrails` lists them", named.join(", "))
}

/// What a control may be called: its id, and of one with a framework that and its number.
fn forms(id: &'static str) -> impl Iterator<Item = &'static str> {
    let halves = id.split_once('/').map(|(framework, number)| [framework, number]);
    std::iter::once(id).chain(halves.into_iter().flatten())
}

/// The whole id, or the framework before the slash, or the number after it.
fn is_control(id: &'static str, wanted: &str) -> bool {
    forms(id).any(|form| form.eq_ignore_ascii_case(wanted))
}

/// The service prefixes of the actions of a family's guardrails.
fn services(family: &str) -> impl Iterator<Item = &'static str> {
    let own = catalogue().into_iter().filter(move |entry| entry.family == family);
    own.flat_map(|entry| entry.about.actions.iter().map(|permission| permission.service()))
}

fn table(entries: &[Entry]) -> Table {
    let mut table = Table::new(&["Id", "Guardrail", "Severity", "Family", "Class", "Controls"]).noted(1, "Title");
    for entry in entries {
        let about = entry.about;
        let (severity, class) = (about.severity.to_string(), format!("{:?}", about.class));
        let texts = [about.catalogue_id, about.name, &severity, entry.family, &class];
        let controls = about.controls.to_vec();
        table.listed(texts.into_iter().map(|text| vec![text]).chain([controls]), about.title);
    }
    table
}

/// The types of resources by guardrail.
type Types = BTreeMap<&'static str, Vec<&'static str>>;

fn table_of_types(entries: &[Entry], types: &Types) -> Table {
    let mut table = Table::new(&["Id", "Guardrail", "Severity", "Types of resources"]).noted(1, "Title");
    for entry in entries {
        let about = entry.about;
        let types = types.get(about.name).cloned().unwrap_or_default();
        table.listed([vec![about.catalogue_id], vec![about.name], vec![about.severity.word()], types], about.title);
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
    fn a_digit_is_no_typing_error() {
        let known = ["EC2-01", "EC2.10", "EC2.2", "EC2.19", "S3.1", "5.1", "5.2", "5.3", "5.4", "5.5", "5.6"];
        for (wrong, said) in [
            ("EC2.999", "there are `EC2.2`, `EC2.10`, `EC2.19`: `parapet guardrails` lists them"),
            ("5.99", "there are `5.1`, `5.2`, `5.3`, `5.4`, `5.5`, ...: `parapet guardrails` lists them"),
            ("ECC2.19", "did you mean `EC2.19`?"),
            ("EC3.19", "`parapet guardrails` lists the controls"),
            ("zebra", "`parapet guardrails` lists the controls"),
        ] {
            assert_eq!(near_controls(wrong, known.into_iter()), said);
        }
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
