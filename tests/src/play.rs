//! An event, from the patterns of the template to the functions that it reaches, and everything that comes of it.

use crate::Result;
use crate::aws::{Clients, Keys};
use crate::bus::Bus;
use crate::channel::Channel;
use crate::command::command;
use crate::host::{Answer, Host, Settings};
use crate::lab::ledger;
use crate::moto::{ACCOUNT, REGION};
use crate::proxy::{Call, Proxy, round_trips};
use crate::records::{self, Caller};
use crate::stage::{self, Beside, Stage};
use crate::standin::Standin;
use serde_json::Value;
use shared::engine::observed::Place;
use shared::operations::sweeps::Order;
use shared::resources::catalogue;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The ledger's table.
const LEDGER: &str = "parapet";

/// A local AWS with a channel and a ledger, and the functions, which are started when they are first needed.
pub struct Play {
    /// The people's way.
    pub clients: Clients,
    /// The notifications.
    pub channel: Channel,
    bus: &'static Bus,
    proxy: Proxy,
    /// Answers what moto does not know.
    _standin: Standin,
    settings: Settings,
    functions: BTreeMap<String, Host>,
}

/// A function's answer to an event.
pub struct Served {
    /// Its name.
    pub function: String,
    /// What it answered.
    pub answer: Answer,
    /// What it called.
    pub calls: Vec<Call>,
    /// When it was handed the event.
    pub handed: Instant,
}

impl Served {
    /// In which round trip something was closed, and when. Calls that run at the same time are one round trip.
    #[must_use]
    pub fn containment(&self) -> Option<(usize, Duration)> {
        let closing = self.calls.iter().find(|call| {
            is_containing(&call.action) && call.status.is_some_and(|status| (200..300).contains(&status))
        })?;
        Some((round_trips(&self.calls, closing), closing.answered.duration_since(self.handed)))
    }
}

/// Whether a guardrail closes something by this call.
#[must_use]
pub fn is_containing(action: &str) -> bool {
    let mut closing = catalogue().into_iter().flat_map(|entry| entry.about.actions);
    closing.any(|permission| permission.action.split_once(':').is_some_and(|(_, name)| name == action))
}

impl Play {
    /// Before a moto (`host:port`), in this region or the usual one, under this policy. Recordings may carry regions that are
    /// made up: these are played in the usual one, too.
    ///
    /// # Errors
    /// AWS's, or when there is no port.
    pub async fn new(moto: &str, region: Option<&str>, policy: &str) -> Result<Self> {
        let mut region = region.unwrap_or(REGION);
        let standin = Standin::start(moto).await?;
        let proxy = Proxy::start(standin.address()).await?;
        let mut clients = Clients::in_region(&standin.url(), &Keys::default(), region).await;
        if clients.ec2.describe_vpcs().send().await.is_err() {
            region = REGION;
            clients = Clients::new(&standin.url(), &Keys::default()).await;
        }
        let channel = Channel::open(&clients, "security").await?;
        let settings = Settings {
            endpoint: proxy.url(),
            region: Some(region.to_owned()),
            topic: Some(channel.topic.clone()),
            policy: Some(policy.to_owned()),
            mode: Some("enforce".to_owned()),
            ledger: Some(ledger(&clients, LEDGER).await?),
            ..Settings::default()
        };
        let bus = Bus::made_up()?;
        Ok(Self { clients, channel, bus, proxy, _standin: standin, settings, functions: BTreeMap::new() })
    }

    /// Adds this to every round trip of the functions.
    pub fn delay(&self, round_trip: Duration) {
        self.proxy.delay(round_trip);
    }

    /// Starts every function, and has each look at something that no test asks about: then its start is over.
    ///
    /// # Errors
    /// When one was not built, or does not answer.
    pub async fn start_all(&mut self) -> Result<()> {
        for entry in catalogue() {
            self.function(entry.family).await?;
        }
        let idle = records::event(&Caller::user("ben"), "ec2.amazonaws.com", "DescribeVpcs", Value::Null, Value::Null);
        for function in self.functions.values_mut() {
            function.send(&idle).await?;
        }
        Ok(())
    }

    async fn function(&mut self, name: &str) -> Result<&mut Host> {
        if !self.functions.contains_key(name) {
            let settings = Settings { own_role: self.bus.role(name), ..self.settings.clone() };
            self.functions.insert(name.to_owned(), Host::start(name, &settings).await?);
        }
        Ok(self.functions.get_mut(name).ok_or("no such function")?)
    }

    /// Makes what an event is about (and what a fixture says beside, else null), lets the functions see it where they need that, and changes it as the event says.
    ///
    /// # Errors
    /// What the local AWS or a function did not do.
    pub async fn stage(&mut self, event: &Value, beside: &Beside) -> Result<Stage> {
        let mut stage = stage::stage(event, beside, &self.clients).await?;
        if let Some(kind) = stage.remembered {
            self.remember(kind).await?;
        }
        if let Some(earlier) = &stage.earlier {
            self.deliver(earlier).await?;
            drop(self.channel.hear().await?);
        }
        stage.change(&self.clients).await?;
        Ok(stage)
    }

    /// Takes a finding back by the command.
    ///
    /// # Errors
    /// When the command did not.
    pub async fn undo(&self, finding: &str) -> Result<()> {
        let topic = &self.channel.topic;
        let args = ["undo", finding, "--table", LEDGER, "--topic", topic, "--yes"];
        let region = self.settings.region.as_deref().unwrap_or(REGION);
        let ran = command(&self.proxy.url(), &args)?.env("AWS_REGION", region).output().await?;
        let said = || {
            let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            format!("`parapet undo`: {out}{err}")
        };
        if ran.status.success() { Ok(()) } else { Err(said().into()) }
    }

    /// Ends the functions: the next event finds new ones, which know what was decided meanwhile.
    pub fn restart(&mut self) {
        self.functions.clear();
    }

    /// Has a function see all resources of a kind, as the sweep of the night before would have.
    async fn remember(&mut self, kind: &str) -> Result<()> {
        let entry = catalogue().into_iter().find(|entry| entry.kind == kind).ok_or("no guardrail is about that")?;
        let region = self.settings.region.clone().unwrap_or_default();
        let place = Place { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), region };
        let order = Order::of_kind(kind, place, jiff::Timestamp::now());
        let function = self.function(entry.family).await?;
        if let Answer::Error { message, .. } = function.send(&order.payload()?).await? {
            return Err(format!("what stood before could not be seen: {message}").into());
        }
        // What it may have found beside is no part of the scene.
        drop(self.channel.hear().await?);
        Ok(())
    }

    /// The same by functions that have served something before: a process that has just been started reads its standing
    /// orders first.
    ///
    /// # Errors
    /// When a function was not built, or does not answer.
    pub async fn deliver_warm(&mut self, event: &Value) -> Result<Vec<Served>> {
        let mut refused = event.clone();
        if let Some(record) = refused["detail"].as_object_mut() {
            record.insert("errorCode".to_owned(), "AccessDenied".into());
            // A finding is no call that could be refused: one of another account is passed over.
            for member in ["accountId", "affectedAccount"] {
                if record.contains_key(member) {
                    record.insert(member.to_owned(), "000000000000".into());
                }
            }
        }
        let targets: Vec<String> = self.bus.targets(event).into_iter().map(str::to_owned).collect();
        for name in targets {
            self.function(&name).await?.send(&refused).await?;
        }
        self.deliver(event).await
    }

    /// Sends the event through the patterns to the functions, one after the other.
    ///
    /// # Errors
    /// When a function was not built, or does not answer.
    pub async fn deliver(&mut self, event: &Value) -> Result<Vec<Served>> {
        let targets: Vec<String> = self.bus.targets(event).into_iter().map(str::to_owned).collect();
        let mut served = Vec::new();
        for name in targets {
            self.function(&name).await?;
            drop(self.proxy.take_calls());
            let handed = Instant::now();
            let answer = self.function(&name).await?.send(event).await?;
            served.push(Served { function: name, answer, calls: self.proxy.take_calls(), handed });
        }
        Ok(served)
    }
}
