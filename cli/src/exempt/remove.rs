//! `parapet exempt remove`: the one exemption that is meant, or all that have expired.

use super::store::PolicyStore;
use super::{Change, Place, apply, described, failure, parse_account, parse_guardrail, parse_pattern, read};
use crate::failure::{CommandResult, Failure};
use crate::nearest;
use crate::terminal::Safe;
use clap::Args;
use jiff::Timestamp;
use shared::policy::edit::{self, Listed};
use shared::policy::{AccountId, GuardrailName};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Remove an exemption from the policy file, or those that have expired
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet exempt remove --guardrail access-key-not-allowed --resource '*:user/ci/*'
  parapet exempt remove --expired --dry-run")]
pub(super) struct RemoveArgs {
    /// The guardrail of the exemption
    #[arg(long, value_name = "NAME", value_parser = parse_guardrail, required_unless_present = "expired")]
    guardrail: Option<GuardrailName>,
    /// Its resource, as the file has it
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern, required_unless_present = "expired")]
    resource: Option<String>,
    /// Its account, where several differ in it
    #[arg(long, value_name = "ID", value_parser = parse_account)]
    account: Option<AccountId>,
    /// Its actor, as the file has it, where several differ in it
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern)]
    actor: Option<String>,
    /// All that hold no longer, of those that are named
    #[arg(long)]
    expired: bool,
    /// Show the change and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

impl RemoveArgs {
    pub(super) fn location(&self) -> Option<&Path> {
        self.place.policy.as_deref()
    }

    /// Whether an exemption is one of those that are named.
    fn names(&self, Listed { exemption, .. }: &Listed) -> bool {
        self.guardrail.is_none_or(|guardrail| guardrail == exemption.guardrail)
            && self.resource.as_ref().is_none_or(|resource| *resource == exemption.resource)
            && (self.account.is_none() || self.account == exemption.account)
            && (self.actor.is_none() || self.actor == exemption.actor)
    }
}

pub(super) fn run(args: &RemoveArgs, store: &dyn PolicyStore, now: Timestamp) -> CommandResult {
    let (before, version, all) = read(store)?;
    let name = store.name();
    let chosen = if args.expired { expired(args, &all, now) } else { vec![the_one(args, &all, &name)?] };
    if chosen.is_empty() {
        writeln!(anstream::stdout(), "{}: nothing has expired", Safe(&name))?;
        return Ok(ExitCode::SUCCESS);
    }
    let after = edit::remove(&before, &chosen).map_err(|error| failure(&name, &error))?;
    let (count, verb) = (chosen.len(), "removed");
    apply(store, &Change { before: &before, version: &version, after: &after, count, verb }, args.dry_run)
}

fn expired(args: &RemoveArgs, all: &[Listed], now: Timestamp) -> Vec<usize> {
    let positions =
        all.iter().enumerate().filter(|(_, listed)| args.names(listed) && listed.exemption.has_expired(now));
    positions.map(|(position, _)| position).collect()
}

/// The exemption that is named: the only one, or the only one that has no more parts than those that are named.
fn the_one(args: &RemoveArgs, all: &[Listed], name: &str) -> Result<usize, Failure> {
    let named: Vec<usize> =
        all.iter().enumerate().filter(|(_, one)| args.names(one)).map(|(position, _)| position).collect();
    let is_exact = |position: &&usize| {
        all.get(**position)
            .is_some_and(|Listed { exemption, .. }| exemption.account == args.account && exemption.actor == args.actor)
    };
    let exact: Vec<&usize> = named.iter().filter(is_exact).collect();
    match (named.as_slice(), exact.as_slice()) {
        ([one], _) => Ok(*one),
        (_, [one]) => Ok(**one),
        ([], _) => Err(Failure::new(none(args, all, name))),
        (several, _) => {
            let lines = several.iter().filter_map(|position| Some(described(name, all.get(*position)?)));
            let lines: Vec<String> = lines.collect();
            Err(Failure::new(format!(
                "{} exemptions are meant, name one with `--account` or `--actor`: {}",
                several.len(),
                Safe(&lines.join("; "))
            )))
        }
    }
}

/// That none is meant, with those that come closest.
fn none(args: &RemoveArgs, all: &[Listed], name: &str) -> String {
    const MOST: usize = 3;
    let guardrail = args.guardrail.map_or("", GuardrailName::as_str);
    let resource = args.resource.as_deref().unwrap_or_default();
    let mut near: Vec<(usize, &Listed)> = all.iter().map(|one| (distance(one, guardrail, resource), one)).collect();
    near.sort_by_key(|(distance, _)| *distance);
    let near: Vec<String> = near.into_iter().take(MOST).map(|(_, one)| described(name, one)).collect();
    let closest = if near.is_empty() { "it has none".to_owned() } else { format!("the closest: {}", near.join("; ")) };
    let rest = if args.account.is_some() || args.actor.is_some() { " with that account and actor" } else { "" };
    Safe(&format!("{name}: no exemption of `{guardrail}` for `{resource}`{rest}; {closest}")).to_string()
}

fn distance(Listed { exemption, .. }: &Listed, guardrail: &str, resource: &str) -> usize {
    let own = exemption.guardrail.as_str();
    nearest::distance(guardrail, own) + nearest::distance(resource, &exemption.resource)
}
