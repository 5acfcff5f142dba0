//! What Lambda says of one run.

use crate::operations::deadline::Deadline;
use jiff::Timestamp;
use lambda_runtime::Context;
use std::time::Duration;

/// One run of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Invocation {
    /// The request's id: Lambda's own repeated tries of one invocation carry the same.
    pub(super) id: String,
    /// The function, as it was invoked.
    pub(super) function_arn: String,
    /// When it has to be over.
    pub(super) deadline: Deadline,
}

impl Invocation {
    pub(super) fn new(context: &Context, now: Timestamp) -> Self {
        let end = i64::try_from(context.deadline).ok().filter(|end| *end > 0);
        let end = end.and_then(|end| Timestamp::from_millisecond(end).ok());
        Self {
            id: context.request_id.clone(),
            function_arn: context.invoked_function_arn.clone(),
            deadline: end.map_or(Deadline::NONE, |end| Deadline::of(now, end)),
        }
    }

    /// How long a call may hang before it is left alone.
    pub(super) fn time_left(&self, now: Timestamp) -> Duration {
        Duration::try_from(self.deadline.leave.duration_since(now)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    fn invoked(deadline: &str) -> Invocation {
        let deadline = deadline.parse::<Timestamp>().unwrap().as_millisecond();
        let mut context = Context::default();
        context.deadline = deadline.try_into().unwrap();
        Invocation::new(&context, now())
    }

    #[test]
    fn a_run_is_left_before_lambda_ends_it() {
        let run = invoked("2026-03-02T09:15:00Z");
        assert_eq!(run.deadline.stop, "2026-03-02T09:14:00Z".parse().unwrap());
        assert_eq!(run.time_left(now()), Duration::from_secs(15 * 60 - 5));
        assert_eq!(run.time_left(run.deadline.end), Duration::ZERO);
    }

    #[test]
    fn a_context_without_a_deadline_is_a_run_without_one() {
        let run = Invocation::new(&Context::default(), now());
        assert_eq!(run.deadline, Deadline::NONE);
        assert!(run.time_left(now()) > Duration::from_secs(1_000_000));
    }
}
