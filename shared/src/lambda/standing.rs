//! What an operator has decided, kept fresh: the policy file and the standing orders.
//!
//! They are read when the process starts, before it takes up an event, and renewed behind the events. Only a process that was
//! idle for longer than `PARAPET_REFRESH_SECONDS` asks before it acts: an exemption that is a minute old must hold.

use super::environment::Environment;
use crate::aws::dynamodb::Table;
use crate::aws::s3::{Object, Read};
use crate::ledger::Book;
use crate::orders::{Orders, Stop};
use crate::pipeline::Rules;
use crate::policy::{Policy, PolicyError};
use aws_config::SdkConfig;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tracing::{error, warn};

/// Reading takes no longer than this: what was known stays.
const PATIENCE: Duration = Duration::from_secs(4);

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
pub(super) struct Standing {
    source: Source,
    ledger: Option<Table>,
    refresh: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    rules: Arc<Rules>,
    etag: Option<String>,
    /// What is wrong with the policy, while an earlier one is in force.
    problem: Option<String>,
    /// What the policy in force may say and most likely does not mean; the channel was not notified of it yet.
    warnings: Vec<String>,
    read_at: Option<Instant>,
}

impl Standing {
    /// Nothing is read from the network yet.
    pub(super) fn new(environment: &Environment, config: &SdkConfig, ledger: Option<Table>) -> Self {
        let mut rules = Rules {
            fallback: environment.mode,
            own_roles: environment.own_roles.clone(),
            member_role: environment.member_role.clone(),
            can_wait: environment.schedules.is_some(),
            ..Rules::default()
        };
        let mut warnings = Vec::new();
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
                    Ok(text) => (rules.policy, warnings) = text,
                    Err(problem) => rules.broken_policy = Some(problem),
                }
                Source::Fixed
            }
        };
        if let (Source::Fixed, Some(problem)) = (&source, &rules.broken_policy) {
            error!(problem, "the policy cannot be used: nothing is enforced");
        }
        let state = State { rules: Arc::new(rules), etag: None, problem: None, warnings, read_at: None };
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
        if self.is_older_than(self.refresh / 2) {
            self.renew().await;
        }
    }

    /// What is wrong with the policy, while an earlier one is in force or none.
    pub(super) fn problem(&self) -> Option<String> {
        let state = self.state();
        state.problem.clone().or_else(|| state.rules.broken_policy.clone())
    }

    /// What the policy in force may say and most likely does not mean: once for each version of it.
    pub(super) fn take_warnings(&self) -> Vec<String> {
        std::mem::take(&mut self.state().warnings)
    }

    /// A stop that this process has just written.
    pub(super) fn add(&self, stop: Stop) {
        let mut state = self.state();
        Arc::make_mut(&mut state.rules).orders.stops.push(stop);
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
                Some(table) => Some(table.orders().await),
            }
        };
        let both = tokio::time::timeout(PATIENCE, async { tokio::join!(policy, orders) }).await;
        let mut state = self.state();
        // Also after a failure: asking at every event would put the lost call before each containment.
        state.read_at = Some(Instant::now());
        let Ok((policy, orders)) = both else {
            warn!("policy and standing orders were not read in time: what was known stays");
            return;
        };
        match orders {
            None => {}
            Some(Ok(orders)) => state.set_orders(orders),
            Some(Err(problem)) => warn!(%problem, "the standing orders cannot be read: what was known stays"),
        }
        match policy {
            None | Some(Ok(Read::Unchanged)) => {}
            Some(Ok(Read::Changed { text, etag })) => state.set_policy(&text, etag),
            Some(Err(problem)) => state.keep_policy(problem),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn set_orders(&mut self, orders: Orders) {
        if self.rules.orders != orders {
            Arc::make_mut(&mut self.rules).orders = orders;
        }
    }

    fn set_policy(&mut self, text: &str, etag: String) {
        match read(text) {
            Ok((policy, warnings)) => {
                self.warnings = warnings;
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

/// The policy, and what is to be said of it though it is used.
fn read(text: &str) -> Result<(Policy, Vec<String>), PolicyError> {
    let policy = Policy::parse(text)?;
    let warnings: Vec<String> = policy.warnings(text, Timestamp::now()).iter().map(ToString::to_string).collect();
    for warning in &warnings {
        warn!(warning, "the policy says what is most likely not meant");
    }
    Ok((policy, warnings))
}

fn from_file(path: &str) -> Result<(Policy, Vec<String>), String> {
    let text = std::fs::read_to_string(path).map_err(|cause| format!("cannot read `{path}`: {cause}"))?;
    read(&text).map_err(|problem| format!("`{path}`, {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        let rules = Rules { broken_policy: Some("not read yet".to_owned()), ..Rules::default() };
        State { rules: Arc::new(rules), etag: None, problem: None, warnings: Vec::new(), read_at: None }
    }

    #[test]
    fn the_last_good_policy_stays_when_a_new_one_does_not_parse() {
        let mut state = state();
        state.set_policy("version: 1\ntrusted_accounts: [\"111122223333\"]\n", "a".to_owned());
        assert_eq!(state.rules.broken_policy, None);
        state.set_policy("version: 7\n", "b".to_owned());
        assert_eq!(state.rules.policy.trusted_accounts.len(), 1, "the earlier one is in force");
        assert!(state.problem.as_ref().unwrap().contains("version 7"));
        assert_eq!(state.etag.as_deref(), Some("b"), "and is not read again");
        state.set_policy("version: 1\n", "c".to_owned());
        assert_eq!((state.problem, state.rules.policy.trusted_accounts.len()), (None, 0));
    }

    #[test]
    fn a_policy_that_is_used_though_it_is_dangerous_is_warned_of_once() {
        let mut state = state();
        state.set_policy("version: 1\nprotected_principals: [\"*\"]\n", "a".to_owned());
        assert_eq!(state.rules.broken_policy, None, "it is in force");
        let warnings = std::mem::take(&mut state.warnings);
        assert!(warnings.len() == 1 && warnings[0].contains("protects every principal"), "{warnings:?}");
        state.set_policy("version: 7\n", "b".to_owned());
        assert_eq!(state.warnings, [""; 0]);
    }

    #[test]
    fn without_any_good_policy_nothing_is_enforced() {
        let mut state = state();
        state.keep_policy("the role lacks `s3:GetObject`".to_owned());
        assert!(state.rules.broken_policy.as_ref().unwrap().contains("s3:GetObject"));
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        assert!(from_file("no/such/policy.yaml").unwrap_err().starts_with("cannot read `no/such/policy.yaml`: "));
    }
}
