//! What a finding says to a person, sentence by sentence: the e-mail and the chat message lay out the same story.
//!
//! The order is that of the questions: what, where, who, from where, when; what was done, how far it goes, what to know;
//! what to do now; where to look it up.

use crate::engine::event::{Actor, ActorKind};
use crate::engine::finding::{Finding, Outcome, StepRecord};
use crate::engine::verdict::VerdictKind;
use crate::notify::escape::Medium;
use crate::policy::Mode;
use jiff::Timestamp;

/// A line of the story: a short label and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One word, or two.
    pub label: &'static str,
    /// Harmless in the medium that the story was written for.
    pub says: String,
}

/// The story of one finding for one medium.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    pub(super) finding: &'a Finding,
    pub(super) longest_command: usize,
    medium: Medium,
}

/// More elements or calls than this are counted, not listed: ten seconds are short.
pub(super) const MOST: usize = 5;
/// The longest sentence.
pub(super) const SENTENCE: usize = 300;
/// The longest identifier: an ARN may have 2,048 characters, those of people have far less.
const ID: usize = 256;

impl<'a> Story<'a> {
    /// The story of `finding`; a command line longer than `longest_command` is left to the queue's message.
    #[must_use]
    pub fn of(finding: &'a Finding, medium: Medium, longest_command: usize) -> Self {
        Self { finding, longest_command, medium }
    }

    /// How it ended, in one line: the first thing that is read.
    #[must_use]
    pub fn headline(&self) -> String {
        let title = self.finding.guardrail.title;
        let word = match self.finding.outcome {
            Outcome::Remediated => "Remediated",
            Outcome::AlreadyCompliant => "Already compliant",
            Outcome::Gone => "Resource no longer exists",
            Outcome::Exempt => "Exempt",
            Outcome::Partial => "Partly remediated",
            Outcome::Failed => "STILL OPEN, could not be remediated",
            Outcome::Skipped => "STILL OPEN, not acted on",
            Outcome::BreakerOpen => "STILL OPEN, circuit breaker is open",
            Outcome::Flapping => "STILL OPEN, flapping",
            Outcome::Undone => "Undone",
            Outcome::Notified if self.finding.verdict == VerdictKind::Undetermined => "Undetermined",
            Outcome::Notified => "OPEN, nothing was changed",
        };
        format!("{word}: {title}")
    }

    /// What, where, who, from where, when.
    #[must_use]
    pub fn facts(&self) -> Vec<Row> {
        let Finding { resource, place, cause, .. } = self.finding;
        let mut rows = self.what();
        rows.push(Row {
            label: "Where",
            says: format!(
                "{} in account {}, {}",
                self.code(&resource.name),
                self.code(&place.account),
                self.code(&place.region)
            ),
        });
        rows.push(Row { label: "Who", says: self.who(&cause.actor) });
        let ip = cause.source_ip.as_deref().map_or_else(|| "an unknown address".to_owned(), |ip| self.code(ip));
        let with = cause.user_agent.as_deref().map(|agent| format!(" with {}", self.say(agent, 120)));
        rows.push(Row { label: "From", says: ip + &with.unwrap_or_default() });
        rows.push(Row { label: "When", says: format!("{} by {}", cause.time, self.code(&cause.event_name)) });
        rows
    }

    fn what(&self) -> Vec<Row> {
        let (why, _) = why_and_notes(self.finding);
        let mut rows: Vec<Row> =
            why.iter().take(MOST).map(|reason| Row { label: "What", says: self.say(reason, SENTENCE) }).collect();
        if why.len() > MOST {
            rows.push(Row { label: "What", says: format!("and {} more", why.len() - MOST) });
        }
        if rows.is_empty() {
            rows.push(Row { label: "What", says: self.say(self.finding.guardrail.title, SENTENCE) });
        }
        rows
    }

    fn who(&self, actor: &Actor) -> String {
        let mut traits = vec![match actor.kind {
            ActorKind::Root => "root user".to_owned(),
            ActorKind::IamUser => "IAM user".to_owned(),
            ActorKind::RoleSession => "role session".to_owned(),
            ActorKind::Federated => "federated session".to_owned(),
            ActorKind::Account => "another account".to_owned(),
            ActorKind::AwsService => "AWS service".to_owned(),
            ActorKind::Unknown => "unknown kind of principal".to_owned(),
        }];
        traits.extend(actor.mfa.map(|mfa| if mfa { "with MFA" } else { "without MFA" }.to_owned()));
        traits.extend(actor.access_key_id.as_deref().map(|key| format!("key {}", self.code(key))));
        let via = actor.invoked_by.as_deref().filter(|service| *service != actor.label());
        traits.extend(via.map(|service| format!("through {}", self.code(service))));
        traits.extend(actor.tool.map(|tool| format!("likely {tool}")));
        format!("{} ({})", self.code(&actor.label()), traits.join(", "))
    }

    /// What was done or would be, how far it goes, and what else to know.
    #[must_use]
    pub fn deeds(&self) -> Vec<Row> {
        let guardrail = self.finding.guardrail;
        let steps = self.steps();
        let mut rows = vec![Row { label: "Done", says: self.deed() }];
        rows.extend(steps.iter().take(MOST).map(|step| Row { label: "Call", says: self.call(step) }));
        if steps.len() > MOST {
            rows.push(Row { label: "Call", says: format!("and {} more", steps.len() - MOST) });
        }
        if !steps.is_empty() {
            rows.push(Row { label: "Extent", says: guardrail.remediation.to_owned() });
        }
        let is_news = |note: &&String| !steps.iter().any(|step| is_said_by(step, note));
        let notes = why_and_notes(self.finding).1.iter().filter(is_news).take(MOST);
        rows.extend(notes.map(|note| Row { label: "Note", says: self.say(note, SENTENCE) }));
        rows
    }

    /// The calls that say something: those that were made, or would be were it not for the mode, a limit or an exemption.
    fn steps(&self) -> &'a [StepRecord] {
        match self.finding.outcome {
            Outcome::AlreadyCompliant | Outcome::Gone => &[],
            Outcome::Remediated
            | Outcome::Notified
            | Outcome::Exempt
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
            | Outcome::BreakerOpen
            | Outcome::Flapping
            | Outcome::Undone => &self.finding.steps,
        }
    }

    fn deed(&self) -> String {
        let Finding { outcome, verdict, times, mode, steps, .. } = self.finding;
        let after = |at: Timestamp| seconds(times.event, at);
        match outcome {
            Outcome::Remediated => match (times.contained, times.verified) {
                (Some(contained), Some(verified)) => {
                    let seen = seconds(contained, verified);
                    format!("closed {} after the change, verified {seen} later", after(contained))
                }
                (Some(contained), None) => format!("closed {} after the change", after(contained)),
                (None, _) => "closed and verified".to_owned(),
            },
            Outcome::Partial => match times.contained {
                Some(contained) => format!(
                    "a call succeeded {} after the change, but not everything could be verified as closed",
                    after(contained)
                ),
                None => "not everything could be verified as closed".to_owned(),
            },
            Outcome::Failed => "tried to close it, without success".to_owned(),
            Outcome::Skipped | Outcome::BreakerOpen | Outcome::Flapping => "nothing, for the reason below".to_owned(),
            Outcome::AlreadyCompliant if *verdict == VerdictKind::Violation => {
                "nothing: it was closed already".to_owned()
            }
            Outcome::AlreadyCompliant => "nothing: the resource is compliant".to_owned(),
            Outcome::Gone => "nothing: there is no such resource under this name".to_owned(),
            Outcome::Exempt => "nothing: an exemption covers it".to_owned(),
            Outcome::Undone => "the remediation was undone, the change is in force again".to_owned(),
            Outcome::Notified if *verdict == VerdictKind::Undetermined => {
                "nothing: it is unknown whether something is open".to_owned()
            }
            Outcome::Notified if steps.is_empty() => "nothing: no call of this function closes it".to_owned(),
            Outcome::Notified if *mode == Mode::Enforce => "nothing, for the reason below".to_owned(),
            Outcome::Notified => format!("nothing, as the mode is {}; enforce would do what follows", mode.word()),
        }
    }

    fn call(&self, step: &StepRecord) -> String {
        let action = self.say(&step.action, SENTENCE);
        let request = step.request_id.as_deref().map(|id| format!(" (request {})", self.code(id)));
        match step.answer.as_deref() {
            None => format!("would {action}"),
            Some(answer) => format!("{action}: {}{}", self.say(answer, SENTENCE), request.unwrap_or_default()),
        }
    }

    /// Where to look it up.
    #[must_use]
    pub fn references(&self) -> Vec<Row> {
        let Finding { guardrail, resource, cause, id, also, mode, .. } = self.finding;
        let row = |label, says| Row { label, says };
        let mut name = format!("{} ({}), mode {}", guardrail.name, guardrail.catalogue_id, mode.word());
        if !also.is_empty() {
            name = format!("{name}; also {}", also.join(", "));
        }
        // A guardrail of the policy file has no technique, and may have no controls.
        let technique = Some(guardrail.technique).filter(|technique| !technique.is_empty());
        let controls = guardrail.controls.iter().copied().chain(technique).collect::<Vec<_>>().join(", ");
        let controls = if controls.is_empty() { "none".to_owned() } else { controls };
        vec![
            row("Guardrail", name),
            row("Controls", controls),
            row("Resource", self.code(&resource.id)),
            row("Event", self.code(&cause.event_id)),
            row("Finding", self.code(&id.to_string())),
        ]
    }

    pub(super) fn say(&self, raw: &str, longest: usize) -> String {
        self.medium.say(raw, longest)
    }

    pub(super) fn code(&self, raw: &str) -> String {
        self.medium.code(raw, ID)
    }
}

/// The reasons in their two parts: the evidence, or what was missing to judge; and what else a person should know.
pub(super) fn why_and_notes(finding: &Finding) -> (&[String], &[String]) {
    let why = finding.evidence.len().max(usize::from(finding.verdict == VerdictKind::Undetermined));
    finding.reasons.split_at(why.min(finding.reasons.len()))
}

/// Whether the note is the call's failure once more.
fn is_said_by(step: &StepRecord, note: &str) -> bool {
    step.answer.as_deref().is_some_and(|answer| note == format!("cannot {}: {answer}", step.action))
}

/// CloudTrail's times are whole seconds, so a call may seem to be closed before it was made.
fn seconds(from: Timestamp, to: Timestamp) -> String {
    format!("{:.1} s", to.duration_since(from).as_secs_f64().max(0.0))
}
