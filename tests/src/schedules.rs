//! EventBridge Scheduler: moto keeps schedules and never fires them. Here a test takes what is due and hands it over itself.

use crate::aws::Clients;
use crate::host::{Answer, Host};
use crate::{Result, moto};
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::types::{ActionAfterCompletion, FlexibleTimeWindowMode};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

/// A group of schedules.
pub struct Schedules {
    client: Client,
    group: String,
}

/// A schedule that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// Its name.
    pub name: String,
    /// When it fires.
    pub at: Timestamp,
    /// The ARN of the function that it invokes.
    pub function: String,
    /// What it hands over.
    pub input: Value,
}

impl Schedules {
    /// A group of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn open(clients: &Clients, group: &str) -> Result<Self> {
        let client = Client::new(&clients.config);
        client.create_schedule_group().name(group).send().await?;
        Ok(Self { client, group: group.to_owned() })
    }

    /// What the environment of a function says of them.
    #[must_use]
    pub fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("PARAPET_SCHEDULE_GROUP", self.group.clone()),
            ("PARAPET_SCHEDULE_ROLE_ARN", role()),
            ("PARAPET_DEAD_LETTERS_ARN", letters()),
            ("PARAPET_KMS_KEY", key()),
        ]
    }

    /// What is due, in the order of time; it is gone after that.
    ///
    /// # Errors
    /// AWS's, and a schedule that is none of the one kind that Parapet makes.
    pub async fn take(&self) -> Result<Vec<Due>> {
        let listed = self.client.list_schedules().group_name(&self.group).send().await?;
        let mut due = Vec::new();
        for name in listed.schedules.into_iter().filter_map(|one| one.name) {
            due.push(self.one(&name).await?);
            self.client.delete_schedule().group_name(&self.group).name(&name).send().await?;
        }
        due.sort_by_key(|one| one.at);
        Ok(due)
    }

    async fn one(&self, name: &str) -> Result<Due> {
        let found = self.client.get_schedule().group_name(&self.group).name(name).send().await?;
        let expression = found.schedule_expression.clone().unwrap_or_default();
        let time = expression.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')'));
        let time: DateTime = time.ok_or_else(|| format!("`{expression}` is no one-time schedule"))?.parse()?;
        let at = TimeZone::UTC.to_timestamp(time)?;
        let target = found.target.ok_or("a schedule without a target")?;
        let window = found.flexible_time_window.map(|window| window.mode);
        let is_ours = window == Some(FlexibleTimeWindowMode::Off)
            && found.kms_key_arn == Some(key())
            && found.action_after_completion == Some(ActionAfterCompletion::Delete)
            && target.role_arn().contains("-schedules")
            && target.dead_letter_config().and_then(|config| config.arn()) == Some(&letters());
        // Scheduler refuses a time that has passed, moto does not.
        if !is_ours || at <= Timestamp::now() {
            return Err(format!("schedule `{name}` at {at} is not as it should be: {target:?}").into());
        }
        let input = serde_json::from_str(target.input().unwrap_or_default())?;
        Ok(Due { name: name.to_owned(), at, function: target.arn().to_owned(), input })
    }

    /// Fires what is due, and what comes of that, until nothing is: the answers.
    ///
    /// # Errors
    /// AWS's, or the function's end.
    pub async fn run(&self, function: &mut Host) -> Result<Vec<Answer>> {
        let mut answers = Vec::new();
        loop {
            let due = self.take().await?;
            if due.is_empty() {
                return Ok(answers);
            }
            for one in due {
                if one.function != function.arn() {
                    return Err(format!("`{}` invokes `{}`", one.name, one.function).into());
                }
                // Scheduler is none of the services that hand a trace on: each firing begins a chain of its own.
                answers.push(function.send(&one.input).await?);
            }
        }
    }
}

fn role() -> String {
    format!("arn:aws:iam::{}:role/parapet-schedules", moto::ACCOUNT)
}

/// The key that encrypts what a schedule holds.
#[must_use]
pub fn key() -> String {
    format!("arn:aws:kms:{}:{}:key/11111111-2222-3333-4444-555555555555", moto::REGION, moto::ACCOUNT)
}

fn letters() -> String {
    format!("arn:aws:sqs:{}:{}:parapet-dead", moto::REGION, moto::ACCOUNT)
}
