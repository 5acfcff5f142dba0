//! `parapet undo`: takes a finding back, with an exemption first, so that no guardrail fights it.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use crate::failure::CommandResult;
#[cfg(feature = "aws")]
use crate::terminal::{BAD, BOLD, DIM, GOOD, Safe};
use clap::Args;
use jiff::SignedDuration;
#[cfg(feature = "aws")]
use shared::aws::service::SystemClock;
#[cfg(feature = "aws")]
use shared::aws::sns::Topic;
#[cfg(feature = "aws")]
use shared::engine::finding::Outcome;
#[cfg(feature = "aws")]
use shared::engine::pipeline::{Clock, Preview};
#[cfg(feature = "aws")]
use shared::operations::channel::Channel;
#[cfg(feature = "aws")]
use shared::operations::operate::Order;
#[cfg(feature = "aws")]
use shared::operations::signature::Trust;
#[cfg(feature = "aws")]
use std::io::{self, Write};
#[cfg(feature = "aws")]
use std::process::ExitCode;
use uuid::Uuid;

/// Take a remediation back: shows what it will do, exempts the resource for a while, restores what was
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet undo 6f1c0f0e-8f0b-5f8e-9d0a-2f0c5f7e4b11 --table parapet-Ledger-ABC    shows it, and asks
  parapet undo 6f1c0f0e-8f0b-5f8e-9d0a-2f0c5f7e4b11 --dry-run                     only shows it
  parapet undo 6f1c0f0e-8f0b-5f8e-9d0a-2f0c5f7e4b11 --for 7d --reason 'needed until the migration is over' --yes

Exit status:
  0  undone, or nothing left to do
  1  undone in part, or the notification was not sent
  2  could not run; nothing was changed unless it says so")]
pub struct UndoArgs {
    /// The finding's id, as its notification names it
    finding: Uuid,
    /// The ledger's table [default: `PARAPET_LEDGER_TABLE`]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// How long the guardrail leaves the resource alone
    #[arg(long = "for", value_name = "TIME", default_value = "24h", value_parser = crate::exempt::parse_time)]
    lasts: SignedDuration,
    /// Why it is undone; stands in the exemption
    #[arg(long, value_name = "TEXT", default_value = "undone from the command line")]
    reason: String,
    /// Although the resource has changed since: says what is overridden
    #[arg(long)]
    force: bool,
    /// Although the ledger's entry carries no signature (older than signing, or KMS did not answer): read the calls first,
    /// any principal that may write to the table may have written them
    #[arg(long)]
    unsigned: bool,
    /// Show what it would do
    #[arg(long)]
    dry_run: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// The topic to notify [default: `PARAPET_TOPIC_ARN`; no notification without it]
    #[arg(long, value_name = "ARN")]
    topic: Option<String>,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &UndoArgs) -> CommandResult {
    let (operator, caller) = aws::operator(args.table.as_ref()).await?;
    let (kept, preview) = operator.preview(args.finding).await.map_err(aws::failure)?;
    let until = SystemClock.now() + args.lasts;
    let guardrails: Vec<&str> = std::iter::once(&kept.guardrail).chain(&kept.also).map(String::as_str).collect();
    show(&preview, &kept.resource, &guardrails.join(", "), &until.strftime("%F %H:%M UTC").to_string())?;
    if args.dry_run {
        return Ok(ExitCode::SUCCESS);
    }
    if !preview.differences.is_empty() && !args.force {
        return Err(aws::failure(format!(
            "`{}` has changed since, as shown: review it, then pass `--force` to undo the finding anyway",
            kept.resource
        )));
    }
    if kept.trust == Trust::Unsigned && !args.unsigned {
        return Err(aws::failure(
            "the ledger's entry carries no signature, so any principal that may write to the table may have written \
             these calls: review them, then pass `--unsigned` to make them anyway",
        ));
    }
    if !aws::confirm("Undo it?", args.yes)? {
        return Ok(ExitCode::from(2));
    }
    let order = Order {
        who: caller.arn,
        reason: args.reason.clone(),
        lasts: args.lasts,
        force: args.force,
        unsigned: args.unsigned,
    };
    let (finding, exemptions) = operator.undo(args.finding, &order).await.map_err(aws::failure)?;
    let mut out = anstream::stdout().lock();
    let is_whole = finding.outcome == Outcome::Undone;
    let (style, word) = if is_whole { (GOOD, "Undone") } else { (BAD, "Undone in part") };
    writeln!(out, "{style}{word}{style:#}")?;
    for reason in &finding.reasons {
        writeln!(out, "  {}", Safe(reason))?;
    }
    for exemption in &exemptions {
        writeln!(out, "  {}", Safe(&exemption.sentence()))?;
    }
    let variable = || std::env::var("PARAPET_TOPIC_ARN").ok().filter(|arn| !arn.is_empty());
    if let Some(topic) = args.topic.clone().or_else(variable) {
        let topic = Topic::new(operator.clients.accounts.base(), &topic);
        let channel = Channel::new(Some(topic), Some(operator.table.clone()));
        if let Err(problem) = channel.notify(&finding, SystemClock.now()).await {
            // It is undone all the same: that must not look like a command that could not run.
            writeln!(
                anstream::stderr(),
                "{BAD}undone, but no notification was sent:{BAD:#} {}",
                Safe(&problem.to_string())
            )?;
            return Ok(ExitCode::FAILURE);
        }
        writeln!(out, "  the security channel was notified")?;
    }
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[cfg(feature = "aws")]
fn show(preview: &Preview, resource: &str, guardrails: &str, until: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{BOLD}{}{BOLD:#}", Safe(resource))?;
    writeln!(out, "  exempt from {guardrails} until {until}, then:")?;
    for (action, command) in preview.actions.iter().zip(&preview.commands) {
        writeln!(out, "  {}", Safe(action))?;
        writeln!(out, "    {DIM}{}{DIM:#}", Safe(command))?;
    }
    if !preview.differences.is_empty() {
        writeln!(out, "{BAD}Changed since Parapet acted:{BAD:#}")?;
    }
    for difference in &preview.differences {
        writeln!(out, "  {}", Safe(difference))?;
    }
    Ok(())
}
