//! `parapet exempt list`: what is allowed all the same, who answers for it, and how long still.

use super::store::PolicyStore;
use super::{Place, read};
use crate::failure::CommandResult;
use crate::table::Table;
use crate::terminal::{Safe, columns};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::count::counted;
use shared::policy::Exemption;
use shared::policy::edit::Listed;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// List the exemptions of the policy file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet exempt list
  parapet exempt list --expired
  parapet exempt list --policy policy/parapet.yaml --format json")]
pub(super) struct ListArgs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only those that hold no longer
    #[arg(long)]
    expired: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a terminal
    Table,
    /// For a program
    Json,
}

impl ListArgs {
    pub(super) fn location(&self) -> Option<&Path> {
        self.place.policy.as_deref()
    }
}

pub(super) fn run(args: &ListArgs, store: &dyn PolicyStore, now: Timestamp) -> CommandResult {
    let (_, _, mut all) = read(store)?;
    all.retain(|listed| !args.expired || listed.exemption.has_expired(now));
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{:#}", all.iter().map(|one| json_of(one, now)).collect::<Value>())?,
        Format::Table if all.is_empty() => {
            let which = if args.expired { "no expired exemptions" } else { "no exemptions" };
            writeln!(out, "{}: {which}", Safe(&store.name()))?;
        }
        Format::Table => table(&all, now).write(&mut out, columns())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn table(all: &[Listed], now: Timestamp) -> Table {
    let heads = ["Guardrail", "Resource", "Account", "Actor", "Owner", "Expires", "State", "Reason"];
    let mut table = Table::new(&heads);
    for Listed { exemption, .. } in all {
        let guardrail = exemption.guardrail.as_str();
        let account = exemption.account.as_ref().map_or("any", |account| account.as_str());
        let state = match days_left(exemption, now) {
            None => "expired".to_owned(),
            Some(0) => "holds, ends today".to_owned(),
            Some(days) => format!("holds, {} left", counted(days, "day")),
        };
        let expires = exemption.expires.to_string();
        let actor = exemption.actor.as_deref().unwrap_or("any");
        let (owner, reason) = (exemption.owner.as_str(), exemption.reason.as_str());
        table.row([guardrail, &exemption.resource, account, actor, owner, &expires, &state, reason]);
    }
    table
}

fn json_of(Listed { exemption, line }: &Listed, now: Timestamp) -> Value {
    let left = days_left(exemption, now);
    json!({
        "guardrail": exemption.guardrail,
        "resource": exemption.resource,
        "account": exemption.account,
        "actor": exemption.actor,
        "owner": exemption.owner,
        "reason": exemption.reason,
        "expires": exemption.expires,
        "state": if left.is_some() { "holds" } else { "expired" },
        "days_left": left,
        "line": line,
    })
}

/// Whole days until the end; nothing once it has passed.
fn days_left(exemption: &Exemption, now: Timestamp) -> Option<i64> {
    const DAY: i64 = 24 * 60 * 60;
    (!exemption.has_expired(now)).then(|| exemption.expires.end().duration_since(now).as_secs() / DAY)
}
