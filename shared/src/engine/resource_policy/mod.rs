//! Resource policies: the documents that say who may use a topic, a key, a repository from outside.
//!
//! One implementation for every service (docs/adr/0021-one-engine-for-resource-policies.md). A service is a description,
//! [`ResourcePolicy`]: how its records carry the document, which calls read and write it, what an empty policy means there. The
//! family, its two guardrails, the repair, the actions with their inverse and the texts follow from it. What is left to write is
//! [`PolicyClient`]: the calls themselves.
//!
//! A remediation takes out what is at fault, and nothing else: every statement that does not violate stays, in order and byte for byte.

mod about;
mod actions;
mod client;
mod judge;
mod planned;
mod signed;

pub use crate::engine::request::Asks;
pub(crate) use about::{or_none, policy_guardrails};
pub use actions::PolicyAction;
#[cfg(feature = "sdk")]
pub(crate) use client::serves_policies;
pub use client::{Listed, PolicyClient, Read, apply, observe, page};
pub use judge::PolicySettings;
pub(crate) use judge::trusting;
pub(crate) use planned::{on_anything, principal_of, with_condition};
pub use signed::SignedPolicy;

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Guardrail, SettingsVisitor};
use crate::engine::holder::document_argument;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::setting::Subject;
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use crate::policy::GuardrailSettings;
use iam_policy::Kind;
use iam_policy::json as document_json;
use judge::{Public, Untrusted};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::marker::PhantomData;

/// What a description names.
pub mod prelude {
    pub(crate) use super::policy_guardrails;
    pub use super::{
        Asks, Change, Listed, Nothing, Policies, PolicyGuardrails, Read, ResourcePolicy, Shield, SignedPolicy, argument,
    };
    pub use crate::engine::arn::arn_part;
    pub use crate::engine::event::Event;
    pub use crate::engine::family::Unlocatable;
    pub use crate::engine::guardrail::{About, Class};
    pub use crate::engine::observed::{Observed, Place, Resource};
    pub use crate::engine::permission::Permission;
    pub use crate::engine::planned::PlannedResource;
    pub use crate::engine::request::{Answer, Api, Means, Protocol, Request};
    pub(crate) use crate::engine::shell::word;
    pub use crate::engine::unreadable::Unreadable;
    pub use crate::engine::verdict::Severity;
    pub use crate::policy::NoSettings;
    pub use serde_json::json;
}

/// The policies of one kind of resource.
pub trait ResourcePolicy: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// How the resource is found, and what its calls name. What is planned has no name yet.
    type Subject: Subject + Default;

    /// What the operator can choose for the first guardrail.
    type PublicSettings: GuardrailSettings;

    /// See [`Family::kind`].
    const KIND: &'static str;
    /// What a person calls it, such as `SNS topic`.
    const NOUN: &'static str;
    /// The two guardrails: `policy_guardrails!` writes them.
    const GUARDRAILS: PolicyGuardrails;
    /// See [`Family::reads`].
    const READS: &'static [Permission];
    /// See [`Family::lists`].
    const LISTS: &'static [Permission];
    /// What writing the document needs.
    const PUT: Permission;
    /// What deleting it needs, where that is a call of its own.
    const DELETE: Option<Permission> = None;
    /// What its remediations and their undo need.
    const WRITES: &'static [Permission] = match Self::DELETE {
        Some(delete) => &[Self::PUT, delete],
        None => &[Self::PUT],
    };
    /// What the document is attached to.
    const ANALYSED_AS: Kind = Kind::Resource;
    /// What of a template or plan carries such a policy: the type (CloudFormation's or Terraform's) and the property that is the document, by a path
    /// with dots where it stands in others, also in lists. A type may have several. It is empty where [`Self::stated`] makes the document.
    const PLANNED: &'static [(&'static str, &'static str)] = &[];
    /// Services that must be restricted to an account, resource or organization wherever the operator says nothing else.
    const PINNED_SERVICES: &'static [&'static str] = &[];

    /// The document where a resource of a file does not hold it: the statement that AWS writes from its properties.
    ///
    /// # Errors
    /// What decides is known at deployment only.
    fn stated(resource: &PlannedResource<'_>) -> Result<Value, Unreadable> {
        Err(format!("`{}` holds no document", resource.kind).into())
    }

    /// What of the same resource of a file makes grants to strangers ineffective; absent where nothing of it does.
    ///
    /// # Errors
    /// What decides is known at deployment only.
    fn planned_shield(resource: &PlannedResource<'_>) -> Result<Observed<String>, Unreadable> {
        let _ = resource;
        Ok(Observed::Absent)
    }

    /// The setting that makes grants to strangers ineffective, where the service has one: it is switched on instead of writing the policy.
    const SHIELD: Option<Shield> = None;

    /// Whether a setting can make grants to strangers ineffective, which only a read shows: [`ResourcePolicy::SHIELD`], or one that no call of
    /// these guardrails switches on.
    const IS_SHIELDED: bool = Self::SHIELD.is_some();

    /// Whether the operator wants the statement removed though there is such a setting.
    fn prefers_removal(settings: &Self::PublicSettings) -> bool {
        let _ = settings;
        true
    }

    /// What the event wrote.
    ///
    /// # Errors
    /// [`Unlocatable`] when the event is a trigger and does not say about which resource.
    fn changed_by(event: &Event) -> Result<Option<Change<Self::Subject>>, Unlocatable>;

    /// See [`Family::resource`].
    fn named(subject: &Self::Subject, place: &Place) -> Resource;

    /// The account that owns the resource, where its name says so.
    fn owner(subject: &Self::Subject) -> Option<&str> {
        let _ = subject;
        None
    }

    /// What to do where no statement would be left.
    fn when_nothing_is_left(subject: &Self::Subject, place: &Place) -> Nothing;

    /// The subject as the lines below take it: one word of a shell, or several where a call names it by more than one option.
    fn words(subject: &Self::Subject) -> String {
        word(subject.id()).into_owned()
    }

    /// The line of the AWS command line that writes `document`, without its region. `subject` is what [`Self::words`] made of it; [`argument`]
    /// makes one word of a document.
    fn put_line(subject: &str, document: &str) -> String;

    /// The line that deletes the policy.
    fn delete_line(subject: &str) -> String {
        Self::put_line(subject, "")
    }
}

/// The guardrails of a resource's policy.
#[derive(Clone, Copy, Debug)]
pub struct PolicyGuardrails {
    /// No stranger may use it.
    pub public: &'static About,
    /// No account, organization or network that is not trusted may use it.
    pub untrusted: &'static About,
}

/// A setting that makes grants to strangers ineffective, whatever the policy says.
#[derive(Clone, Copy, Debug)]
pub struct Shield {
    /// What setting it needs.
    pub permission: Permission,
    /// What a person calls it.
    pub noun: &'static str,
    /// What it is once it shields, from what it was.
    pub raised: fn(&str) -> String,
    /// The line of the AWS command line that sets it, by the subject (one word of a shell) and the setting.
    pub line: fn(&str, &str) -> String,
}

/// What an event wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<S> {
    /// Of which resource.
    pub subject: S,
    /// What it says since then: `Unknown` where the record does not show all of it.
    pub document: Observed<String>,
}

impl<S> Change<S> {
    /// `document` is what the record shows of it: JSON, or JSON in a text, URL-encoded or not. What is neither
    /// is not the document (a record hides what may be a secret), and only a read shows that.
    pub fn of(subject: S, document: Option<&Value>) -> Self {
        let unknown = || Observed::Unknown { why: "the record does not show the whole policy".to_owned() };
        let document = match document {
            Some(Value::String(text)) => match document_json::decode(text) {
                Ok(text) if text.trim_start().starts_with('{') => Observed::Known(text.into_owned()),
                Ok(_) | Err(_) => unknown(),
            },
            Some(value @ Value::Object(_)) => Observed::Known(value.to_string()),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => unknown(),
        };
        Self { subject, document }
    }
}

/// What becomes of a policy of which no statement would be left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nothing {
    /// It is deleted: only the owner's own principals are left.
    Delete,
    /// This is written: the policy that the service gives to a resource without one.
    Write(String),
    /// This is written: it allows the account's own principals, where a resource without a policy would be open, or closed to everyone.
    Own(String),
    /// It stays, for this reason, and is notified only.
    Keep(&'static str),
}

/// A resource and what is known of its policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyState<S> {
    /// The resource.
    pub subject: S,
    /// The document, as it is written. Absent where there is none.
    pub document: Observed<String>,
    /// The setting of the resource or of its account that makes grants to strangers ineffective; absent where none does.
    pub shield: Observed<String>,
    /// What that setting of the resource is, as [`ResourcePolicy::SHIELD`] writes it; none where it was not read, or there is no such setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setting: Option<String>,
    /// The revision that the service gives to the document, where it takes a condition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// What a change of the policy would be felt by: sentences for a person. It changes by use, so neither ledger nor undo compares it.
    #[serde(skip)]
    pub felt: Vec<String>,
}

/// The family of the policies that `P` describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policies<P>(PhantomData<P>);

impl<P: ResourcePolicy> Policies<P> {
    const GUARDRAILS: &'static [&'static dyn Guardrail<PolicyState<P::Subject>, PolicyAction<P>>] =
        &[&Public::<P>(PhantomData), &Untrusted::<P>(PhantomData)];
}

impl<P: ResourcePolicy> Family for Policies<P> {
    type Key = P::Subject;
    type State = PolicyState<P::Subject>;
    type Action = PolicyAction<P>;

    fn kind(&self) -> &'static str {
        P::KIND
    }

    fn reads(&self) -> &'static [Permission] {
        P::READS
    }

    fn lists(&self) -> &'static [Permission] {
        P::LISTS
    }

    fn undoes(&self) -> &'static [Permission] {
        P::WRITES
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        let kinds: BTreeSet<&'static str> = P::PLANNED.iter().map(|(kind, _)| *kind).collect();
        kinds.into_iter().map(|kind| PlannedForm::open(kind, planned::planned::<P>)).collect()
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Self::State, Self::Action>] {
        Self::GUARDRAILS
    }

    fn show_settings(&self, visitor: &mut impl SettingsVisitor) {
        visitor.guardrail::<P::PublicSettings>(P::GUARDRAILS.public);
        visitor.guardrail::<PolicySettings>(P::GUARDRAILS.untrusted);
    }

    /// The record of a resource that another account owns is that account's to judge.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let Some(Change { subject, document }) = P::changed_by(event)? else { return Ok(Vec::new()) };
        if P::owner(&subject).is_some_and(|owner| owner != event.account) {
            return Ok(Vec::new());
        }
        let proven = match document {
            Observed::Unknown { .. } => None,
            document @ (Observed::Known(_) | Observed::Absent) => Some(PolicyState {
                subject: subject.clone(),
                document,
                shield: if P::IS_SHIELDED { unread() } else { Observed::Absent },
                setting: None,
                revision: None,
                felt: Vec::new(),
            }),
        };
        Ok(vec![Target { key: subject, proven, changed: None }])
    }

    fn focus(&self, _: &mut Self::State, _: &TargetOf<Self>) {}

    /// By what the document says, not by how it is written; and the setting before it, which a call may write as a whole.
    fn content(&self, state: &Self::State) -> Value {
        match &state.setting {
            Some(setting) => json!({"document": content(&state.document), "setting": setting}),
            None => content(&state.document),
        }
    }

    fn part(&self, _: &PolicyAction<P>, state: &Self::State) -> (String, Value) {
        (String::new(), content(&state.document))
    }

    fn windows(&self, subject: &P::Subject) -> Option<String> {
        Some(if subject.id().is_empty() { "policy" } else { subject.id() }.to_owned())
    }

    fn writes(&self, call: &PolicyAction<P>) -> Option<Value> {
        match call {
            PolicyAction::Reduce { document, .. } | PolicyAction::Restore { document, .. } => {
                Some(document_json::content(document))
            }
            PolicyAction::Delete { .. } => Some(Value::Null),
            PolicyAction::Shield { .. } | PolicyAction::Unshield { .. } => None,
        }
    }

    fn rewrites(&self, state: &Self::State) -> Option<PolicyAction<P>> {
        PolicyAction::restoring(state)
    }

    fn resource(&self, subject: &P::Subject, _: Option<&Self::State>, place: &Place) -> Resource {
        P::named(subject, place)
    }
}

/// No record shows what stands before the policy.
fn unread() -> Observed<String> {
    Observed::Unknown { why: "only a read shows whether a setting makes the policy ineffective".to_owned() }
}

/// The resource as messages name it: an account has some of them once.
fn called<P: ResourcePolicy>(subject: &P::Subject) -> String {
    match subject.name() {
        "" => format!("the {}", P::NOUN),
        name => format!("{} `{name}`", P::NOUN),
    }
}

fn content(document: &Observed<String>) -> Value {
    document.known().map_or(Value::Null, |text| document_json::content(text))
}

/// A document as one word of a shell, without the spaces between its parts.
#[must_use]
pub fn argument(document: &str) -> String {
    document_argument(document)
}
