//! `parapet stops`: where guardrails only notify for now (an open circuit breaker, flapping, an exemption of an undone finding),
//! and how they enforce again.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use super::orders::{Order, Which, all};
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::table::Table;
#[cfg(feature = "aws")]
use crate::terminal::{BAD, GOOD, Safe, columns};
use clap::{Args, Subcommand, ValueEnum};
#[cfg(feature = "aws")]
use shared::engine::orders::{Says, Stored};
#[cfg(feature = "aws")]
use std::io::Write;
#[cfg(feature = "aws")]
use std::process::ExitCode;

/// Show where guardrails are suspended by the circuit breaker, flapping or an undone finding, and let them enforce again
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

/// Let a guardrail enforce again: whatever `stops list` shows can be lifted
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet stops lift 3f2a9c1e                                     by the id that `stops list` shows
  parapet stops lift --account 111122223333                       every open breaker of an account
  parapet stops lift --guardrail security-group-admin-port-open --resource arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123

An exemption that is lifted no longer holds: what it allowed is closed by the next event or sweep.")]
struct StopsLiftArgs {
    /// Ids, as `stops list` shows them
    #[arg(value_name = "ID", required_unless_present_any = ["account", "resource"])]
    ids: Vec<String>,
    /// Only of this guardrail
    #[arg(long, value_name = "NAME")]
    guardrail: Option<String>,
    /// The breakers of this account
    #[arg(long, value_name = "ID", conflicts_with_all = ["resource", "ids"])]
    account: Option<String>,
    /// Everything that is about this resource: suspensions for flapping, and exemptions
    #[arg(long, value_name = "ARN", conflicts_with = "ids")]
    resource: Option<String>,
    /// Only in this region
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The ledger's table [default: `PARAPET_LEDGER_TABLE`]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &StopsArgs) -> CommandResult {
    match &args.command {
        StopsCommand::List(args) => {
            let (operator, _) = aws::operator(args.table.as_ref()).await?;
            let orders = operator.stored().await.map_err(aws::failure)?;
            let mut out = anstream::stdout().lock();
            match args.format {
                StopsFormat::Table => table(&mut out, &orders)?,
                StopsFormat::Json => writeln!(out, "{:#}", json(&orders)?)?,
            }
            if !operator.checks_signatures() && orders.iter().any(|order| order.is_sealed) {
                writeln!(
                    anstream::stderr(),
                    "{BAD}signatures were not checked:{BAD:#} name the ledger's keys with `{}` and `{}` (the stack's outputs)",
                    shared::aws::kms::LEDGER_KEY,
                    shared::aws::kms::OPERATORS_KEY
                )?;
            }
            if let Some(why) = orders.iter().find_map(Stored::unknown) {
                writeln!(anstream::stderr(), "{BAD}not everything could be read:{BAD:#} {}", Safe(&why))?;
                return Ok(ExitCode::from(2));
            }
            Ok(ExitCode::SUCCESS)
        }
        StopsCommand::Lift(args) => lift(args).await,
    }
}

#[cfg(feature = "aws")]
async fn lift(args: &StopsLiftArgs) -> CommandResult {
    let (operator, _) = aws::operator(args.table.as_ref()).await?;
    let orders = operator.stored().await.map_err(aws::failure)?;
    let listed = all(&orders);
    let which = Which {
        ids: &args.ids,
        guardrail: args.guardrail.as_deref(),
        account: args.account.as_deref(),
        resource: args.resource.as_deref(),
        region: args.region.as_deref(),
    };
    let chosen = which.of(&listed).map_err(aws::failure)?;
    let mut out = anstream::stdout().lock();
    for one in &chosen {
        operator.end(one.0).await.map_err(aws::failure)?;
        if one.0.doubt().is_some() {
            let what = format!("the {} `{}` is removed from the ledger", one.word(), one.0.name);
            writeln!(out, "{GOOD}removed:{GOOD:#} {}; it suspended nothing", Safe(&what))?;
            continue;
        }
        let (guardrail, place) = (one.guardrail(), one.place());
        writeln!(
            out,
            "{GOOD}{} enforces again{GOOD:#}, within a minute: the {} on {} is lifted",
            Safe(guardrail),
            one.word(),
            Safe(&place)
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(feature = "aws")]
fn json(orders: &[Stored]) -> Result<serde_json::Value, Failure> {
    let with_id = |one: &Order<'_>| {
        let mut value = one.value().map_err(|error| Failure::with("cannot print what is there", error))?;
        if let Some(members) = value.as_object_mut() {
            members.insert("id".to_owned(), one.id().into());
            if let Some(doubt) = one.0.doubt() {
                members.insert("not_believed".to_owned(), doubt.into());
            }
        }
        Ok(value)
    };
    // What a program takes for an order is one; the rest stands by itself.
    let (doubted, listed): (Vec<Order<'_>>, Vec<Order<'_>>) =
        all(orders).into_iter().partition(|one| one.0.doubt().is_some());
    let (stops, exemptions): (Vec<Order<'_>>, Vec<Order<'_>>) =
        listed.into_iter().partition(|one| matches!(one.0.says, Says::Stop(_)));
    let [stops, exemptions, doubted] =
        [stops, exemptions, doubted].map(|list| list.iter().map(with_id).collect::<Result<Vec<_>, Failure>>());
    Ok(serde_json::json!({ "stops": stops?, "exemptions": exemptions?, "not_believed": doubted? }))
}

#[cfg(feature = "aws")]
fn table(out: &mut impl Write, orders: &[Stored]) -> Result<(), Failure> {
    let listed = all(orders);
    if listed.is_empty() {
        writeln!(out, "No guardrail is stopped.")?;
        return Ok(());
    }
    let mut table = Table::new(&["Id", "Guardrail", "What", "Where", "Until", "Why"]);
    for one in &listed {
        table.row([&*one.id(), one.guardrail(), one.word(), &one.place(), &one.until(), &one.why()]);
    }
    table.write(out, columns())?;
    writeln!(out, "`parapet stops lift ID` lifts one of them.")?;
    Ok(())
}
