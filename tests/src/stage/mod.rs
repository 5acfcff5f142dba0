//! What an event is about, made in the local AWS: in a good state first, then changed as the event says.
//!
//! Ids that AWS chooses are put into the event; names stay. The account that the event names is played by the local one, and a region
//! that there is none of by the usual one.

mod databases;
mod groups;
mod groups_named;
mod iam;
mod listeners;
mod network;
mod policies;
mod redshift;
mod resource_policies;
mod settings;
mod threat;
mod whole;

use crate::aws::Clients;
use crate::moto::{ACCOUNT, REGION};
use crate::view::View;
use crate::{Result, records};
use serde_json::Value;
use shared::aws::service::clients::Signed;
use shared::engine::event::{Event, Parsed};
use shared::engine::family::{Family, TargetOf};
use shared::engine::plan::{Action, Apply};
use shared::engine::request::{Answer, Api, Request};
use shared::engine::setting::{Set, Setting};
use std::fmt::Display;
use std::pin::Pin;

/// What is done to what was made.
type Change = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What an event is about, before the change that it records.
pub struct Stage {
    /// The event, about what was made.
    pub event: Value,
    /// What to look at.
    pub view: View,
    /// What plays what, for a person.
    pub note: String,
    /// What stood before the change; none where that could not be looked at.
    pub before: Option<Vec<String>>,
    /// The kind of a resource whose good state its function should see before the change: what was there before cannot be
    /// read from the record.
    pub remembered: Option<&'static str>,
    /// An earlier event, by which the functions know the good state of what no sweep lists.
    pub earlier: Option<Value>,
    change: Option<Change>,
}

impl Stage {
    fn new(event: Value, note: impl Display) -> Self {
        Self {
            event,
            view: View::Nothing,
            note: note.to_string(),
            before: None,
            remembered: None,
            earlier: None,
            change: None,
        }
    }

    fn seen(self, view: View) -> Self {
        Self { view, ..self }
    }

    fn remembered(self, kind: &'static str) -> Self {
        Self { remembered: Some(kind), ..self }
    }

    fn after(self, event: Value) -> Self {
        Self { earlier: Some(event), remembered: None, ..self }
    }

    fn then(self, change: impl Future<Output = Result<()>> + Send + 'static) -> Self {
        Self { change: Some(Box::pin(change)), ..self }
    }

    /// Changes it as the event says: once.
    ///
    /// # Errors
    /// AWS's.
    pub async fn change(&mut self, clients: &Clients) -> Result<()> {
        // What the event makes is not there yet.
        self.before = self.view.lines(clients).await.ok();
        match self.change.take() {
            Some(change) => change.await,
            None => Ok(()),
        }
    }
}

/// An event that is to be played.
struct Script<'a> {
    event: Value,
    call: Event,
    /// What a fixture says that stands when the event arrives; null for anything else.
    live: Value,
    /// What it says that was kept of the last known good state; null for anything else.
    kept: Value,
    clients: &'a Clients,
}

impl Script<'_> {
    /// What a family takes the event to be about: the first of it.
    fn target<F: Family>(&self, family: F) -> Result<TargetOf<F>> {
        let targets = family.locate(&self.call)?;
        Ok(targets.into_iter().next().ok_or("it is about nothing that a guardrail looks at")?)
    }

    fn request(&self, key: &str) -> Option<String> {
        self.call.request.text(&[key]).map(str::to_owned)
    }

    /// The same script about something that the local AWS calls otherwise.
    fn about(&self, id: &str, own: &str) -> Result<Self> {
        let renamed = |value: &Value| renamed(value, id, own);
        let event = renamed(&self.event)?;
        let call = call(&event)?;
        let (live, kept) = (renamed(&self.live)?, renamed(&self.kept)?);
        Ok(Self { event, call, live, kept, clients: self.clients })
    }

    /// Something of its own plays `id`.
    fn played(&self, id: &str, own: &str) -> Result<Stage> {
        Ok(Stage::new(renamed(&self.event, id, own)?, format!("played by {own} in place of {id}")))
    }

    /// Something of the same name was made.
    fn made(&self, what: impl Display) -> Stage {
        Stage::new(self.event.clone(), format!("played by {what}, made for it"))
    }
}

/// Makes what the event is about, as far as the event and what a fixture says beside show. It is changed by [`Stage::change`].
///
/// # Errors
/// AWS's.
pub async fn stage(event: &Value, beside: &Beside, clients: &Clients) -> Result<Stage> {
    let (event, moved) = at_home(event, clients)?;
    let call = match call(&event) {
        Ok(call) if call.failure.is_none() => call,
        Ok(_) => return Ok(Stage::new(event, "the call failed: nothing was prepared")),
        Err(error) => return Ok(Stage::new(event, format!("{error}: nothing was prepared"))),
    };
    let Beside { live, kept } = beside;
    let script = Script { event, call, live: live.clone(), kept: kept.clone(), clients };
    let (source, name) = (script.call.source.as_str(), script.call.name.as_str());
    let staged = match (source, name) {
        _ if is_finding(&script.event) => threat::stage(&script).await,
        ("ec2.amazonaws.com", "CreateVpc" | "CreateDefaultVpc") => groups::with_vpc(&script).await,
        ("ec2.amazonaws.com", name) if name.contains("SecurityGroup") => groups::group(&script).await,
        ("ec2.amazonaws.com", _) => match settings::stage(&script).await {
            Some(staged) => staged,
            None => network::stage(&script).await,
        },
        ("iam.amazonaws.com", name) if !name.starts_with("DisableOrganizations") => {
            match policies::stage(&script).await {
                Some(staged) => staged,
                None => iam::stage(&script).await,
            }
        }
        ("redshift.amazonaws.com", _) => redshift::stage(&script).await,
        _ => match resource_policies::stage(&script).await {
            Some(staged) => staged,
            None => match whole::stage(&script).await {
                Some(staged) => staged,
                None => databases::stage(&script).await,
            },
        },
    };
    // What cannot be made is played all the same: the function says what it makes of it.
    let nothing = |problem| Stage::new(script.event.clone(), format!("{problem}: nothing was prepared"));
    let mut stage = staged.unwrap_or_else(nothing);
    stage.note += &moved.unwrap_or_default();
    Ok(stage)
}

/// Whether it is a finding of AWS's own detection, and records no call.
fn is_finding(event: &Value) -> bool {
    event.get("detail-type").is_some() && event["detail"].get("eventName").is_none()
}

/// What an event says.
fn call(event: &Value) -> Result<Event> {
    if !is_finding(event) {
        return Ok(Event::from_record(&event["detail"])?);
    }
    match Event::from_envelope(event)? {
        Parsed::Call(call) => Ok(*call),
        Parsed::NotOurs(why) => Err(why.into()),
    }
}

fn account(event: &Value) -> Option<&str> {
    event["account"].as_str().or_else(|| event["detail"]["recipientAccountId"].as_str())
}

/// The same in the local account and in the region that the clients are for, and a note of the latter where it is another.
fn at_home(event: &Value, clients: &Clients) -> Result<(Value, Option<String>)> {
    let event = match account(event) {
        Some(account) if account != ACCOUNT => renamed(event, account, ACCOUNT)?,
        Some(_) | None => event.clone(),
    };
    let home = clients.config.region().map_or(REGION, |region| region.as_ref());
    match region(&event) {
        Some(there) if there != home => {
            let note = format!("\nin {home} in place of {there}");
            Ok((renamed(&event, there, home)?, Some(note)))
        }
        Some(_) | None => Ok((event, None)),
    }
}

/// The event with one id in place of another, wherever it stands.
fn renamed(event: &Value, from: &str, to: &str) -> Result<Value> {
    Ok(serde_json::from_str(&event.to_string().replace(from, to))?)
}

/// Calls a service that has no SDK crate here, as a person would.
async fn called(script: &Script<'_>, api: &'static Api, request: Request) -> Result<Answer> {
    let operation = request.operation;
    let answer = Signed::new(&script.clients.config).call(api, request).await;
    answer.map_err(|failure| format!("`{operation}` failed: {failure:?}").into())
}

/// Does what a person would do.
async fn done<A: Action>(world: &impl Apply<A>, action: &A) -> Result<()> {
    world.apply(action).await.map(|_| ()).map_err(|error| format!("cannot {action}: {error}").into())
}

async fn set<S: Setting>(world: &impl Apply<Set<S>>, _: S, subject: S::Subject, value: S::Value) -> Result<()> {
    done(world, &Set::<S>::to(subject, value).ok_or("no call sets this value")?).await
}

/// A file of the reader's own.
pub struct Own {
    /// Its events, in their envelopes.
    pub events: Vec<Value>,
    /// The policy, where it is a fixture that has one.
    pub policy: Option<String>,
    /// What it says beside, where it is a fixture.
    pub beside: Beside,
}

/// What a fixture says beside its event.
#[derive(Default)]
pub struct Beside {
    /// What stands when the event arrives: what the record leaves open. Null where nothing is said.
    pub live: Value,
    /// What was kept of the last known good state. Null where nothing was.
    pub kept: Value,
}

/// Reads an envelope, a bare record, a log (`{"Records": [...]}`), or a situation of the tests: `FILE.yaml#NAME`.
///
/// # Errors
/// What is wrong with the file.
pub fn read(file: &str) -> Result<Own> {
    if let Some(situation) = situations::at(file) {
        return own(&situation?);
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read `{file}`: {error}"))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("`{file}` is not JSON: {error}"))?;
    own(&value).map_err(|problem| format!("`{file}`: {problem}").into())
}

/// The events of an envelope, a bare record, a log or a situation, with what a situation says beside its event.
///
/// # Errors
/// When there is none, or one that is not a record of CloudTrail.
pub fn own(value: &Value) -> Result<Own> {
    let is_fixture = value["event"].is_object();
    let found = match &value["Records"] {
        Value::Array(records) => records.clone(),
        _ if is_fixture => vec![value["event"].clone()],
        _ => vec![value.clone()],
    };
    if found.is_empty() {
        return Err("there is no record in it".into());
    }
    let events = found.into_iter().map(checked).collect::<Result<Vec<Value>>>()?;
    let at_home = |part: &str| renamed(&value[part], account(&events[0]).unwrap_or(ACCOUNT), ACCOUNT);
    if !is_fixture {
        return Ok(Own { events, policy: None, beside: Beside::default() });
    }
    let policy = at_home("policy")?;
    let policy = policy.is_object().then(|| policy.to_string());
    let beside = Beside { live: at_home("live")?, kept: at_home("kept")? };
    Ok(Own { events, policy, beside })
}

/// The event in its envelope, once it is known to be one.
fn checked(event: Value) -> Result<Value> {
    if event.get("detail-type").is_some() {
        Event::from_envelope(&event)?;
        return Ok(event);
    }
    let read = Event::from_record(&event)?;
    let mut event = event;
    event["recipientAccountId"] = read.account.into();
    Ok(records::envelope(event))
}

/// The region of an event.
#[must_use]
pub fn region(event: &Value) -> Option<&str> {
    event["region"].as_str()
}
