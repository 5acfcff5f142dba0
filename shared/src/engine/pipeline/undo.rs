//! Undoing a finding: the inverses of the calls that were made, in reverse, when nothing else has changed since.

use super::{Clock, Context, RunContext};
use crate::engine::erased::{AnyAction, AnyFamily, AnyGuardrail, AnyState, AnyTarget, AnyWorld, Hidden};
use crate::engine::event::Actor;
use crate::engine::family::{Family, Observe, ReadDepth, ReadError};
use crate::engine::finding::{Cause, Finding, Outcome, Remedy, StepRecord, Times, finding_id};
use crate::engine::guardrail::Terms;
use crate::engine::memory::Memory;
use crate::engine::observed::{Observed, Place};
use crate::engine::pipeline::differences::differences;
use crate::engine::plan::{Action, Apply, ApplyError, Step, Undo};
use crate::engine::verdict::{Severity, Verdict, VerdictKind};
use crate::operations::signature::Trust;
use crate::policy::Mode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use uuid::Uuid;

/// What the ledger holds of a finding that may be undone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Kept {
    /// The finding's id.
    pub id: Uuid,
    /// The guardrail's name.
    pub guardrail: String,
    /// The others that its notification spoke for: they object to the same.
    pub also: Vec<String>,
    /// The resource's id.
    pub resource: String,
    /// Where it is.
    pub place: Place,
    /// The elements that were removed.
    pub elements: Vec<String>,
    /// The state before acting, as far as it was seen: what undoing leads back to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The state that was seen after acting.
    pub after: Option<Value>,
    /// The calls that were made, and their inverses.
    pub remedy: Remedy,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
    /// How far it is believed: any principal that may write to the table may have written it.
    #[serde(skip)]
    pub trust: Trust,
    /// Whether it carries a signature, also where none is asked for.
    #[serde(skip)]
    pub is_sealed: bool,
}

/// Who undoes a finding.
#[derive(Clone, Debug)]
pub struct By {
    /// Their ARN, or what is known of them.
    pub who: String,
    /// Although the resource has changed since.
    pub force: bool,
}

/// What undoing a finding would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preview {
    /// The calls, in order, each in one line.
    pub actions: Vec<String>,
    /// The same by hand.
    pub commands: Vec<String>,
    /// The IAM actions that they need.
    pub permissions: Vec<&'static str>,
    /// What has changed on the resource since Parapet acted, one line each. Empty when nothing has.
    pub differences: Vec<String>,
}

/// Why a finding was not undone. Nothing was changed: once a call was made, or may have been, there is a finding that
/// says what.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UndoError {
    /// There is nothing to undo.
    #[error("finding {0} changed nothing: there is nothing to undo")]
    NothingDone(Uuid),
    /// It was undone already.
    #[error("finding {0} was undone at {1}")]
    AlreadyUndone(Uuid, Timestamp),
    /// What the ledger holds cannot be used.
    #[error("what the ledger holds of finding {id} cannot be used: {why}")]
    Unreadable {
        /// The finding.
        id: Uuid,
        /// What is wrong.
        why: String,
    },
    /// A call has no inverse.
    #[error("`{action}` cannot be undone: {why}")]
    Irreversible {
        /// The call.
        action: String,
        /// Why.
        why: String,
    },
    /// The resource could not be looked at.
    #[error("`{resource}` cannot be read: {why}")]
    Unseen {
        /// The resource.
        resource: String,
        /// Why.
        why: String,
    },
    /// The resource is another one by now.
    #[error("`{resource}` has changed since: {}; review it, then pass --force to undo the finding anyway", .differences.join("; "))]
    Changed {
        /// The resource.
        resource: String,
        /// What, one line each.
        differences: Vec<String>,
    },
    /// AWS did not do it.
    #[error("cannot {action}: {why}; nothing was changed")]
    Failed {
        /// The call.
        action: String,
        /// What came back.
        why: String,
    },
}

impl Kept {
    /// A finding that changed nothing.
    #[must_use]
    pub fn nothing(id: Uuid) -> Self {
        let place = Place { partition: String::new(), account: String::new(), region: String::new() };
        Self {
            id,
            guardrail: String::new(),
            also: Vec::new(),
            resource: String::new(),
            place,
            elements: Vec::new(),
            before: None,
            after: None,
            remedy: Remedy::default(),
            undone: None,
            trust: Trust::NotAsked,
            is_sealed: false,
        }
    }

    /// What the ledger needs of a finding. None when nothing was done.
    #[must_use]
    pub fn of(finding: &Finding) -> Option<Self> {
        if finding.remedy.steps.is_empty() {
            return None;
        }
        Some(Self {
            id: finding.id,
            guardrail: finding.guardrail.name.to_owned(),
            also: finding.also.iter().map(|name| (*name).to_owned()).collect(),
            resource: finding.resource.id.clone(),
            place: finding.place.clone(),
            elements: finding.evidence.iter().map(|evidence| evidence.element.clone()).collect(),
            before: Some(finding.before.clone()).filter(|before| !before.is_null()),
            after: finding.after.clone(),
            remedy: finding.remedy.clone(),
            undone: None,
            trust: Trust::NotAsked,
            is_sealed: false,
        })
    }
}

/// One finding, as its family understands it.
struct Reversal {
    target: AnyTarget,
    steps: Vec<(Step<AnyAction>, AnyAction)>,
}

impl Reversal {
    fn of(family: &dyn AnyFamily, kept: &Kept) -> Result<Self, UndoError> {
        let id = kept.id;
        if let Some(at) = kept.undone {
            return Err(UndoError::AlreadyUndone(id, at));
        }
        if kept.remedy.steps.is_empty() {
            return Err(UndoError::NothingDone(id));
        }
        let unreadable = |error: serde_json::Error| UndoError::Unreadable { id, why: error.to_string() };
        let target = family.target_from(kept.remedy.target.clone()).map_err(unreadable)?;
        let mut steps = Vec::new();
        for step in kept.remedy.steps.iter().rev() {
            let step = family.step_from(step.clone()).map_err(unreadable)?;
            match step.undo.clone() {
                Undo::Apply(back) => steps.push((step, back)),
                Undo::Irreversible { why } => {
                    return Err(UndoError::Irreversible { action: step.apply.to_string(), why: why.into_owned() });
                }
            }
        }
        Ok(Self { target, steps })
    }
}

async fn see(
    family: &dyn AnyFamily,
    world: &dyn AnyWorld,
    target: &AnyTarget,
    resource: &str,
) -> Result<Observed<AnyState>, UndoError> {
    let unseen = |why: String| UndoError::Unseen { resource: resource.to_owned(), why };
    let seen = world.observe(&target.key, ReadDepth::Full).await;
    let mut seen = seen.map_err(|ReadError { why }| unseen(why))?;
    match &mut seen {
        Observed::Known(state) => family.focus(state, target),
        Observed::Absent => {}
        Observed::Unknown { why } => return Err(unseen(why.clone())),
    }
    Ok(seen)
}

/// What undoing the finding would do, and what has changed since. Changes nothing.
///
/// # Errors
/// [`UndoError`] when it cannot be undone at all.
pub async fn preview<F, W>(family: &F, world: &W, kept: &Kept) -> Result<Preview, UndoError>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
{
    preview_any(family, &Hidden::new(family, world), kept).await
}

async fn preview_any(family: &dyn AnyFamily, world: &dyn AnyWorld, kept: &Kept) -> Result<Preview, UndoError> {
    let reversal = Reversal::of(family, kept)?;
    let now = see(family, world, &reversal.target, &kept.resource).await?;
    let backs = || reversal.steps.iter().map(|(_, back)| back);
    Ok(Preview {
        actions: backs().map(ToString::to_string).collect(),
        commands: backs().map(|back| back.command(&kept.place.region)).collect(),
        permissions: backs().map(Action::permission).collect(),
        differences: differences(kept.after.as_ref(), &now),
    })
}

/// Undoes the finding. The exemption that keeps the guardrail from closing it again is the caller's, before this.
///
/// # Errors
/// [`UndoError`], where nothing was changed. After the first call that was made, or may have been, what stands in the way is
/// said by a finding of what is in part undone.
pub async fn undo<F, W, C, M>(
    family: &F,
    context: RunContext<'_, W, C, M>,
    kept: &Kept,
    by: &By,
) -> Result<Finding, UndoError>
where
    F: Family,
    W: Observe<F> + Apply<F::Action>,
    C: Clock,
    M: Memory,
{
    let world = Hidden::new(family, context.world);
    undo_any(family, context.hide(&world), kept, by).await
}

async fn undo_any(family: &dyn AnyFamily, context: Context<'_>, kept: &Kept, by: &By) -> Result<Finding, UndoError> {
    let received = context.clock.now();
    let reversal = Reversal::of(family, kept)?;
    let named = |guardrail: &AnyGuardrail| guardrail.about().name == kept.guardrail;
    let guardrail = family.guardrails().into_iter().find(named).ok_or_else(|| UndoError::Unreadable {
        id: kept.id,
        why: format!("this version knows no guardrail `{}`", kept.guardrail),
    })?;
    let before = see(family, context.world, &reversal.target, &kept.resource).await?;
    let differences = differences(kept.after.as_ref(), &before);
    if !differences.is_empty() && !by.force {
        return Err(UndoError::Changed { resource: kept.resource.clone(), differences });
    }
    let mut records: Vec<StepRecord> = Vec::new();
    let mut obstacle = None;
    for (step, back) in &reversal.steps {
        let (request_id, problem) = match context.world.call(back).await {
            Ok(applied) => {
                super::itself::note(family, context.memory, &kept.place, &applied).await;
                (applied.request_id, None)
            }
            // It stands already, as after a second try.
            Err(ApplyError::NotThere { .. }) => (None, None),
            // A call without an answer may have been made.
            Err(error) if !records.is_empty() || matches!(error, ApplyError::Transient { .. }) => {
                (None, Some(error.to_string()))
            }
            Err(error) => return Err(UndoError::Failed { action: back.to_string(), why: error.to_string() }),
        };
        obstacle = problem.as_ref().map(|why| format!("cannot {back}: {why}; calls after it were not made"));
        records.push(StepRecord {
            action: back.to_string(),
            permission: back.permission(),
            command: back.command(&kept.place.region),
            request_id,
            answer: Some(problem.unwrap_or_else(|| "done".to_owned())),
            undo_command: Some(step.apply.command(&kept.place.region)),
            undo: step.apply.to_string(),
        });
        if obstacle.is_some() {
            break;
        }
    }
    let contained = context.clock.now();
    let terms = Terms { policy: &context.rules.policy, place: &kept.place, own: context.rules.own() };
    let (after, is_back) = match look(family, context, &reversal.target, kept, &guardrail, &terms).await {
        Ok(seen) => seen,
        Err(error) => {
            let why = error.to_string();
            obstacle = obstacle.or_else(|| Some(format!("the calls were made, and could not be verified: {why}")));
            (Observed::Unknown { why }, false)
        }
    };
    let is_back = is_back && obstacle.is_none();
    let json = |state: &Observed<AnyState>| state.known().and_then(|state| serde_json::to_value(state).ok());
    let in_force = kept.elements.iter().filter(|_| is_back);
    let mut reasons: Vec<String> = in_force.map(|element| format!("`{element}` is in force again")).collect();
    reasons.push(format!("undone by {}", by.who));
    reasons.extend(differences.iter().map(|difference| format!("overridden with force: {difference}")));
    match obstacle {
        Some(obstacle) => reasons.push(obstacle),
        None if is_back => {}
        None => {
            reasons.push("the calls succeeded, but not every change could be verified as in force again".to_owned())
        }
    }
    Ok(Finding {
        id: finding_id(&format!("{}\nundone", kept.id), &kept.guardrail, &kept.resource),
        thread: kept.id,
        guardrail: guardrail.about(),
        resource: family.resource(&reversal.target.key, after.known(), &kept.place),
        place: kept.place.clone(),
        cause: cause(kept, by, received),
        verdict: VerdictKind::Violation,
        severity: Severity::Medium,
        mode: Mode::Enforce,
        outcome: if is_back { Outcome::Undone } else { Outcome::Partial },
        evidence: Vec::new(),
        reasons,
        steps: records,
        before: json(&before).unwrap_or_default(),
        after: json(&after),
        times: Times {
            event: received,
            received,
            contained: Some(contained),
            verified: is_back.then(|| context.clock.now()),
        },
        also: Vec::new(),
        notified_by: None,
        is_counted: false,
        exempted_by: None,
        stack: after.known().and_then(|state| family.stack(state)),
        remedy: Remedy::default(),
    })
}

/// Looks until the guardrail objects to all elements again, or the resource is what it was, or the lag that AWS may have has passed. Who undoes may have
/// another policy than the function that acted: what the resource was says more than what a guardrail makes of it.
async fn look(
    family: &dyn AnyFamily,
    context: Context<'_>,
    target: &AnyTarget,
    kept: &Kept,
    guardrail: &AnyGuardrail,
    terms: &Terms<'_>,
) -> Result<(Observed<AnyState>, bool), UndoError> {
    let mut pauses = family.lag().iter();
    let content = |state: &Option<Value>| {
        let state = state.clone().and_then(|state| family.state_from(state).ok());
        state.map(|state| family.content(&state))
    };
    // Where the remediation has left the same content, that says nothing.
    let was = content(&kept.before).filter(|before| content(&kept.after).as_ref() != Some(before));
    loop {
        let seen = see(family, context.world, target, &kept.resource).await?;
        let found = match seen.known().map(|state| guardrail.judge(state, terms)) {
            Some(Verdict::Violation(violation)) => violation.evidence,
            Some(Verdict::Compliant | Verdict::Undetermined { .. }) | None => Vec::new(),
        };
        let is_as_before = was.is_some() && was == seen.known().map(|state| family.content(state));
        let objects = |element: &String| found.iter().any(|evidence| evidence.element == *element);
        let is_back = is_as_before || kept.elements.iter().all(objects);
        match pauses.next() {
            Some(pause) if !is_back => context.clock.pause(*pause).await,
            _ => return Ok((seen, is_back)),
        }
    }
}

fn cause(kept: &Kept, by: &By, at: Timestamp) -> Cause {
    Cause {
        event_id: format!("undo-{}", kept.id),
        event_name: "Undo".to_owned(),
        event_source: "parapet".to_owned(),
        time: at,
        actor: Actor { name: Some(by.who.clone()), ..Actor::read(&Value::Null, None) },
        source_ip: None,
        user_agent: None,
    }
}
