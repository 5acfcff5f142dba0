//! What the security channel hears that is no finding about a resource: an open breaker, flapping, a policy that cannot be
//! used, an event that was refused, exemptions that have ended.

use crate::engine::verdict::Severity;
use crate::notify::escape::{Medium, ascii, shorten};
use crate::notify::fit::fit_notice;
use crate::notify::message::Message;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Something that the security channel should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Equal whenever the same is to be said again: it is sent once.
    pub key: String,
    /// One line for a person.
    pub title: String,
    /// What it is about, in one word.
    pub subject: String,
    /// The word that filter policies ask for, as `result`.
    pub kind: &'static str,
    /// The guardrail that it concerns; `parapet` for none.
    pub guardrail: &'static str,
    /// How bad.
    pub severity: Severity,
    /// Twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Sentences.
    pub says: Vec<String>,
    /// What to do now.
    pub next: Vec<String>,
}

/// A sentence of a notice; more is hard to read.
const SENTENCE: usize = 600;
/// How many sentences there are at most: three copies for machines and two for chats share a message of 256 KB.
const SENTENCES: usize = 10;
/// A machine's copy, as SNS counts it.
const MACHINE: usize = 25_000;

impl Notice {
    /// The id under which the ledger remembers that it was sent.
    #[must_use]
    pub fn id(&self) -> Uuid {
        crate::engine::finding::finding_id("notice", self.kind, &self.key)
    }

    /// The message.
    #[must_use]
    pub fn message(&self) -> Message {
        let subject = self.subject_line();
        let chat = self.chat().to_string();
        let machine = fit_notice(self.machine(), MACHINE);
        let text = self.text();
        let bodies = [("default", &subject), ("email", &text), ("sms", &subject), ("http", &chat), ("https", &chat)];
        let machines = ["sqs", "lambda", "firehose"].map(|protocol| (protocol, &machine));
        let body: Map<String, Value> =
            bodies.into_iter().chain(machines).map(|(key, text)| (key.to_owned(), text.clone().into())).collect();
        let values = [
            self.severity.word().to_owned(),
            self.guardrail.to_owned(),
            word(&self.account),
            word(&self.region),
            self.kind.to_owned(),
            "none".to_owned(),
            "none".to_owned(),
        ];
        let attributes = Message::ATTRIBUTES.into_iter().zip(values).collect();
        Message { subject, body: Value::from(body).to_string(), attributes }
    }

    /// ASCII, less than 100 characters: "Publish" in the Amazon SNS API reference.
    fn subject_line(&self) -> String {
        const LONGEST: usize = 99;
        let place = ascii(&format!("{} {}", self.account, self.region), 30);
        let end = format!(" - {} ({place})", ascii(&self.subject, 24));
        let start = format!("[{}] ", self.severity);
        let title = shorten(&ascii(&self.title, LONGEST), LONGEST.saturating_sub(start.len() + end.len()));
        format!("{start}{title}{end}")
    }

    fn text(&self) -> String {
        let say = |sentence: &String| Medium::Text.say(sentence, SENTENCE);
        let mut text = format!("{} ({})\n\n", Medium::Text.say(&self.title, SENTENCE), self.severity);
        for sentence in &few(&self.says) {
            text.push_str(&format!("- {}\n", say(sentence)));
        }
        if !self.next.is_empty() {
            text.push_str("\nNow\n");
        }
        for advice in &few(&self.next) {
            text.push_str(&format!("- {}\n", say(advice)));
        }
        text.push_str(&format!("\nAccount {}, {}\n", word(&self.account), word(&self.region)));
        text
    }

    fn chat(&self) -> Value {
        let say = |sentence: &String| Medium::Chat.say(sentence, SENTENCE);
        let description: Vec<String> = few(&self.says).iter().map(say).collect();
        json!({
            "version": "1.0",
            "source": "custom",
            "id": self.id(),
            "content": {
                "textType": "client-markdown",
                "title": shorten(&self.subject_line(), 250),
                "description": description.join("\n"),
                "nextSteps": few(&self.next).iter().map(say).collect::<Vec<_>>(),
                "keywords": [self.severity.word(), self.kind, self.guardrail],
            },
            "metadata": { "threadId": self.id(), "summary": self.subject_line(), "eventType": "Parapet notice" },
        })
    }

    fn machine(&self) -> Value {
        json!({
            "notice": self.kind,
            "id": self.id(),
            "guardrail": self.guardrail,
            "severity": self.severity,
            "account": self.account,
            "region": self.region,
            "title": self.title,
            "subject": self.subject,
            "reasons": self.says,
            "next": self.next,
        })
    }
}

/// The first of them, and how many more there are.
fn few(list: &[String]) -> Vec<String> {
    let mut few: Vec<String> = list.iter().take(SENTENCES).cloned().collect();
    if list.len() > SENTENCES {
        few.push(format!("and {} more", list.len() - SENTENCES));
    }
    few
}

/// An attribute must not be empty.
fn word(raw: &str) -> String {
    let word = ascii(raw, 64);
    if word.is_empty() { "none".to_owned() } else { word }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn notice(text: &str) -> Notice {
        Notice {
            key: "k".to_owned(),
            title: format!("Feud: {text}"),
            subject: text.to_owned(),
            kind: "feud",
            guardrail: "security-group-admin-port-open",
            severity: Severity::Critical,
            account: "111122223333".to_owned(),
            region: text.to_owned(),
            says: vec![text.to_owned()],
            next: vec![text.to_owned()],
        }
    }

    #[rstest]
    #[case::plain("sg-1")]
    #[case::nothing("")]
    #[case::mentions("<!channel> <@U123> @everyone @here")]
    #[case::link("[x](http://evil.com) www.evil.com")]
    #[case::new_lines("\n\r\n")]
    #[case::bidi("\u{202e}\u{2066}")]
    #[case::long(&"a b ".repeat(1 << 16))]
    fn whatever_is_named_the_message_is_one_that_sns_takes(#[case] text: &str) {
        let message = notice(text).message();
        assert!(message.subject.len() < 100 && message.subject.is_ascii(), "{}", message.subject);
        assert!(message.attributes.iter().all(|(_, value)| !value.is_empty() && value.is_ascii()));
        let Value::Object(bodies) = serde_json::from_str(&message.body).unwrap() else { panic!("no object") };
        for protocol in ["default", "email", "sms", "https"] {
            let shown = bodies[protocol].as_str().unwrap();
            for never in ["<!", "<@", "@here", "://", "](", "evil.com", "\u{202e}"] {
                assert!(!shown.contains(never), "{never:?} in {protocol}: {shown}");
            }
        }
    }

    #[rstest]
    #[case::long(&"a b ".repeat(1 << 18))]
    #[case::grows_when_quoted(&"\u{0}\"\\".repeat(1 << 18))]
    #[case::grows_when_defanged(&"日@".repeat(1 << 18))]
    fn however_much_there_is_to_say_it_fits(#[case] text: &str) {
        /// AWS's limit.
        const LIMIT: usize = 262_144;
        let mut notice = notice(text);
        notice.says = vec![text.to_owned(); 100];
        notice.next.clone_from(&notice.says);
        let message = notice.message();
        let attributes = message.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
        let size = message.body.len() + message.subject.len() + attributes.sum::<usize>();
        assert!(size <= LIMIT, "{size}");
        let Value::Object(bodies) = serde_json::from_str(&message.body).unwrap() else { panic!("no object") };
        assert!(bodies["email"].as_str().unwrap().contains("and 90 more"), "what is cut is seen");
    }

    #[test]
    fn the_same_is_the_same_notice() {
        assert_eq!(notice("a").id(), notice("b").id());
    }
}
