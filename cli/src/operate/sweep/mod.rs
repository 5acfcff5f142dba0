//! `parapet sweep`: everything that is there through the guardrails, from a terminal. Page by page; what was interrupted goes on
//! where it was.
//!
//! Nothing that fails on the way hides what was found: each finding is written to the ledger before anybody is notified, and
//! printed at the end with everything that could not be done.

#[cfg(feature = "aws")]
mod show;
#[cfg(feature = "aws")]
mod state;
#[cfg(feature = "aws")]
mod walk;

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::nearest;
#[cfg(feature = "aws")]
use crate::terminal::Safe;
use clap::{Args, ValueEnum};
#[cfg(feature = "aws")]
use indicatif::{ProgressBar, ProgressStyle};
#[cfg(feature = "aws")]
use shared::aws::accounts::Accounts;
#[cfg(feature = "aws")]
use shared::aws::service::{Clients, Service};
#[cfg(feature = "aws")]
use shared::aws::sns::Topic;
#[cfg(feature = "aws")]
use shared::aws::store::Store;
#[cfg(feature = "aws")]
use shared::engine::observed::Place;
#[cfg(feature = "aws")]
use shared::engine::pipeline::Rules;
#[cfg(feature = "aws")]
use shared::operations::channel::Channel;
#[cfg(feature = "aws")]
use shared::policy::{Mode, Policy};
#[cfg(feature = "aws")]
use shared::resources::services;
#[cfg(feature = "aws")]
use state::State;
#[cfg(feature = "aws")]
use std::io::Write;
use std::path::PathBuf;
#[cfg(feature = "aws")]
use std::process::ExitCode;
#[cfg(feature = "aws")]
use walk::Sweeping;

/// Judge everything that is there, in the account of your credentials
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet sweep                                            all that is there, nothing is changed
  parapet sweep --region eu-west-1 --region us-east-1      in two regions
  parapet sweep --kind security-group --format jsonl       one kind, for programs
  parapet sweep --state sweep.json                         goes on where it was interrupted
  parapet sweep --enforce --policy policy/parapet.yaml --table TABLE
                                                           does what the policy says, and can be undone

Exit status:
  0  nothing found
  1  violations found
  2  could not run, or not everything could be read, recorded or notified: what was found is printed all the same")]
pub struct SweepArgs {
    /// Only this kind of resource; may be repeated [default: all]
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// In this region; may be repeated [default: the region of your configuration]
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// The policy file, or `s3://bucket/key` [default: the built-in policy]
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Close what the policy says is to be closed; without it nothing is changed
    #[arg(long)]
    enforce: bool,
    /// Do not ask before enforcing
    #[arg(long, requires = "enforce")]
    yes: bool,
    /// How to show what was found
    #[arg(long, value_enum, default_value = "table")]
    format: SweepFormat,
    /// Keeps how far the sweep is after each page; a sweep that finds it goes on from there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The ledger's table: findings are written down, good states are kept, and exemptions of findings that were undone hold
    /// [default: `PARAPET_LEDGER_TABLE`, else none]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// The topic to notify of what was found [default: no notification]
    #[arg(long, value_name = "ARN")]
    topic: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SweepFormat {
    /// For people
    Table,
    /// One JSON object a line
    Jsonl,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &SweepArgs, mut policy: Policy) -> CommandResult {
    let services = chosen(&args.kind)?;
    let config = aws::config().await;
    let caller = aws::who(&config).await?;
    let name =
        args.table.clone().or_else(|| std::env::var("PARAPET_LEDGER_TABLE").ok().filter(|name| !name.is_empty()));
    if !args.enforce {
        policy.limit(Mode::Notify);
    } else if !aws::confirm(&question(&caller.account, name.as_deref()), args.yes)? {
        return Ok(ExitCode::from(2));
    }
    let regions = match (&*args.region, config.region()) {
        ([], Some(region)) => vec![region.to_string()],
        ([], None) => return Err(Failure::new("which region? Name it with `--region`, or set `AWS_REGION`")),
        (named, _) => named.to_vec(),
    };
    let table = name.map(|name| super::aws::ledger(&config, &name));
    if let (Some(table), true) = (&table, args.enforce) {
        // Before anything is changed: which exemptions hold, and whether what is done can be undone, stands there.
        let orders = table.stored().await.map_err(|problem| aws::failure(format!("nothing was changed: {problem}")))?;
        if !table.is_sealed() {
            writeln!(anstream::stderr(), "{}", unsigned(orders.iter().any(|order| order.is_sealed)))?;
        }
    }
    let topic = args.topic.as_ref().map(|arn| Topic::new(&config, arn));
    let channel = Channel::new(topic, table.clone());
    let accounts = Accounts::new(config, Some(caller.account.clone()), None, "parapet-sweep");
    let clients = Clients { accounts, store: table.clone().map_or(Store::None, Store::Table) };
    let rules = Rules { policy, ..Rules::default() };
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let mut state = State::load(args.state.as_deref(), &caller.account)?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}, resources: {human_pos}, {elapsed}") {
        bar.set_style(style);
    }
    bar.set_position(state.seen as u64);
    for region in &regions {
        let place = Place { partition: partition.clone(), account: caller.account.clone(), region: region.clone() };
        for service in &services {
            let what = Sweeping {
                service: service.as_ref(),
                place: &place,
                clients: &clients,
                rules: &rules,
                table: table.as_ref(),
            };
            what.run(&mut state, args, &channel, &bar).await;
        }
    }
    bar.finish_and_clear();
    let is_whole = state.problems.is_empty();
    let answer = state.show(args)?;
    if let (Some(file), true) = (&args.state, is_whole) {
        // It is over: the next one begins anew. One that is not goes on where something failed.
        std::fs::remove_file(file)
            .map_err(|error| Failure::with(format!("cannot remove `{}`", Safe(&file.display().to_string())), error))?;
    }
    Ok(answer)
}

/// What is to be known before anything is written into a ledger without a signature.
#[cfg(feature = "aws")]
fn unsigned(is_sealed: bool) -> String {
    let (ledger, operators) = (shared::aws::kms::LEDGER_KEY, shared::aws::kms::OPERATORS_KEY);
    let when = if is_sealed { "This ledger is signed" } else { "If the stack signs its ledger (`SignLedger`)" };
    format!(
        "{when}: the undo steps of this sweep are written without a signature, so `parapet undo` needs `--unsigned` \
         for each. Name its keys with `{ledger}` and `{operators}` (the stack's outputs) to sign them, where your role may `kms:GenerateMac` \
         with the first one: by the stack's key policy the functions alone."
    )
}

#[cfg(feature = "aws")]
fn question(account: &str, table: Option<&str>) -> String {
    let rest = match table {
        Some(_) => "",
        None => {
            " Without a ledger (`--table`) it cannot be undone by `parapet undo`, and exemptions of findings that were undone \
             are not known."
        }
    };
    format!("Close what the policy says, in account {account}?{rest}")
}

/// Where the kinds are listed: there are too many for a message.
#[cfg(feature = "aws")]
const KINDS: &str = "docs/security.md lists those that remediations change; without `--kind` every kind is judged";

#[cfg(feature = "aws")]
fn chosen(kinds: &[String]) -> Result<Vec<Box<dyn Service>>, Failure> {
    let all = services();
    for kind in kinds {
        if !all.iter().any(|service| service.kind() == kind) {
            let known: Vec<&str> = all.iter().map(|service| service.kind()).collect();
            let hint = nearest::hint(kind, known, KINDS);
            return Err(Failure::new(format!("--kind: there is no kind `{}` ({hint})", Safe(kind))));
        }
    }
    Ok(all.into_iter().filter(|service| kinds.is_empty() || kinds.iter().any(|kind| kind == service.kind())).collect())
}
