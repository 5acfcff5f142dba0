//! A step of a sweep: every resource of every family through the same judges. `shared::sweeps` says how it goes on.

use crate::aws::dynamodb::Table;
use crate::aws::scheduler::SchedulesOf;
use crate::aws::service::{Answer, SystemClock, Walked, Watch};
use crate::engine::guardrail::About;
use crate::engine::memory::Memory;
use crate::engine::pipeline::{Clock, Handled, Retry, Rules};
use crate::engine::verdict::{Severity, VerdictKind};
use crate::lambda::ServeError;
use crate::lambda::function::Function;
use crate::lambda::invocation::Invocation;
use crate::notify::Notice;
use crate::operations::channel::NotifyError;
use crate::operations::metrics;
use crate::operations::sweeps::{
    Claims, Ended, Next, NoClaims, Only, Order, Page, PageError, Pages, Position, Route, Run, Step, StepError,
};
use crate::policy::{Exemption, Policy};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use tracing::{info, warn};

/// An exemption that nothing has needed for this long covers nothing: two daily sweeps have seen everything there is.
const NEVER_NEEDED: SignedDuration = SignedDuration::from_hours(48);

/// Runs a step, and reports what it could not do.
pub(super) async fn run(function: &Function, order: &Order, invocation: &Invocation) -> Result<Value, ServeError> {
    let walk = Walk { function, invocation, unsent: Mutex::default() };
    let run = match &function.table {
        Some(table) => walk.step(table, order).await,
        None => walk.step(&NoClaims, order).await,
    };
    let run = run.map_err(|error| Retry(error.to_string()))?;
    if order.step == 1 && run.ended != Ended::Taken {
        let rules = function.decisions.fresh().await;
        let guardrails: Vec<_> = function.services.iter().flat_map(|service| service.guardrails()).collect();
        report_exemptions(function, &rules.policy, &guardrails).await;
    }
    if run.ended == Ended::Complete
        && order.only.is_none()
        && let Some(line) = metrics::sweep_completed(&function.environment.metrics, SystemClock.now())
    {
        function.count(&line);
    }
    for (at, why) in &run.unlisted {
        function.notify_of(&unlisted(at, why)).await;
    }
    if let Some(notice) = cut_short(function, order, &run.ended) {
        function.notify_of(&notice).await;
    }
    walk.note(function.behind().await);
    let answer = answer(order, &run);
    info!(%answer, "a step of a sweep");
    // Handed on or not: a repeated try of the run sends what was not sent, and does no page again.
    walk.unsent.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(answer), |unsent| Err(unsent.into()))
}

fn answer(order: &Order, run: &Run) -> Value {
    let ended = match &run.ended {
        Ended::Complete => "complete",
        Ended::HandedOn(_) => "handed-on",
        Ended::Taken => "taken",
        Ended::Expired(_) => "expired",
        Ended::Lost(_) => "lost",
    };
    let unlisted: Vec<String> = run.unlisted.iter().map(|(at, why)| format!("{}: {why}", where_is(at))).collect();
    json!({
        "sweep": ended, "id": order.id, "step": order.step, "pages": run.pages, "seen": run.seen,
        "violations": run.violations, "unlisted": unlisted,
    })
}

fn where_is(at: &Position) -> String {
    format!("`{}` in {} {}, page {}", at.kind, at.place.account, at.place.region, at.page)
}

/// Walks through pages for one run.
struct Walk<'a> {
    function: &'a Function,
    invocation: &'a Invocation,
    /// The first message that the channel did not take.
    unsent: Mutex<Option<NotifyError>>,
}

impl Walk<'_> {
    async fn step(&self, claims: &impl Claims, order: &Order) -> Result<Run, StepError> {
        let Self { function, invocation, .. } = self;
        let schedules: Option<SchedulesOf<'_>> =
            function.scheduler.as_ref().map(|scheduler| scheduler.of(&invocation.function_arn));
        let step = Step {
            pages: self,
            claims,
            schedules: schedules.as_ref(),
            clock: &SystemClock,
            route: &self.route(order.only.as_ref()),
            function: &function.environment.function,
            owner: &invocation.id,
            deadline: invocation.deadline,
        };
        step.run(order).await
    }

    /// Each kind through all places: what an account has once is looked at in one region.
    fn route(&self, only: Option<&Only>) -> Route {
        let environment = &self.function.environment;
        let services = self.function.services.iter();
        let services = services.filter(|service| only.is_none_or(|only| only.kind == service.kind()));
        Route::new(services.flat_map(|service| {
            let places = match only.and_then(|only| only.place.clone()) {
                Some(place) => vec![place],
                None if service.is_global() => environment.accounts(),
                None => environment.places(),
            };
            places.into_iter().map(|place| (service.kind().to_owned(), place))
        }))
    }

    fn note(&self, unsent: Option<NotifyError>) {
        let mut first = self.unsent.lock().unwrap_or_else(PoisonError::into_inner);
        *first = first.take().or(unsent);
    }
}

impl Pages for Walk<'_> {
    async fn page(&self, at: &Position) -> Result<Page, PageError> {
        let function = self.function;
        let Some(service) = function.services.iter().find(|service| service.kind() == at.kind) else {
            return Err(PageError::NotServed(at.kind.clone()));
        };
        let rules = function.decisions.fresh().await;
        let follow = Follow { walk: self, rules: &rules, violations: AtomicUsize::new(0) };
        let walked = service.walk(&function.clients, &rules, &at.place, at.from.as_deref(), at.done, &follow).await;
        let Walked { shown, seen, next, unlisted } = walked?;
        let violations = follow.violations.into_inner();
        info!(kind = at.kind, page = at.page, seen, violations, "a page was swept");
        let next = match next {
            _ if at.done.saturating_add(seen) < shown => Next::Unfinished(seen),
            Some(token) => Next::Page(token),
            None => Next::Stretch,
        };
        Ok(Page { seen, violations, unlisted, next })
    }
}

/// Notifies of each resource of a page as soon as it is done.
struct Follow<'a> {
    walk: &'a Walk<'a>,
    rules: &'a Rules,
    violations: AtomicUsize,
}

impl Watch for Follow<'_> {
    fn has_time(&self) -> bool {
        SystemClock.now() < self.walk.invocation.deadline.stop
    }

    fn take(&self, handled: Handled) -> Answer<'_, ()> {
        Box::pin(async move {
            if let Some(retry) = &handled.retry {
                // The next sweep's: one that cannot be read holds up no other.
                warn!(%retry, "not everything on the page could be done");
            }
            // What a listing does not show is no news every day.
            for finding in handled.findings.iter().filter(|finding| finding.verdict == VerdictKind::Violation) {
                self.violations.fetch_add(1, Ordering::Relaxed);
                let reported = self.walk.function.say(self.rules, std::slice::from_ref(finding), false);
                self.walk.note(reported.await.err());
            }
        })
    }
}

fn unlisted(at: &Position, why: &str) -> Notice {
    Notice {
        key: format!("{}\n{}\n{}\n{why}", at.kind, at.place.account, at.place.region),
        title: "Sweep: what is there cannot be listed".to_owned(),
        subject: at.kind.clone(),
        kind: "sweep-failed",
        guardrail: "parapet",
        severity: Severity::High,
        account: at.place.account.clone(),
        region: at.place.region.clone(),
        says: vec![format!("every `{}` should have been read: {why}", at.kind)],
        next: vec!["Let the function's role do it; the next sweep tries again".to_owned()],
    }
}

/// A sweep that ended before it had seen everything.
fn cut_short(function: &Function, order: &Order, ended: &Ended) -> Option<Notice> {
    let why = match ended {
        Ended::Complete | Ended::HandedOn(_) | Ended::Taken => return None,
        Ended::Expired(at) => {
            let where_it_was = at.as_ref().map_or_else(|| "before it began".to_owned(), where_is);
            let why = if function.scheduler.is_some() {
                "its day is over"
            } else {
                "one run was not enough, and without `PARAPET_SCHEDULE_GROUP` nothing brings the rest back"
            };
            format!("the sweep begun at {} ended at step {}, at {where_it_was}: {why}", order.begun, order.step)
        }
        Ended::Lost(at) => {
            format!("the sweep begun at {} came to {}, which the function no longer serves", order.begun, where_is(at))
        }
    };
    let environment = &function.environment;
    Some(Notice {
        key: format!("{}\n{}\n{why}", environment.function, order.id),
        title: "Sweep ended before it had read everything".to_owned(),
        subject: environment.function.clone(),
        kind: "sweep-failed",
        guardrail: "parapet",
        severity: Severity::High,
        account: environment.account().unwrap_or_default(),
        region: environment.region.clone(),
        says: vec![why],
        next: vec![
            "The next sweep starts from the beginning; run `parapet sweep` in a terminal for the rest".to_owned(),
        ],
    })
}

/// Notes that an exemption was needed.
pub(super) async fn note_use(table: &Table, key: &str) {
    if let Err(problem) = table.keep(&used(key), &SystemClock.now().to_string()).await {
        warn!(%problem, "the use of an exemption was not noted");
    }
}

fn used(key: &str) -> String {
    format!("kept#exemption-used#{key}")
}

/// Exemptions that have ended or that nothing ever needed should not stand in the file: they hide what they would allow.
async fn report_exemptions(function: &Function, policy: &Policy, guardrails: &[&'static About]) {
    let now = SystemClock.now();
    for exemption in &policy.exemptions {
        let name = exemption.guardrail.as_str();
        let Some(about) = guardrails.iter().find(|about| about.name == name) else { continue };
        let why = if exemption.has_expired(now) {
            Some(("Exemption has ended", format!("it ended on {}", exemption.expires)))
        } else {
            let unused = match &function.table {
                Some(table) => never_needed(table, exemption, now).await,
                None => false,
            };
            unused.then(|| ("Exemption covers nothing", "no resource that was read needed it".to_owned()))
        };
        if let Some((title, why)) = why {
            function.notify_of(&notice(function, about, exemption, title, why)).await;
        }
    }
}

async fn never_needed(table: &Table, exemption: &Exemption, now: Timestamp) -> bool {
    let key = exemption.key();
    let seen = format!("kept#exemption-seen#{key}");
    let (first, use_of) = tokio::join!(async { table.recall(&seen).await }, async { table.recall(&used(&key)).await });
    match (first, use_of) {
        (Ok(None), Ok(None)) => {
            if let Err(problem) = table.keep(&seen, &now.to_string()).await {
                warn!(%problem, "an exemption was not noted");
            }
            false
        }
        (Ok(Some(first)), Ok(None)) => {
            first.parse::<Timestamp>().is_ok_and(|first| now.duration_since(first) > NEVER_NEEDED)
        }
        (Ok(_), Ok(Some(_))) => false,
        (Err(problem), _) | (_, Err(problem)) => {
            warn!(%problem, "it is unknown whether an exemption was needed");
            false
        }
    }
}

fn notice(function: &Function, about: &'static About, exemption: &Exemption, title: &str, why: String) -> Notice {
    Notice {
        key: format!("{title}\n{}\n{}", exemption.key(), exemption.expires),
        title: title.to_owned(),
        subject: about.name.to_owned(),
        kind: "exemption",
        guardrail: about.name,
        severity: Severity::Low,
        account: function.environment.account().unwrap_or_default(),
        region: function.environment.region.clone(),
        says: vec![format!("`{}` on {}, {}", about.name, exemption.resource, exemption.sentence()), why],
        next: vec![format!(
            "Take it out of the policy: parapet exempt remove --guardrail {} --resource '{}'",
            about.name, exemption.resource
        )],
    }
}
