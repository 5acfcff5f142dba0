//! Records that no rule asks for are never parsed: a replay that parses every one of them gives the same answers, in every
//! wrapper.

use crate::support::{folder, gzip, records, run};
use parapet::patterns::TEMPLATE;
use serde_json::{Map, Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// The template with a rule that names no call, and asks for what nothing sends: then nothing may be skipped.
fn parsing_everything(at: &Path) -> PathBuf {
    let rule = "\nResources:\n  NothingFunction: { Type: AWS::Lambda::Function }\n  NothingRule:\n    Type: AWS::Events::Rule\n    \
        Properties:\n      EventPattern: { source: [aws.nothing] }\n      Targets: [{ Arn: !GetAtt NothingFunction.Arn }]\n";
    let path = at.join("parsing-everything.yaml");
    fs::write(&path, TEMPLATE.replacen("\nResources:\n", rule, 1)).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("aws.nothing"));
    path
}

fn envelope(record: &Value) -> Value {
    let service = record["eventSource"].as_str().unwrap_or_default().split('.').next().unwrap_or_default();
    let what = if record["eventType"] == "AwsConsoleSignIn" { "Console Sign In" } else { "API Call" };
    json!({"id": "x", "source": format!("aws.{service}"), "detail-type": format!("AWS {what} via CloudTrail"),
        "account": record["recipientAccountId"], "region": record["awsRegion"], "detail": record})
}

/// As Athena's columns: names in lower case, objects as texts.
fn columns(record: &Value) -> Map<String, Value> {
    let text = |value: &Value| if value.is_object() { Value::String(value.to_string()) } else { value.clone() };
    record.as_object().into_iter().flatten().map(|(key, value)| (key.to_lowercase(), text(value))).collect()
}

fn lines(records: &[Value], each: impl Fn(&Value) -> Value) -> String {
    records.iter().map(|record| format!("{}\n", each(record))).collect()
}

/// The keys in the order in which CloudTrail writes them: by name is the order of the others.
fn in_cloudtrails_order(record: &Value) -> String {
    let first = ["eventVersion", "userIdentity", "eventTime", "eventSource", "eventName"];
    let map = record.as_object().unwrap();
    let rest = map.keys().map(String::as_str).filter(|key| !first.contains(key));
    let members: Vec<String> = first
        .into_iter()
        .chain(rest)
        .filter_map(|key| map.get(key).map(|value| format!("{}:{value}", Value::String(key.to_owned()))))
        .collect();
    format!("{{{}}}", members.join(","))
}

fn wrappers(records: &[Value]) -> Vec<(&'static str, Vec<u8>)> {
    let ordered: Vec<String> = records.iter().map(in_cloudtrails_order).collect();
    let rows =
        |record: &Value| columns(record).into_iter().map(|(key, value)| json!({ key: value })).collect::<Value>();
    let fields = |record: &Value| {
        let map = record.as_object().unwrap();
        map.iter().map(|(key, value)| json!({"field": key, "value": value})).collect::<Value>()
    };
    let grouped = |size: usize| {
        let event = |text: &String| json!({ "message": text });
        let group = |group: &[String]| json!({"messageType": "DATA_MESSAGE", "logEvents": group.iter().map(event).collect::<Value>()});
        ordered.chunks(size).map(|chunk| format!("{}\n", group(chunk))).collect::<String>()
    };
    let in_queue =
        |record: &Value| json!({"Records": [{"body": envelope(record).to_string(), "eventSource": "aws:sqs"}]});
    let beside = |record: &Value| {
        let mut outer = record.as_object().unwrap().clone();
        outer.insert("message".to_owned(), Value::String(record.to_string()));
        Value::Object(outer)
    };
    vec![
        ("trail.json.gz", gzip(format!("{{\"Records\":[{}]}}", ordered.join(",")))),
        ("lines.jsonl", lines(records, Value::clone).into_bytes()),
        ("pretty.json", format!("{:#}", json!(records)).into_bytes()),
        ("envelopes.jsonl", lines(records, envelope).into_bytes()),
        ("athena.jsonl", lines(records, |record| Value::Object(columns(record))).into_bytes()),
        ("lake.json", json!({"QueryResultRows": records.iter().map(rows).collect::<Value>()}).to_string().into_bytes()),
        ("fields.json", json!({"results": records.iter().map(fields).collect::<Value>()}).to_string().into_bytes()),
        ("one.jsonl", grouped(1).into_bytes()),
        ("many.jsonl", grouped(40).into_bytes()),
        ("queue.jsonl", lines(records, in_queue).into_bytes()),
        ("beside.jsonl", lines(records, beside).into_bytes()),
        (
            "escaped.jsonl",
            lines(records, |record| json!({"m": record.to_string()})).replace("\\\"", "\\u0022").into_bytes(),
        ),
    ]
}

#[test]
fn what_is_not_parsed_would_have_said_nothing() {
    let at = folder("skipping");
    let template = parsing_everything(&at);
    for (name, bytes) in wrappers(&records()) {
        let path = at.join(name);
        fs::write(&path, bytes).unwrap();
        let (template, path) = (template.to_str().unwrap(), path.to_str().unwrap());
        let quick = run(&["replay", "--format", "jsonl", path]);
        let whole = run(&["replay", "--format", "jsonl", "--template", template, path]);
        assert!(quick == whole, "{name}: {}\nis not\n{}", quick.1, whole.1);
        assert_eq!(quick.0, 1, "{name}");
    }
}
