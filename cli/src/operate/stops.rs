//! `parapet stops`: where guardrails only tell for now (an open breaker, a feud, an exemption of a finding that was taken back),
//! and how they enforce again.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::terminal::{GOOD, Safe, width};
use clap::{Args, Subcommand, ValueEnum};
#[cfg(feature = "aws")]
use comfy_table::{ContentArrangement, Table, presets};
#[cfg(feature = "aws")]
use shared::orders::{Orders, Scope};
#[cfg(feature = "aws")]
use std::borrow::Borrow;
#[cfg(feature = "aws")]
use std::io::Write;
#[cfg(feature = "aws")]
use std::process::ExitCode;

/// Show where guardrails are stopped by the breaker, a feud or a finding taken back, and let them enforce again
#[derive(Debug, Args)]
pub struct StopsArgs {
    #[command(subcommand)]
    command: StopsCommand,
}

#[derive(Debug, Subcommand)]
enum StopsCommand {
    List(StopsListArgs),
    Lift(StopsLiftArgs),
}

/// List what the ledger holds beside the policy file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet stops list --table parapet-Ledger-ABC
  parapet stops list --format json")]
struct StopsListArgs {
    /// The ledger's table [default: `PARAPET_LEDGER_TABLE`]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// How to show them
    #[arg(long, value_enum, default_value = "table")]
    format: StopsFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum StopsFormat {
    /// For people
    Table,
    /// For programs
    Json,
}

/// Let a guardrail enforce again where it was stopped
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet stops lift --guardrail security-group-admin-port-open --account 111122223333
  parapet stops lift --guardrail security-group-admin-port-open --resource arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123")]
struct StopsLiftArgs {
    /// The guardrail
    #[arg(long, value_name = "NAME")]
    guardrail: String,
    /// Close the breaker of this account
    #[arg(long, value_name = "ID", conflicts_with = "resource", required_unless_present = "resource")]
    account: Option<String>,
    /// End the feud about this resource
    #[arg(long, value_name = "ARN")]
    resource: Option<String>,
    /// The ledger's table [default: `PARAPET_LEDGER_TABLE`]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &StopsArgs) -> CommandResult {
    match &args.command {
        StopsCommand::List(args) => {
            let (operator, _) = aws::operator(args.table.as_ref()).await?;
            let orders = operator.orders().await.map_err(aws::failure)?;
            let mut out = anstream::stdout().lock();
            match args.format {
                StopsFormat::Table => table(&mut out, &orders)?,
                StopsFormat::Json => {
                    let json = serde_json::json!({ "stops": orders.stops, "exemptions": orders.exemptions });
                    writeln!(out, "{json:#}")?;
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        StopsCommand::Lift(args) => {
            let (operator, _) = aws::operator(args.table.as_ref()).await?;
            let scope = match (&args.account, &args.resource) {
                (Some(account), _) => Scope::Account(account.clone()),
                (None, Some(resource)) => Scope::Resource(resource.clone()),
                (None, None) => return Err(Failure::new("name `--account` or `--resource`")),
            };
            if !operator.lift(&args.guardrail, &scope).await.map_err(aws::failure)? {
                return Err(aws::failure(format!(
                    "`{}` is not stopped there; `parapet stops list` shows where guardrails are",
                    args.guardrail
                )));
            }
            let mut out = anstream::stdout().lock();
            writeln!(out, "{GOOD}{} enforces there again{GOOD:#}, within a minute", Safe(&args.guardrail))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(feature = "aws")]
fn table(out: &mut impl Write, orders: &Orders) -> Result<(), Failure> {
    if orders.stops.is_empty() && orders.exemptions.is_empty() {
        writeln!(out, "No guardrail is stopped.")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(width()).set_header(["guardrail", "what", "where", "until", "why"]);
    for stop in &orders.stops {
        let (what, place) = match &stop.scope {
            Scope::Account(account) => ("breaker", account),
            Scope::Resource(resource) => ("feud", resource),
        };
        let cells = [stop.guardrail.clone(), what.to_owned(), place.clone(), stop.until.to_string(), stop.why.clone()];
        table.add_row(cells.map(|cell| Safe(&cell).to_string()));
    }
    for exemption in &orders.exemptions {
        let guardrail: &str = exemption.guardrail.borrow();
        let why = format!("{}: {}", exemption.owner.as_str(), exemption.reason.as_str());
        let until = exemption.expires.to_string();
        let cells = [guardrail.to_owned(), "exemption".to_owned(), exemption.resource.clone(), until, why];
        table.add_row(cells.map(|cell| Safe(&cell).to_string()));
    }
    writeln!(out, "{table}")?;
    Ok(())
}
