//! What every function does around its families: read the environment, log, serve, notify, count, answer.

mod decisions;
mod deferring;
mod ending;
mod environment;
mod function;
mod heartbeat;
mod hints;
mod imports;
mod invocation;
pub mod operate;
mod sweep;

pub use environment::{Environment, SettingError};

use crate::aws::accounts::Accounts;
use crate::aws::dynamodb::Table;
use crate::aws::kms::Keys;
use crate::aws::scheduler::Scheduler;
use crate::aws::service::{Clients, Service, SystemClock};
use crate::aws::sns::Topic;
use crate::aws::store::Store;
use crate::engine::event::EventError;
use crate::engine::pipeline::{Clock, Retry};
use crate::notify::Notice;
use crate::operations::channel::{Channel, NotifyError};
use crate::operations::payload::TaskError;
use decisions::Decisions;
pub use deferring::DeferralError;
use function::Function;
use invocation::Invocation;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::Value;
use thiserror::Error as ThisError;
use tracing::{error, warn};
use tracing_subscriber::EnvFilter;

/// Why an event is handed back to Lambda.
#[derive(Debug, ThisError)]
pub enum ServeError {
    /// The delivery cannot be read.
    #[error("cannot read the event: {0}")]
    Unreadable(#[from] EventError),
    /// Nor can the order.
    #[error(transparent)]
    Message(#[from] TaskError),
    /// Something passing stood in the way: Lambda delivers the event again.
    #[error(transparent)]
    Retry(#[from] Retry),
    /// The channel did not take a message: Lambda delivers the event again, and a hole that is closed by then is notified
    /// as such.
    #[error(transparent)]
    NotifyError(#[from] NotifyError),
    /// Something on the way of findings is broken.
    #[error("no heartbeat: {0}")]
    NoHeartbeat(String),
    /// The schedule that brings an event or the rest of a sweep back could not be made.
    #[error("cannot defer it: {0}")]
    Deferral(#[source] DeferralError),
}

impl From<ServeError> for Diagnostic {
    fn from(error: ServeError) -> Self {
        let error_type = match error {
            ServeError::Unreadable(_) | ServeError::Message(_) => "UnreadableEvent",
            ServeError::Retry(_) => "WorthAnotherTry",
            ServeError::NotifyError(_) => "NotificationNotSent",
            ServeError::Deferral(_) => "NotDeferred",
            ServeError::NoHeartbeat(_) => "NoHeartbeat",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

/// Serves families until Lambda ends the process: the whole of a function's `main`.
///
/// # Errors
/// A setting that cannot be used, or the end of the Runtime API.
pub async fn serve(services: Vec<Box<dyn Service>>) -> Result<(), Error> {
    log();
    let environment = environment().inspect_err(|problem| error!(%problem, "cannot start"))?;
    let function = connect(environment, services).await;
    // Before an event is taken up: nothing of this stands between an event and its containment.
    function.prepare().await;
    // Boxed: the calls of an SDK nest so deep that the compiler gives up on laying the whole future out at once.
    let function = &function;
    let handler = service_fn(|event: LambdaEvent<Value>| {
        let invocation = Invocation::new(&event.context, SystemClock.now());
        Box::pin(async move { function.take(event.payload, &invocation).await })
    });
    lambda_runtime::run(handler).await
}

fn environment() -> Result<Environment, SettingError> {
    Environment::read(|name| std::env::var(name).ok())
}

async fn connect(environment: Environment, services: Vec<Box<dyn Service>>) -> Function {
    let config = crate::aws::config().await;
    if environment.topic.is_none() {
        warn!("`PARAPET_TOPIC_ARN` is not set: findings are logged and returned, but no notification is sent");
    }
    let keys = || Keys::of(&config, |name| std::env::var(name).ok());
    let table = environment.ledger.as_deref().map(|name| Table::new(&config, name).sealed_with(keys()));
    let watcher = environment.watcher.as_deref();
    let topic = environment.topic.as_deref().map(|arn| Topic::new(&config, arn).watched_by(watcher));
    Function {
        topic: topic.clone(),
        decisions: Decisions::new(&environment, &config, table.clone()),
        channel: Channel::new(topic, table.clone()),
        scheduler: environment.schedules.clone().map(|settings| Scheduler::new(&config, settings)),
        clients: Clients {
            accounts: Accounts::new(
                config,
                environment.account(),
                environment.member_role.clone(),
                &session(&environment.function),
            ),
            store: table.clone().map_or(Store::None, Store::Table),
        },
        table,
        bursts: std::sync::Mutex::default(),
        endings: std::sync::Mutex::default(),
        services,
        environment,
    }
}

/// Best effort: what a notice is about is logged as well.
async fn announce(channel: &Channel<Topic, Table>, notice: &Notice) {
    warn!(title = notice.title, says = ?notice.says, "notice");
    if let Err(problem) = channel.announce(notice, SystemClock.now()).await {
        error!(%problem, title = notice.title, "a notice was not sent");
    }
}

/// A session's name: 2 to 64 characters ("AssumeRole" in the STS API reference).
fn session(function: &str) -> String {
    const LONGEST: usize = 64;
    let name: String = function.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(LONGEST).collect();
    if name.len() < 2 { "parapet".to_owned() } else { name }
}

fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    // The time and the request id are Lambda's to add; payloads are never logged, they can hold secrets.
    tracing_subscriber::fmt().json().with_env_filter(filter).without_time().with_current_span(false).init();
}
