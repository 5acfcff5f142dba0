//! What an operator has decided, kept fresh: the policy file and the standing orders.
//!
//! They are read when the process starts, before it takes up an event, and renewed behind the events. Only a process that was
//! idle for longer than `PARAPET_REFRESH_SECONDS` asks before it acts: an exemption that is a minute old must hold.

use crate::aws::dynamodb::Table;
use crate::aws::s3::{Object, Read};
use crate::engine::orders::{Decided, Orders, Stop};
use crate::engine::pipeline::Rules;
use crate::lambda::environment::Environment;
use crate::operations::ledger::{Book, Counters};
use crate::policy::{BUILT_IN, Policy, PolicyError, fingerprint};
use aws_config::SdkConfig;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;
use tracing::{error, warn};

/// Reading takes no longer than this: what was known stays.
const PATIENCE: Duration = Duration::from_secs(4);
/// How soon to ask again, behind an event, for standing orders that were never read.
const UNREAD: Duration = Duration::from_secs(5);

/// Where the policy comes from.
#[derive(Debug)]
enum Source {
    /// Of the bundle, or the built-in one: it does not change while the process lives.
    Fixed,
    /// An object.
    Object(Object),
}

/// See the module.
#[derive(Debug)]
pub(super) struct Decisions {
    source: Source,
    ledger: Option<Table>,
    refresh: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    etag: Option<String>,
    /// Which policy is in force: its fingerprint.
    version: String,
    /// What is wrong with the policy, while an earlier one is in force.
    problem: Option<String>,
    /// What the policy in force may say and most likely does not mean; the channel was not notified of it yet.
    warnings: Vec<String>,
    read_at: Option<Instant>,
    /// Whether the standing orders were ever read.
    knows_orders: bool,
    /// The stops of this process that no read has shown yet.
    decided: Vec<Decided>,
}

impl Decisions {
    /// Nothing is read from the network yet.
    pub(super) fn new(environment: &Environment, config: &SdkConfig, ledger: Option<Table>) -> Self {
        let mut rules = Rules {
            fallback: environment.mode,
            own_roles: environment.own_roles.clone(),
            member_role: environment.member_role.clone(),
            runbook_role: environment.runbook_role.clone(),
            stack: environment.stack.clone(),
            can_wait: environment.schedules.is_some(),
            ..Rules::default()
        };
        rules.orders.unreadable = ledger.as_ref().map(|_| "they were not read yet".to_owned());
        let (mut warnings, mut version) = (Vec::new(), BUILT_IN.to_owned());
        let source = match environment.policy.as_deref() {
            None => Source::Fixed,
            Some(uri) if uri.starts_with("s3://") => match Object::at(config, uri) {
                Ok(object) => {
                    rules.broken_policy = Some(format!("`{uri}` was not read yet"));
                    Source::Object(object)
                }
                Err(problem) => {
                    rules.broken_policy = Some(problem.to_string());
                    Source::Fixed
                }
            },
            Some(path) => {
                match from_file(path) {
                    Ok(text) => (rules.policy, warnings, version) = text,
                    Err(problem) => rules.broken_policy = Some(problem.to_string()),
                }
                Source::Fixed
            }
        };
        if let (Source::Fixed, Some(problem)) = (&source, &rules.broken_policy) {
            error!(problem, "the policy cannot be used: nothing is enforced");
        }
        let state = State { warnings, version, ..State::new(rules) };
        Self { source, ledger, refresh: environment.refresh, state: Mutex::new(state) }
    }

    /// The rules, asked for anew where they are too old.
    pub(super) async fn fresh(&self) -> Arc<Rules> {
        if self.is_older_than(self.refresh) {
            self.renew().await;
        }
        Arc::clone(&self.state().rules)
    }

    /// Renews what is half as old as it may get: behind an event, where nothing waits for it.
    pub(super) async fn renew_behind(&self) {
        let is_unread = self.state().rules.orders.unreadable.is_some();
        if self.is_older_than(if is_unread { UNREAD.min(self.refresh / 2) } else { self.refresh / 2 }) {
            self.renew().await;
        }
    }

    /// What is wrong with the policy, while an earlier one is in force or none.
    pub(super) fn problem(&self) -> Option<String> {
        let state = self.state();
        state.problem.clone().or_else(|| state.rules.broken_policy.clone())
    }

    /// The fingerprint of the policy that is in force.
    pub(super) fn version(&self) -> String {
        self.state().version.clone()
    }

    /// A stop that this process has just decided on, and whether the ledger took it.
    pub(super) fn add(&self, stop: Stop, was_written: bool) {
        self.state().add(Decided { stop, written: was_written.then(Instant::now) });
    }

    /// Writes the stops that the ledger did not take.
    async fn write_stops(&self, table: &Table) {
        let unwritten: Vec<Stop> = {
            let state = self.state();
            let unwritten = state.decided.iter().filter(|mine| mine.written.is_none());
            unwritten.map(|mine| mine.stop.clone()).collect()
        };
        for stop in unwritten {
            match table.stop(&stop).await {
                Ok(()) => self.add(stop, true),
                Err(problem) => warn!(%problem, "a stop is not written: other processes do not know of it"),
            }
        }
    }

    /// What the policy in force may say and most likely does not mean: once for each version of it.
    pub(super) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.state().warnings)
    }

    fn is_older_than(&self, age: Duration) -> bool {
        let has_source = self.ledger.is_some() || matches!(self.source, Source::Object(_));
        has_source && self.state().read_at.is_none_or(|at| at.elapsed() >= age)
    }

    async fn renew(&self) {
        let etag = self.state().etag.clone();
        let policy = async {
            match &self.source {
                Source::Fixed => None,
                Source::Object(object) => Some(object.read(etag.as_deref()).await),
            }
        };
        let orders = async {
            match &self.ledger {
                None => None,
                Some(table) => {
                    self.write_stops(table).await;
                    let began = Instant::now();
                    Some((began, table.orders().await))
                }
            }
        };
        let both = tokio::time::timeout(PATIENCE, async { tokio::join!(policy, orders) }).await;
        let mut state = self.state();
        // Also after a failure: asking at every event would put the lost call before each containment.
        state.read_at = Some(Instant::now());
        let Ok((policy, orders)) = both else {
            warn!("policy and standing orders were not read in time: what was known stays");
            state.lack_orders(format!("no answer within {} s", PATIENCE.as_secs()));
            return;
        };
        match orders {
            None => {}
            Some((began, Ok(orders))) => state.set_orders(orders, began, Timestamp::now()),
            Some((_, Err(problem))) => {
                warn!(%problem, "the standing orders cannot be read: what was known stays");
                state.lack_orders(problem.to_string());
            }
        }
        match policy {
            None | Some(Ok(Read::Unchanged)) => {}
            Some(Ok(Read::Changed { text, etag })) => state.set_policy(&text, etag),
            Some(Err(problem)) => state.keep_policy(problem.to_string()),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(rules: Rules) -> Self {
        Self {
            rules: Arc::new(rules),
            etag: None,
            version: BUILT_IN.to_owned(),
            problem: None,
            warnings: Vec::new(),
            read_at: None,
            knows_orders: false,
            decided: Vec::new(),
        }
    }

    fn set_orders(&mut self, mut orders: Orders, began: Instant, now: Timestamp) {
        self.knows_orders = true;
        orders.merge(&mut self.decided, began, now);
        if self.rules.orders != orders {
            Arc::make_mut(&mut self.rules).orders = orders;
        }
    }

    /// What was read once stays; what never was is not known.
    fn lack_orders(&mut self, problem: String) {
        if !self.knows_orders && self.rules.orders.unreadable.is_some() {
            Arc::make_mut(&mut self.rules).orders.unreadable = Some(problem);
        }
    }

    fn add(&mut self, decided: Decided) {
        let stops = &mut Arc::make_mut(&mut self.rules).orders.stops;
        stops.retain(|stop| !stop.is_about_the_same(&decided.stop));
        stops.push(decided.stop.clone());
        self.decided.retain(|mine| !mine.stop.is_about_the_same(&decided.stop));
        self.decided.push(decided);
    }

    fn set_policy(&mut self, text: &str, etag: String) {
        match read(text) {
            Ok((policy, warnings, version)) => {
                self.warnings = warnings;
                self.version = version;
                let rules = Arc::make_mut(&mut self.rules);
                rules.policy = policy;
                rules.broken_policy = None;
                self.problem = None;
            }
            Err(problem) => self.keep_policy(problem.to_string()),
        }
        // A bad version is not read again and again either: the next one will have another tag.
        self.etag = Some(etag);
    }

    /// The last good one stays. Where there was none, nothing is enforced.
    fn keep_policy(&mut self, problem: String) {
        error!(problem, "the policy cannot be used");
        if self.rules.broken_policy.is_some() {
            Arc::make_mut(&mut self.rules).broken_policy = Some(problem);
        } else {
            self.problem = Some(problem);
        }
    }
}

/// The policy, what is to be said of it though it is used, and its fingerprint.
fn read(text: &str) -> Result<(Policy, Vec<String>, String), PolicyError> {
    let policy = Policy::parse(text)?;
    let warnings: Vec<String> = policy.warnings(text, Timestamp::now()).iter().map(ToString::to_string).collect();
    for warning in &warnings {
        warn!(warning, "the policy most likely contains a mistake");
    }
    Ok((policy, warnings, fingerprint(text)))
}

/// Why a policy file cannot be used.
#[derive(Debug, Error)]
enum FileError {
    #[error("cannot read `{path}`: {cause}")]
    Unreadable {
        path: String,
        #[source]
        cause: std::io::Error,
    },
    #[error("`{path}`, {cause}")]
    Policy {
        path: String,
        #[source]
        cause: PolicyError,
    },
}

fn from_file(path: &str) -> Result<(Policy, Vec<String>, String), FileError> {
    let text = std::fs::read_to_string(path).map_err(|cause| FileError::Unreadable { path: path.to_owned(), cause })?;
    read(&text).map_err(|cause| FileError::Policy { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests;
