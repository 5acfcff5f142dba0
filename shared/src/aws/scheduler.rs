//! EventBridge Scheduler: one-time schedules that invoke a function.

use crate::aws::{CallError, failure};
use crate::engine::unavailable::Unavailable;
use crate::operations::deferral;
use crate::operations::deferral::{Schedule, Schedules};
use aws_config::SdkConfig;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::{BuildError, SdkError};
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, DeadLetterConfig, FlexibleTimeWindow, FlexibleTimeWindowMode, RetryPolicy, Target,
};

/// Where schedules are made, and on whose behalf they invoke.
#[derive(Clone, Debug)]
pub struct Scheduler {
    client: Client,
    settings: Settings,
}

/// What every schedule has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The group that holds Parapet's schedules and nothing else.
    pub group: String,
    /// The role that may invoke Parapet's functions and nothing else.
    pub role: String,
    /// The ARN of the queue for what could not be invoked.
    pub dead_letters: Option<String>,
    /// The ARN of the KMS key that encrypts what they hold; a key of Scheduler's own without it.
    pub key: Option<String>,
}

/// The schedules that invoke one function.
#[derive(Clone, Debug)]
pub struct SchedulesOf<'a> {
    scheduler: &'a Scheduler,
    function: &'a str,
}

/// As patient as the rules are: six hours.
const LONGEST_TRIED: i32 = 21_600;
const MOST_TRIES: i32 = 185;

impl Scheduler {
    /// With the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig, settings: Settings) -> Self {
        Self { client: Client::new(config), settings }
    }

    /// Schedules that invoke the function with this ARN.
    #[must_use]
    pub fn of<'a>(&'a self, function: &'a str) -> SchedulesOf<'a> {
        SchedulesOf { scheduler: self, function }
    }
}

impl SchedulesOf<'_> {
    fn target(&self, input: &str) -> Result<Target, BuildError> {
        let Settings { role, dead_letters, .. } = &self.scheduler.settings;
        let letters = dead_letters.as_ref().map(|arn| DeadLetterConfig::builder().arn(arn).build());
        let retry =
            RetryPolicy::builder().maximum_event_age_in_seconds(LONGEST_TRIED).maximum_retry_attempts(MOST_TRIES);
        let target = Target::builder().arn(self.function).role_arn(role).input(input).retry_policy(retry.build());
        target.set_dead_letter_config(letters).build()
    }
}

impl Schedules for SchedulesOf<'_> {
    async fn create(&self, schedule: &Schedule) -> Result<(), Unavailable> {
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let call = self.scheduler.client.create_schedule().name(&schedule.name);
        let call = call
            .group_name(&self.scheduler.settings.group)
            .schedule_expression(deferral::expression(schedule.at))
            .schedule_expression_timezone("UTC")
            .flexible_time_window(window.map_err(Unavailable::new)?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .set_kms_key_arn(self.scheduler.settings.key.clone())
            .target(self.target(&schedule.input).map_err(Unavailable::new)?);
        match call.send().await {
            Ok(_) => Ok(()),
            // An earlier try of the same run has made it.
            Err(SdkError::ServiceError(answer)) if answer.err().is_conflict_exception() => Ok(()),
            Err(error) => {
                let group = &self.scheduler.settings.group;
                Err(Unavailable::new(CallError::about("scheduler:CreateSchedule", "in", group, failure(&error))))
            }
        }
    }
}
