//! A dead letter: what it holds, which function it was for, and how it goes back there.
//!
//! EventBridge's rules and Scheduler name the function in the attribute `TARGET_ARN` ("Using dead-letter queues", Amazon
//! EventBridge user guide; "Configuring a dead-letter queue", EventBridge Scheduler user guide), Lambda in the record's
//! `requestContext` ("Adding a destination", AWS Lambda developer guide).

use jiff::Timestamp;
use serde_json::Value;
use shared::aws::scheduler::Settings;
use shared::aws::sqs::Received;
use shared::aws::sts::Caller;
use shared::operations::deferral;
use shared::operations::deferral::{LONGEST_INPUT, Schedule};
use shared::operations::payload;
use shared::operations::payload::{TaskError, TooLarge, fitted};
use std::time::Duration;
use thiserror::Error;

/// A dead letter that can be given back.
#[derive(Debug)]
pub(super) struct Letter {
    /// The ARN of the function that it was for.
    pub(super) function: String,
    /// What it is about, for a person.
    pub(super) what: String,
    payload: Value,
}

/// Why a dead letter stays in the queue.
#[derive(Debug, Error)]
pub(super) enum LetterError {
    #[error("Scheduler truncated its payload: the next sweep reads the current state")]
    Truncated,
    #[error("it is no JSON: {0}")]
    NotJson(#[source] serde_json::Error),
    #[error("it does not name its function: neither EventBridge, Scheduler nor Lambda sent it")]
    NoFunction,
    #[error(transparent)]
    Task(#[from] TaskError),
}

impl Letter {
    /// Reads it.
    ///
    /// # Errors
    /// Why it stays.
    pub(super) fn read(message: &Received, now: Timestamp) -> Result<Self, LetterError> {
        let attribute =
            |name: &str| message.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        if attribute("IS_PAYLOAD_TRUNCATED").is_some_and(|is| is.eq_ignore_ascii_case("true")) {
            return Err(LetterError::Truncated);
        }
        let body: Value = serde_json::from_str(&message.body).map_err(LetterError::NotJson)?;
        let body = invoked_with(body);
        let of_record = body.pointer("/requestContext/functionArn").and_then(Value::as_str).map(str::to_owned);
        let function = attribute("TARGET_ARN").or(of_record).and_then(|arn| unqualified(&arn));
        let function = function.ok_or(LetterError::NoFunction)?;
        let payload = payload::given_back(body, now)?;
        let what = about(&payload);
        let what = match attribute("ERROR_MESSAGE") {
            Some(why) => format!("{what} ({why})"),
            None => what,
        };
        Ok(Self { function, what, payload })
    }

    /// The function's name.
    pub(super) fn name(&self) -> &str {
        self.function.rsplit(':').next().unwrap_or_default()
    }

    /// The schedule that gives it back: the same one for the same message, however often it is received.
    pub(super) fn schedule(&self, message: &Received, now: Timestamp) -> Result<Schedule, TooLarge> {
        Ok(Schedule {
            name: deferral::name("redrive", &[&message.id]),
            at: deferral::at(now, Duration::ZERO),
            input: fitted(&self.payload, LONGEST_INPUT)?,
        })
    }
}

/// The payload of Lambda's `Invoke`, where the letter holds the whole call.
fn invoked_with(mut body: Value) -> Value {
    let is_call = body.get("FunctionName").is_some();
    match body.get_mut("Payload").filter(|_| is_call).map(Value::take) {
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        Some(payload) => payload,
        None => body,
    }
}

/// The ARN of a function without `:$LATEST` or an alias. None for anything else.
fn unqualified(arn: &str) -> Option<String> {
    let parts: Vec<&str> = arn.split(':').collect();
    let is_function =
        parts.first() == Some(&"arn") && parts.get(2) == Some(&"lambda") && parts.get(5) == Some(&"function");
    parts.get(..7).filter(|_| is_function).map(|parts| parts.join(":"))
}

fn about(payload: &Value) -> String {
    if payload.pointer("/parapet/task").is_some_and(|task| task == "sweep") {
        let step = payload.pointer("/parapet/step").and_then(Value::as_u64).unwrap_or_default();
        return format!("step {step} of a sweep");
    }
    let text = |path: &str| payload.pointer(&format!("/parapet/event{path}")).and_then(Value::as_str).unwrap_or("?");
    format!("{} in {} {} at {}", text("/detail/eventName"), text("/account"), text("/region"), text("/time"))
}

/// The stack's group and role, by the names that template.yaml gives them, the queue itself for what fails again, and the key that encrypts them.
pub(super) fn settings(stack: &str, caller: &Caller, region: &str, queue_url: &str, key: Option<String>) -> Settings {
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws");
    let account = &caller.account;
    let queue = queue_url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    Settings {
        group: stack.to_owned(),
        role: format!("arn:{partition}:iam::{account}:role/{stack}-schedules-{region}"),
        dead_letters: Some(format!("arn:{partition}:sqs:{region}:{account}:{queue}")),
        key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:parapet-SecurityGroupFunction-1";

    fn now() -> Timestamp {
        "2026-03-02T09:00:00Z".parse().unwrap()
    }

    fn event() -> Value {
        json!({"account": "111122223333", "region": "eu-west-1", "time": "t", "detail": {"eventName": "CreateVpc"}})
    }

    fn letter(body: &Value, attributes: &[(&str, &str)]) -> Result<Letter, LetterError> {
        let attributes = attributes.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Letter::read(&Received::of("m", &body.to_string(), attributes), now())
    }

    #[test]
    fn what_eventbridge_could_not_deliver_goes_back_late() {
        let letter = letter(&event(), &[("TARGET_ARN", FUNCTION), ("ERROR_MESSAGE", "throttled")]).unwrap();
        assert_eq!((letter.function.as_str(), letter.name()), (FUNCTION, "parapet-SecurityGroupFunction-1"));
        assert_eq!(letter.what, "CreateVpc in 111122223333 eu-west-1 at t (throttled)");
        assert_eq!(letter.payload["parapet"]["task"], "later");
    }

    #[test]
    fn a_failed_run_names_its_function_in_its_record() {
        let record =
            json!({"requestContext": {"functionArn": format!("{FUNCTION}:$LATEST")}, "requestPayload": event()});
        let letter = letter(&record, &[]).unwrap();
        assert_eq!(letter.function, FUNCTION);
        assert_eq!(letter.payload["parapet"]["event"], event());
    }

    #[test]
    fn what_scheduler_could_not_invoke_goes_back_as_it_is_or_in_its_call() {
        let deferred = json!({"parapet": {"task": "later", "event": event(), "why": "grace", "attempt": 3}});
        let call = json!({"FunctionName": FUNCTION, "InvocationType": "Event", "Payload": deferred.to_string()});
        for body in [&deferred, &call] {
            let letter = letter(body, &[("TARGET_ARN", FUNCTION), ("IS_PAYLOAD_TRUNCATED", "false")]).unwrap();
            assert_eq!(
                (&letter.payload["parapet"]["event"], &letter.payload["parapet"]["attempt"]),
                (&event(), &json!(1))
            );
        }
    }

    #[test]
    fn a_step_of_a_sweep_goes_back_as_it_was() {
        let order = shared::operations::sweeps::Order::begin(now());
        let letter = letter(&order.payload().unwrap(), &[("TARGET_ARN", FUNCTION)]).unwrap();
        assert_eq!((letter.what.as_str(), &letter.payload), ("step 1 of a sweep", &order.payload().unwrap()));
    }

    #[test]
    fn what_stays_says_why() {
        let why = |body: &Value, attributes: &[(&str, &str)]| letter(body, attributes).unwrap_err().to_string();
        assert!(why(&event(), &[]).contains("does not name its function"));
        assert!(
            why(&event(), &[("TARGET_ARN", "arn:aws:sqs:eu-west-1:111122223333:q")])
                .contains("does not name its function")
        );
        assert!(why(&event(), &[("TARGET_ARN", FUNCTION), ("IS_PAYLOAD_TRUNCATED", "true")]).contains("truncated"));
        let page = json!({"parapet": {"task": "page"}});
        assert!(why(&page, &[("TARGET_ARN", FUNCTION)]).contains("`page` is unknown"));
    }

    #[test]
    fn a_message_has_one_schedule() {
        let read = letter(&event(), &[("TARGET_ARN", FUNCTION)]).unwrap();
        let message = Received::of("m", "", Vec::new());
        let schedule = read.schedule(&message, now()).unwrap();
        assert_eq!(schedule.name, read.schedule(&message, "2026-03-02T10:00:00Z".parse().unwrap()).unwrap().name);
        assert_eq!(deferral::expression(schedule.at), "at(2026-03-02T09:01:00)");
    }

    #[test]
    fn the_group_the_role_and_the_queue_are_the_stacks() {
        let caller =
            Caller { account: "111122223333".to_owned(), arn: "arn:aws-cn:iam::111122223333:user/ana".to_owned() };
        let url = "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/parapet-DeadLetters-1";
        let settings = settings("parapet", &caller, "cn-north-1", url, Some("arn".to_owned()));
        assert_eq!(settings.key.as_deref(), Some("arn"));
        assert_eq!(settings.role, "arn:aws-cn:iam::111122223333:role/parapet-schedules-cn-north-1");
        assert_eq!(settings.dead_letters.unwrap(), "arn:aws-cn:sqs:cn-north-1:111122223333:parapet-DeadLetters-1");
        assert_eq!(settings.group, "parapet");
    }
}
