//! What one guardrail has to say about one resource after one event: the unit of reports, notifications and undo.

use crate::engine::event::{Actor, Event};
use crate::engine::guardrail::About;
use crate::engine::observed::{Place, Resource};
use crate::engine::verdict::{Evidence, Severity, VerdictKind};
use crate::policy::Mode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use uuid::Uuid;

/// How it ended. Each word is true when it is said: `Remediated` only after looking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Closed by this function, and seen closed.
    Remediated,
    /// Nothing was open, or another caller was faster.
    AlreadyCompliant,
    /// There is no such resource (any more) under the name that the event gives.
    Gone,
    /// Notified, nothing was changed.
    Notified,
    /// Covered by an exemption.
    Exempt,
    /// Some of it is closed, or it could not be seen closed.
    Partial,
    /// It is still open.
    Failed,
    /// Not acted on, for the reason given.
    Skipped,
    /// Not acted on: the guardrail acted too often in this account.
    BreakerOpen,
    /// Not acted on: the resource is flapping, it is opened again whenever it is closed.
    #[serde(rename = "feud")]
    Flapping,
    /// Undone.
    Undone,
}

impl Outcome {
    /// The word of the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Remediated => "remediated",
            Self::AlreadyCompliant => "already-compliant",
            Self::Gone => "gone",
            Self::Notified => "notified",
            Self::Exempt => "exempt",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
            Self::BreakerOpen => "breaker-open",
            Self::Flapping => "feud",
            Self::Undone => "undone",
        }
    }
}

/// The event as findings show it.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    /// `eventID`
    pub event_id: String,
    /// `eventName`
    pub event_name: String,
    /// `eventSource`
    pub event_source: String,
    /// `eventTime`
    pub time: Timestamp,
    /// Who called.
    pub actor: Actor,
    /// From where.
    pub source_ip: Option<String>,
    /// With what.
    pub user_agent: Option<String>,
}

impl Cause {
    /// Whether nothing happened and a sweep found it.
    #[must_use]
    pub fn is_sweep(&self) -> bool {
        self.event_source == "parapet" && self.event_name == "Sweep"
    }
}

impl From<&Event> for Cause {
    fn from(event: &Event) -> Self {
        Self {
            event_id: event.id.clone(),
            event_name: event.name.clone(),
            event_source: event.source.clone(),
            time: event.time,
            actor: event.actor.clone(),
            source_ip: event.source_ip.clone(),
            user_agent: event.user_agent.clone(),
        }
    }
}

/// A call that was made, or would be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepRecord {
    /// The call in one line.
    pub action: String,
    /// The IAM action that it needs.
    pub permission: &'static str,
    /// The same by hand.
    pub command: String,
    /// AWS's id of the request, when it was made.
    pub request_id: Option<String>,
    /// What came back; none when the call was not made.
    pub answer: Option<String>,
    /// The command that undoes it by hand; none when nothing does.
    pub undo_command: Option<String>,
    /// What undoes it in one line, or why nothing does.
    pub undo: String,
}

/// When things happened.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Times {
    /// When the change was made, to the second.
    pub event: Timestamp,
    /// When the function got to know.
    pub received: Timestamp,
    /// When the closing call had answered.
    pub contained: Option<Timestamp>,
    /// When it was seen closed.
    pub verified: Option<Timestamp>,
}

/// What one guardrail has to say about one resource after one event.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// Equal whenever the same event leads to the same finding again.
    pub id: Uuid,
    /// Later notifications about the same change carry the same thread.
    pub thread: Uuid,
    /// The guardrail.
    pub guardrail: &'static About,
    /// What it is about.
    pub resource: Resource,
    /// Where that is.
    pub place: Place,
    /// What happened.
    pub cause: Cause,
    /// What the guardrail decided.
    pub verdict: VerdictKind,
    /// How bad.
    pub severity: Severity,
    /// The mode that held.
    pub mode: Mode,
    /// How it ended.
    pub outcome: Outcome,
    /// What is wrong, element by element.
    pub evidence: Vec<Evidence>,
    /// One sentence each: the evidence, then what else a person should know.
    pub reasons: Vec<String>,
    /// The calls, made or planned.
    pub steps: Vec<StepRecord>,
    /// The state that was judged.
    pub before: Value,
    /// The state on looking again.
    pub after: Option<Value>,
    /// When.
    pub times: Times,
    /// Other guardrails that object to the same elements; the notification of this one speaks for them.
    pub also: Vec<&'static str>,
    /// The guardrail whose notification speaks for this one.
    #[serde(rename = "told_by")]
    pub notified_by: Option<&'static str>,
    /// Its guardrail counts events itself and says when there are many: it is not counted among others once more.
    #[serde(skip)]
    pub is_counted: bool,
    /// The exemption that covers it: see [`crate::policy::Exemption::key`].
    #[serde(skip)]
    pub exempted_by: Option<String>,
    /// The stack that the resource belongs to, where its tags say so (`aws:cloudformation:stack-id`).
    pub stack: Option<String>,
    /// What the ledger keeps to undo it.
    #[serde(skip)]
    pub remedy: Remedy,
}

/// The calls that were made, as they can be undone: what the reader of a finding sees as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Remedy {
    /// The family's kind; empty when nothing was looked at.
    pub kind: Cow<'static, str>,
    /// How the family finds the resource, what the record proved of it, and what the event changed: a
    /// [`crate::engine::family::Target`].
    pub target: Value,
    /// Each [`crate::engine::plan::Step`] that was done.
    pub steps: Vec<Value>,
}

impl Finding {
    /// Whether the security channel should hear of it.
    #[must_use]
    pub fn is_notifiable(&self) -> bool {
        if self.notified_by.is_some() {
            return false;
        }
        match self.outcome {
            Outcome::Remediated
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
            | Outcome::BreakerOpen
            | Outcome::Flapping
            | Outcome::Undone => true,
            Outcome::Notified => self.verdict != VerdictKind::Compliant,
            Outcome::AlreadyCompliant | Outcome::Gone => self.verdict == VerdictKind::Violation,
            Outcome::Exempt => false,
        }
    }
}

impl Finding {
    /// Whether nothing of what it is about is open.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        match self.outcome {
            Outcome::Remediated | Outcome::AlreadyCompliant | Outcome::Gone => true,
            Outcome::Notified => self.verdict == VerdictKind::Compliant,
            Outcome::Exempt
            | Outcome::Partial
            | Outcome::Failed
            | Outcome::Skipped
            | Outcome::BreakerOpen
            | Outcome::Flapping
            | Outcome::Undone => false,
        }
    }

    /// Whether something is open, or may be, that the policy wants closed: it failed, it was done in part, it was skipped or
    /// suspended, or it is undetermined where it would be enforced.
    #[must_use]
    pub fn stayed_open(&self) -> bool {
        match self.outcome {
            Outcome::Partial | Outcome::Failed | Outcome::Skipped | Outcome::BreakerOpen | Outcome::Flapping => true,
            Outcome::Notified => self.verdict == VerdictKind::Undetermined && self.mode == Mode::Enforce,
            Outcome::Remediated | Outcome::AlreadyCompliant | Outcome::Gone | Outcome::Exempt | Outcome::Undone => {
                false
            }
        }
    }
}

/// The finding's id: a name-based UUID, so that a repeated delivery finds its own.
#[must_use]
pub fn finding_id(event_id: &str, guardrail: &str, resource: &str) -> Uuid {
    const NAMESPACE: Uuid = Uuid::from_u128(0x70_61_72_61_70_65_74_5f_66_69_6e_64_69_6e_67_73);
    Uuid::new_v5(&NAMESPACE, format!("{event_id}\n{guardrail}\n{resource}").as_bytes())
}
