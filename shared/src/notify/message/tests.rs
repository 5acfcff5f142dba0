use super::*;
use crate::notify::sample;
use rstest::rstest;

/// AWS's limit.
const LIMIT: usize = 262_144;

fn bodies(message: &Message) -> Map<String, Value> {
    let Value::Object(bodies) = serde_json::from_str(&message.body).unwrap() else { panic!("no object") };
    bodies
}

fn size(message: &Message) -> usize {
    let attributes = message.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
    message.body.len() + message.subject.len() + attributes.sum::<usize>()
}

#[test]
fn every_protocol_gets_a_string_and_the_machines_valid_json() {
    for (name, finding) in sample::all() {
        let bodies = bodies(&message(&finding));
        let keys: Vec<&str> = bodies.keys().map(String::as_str).collect();
        assert_eq!(keys, ["default", "email", "firehose", "http", "https", "lambda", "sms", "sqs"]);
        assert!(bodies.values().all(Value::is_string), "{name}");
        for protocol in ["http", "https", "sqs", "lambda", "firehose"] {
            let json: Value = serde_json::from_str(bodies[protocol].as_str().unwrap()).unwrap();
            assert!(json.is_object(), "{name} {protocol}");
        }
    }
}

#[test]
fn chat_is_for_https_and_ocsf_for_the_queue() {
    let finding = sample::remediated();
    let bodies = bodies(&message(&finding));
    let json = |protocol: &str| serde_json::from_str::<Value>(bodies[protocol].as_str().unwrap()).unwrap();
    assert_eq!(json("https"), chat::notification(&finding));
    assert_eq!(json("sqs"), ocsf::event(&finding));
    assert_eq!(bodies["email"], text::email(&finding));
}

#[test]
fn attributes_are_what_filter_policies_ask_for() {
    let attributes = message(&sample::remediated()).attributes;
    let expected = [
        ("severity", "critical"),
        ("guardrail", "security-group-all-traffic-open"),
        ("account", "111122223333"),
        ("region", "eu-west-1"),
        ("result", "remediated"),
        ("verdict", "violation"),
        ("mode", "enforce"),
    ];
    assert_eq!(attributes, expected.map(|(name, value)| (name, value.to_owned())));
    assert!(attributes.len() <= 10, "raw message delivery to SQS");
}

#[rstest]
#[case::nothing("")]
#[case::new_lines("\n\r\n\n")]
#[case::mentions("<!channel> <@U123> @everyone @here")]
#[case::link("[x](http://evil.com) www.evil.com")]
#[case::bidi("\u{202e}\u{2066}\u{200b}")]
#[case::json("\"}],\"x\":{\"\\")]
#[case::megabyte_of_text(&"a b ".repeat(1 << 18))]
#[case::megabyte_that_json_blows_up(&"\u{0}\"\\".repeat(1 << 18))]
#[case::megabyte_of_wide_characters(&"日😀".repeat(1 << 17))]
#[case::megabyte_of_mentions(&"@".repeat(1 << 20))]
fn whatever_an_attacker_names_the_message_is_one_that_sns_takes(#[case] text: &str) {
    let message = message(&sample::named(text));
    assert!(size(&message) <= LIMIT, "{} bytes", size(&message));
    assert!(message.subject.len() < 100);
    assert!(message.attributes.iter().all(|(_, value)| !value.is_empty() && value.is_ascii()));
    let bodies = bodies(&message);
    for protocol in ["http", "https", "sqs", "lambda", "firehose"] {
        serde_json::from_str::<Value>(bodies[protocol].as_str().unwrap()).unwrap();
    }
    for protocol in ["default", "email", "sms", "https"] {
        let shown = bodies[protocol].as_str().unwrap();
        for never in ["<!", "<@", "@here", "@everyone", "://", "](", "evil.com", "\u{202e}", "\u{200b}"] {
            assert!(!shown.contains(never), "{never:?} in {protocol}: {shown}");
        }
    }
}

/// What a command holds is a stranger's too, and `@` takes seven characters where it is quoted.
#[rstest]
#[case::as_sns_takes_it(MOST)]
#[case::as_the_ledger_keeps_it(130_000)]
fn commands_of_any_length_and_number_fit(#[case] most: usize) {
    for (length, number) in [(7_900, 5), (900, 5), (7_900, 500), (100_000, 60)] {
        for text in ["@", "\u{7}", "日"] {
            let mut finding = sample::denied();
            let command = format!(
                "aws iam put-user-policy --policy-document '{{\"x\": \"{}\"}}'",
                text.repeat(length / text.len())
            );
            finding.steps[0].command.clone_from(&command);
            finding.steps[0].undo_command = Some(command);
            finding.steps = vec![finding.steps[0].clone(); number];
            let message = message_within(&finding, most);
            assert!(size(&message) <= most, "{} of {most}: {length} {number} {text:?}", size(&message));
            let event: Value = serde_json::from_str(bodies(&message)["sqs"].as_str().unwrap()).unwrap();
            assert_eq!(event["finding_info"]["uid"], finding.id.to_string());
        }
    }
}

#[test]
fn a_state_of_a_thousand_rules_gives_way_and_the_rest_stays() {
    let mut finding = sample::remediated();
    let rule = finding.before["rules"][0].clone();
    finding.before["rules"] = vec![rule; 2_000].into();
    finding.after = Some(finding.before.clone());
    let message = message(&finding);
    assert!(size(&message) <= LIMIT);
    let event: Value = serde_json::from_str(bodies(&message)["sqs"].as_str().unwrap()).unwrap();
    assert_eq!(event["unmapped"]["truncated"], serde_json::json!(["after", "before"]));
    assert_eq!(event["unmapped"]["before"]["truncated"], true);
    assert_eq!(event["unmapped"]["steps"][0]["undo_command"], finding.steps[0].undo_command.clone().unwrap());
}

#[test]
fn whatever_the_attributes_say_the_body_for_machines_says_too() {
    let message = message(&sample::denied());
    let event: Value = serde_json::from_str(bodies(&message)["sqs"].as_str().unwrap()).unwrap();
    let places = [
        ("severity", "/severity"),
        ("guardrail", "/metadata/event_code"),
        ("account", "/cloud/account/uid"),
        ("region", "/cloud/region"),
        ("result", "/status_code"),
        ("verdict", "/unmapped/verdict"),
        ("mode", "/unmapped/mode"),
    ];
    for ((name, value), (expected, place)) in message.attributes.iter().zip(places) {
        assert_eq!(*name, expected);
        let said = event.pointer(place).and_then(Value::as_str).unwrap();
        assert!(said.eq_ignore_ascii_case(value), "{name}: {said}");
    }
}

#[test]
fn an_ordinary_message_fits_one_billed_chunk() {
    assert!(size(&message(&sample::remediated())) < 64 * 1024);
}
