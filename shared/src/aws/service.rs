//! A family wired to AWS, with its types hidden: functions serve several, the sweep and `undo` find theirs by its kind.

use crate::aws::accounts::{Access, Accounts, Unserved, is_fresh};
use crate::aws::store::Store;
pub use crate::engine::erased::Answer;
use crate::engine::event::Event;
use crate::engine::family::{Family, List, Observe};
use crate::engine::guardrail::About;
use crate::engine::hint::is_named;
use crate::engine::observed::{Observed, Place};
use crate::engine::pipeline;
use crate::engine::pipeline::{By, Clock, Handled, Kept, Preview, Retry, Rules, RunContext, UndoError};
use crate::engine::plan::Apply;
use crate::engine::span::renamed;
use aws_config::SdkConfig;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The clients by the names under which the registry lists them, each behind the feature of its SDK.
pub mod clients {
    pub use crate::aws::signed::Signed;
    pub use crate::engine::record_alone::RecordAlone;
    pub use crate::resources::custom::client::Runbooks;
    #[cfg(feature = "rds")]
    pub use crate::resources::database::client::Rds;
    #[cfg(feature = "elb")]
    pub use crate::resources::database::load_balancer::client::Elb;
    #[cfg(feature = "dynamodb")]
    pub use crate::resources::database::table::client::DynamoDb;
    #[cfg(feature = "ec2")]
    pub use crate::resources::ec2::client::Ec2;
    #[cfg(feature = "ecr")]
    pub use crate::resources::ecr::client::Ecr;
    #[cfg(feature = "events")]
    pub use crate::resources::events::client::Events;
    #[cfg(feature = "iam")]
    pub use crate::resources::iam::client::Iam;
    #[cfg(feature = "kms")]
    pub use crate::resources::kms::client::Kms;
    #[cfg(feature = "redshift")]
    pub use crate::resources::redshift::client::Redshift;
    #[cfg(feature = "s3")]
    pub use crate::resources::s3::client::S3;
    #[cfg(feature = "s3control")]
    pub use crate::resources::s3::control::client::S3Control;
    #[cfg(feature = "secretsmanager")]
    pub use crate::resources::secretsmanager::client::SecretsManager;
    #[cfg(feature = "sns")]
    pub use crate::resources::sns::client::Sns;
    #[cfg(feature = "sqs")]
    pub use crate::resources::sqs::client::Sqs;
}

/// What every service works with.
#[derive(Debug)]
pub struct Clients {
    /// Where calls are made.
    pub accounts: Accounts,
    /// The last known good states.
    pub store: Store,
}

/// The system's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn pause(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// What became of one page of a sweep.
#[derive(Debug, Default)]
pub struct Swept {
    /// What was found on it.
    pub handled: Handled,
    /// How many resources it showed.
    pub seen: usize,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// Why the page, or something on it, could not be listed, for a person: another try will not help.
    pub unlisted: Option<String>,
}

/// Who follows a sweep: hears of each resource as soon as it is done, and says when to stop.
pub trait Watch: Send + Sync {
    /// Whether another resource may be begun.
    fn has_time(&self) -> bool;

    /// Takes what became of one resource.
    fn take(&self, handled: Handled) -> Answer<'_, ()>;
}

/// How much of a page was walked through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// How many resources the page showed.
    pub shown: usize,
    /// How many of them were looked at, after those that were passed over.
    pub seen: usize,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
    /// Why the page, or something on it, could not be listed, for a person: another try will not help.
    pub unlisted: Option<String>,
}

/// What a finding of another service asks about.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The id of the resource, as the finding writes it.
    pub resource: &'a str,
    /// The names of the guardrails.
    pub guardrails: &'a [&'static str],
    /// Nothing new is begun from then on.
    pub until: Timestamp,
}

/// What became of what was asked about.
#[derive(Debug, Default)]
pub struct Looked {
    /// What was found.
    pub handled: Handled,
    /// Whether there is such a resource.
    pub is_there: bool,
    /// Why not everything could be listed, for a person: another try will not help.
    pub unlisted: Option<String>,
}

impl Looked {
    /// As far as it came: the rest is worth another try.
    fn again(mut self, why: String) -> Self {
        self.handled.take(Handled { retry: Some(Retry(why)), ..Handled::default() });
        self
    }
}

/// A family wired to AWS.
pub trait Service: Send + Sync {
    /// What it is about, in one word.
    fn kind(&self) -> &'static str;

    /// Whether its resources are an account's in all regions.
    fn is_global(&self) -> bool;

    /// Its guardrails.
    fn guardrails(&self) -> Vec<&'static About>;

    /// Handles an event.
    fn handle<'a>(&'a self, clients: &'a Clients, rules: &'a Rules, event: &'a Event) -> Answer<'a, Handled>;

    /// Walks through the page that begins at `from`, but for the first `done` resources of it.
    fn walk<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        place: &'a Place,
        from: Option<&'a str>,
        done: usize,
        watch: &'a dyn Watch,
    ) -> Answer<'a, Result<Walked, Retry>>;

    /// Walks through the whole page that begins at `from`.
    fn sweep<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        place: &'a Place,
        from: Option<&'a str>,
    ) -> Answer<'a, Result<Swept, Retry>> {
        Box::pin(async move {
            let all = Collected::default();
            let Walked { seen, next, unlisted, .. } = self.walk(clients, rules, place, from, 0, &all).await?;
            let handled = all.0.into_inner().unwrap_or_else(PoisonError::into_inner);
            Ok(Swept { handled, seen, next, unlisted })
        })
    }

    /// Looks for the resource that a finding of another service names, and judges it by the guardrails that are asked about.
    fn look<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        place: &'a Place,
        asked: &'a Asked<'a>,
    ) -> Answer<'a, Looked>;

    /// What undoing a finding would do.
    fn preview<'a>(&'a self, clients: &'a Clients, kept: &'a Kept) -> Answer<'a, Result<Preview, UndoError>>;

    /// Takes a finding back.
    fn undo<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        kept: &'a Kept,
        by: &'a By,
    ) -> Answer<'a, Result<crate::engine::finding::Finding, UndoError>>;
}

/// How many resources of a page are looked at more closely at once.
const AT_ONCE: usize = 8;

/// Clients by account and region, each with the end of its credentials.
type Worlds<W> = BTreeMap<(String, String), (Arc<W>, Option<SystemTime>)>;

/// A family and how it is connected.
struct Wired<F, W> {
    family: F,
    connect: fn(&SdkConfig) -> W,
    worlds: Mutex<Worlds<W>>,
}

/// `family`, with a client of each account and region made by `connect`.
pub fn served<F, W>(family: F, connect: fn(&SdkConfig) -> W) -> Box<dyn Service>
where
    F: Family + 'static,
    W: Observe<F> + Apply<F::Action> + List<F> + Send + Sync + 'static,
{
    Box::new(Wired { family, connect, worlds: Mutex::default() })
}

impl<F: Family, W> Wired<F, W> {
    /// The client for a place: made once, and again when its credentials end.
    async fn world(&self, clients: &Clients, place: &Place) -> Result<Arc<W>, Unserved> {
        let key = (place.account.clone(), place.region.clone());
        let held = |worlds: &Worlds<W>| {
            worlds.get(&key).filter(|(_, until)| is_fresh(*until)).map(|(world, _)| Arc::clone(world))
        };
        if let Some(world) = held(&self.worlds.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(world);
        }
        let Access { config, until } = clients.accounts.at(place).await?;
        let world = Arc::new((self.connect)(&config));
        let mut worlds = self.worlds.lock().unwrap_or_else(PoisonError::into_inner);
        worlds.insert(key, (Arc::clone(&world), until));
        Ok(world)
    }
}

impl<F, W> Wired<F, W>
where
    F: Family + 'static,
    W: Observe<F> + Apply<F::Action> + List<F> + Send + Sync + 'static,
{
    /// What `family`, which is this one or one of its kind, makes of an event.
    async fn handle_by(&self, family: &F, clients: &Clients, rules: &Rules, event: &Event) -> Handled {
        // Most events of a function are about one of its families: the others need no client.
        if !family.may_concern(event) && family.spans(event).is_ok_and(|spans| spans.is_empty()) && !is_rename(event) {
            return Handled::default();
        }
        if event.failure.is_some() && !family.hears_failures() {
            return Handled::default();
        }
        let place = pipeline::place(event);
        // What asks nothing of AWS needs no member to let it in.
        let world = match family.asks_nothing() {
            true => Ok(Arc::new((self.connect)(clients.accounts.base()))),
            false => self.world(clients, &place).await,
        };
        match world {
            Ok(world) => {
                let context = RunContext { world: &*world, clock: &SystemClock, memory: &clients.store, rules };
                pipeline::handle(family, context, event).await
            }
            Err(Unserved::Passing(why)) => Handled { retry: Some(Retry(why)), ..Handled::default() },
            Err(Unserved::Refused(why)) => pipeline::unable(family, &SystemClock, rules, event, &why),
        }
    }
}

impl<F, W> Service for Wired<F, W>
where
    F: Family + 'static,
    W: Observe<F> + Apply<F::Action> + List<F> + Send + Sync + 'static,
{
    fn kind(&self) -> &'static str {
        self.family.kind()
    }

    fn is_global(&self) -> bool {
        self.family.is_global()
    }

    fn guardrails(&self) -> Vec<&'static About> {
        self.family.guardrails().iter().map(|guardrail| guardrail.about()).collect()
    }

    fn handle<'a>(&'a self, clients: &'a Clients, rules: &'a Rules, event: &'a Event) -> Answer<'a, Handled> {
        Box::pin(async move {
            let mut handled = self.handle_by(&self.family, clients, rules, event).await;
            for declared in self.family.of_policy(&rules.policy) {
                handled.take(self.handle_by(&declared, clients, rules, event).await);
            }
            handled
        })
    }

    fn walk<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        place: &'a Place,
        from: Option<&'a str>,
        done: usize,
        watch: &'a dyn Watch,
    ) -> Answer<'a, Result<Walked, Retry>> {
        Box::pin(async move {
            let world = match self.world(clients, place).await {
                Ok(world) => world,
                Err(Unserved::Passing(why)) => return Err(Retry(why)),
                Err(Unserved::Refused(why)) => return Ok(Walked { unlisted: Some(why), ..Walked::default() }),
            };
            let page = match world.page(from).await.map_err(|error| Retry(error.why))? {
                Observed::Known(page) => page,
                Observed::Absent => return Ok(Walked::default()),
                Observed::Unknown { why } => return Ok(Walked { unlisted: Some(why), ..Walked::default() }),
            };
            let context = RunContext { world: &*world, clock: &SystemClock, memory: &clients.store, rules };
            let shown = page.found.len();
            // One that could not be read hides no other, and is not kept quiet.
            let unlisted = page.found.iter().find_map(|(_, state)| match state {
                Observed::Unknown { why } => Some(why.clone()),
                Observed::Known(_) | Observed::Absent => None,
            });
            let in_time = stream::iter(page.found).skip(done).take_while(|_| ready(watch.has_time()));
            let mut results = in_time
                .map(|(key, state)| pipeline::sweep(&self.family, context, place, key, state, None))
                .buffered(AT_ONCE);
            let mut seen = 0;
            while let Some(handled) = results.next().await {
                seen += 1;
                watch.take(handled).await;
            }
            drop(results);
            Ok(Walked { shown, seen, next: page.next, unlisted })
        })
    }

    fn look<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        place: &'a Place,
        asked: &'a Asked<'a>,
    ) -> Answer<'a, Looked> {
        Box::pin(async move {
            let mut looked = Looked::default();
            let world = match self.world(clients, place).await {
                Ok(world) => world,
                Err(Unserved::Passing(why)) => return looked.again(why),
                Err(Unserved::Refused(why)) => return Looked { unlisted: Some(why), ..looked },
            };
            let context = RunContext { world: &*world, clock: &SystemClock, memory: &clients.store, rules };
            let mut from = None;
            loop {
                let page = match world.page(from.as_deref()).await {
                    Ok(Observed::Known(page)) => page,
                    Ok(Observed::Absent) => return looked,
                    Ok(Observed::Unknown { why }) => return Looked { unlisted: Some(why), ..looked },
                    Err(error) => return looked.again(error.why),
                };
                for (key, state) in page.found {
                    if !is_named(asked.resource, &self.family.resource(&key, state.known(), place)) {
                        continue;
                    }
                    looked.is_there = true;
                    let only = Some(asked.guardrails);
                    let one = pipeline::sweep(&self.family, context, place, key, state, only);
                    looked.handled.take(one.await);
                }
                from = page.next;
                if from.is_none() {
                    return looked;
                }
                if SystemClock.now() >= asked.until {
                    return looked.again(format!("the time was up before every `{}` was listed", self.kind()));
                }
            }
        })
    }

    fn preview<'a>(&'a self, clients: &'a Clients, kept: &'a Kept) -> Answer<'a, Result<Preview, UndoError>> {
        Box::pin(async move {
            let world = self.world(clients, &kept.place).await.map_err(|error| unseen(kept, error))?;
            pipeline::preview(&self.family, &*world, kept).await
        })
    }

    fn undo<'a>(
        &'a self,
        clients: &'a Clients,
        rules: &'a Rules,
        kept: &'a Kept,
        by: &'a By,
    ) -> Answer<'a, Result<crate::engine::finding::Finding, UndoError>> {
        Box::pin(async move {
            let world = self.world(clients, &kept.place).await.map_err(|error| unseen(kept, error))?;
            let context = RunContext { world: &*world, clock: &SystemClock, memory: &clients.store, rules };
            pipeline::undo(&self.family, context, kept, by).await
        })
    }
}

/// What was looked for under another name may be there.
fn is_rename(event: &Event) -> bool {
    !matches!(renamed(event), Ok(None))
}

/// Takes everything, and has time.
#[derive(Default)]
struct Collected(Mutex<Handled>);

impl Watch for Collected {
    fn has_time(&self) -> bool {
        true
    }

    fn take(&self, handled: Handled) -> Answer<'_, ()> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(handled);
        Box::pin(ready(()))
    }
}

fn unseen(kept: &Kept, why: Unserved) -> UndoError {
    UndoError::Unseen { resource: kept.resource.clone(), why: why.to_string() }
}
