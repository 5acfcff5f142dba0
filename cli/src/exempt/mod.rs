//! `parapet exempt`: the exemptions of the policy file, shown, added and removed. The rest of the file stays as it is.

mod add;
mod end;
mod list;
mod remove;
pub mod store;

pub(crate) use end::parse_length as parse_time;

use crate::failure::{CommandResult, Failure};
use crate::nearest;
use crate::policy::refusal;
use crate::terminal::{BAD, DIM, GOOD, Safe};
use anstyle::Style;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as NameError;
use shared::engine::count::counted;
use shared::policy::edit::{self, EditError, Listed};
use shared::policy::{AccountId, BadValue, Exemption, GuardrailName, Guardrails, NonEmpty};
use similar::{ChangeTag, TextDiff};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::PolicyStore;
use thiserror::Error;

/// Show, add and remove exemptions in the policy file
#[derive(Debug, Args)]
pub struct ExemptArgs {
    #[command(subcommand)]
    command: ExemptCommand,
}

#[derive(Debug, Subcommand)]
enum ExemptCommand {
    Add(add::AddArgs),
    List(list::ListArgs),
    Remove(remove::RemoveArgs),
}

/// The file of all three.
#[derive(Debug, Args)]
struct Place {
    /// The policy file, or `s3://bucket/key` [default: policy/parapet.yaml, where it is there]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// Runs the chosen command on what `open` finds at the location that `--policy` names.
///
/// # Errors
/// When the policy cannot be read, changed or written; it is as it was then.
pub fn run_with(
    args: &ExemptArgs,
    open: impl FnOnce(Option<&Path>) -> Result<Box<dyn PolicyStore>, Failure>,
) -> CommandResult {
    let now = Timestamp::now();
    match &args.command {
        ExemptCommand::Add(args) => add::run(args, open(args.location())?.as_ref(), now),
        ExemptCommand::List(args) => list::run(args, open(args.location())?.as_ref(), now),
        ExemptCommand::Remove(args) => remove::run(args, open(args.location())?.as_ref(), now),
    }
}

/// An exemption that is not changed, with the way out.
fn failure(name: &str, error: &EditError) -> Failure {
    let place = Safe(name);
    match error {
        EditError::Policy(error) => Failure::new(format!("{place}{}", Safe(&refusal(error)))),
        EditError::Exists(existing) => Failure::new(format!(
            "{} exists already; `--replace` gives it another reason, owner and end",
            Safe(&described(name, existing))
        )),
        EditError::Missing | EditError::Form { .. } => Failure::new(format!("{place}: {}", Safe(&error.to_string()))),
    }
}

/// An exemption and its place, in one line.
fn described(name: &str, Listed { exemption, line }: &Listed) -> String {
    let guardrail = exemption.guardrail.as_str();
    let line = line.map_or_else(String::new, |line| format!(":{line}"));
    let account = exemption.account.as_ref().map_or_else(String::new, |account| format!(" in {}", account.as_str()));
    let actor = exemption.actor.as_ref().map_or_else(String::new, |actor| format!(" by `{actor}`"));
    let Exemption { resource, owner, reason, expires, .. } = exemption;
    let rest = format!("until {expires}, {}: {}", owner.as_str(), reason.as_str());
    format!("{name}{line}: `{resource}`{account}{actor} of `{guardrail}` ({rest})")
}

/// A change that was decided on.
struct Change<'t> {
    before: &'t str,
    version: &'t store::Version,
    after: &'t str,
    count: usize,
    /// What is done to them: `added`.
    verb: &'static str,
}

/// Writes the new text, unless it is a rehearsal, and shows what changed.
fn apply(store: &dyn PolicyStore, change: &Change<'_>, is_dry_run: bool) -> CommandResult {
    let Change { before, version, after, count, verb } = change;
    let name = store.name();
    let mut out = anstream::stdout().lock();
    if before == after {
        writeln!(out, "{}: no change needed", Safe(&name))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !is_dry_run {
        store.write(after, version)?;
    }
    let would = if is_dry_run { "would be " } else { "" };
    writeln!(out, "{}: {} {would}{verb}", Safe(&name), counted(count, "exemption"))?;
    show(&mut out, before, after)?;
    Ok(ExitCode::SUCCESS)
}

/// The lines that changed, with two around them.
fn show(out: &mut impl Write, before: &str, after: &str) -> io::Result<()> {
    const AROUND: usize = 2;
    let diff = TextDiff::from_lines(before, after);
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        writeln!(out, "{DIM}{}{DIM:#}", hunk.header())?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', Style::new()),
                ChangeTag::Delete => ('-', BAD),
                ChangeTag::Insert => ('+', GOOD),
            };
            writeln!(out, "{style}{sign}{}{style:#}", Safe(change.value().trim_end_matches(['\r', '\n'])))?;
        }
    }
    Ok(())
}

fn read(store: &dyn PolicyStore) -> Result<(String, store::Version, Vec<Listed>), Failure> {
    let (text, version) = store.read()?;
    let all = edit::list(&text).map_err(|error| failure(&store.name(), &error))?;
    Ok((text, version, all))
}

/// An argument that names nothing.
#[derive(Debug, Error)]
enum BadArgument {
    #[error("there is no such guardrail ({hint})")]
    NoGuardrail {
        hint: String,
        #[source]
        cause: NameError,
    },
    #[error("an account id of twelve digits was expected")]
    NoAccount(#[source] BadValue),
}

fn parse_guardrail(name: &str) -> Result<GuardrailName, BadArgument> {
    GuardrailName::deserialize(name.into_deserializer()).map_err(|cause| {
        let hint = nearest::hint(name, Guardrails::names().iter().copied(), "`parapet guardrails` lists them");
        BadArgument::NoGuardrail { hint, cause }
    })
}

fn parse_account(text: &str) -> Result<AccountId, BadArgument> {
    AccountId::try_from(text.to_owned()).map_err(BadArgument::NoAccount)
}

fn parse_text(text: &str) -> Result<NonEmpty, BadValue> {
    NonEmpty::try_from(text.to_owned())
}

fn parse_pattern(text: &str) -> Result<String, BadValue> {
    parse_text(text).map(String::from)
}
