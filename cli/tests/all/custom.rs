//! Guardrails of the policy file at the command line: over one event, over logs, in the catalogue, and refused where they are bad.

use crate::support::{folder, parapet, record, run, write};
use serde_json::{Value, json};
use std::path::Path;

const POLICY: &str = "version: 1\nrunbook_owners: [amazon]\ncustom:\n  - name: custom-gpu-instance-launched\n    title: A GPU instance is launched\n    severity: high\n    \
                      event_source: ec2.amazonaws.com\n    event_names: [RunInstances]\n    when: request.instanceType.startsWith(\"p5.\")\n    message: \"{actor.name} \
                      launched {request.instanceType}\"\n    controls: [OWN-1]\n    runbook: { document: AWS-StopEC2Instance, version: 1, parameters: { InstanceId: { kind: \
                      instance-id, value: \"response.instancesSet.items[0].instanceId\" } } }\n";

fn launched(number: usize, kind: &str) -> Value {
    let response = json!({"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}});
    record(number, ("ec2.amazonaws.com", "RunInstances"), "eve\u{1b}[31m", json!({"instanceType": kind}), response)
}

fn with_policy<'a>(command: &'a str, policy: &'a Path, more: &[&'a str]) -> (i32, String) {
    run(&[&[command, "--policy", policy.to_str().unwrap()], more].concat())
}

#[test]
fn an_event_is_explained_with_the_runbook_and_the_way_back_that_there_is_not() {
    let at = folder("custom-explain");
    let policy = write(&at, "policy.yaml", POLICY);
    let event = write(&at, "event.json", launched(1, "p5.48xlarge").to_string());
    let (status, text) = with_policy("explain", &policy, &[event.to_str().unwrap()]);
    assert_eq!(status, 1, "{text}");
    for part in [
        "Reaches the function of instance, custom",
        "custom-gpu-instance-launched (CUSTOM): violation, high",
        "launched p5.48xlarge",
        "only `mode: enforce` with `max_class: R2` would run it",
        "start the runbook `AWS-StopEC2Instance`, version 1, with InstanceId `i-0123456789abcdef0`",
        "aws ssm start-automation-execution --document-name AWS-StopEC2Instance --document-version 1",
        "a runbook has no inverse",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
    let other = write(&at, "other.json", launched(2, "t4g.small").to_string());
    let (_, text) = with_policy("explain", &policy, &[other.to_str().unwrap()]);
    assert!(text.contains("custom-gpu-instance-launched (CUSTOM): compliant"), "{text}");
    // Without the policy no rule asks for it.
    let (_, text) = run(&["explain", event.to_str().unwrap()]);
    assert!(!text.contains("custom"), "{text}");
}

#[test]
fn what_the_record_lacks_is_undetermined_and_nothing_is_promised() {
    let at = folder("custom-undetermined");
    let policy = write(&at, "policy.yaml", POLICY);
    let mut without = launched(1, "p5.48xlarge");
    without["requestParameters"] = json!({});
    let event = write(&at, "event.json", without.to_string());
    let (_, text) = with_policy("explain", &policy, &[event.to_str().unwrap()]);
    assert!(text.contains("`when` cannot be answered: the record has no `instanceType`"), "{text}");
    assert!(text.contains("would  notify that it is undetermined"), "{text}");
}

#[test]
fn old_logs_are_replayed() {
    let at = folder("custom-replay");
    let policy = write(&at, "policy.yaml", POLICY);
    let records: Vec<Value> = vec![
        launched(1, "p5.48xlarge"),
        launched(2, "t4g.small"),
        record(3, ("ec2.amazonaws.com", "StopInstances"), "a", json!({}), Value::Null),
    ];
    let log = write(&at, "logs/log.json", json!({"Records": records}).to_string());
    let (status, text) = with_policy("replay", &policy, &["--format", "jsonl", log.to_str().unwrap()]);
    assert_eq!(status, 1, "{text}");
    let found: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let own: Vec<&Value> = found.iter().filter(|one| one["guardrail"] == "custom-gpu-instance-launched").collect();
    assert_eq!(own.len(), 1, "{text}");
    assert_eq!((&own[0]["verdict"], &own[0]["event_id"]), (&json!("violation"), &records[0]["eventID"]));
    for format in ["text", "html"] {
        let (_, page) = with_policy("replay", &policy, &["--format", format, log.to_str().unwrap()]);
        assert!(page.contains("custom-gpu-instance-launched"), "{format}");
    }
}

#[test]
fn the_catalogue_has_them() {
    let at = folder("custom-catalogue");
    let policy = write(&at, "policy.yaml", POLICY);
    let (status, text) = with_policy("guardrails", &policy, &["--family", "custom", "--format", "json"]);
    let found: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((status, found.as_array().map(Vec::len)), (0, Some(1)), "{text}");
    assert_eq!((&found[0]["name"], &found[0]["class"]), (&json!("custom-gpu-instance-launched"), &json!("R2")));
    let (_, text) = with_policy("guardrails", &policy, &["--control", "own-1", "--format", "markdown"]);
    assert!(text.contains("### custom-gpu-instance-launched") && text.contains("| ATT&CK | none |"), "{text}");
    assert!(with_policy("guardrails", &policy, &[]).1.contains("CUSTOM"));
}

#[test]
fn a_bad_one_is_refused_with_line_and_way_out_by_every_command() {
    let at = folder("custom-refused");
    let bad = POLICY.replace("request.instanceType.starts", "recuest.instanceType.starts");
    let policy = write(&at, "policy.yaml", &bad);
    let name = policy.to_str().unwrap();
    let (status, text) = run(&["policy", "validate", name]);
    assert_eq!(status, 1);
    let expected = ":9:11: `when`: there is no variable `recuest` (did you mean `request`?)";
    assert!(text.contains(expected), "{text}");
    for command in ["explain", "replay", "check"] {
        let event = write(&at, "event.json", launched(1, "p5.48xlarge").to_string());
        let output = parapet(&[command, "--policy", name, event.to_str().unwrap()]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && said.contains(expected), "{command}: {said}");
    }
    let (status, text) = run(&["policy", "validate", write(&at, "good.yaml", POLICY).to_str().unwrap()]);
    assert!(status == 0 && text.contains("ok"), "{text}");
}
