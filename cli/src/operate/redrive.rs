//! `parapet redrive`: gives what the functions could not handle back to them, when the cause is mended.
//!
//! Three shapes lie in the dead-letter queue: events that EventBridge could not deliver, the records of runs that failed
//! three times (with the event in `requestPayload`), and messages of a function's own queue. Each goes to the queue of the
//! function that it is for, which the event patterns tell, and leaves the dead letters after that.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use super::letters::Letters;
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::patterns::{Params, Patterns};
#[cfg(feature = "aws")]
use crate::terminal::{BAD, GOOD, Safe};
use clap::Args;
#[cfg(feature = "aws")]
use serde_json::Value;
#[cfg(feature = "aws")]
use shared::aws::sqs::{Queue, Received};
#[cfg(feature = "aws")]
use shared::families::catalogue;
#[cfg(feature = "aws")]
use shared::incoming::unwrapped;
#[cfg(feature = "aws")]
use std::collections::BTreeMap;
#[cfg(feature = "aws")]
use std::io::Write;
#[cfg(feature = "aws")]
use std::process::ExitCode;
#[cfg(feature = "aws")]
use std::time::Duration;

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
    /// The stack's name, which the functions' queues begin with
    #[arg(long, value_name = "NAME", default_value = "parapet")]
    stack: String,
    /// Show what would be given back
    #[arg(long)]
    dry_run: bool,
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &RedriveArgs) -> CommandResult {
    let config = aws::config().await;
    let mut letters = Letters::of(Queue::new(&config, &args.dead_letters));
    let patterns =
        Patterns::built_in(&Params::default()).map_err(|error| Failure::with("cannot read the patterns", error))?;
    let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
    let (mut given, mut kept) = (0_usize, 0_usize);
    let mut out = anstream::stdout().lock();
    let waits = |count: usize| {
        let _ = writeln!(anstream::stderr(), "waiting for {count} that somebody has just received");
    };
    let all = async {
        loop {
            let messages = letters.next(waits).await.map_err(aws::failure)?;
            if messages.is_empty() {
                return Ok::<(), Failure>(());
            }
            for message in messages {
                let letter = match Letter::read(&message, &patterns) {
                    Ok(letter) => letter,
                    Err(why) => {
                        kept += 1;
                        writeln!(out, "{BAD}stays{BAD:#}  {}: {}", Safe(&message.id), Safe(&why))?;
                        letters.leave(message);
                        continue;
                    }
                };
                let names = letter.functions.join(", ");
                let would = if args.dry_run { "would go to" } else { "to" };
                writeln!(out, "{GOOD}{would} {names}{GOOD:#}  {}", Safe(&letter.what))?;
                if args.dry_run {
                    given += 1;
                    letters.leave(message);
                    continue;
                }
                if let Err(why) = letter.give(&config, &args.stack, &mut queues).await {
                    letters.leave(message);
                    return Err(why);
                }
                // After it was sent on: at worst a function gets it twice, which changes nothing.
                letters.delete(&message).await.map_err(aws::failure)?;
                given += 1;
            }
        }
    };
    let ended: Result<(), Failure> = all.await;
    // However it ended: the next run sees what stays at once.
    let unseen = letters.unseen().await;
    for problem in letters.release().await {
        writeln!(anstream::stderr(), "{BAD}invisible for two minutes:{BAD:#} {}", Safe(&problem))?;
    }
    let would = if args.dry_run { " would be" } else { "" };
    let unseen = unseen.map_err(aws::failure)?;
    let rest =
        if unseen == 0 { String::new() } else { format!(", {unseen} could not be seen: somebody else has them") };
    writeln!(out, "{given}{would} given back, {kept} stay{rest}")?;
    ended?;
    Ok(if kept + unseen == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A dead letter that can be given back.
#[cfg(feature = "aws")]
struct Letter {
    functions: Vec<String>,
    body: Value,
    what: String,
}

#[cfg(feature = "aws")]
impl Letter {
    fn read(message: &Received, patterns: &Patterns) -> Result<Self, String> {
        let payload: Value = serde_json::from_str(&message.body).map_err(|error| format!("it is no JSON: {error}"))?;
        let body = unwrapped(payload);
        let functions = Self::functions(&body, patterns);
        if functions.is_empty() {
            return Err("no function of this version waits for it".to_owned());
        }
        let event = body.pointer("/parapet/event").unwrap_or(&body);
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or("?").to_owned();
        let what = match body.pointer("/parapet/task").and_then(Value::as_str) {
            Some(task @ ("sweep" | "page")) => format!("a {task} of a sweep"),
            _ => format!(
                "{} in {} {} at {}",
                text("/detail/eventName"),
                text("/account"),
                text("/region"),
                text("/time")
            ),
        };
        let why = message.attributes.iter().find(|(name, _)| name == "ERROR_MESSAGE").map(|(_, why)| why.clone());
        let what = why.map_or_else(|| what.clone(), |why| format!("{what} ({why})"));
        Ok(Self { functions, body, what })
    }

    /// Sends it to the queues of its functions.
    async fn give(
        &self,
        config: &aws_config::SdkConfig,
        stack: &str,
        queues: &mut BTreeMap<String, Queue>,
    ) -> Result<(), Failure> {
        for function in &self.functions {
            if !queues.contains_key(function) {
                let queue = Queue::named(config, &format!("{stack}-{function}")).await.map_err(|why| {
                    aws::failure(format!(
                        "{why}; `--stack` names the stack that the functions are of. What was not given back stays"
                    ))
                })?;
                queues.insert(function.clone(), queue);
            }
            if let Some(queue) = queues.get(function) {
                queue.send(&self.body, Duration::ZERO).await.map_err(aws::failure)?;
            }
        }
        Ok(())
    }

    /// By its kind for a page of a sweep, by the patterns for an event.
    fn functions(body: &Value, patterns: &Patterns) -> Vec<String> {
        if let Some(kind) = body.pointer("/parapet/kind").and_then(Value::as_str) {
            let entry = catalogue().into_iter().find(|entry| entry.kind == kind);
            return entry.map(|entry| entry.family.to_owned()).into_iter().collect();
        }
        let event = body.pointer("/parapet/event").unwrap_or(body);
        patterns.functions_for(event.to_string().as_bytes()).into_iter().map(str::to_owned).collect()
    }
}
