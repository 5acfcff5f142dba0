//! What every function does around its family: read the environment, log, serve, tell, answer.

use crate::aws::dynamodb::Table;
use crate::aws::sns::Topic;
use crate::channel::{Channel, Untold};
use crate::event::{Event, EventError, Incoming};
use crate::families::{Family, Observe};
use crate::finding::{Finding, Outcome};
use crate::memory::NoMemory;
use crate::pipeline::{self, Around, Clock, Handled, Retry, Rules};
use crate::plan::Apply;
use crate::policy::{Mode, Policy};
use crate::report::Report;
use aws_config::SdkConfig;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use std::time::Duration;
use thiserror::Error as ThisError;
use tracing::{debug, error, info, warn};
use tracing_subscriber::EnvFilter;

/// A setting of the environment that cannot be used.
#[derive(Debug, ThisError, PartialEq, Eq)]
pub enum SettingError {
    /// `PARAPET_MODE` holds another word.
    #[error("`PARAPET_MODE` is `{0}`, one of `off`, `notify`, `enforce` was expected")]
    Mode(String),
}

/// Why an event is handed back to Lambda.
#[derive(Debug, ThisError)]
pub enum ServeError {
    /// The delivery cannot be read.
    #[error("cannot read the event: {0}")]
    Unreadable(#[from] EventError),
    /// Something passing stood in the way: Lambda delivers the event again.
    #[error(transparent)]
    Retry(#[from] Retry),
    /// The channel did not take a message: Lambda delivers the event again, and a hole that is closed by then is told
    /// as such.
    #[error(transparent)]
    Untold(#[from] Untold),
}

impl From<ServeError> for Diagnostic {
    fn from(error: ServeError) -> Self {
        let error_type = match error {
            ServeError::Unreadable(_) => "UnreadableEvent",
            ServeError::Retry(_) => "WorthAnotherTry",
            ServeError::Untold(_) => "NotificationNotSent",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Serves one family until Lambda ends the process: the whole of a function's `main`.
///
/// # Errors
/// A setting that cannot be used, or the end of the Runtime API.
pub async fn serve<F, W>(family: F, connect: impl FnOnce(&SdkConfig) -> W) -> Result<(), Error>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
{
    log();
    let rules = rules(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .inspect_err(|problem| error!(%problem, "cannot start"))?;
    let config = crate::aws::config().await;
    let topic = std::env::var("PARAPET_TOPIC_ARN").ok().filter(|arn| !arn.is_empty());
    if topic.is_none() {
        warn!("`PARAPET_TOPIC_ARN` is not set: findings are logged and answered, nobody is told");
    }
    let ledger = std::env::var("PARAPET_LEDGER_TABLE").ok().filter(|table| !table.is_empty());
    let function = Function {
        world: connect(&config),
        channel: Channel::new(
            topic.map(|arn| Topic::new(&config, &arn)),
            ledger.map(|table| Table::new(&config, &table)),
        ),
        family,
        rules,
    };
    // Boxed: the calls of an SDK nest so deep that the compiler gives up on laying the whole future out at once.
    let handler = service_fn(|event: LambdaEvent<Value>| Box::pin(function.handle(event.payload)));
    lambda_runtime::run(handler).await
}

fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The time and the request id are Lambda's to add; payloads are never logged, they can hold secrets.
    tracing_subscriber::fmt().json().with_env_filter(filter).without_time().with_current_span(false).init();
}

/// The operator's decisions, from the environment. A policy file that cannot be used takes nothing down: the function
/// judges by the defaults, changes nothing, and says so in every finding.
fn rules(env: impl Fn(&str) -> Option<String>) -> Result<Rules, SettingError> {
    let fallback = match env("PARAPET_MODE").as_deref() {
        None => Mode::default(),
        Some("off") => Mode::Off,
        Some("notify") => Mode::Notify,
        Some("enforce") => Mode::Enforce,
        Some(other) => return Err(SettingError::Mode(other.to_owned())),
    };
    let (policy, broken_policy) = match env("PARAPET_POLICY").map(|location| policy_from(&location)) {
        None => (Policy::default(), None),
        Some(Ok(policy)) => (policy, None),
        Some(Err(problem)) => {
            error!(%problem, "the policy cannot be used: nothing is enforced");
            (Policy::default(), Some(problem))
        }
    };
    Ok(Rules {
        policy,
        fallback,
        own_roles: env("PARAPET_SELF_ROLE_ARN").into_iter().collect(),
        broken_policy,
        ..Rules::default()
    })
}

fn policy_from(location: &str) -> Result<Policy, String> {
    if location.starts_with("s3://") {
        return Err(format!("`{location}`: this version reads policies from a file of the bundle only"));
    }
    let text = std::fs::read_to_string(location).map_err(|cause| format!("cannot read `{location}`: {cause}"))?;
    Policy::parse(&text).map_err(|problem| format!("`{location}`, {problem}"))
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

struct Function<F, W> {
    family: F,
    world: W,
    channel: Channel<Topic, Table>,
    rules: Rules,
}

impl<F, W> Function<F, W>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
{
    async fn handle(&self, payload: Value) -> Result<Report, ServeError> {
        let event = match Event::from_envelope(&payload) {
            Ok(Incoming::Call(event)) => event,
            Ok(Incoming::NotOurs(why)) => {
                info!(why, "not ours");
                return Ok(Report::default());
            }
            Err(problem) => {
                error!(%problem, "unreadable event");
                return Err(problem.into());
            }
        };
        let around = Around { world: &self.world, clock: &SystemClock, memory: &NoMemory, rules: &self.rules };
        let Handled { findings, retry, later: _ } = pipeline::handle(&self.family, around, &event).await;
        let mut untold = None;
        for finding in &findings {
            log_finding(finding);
            // What will be tried again is told then; what is done already is told now.
            let is_done = retry.is_none() || matches!(finding.outcome, Outcome::Remediated | Outcome::Partial);
            if finding.is_worth_telling() && is_done {
                untold = untold.or(self.channel.tell(finding, SystemClock.now()).await.err());
            }
        }
        if untold.is_none() {
            untold = self.channel.resend(SystemClock.now()).await.err();
        }
        match (retry, untold) {
            (Some(retry), _) => {
                warn!(%retry, event_id = event.id, "to be delivered again");
                Err(retry.into())
            }
            (None, Some(untold)) => Err(untold.into()),
            (None, None) => Ok(Report::new(&event.id, &findings)),
        }
    }
}

fn log_finding(finding: &Finding) {
    if finding.verdict == "compliant" {
        debug!(guardrail = finding.guardrail.name, resource = finding.resource.id, "compliant");
        return;
    }
    info!(
        finding_id = %finding.id,
        guardrail = finding.guardrail.name,
        resource = finding.resource.id,
        verdict = finding.verdict,
        severity = %finding.severity,
        mode = finding.mode.word(),
        result = finding.outcome.word(),
        reasons = ?finding.reasons,
        event_id = finding.cause.event_id,
        "finding"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_with_a_typo_is_named() {
        let error = rules(|name| (name == "PARAPET_MODE").then(|| "enforced".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "`PARAPET_MODE` is `enforced`, one of `off`, `notify`, `enforce` was expected");
    }

    #[test]
    fn a_policy_that_is_not_there_is_kept_as_a_problem() {
        let rules = rules(|name| (name == "PARAPET_POLICY").then(|| "no/such/policy.yaml".to_owned())).unwrap();
        assert!(rules.broken_policy.unwrap().starts_with("cannot read `no/such/policy.yaml`: "));
    }
}
