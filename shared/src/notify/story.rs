//! What a finding tells a person, sentence by sentence: the e-mail and the chat message lay out the same story.
//!
//! The order is that of the questions: what, where, who, from where, when; what was done, how far it goes, what to know;
//! what to do now; where to look it up.

use super::escape::{Medium, command};
use crate::event::{Actor, ActorKind};
use crate::finding::{Finding, Outcome, StepRecord};
use crate::policy::Mode;
use jiff::Timestamp;

/// A line of the story: a short label and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// One word, or two.
    pub label: &'static str,
    /// Harmless in the medium that the story was told for.
    pub says: String,
}

/// Something to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// What and why, harmless.
    pub says: String,
    /// The command line for it, exact and harmless.
    pub command: Option<String>,
}

/// The story of one finding for one medium.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    finding: &'a Finding,
    medium: Medium,
    longest_command: usize,
}

/// More elements or calls than this are counted, not listed: ten seconds are short.
const MOST: usize = 5;
/// The longest sentence.
const SENTENCE: usize = 300;
/// The longest identifier: an ARN may have 2,048 characters, those of people have far less.
const ID: usize = 256;

impl<'a> Story<'a> {
    /// Tells `finding`; a command line longer than `longest_command` is left to the queue's message.
    #[must_use]
    pub fn of(finding: &'a Finding, medium: Medium, longest_command: usize) -> Self {
        Self { finding, medium, longest_command }
    }

    /// How it ended, in one line: the first thing that is read.
    #[must_use]
    pub fn headline(&self) -> String {
        let title = self.finding.guardrail.title;
        let word = match self.finding.outcome {
            Outcome::Remediated => "Closed",
            Outcome::AlreadyCompliant => "Closed already",
            Outcome::Exempt => "Exempt",
            Outcome::Partial => "Partly closed",
            Outcome::Failed => "STILL OPEN, could not be closed",
            Outcome::Skipped => "STILL OPEN, not acted on",
            Outcome::Undone => "Taken back",
            Outcome::Notified if self.finding.verdict == "undetermined" => "Cannot tell",
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
        let reasons = &self.finding.reasons;
        // The first reasons are the evidence; without evidence the first says what is missing.
        let count = self.finding.evidence.len().max(usize::from(self.finding.verdict == "undetermined"));
        let mut rows: Vec<Row> = reasons
            .iter()
            .take(count.min(MOST))
            .map(|reason| Row { label: "What", says: self.say(reason, SENTENCE) })
            .collect();
        if count > MOST {
            rows.push(Row { label: "What", says: format!("and {} more", count - MOST) });
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
        let Finding { reasons, evidence, guardrail, verdict, .. } = self.finding;
        let steps = self.steps();
        let mut rows = vec![Row { label: "Done", says: self.deed() }];
        rows.extend(steps.iter().take(MOST).map(|step| Row { label: "Call", says: self.call(step) }));
        if steps.len() > MOST {
            rows.push(Row { label: "Call", says: format!("and {} more", steps.len() - MOST) });
        }
        if !steps.is_empty() {
            rows.push(Row { label: "Extent", says: guardrail.remediation.to_owned() });
        }
        let told = evidence.len().max(usize::from(*verdict == "undetermined"));
        let is_news = |note: &&String| !steps.iter().any(|step| is_said_by(step, note));
        let notes = reasons.iter().skip(told).filter(is_news).take(MOST);
        rows.extend(notes.map(|note| Row { label: "Note", says: self.say(note, SENTENCE) }));
        rows
    }

    /// The calls that say something: those that were made, or would be were it not for the mode, a limit or an exemption.
    fn steps(&self) -> &'a [StepRecord] {
        match self.finding.outcome {
            Outcome::AlreadyCompliant => &[],
            Outcome::Remediated
            | Outcome::Notified
            | Outcome::Exempt
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
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
                    format!("closed {} after the change, seen closed {seen} later", after(contained))
                }
                (Some(contained), None) => format!("closed {} after the change", after(contained)),
                (None, _) => "closed and seen closed".to_owned(),
            },
            Outcome::Partial => match times.contained {
                Some(contained) => format!(
                    "a call succeeded {} after the change, but not everything was seen closed",
                    after(contained)
                ),
                None => "not everything was seen closed".to_owned(),
            },
            Outcome::Failed => "tried to close it, without success".to_owned(),
            Outcome::Skipped => "nothing, for the reason below".to_owned(),
            Outcome::AlreadyCompliant if *verdict == "violation" => "nothing: it was closed already".to_owned(),
            Outcome::AlreadyCompliant => "nothing: it is as it should be".to_owned(),
            Outcome::Exempt => "nothing: an exemption covers it".to_owned(),
            Outcome::Undone => "the remediation was taken back, the change is in force again".to_owned(),
            Outcome::Notified if *verdict == "undetermined" => {
                "nothing: whether something is open could not be told".to_owned()
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

    /// What to do now, with the command lines.
    #[must_use]
    pub fn advice(&self) -> Vec<Advice> {
        let Finding { steps, verdict, outcome, guardrail, mode, .. } = self.finding;
        let mut advice = Vec::new();
        for step in steps.iter().take(MOST) {
            match (was_done(step), outcome) {
                (true, Outcome::Undone) => {}
                (true, _) => advice.push(self.take_back(step)),
                (false, _) if self.is_open() => {
                    if let Some(permission) = missing_permission(step) {
                        advice.push(Advice::plain(format!("Let the function's role do {}", self.code(permission))));
                    }
                    advice.push(self.with_command("Close it by hand", &step.command));
                }
                (false, _) => {}
            }
        }
        if self.is_open() && steps.len() > MOST {
            advice.push(Advice::plain("The other calls are in the message to the queue, unmapped.steps".to_owned()));
        }
        if *verdict == "undetermined" {
            advice.push(Advice::plain("Look at the resource yourself".to_owned()));
        } else if self.is_open() && steps.is_empty() {
            advice.push(Advice::plain(guardrail.remediation.to_owned()));
        } else if self.is_open() && *mode == Mode::Notify {
            let says = format!("To have it closed at once next time, set {} to mode enforce", guardrail.name);
            advice.push(Advice::plain(says));
        }
        if self.is_open() || matches!(outcome, Outcome::Remediated) {
            let undone = steps.iter().any(was_done);
            let why = if undone { ", before taking anything back: it would be closed again" } else { "" };
            let says = format!("Meant to be so? Exempt it in the policy file (reason, owner, last day){why}");
            advice.push(Advice::plain(says));
        }
        advice
    }

    fn take_back(&self, step: &StepRecord) -> Advice {
        match step.undo_command.as_deref() {
            Some(undo) => self.with_command("Take it back", undo),
            None => Advice::plain(format!("Cannot be taken back: {}", self.say(&step.undo, SENTENCE))),
        }
    }

    fn with_command(&self, what: &str, line: &str) -> Advice {
        let place = format!("{what} (account {}, {})", self.finding.place.account, self.finding.place.region);
        let place = self.say(&place, SENTENCE);
        match command(line, self.longest_command) {
            Some(line) => Advice { says: place, command: Some(line) },
            None => Advice::plain(format!("{place}: the command is in the message to the queue, unmapped.steps")),
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
        let controls = guardrail.controls.iter().copied().chain([guardrail.technique]).collect::<Vec<_>>().join(", ");
        vec![
            row("Guardrail", name),
            row("Controls", controls),
            row("Resource", self.code(&resource.id)),
            row("Event", self.code(&cause.event_id)),
            row("Finding", self.code(&id.to_string())),
        ]
    }

    /// Whether a hole is known to be open at the end.
    fn is_open(&self) -> bool {
        let open = match self.finding.outcome {
            Outcome::Notified | Outcome::Partial | Outcome::Failed | Outcome::Skipped => true,
            Outcome::Remediated | Outcome::AlreadyCompliant | Outcome::Exempt | Outcome::Undone => false,
        };
        open && self.finding.verdict == "violation"
    }

    fn say(&self, raw: &str, longest: usize) -> String {
        self.medium.say(raw, longest)
    }

    fn code(&self, raw: &str) -> String {
        self.medium.code(raw, ID)
    }
}

impl Advice {
    fn plain(says: String) -> Self {
        Self { says, command: None }
    }
}

/// Whether the note is the call's failure once more.
fn is_said_by(step: &StepRecord, note: &str) -> bool {
    step.answer.as_deref().is_some_and(|answer| note == format!("cannot {}: {answer}", step.action))
}

fn was_done(step: &StepRecord) -> bool {
    step.answer.as_deref() == Some("done")
}

/// The permission that the function's role lacks, when that is why the call failed.
fn missing_permission(step: &StepRecord) -> Option<&'static str> {
    step.answer.as_deref().is_some_and(|answer| answer.starts_with("the role lacks")).then_some(step.permission)
}

/// CloudTrail's times are whole seconds, so a call may seem to be closed before it was made.
fn seconds(from: Timestamp, to: Timestamp) -> String {
    format!("{:.1} s", to.duration_since(from).as_secs_f64().max(0.0))
}
