//! One step: page after page until the deadline nears.

use super::{Claim, ClaimError, Claims, Key, Order, OrderError, Position, Route};
use crate::engine::pipeline::{Clock, Retry};
use crate::engine::unavailable::Unavailable;
use crate::operations::deadline::Deadline;
use crate::operations::deferral;
use crate::operations::deferral::{Schedule, Schedules};
use std::future::Future;
use std::time::Duration;
use thiserror::Error;
use tracing::warn;

/// Who walks through a page.
pub trait Pages: Sync {
    /// Lists, judges, acts, writes down and notifies. Stops by itself when the time is up.
    fn page(&self, at: &Position) -> impl Future<Output = Result<Page, PageError>> + Send;
}

/// Why a page could not be walked through: it is worth another try.
#[derive(Debug, Error)]
pub enum PageError {
    /// Something passing stood in the way.
    #[error("{}", .0.0)]
    Passing(#[from] Retry),
    /// The function serves no family of this kind.
    #[error("this function serves no `{0}`")]
    NotServed(String),
}

/// Why a step could not be run.
#[derive(Debug, Error)]
pub enum StepError {
    /// It is unknown whether the step is this run's.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The rest could not be handed on.
    #[error(transparent)]
    Schedule(#[from] Unavailable),
    /// The rest could not be written.
    #[error(transparent)]
    Order(#[from] OrderError),
}

/// What became of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many resources were looked at.
    pub seen: usize,
    /// How many violations were found.
    pub violations: usize,
    /// Why the page, or something on it, could not be listed.
    pub unlisted: Option<String>,
    /// How it goes on.
    pub next: Next,
}

/// How it goes on after a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// With the page that begins at this token.
    Page(String),
    /// It was the last one.
    Stretch,
    /// The time was up when this many resources of the page were done.
    Unfinished(usize),
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything was looked at.
    Complete,
    /// The rest comes back as this step.
    HandedOn(Box<Order>),
    /// Another run works on it, or has done it.
    Taken,
    /// The sweep's day is over, and this is where it was; none when it had not begun.
    Expired(Option<Position>),
    /// Nothing of this version is at this place: a deployment took it away.
    Lost(Position),
}

/// What one step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub ended: Ended,
    /// Pages that were walked through.
    pub pages: usize,
    /// Resources that were looked at.
    pub seen: usize,
    /// Violations that were found.
    pub violations: usize,
    /// What could not be listed, and why.
    pub unlisted: Vec<(Position, String)>,
}

/// What a step works with.
#[derive(Debug)]
pub struct Step<'a, P, L, S, C> {
    /// Walks through pages.
    pub pages: &'a P,
    /// The ledger.
    pub claims: &'a L,
    /// What brings the rest back; none where nothing does.
    pub schedules: Option<&'a S>,
    /// Time.
    pub clock: &'a C,
    /// Where the sweep goes.
    pub route: &'a Route,
    /// The function's name.
    pub function: &'a str,
    /// The invocation: repeated tries of one carry the same id.
    pub owner: &'a str,
    /// Its time.
    pub deadline: Deadline,
}

/// How often a page is tried before the sweep goes on without the rest of its kind there.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

impl<P: Pages, L: Claims, S: Schedules, C: Clock> Step<'_, P, L, S, C> {
    /// Runs the step.
    ///
    /// # Errors
    /// [`StepError`] when the ledger or Scheduler does not answer: the invocation is worth another try, and goes on where this
    /// one was.
    pub async fn run(&self, order: &Order) -> Result<Run, StepError> {
        let mut run = Run { ended: Ended::Complete, pages: 0, seen: 0, violations: 0, unlisted: Vec::new() };
        let now = self.clock.now();
        if order.is_over(now) {
            run.ended = Ended::Expired(order.at.clone());
            return Ok(run);
        }
        let key = Key::of(self.function, order);
        let begin = match self.claims.claim(&key, self.owner, now, self.deadline.end).await? {
            Claim::Mine(reached) => reached.or_else(|| order.at.clone()).or_else(|| self.route.first()),
            Claim::Taken | Claim::Done => {
                run.ended = Ended::Taken;
                return Ok(run);
            }
        };
        let mut at = begin;
        while let Some(here) = at {
            if !self.route.holds(&here) {
                run.ended = Ended::Lost(here);
                break;
            }
            if self.clock.now() >= self.deadline.stop {
                run.ended = self.hand_on(order, here).await?;
                break;
            }
            at = self.one(&here, &mut run).await;
            if let Some(at) = &at
                && let Err(problem) = self.claims.advance(&key, self.owner, at).await
            {
                warn!(%problem, "how far the sweep is was not noted: a repeated try does the page again");
            }
        }
        if let Err(problem) = self.claims.finish(&key, self.owner).await {
            warn!(%problem, "that the step is done was not noted");
        }
        Ok(run)
    }

    /// One page; where to go on.
    async fn one(&self, here: &Position, run: &mut Run) -> Option<Position> {
        let mut tries = 1;
        let page = loop {
            match self.pages.page(here).await {
                Ok(page) => break page,
                Err(why) if tries == TRIES || self.clock.now() >= self.deadline.stop => {
                    run.unlisted.push((here.clone(), why.to_string()));
                    return self.route.after(here);
                }
                Err(why) => {
                    warn!(%why, kind = here.kind, page = here.page, "the page is tried again");
                    self.clock.pause(PAUSE * tries).await;
                    tries += 1;
                }
            }
        };
        run.pages += 1;
        run.seen += page.seen;
        run.violations += page.violations;
        run.unlisted.extend(page.unlisted.map(|why| (here.clone(), why)));
        match page.next {
            Next::Page(token) if here.from.as_ref() == Some(&token) => {
                run.unlisted.push((here.clone(), "the listing names the same page as the next one again".to_owned()));
                self.route.after(here)
            }
            Next::Page(token) => Some(here.page_from(token)),
            Next::Stretch => self.route.after(here),
            Next::Unfinished(done) => Some(Position { done: here.done.saturating_add(done), ..here.clone() }),
        }
    }

    async fn hand_on(&self, order: &Order, at: Position) -> Result<Ended, StepError> {
        let next = order.next(at);
        let now = self.clock.now();
        let Some(schedules) = self.schedules.filter(|_| !next.is_over(now)) else {
            return Ok(Ended::Expired(next.at));
        };
        let step = next.step.to_string();
        let schedule = Schedule {
            name: deferral::name("sweep", &[self.function, &next.id, &step]),
            at: deferral::at(now, Duration::ZERO),
            input: next.payload()?.to_string(),
        };
        schedules.create(&schedule).await?;
        Ok(Ended::HandedOn(Box::new(next)))
    }
}
