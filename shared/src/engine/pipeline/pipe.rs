//! One event on its way through one family.

use super::evaluation::{Evaluation, Lens, Restraint, Suppression};
use super::window::Window;
use super::{Context, Deferral, Detail, Handled, Retry};
use crate::engine::erased::{AnyFamily, AnyState, AnyTarget};
use crate::engine::event::Event;
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::guardrail::{About, Class};
use crate::engine::memory;
use crate::engine::observed::{Observed, Place};
use crate::engine::orders::{Act, Scope};
use crate::engine::plan::{DryRun, MAX_ELEMENTS};
use crate::policy::{Mode, Subject};
use futures_util::future::{Either, ready, select};
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

/// How often to plan and act on one resource: once from the record, once from what was read.
const ROUNDS: usize = 2;
/// How often to plan anew because another caller has changed the resource between the read and the call.
pub(super) const CHANGES: usize = 3;
/// How long to wait while the standing orders cannot be read: they are asked for again behind every event.
const UNREAD: Duration = Duration::from_secs(60);

pub(super) struct Pipe<'a> {
    pub(super) family: &'a dyn AnyFamily,
    pub(super) context: Context<'a>,
    pub(super) event: &'a Event,
    pub(super) place: Place,
    pub(super) received: Timestamp,
    /// There is no event: a sweep walks through what is there.
    pub(super) is_sweep: bool,
    /// The guardrails that a finding of another service asks about; none where the event or the sweep says which.
    pub(super) only: Option<&'a [&'static str]>,
    /// How much its findings say.
    pub(super) detail: Detail,
}

/// What stood in the way of handling a resource to the end.
#[derive(Default)]
pub(super) struct Obstacles {
    pub(super) retry: Option<Retry>,
    pub(super) deferred: Option<Deferral>,
    /// What was overwritten, and when.
    pub(super) windows: Vec<Window>,
    /// Nothing is done: there is nothing that could stand in the way.
    pub(super) is_rehearsal: bool,
}

impl Pipe<'_> {
    /// One resource of an event: judge by the record or by a read, act, look again; what the look shows may lead to one
    /// more round.
    pub(super) async fn target(&self, target: AnyTarget) -> Handled {
        if self.detail == Detail::Answers {
            // Nothing was ever written over where nothing is written.
            return self.one(target).await;
        }
        let claim = self.claim(&target);
        let mut handled = self.one(target).await;
        match self.overwritten(&claim, &handled).await {
            Ok(notice) => handled.notices.extend(notice),
            Err(unknown) => handled.findings.iter_mut().for_each(|finding| finding.reasons.push(unknown.to_string())),
        }
        handled
    }

    async fn one(&self, mut target: AnyTarget) -> Handled {
        let evaluations = self.evaluations();
        if evaluations.is_empty() {
            return Handled::default();
        }
        if let Some(counter) = self.family.counter(self.event).filter(|_| !self.is_sweep) {
            let count = match self.context.memory.count(&counter).await {
                Ok(count) => count.map_or(Observed::Absent, Observed::Known),
                Err(error) => Observed::Unknown { why: error.to_string() },
            };
            self.family.counted(&mut target, count);
        }
        let depth = self.first_depth(&evaluations);
        if self.is_late() {
            target.proven = None;
        }
        let key = target.key.clone();
        let ahead = self.looks_ahead(&target, &evaluations, depth);
        let look = async { Some((ahead?, self.context.world.observe(&key, ahead?).await)) };
        let mut look = pin!(look);
        // Neither waits for the other, and what was kept may be all that is needed.
        let recall = pin!(memory::kept(self.family, self.context.memory, &self.place, &key));
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
                let (depth, seen) = seen.await?;
                Some((depth, self.focused(seen, &target).ok()?))
            };
            return self.evaluate_each(&target, evaluations, Observed::Known(state), Lens::Record, ahead).await;
        }
        let (depth, seen) = match seen.await {
            Some((depth, seen)) => (depth, self.focused(seen, &target)),
            None => (depth, self.look(&target, depth).await),
        };
        match self.unless_new(&target, depth, seen).await {
            Ok(seen) => self.evaluate_each(&target, evaluations, seen, Lens::Read(depth), ready(None)).await,
            Err(retry) => {
                let findings = self.findings(&target, evaluations, Some(&retry), false);
                Handled { findings, retry: Some(retry), ..Handled::default() }
            }
        }
    }

    /// How closely to read while what was kept is recalled: where the record proves nothing, or leaves a guardrail without an
    /// answer or a plan, or with a plan that a record does not prove enough for.
    fn looks_ahead(&self, target: &AnyTarget, evaluations: &[Evaluation], depth: ReadDepth) -> Option<ReadDepth> {
        let ahead = self.family.looks_ahead(target, depth);
        let Some(state) = &target.proven else { return ahead };
        if self.detail == Detail::Answers {
            return None;
        }
        let terms = self.terms();
        if evaluations.iter().all(|evaluation| evaluation.is_enough(state, &terms)) {
            return None;
        }
        // What was kept may lead to a plan that there is none for yet.
        let is_kept = self.family.memory(&target.key).is_some() && self.family.recalls(&target.key);
        let may_overwrite = |evaluation: &Evaluation| {
            evaluation.is_enforced() && (is_kept || evaluation.would_overwrite(state, &terms))
        };
        ahead.or_else(|| evaluations.iter().any(may_overwrite).then_some(depth))
    }

    /// What a record proves may have changed while its event was put off: it is not believed any more.
    pub(super) fn is_late(&self) -> bool {
        self.event.waited.is_some()
    }

    /// Whether its grace period is over: it was put off for that long, or it comes back on another way.
    fn has_waited(&self, grace: Duration) -> bool {
        let waited = |since: Timestamp| {
            let waited = self.context.clock.now().duration_since(since);
            SignedDuration::try_from(grace).is_ok_and(|grace| waited >= grace)
        };
        self.is_late() && self.event.since.is_none_or(waited)
    }

    /// What was seen goes through all cases. `ahead` is a read that runs already, for what the record leaves open.
    pub(super) async fn evaluate_each(
        &self,
        target: &AnyTarget,
        mut evaluations: Vec<Evaluation>,
        first: Observed<AnyState>,
        mut lens: Lens,
        ahead: impl Future<Output = Option<(ReadDepth, Observed<AnyState>)>>,
    ) -> Handled {
        for evaluation in &mut evaluations {
            evaluation.see(&first, &self.terms(), lens, None);
        }
        self.suppress(target, &first, &mut evaluations);
        // What a record says is never what was read.
        let mut latest = (lens != Lens::Record).then_some(first);
        let mut obstacles = Obstacles::default();
        let mut ahead = Some(ahead);
        for _ in 0..ROUNDS {
            let mut acted =
                lens.is_enough_to_act() && self.act(target, &mut evaluations, &mut obstacles, &mut latest).await;
            let is_open = |evaluation: &Evaluation| {
                if acted { evaluation.waits_for_a_read() } else { evaluation.wants_a_look(lens) }
            };
            if let Some(ahead) = ahead.take().filter(|_| evaluations.iter().any(is_open))
                && let Some((depth, seen)) = ahead.await
            {
                // What was acted on has changed since this read began.
                for evaluation in evaluations.iter_mut().filter(|evaluation| !evaluation.was_called()) {
                    evaluation.see(&seen, &self.terms(), Lens::Read(depth), None);
                }
                latest = Some(seen);
                self.insist(target, &mut evaluations, &mut latest).await;
                acted |= self.act(target, &mut evaluations, &mut obstacles, &mut latest).await;
            }
            let wants_a_look = acted || evaluations.iter().any(|evaluation| evaluation.wants_a_look(lens));
            if obstacles.retry.is_some() || !wants_a_look {
                break;
            }
            match self.look_again(target, &mut evaluations).await {
                Ok(seen) => latest = Some(seen),
                Err(passing) => {
                    obstacles.retry = Some(passing);
                    break;
                }
            }
            lens = Lens::Read(ReadDepth::Full);
            if !evaluations.iter().any(Evaluation::may_act) {
                break;
            }
        }
        if self.detail == Detail::Whole {
            // What is only notified takes the same way with an executor that does nothing.
            let mut rehearsal = Obstacles { is_rehearsal: true, ..Obstacles::default() };
            self.run(None, &DryRun, &mut evaluations, Evaluation::is_notify_only, &mut rehearsal).await;
        }
        let is_gone = matches!(latest, Some(Observed::Absent));
        if let Some(why) = self.keep_windows(target, &obstacles.windows).await {
            // Only where a call was made is there something that it may have hidden.
            evaluations
                .iter_mut()
                .filter(|evaluation| evaluation.was_called())
                .for_each(|evaluation| evaluation.warn(Some(why.clone())));
        }
        if self.detail == Detail::Whole {
            self.keep(target, latest, &evaluations).await;
        }
        let is_pending = obstacles.deferred.is_some();
        let findings = self.findings(target, evaluations, obstacles.retry.as_ref(), is_pending);
        Handled { findings, retry: obstacles.retry, deferred: obstacles.deferred, is_gone, ..Handled::default() }
    }

    fn first_depth(&self, evaluations: &[Evaluation]) -> ReadDepth {
        if evaluations.iter().any(|evaluation| evaluation.mode == Mode::Enforce) {
            ReadDepth::Quick
        } else {
            ReadDepth::Full
        }
    }

    pub(super) async fn look(&self, target: &AnyTarget, depth: ReadDepth) -> Result<Observed<AnyState>, Retry> {
        let seen = self.context.world.observe(&target.key, depth).await;
        self.focused(seen, target)
    }

    /// What was read, in the event's view.
    fn focused(
        &self,
        seen: Result<Observed<AnyState>, ReadError>,
        target: &AnyTarget,
    ) -> Result<Observed<AnyState>, Retry> {
        let mut seen = seen.map_err(|error| Retry(error.why))?;
        if matches!(seen, Observed::Absent)
            && let Some(gone) = self.family.when_gone(&target.key)
        {
            seen = Observed::Known(gone);
        }
        if let Observed::Known(state) = &mut seen {
            self.family.focus(state, target);
        }
        Ok(seen)
    }

    /// What forbids acting on this resource: an exemption, an open breaker, flapping that the operator lets win.
    fn suppress(&self, target: &AnyTarget, seen: &Observed<AnyState>, evaluations: &mut [Evaluation]) {
        let resource = self.family.resource(&target.key, seen.known(), &self.place);
        let rules = self.context.rules;
        for evaluation in evaluations {
            evaluation.resource.clone_from(&resource.id);
            let subject = self.subject(evaluation.about(), &resource.id);
            let mut exemptions = rules.policy.exemptions.iter().chain(&rules.orders.exemptions);
            let covering = exemptions.find(|exemption| exemption.covers(subject, self.received));
            evaluation.restraint =
                covering.map(|exemption| Restraint::Exempt { sentence: exemption.sentence(), key: exemption.key() });
            evaluation.suppress(self.suppression(evaluation));
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

    /// The standing order that keeps the evaluation from acting, by what it would close now.
    fn suppression(&self, evaluation: &Evaluation) -> Option<Suppression> {
        if !evaluation.is_enforced() {
            return None;
        }
        let rules = self.context.rules;
        let act = Act {
            subject: self.subject(evaluation.about(), &evaluation.resource),
            region: &self.place.region,
            principal: &self.event.actor.principal(),
            is_cloudformation: self.event.actor.is_cloudformation(),
            class: evaluation.about().class,
            is_sweep: self.is_sweep,
            elements: &evaluation.elements(),
        };
        let stop = rules.orders.stop(&act, &rules.policy.defaults.flapping, self.received);
        stop.map(|stop| match stop.scope {
            Scope::Account(_) => Suppression::BreakerOpen(stop.why.clone()),
            Scope::Resource(_) => Suppression::Flapping(stop.why.clone()),
        })
    }

    /// A disruptive remediation (class R2) waits for its grace period, and while it is not known what an operator has
    /// decided; it is then judged by what stands.
    fn put_off(&self, evaluations: &mut [Evaluation], obstacles: &mut Obstacles) {
        if self.is_sweep {
            return;
        }
        let rules = self.context.rules;
        for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.may_act()) {
            let grace = rules.policy.grace(evaluation.about()).filter(|grace| !self.has_waited(*grace));
            let unread = rules.orders.unreadable.as_ref().filter(|_| evaluation.about().class != Class::R1);
            match (grace, unread) {
                (None, None) => {}
                (_, Some(_)) if rules.can_wait => {
                    evaluation.restraint = Some(Restraint::Waiting(format!(
                        "waits {} s until that is known; then it is judged again",
                        UNREAD.as_secs()
                    )));
                    let why = format!("what was decided about `{}`", evaluation.about().name);
                    obstacles.deferred = obstacles.deferred.take().or(Some(Deferral { wait: UNREAD, why }));
                }
                (_, Some(problem)) => {
                    evaluation.restraint = Some(Restraint::Waiting("not acted on while that is not known".to_owned()));
                    obstacles.retry = obstacles.retry.take().or(Some(Retry(problem.clone())));
                }
                (Some(grace), None) if rules.can_wait => {
                    evaluation.restraint = Some(Restraint::Waiting(format!(
                        "waits {} s: its grace period; then it is judged again",
                        grace.as_secs()
                    )));
                    let why = format!("the grace period of `{}`", evaluation.about().name);
                    obstacles.deferred = obstacles.deferred.take().or(Some(Deferral { wait: grace, why }));
                }
                (Some(_), None) => {
                    evaluation.restraint = Some(Restraint::Waiting(
                        "not acted on: its grace period needs schedules (`PARAPET_SCHEDULE_GROUP`)".to_owned(),
                    ));
                }
            }
        }
    }

    /// Closes what may be closed now, and what another caller has changed meanwhile by what it has become. True when a call was
    /// made.
    async fn act(
        &self,
        target: &AnyTarget,
        evaluations: &mut [Evaluation],
        obstacles: &mut Obstacles,
        latest: &mut Option<Observed<AnyState>>,
    ) -> bool {
        let (mut was_called, mut changes) = (false, 0);
        loop {
            // By what would be closed now: a look may have shown more than the record.
            for evaluation in evaluations.iter_mut() {
                evaluation.suppress(self.suppression(evaluation));
            }
            self.put_off(evaluations, obstacles);
            for evaluation in evaluations.iter_mut().filter(|evaluation| evaluation.may_act()) {
                // What an event has just made is closed however large it is.
                let is_limited = self.is_sweep || evaluation.about().class != Class::R1;
                if is_limited && evaluation.plan.elements() > MAX_ELEMENTS {
                    evaluation.restraint = Some(Restraint::TooLarge);
                }
            }
            let ran = self.run(Some(target), self.context.world, evaluations, Evaluation::may_act, obstacles).await;
            was_called |= ran.was_called;
            let Some(seen) = ran.changed else { return was_called };
            changes = if ran.was_called { 1 } else { changes + 1 };
            for evaluation in evaluations.iter_mut() {
                evaluation.see(&seen, &self.terms(), Lens::Read(ReadDepth::Quick), None);
            }
            *latest = Some(seen);
            self.insist(target, evaluations, latest).await;
            if changes == CHANGES {
                evaluations.iter_mut().filter(|evaluation| evaluation.may_act()).for_each(Evaluation::give_up);
                return was_called;
            }
        }
    }
}
