//! `parapet replay` as a whole: every container, every format, bad files, exit statuses.

mod support;

use serde_json::{Value, json};
use std::fs;
use support::{authorized, corpora, folder, gzip, parapet, record, run};

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
        fs::write(at.join(format!("{file:02}.json.gz")), gzip(&json!({"Records": records}).to_string())).unwrap();
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
