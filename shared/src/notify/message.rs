//! The one message that SNS gets for a finding.
//!
//! Source: "Publish" in the Amazon SNS API reference. With `MessageStructure` set to `json` the body is a JSON object of
//! strings, one for each protocol, and `default` for those that it does not name; all of them together, with the
//! attributes, have at most 262,144 bytes. A queue with raw message delivery takes at most ten attributes ("Amazon SNS
//! raw message delivery", developer guide).

use crate::engine::finding::Finding;
use crate::notify::escape::{Medium, ascii};
use crate::notify::fit::{fit, quoted_length};
use crate::notify::{chat, ocsf, text};
use serde_json::{Map, Value};

/// What to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `Subject`: ASCII, less than 100 characters.
    pub subject: String,
    /// `Message`, to be sent with `MessageStructure` set to `json`.
    pub body: String,
    /// `MessageAttributes`, all of type `String`: what filter policies ask for. SNS does not deliver them with a message
    /// of this structure ("Message attributes", Amazon SNS developer guide): the body for machines has all of them too.
    pub attributes: Vec<(&'static str, String)>,
}

impl Message {
    /// Of a finding that a digest speaks for: it is never sent.
    #[must_use]
    pub fn in_digest() -> Self {
        Self { subject: "in a digest".to_owned(), body: "{}".to_owned(), attributes: Vec::new() }
    }

    /// The names of the attributes.
    pub const ATTRIBUTES: [&str; 7] = ["severity", "guardrail", "account", "region", "result", "verdict", "mode"];
}

/// 262,144 bytes less a reserve for what SNS may count beside body, subject and attributes.
const MOST: usize = 256_000;
/// The e-mail's part of it: its command lines may grow sevenfold when they are made harmless and quoted.
const EMAIL_SHARE: usize = 5;
/// The protocols that get the finding for machines. Each has its own copy: `default` is for people.
const MACHINES: [&str; 3] = ["sqs", "lambda", "firehose"];

/// The message of a finding.
#[must_use]
pub fn message(finding: &Finding) -> Message {
    message_within(finding, MOST)
}

/// The same, with a body, a subject and attributes of at most `most` bytes together: for the ledger, whose items hold more than the
/// message.
#[must_use]
pub fn message_within(finding: &Finding, most: usize) -> Message {
    let subject = text::subject(finding);
    let chat = chat::notification(finding).to_string();
    let people = [
        ("default", text::short(finding, Medium::Text)),
        ("email", text::email_within(finding, most / EMAIL_SHARE)),
        ("sms", subject.clone()),
        ("http", chat.clone()),
        ("https", chat),
    ];
    let attributes = attributes(finding);
    let taken: usize = people.iter().map(|(key, text)| entry_length(key, quoted_length(text))).sum::<usize>()
        + MACHINES.iter().map(|key| entry_length(key, 0)).sum::<usize>()
        + attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len()).sum::<usize>()
        + subject.len();
    let event = fit(ocsf::event(finding), most.saturating_sub(taken) / MACHINES.len());
    let body: Map<String, Value> = people
        .into_iter()
        .chain(MACHINES.map(|protocol| (protocol, event.clone())))
        .map(|(protocol, text)| (protocol.to_owned(), text.into()))
        .collect();
    Message { subject, body: Value::from(body).to_string(), attributes }
}

/// `"key":value,`
fn entry_length(key: &str, value: usize) -> usize {
    key.len() + value + r#""":,"#.len()
}

fn attributes(finding: &Finding) -> Vec<(&'static str, String)> {
    /// More than any account id or region has.
    const LONGEST: usize = 64;
    let values = [
        finding.severity.word().to_owned(),
        finding.guardrail.name.to_owned(),
        ascii(&finding.place.account, LONGEST),
        ascii(&finding.place.region, LONGEST),
        finding.outcome.word().to_owned(),
        finding.verdict.word().to_owned(),
        finding.mode.word().to_owned(),
    ];
    Message::ATTRIBUTES.into_iter().zip(values).collect()
}

#[cfg(test)]
mod tests {
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
}
