//! One record, in everything that people find it in.

use super::*;
use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use std::io::Write;

fn record() -> Value {
    json!({
        "eventVersion": "1.11", "eventID": "1", "eventName": "CreateVpc", "eventSource": "ec2.amazonaws.com",
        "awsRegion": "eu-west-1", "eventTime": "2026-01-01T00:00:00Z", "eventType": "AwsApiCall",
        "recipientAccountId": "111122223333", "userIdentity": {"type": "Root", "accountId": "111122223333"},
        "requestParameters": {"a": 1}, "responseElements": null,
    })
}

fn envelope() -> Value {
    json!({"source": "aws.ec2", "detail-type": "AWS API Call via CloudTrail", "account": "111122223333",
        "region": "eu-west-1", "detail": record()})
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let held = group.iter().fold(0_usize, |held, byte| (held << 8) | usize::from(*byte)) << (8 * (3 - group.len()));
        let digit = |at: usize| if at <= group.len() { char::from(DIGITS[(held >> (18 - 6 * at)) & 63]) } else { '=' };
        [0, 1, 2, 3].map(digit).into_iter().collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn packed(text: &str) -> String {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    base64(&packer.finish().unwrap())
}

fn subscription() -> Value {
    json!({"messageType": "DATA_MESSAGE", "logGroup": "g", "logEvents": [{"id": "1", "message": record().to_string()}]})
}

/// What each wrapper holds is this record, once.
#[test]
fn every_wrapper_leads_to_the_same_record() {
    let text = record().to_string();
    let data = packed(&subscription().to_string());
    let topic = json!({"Type": "Notification", "MessageId": "1", "Message": envelope().to_string()});
    let failed = json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": envelope(),
        "responsePayload": {"errorType": "Runtime.ExitError"}});
    let deep = json!({"Messages": [{"Body": json!({"Message": json!({"requestPayload": {"awslogs": {"data": data}}})
        .to_string()}).to_string()}]});
    let columns = [
        "eventversion",
        "eventid",
        "eventname",
        "eventsource",
        "awsregion",
        "eventtime",
        "eventtype",
        "recipientaccountid",
        "useridentity",
        "requestparameters",
        "responseelements",
    ];
    let cells = [
        "1.11",
        "1",
        "CreateVpc",
        "ec2.amazonaws.com",
        "eu-west-1",
        "2026-01-01T00:00:00Z",
        "AwsApiCall",
        "111122223333",
        "{\"type\":\"Root\",\"accountId\":\"111122223333\"}",
        "{\"a\":1}",
        "null",
    ];
    let row =
        |cells: &[&str]| json!({"Data": cells.iter().map(|cell| json!({"VarCharValue": cell})).collect::<Value>()});
    let names = |columns: &[&str]| columns.iter().map(|name| json!({"Name": name})).collect::<Value>();
    let lake: Value = record()
        .as_object()
        .unwrap()
        .iter()
        .map(|(key, value)| json!({key: value.as_str().map_or_else(|| value.to_string(), str::to_owned)}))
        .collect();
    for (name, wrapped) in [
        ("a log file", json!({"Records": [record()]})),
        ("the same in lower case", json!({"records": [record()]})),
        (
            "lookup-events",
            json!({"Events": [{"EventName": "CreateVpc", "EventSource": "ec2.amazonaws.com", "CloudTrailEvent": text}]}),
        ),
        ("CloudWatch Logs to Lambda", json!({"awslogs": {"data": data}})),
        ("CloudWatch Logs, decoded", subscription()),
        (
            "CloudWatch Logs to Kinesis",
            json!({"Records": [{"eventName": "aws:kinesis:record", "kinesis": {"data": data}}]}),
        ),
        ("filter-log-events", json!({"events": [{"logStreamName": "x", "timestamp": 1, "message": text}]})),
        (
            "Logs Insights",
            json!({"results": [[{"field": "@message", "value": text}, {"field": "@ptr", "value": "x"}]]}),
        ),
        ("Logs Insights, export", json!([{"@timestamp": "x", "@message": record()}])),
        ("SQS, receive-message", json!({"Messages": [{"Body": envelope().to_string()}]})),
        ("SQS to Lambda", json!({"Records": [{"eventSource": "aws:sqs", "body": envelope().to_string()}]})),
        ("SNS to Lambda", json!({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": envelope().to_string()}}]})),
        ("SNS to SQS", json!({"Messages": [{"Body": topic.to_string()}]})),
        ("a body in quotes twice", json!({"Body": Value::String(envelope().to_string()).to_string()})),
        ("a destination of Lambda", failed.clone()),
        ("a dead letter", json!({"Messages": [{"Body": failed.to_string()}]})),
        (
            "a destination through EventBridge",
            json!({"source": "lambda", "detail-type": "Lambda Function Invocation Result - Failure",
            "detail": failed}),
        ),
        ("a deferred event", json!({"parapet": {"deferred": {"payload": envelope(), "attempt": 1}}})),
        ("Firehose", json!({"invocationId": "1", "records": [{"recordId": "1", "data": base64(text.as_bytes())}]})),
        ("Firehose of CloudWatch Logs", json!({"records": [{"data": data}]})),
        ("Elastic", json!({"hits": {"hits": [{"_source": {"event": {"original": text, "action": "CreateVpc"}}}]}})),
        ("Elastic, twice the same", json!({"_source": {"message": text, "event": {"original": text}}})),
        (
            "Splunk",
            json!({"preview": false, "result": {"_raw": text, "eventName": "CreateVpc",
            "eventSource": "ec2.amazonaws.com", "requestParameters.a": "1"}}),
        ),
        ("syslog", json!({"message": format!("<134>1 2026-01-01T00:00:00Z host cloudtrail: {text}")})),
        (
            "Athena",
            json!({"ResultSet": {"Rows": [row(&columns), row(&cells)], "ResultSetMetadata": {"ColumnInfo": []}}}),
        ),
        (
            "Athena, a later page",
            json!({"ResultSet": {"Rows": [row(&cells)],
            "ResultSetMetadata": {"ColumnInfo": names(&columns)}}}),
        ),
        ("Lake, eventJson", json!({"QueryResultRows": [[{"eventJson": text}]]})),
        ("Lake, columns", json!({"QueryResultRows": [lake]})),
        (
            "Lake, both",
            json!({"QueryResultRows": [[{"eventName": "CreateVpc"}, {"eventSource": "ec2.amazonaws.com"}, {"eventJson": text}]]}),
        ),
        ("many at once", deep),
    ] {
        let found = find(wrapped.clone());
        assert_eq!((found.deliveries.len(), found.insights, &found.lost), (1, 0, &None), "{name}: {wrapped}");
        let event = found.deliveries[0].event().unwrap().unwrap();
        let (damage, request) = (found.deliveries[0].damage(), event.request.value().unwrap());
        assert_eq!((damage, request, event.name.as_str()), (None, &json!({"a": 1}), "CreateVpc"), "{name}");
        assert_eq!(event.actor.kind, shared::engine::event::ActorKind::Root, "{name}");
    }
}

#[test]
fn several_in_one_text_are_several() {
    let (one, mut other) = (record(), record());
    other["eventID"] = json!("2");
    for wrapped in [
        json!({"records": [{"data": base64(format!("{one}{other}").as_bytes())}]}),
        json!({"Body": format!("[{one}, {other}]")}),
        json!({"a": one, "b": other}),
    ] {
        assert_eq!(find(wrapped.clone()).deliveries.len(), 2, "{wrapped}");
    }
}

#[test]
fn what_is_no_record_is_none() {
    for value in [
        json!(null),
        json!([1, "x", "{}"]),
        json!({"a": {"eventName": 1}}),
        json!({"Records": null}),
        json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}]}),
        json!({"s3Bucket": "b", "s3ObjectKey": ["AWSLogs/x.json.gz"]}),
        json!({"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2ln"}),
        json!({"Rows": 3, "results": [[{"field": "eventName", "value": "CreateVpc"}, {"field": "x", "value": 1}]]}),
        json!("\"\\\"\\\"\""),
    ] {
        let found = find(value.clone());
        assert_eq!((found.deliveries.len(), found.insights, found.lost), (0, 0, None), "{value}");
    }
}

#[test]
fn the_parameters_of_a_call_are_never_searched() {
    let mut outer = record();
    outer["eventName"] = json!("PutEvents");
    outer["requestParameters"] =
        json!({"entries": [{"detail": record().to_string()}], "message": record().to_string()});
    let found = find(json!({"Body": outer.to_string()}));
    assert_eq!(found.deliveries.len(), 1);
    assert_eq!(found.deliveries[0].record()["eventName"], "PutEvents");
}

#[test]
fn insights_are_counted_and_are_no_records() {
    let insight = json!({"eventVersion": "1.07", "eventType": "AwsCloudTrailInsight", "eventID": "1",
        "insightDetails": {"state": "Start", "eventSource": "ec2.amazonaws.com", "eventName": "CreateVpc"}});
    let envelope = json!({"source": "aws.cloudtrail", "detail-type": "AWS Insight via CloudTrail", "detail": insight});
    for value in [json!({"Records": [insight]}), envelope] {
        let found = find(value);
        assert_eq!((found.deliveries.len(), found.insights), (0, 1));
    }
}

#[test]
fn what_cannot_be_looked_into_is_said() {
    let text = record().to_string();
    let deep = (0..60).fold(record(), |inner, _| json!({ "a": inner }));
    let bomb = packed(&" ".repeat(20_001));
    let cut = packed(&text);
    for (value, why) in [
        (json!({"message": text.get(..text.len() - 9)}), "no whole JSON"),
        (deep, "deeper than"),
        (json!({ "data": bomb }), "larger than the 20000 bytes"),
        (json!({ "data": "[".repeat(20_001) }), "larger than 20000 bytes"),
        (json!({ "data": cut.get(..cut.len() - 24) }), "cannot be unpacked"),
    ] {
        let found = find_within(value, 20_000);
        assert!(found.lost.as_ref().is_some_and(|lost| lost.contains(why)), "{why}: {:?}", found.lost);
    }
}

#[test]
fn what_an_export_has_damaged_is_named() {
    let with = |key: &str, value: Value| {
        let mut record = record();
        record[key] = value;
        find(record).deliveries[0].damage()
    };
    let why = with("requestParameters", json!("{a=1, b={c=2}}")).unwrap();
    assert!(why.contains("`requestParameters` is a map written as text"), "{why}");
    assert!(with("userIdentity", json!("{type=Root}")).is_some());
    assert!(with("responseElements", json!("")).is_none());
    assert!(with("requestParameters.groupId", json!("sg-1")).unwrap().contains("taken apart"));
    let row = json!({"eventname": "CreateVpc", "eventsource": "ec2.amazonaws.com", "useridentity": null});
    assert!(find(row).deliveries[0].damage().unwrap().contains("`requestParameters` was left out"));
}
