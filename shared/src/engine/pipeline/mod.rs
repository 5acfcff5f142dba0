//! From an event to findings: locate, observe, judge, decide, apply, look again.
//!
//! Contain first: where the record itself proves a violation, the first call is the one that closes it; everything else
//! (what only a read shows, the second look, the notification) comes after. All writes go through [`Apply`], all reads
//! through [`Observe`], what was kept through [`Memory`], all time through [`Clock`]: a test, a dry run and a function differ
//! in these alone.

mod differences;
mod evaluation;
mod findings;
mod fold;
pub(crate) mod itself;
mod pipe;
mod planned;
mod renamed;
mod run;
mod spread;
mod sweep;
mod undo;
mod window;

pub use planned::{PlannedAnswer, PlannedIn, Unread, judge_planned, judge_resource};
pub use sweep::sweep;
pub use undo::{By, Kept, Preview, UndoError, preview, undo};

use crate::engine::erased::{AnyClock, AnyFamily, AnyMemory, AnyTarget, AnyWorld, Hidden, NoWorld, hide};
use crate::engine::event::Event;
use crate::engine::family::{Family, Observe, TargetOf, Unlocatable};
use crate::engine::finding::Finding;
use crate::engine::memory::{Memory, NoMemory};
use crate::engine::observed::Place;
use crate::engine::orders::Orders;
use crate::engine::own::{Own, Stack};
use crate::engine::plan::Apply;
use crate::notify::Notice;
use crate::policy::{Mode, Policy};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use pipe::Pipe;
use std::future::{Future, ready};
use std::time::Duration;
use thiserror::Error;

/// How many resources of one event are handled at the same time: a launch may be of hundreds, and AWS takes so many calls a
/// second and no more.
const AT_ONCE: usize = 8;

/// Time, as an argument.
pub trait Clock: Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn pause(&self, time: Duration) -> impl Future<Output = ()> + Send;
}

/// What an operator has decided, and who we are.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The policy file.
    pub policy: Policy,
    /// `PARAPET_MODE`: the mode where the policy names none.
    pub fallback: Mode,
    /// The ARNs of the roles that Parapet's functions run under, to recognise its own calls.
    pub own_roles: Vec<String>,
    /// The name of the role that the function assumes in other accounts, where it does: those calls are its own too.
    pub member_role: Option<String>,
    /// The name of the role by which runbooks work.
    pub runbook_role: Option<String>,
    /// The stack that the function belongs to.
    pub stack: Option<Stack>,
    /// Why the policy file could not be used: then nothing is enforced, and every finding says so.
    pub broken_policy: Option<String>,
    /// What was decided since: open breakers, flapping, exemptions of findings that were undone.
    pub orders: Orders,
    /// Whether an event can be put off: there are schedules that bring it back.
    pub can_wait: bool,
    /// From when on nothing new is begun: the run's deadline nears.
    pub until: Option<Timestamp>,
    /// Whether the caller makes so much noise that looking again and again would keep others waiting.
    pub hurries: bool,
}

impl Rules {
    /// Parapet's own roles, as judges get them.
    #[must_use]
    pub fn own(&self) -> Own<'_> {
        let (member_role, runbook_role) = (self.member_role.as_deref(), self.runbook_role.as_deref());
        Own { roles: &self.own_roles, member_role, runbook_role, stack: self.stack.as_ref() }
    }
}

impl Rules {
    /// Whether something new may be begun.
    #[must_use]
    pub fn have_time(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// What every finding says where it is not known what an operator has decided. Without a policy nothing is enforced;
    /// without the standing orders what an event has just opened is closed all the same, and all else waits.
    pub(crate) fn caveat(&self, is_sweep: bool) -> Option<String> {
        if let Some(problem) = &self.broken_policy {
            return Some(format!("nothing is enforced, the policy cannot be used: {problem}"));
        }
        let problem = self.orders.unreadable.as_ref()?;
        let what = if is_sweep {
            "a sweep changes nothing meanwhile"
        } else {
            "what an event opens is closed all the same (class R1), other remediations wait"
        };
        Some(format!("exemptions and stops in the ledger are not known, {problem}: {what}"))
    }
}

/// What a function has at hand when an event comes.
#[derive(Debug)]
pub struct RunContext<'a, W, C, M> {
    /// Reads and writes.
    pub world: &'a W,
    /// Time.
    pub clock: &'a C,
    /// The last known good states.
    pub memory: &'a M,
    /// The operator's decisions.
    pub rules: &'a Rules,
}

impl<W, C, M> Clone for RunContext<'_, W, C, M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W, C, M> Copy for RunContext<'_, W, C, M> {}

/// A [`RunContext`] with its types hidden.
#[derive(Clone, Copy)]
struct Context<'a> {
    world: &'a dyn AnyWorld,
    clock: &'a dyn AnyClock,
    memory: &'a dyn AnyMemory,
    rules: &'a Rules,
}

impl<'a, W, C: Clock, M: Memory> RunContext<'a, W, C, M> {
    /// The same, with `world` for its own.
    fn hide(self, world: &'a dyn AnyWorld) -> Context<'a> {
        Context { world, clock: self.clock, memory: self.memory, rules: self.rules }
    }
}

/// What became of an event.
#[derive(Debug, Default)]
pub struct Handled {
    /// One for each guardrail and resource.
    pub findings: Vec<Finding>,
    /// What the operator should know beside them.
    pub notices: Vec<Notice>,
    /// What is worth another try: the event should be delivered again after the channel is notified of the findings.
    pub retry: Option<Retry>,
    /// The event should be handled once more, later.
    pub deferred: Option<Deferral>,
    /// The last look found nothing under the name that the event knows.
    pub(crate) is_gone: bool,
}

/// Something passing stood in the way.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("worth another try: {0}")]
pub struct Retry(pub String);

/// An event that is put off: its grace period runs, or its resource is not ready for the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferral {
    /// How long.
    pub wait: Duration,
    /// What is waited for, for a person.
    pub why: String,
}

/// How much a finding says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Everything.
    Whole,
    /// What is wrong or unknown, and why. Not: what complies, the state that was judged, the calls of the plan, what an undo needs.
    /// For a caller that can read and keep nothing, and prints a line for each finding.
    Answers,
}

/// Handles one event for one family.
///
/// Failed calls and the function's own calls lead nowhere; see [`Family::hears_itself`] and [`Family::hears_failures`] for the families that ask about those. Everything else that the family is triggered by leads to a
/// finding for every guardrail that is not off.
pub async fn handle<F, W, C, M>(family: &F, context: RunContext<'_, W, C, M>, event: &Event) -> Handled
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    let world = Hidden::new(family, context.world);
    handle_any(family, context.hide(&world), event).await
}

async fn handle_any(family: &dyn AnyFamily, context: Context<'_>, event: &Event) -> Handled {
    if family.hears_itself() && event.failure.is_none() && context.rules.own().made(event) {
        return itself::handle(family, context, event).await;
    }
    let is_heard = event.failure.is_none() || family.hears_failures();
    if !is_heard || context.rules.own().made(event) {
        return Handled::default();
    }
    handle_targets(family, context, event, family.locate(event), Detail::Whole).await
}

/// Whether the event's record alone leads nowhere: a call that failed, or the function's own.
pub(crate) fn is_passed_over(rules: &Rules, event: &Event) -> bool {
    event.failure.is_some() || rules.own().made(event)
}

/// The same for what [`Family::locate`] has answered, and an event that is not passed over.
pub(crate) async fn handle_located<F, W, C, M>(
    family: &F,
    context: RunContext<'_, W, C, M>,
    event: &Event,
    located: Result<Vec<TargetOf<F>>, Unlocatable>,
    detail: Detail,
) -> Handled
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    let world = Hidden::new(family, context.world);
    let located = located.map(|targets| targets.into_iter().map(hide::<F>).collect());
    handle_targets(family, context.hide(&world), event, located, detail).await
}

async fn handle_targets(
    family: &dyn AnyFamily,
    context: Context<'_>,
    event: &Event,
    located: Result<Vec<AnyTarget>, Unlocatable>,
    detail: Detail,
) -> Handled {
    let received = context.clock.now();
    let pipe = Pipe { family, context, event, place: place(event), received, is_sweep: false, only: None, detail };
    let (targets, begun) = match located {
        Ok(targets) => pipe.spread(targets).await,
        Err(unlocatable) => {
            return Handled { findings: pipe.unlocatable(&unlocatable.to_string()), ..Handled::default() };
        }
    };
    let all = targets.len();
    let has_time = || context.rules.have_time(context.clock.now());
    let (mut handled, done) = match <[AnyTarget; 1]>::try_from(targets) {
        // Most events are about one resource: no other has to be waited for.
        Ok([target]) => {
            let mut handled = begun;
            let is_begun = has_time();
            if is_begun {
                handled.take(pipe.follow(target).await);
            }
            (handled, usize::from(is_begun))
        }
        Err(targets) => {
            let in_time = stream::iter(targets).take_while(|_| ready(has_time()));
            let each = in_time.map(|target| pipe.follow(target)).buffered(AT_ONCE);
            each.fold((begun, 0), |(mut handled, done), one| async move {
                handled.take(one);
                (handled, done + 1)
            })
            .await
        }
    };
    if done < all {
        handled.take(out_of_time(context.rules, all - done));
    }
    handled
}

/// What is left when the run's time is up comes back at once, and is judged by what stands then.
fn out_of_time(rules: &Rules, left: usize) -> Handled {
    let why = format!("the run ended before {left} of its resources were read");
    if rules.can_wait {
        Handled { deferred: Some(Deferral { wait: Duration::ZERO, why }), ..Handled::default() }
    } else {
        Handled { retry: Some(Retry(why)), ..Handled::default() }
    }
}

/// The answer where nothing can be read or done: undetermined, with the reason.
pub fn unable<F: Family, C: Clock>(family: &F, clock: &C, rules: &Rules, event: &Event, why: &str) -> Handled {
    let context = Context { world: &NoWorld, clock, memory: &NoMemory, rules };
    let pipe = Pipe {
        family,
        context,
        event,
        place: place(event),
        received: clock.now(),
        is_sweep: false,
        only: None,
        detail: Detail::Whole,
    };
    Handled { findings: pipe.unlocatable(why), ..Handled::default() }
}

impl Handled {
    /// Takes in what became of another resource.
    pub(crate) fn take(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.notices.extend(other.notices);
        self.retry = self.retry.take().or(other.retry);
        // The sooner one: what still waits for its grace period then goes on waiting.
        self.deferred =
            [self.deferred.take(), other.deferred].into_iter().flatten().min_by_key(|deferred| deferred.wait);
    }
}

/// Where an event happened.
#[must_use]
pub fn place(event: &Event) -> Place {
    Place { partition: event.partition().to_owned(), account: event.account.clone(), region: event.region.clone() }
}
