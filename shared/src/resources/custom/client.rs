//! Systems Manager: starts runbooks. A record cannot be read again; what is known of it stands in the key.

use super::{Answer, DeclaredGuardrails, Seen, Shown, StartRunbook};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::custom::Ready;
use crate::resources::ssm::SSM;
use aws_config::SdkConfig;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use uuid::Uuid;

/// More executions than that are not remembered: a look follows its call right away.
const MOST: usize = 256;

/// The client of declared guardrails.
#[derive(Debug)]
pub struct Runbooks {
    signed: Signed,
    /// The executions that were started, by the tokens of their calls.
    started: Mutex<BTreeMap<Uuid, String>>,
}

impl Runbooks {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { signed: Signed::new(config), started: Mutex::default() }
    }
}

impl Observe<DeclaredGuardrails> for Runbooks {
    /// What the record showed. The look that follows a start says that what became of it is not known; the one before it, of an event that is delivered again,
    /// shows the record again: Systems Manager knows the call by its token.
    async fn observe(&self, key: &Shown, depth: ReadDepth) -> Result<Observed<Seen>, ReadError> {
        let started = match (depth, &key.seen.runbook) {
            (ReadDepth::Full, Some(Ready::Start(start))) => {
                self.started.lock().unwrap_or_else(PoisonError::into_inner).get(&start.token).cloned()
            }
            (ReadDepth::Quick | ReadDepth::Full, _) => None,
        };
        let seen = started.map_or_else(|| key.seen.clone(), |execution| after(&key.seen, &execution));
        Ok(Observed::Known(seen))
    }
}

/// What is known after a start.
fn after(seen: &Seen, execution: &str) -> Seen {
    let why = format!(
        "execution `{execution}` was started; Parapet does not wait for its end (`aws ssm get-automation-execution` shows it)"
    );
    Seen { answer: Answer::Undetermined(why), execution: Some(execution.to_owned()), ..seen.clone() }
}

impl Apply<StartRunbook> for Runbooks {
    async fn apply(&self, start: &StartRunbook) -> Result<Applied, ApplyError> {
        if start.role.is_none() {
            let message = "no role of runbooks is configured: set the stack's parameter RunbookRole".to_owned();
            return Err(ApplyError::Refused { code: "NoRunbookRole".to_owned(), message });
        }
        let answer =
            self.signed.call(&SSM, start.request()).await.map_err(|failure| failure.of_action(start.permission()))?;
        let execution = answer.text("AutomationExecutionId").unwrap_or("(Systems Manager returned no id)").to_owned();
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if started.len() >= MOST {
            started.clear();
        }
        started.insert(start.token, execution);
        Ok(Applied { request_id: answer.request_id, ..Applied::default() })
    }
}

impl List<DeclaredGuardrails> for Runbooks {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<DeclaredGuardrails>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
