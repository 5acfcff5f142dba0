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
mod tests;
