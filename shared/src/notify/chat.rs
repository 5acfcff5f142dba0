//! The chat message: a custom notification of Amazon Q Developer in chat applications, as the whole body for `http` and
//! `https`.
//!
//! Source: "Custom notifications using Amazon Q Developer in chat applications" in its administrator guide. `version`
//! must be `1.0`, `source` must be `custom`, the only `textType` is `client-markdown`, and the JSON must be the whole
//! body. `threadId` is the finding's id: what is said of it later (undone, closed after all) lands in its thread,
//! where the channel's preferences allow threads. `additionalContext` is what the buttons of custom actions can read:
//! each value fits their variables (printable ASCII without spaces, at most 1,024 characters: "CustomActionAttachment"
//! in the API reference) and has no character that could end a word or a string of the command that it is put into.

use crate::engine::finding::Finding;
use crate::notify::escape::{Medium, ascii, shorten};
use crate::notify::story::{Row, Story};
use crate::notify::text;
use serde_json::{Value, json};

/// The guide states no lengths. Tools in the field keep to 250; more is hard to read anyway.
const TITLE: usize = 250;
/// The text of a Slack section holds 3,000 characters ("Section block", Slack API documentation); tools in the field
/// report 8,000 as the most that is taken. A longer description ends at a whole line.
const DESCRIPTION: usize = 3_000;
/// Longer command lines are left to the queue's message: they are unreadable in a chat.
const COMMAND: usize = 1_000;
/// A variable of a custom action holds 1,024 characters.
const VARIABLE: usize = 1_024;
/// Said where a description ends early.
const MORE: &str = "(cut: the message to the queue has the rest)";

/// The whole body.
#[must_use]
pub fn notification(finding: &Finding) -> Value {
    let story = Story::of(finding, Medium::Chat, COMMAND);
    let next_steps: Vec<String> = story
        .advice()
        .into_iter()
        .map(|advice| match advice.command {
            Some(command) => format!("{}: `{command}`", advice.says),
            None => advice.says,
        })
        .collect();
    let title = shorten(&text::short(finding, Medium::Chat), TITLE);
    json!({
        "version": "1.0",
        "source": "custom",
        "id": finding.id,
        "content": {
            "textType": "client-markdown",
            "title": title,
            "description": description(&story),
            "nextSteps": next_steps,
            "keywords": keywords(finding),
        },
        "metadata": {
            "threadId": finding.thread,
            "summary": title,
            "eventType": "Parapet finding",
            "relatedResources": [Medium::Chat.say(&finding.resource.id, VARIABLE)],
            "additionalContext": context(finding),
        },
    })
}

fn description(story: &Story<'_>) -> String {
    let mut rows = story.facts();
    rows.extend(story.deeds());
    rows.extend(story.references());
    let mut text = String::new();
    let mut length = MORE.len();
    for line in rows.iter().map(line) {
        length += line.chars().count();
        if length > DESCRIPTION {
            text.push_str(MORE);
            break;
        }
        text.push_str(&line);
    }
    text.trim_end().to_owned()
}

/// Every mark that opens in a line closes in it, so that a message can be cut between any two.
fn line(row: &Row) -> String {
    format!("*{}*  {}\n", row.label, row.says)
}

fn keywords(finding: &Finding) -> [&'static str; 4] {
    [finding.severity.word(), finding.outcome.word(), finding.guardrail.name, finding.guardrail.catalogue_id]
}

fn context(finding: &Finding) -> Value {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-_.:/+=,".contains(c);
    let variable = |raw: &str| ascii(raw, VARIABLE).replace(|c: char| !is_word(c), "_");
    json!({
        "findingId": finding.id,
        "guardrail": finding.guardrail.name,
        "severity": finding.severity,
        "result": finding.outcome,
        "verdict": finding.verdict,
        "mode": finding.mode,
        "account": variable(&finding.place.account),
        "region": variable(&finding.place.region),
        "resource": variable(&finding.resource.id),
        "eventId": variable(&finding.cause.event_id),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;

    #[test]
    fn has_what_the_schema_asks_for() {
        for (name, finding) in sample::all() {
            let body = notification(&finding);
            let text = |path: &str| body.pointer(path).and_then(Value::as_str).unwrap().to_owned();
            assert_eq!(text("/version"), "1.0", "{name}");
            assert_eq!(text("/source"), "custom", "{name}");
            assert_eq!(text("/content/textType"), "client-markdown", "{name}");
            assert_eq!(text("/metadata/threadId"), finding.id.to_string(), "{name}");
            assert!(text("/content/title").chars().count() <= TITLE, "{name}");
            assert!(!text("/content/description").is_empty(), "{name}");
            for list in ["/content/nextSteps", "/content/keywords", "/metadata/relatedResources"] {
                let list = body.pointer(list).and_then(Value::as_array).unwrap();
                assert!(list.iter().all(Value::is_string), "{name}");
            }
            for (key, value) in body.pointer("/metadata/additionalContext").and_then(Value::as_object).unwrap() {
                let value = value.as_str().unwrap();
                let is_variable = |c: char| c.is_ascii_graphic() && !"\"'$`;|&<>\\".contains(c);
                assert!(!value.is_empty() && value.len() <= VARIABLE && value.chars().all(is_variable), "{key}");
            }
        }
    }

    #[test]
    fn one_finding_is_one_thread_whatever_its_end() {
        let thread = |finding: &Finding| notification(finding).pointer("/metadata/threadId").cloned();
        assert_eq!(thread(&sample::notified()), thread(&sample::undone()));
        assert_ne!(thread(&sample::notified()), thread(&sample::root_key()));
    }

    #[test]
    fn a_long_description_ends_at_a_whole_line() {
        let body = notification(&sample::named(&"all work and no play ".repeat(50_000)));
        let description = body.pointer("/content/description").and_then(Value::as_str).unwrap();
        assert!(description.chars().count() <= DESCRIPTION);
        assert!(description.ends_with(MORE));
        for line in description.lines() {
            assert_eq!(line.matches('`').count() % 2, 0, "{line}");
        }
    }

    #[test]
    fn what_an_attacker_names_is_no_mention_link_or_markup() {
        let hostile = "x\n<!channel> <@U1> @everyone [x](http://evil.com) <http://evil.com|y> *b* `c` \u{202e}\u{200b}";
        let body = notification(&sample::named(hostile));
        let shown = body.to_string();
        for never in ["<", "@", "://", "](", "evil.com", "\u{202e}", "\u{200b}", "*b*"] {
            assert!(!shown.contains(never), "{never:?} in {shown}");
        }
        let description = body.pointer("/content/description").and_then(Value::as_str).unwrap();
        assert!(description.lines().all(|line| line.starts_with('*') || line == MORE), "no line is theirs");
    }
}
