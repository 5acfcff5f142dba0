//! RES-19: queues and streams are read by functions that policy names.
//!
//! Sources: "CreateEventSourceMapping", "UpdateEventSourceMapping", "GetEventSourceMapping" (Lambda API reference). The name of a record carries the date
//! of the API.

use super::LAMBDA;
use crate::engine::arn::arn_part;
use crate::engine::setting::prelude::*;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde_json::Value;

const ARNS: &[&str] = &["lambda:${Region}:${Account}:event-source-mapping:*"];
const GET: Permission = Permission::on("lambda:GetEventSourceMapping", ARNS);
const UPDATE: Permission = Permission::on("lambda:UpdateEventSourceMapping", ARNS);
const LIST: Permission = Permission::read("lambda:ListEventSourceMappings");

const API_DATE: &str = "2015-03-31";

/// Event source mappings: which function reads which queue or stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventSources;

/// An event source mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSource {
    /// Its UUID.
    pub id: String,
    /// The ARN of the queue or stream; a broker outside AWS has none.
    pub source: Option<String>,
    /// The ARN of the function that is invoked with what is read.
    pub function: Observed<String>,
    /// Whether it is read.
    pub is_enabled: Observed<bool>,
}

/// Which functions may read queues and streams.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EventSourceSettings {
    /// Names or ARNs of the functions that may be mapped to queues and streams; `*` and `?` match as in IAM. Without any, the guardrail finds nothing.
    pub allowed_functions: Vec<String>,
}

impl GuardrailSettings for EventSourceSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_functions", entries: &self.allowed_functions, holds: FUNCTIONS }]
    }
}

const FUNCTIONS: Holds = Holds {
    shapes: &["arn:%:lambda:%:%:function:%", "arn:%:lambda:%:%:function:%:%", "%"],
    form: "the name or ARN of a function",
    everything: Some("allows every function: the guardrail finds nothing"),
};

/// What `State` says, while nothing is being changed.
fn is_enabled(state: Option<&str>) -> Observed<bool> {
    match state {
        Some("Enabled" | "Enabling") => Observed::Known(true),
        Some("Disabled" | "Disabling" | "Deleting") => Observed::Known(false),
        Some(other) => {
            Observed::Unknown { why: format!("the mapping is `{other}`: whether it is read shows afterwards") }
        }
        None => Observed::Unknown { why: "the state of the mapping is not shown".to_owned() },
    }
}

/// A member of an answer, as text; records begin names with a small letter.
fn text(body: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| body.get(*name)?.as_str()).map(str::to_owned)
}

fn mapping(id: String, body: &Value, is_enabled: Observed<bool>) -> EventSource {
    let function = text(body, &["FunctionArn", "functionArn"]);
    let unknown = || Observed::Unknown { why: "the function of the mapping is not shown".to_owned() };
    EventSource {
        id,
        source: text(body, &["EventSourceArn", "eventSourceArn"]),
        function: function.map_or_else(unknown, Observed::Known),
        is_enabled,
    }
}

impl Setting for EventSources {
    type Key = String;
    type State = EventSource;
    type Subject = String;
    type Value = bool;
    type Settings = EventSourceSettings;

    const KIND: &'static str = "lambda-event-source";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "lambda-event-source-not-allowed",
        catalogue_id: "RES-19",
        title: "A function that is not allowed reads a queue or stream",
        description: "An event source mapping makes Lambda read a queue, a stream or a broker and invoke a function with what it reads: the function's \
            owner gets a copy of a stream, and takes messages away from a queue. Where `allowed_functions` is set, only these may be mapped; without it \
            the guardrail finds nothing, since every deployment makes such mappings.",
        severity: Severity::Medium,
        class: Class::R2,
        controls: &[],
        technique: "T1546",
        triggers: &[
            "CreateEventSourceMapping",
            "CreateEventSourceMapping20150331",
            "UpdateEventSourceMapping",
            "UpdateEventSourceMapping20150331",
        ],
        remediation: "Disables the mapping: it stays, nothing is read by it, and messages wait in the queue. Lambda refuses it while the mapping is being \
            created; it is tried again then. Needs `max_class: R2`.",
        actions: &[UPDATE],
        ids: &["arn:%:lambda:%:%:event-source-mapping:%"],
        not_watched: &[("DeleteEventSourceMapping20150331", "it only removes one")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            false,
            &["disable"],
            UPDATE,
            "disable event source mapping {}",
            "aws lambda update-event-source-mapping --no-enabled --uuid {}",
        ),
        Call::new(
            true,
            &["enable"],
            UPDATE,
            "enable event source mapping {}",
            "aws lambda update-event-source-mapping --enabled --uuid {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<EventSource>] = &[
        PlannedForm::one("AWS::Lambda::EventSourceMapping", |it| {
            Ok(Some(planned(it, it.text("FunctionName"), &["EventSourceArn"], "Enabled")))
        }),
        PlannedForm::one("aws_lambda_event_source_mapping", |it| {
            Ok(Some(planned(it, it.text("function_name"), &["event_source_arn"], "enabled")))
        }),
        PlannedForm::each("AWS::Serverless::Function", of_serverless),
    ];

    /// Lambda gives the id. A mapping is made enabled unless the request says otherwise; while it is made, its state does not say.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, EventSource>>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let answer = event.response.value();
        let ids = ["uUID", "uuid", "UUID"];
        let named = |body: Option<&Value>| body.and_then(|body| text(body, &ids));
        let unnamed = || Unlocatable::new(event, "the record names no event source mapping");
        let id = named(answer).or_else(|| named(event.request.value())).ok_or_else(unnamed)?;
        let asked = event.request.at(&["enabled"]).and_then(Value::as_bool);
        let is_enabled = match (asked, event.name.starts_with("Create")) {
            (Some(asked), _) => Observed::Known(asked),
            (None, true) => Observed::Known(true),
            (None, false) => is_enabled(event.response.text(&["state"])),
        };
        let made = answer.map(|answer| mapping(id.clone(), answer, is_enabled));
        let proven = made.filter(|made| made.function.known().is_some() && made.is_enabled.known().is_some());
        Ok(vec![Target { key: id, proven, changed: None }])
    }

    fn named(id: &String, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:lambda:{region}:{account}:event-source-mapping:{id}");
        Resource { id: arn, kind: "AwsLambdaEventSourceMapping", name: id.clone() }
    }

    fn shown(mapping: &EventSource) -> Shown<String, bool> {
        let value = match &mapping.function {
            Observed::Unknown { why } => Observed::Unknown { why: why.clone() },
            Observed::Known(_) | Observed::Absent => mapping.is_enabled.clone(),
        };
        Shown { subject: mapping.id.clone(), value, element: format!("{} enabled", mapping.id), is_fixed: false }
    }

    fn is_in_question(mapping: &EventSource, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        let allowed = &settings.allowed_functions;
        let is_allowed = |arn: &String| {
            let name = arn_part(arn, 5).and_then(|resource| resource.strip_prefix("function:"));
            let own = name.map(|name| name.split_once(':').map_or(name, |(name, _)| name));
            let matches = |pattern: &String| {
                [Some(arn.as_str()), name, own].into_iter().flatten().any(|one| matches_pattern(pattern, one))
            };
            // A template names the function alone, or by its ARN.
            let by_name = |pattern: &String| {
                let of_arn = pattern.rsplit_once(":function:").filter(|_| name.is_none());
                of_arn.is_some_and(|(_, pattern)| matches_pattern(pattern, arn))
            };
            allowed.iter().any(|pattern| matches(pattern) || by_name(pattern))
        };
        !allowed.is_empty() && !mapping.function.known().is_some_and(is_allowed)
    }

    fn why(mapping: &EventSource, _: &Terms<'_>) -> String {
        let function = mapping.function.known().map_or("unknown", String::as_str);
        let source = mapping.source.as_deref().unwrap_or("a broker outside AWS");
        format!("`{function}` reads `{source}`; it is not among `allowed_functions`")
    }
}

/// A mapping is enabled unless it says otherwise ("CreateEventSourceMapping", Lambda API reference).
fn planned(
    it: &PlannedResource<'_>,
    function: Result<Option<String>, Unreadable>,
    sources: &[&str],
    enabled: &str,
) -> EventSource {
    let source = sources.iter().find_map(|source| it.text(source).ok().flatten());
    let has_source = sources.iter().any(|source| it.properties.get(*source).is_some_and(|value| !value.is_null()));
    let unknown = |why: Unreadable| Observed::Unknown { why: why.to_string() };
    EventSource {
        id: it.name.to_owned(),
        source: source.or_else(|| has_source.then(|| "a source that is known at deployment only".to_owned())),
        function: match function {
            Ok(Some(function)) => Observed::Known(function),
            Ok(None) => unknown("the function of the mapping is not shown".into()),
            Err(why) => unknown(why),
        },
        is_enabled: match it.flag(enabled) {
            Ok(is_on) => Observed::Known(is_on.unwrap_or(true)),
            Err(why) => Observed::Unknown { why: why.to_string() },
        },
    }
}

/// What SAM makes a mapping of ("EventSource", SAM developer guide).
const POLLED: &[&str] = &["DocumentDB", "DynamoDB", "Kinesis", "MQ", "MSK", "SQS", "SelfManagedKafka"];

fn of_serverless(it: &PlannedResource<'_>) -> Vec<Result<EventSource, Unreadable>> {
    let events = match it.get("Events") {
        Ok(Some(Value::Object(events))) => events,
        Ok(_) => return Vec::new(),
        Err(why) => return vec![Err(why)],
    };
    let function = it.named(&["FunctionName"]);
    let read = |event: &Value| {
        let event = it.part(event);
        let kind = event.text("Type")?.unwrap_or_default();
        if !POLLED.contains(&kind.as_str()) {
            return Ok(None);
        }
        let of = event.get("Properties")?.unwrap_or(&Value::Null);
        let of = event.part(of);
        let sources = ["Queue", "Stream", "Broker", "Cluster"];
        Ok(Some(planned(&of, Ok(Some(function.clone())), &sources, "Enabled")))
    };
    events.values().filter_map(|event| read(event).transpose()).collect()
}

impl SignedSetting for EventSources {
    const API: &'static Api = &LAMBDA;

    fn get(id: &String) -> Request {
        Request::rest("GetEventSourceMapping", "GET", &[API_DATE, "event-source-mappings", id])
    }

    fn got(id: &String, answer: &Answer) -> Observed<EventSource> {
        let id = answer.text("UUID").unwrap_or(id).to_owned();
        Observed::Known(mapping(id, &answer.body, is_enabled(answer.text("State"))))
    }

    fn set(id: &String, is_enabled: bool) -> Request {
        let call = Request::rest("UpdateEventSourceMapping", "PUT", &[API_DATE, "event-source-mappings", id]);
        call.member("Enabled", Some(is_enabled))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        let call = Request::rest("ListEventSourceMappings", "GET", &[API_DATE, "event-source-mappings"]);
        Some(call.query("Marker", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let shown = answer.list("EventSourceMappings").iter().filter_map(|one| {
            let id = text(one, &["UUID"])?;
            let state = mapping(id.clone(), one, is_enabled(one["State"].as_str()));
            Some((id, Some(Observed::Known(state))))
        });
        Listing { found: shown.collect(), next: answer.text("NextMarker").map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_that_is_being_changed_does_not_say_whether_it_is_read() {
        let known = |state| is_enabled(Some(state)).known().copied();
        assert_eq!([known("Enabled"), known("Disabling"), known("Creating")], [Some(true), Some(false), None]);
        assert_eq!(is_enabled(None).known(), None);
    }
}
