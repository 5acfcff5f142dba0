//! `parapet replay` as a whole: every container, every format, bad files, exit statuses.

use crate::support::{authorized, corpora, folder, gzip, parapet, record, run};
use serde_json::{Value, json};
use std::fs;

fn story() -> Vec<Value> {
    let mut failed = authorized(3, "0.0.0.0/0", 22, "carol");
    failed["errorCode"] = json!("Client.UnauthorizedOperation");
    let mut reading = record(4, ("ec2.amazonaws.com", "CreateVpc"), "dave", Value::Null, Value::Null);
    reading["readOnly"] = json!(true);
    vec![
        authorized(1, "0.0.0.0/0", 22, "alice"),
        authorized(2, "10.0.0.0/8", 22, "bob"),
        failed,
        reading,
        record(5, ("s3.amazonaws.com", "GetObject"), "erin", json!({"key": "\"CreateVpc\" {{{"}), Value::Null),
    ]
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_container_leads_to_the_same_findings() {
    let at = folder("containers");
    let records = story();
    let whole = json!({"Records": records}).to_string();
    let joined = |each: &dyn Fn(&Value) -> Value| records.iter().map(|r| format!("{}\n", each(r))).collect::<String>();
    let envelope = |record: &Value| {
        let source = record["eventSource"].as_str().unwrap().split('.').next().unwrap();
        json!({"id": "x", "source": format!("aws.{source}"), "detail-type": "AWS API Call via CloudTrail",
            "account": record["recipientAccountId"], "region": record["awsRegion"], "detail": record})
    };
    let athena = |record: &Value| {
        let lower = record.as_object().unwrap().iter().map(|(key, value)| {
            let value = match key.as_str() {
                "requestParameters" | "responseElements" => Value::String(value.to_string()),
                "eventTime" => Value::String(value.as_str().unwrap().replace('T', " ").replace('Z', ".000")),
                _ => value.clone(),
            };
            (key.to_lowercase(), value)
        });
        Value::Object(lower.collect())
    };
    let looked_up =
        json!({"Events": records.iter().map(|r| json!({"CloudTrailEvent": r.to_string()})).collect::<Value>()});
    for (name, bytes) in [
        ("a.json", whole.clone().into_bytes()),
        ("b.json.gz", gzip(&whole)),
        ("c.jsonl", joined(&Value::clone).into_bytes()),
        ("d.jsonl", joined(&envelope).into_bytes()),
        ("e.json", joined(&athena).into_bytes()),
        ("f.json", format!("{looked_up:#}").into_bytes()),
        ("g.json", format!("{:#}", json!(records)).into_bytes()),
    ] {
        fs::write(at.join(name), bytes).unwrap();
    }
    let answer = |name: &str| {
        let (status, text) = run(&["replay", "--format", "jsonl", at.join(name).to_str().unwrap()]);
        (status, lines(&text))
    };
    let (status, expected) = answer("a.json");
    assert_eq!(status, 1);
    assert!(expected.iter().all(|line| line["verdict"] != "compliant"));
    let ssh = expected.iter().find(|line| line["guardrail"] == "security-group-admin-port-open").unwrap();
    for (key, value) in [
        ("event_id", "00000000-0000-4000-8000-000000000001"),
        ("event_name", "AuthorizeSecurityGroupIngress"),
        ("time", "2026-01-02T01:00:00Z"),
        ("account", "111122223333"),
        ("region", "us-east-1"),
        ("actor", "arn:aws:iam::111122223333:user/alice"),
        ("verdict", "violation"),
        ("severity", "high"),
        ("resource", "arn:aws:ec2:us-east-1:111122223333:security-group/sg-00000000000000001"),
    ] {
        assert_eq!(ssh[key], value, "{key}");
    }
    for name in ["b.json.gz", "c.jsonl", "d.jsonl", "e.json", "f.json", "g.json"] {
        assert_eq!(answer(name), (status, expected.clone()), "{name}");
    }
    let (_, all) = answer("");
    assert_eq!(all.len(), 7 * expected.len(), "a folder is its files, in their order");
}

#[test]
fn files_side_by_side_give_the_same_as_one_by_one() {
    let at = folder("side-by-side");
    for file in 0..20 {
        let records: Vec<Value> = (0..200).map(|n| authorized(file * 200 + n, "0.0.0.0/0", 22, "a")).collect();
        fs::write(at.join(format!("{file:02}.json.gz")), gzip(json!({"Records": records}).to_string())).unwrap();
    }
    let folder = at.to_str().unwrap();
    let (_, side_by_side) = run(&["replay", "--format", "jsonl", "--jobs", "4", folder]);
    let one_by_one: String = (0..20)
        .map(|file| run(&["replay", "--format", "jsonl", at.join(format!("{file:02}.json.gz")).to_str().unwrap()]).1)
        .collect();
    assert!(side_by_side == one_by_one);
}

#[test]
fn bad_files_are_named_and_never_fatal() {
    let at = folder("bad-files");
    let good = json!({"Records": [authorized(1, "0.0.0.0/0", 22, "a")]}).to_string();
    let packed = gzip(&good);
    fs::write(at.join("good.json"), &good).unwrap();
    fs::write(at.join("cut.json.gz"), &packed[..packed.len() - 20]).unwrap();
    fs::write(at.join("text.json"), "no, JSON\nthis is\n").unwrap();
    fs::write(at.join("half.json"), &good[..good.len() / 2]).unwrap();
    let mut timeless = authorized(2, "0.0.0.0/0", 22, "a");
    timeless["eventTime"] = json!("yesterday");
    fs::write(at.join("odd\u{1b}[31m.json"), timeless.to_string()).unwrap();
    let (status, text) = run(&["replay", at.to_str().unwrap()]);
    assert_eq!(status, 1, "{text}");
    assert!(text.contains("4 of 5 files could not be read whole"), "{text}");
    for name in ["cut.json.gz", "text.json", "half.json", "`eventTime` is `yesterday`"] {
        assert!(text.contains(name), "{name}: {text}");
    }
    assert!(!text.contains('\u{1b}'), "a file's name is no command for the terminal");
    assert_eq!(run(&["replay", at.join("text.json").to_str().unwrap()]).0, 2);
    assert_eq!(run(&["replay", at.join("missing").to_str().unwrap()]).0, 2);
}

#[test]
fn policy_decides_and_exemptions_cover() {
    let at = folder("policy");
    let log = at.join("log.json");
    fs::write(&log, json!({"Records": [authorized(1, "0.0.0.0/0", 22, "alice")]}).to_string()).unwrap();
    let with = |policy: &str| {
        let file = at.join("policy.yaml");
        fs::write(&file, policy).unwrap();
        run(&["replay", "--format", "jsonl", "--policy", file.to_str().unwrap(), log.to_str().unwrap()])
    };
    let (status, text) = with("version: 1\ndefaults: { mode: off }\n");
    assert_eq!((status, text.as_str()), (0, ""));
    let exemption = "version: 1\nexemptions:\n  - guardrail: security-group-admin-port-open\n    resource: '*'\n    reason: r\n    owner: o\n    expires: 9000-01-01\n";
    let (status, text) = with(exemption);
    let ssh = lines(&text).into_iter().find(|line| line["guardrail"] == "security-group-admin-port-open").unwrap();
    assert_eq!((status, ssh["result"].as_str()), (0, Some("exempt")));
    assert_eq!(with("version: 2\n").0, 2, "half a policy is no policy");
}

#[test]
fn the_summary_counts_and_escapes() {
    let at = folder("summary");
    let log = at.join("log.json");
    let records: Vec<Value> = (0..40).map(|n| authorized(n, "0.0.0.0/0", 22, "al\u{1b}[31mice\u{202e}")).collect();
    fs::write(&log, json!({"Records": records}).to_string()).unwrap();
    let (status, text) = run(&["replay", log.to_str().unwrap()]);
    assert_eq!(status, 1);
    for part in ["40 records", "40 violations", "By guardrail", "By actor", "By account", "By day", "The gravest"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.contains("al\\u{1b}[31mice\\u{202e}") && !text.contains(['\u{1b}', '\u{202e}']), "{text}");
}

#[test]
fn recorded_attacks_that_only_read_lead_nowhere() {
    let Some(corpora) = corpora() else { return };
    let output = parapet(&["replay", "--format", "jsonl", corpora.to_str().unwrap()]);
    let found = lines(&String::from_utf8(output.stdout).unwrap());
    assert!(!found.is_empty());
    for line in found {
        let name = line["event_name"].as_str().unwrap();
        let reads = ["Get", "List", "Describe", "Head", "Lookup"].iter().any(|verb| name.starts_with(verb));
        assert!(!reads, "{line}");
    }
}

/// What `replay` says of one file with these bytes: its exit status, standard output and standard error.
fn output(name: &str, bytes: &[u8]) -> (i32, String, String) {
    let file = folder(&format!("told-{name}")).join(name);
    fs::write(&file, bytes).unwrap();
    let output = parapet(&["replay", file.to_str().unwrap()]);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_holds_no_record_is_not_clean() {
    let insight = json!({"Records": [{"eventVersion": "1.07", "eventType": "AwsCloudTrailInsight", "eventID": "1",
        "awsRegion": "eu-west-1", "insightDetails": {"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances"}}]});
    let bucket = json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "x"}]});
    let other = json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"id": 1}});
    let mut by_number = authorized(1, "0.0.0.0/0", 22, "a");
    by_number["eventTime"] = json!(1_763_630_047);
    let mut as_map = authorized(1, "0.0.0.0/0", 22, "a");
    as_map["requestParameters"] = json!("{groupId=sg-1, ipPermissions={items=[{ipProtocol=tcp}]}}");
    for (name, text, part) in [
        ("nothing", String::new(), "no CloudTrail record was found in it"),
        ("empty-list", json!({"Records": []}).to_string(), "no CloudTrail record was found"),
        ("null-list", json!({"Records": null}).to_string(), "1 other object"),
        ("prose", "no, JSON\n".to_owned(), "1 line is no JSON"),
        ("insight", insight.to_string(), "1 CloudTrail Insights event"),
        ("bucket", bucket.to_string(), "1 other object"),
        ("finding", other.to_string(), "1 other EventBridge event"),
        ("number", by_number.to_string(), "`eventTime` is a number"),
        ("map", as_map.to_string(), "`requestParameters` is a map written as text"),
        ("zip", "PK\u{3}\u{4}rest".to_owned(), "a zip archive: unpack it first"),
        (
            "table",
            "eventname,eventsource\nAuthorizeSecurityGroupIngress,ec2.amazonaws.com\n".to_owned(),
            "was left out",
        ),
    ] {
        let (status, out, err) = output(name, text.as_bytes());
        assert_eq!(status, 2, "{name}: {out}{err}");
        assert!(out.contains(part), "{name}: {out}");
        assert!(err.contains("no CloudTrail record could be read in `"), "{name}: {err}");
    }
}

#[test]
fn folders_without_a_log_are_not_clean_and_each_path_counts() {
    let at = folder("no-logs");
    let (empty, notes, logs) = (at.join("empty"), at.join("notes"), at.join("logs"));
    for folder in [&empty, &notes, &logs] {
        fs::create_dir(folder).unwrap();
    }
    fs::write(notes.join("a.md"), "# notes").unwrap();
    fs::write(logs.join("firehose-1"), authorized(1, "10.0.0.0/8", 22, "a").to_string()).unwrap();
    fs::write(logs.join("a.md"), "# notes").unwrap();
    let ask = |paths: &[&std::path::Path]| {
        let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
        let output = parapet(&[&["replay"], &paths[..]].concat());
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().unwrap(), text)
    };
    let (status, text) = ask(&[&empty]);
    assert!(status == 2 && text.contains("no CloudTrail record could be read in `"), "{status} {text}");
    let (status, text) = ask(&[&notes]);
    assert!(status == 2 && text.contains("1 in it passed over, no logs by name or beginning: .md"), "{status} {text}");
    let (status, text) = ask(&[&logs]);
    assert!(status == 0 && text.contains("1 record") && text.contains("1 file of the folders passed over"), "{text}");
    assert_eq!(ask(&[&logs, &notes]).0, 2, "one path of two held nothing");
    let violated = at.join("violated.json");
    fs::write(&violated, authorized(1, "0.0.0.0/0", 22, "a").to_string()).unwrap();
    let (status, text) = ask(&[&violated, &notes]);
    assert!(status == 1 && text.contains("no CloudTrail record could be read in"), "a violation outweighs: {text}");
}

#[test]
fn every_encoding_and_packing_leads_to_the_violation() {
    let whole = format!("{:#}", json!({"Records": [authorized(1, "0.0.0.0/0", 22, "alice")]})).replace('\n', "\r\n");
    let wide = |unit: fn(u16) -> [u8; 2]| format!("\u{feff}{whole}").encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let quoted = |value: &Value| format!("\"{}\"", value.to_string().replace('"', "\"\""));
    let record = authorized(1, "0.0.0.0/0", 22, "alice");
    let keys: Vec<&String> = record.as_object().unwrap().keys().collect();
    let lower = keys.iter().map(|key| key.to_lowercase()).collect::<Vec<_>>().join(",");
    let cells = keys.iter().map(|key| record[*key].as_str().map_or_else(|| quoted(&record[*key]), str::to_owned));
    let mut offset = record.clone();
    offset["eventTime"] = json!("2026-01-02T03:00:00.250+02:00");
    for (name, bytes) in [
        ("mark", format!("\u{feff}{whole}").into_bytes()),
        ("little", wide(u16::to_le_bytes)),
        ("big", wide(u16::to_be_bytes)),
        ("twice.gz", gzip(gzip(&whole))),
        ("athena.csv", format!("{lower}\r\n{}\r\n", cells.collect::<Vec<_>>().join(",")).into_bytes()),
        ("lake.csv", format!("eventJson\n{}\n", quoted(&record)).into_bytes()),
        ("offset", offset.to_string().into_bytes()),
        ("wrapped.jsonl", format!("{{\"message\":{}}}\n", Value::String(record.to_string())).into_bytes()),
    ] {
        let (status, out, err) = output(&format!("encoding-{name}"), &bytes);
        assert!(status == 1 && out.contains("1 violation"), "{name}: {out}{err}");
    }
}

#[test]
fn a_log_of_unwatched_records_is_clean_and_counted() {
    let read = |number| record(number, ("s3.amazonaws.com", "GetObject"), "erin", Value::Null, Value::Null);
    let lines: String = (0..50).map(|number| format!("{}\n", read(number))).collect();
    let looked_up =
        json!({"Events": (0..50).map(|n| json!({"CloudTrailEvent": read(n).to_string()})).collect::<Value>()});
    for text in [lines, looked_up.to_string()] {
        let (status, out, err) = output("not-watched", text.as_bytes());
        assert!(status == 0 && out.contains("50 records") && err.is_empty(), "{out}{err}");
    }
}
