//! An event that is to be handled once more, later: a one-time schedule, made last and once.

use crate::aws::service::SystemClock;
use crate::engine::pipeline::{Clock, Deferral};
use crate::engine::unavailable::Unavailable;
use crate::lambda::function::Function;
use crate::lambda::invocation::Invocation;
use crate::operations::deferral;
use crate::operations::deferral::{LONGEST_INPUT, Schedule, Schedules};
use crate::operations::payload;
use crate::operations::payload::{Delivery, TooLarge};
use crate::operations::sweeps::{Claim, Claims, Key};
use thiserror::Error;
use tracing::{info, warn};

/// Why an event could not be deferred.
#[derive(Debug, Error)]
pub enum DeferralError {
    /// No schedule takes so large an event.
    #[error("event `{event}` cannot be deferred: {cause}")]
    TooLarge {
        /// Its id.
        event: String,
        /// How large it is.
        #[source]
        cause: TooLarge,
    },
    /// Scheduler did not make the schedule.
    #[error(transparent)]
    Schedule(#[from] Unavailable),
}

/// Makes the schedule. A repeated delivery of the event makes the same one, and none when it has fired already.
pub(super) async fn defer(
    function: &Function,
    deferred: &Deferral,
    delivery: &Delivery,
    invocation: &Invocation,
) -> Result<(), DeferralError> {
    let Some(scheduler) = &function.scheduler else { return Ok(()) };
    let now = SystemClock.now();
    let name = name(&function.environment.function, deferred, delivery);
    let key = Key(format!("deferral#{name}"));
    if let Some(table) = &function.table {
        match table.claim(&key, &name, now, now).await {
            Ok(Claim::Done) => {
                info!(why = deferred.why, name, "was deferred by an earlier delivery");
                return Ok(());
            }
            Ok(Claim::Mine(_) | Claim::Taken) => {}
            Err(problem) => warn!(%problem, "it is unknown whether it was deferred already"),
        }
    }
    let payload = delivery.deferred(&deferred.why, now);
    let input = payload::fitted(&payload, LONGEST_INPUT)
        .map_err(|cause| DeferralError::TooLarge { event: delivery.event_id().to_owned(), cause })?;
    let schedule = Schedule { name, at: deferral::at(now, deferred.wait), input };
    info!(why = deferred.why, seconds = deferred.wait.as_secs(), name = schedule.name, at = %schedule.at, "deferred");
    scheduler.of(&invocation.function_arn).create(&schedule).await?;
    if let Some(table) = &function.table
        && let Err(problem) = table.finish(&key, &schedule.name).await
    {
        warn!(%problem, "that it was deferred was not noted");
    }
    Ok(())
}

/// By the whole payload: a forged event under the same id makes another schedule, and keeps none from being made.
fn name(function: &str, deferred: &Deferral, delivery: &Delivery) -> String {
    let attempt = delivery.attempt.to_string();
    deferral::name("event", &[function, &delivery.payload.to_string(), &deferred.why, &attempt])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn a_repeated_delivery_has_the_same_name_and_nothing_else_has() {
        let deferred = |why: &str| Deferral { wait: Duration::from_secs(300), why: why.to_owned() };
        let delivery = |region: &str, attempt| Delivery {
            payload: json!({"region": region, "detail": {"eventID": "e"}}),
            attempt,
            ..Delivery::default()
        };
        let one = name("f", &deferred("grace"), &delivery("eu-west-1", 0));
        assert_eq!(one, name("f", &deferred("grace"), &delivery("eu-west-1", 0)));
        let others = [
            name("g", &deferred("grace"), &delivery("eu-west-1", 0)),
            name("f", &deferred("not yet"), &delivery("eu-west-1", 0)),
            name("f", &deferred("grace"), &delivery("eu-west-2", 0)),
            name("f", &deferred("grace"), &delivery("eu-west-1", 1)),
        ];
        assert!(others.iter().all(|other| *other != one), "{others:?}");
    }
}
