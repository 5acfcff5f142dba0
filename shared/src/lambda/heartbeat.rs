//! The heartbeat: what no event can tell. The schedule of the rule that brings events invokes the function; it looks at what a notification needs and at the
//! stack's rules, notifies the topic of another account, and writes to the ledger last. What is missing there has an alarm.
//!
//! A run that finds something broken ends in an error: Lambda tries twice more, then the dead-letter queue has it, which has an alarm as well. Rules that are not
//! as they should be may be a deployment's: they are notified, and the heartbeat is left out.

use super::ServeError;
use super::function::Function;
use crate::aws::service::SystemClock;
use crate::aws::signed::Signed;
use crate::engine::observed::Place;
use crate::engine::own::Stack;
use crate::engine::pipeline::Clock;
use crate::engine::request::{Answer, Request};
use crate::engine::verdict::Severity;
use crate::notify::Notice;
use crate::resources::parapet::rule::{KIND, look};
use serde_json::{Value, json};
use tracing::{info, warn};

/// Looks, and writes that everything is there.
///
/// # Errors
/// [`ServeError::NoHeartbeat`] with what is broken.
pub(super) async fn beat(function: &Function) -> Result<Value, ServeError> {
    let broken = ServeError::NoHeartbeat;
    if !function.services.iter().any(|service| service.kind() == KIND) {
        return Err(broken("this function has none: find out who made the rule that invoked it".to_owned()));
    }
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
        Ok(Some(_)) => {}
        Ok(None) => return Err(broken("SNS does not show whether the topic has a confirmed subscription".to_owned())),
        Err(problem) => return Err(broken(problem.to_string())),
    }
    if let Some(problem) = function.behind().await {
        return Err(problem.into());
    }
    let wrong = wrong_rules(function).await.map_err(broken)?;
    let now = SystemClock.now();
    if !wrong.is_empty() {
        warn!(?wrong, "no heartbeat: the rules are not as they should be");
        function.notify_of(&notice(function, &wrong)).await;
        return Ok(json!({ "heartbeat": null, "wrong": wrong }));
    }
    let table =
        function.table.as_ref().ok_or_else(|| broken("no ledger is configured (`PARAPET_LEDGER_TABLE`)".to_owned()))?;
    topic.beat(&format!("Parapet's heartbeat at {now}")).await.map_err(|problem| broken(problem.to_string()))?;
    let policy = function.decisions.version();
    table.beat(now, &function.environment.function, &policy).await.map_err(|error| broken(error.to_string()))?;
    info!("heartbeat");
    Ok(json!({ "heartbeat": now.to_string() }))
}

/// What is wrong with the stack's rules, for a person. A function of no stack has none.
async fn wrong_rules(function: &Function) -> Result<Vec<String>, String> {
    let environment = &function.environment;
    let Some(stack) = environment.stack.as_ref() else { return Ok(Vec::new()) };
    let unknown = || "the function does not know its own account (`PARAPET_SELF_ROLE_ARN`)".to_owned();
    let place = environment.places().into_iter().next().ok_or_else(unknown)?;
    let access = function.clients.accounts.at(&place).await.map_err(|unserved| unserved.to_string())?;
    let client = Signed::new(&access.config);
    let all = listed(&client, stack, &place).await?;
    Ok(look::wrong(&all, stack, &place))
}

async fn listed(client: &Signed, stack: &Stack, place: &Place) -> Result<Vec<look::Listed>, String> {
    let mut all = Vec::new();
    for bus in look::buses(stack, place) {
        let mut from = None;
        loop {
            let answer = call(client, look::page(stack, bus.as_deref(), from.as_deref())).await?;
            let (rules, next) = look::listed(&answer, bus.as_deref())?;
            for rule in rules {
                let targets = look::targets_of(&rule, stack);
                all.push(match targets {
                    Some(request) => rule.with(&call(client, request).await?)?,
                    None => rule,
                });
            }
            from = next;
            if from.is_none() {
                break;
            }
        }
    }
    Ok(all)
}

async fn call(client: &Signed, request: Request) -> Result<Answer, String> {
    let operation = request.operation;
    client
        .call(look::API, request)
        .await
        .map_err(|failure| format!("cannot look at the rules (`{operation}`): {failure}"))
}

fn notice(function: &Function, wrong: &[String]) -> Notice {
    let environment = &function.environment;
    Notice {
        // Once a day, while it stays like that.
        key: format!("{}\n{}\n{}", environment.function, SystemClock.now().strftime("%F"), wrong.join("\n")),
        title: "Rules of Parapet are not as the template says".to_owned(),
        subject: environment.function.clone(),
        kind: "rules-changed",
        guardrail: "parapet",
        severity: Severity::Critical,
        account: environment.account().unwrap_or_default(),
        region: environment.region.clone(),
        says: std::iter::once("no heartbeat is written while this stays so; nothing was changed".to_owned())
            .chain(wrong.iter().cloned())
            .collect(),
        next: vec![
            "If the stack is being deployed, the next heartbeat is written when that is done".to_owned(),
            "If not, find out who changed the rules, and deploy the stack again".to_owned(),
        ],
    }
}
