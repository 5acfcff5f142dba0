//! How a burst ended: scheduled when it is noticed, said when its window is over.

use crate::aws::service::SystemClock;
use crate::engine::pipeline::{Clock, Retry};
use crate::lambda::ServeError;
use crate::lambda::function::Function;
use crate::lambda::invocation::Invocation;
use crate::operations::bursts::{Burst, is_worth_ending};
use crate::operations::deferral::Schedules;
use crate::operations::ledger::Counters;
use serde_json::{Value, json};
use std::sync::PoisonError;
use tracing::{info, warn};

/// Makes the schedules of the bursts that were noticed. Without schedules or a ledger, which counts, the end is said with the
/// next event that this process takes up.
pub(super) async fn schedule(function: &Function, invocation: &Invocation) {
    let bursts = std::mem::take(&mut *function.endings.lock().unwrap_or_else(PoisonError::into_inner));
    let (Some(scheduler), Some(_)) = (&function.scheduler, &function.table) else { return };
    for burst in bursts {
        let schedule = burst.ending(&function.environment.function, SystemClock.now());
        if let Err(problem) = scheduler.of(&invocation.function_arn).create(&schedule).await {
            warn!(%problem, name = schedule.name, "the end of a burst is notified with the next event only");
        }
    }
}

/// Says how many there were in the end, unless that was said: by the last digest, or by a process that an event has woken.
pub(super) async fn say(function: &Function, burst: &Burst) -> Result<Value, ServeError> {
    let Some(table) = &function.table else { return Ok(json!({ "burst": "not counted: there is no ledger" })) };
    let counted = table.counted(&burst.tally.name).await.map_err(|problem| Retry(problem.to_string()))?;
    if !is_worth_ending(counted) {
        return Ok(json!({ "burst": "said already" }));
    }
    info!(count = counted.count, name = burst.tally.name, "a burst has ended");
    function.channel.announce(&burst.digest(counted, true), SystemClock.now()).await?;
    Ok(json!({ "burst": "said", "count": counted.count }))
}
