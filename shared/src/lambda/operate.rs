//! The `operate` function: what the console and the buttons under a chat message invoke.
//!
//! Its role holds what the undo calls need. Its callers may undo what Parapet has done: give
//! `lambda:InvokeFunction` on it to operators alone.

use crate::aws::dynamodb::Table;
use crate::aws::service::{Service, SystemClock};
use crate::aws::sns::Topic;
use crate::engine::orders::Scope;
use crate::engine::pipeline::Clock;
use crate::lambda::imports::Imports;
use crate::lambda::{Environment, announce, connect, environment, log};
use crate::operations::channel::Channel;
use crate::operations::operate::{OperateError, Operator, Order};
use crate::operations::signature::notices;
use crate::policy::Exemption;
use jiff::SignedDuration;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use std::str::FromStr;
use thiserror::Error as ThisError;
use tracing::{error, info};
use uuid::Uuid;

/// What is asked of it.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(tag = "action", rename_all = "kebab-case", deny_unknown_fields)]
enum Asked {
    /// Show what taking a finding back would do.
    Preview { finding_id: String },
    /// Undo it.
    Undo {
        finding_id: String,
        #[serde(default)]
        force: bool,
        #[serde(default = "a_day")]
        hours: i64,
        by: Option<String>,
        reason: Option<String>,
    },
    /// Exempt its resource.
    Exempt {
        finding_id: String,
        #[serde(default = "a_day")]
        hours: i64,
        by: Option<String>,
        reason: Option<String>,
    },
    /// Let a guardrail enforce again.
    Lift { guardrail: String, account: Option<String>, resource: Option<String> },
}

fn a_day() -> i64 {
    24
}

/// Why the function cannot even answer.
#[derive(Debug, ThisError)]
enum OperateFailure {
    #[error("`PARAPET_LEDGER_TABLE` is not set: there is nothing to operate on without the ledger")]
    NoLedger,
}

impl From<OperateFailure> for Diagnostic {
    fn from(error: OperateFailure) -> Self {
        Self { error_type: "NoLedger".to_owned(), error_message: error.to_string() }
    }
}

/// Serves until Lambda ends the process.
///
/// # Errors
/// A setting that cannot be used, or the end of the Runtime API.
pub async fn serve(services: Vec<Box<dyn Service>>) -> Result<(), Error> {
    log();
    let environment = environment().inspect_err(|problem| error!(%problem, "cannot start"))?;
    let operate = Operate::connect(environment, services).await;
    let handler = service_fn(|event: LambdaEvent<Value>| Box::pin(operate.take(event.payload)));
    lambda_runtime::run(handler).await
}

struct Operate {
    operator: Option<Operator>,
    channel: Channel<Topic, Table>,
    /// The function's own account and region.
    home: (String, String),
    /// The function's name, where findings are sent to Security Hub, too.
    imports: Option<String>,
}

impl Operate {
    async fn connect(environment: Environment, services: Vec<Box<dyn Service>>) -> Self {
        let home = (environment.account().unwrap_or_default(), environment.region.clone());
        let imports = environment.imports.then(|| environment.function.clone());
        let function = connect(environment, services).await;
        let rules = function.decisions.fresh().await.as_ref().clone();
        let operator = function.table.map(|table| Operator {
            services: function.services,
            clients: function.clients,
            table,
            rules,
        });
        Self { operator, channel: function.channel, home, imports }
    }

    /// Every answer is one that a chat can show; what was refused says why.
    async fn take(&self, payload: Value) -> Result<Value, OperateFailure> {
        let Some(operator) = &self.operator else { return Err(OperateFailure::NoLedger) };
        let asked: Asked = match serde_json::from_value(payload) {
            Ok(asked) => asked,
            Err(problem) => {
                return Ok(refused(&format!(
                    "{problem}; such as {{\"action\": \"undo\", \"finding_id\": \"...\"}} was expected, with one of the \
                     actions preview, undo, exempt, lift"
                )));
            }
        };
        info!(?asked, "asked");
        let answer = self.answer(operator, asked).await.unwrap_or_else(|problem| refused(&problem.to_string()));
        self.notify_doubts(operator).await;
        Ok(answer)
    }

    /// What the ledger holds and is not believed.
    async fn notify_doubts(&self, operator: &Operator) {
        let (account, region) = &self.home;
        let now = SystemClock.now();
        for notice in notices(&operator.table.doubts(), operator.table.name(), account, region, now) {
            announce(&self.channel, &notice).await;
        }
    }

    async fn answer(&self, operator: &Operator, asked: Asked) -> Result<Value, OperateError> {
        match asked {
            Asked::Preview { finding_id } => {
                let (kept, preview) = operator.preview(id(&finding_id)?).await?;
                Ok(json!({
                    "result": "preview", "finding_id": kept.id, "resource": kept.resource, "actions": preview.actions,
                    "commands": preview.commands, "differences": preview.differences,
                }))
            }
            Asked::Undo { finding_id, force, hours, by, reason } => {
                let order = order(hours, by, reason, force, "undone");
                let (finding, exemptions) = operator.undo(id(&finding_id)?, &order).await?;
                let notified = self.channel.notify(&finding, SystemClock.now()).await;
                if let Some(function) = &self.imports {
                    Imports { clients: &operator.clients, channel: &self.channel, function }.send(&[&finding]).await;
                }
                Ok(json!({
                    "result": finding.outcome, "finding_id": finding_id, "resource": finding.resource.id,
                    "actions": finding.steps.iter().map(|step| &step.action).collect::<Vec<_>>(),
                    "reasons": finding.reasons, "exemptions": sentences(&exemptions), "told": notified.is_ok(),
                }))
            }
            Asked::Exempt { finding_id, hours, by, reason } => {
                let order = order(hours, by, reason, false, "exempted");
                let exemptions = operator.exempt(id(&finding_id)?, &order).await?;
                Ok(json!({ "result": "exempt", "finding_id": finding_id, "exemptions": sentences(&exemptions) }))
            }
            Asked::Lift { guardrail, account, resource } => {
                let scope = match (account, resource) {
                    (Some(account), None) => Scope::Account(account),
                    (None, Some(resource)) => Scope::Resource(resource),
                    (Some(_), Some(_)) | (None, None) => {
                        return Err(OperateError::Order("either `account` or `resource`, to lift a stop".to_owned()));
                    }
                };
                let was_stopped = operator.lift(&guardrail, &scope).await?;
                let result = if was_stopped { "lifted" } else { "not-stopped" };
                Ok(json!({ "result": result, "guardrail": guardrail }))
            }
        }
    }
}

fn refused(why: &str) -> Value {
    json!({ "result": "refused", "reasons": [why] })
}

fn id(text: &str) -> Result<Uuid, OperateError> {
    Uuid::from_str(text)
        .map_err(|_| OperateError::Order(format!("`{text}` is no finding's id: a UUID was expected, which")))
}

fn order(hours: i64, by: Option<String>, reason: Option<String>, force: bool, what: &str) -> Order {
    Order {
        who: by.filter(|by| !by.trim().is_empty()).unwrap_or_else(|| "the caller of the operate function".to_owned()),
        reason: reason
            .filter(|text| !text.trim().is_empty())
            .unwrap_or_else(|| format!("{what} by the operate function")),
        lasts: SignedDuration::from_hours(hours.clamp(0, i64::from(i32::MAX))),
        force,
        unsigned: false,
    }
}

fn sentences(exemptions: &[Exemption]) -> Vec<String> {
    exemptions.iter().map(Exemption::sentence).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_sends_is_understood() {
        let asked: Asked = serde_json::from_value(json!({"action": "undo", "finding_id": "x"})).unwrap();
        let expected = Asked::Undo { finding_id: "x".to_owned(), force: false, hours: 24, by: None, reason: None };
        assert_eq!(asked, expected);
    }

    #[test]
    fn an_unknown_action_or_key_is_refused() {
        assert!(serde_json::from_value::<Asked>(json!({"action": "delete", "finding_id": "x"})).is_err());
        assert!(serde_json::from_value::<Asked>(json!({"action": "undo", "finding_id": "x", "forced": true})).is_err());
    }
}
