//! One event on its way through one family.

use super::case::{Case, Held, Lens};
use super::window::Window;
use super::{Around, Clock, Handled, Later, Retry};
use crate::engine::event::Event;
use crate::engine::family::{Family, Glance, Observe, ReadError, TargetOf};
use crate::engine::guardrail::{About, Class};
use crate::engine::memory;
use crate::engine::memory::Memory;
use crate::engine::observed::{Observed, Place};
use crate::engine::orders::{Act, Scope};
use crate::engine::plan::{Apply, DryRun, MAX_ELEMENTS};
use crate::policy::{Mode, Subject};
use futures_util::future::{Either, ready, select};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How often to plan and act on one resource: once from the record, once from what was read.
const ROUNDS: usize = 2;
/// How often to plan anew because somebody else has changed the resource between the read and the call.
pub(super) const CHANGES: usize = 3;
/// How long to wait while the standing orders cannot be read: they are asked for again behind every event.
const UNREAD: Duration = Duration::from_secs(60);

pub(super) struct Pipe<'a, F, W, C, M> {
    pub(super) family: &'a F,
    pub(super) around: Around<'a, W, C, M>,
    pub(super) event: &'a Event,
    pub(super) place: Place,
    pub(super) received: Timestamp,
    /// Nothing happened: somebody walks through what is there.
    pub(super) is_sweep: bool,
}

/// What stood in the way of handling a resource to the end.
#[derive(Default)]
pub(super) struct Obstacles {
    pub(super) retry: Option<Retry>,
    pub(super) later: Option<Later>,
    /// What was overwritten, and when.
    pub(super) windows: Vec<Window>,
    /// Nothing is done: there is nothing that could stand in the way.
    pub(super) is_rehearsal: bool,
}

impl<F, W, C, M> Pipe<'_, F, W, C, M>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    /// One resource of an event: judge by the record or by a read, act, look again; what the look shows may lead to one
    /// more round.
    pub(super) async fn target(&self, target: TargetOf<F>) -> Handled {
        let claim = self.claim(&target);
        let mut handled = self.one(target).await;
        match self.overwritten(&claim, &handled).await {
            Ok(notice) => handled.notices.extend(notice),
            Err(why) => handled.findings.iter_mut().for_each(|finding| finding.reasons.push(why.clone())),
        }
        handled
    }

    async fn one(&self, mut target: TargetOf<F>) -> Handled {
        let cases = self.cases();
        if cases.is_empty() {
            return Handled::default();
        }
        let glance = self.first_glance(&cases);
        if self.is_late() {
            target.proven = None;
        }
        let key = target.key.clone();
        let ahead = self.looks_ahead(&target, &cases, glance);
        let look = async { Some((ahead?, self.around.world.observe(&key, ahead?).await)) };
        let mut look = pin!(look);
        // Neither waits for the other, and what was kept may be all that is needed.
        let recall = pin!(memory::kept(self.family, self.around.memory, &self.place, &key));
        let (kept, seen) = match select(recall, look.as_mut()).await {
            Either::Left((kept, _)) => (kept, None),
            Either::Right((seen, recall)) => (recall.await, Some(seen)),
        };
        if let Some(kept) = kept {
            self.family.recall(&mut target, kept);
        }
        let seen = async {
            match seen {
                Some(seen) => seen,
                None => look.await,
            }
        };
        let proven = target.proven.clone().filter(|_| !self.is_late());
        if let Some(state) = proven {
            let ahead = async {
                let (glance, seen) = seen.await?;
                Some((glance, self.focused(seen, &target).ok()?))
            };
            return self.case_by_case(&target, cases, Observed::Known(state), Lens::Record, ahead).await;
        }
        let (glance, seen) = match seen.await {
            Some((glance, seen)) => (glance, self.focused(seen, &target)),
            None => (glance, self.look(&target, glance).await),
        };
        match self.unless_new(&target, glance, seen).await {
            Ok(seen) => self.case_by_case(&target, cases, seen, Lens::Read(glance), ready(None)).await,
            Err(retry) => {
                let findings = self.findings(&target, cases, Some(&retry), false);
                Handled { findings, retry: Some(retry), ..Handled::default() }
            }
        }
    }

    /// How closely to read while what was kept is recalled: where the record proves nothing, or leaves a guardrail without an
    /// answer or a plan, or with a plan that a record does not prove enough for.
    fn looks_ahead(&self, target: &TargetOf<F>, cases: &[Case<F>], glance: Glance) -> Option<Glance> {
        let ahead = self.family.looks_ahead(target, glance);
        let Some(state) = &target.proven else { return ahead };
        let terms = self.terms();
        if cases.iter().all(|case| case.is_enough(state, &terms)) {
            return None;
        }
        // What was kept may lead to a plan that there is none for yet.
        let is_kept = self.family.memory(&target.key).is_some() && self.family.recalls(&target.key);
        let may_overwrite = |case: &Case<F>| case.is_enforced() && (is_kept || case.would_overwrite(state, &terms));
        ahead.or_else(|| cases.iter().any(may_overwrite).then_some(glance))
    }

    /// What a record proves may have changed while its event was put off: it is not believed any more.
    pub(super) fn is_late(&self) -> bool {
        self.event.waited.is_some()
    }

    /// Whether its grace period is over: it was put off for that long, or it comes back on another way.
    fn has_waited(&self, grace: Duration) -> bool {
        let waited = |since: Timestamp| {
            let waited = self.around.clock.now().duration_since(since);
            SignedDuration::try_from(grace).is_ok_and(|grace| waited >= grace)
        };
        self.is_late() && self.event.since.is_none_or(waited)
    }

    /// What was seen goes through all cases. `ahead` is a read that runs already, for what the record leaves open.
    pub(super) async fn case_by_case(
        &self,
        target: &TargetOf<F>,
        mut cases: Vec<Case<F>>,
        first: Observed<F::State>,
        mut lens: Lens,
        ahead: impl Future<Output = Option<(Glance, Observed<F::State>)>>,
    ) -> Handled {
        for case in &mut cases {
            case.see(&first, &self.terms(), lens, None);
        }
        self.hold_back(target, &first, &mut cases);
        // What a record says is never what was read.
        let mut latest = (lens != Lens::Record).then_some(first);
        let mut obstacles = Obstacles::default();
        let mut ahead = Some(ahead);
        for _ in 0..ROUNDS {
            let mut acted = lens.is_enough_to_act() && self.act(target, &mut cases, &mut obstacles, &mut latest).await;
            let is_open = |case: &Case<F>| if acted { case.waits_for_a_read() } else { case.wants_a_look(lens) };
            if let Some(ahead) = ahead.take().filter(|_| cases.iter().any(is_open))
                && let Some((glance, seen)) = ahead.await
            {
                // What was acted on has changed since this read began.
                for case in cases.iter_mut().filter(|case| !case.was_called()) {
                    case.see(&seen, &self.terms(), Lens::Read(glance), None);
                }
                latest = Some(seen);
                self.insist(target, &mut cases, &mut latest).await;
                acted |= self.act(target, &mut cases, &mut obstacles, &mut latest).await;
            }
            let wants_a_look = acted || cases.iter().any(|case| case.wants_a_look(lens));
            if obstacles.retry.is_some() || !wants_a_look {
                break;
            }
            match self.look_again(target, &mut cases).await {
                Ok(seen) => latest = Some(seen),
                Err(passing) => {
                    obstacles.retry = Some(passing);
                    break;
                }
            }
            lens = Lens::Read(Glance::Full);
            if !cases.iter().any(Case::may_act) {
                break;
            }
        }
        // What is only told takes the same way with an executor that does nothing.
        let mut rehearsal = Obstacles { is_rehearsal: true, ..Obstacles::default() };
        self.run(None, &DryRun, &mut cases, Case::is_only_told, &mut rehearsal).await;
        let is_gone = matches!(latest, Some(Observed::Absent));
        if let Some(why) = self.keep_windows(target, &obstacles.windows).await {
            // Only where a call was made is there something that it may have hidden.
            cases.iter_mut().filter(|case| case.was_called()).for_each(|case| case.warn(Some(why.clone())));
        }
        self.keep(target, latest, &cases).await;
        let is_pending = obstacles.later.is_some();
        let findings = self.findings(target, cases, obstacles.retry.as_ref(), is_pending);
        Handled { findings, retry: obstacles.retry, later: obstacles.later, is_gone, ..Handled::default() }
    }

    fn first_glance(&self, cases: &[Case<F>]) -> Glance {
        if cases.iter().any(|case| case.mode == Mode::Enforce) { Glance::Quick } else { Glance::Full }
    }

    pub(super) async fn look(&self, target: &TargetOf<F>, glance: Glance) -> Result<Observed<F::State>, Retry> {
        let seen = self.around.world.observe(&target.key, glance).await;
        self.focused(seen, target)
    }

    /// What was read, in the event's view.
    fn focused(
        &self,
        seen: Result<Observed<F::State>, ReadError>,
        target: &TargetOf<F>,
    ) -> Result<Observed<F::State>, Retry> {
        let mut seen = seen.map_err(|error| Retry(error.why))?;
        if let Observed::Known(state) = &mut seen {
            self.family.focus(state, target);
        }
        Ok(seen)
    }

    /// What forbids acting on this resource: an exemption, an open breaker, flapping that the operator lets win.
    fn hold_back(&self, target: &TargetOf<F>, seen: &Observed<F::State>, cases: &mut [Case<F>]) {
        let resource = self.family.resource(&target.key, seen.known(), &self.place);
        let rules = self.around.rules;
        for case in cases {
            case.resource.clone_from(&resource.id);
            let subject = self.subject(case.about(), &resource.id);
            let mut exemptions = rules.policy.exemptions.iter().chain(&rules.orders.exemptions);
            let covering = exemptions.find(|exemption| exemption.covers(subject, self.received));
            case.exemption = covering.map(crate::policy::Exemption::sentence);
            case.exemption_key = covering.map(crate::policy::Exemption::key);
            case.held = self.held(case);
        }
    }

    fn subject<'s>(&'s self, about: &'s About, resource: &'s str) -> Subject<'s> {
        Subject {
            guardrail: about.name,
            resource,
            account: &self.event.account,
            actor: self.event.actor.arn.as_deref(),
            role: self.event.actor.role.as_deref(),
        }
    }

    /// The standing order that keeps the case from acting, by what it would close now.
    fn held(&self, case: &Case<F>) -> Option<Held> {
        let rules = self.around.rules;
        let act = Act {
            subject: self.subject(case.about(), &case.resource),
            region: &self.place.region,
            principal: &self.event.actor.principal(),
            is_cloudformation: self.event.actor.is_cloudformation(),
            class: case.about().class,
            is_sweep: self.is_sweep,
            elements: &case.elements(),
        };
        let stop =
            rules.orders.stop(&act, &rules.policy.defaults.flapping, self.received).filter(|_| case.is_enforced());
        stop.map(|stop| Held { is_breaker: matches!(stop.scope, Scope::Account(_)), why: stop.why.clone() })
    }

    /// A remediation that somebody may notice waits for its grace period, and while it is not known what an operator has
    /// decided; it is then judged by what stands.
    fn put_off(&self, cases: &mut [Case<F>], obstacles: &mut Obstacles) {
        if self.is_sweep {
            return;
        }
        let rules = self.around.rules;
        for case in cases.iter_mut().filter(|case| case.may_act()) {
            let grace = rules.policy.grace(case.about()).filter(|grace| !self.has_waited(*grace));
            let unread = rules.orders.unreadable.as_ref().filter(|_| case.about().class != Class::R1);
            match (grace, unread) {
                (None, None) => {}
                (_, Some(_)) if rules.can_wait => {
                    case.wait(format!("waits {} s until that is known; then it is judged again", UNREAD.as_secs()));
                    let why = format!("what was decided about `{}`", case.about().name);
                    obstacles.later = obstacles.later.take().or(Some(Later { wait: UNREAD, why }));
                }
                (_, Some(problem)) => {
                    case.wait("not acted on while that is not known".to_owned());
                    obstacles.retry = obstacles.retry.take().or(Some(Retry(problem.clone())));
                }
                (Some(grace), None) if rules.can_wait => {
                    case.wait(format!("waits {} s: its grace period; then it is judged again", grace.as_secs()));
                    let why = format!("the grace period of `{}`", case.about().name);
                    obstacles.later = obstacles.later.take().or(Some(Later { wait: grace, why }));
                }
                (Some(_), None) => {
                    case.wait("not acted on: its grace period needs schedules (`PARAPET_SCHEDULE_GROUP`)".to_owned());
                }
            }
        }
    }

    /// Closes what may be closed now, and what somebody else has changed meanwhile by what it has become. True when a call was
    /// made.
    async fn act(
        &self,
        target: &TargetOf<F>,
        cases: &mut [Case<F>],
        obstacles: &mut Obstacles,
        latest: &mut Option<Observed<F::State>>,
    ) -> bool {
        let (mut was_called, mut changes) = (false, 0);
        loop {
            // By what would be closed now: a look may have shown more than the record.
            for case in cases.iter_mut() {
                case.held = self.held(case);
            }
            self.put_off(cases, obstacles);
            for case in cases.iter_mut().filter(|case| case.may_act()) {
                // What an event has just made is closed however large it is.
                let is_limited = self.is_sweep || case.about().class != Class::R1;
                case.is_too_long = is_limited && case.plan.elements() > MAX_ELEMENTS;
            }
            let ran = self.run(Some(target), self.around.world, cases, Case::may_act, obstacles).await;
            was_called |= ran.was_called;
            let Some(seen) = ran.changed else { return was_called };
            changes = if ran.was_called { 1 } else { changes + 1 };
            for case in cases.iter_mut() {
                case.see(&seen, &self.terms(), Lens::Read(Glance::Quick), None);
            }
            *latest = Some(seen);
            self.insist(target, cases, latest).await;
            if changes == CHANGES {
                cases.iter_mut().filter(|case| case.may_act()).for_each(Case::give_up);
                return was_called;
            }
        }
    }
}
