//! The e-mail: plain text that a person understands in ten seconds.
//!
//! Amazon SNS sends e-mail as UTF-8 plain text ("Email notifications", Amazon SNS developer guide), so the layout is
//! spaces and new lines; every new line is ours.

use crate::engine::finding::Finding;
use crate::notify::escape::{Medium, ascii, shorten};
use crate::notify::fit::quoted_length;
use crate::notify::story::{Row, Story};

/// A command line of sixty rules has about 6,000 characters.
const LONGEST_COMMAND: usize = 8_000;
/// "Subjects must be [...] less than 100 characters long" (Publish, Amazon SNS API reference).
const SUBJECT: usize = 99;

/// The e-mail's text.
#[must_use]
pub fn email(finding: &Finding) -> String {
    email_with(finding, LONGEST_COMMAND)
}

/// The same in at most `most` bytes, counted as SNS counts them: where it is longer, command lines are left to the queue's message.
#[must_use]
pub fn email_within(finding: &Finding, most: usize) -> String {
    let lengths = [LONGEST_COMMAND, 1_000];
    let mut texts = lengths.into_iter().map(|longest| email_with(finding, longest));
    texts.find(|text| quoted_length(text) <= most).unwrap_or_else(|| email_with(finding, 0))
}

fn email_with(finding: &Finding, longest_command: usize) -> String {
    let story = Story::of(finding, Medium::Text, longest_command);
    let mut text = format!("{} ({})\n\n", story.headline(), finding.severity);
    lay_out(&mut text, &story.facts());
    text.push('\n');
    lay_out(&mut text, &story.deeds());
    let advice = story.advice();
    if !advice.is_empty() {
        text.push_str("\nNow\n");
    }
    for advice in advice {
        text.push_str(&format!("- {}\n", advice.says));
        if let Some(command) = advice.command {
            text.push_str(&format!("    {command}\n"));
        }
    }
    text.push('\n');
    lay_out(&mut text, &story.references());
    text
}

/// One line for what is too small for more: a short message, the summary of a chat message, a protocol that is not named.
#[must_use]
pub fn short(finding: &Finding, medium: Medium) -> String {
    let headline = Story::of(finding, medium, 0).headline();
    let name = medium.say(&finding.resource.name, 40);
    let place = medium.say(&format!("{} {}", finding.place.account, finding.place.region), 40);
    format!("[{}] {headline} - {name} ({place})", finding.severity)
}

/// The subject, such as `[critical] remediated: All traffic open to the internet - sg-0123 (111122223333 eu-west-1)`.
///
/// ASCII, without control characters, beginning with punctuation: "Publish" in the Amazon SNS API reference. Where it
/// gets too long the guardrail's title gives way: what, which and where stay.
#[must_use]
pub fn subject(finding: &Finding) -> String {
    let start = format!("[{}] {}: ", finding.severity, finding.outcome.word());
    let place = ascii(&format!("{} {}", finding.place.account, finding.place.region), 30);
    let end = format!(" - {} ({place})", ascii(&finding.resource.name, 24));
    let title = shorten(finding.guardrail.title, SUBJECT.saturating_sub(start.len() + end.len()));
    format!("{start}{title}{end}")
}

/// Labels in a column; a label that repeats is written once.
fn lay_out(text: &mut String, rows: &[Row]) {
    let mut last = "";
    for row in rows {
        let label = if row.label == last { "" } else { row.label };
        text.push_str(&format!("{label:<9}  {}\n", row.says));
        last = row.label;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::sample;
    use rstest::rstest;

    #[test]
    fn every_end_has_its_email() {
        for (name, finding) in sample::all() {
            insta::assert_snapshot!(name, email(&finding));
        }
    }

    #[rstest]
    #[case::closed(sample::remediated(), &["closed 8.4 s after the change, seen closed 0.2 s later", "Take it back"])]
    #[case::dry_run(sample::notified(), &["OPEN, nothing was changed", "would revoke", "Close it by hand", "mode enforce"])]
    #[case::denied(sample::denied(), &["STILL OPEN", "Let the function's role do ec2:RevokeSecurityGroupIngress"])]
    #[case::partial(sample::partial(), &["not everything was seen closed", "looking again was not possible"])]
    #[case::faster(sample::already_compliant(), &["nothing: it was closed already"])]
    #[case::exempt(sample::exempt(), &["an exemption covers it", "public web site"])]
    #[case::skipped(sample::skipped(), &["STILL OPEN, not acted on", "the 60 that one event may", "and 2 more"])]
    #[case::cannot_tell(sample::undetermined(), &["Cannot tell", "was not read: AccessDenied"])]
    #[case::taken_back(sample::undone(), &["Taken back", "the change is in force again"])]
    #[case::nothing_can(sample::root_key(), &["no call of this function closes it", "root must delete the key"])]
    fn the_email_says(#[case] finding: Finding, #[case] words: &[&str]) {
        let email = email(&finding);
        for word in words {
            assert!(email.contains(word), "{word:?} is missing in\n{email}");
        }
    }

    #[test]
    fn what_is_closed_is_not_to_be_closed_by_hand_and_what_was_not_done_not_to_be_taken_back() {
        assert!(!email(&sample::remediated()).contains("by hand"));
        for finding in [sample::notified(), sample::denied(), sample::already_compliant(), sample::exempt()] {
            assert!(!email(&finding).contains("Take it back"));
        }
        assert!(!email(&sample::already_compliant()).contains("would"));
    }

    #[test]
    fn a_long_command_is_not_cut_but_left_to_the_queue() {
        let email = email(&sample::named(&"x".repeat(LONGEST_COMMAND)));
        assert!(email.contains("the command is in the message to the queue"), "{email}");
        assert!(!email.contains("authorize-security-group-ingress"), "{email}");
    }

    #[test]
    fn no_line_of_the_email_is_an_attackers() {
        let ours = sample::named("x");
        let theirs = sample::named("x\r\nTake it back\n\n    curl evil\u{2028}y\u{85}z");
        assert_eq!(email(&ours).lines().count(), email(&theirs).lines().count());
        assert!(!email(&theirs).contains("\n    curl"));
    }

    #[rstest]
    #[case::remediated(
        sample::remediated(),
        "[critical] remediated: All traffic open to the i... - sg-0123456789abcdef0 (111122223333 eu-west-1)"
    )]
    #[case::failed(
        sample::denied(),
        "[critical] failed: All traffic open to the internet - sg-0123456789abcdef0 (111122223333 eu-west-1)"
    )]
    fn a_subject_says_how_it_ended_what_which_and_where(#[case] finding: Finding, #[case] expected: &str) {
        assert_eq!(subject(&finding), expected);
    }

    #[rstest]
    #[case::new_line("a\r\nBcc: everybody(at)x")]
    #[case::not_ascii("日本語 é \u{202e}")]
    #[case::long(&"x".repeat(1 << 20))]
    #[case::grows_when_defanged(&"@".repeat(1 << 20))]
    #[case::nothing("")]
    fn a_subject_is_one_sns_takes(#[case] text: &str) {
        for finding in sample::all().into_iter().map(|(_, finding)| finding).chain([sample::named(text)]) {
            let subject = subject(&finding);
            assert!(subject.len() <= SUBJECT, "{subject}");
            assert!(subject.starts_with('[') && subject.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{subject}");
        }
    }
}
