//! From an event to findings: locate, observe, judge, decide, apply, look again.
//!
//! Contain first: where the record itself proves a violation, the first call is the one that closes it; everything else
//! (what only a read can tell, the second look, the notification) comes after. All writes go through [`Apply`], all reads
//! through [`Observe`], all time through [`Clock`]: a test, a dry run and a function differ in these alone.

mod by_record;
mod case;
mod planned;

pub use by_record::Judge;
pub use planned::{PlannedAnswer, PlannedIn, Unread, judge_planned};

use crate::event::Event;
use crate::families::{Family, Glance, Observe, TargetOf};
use crate::finding::{Finding, Outcome, finding_id};
use crate::guardrails::About;
use crate::model::{Observed, Place};
use crate::plan::{Apply, ApplyError, DryRun, MAX_ELEMENTS, Plan};
use crate::policy::{Mode, Policy, Subject};
use crate::verdict::Verdict;
use case::{Case, Lens};
use jiff::Timestamp;
use std::future::Future;
use std::time::Duration;
use thiserror::Error;

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
    /// The ARN of the role that this function runs under, to recognise its own calls.
    pub own_role: Option<String>,
    /// Why the policy file could not be used: then nothing is enforced, and every finding says so.
    pub broken_policy: Option<String>,
}

/// What became of an event.
#[derive(Debug, Default)]
pub struct Handled {
    /// One for each guardrail and resource.
    pub findings: Vec<Finding>,
    /// What is worth another try: the event should be delivered again after the findings are told.
    pub retry: Option<Retry>,
}

/// Something passing stood in the way.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("worth another try: {0}")]
pub struct Retry(pub String);

/// How often to plan and act on one resource: once from the record, once from what was read.
const ROUNDS: usize = 2;
/// AWS's reads may lag behind its writes (IAM by seconds): how long to wait before believing that a hole is still open.
const LAG: [Duration; 3] = [Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(2)];

/// Handles one event for one family.
///
/// Failed calls and the function's own calls lead nowhere. Everything else that the family is triggered by leads to a
/// finding for every guardrail that is not off.
pub async fn handle<F, W, C>(family: &F, world: &W, clock: &C, rules: &Rules, event: &Event) -> Handled
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
{
    let received = clock.now();
    if event.failure.is_some() || is_own(event, rules) {
        return Handled::default();
    }
    let pipe = Pipe { family, world, clock, rules, event, place: place(event), received };
    let targets = match family.locate(event) {
        Ok(targets) => targets,
        Err(unlocatable) => return Handled { findings: pipe.unlocatable(&unlocatable.to_string()), retry: None },
    };
    let mut handled = Handled::default();
    for target in &targets {
        let (findings, retry) = pipe.target(target).await;
        handled.findings.extend(findings);
        handled.retry = handled.retry.or(retry);
    }
    handled
}

/// The role is compared whole: a name that only begins alike is somebody else's.
fn is_own(event: &Event, rules: &Rules) -> bool {
    rules.own_role.is_some() && event.actor.role == rules.own_role
}

fn place(event: &Event) -> Place {
    Place { partition: event.partition().to_owned(), account: event.account.clone(), region: event.region.clone() }
}

struct Pipe<'a, F, W, C> {
    family: &'a F,
    world: &'a W,
    clock: &'a C,
    rules: &'a Rules,
    event: &'a Event,
    place: Place,
    received: Timestamp,
}

impl<F, W, C> Pipe<'_, F, W, C>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
{
    /// One resource: judge by the record or by a read, act, look again; what the look shows may lead to one more round.
    async fn target(&self, target: &TargetOf<F>) -> (Vec<Finding>, Option<Retry>) {
        let mut cases = self.cases();
        if cases.is_empty() {
            return (Vec::new(), None);
        }
        let glance = self.first_glance(&cases);
        let (first, mut lens) = match &target.proven {
            Some(state) => (Observed::Known(state.clone()), Lens::Record),
            None => match self.look(target, glance).await {
                Ok(observed) => (observed, Lens::Read(glance)),
                Err(retry) => return (self.findings(target, cases, Some(&retry)), Some(retry)),
            },
        };
        for case in &mut cases {
            case.see(&first, &self.rules.policy, None);
        }
        self.exempt(target, &first, &mut cases);
        let mut retry = None;
        for _ in 0..ROUNDS {
            let acted = self.act(&mut cases, &mut retry).await;
            if retry.is_some() || !(acted || cases.iter().any(|case| case.wants_a_look(lens))) {
                break;
            }
            if let Err(passing) = self.look_again(target, &mut cases).await {
                retry = Some(passing);
                break;
            }
            lens = Lens::Read(Glance::Full);
            if !cases.iter().any(Case::may_act) {
                break;
            }
        }
        // What is only told takes the same way with an executor that does nothing.
        self.run(&DryRun, &mut cases, Case::is_only_told, &mut None).await;
        (self.findings(target, cases, retry.as_ref()), retry)
    }

    fn cases(&self) -> Vec<Case<F>> {
        let policy = &self.rules.policy;
        let mode = |about: &About| {
            let mode = policy.mode(about, &self.event.account, self.rules.fallback);
            let mode = match policy.defaults.cloudformation {
                Some(most) if self.event.actor.is_cloudformation() => mode.min(most),
                _ => mode,
            };
            if self.rules.broken_policy.is_some() { mode.min(Mode::Notify) } else { mode }
        };
        let guardrails = self.family.guardrails().iter().copied();
        guardrails
            .filter(|guardrail| self.is_trigger(guardrail.about()))
            .map(|guardrail| {
                let about = guardrail.about();
                Case::new(guardrail, mode(about), policy.allows(about), &self.place.region)
            })
            .filter(|case| case.mode != Mode::Off)
            .map(|mut case| {
                case.warn(self.rules.broken_policy.as_deref());
                case
            })
            .collect()
    }

    fn is_trigger(&self, about: &About) -> bool {
        about.triggers.iter().any(|name| self.event.name.starts_with(name))
    }

    fn first_glance(&self, cases: &[Case<F>]) -> Glance {
        if cases.iter().any(|case| case.mode == Mode::Enforce) { Glance::Quick } else { Glance::Full }
    }

    async fn look(&self, target: &TargetOf<F>, glance: Glance) -> Result<Observed<F::State>, Retry> {
        let mut seen = self.world.observe(&target.key, glance).await.map_err(|error| Retry(error.why))?;
        if let Observed::Known(state) = &mut seen {
            self.family.focus(state, target);
        }
        Ok(seen)
    }

    fn exempt(&self, target: &TargetOf<F>, seen: &Observed<F::State>, cases: &mut [Case<F>]) {
        let resource = self.family.resource(&target.key, seen.known(), &self.place);
        for case in cases {
            let subject = Subject {
                guardrail: case.about().name,
                resource: &resource.id,
                account: &self.event.account,
                actor: self.event.actor.arn.as_deref(),
                role: self.event.actor.role.as_deref(),
            };
            let exemptions = &self.rules.policy.exemptions;
            let covering = exemptions.iter().find(|exemption| exemption.covers(subject, self.received));
            case.exemption = covering.map(crate::policy::Exemption::sentence);
        }
    }

    /// Closes what may be closed. True when a call was made.
    async fn act(&self, cases: &mut [Case<F>], retry: &mut Option<Retry>) -> bool {
        for case in cases.iter_mut().filter(|case| case.may_act()) {
            case.is_too_long = case.plan.elements() > MAX_ELEMENTS;
        }
        self.run(self.world, cases, Case::may_act, retry).await
    }

    /// Runs the plans of all cases that take part, in as few calls as they allow. True when there was one.
    async fn run<X: Apply<F::Action>>(
        &self,
        executor: &X,
        cases: &mut [Case<F>],
        takes_part: impl Fn(&Case<F>) -> bool,
        retry: &mut Option<Retry>,
    ) -> bool {
        let taking_part: Vec<bool> = cases.iter().map(takes_part).collect();
        let mut plan = Plan::default();
        for (case, _) in cases.iter().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
            plan.merge(&case.plan);
        }
        for step in &plan.steps {
            let answer = executor.apply(&step.apply).await;
            let at = self.clock.now();
            if let Err(ApplyError::Transient { why }) = &answer {
                *retry = Some(Retry(why.clone()));
            }
            // One call may run for several cases: each takes down its own part.
            for (case, _) in cases.iter_mut().zip(&taking_part).filter(|(_, takes_part)| **takes_part) {
                case.record(&step.apply, &answer, at);
            }
        }
        !plan.steps.is_empty()
    }

    /// Looks until no acted-on hole shows as open any more, or the lag that AWS may have has passed.
    async fn look_again(&self, target: &TargetOf<F>, cases: &mut [Case<F>]) -> Result<(), Retry> {
        let mut pauses = LAG.iter();
        loop {
            let seen = self.look(target, Glance::Full).await?;
            let now = self.clock.now();
            for case in cases.iter_mut() {
                case.see(&seen, &self.rules.policy, Some(now));
            }
            let stale = cases.iter().any(|case| case.seems_stale());
            match pauses.next() {
                Some(pause) if stale => self.clock.pause(*pause).await,
                _ => return Ok(()),
            }
        }
    }

    fn findings(&self, target: &TargetOf<F>, cases: Vec<Case<F>>, retry: Option<&Retry>) -> Vec<Finding> {
        let mut findings: Vec<Finding> = cases
            .into_iter()
            .map(|case| {
                let resource = self.family.resource(&target.key, case.state.as_ref(), &self.place);
                let id = finding_id(&self.event.id, case.about().name, &resource.id);
                case.finding(id, resource, self.place.clone(), self.event, self.received, &self.rules.policy, retry)
            })
            .collect();
        fold(&mut findings);
        findings
    }

    fn unlocatable(&self, why: &str) -> Vec<Finding> {
        let resource = crate::model::Resource {
            id: format!(
                "arn:{}:cloudtrail:{}:{}:event/{}",
                self.place.partition, self.place.region, self.place.account, self.event.id
            ),
            kind: "Other",
            name: self.event.id.clone(),
        };
        let undetermined = Verdict::Undetermined { why: why.to_owned() };
        let mut findings: Vec<Finding> = self
            .cases()
            .into_iter()
            .map(|mut case| {
                case.verdict = Some(undetermined.clone());
                let id = finding_id(&self.event.id, case.about().name, &resource.id);
                case.finding(
                    id,
                    resource.clone(),
                    self.place.clone(),
                    self.event,
                    self.received,
                    &self.rules.policy,
                    None,
                )
            })
            .collect();
        fold(&mut findings);
        findings
    }
}

/// One change that several guardrails object to is told once: the gravest speaks for those that object to no more than
/// it does and ended the same way.
fn fold(findings: &mut [Finding]) {
    let mut spoken_for: Vec<(usize, usize)> = Vec::new();
    for (at, finding) in findings.iter().enumerate() {
        let speaks = |other: &Finding| {
            other.verdict == finding.verdict
                && other.outcome == finding.outcome
                && other.verdict != "compliant"
                && finding.evidence.iter().all(|evidence| other.evidence.iter().any(|e| e.element == evidence.element))
        };
        let speaker = findings.iter().take(at).position(|other| other.is_worth_telling() && speaks(other));
        if let (Some(speaker), true) = (speaker, finding.is_worth_telling()) {
            spoken_for.push((speaker, at));
        }
    }
    for (speaker, at) in spoken_for {
        let name = findings.get(at).map(|finding| finding.guardrail.name);
        let reason = findings.get(speaker).map(|finding| finding.guardrail.name);
        if let (Some(speaker), Some(name)) = (findings.get_mut(speaker), name) {
            speaker.also.push(name);
        }
        if let (Some(folded), Some(by)) = (findings.get_mut(at), reason) {
            folded.told_by = Some(by);
        }
    }
}

impl Outcome {
    /// The outcome of a case that was judged and not acted on.
    pub(crate) fn of_untouched(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Compliant => Self::AlreadyCompliant,
            Verdict::Violation(_) | Verdict::Undetermined { .. } => Self::Notified,
        }
    }
}
