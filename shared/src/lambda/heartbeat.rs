//! The heartbeat: what no event can tell. The schedule of the rule that brings events invokes the function; it looks at what a notification needs, and
//! writes to the ledger last. What is missing there has an alarm.
//!
//! A run that finds something broken ends in an error: Lambda tries twice more, then the dead-letter queue has it, which has an alarm as well.

use super::ServeError;
use super::function::Function;
use crate::aws::service::SystemClock;
use crate::engine::pipeline::Clock;
use serde_json::{Value, json};
use tracing::info;

/// Looks, and writes that everything is there.
///
/// # Errors
/// [`ServeError::NoHeartbeat`] with what is broken.
pub(super) async fn beat(function: &Function) -> Result<Value, ServeError> {
    let broken = ServeError::NoHeartbeat;
    let rules = function.decisions.fresh().await;
    // The other functions say so at their next event; here it is said before.
    if let Some(problem) = function.decisions.problem().or_else(|| rules.broken_policy.clone()) {
        function.notify_of_policy(&problem).await;
        return Err(broken(format!("the policy cannot be used: {problem}")));
    }
    let topic =
        function.topic.as_ref().ok_or_else(|| broken("no topic is configured (`PARAPET_TOPIC_ARN`)".to_owned()))?;
    match topic.subscriptions().await {
        Ok(Some(0)) => return Err(broken("the topic has no confirmed subscription: no one is notified".to_owned())),
        Ok(Some(_) | None) => {}
        Err(problem) => return Err(broken(problem.to_string())),
    }
    if let Some(problem) = function.behind().await {
        return Err(problem.into());
    }
    let table =
        function.table.as_ref().ok_or_else(|| broken("no ledger is configured (`PARAPET_LEDGER_TABLE`)".to_owned()))?;
    let now = SystemClock.now();
    table.beat(now, &function.environment.function).await.map_err(|error| broken(error.to_string()))?;
    info!("heartbeat");
    Ok(json!({ "heartbeat": now.to_string() }))
}
