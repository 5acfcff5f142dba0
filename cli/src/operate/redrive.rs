//! `parapet redrive`: gives what the functions could not handle back to them, when the cause is mended.
//!
//! Three shapes lie in the dead-letter queue: events that EventBridge could not deliver, the records of runs that failed
//! three times (with the event in `requestPayload`), and what a schedule could not hand over. Each goes back to the function
//! that it was for by a one-time schedule within two minutes, marked as late, and leaves the dead letters after that.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use super::dead_letters::DeadLetters;
#[cfg(feature = "aws")]
use super::letter::{self, Letter};
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::terminal::{BAD, GOOD, Safe};
use clap::Args;
#[cfg(feature = "aws")]
use jiff::Timestamp;
#[cfg(feature = "aws")]
use shared::aws::{scheduler::Scheduler, sqs::Queue};
#[cfg(feature = "aws")]
use shared::engine::unavailable::Unavailable;
#[cfg(feature = "aws")]
use shared::operations::deferral::Schedules;
#[cfg(feature = "aws")]
use std::io::Write;
#[cfg(feature = "aws")]
use std::process::ExitCode;

/// Give dead letters back to their functions, when what stood in the way is mended
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet redrive --dead-letters https://sqs.eu-west-1.amazonaws.com/111122223333/parapet-DeadLetters-ABC --dry-run
  parapet redrive --dead-letters https://sqs.eu-west-1.amazonaws.com/111122223333/parapet-DeadLetters-ABC
  parapet redrive --dead-letters https://sqs.eu-west-1.amazonaws.com/111122223333/security-DeadLetters-ABC --stack security

Exit status:
  0  all were given back, or there was none
  1  some stay, or could not be seen
  2  could not run")]
pub struct RedriveArgs {
    /// The URL of the dead-letter queue: the stack's resource `DeadLetters`
    #[arg(long, value_name = "URL")]
    dead_letters: String,
    /// The stack's name, which its schedule group has and its schedules' role begins with
    #[arg(long, value_name = "NAME", default_value = "parapet")]
    stack: String,
    /// The key that the stack's parameter `KmsKeyArn` names: it encrypts what waits to be given back [default: `PARAPET_KMS_KEY`, else none]
    #[arg(long, value_name = "ARN")]
    kms_key: Option<String>,
    /// Show what would be given back
    #[arg(long)]
    dry_run: bool,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &RedriveArgs) -> CommandResult {
    let config = aws::config().await;
    let mut letters = DeadLetters::of(Queue::new(&config, &args.dead_letters));
    let caller = aws::who(&config).await?;
    let region = config.region().ok_or_else(|| Failure::new("which region? Set `AWS_REGION` to the stack's"))?;
    let key = args.kms_key.clone().or_else(|| std::env::var("PARAPET_KMS_KEY").ok().filter(|key| !key.is_empty()));
    let settings = letter::settings(&args.stack, &caller, region.as_ref(), &args.dead_letters, key);
    let scheduler = Scheduler::new(&config, settings);
    let (mut given, mut kept) = (0_usize, 0_usize);
    let mut out = anstream::stdout().lock();
    let waits = |count: usize| {
        let _ = writeln!(anstream::stderr(), "waiting for {count} that another consumer has just received");
    };
    let all = async {
        loop {
            let messages = letters.next(waits).await.map_err(aws::failure)?;
            if messages.is_empty() {
                return Ok::<(), Failure>(());
            }
            for message in messages {
                let letter = match Letter::read(&message, Timestamp::now()) {
                    Ok(letter) => letter,
                    Err(why) => {
                        kept += 1;
                        writeln!(out, "{BAD}stays{BAD:#}  {}: {}", Safe(&message.id), Safe(&why.to_string()))?;
                        letters.leave(message);
                        continue;
                    }
                };
                let would = if args.dry_run { "would go to" } else { "to" };
                writeln!(out, "{GOOD}{would} {}{GOOD:#}  {}", Safe(letter.name()), Safe(&letter.what))?;
                if args.dry_run {
                    given += 1;
                    letters.leave(message);
                    continue;
                }
                let schedule = letter.schedule(&message, Timestamp::now()).map_err(Unavailable::new);
                let created = match schedule {
                    Ok(schedule) => scheduler.of(&letter.function).create(&schedule).await,
                    Err(too_large) => Err(too_large),
                };
                if let Err(why) = created {
                    letters.leave(message);
                    return Err(aws::failure(format!(
                        "{why}; `--stack` names the stack that the functions are of. What was not given back stays"
                    )));
                }
                // After it is scheduled: at worst a function gets it twice, which changes nothing.
                letters.delete(&message).await.map_err(aws::failure)?;
                given += 1;
            }
        }
    };
    let ended = all.await;
    // However it ended: the next run sees what stays at once.
    let unseen = letters.unseen().await;
    for problem in letters.release().await {
        writeln!(anstream::stderr(), "{BAD}invisible for two minutes:{BAD:#} {}", Safe(&problem.to_string()))?;
    }
    ended?;
    let unseen = unseen.map_err(aws::failure)?;
    let would = if args.dry_run { " would be" } else { "" };
    let rest = if unseen == 0 {
        String::new()
    } else {
        format!(", {unseen} could not be received: another consumer holds them")
    };
    writeln!(out, "{given}{would} given back, {kept} stay{rest}")?;
    Ok(if kept + unseen == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
