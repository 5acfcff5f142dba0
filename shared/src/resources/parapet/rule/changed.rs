//! LOG-12: a rule that brings Parapet its events is as the template says.

use super::actions::{ENABLE_RULE, PUT_RULE, PUT_TARGETS};
use super::state::{Now, OwnRule, RuleAction};
use super::wanted::{FUNCTION, Fault, Wanted, all_faults};
use super::{DELETE, DISABLE, PUT, REMOVE, TARGET};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::parapet::{may_be_deployed, stack_here};
use serde_json::Value;

/// See the module.
pub struct ParapetRuleChanged;

static ABOUT: About = About {
    name: "parapet-rule-changed",
    catalogue_id: "LOG-12",
    title: "A rule of Parapet was disabled, changed or deleted",
    description: "An EventBridge rule of Parapet's stack is disabled or deleted, its pattern or schedule is not that of the template that this version was built \
        with, its target is missing or changed, or it has another target. What happens to the resources that it is about reaches no guardrail then. Rules \
        are recognised by the names that CloudFormation gives them, those of other stacks are left alone. Deployments (CloudFormation, \
        for the role of the stack's parameter `DeployRole`, or for any where there is none) are notified and not changed back: a new version has other rules.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1562.001",
    triggers: &[DISABLE, DELETE, PUT, REMOVE, TARGET],
    remediation: "Enables the rule, writes its pattern and its target as the manifest of the build has them, creates it again. A target beside \
        the function's is only notified.",
    actions: &[ENABLE_RULE, PUT_RULE, PUT_TARGETS],
    ids: &["arn:%:events:%:%:rule/%", "arn:%:events:%:%:rule/%/%"],
    not_watched: &[
        ("EnableRule", "an enabled rule is as it should be: that it was disabled is notified by another guardrail"),
        ("PutPermission, RemovePermission, UpdateEventBus, DeleteEventBus", "a bus is a part of its own"),
        ("TagResource, UntagResource", "nothing depends on a rule's tags"),
    ],
};

/// None where the rule is none of the stack's.
fn wanted(rule: &OwnRule, terms: &Terms<'_>) -> Option<Wanted> {
    Wanted::of(&rule.of, stack_here(terms)?, terms.place)
}

impl Guardrail<OwnRule, RuleAction> for ParapetRuleChanged {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, rule: &OwnRule, terms: &Terms<'_>) -> Verdict {
        let Some(wanted) = wanted(rule, terms) else { return Verdict::Compliant };
        let found = match all_faults(rule, &wanted) {
            Ok(found) => found,
            Err(why) => return Verdict::Undetermined { why },
        };
        if found.is_empty() {
            return Verdict::Compliant;
        }
        let evidence = found.iter().map(|fault| fault.evidence(&rule.of.name)).collect();
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, rule: &OwnRule, _: &Violation, terms: &Terms<'_>) -> Plan<RuleAction> {
        let wanted = wanted(rule, terms).filter(|_| !may_be_deployed(&rule.of.by, terms));
        let found = wanted.and_then(|wanted| Some((all_faults(rule, &wanted).ok()?, wanted)));
        Plan { steps: found.map(|(found, wanted)| steps(rule, &found, &wanted)).unwrap_or_default() }
    }
}

fn steps(rule: &OwnRule, found: &[Fault], wanted: &Wanted) -> Vec<Step<RuleAction>> {
    let of = || rule.of.alone();
    let step = |apply, back| Step { apply, undo: Undo::Apply(back) };
    let put = |is_new, back| {
        let put = RuleAction::Put { rule: of(), content: wanted.content.clone()?, enabled: true, is_new };
        Some(step(put, back))
    };
    let target = |was: Option<&Value>| {
        let write = |target: &Value, is_new| RuleAction::Target { rule: of(), targets: vec![target.clone()], is_new };
        let back = match was {
            Some(was) => write(was, false),
            None => RuleAction::Untarget { rule: of(), ids: vec![FUNCTION.to_owned()] },
        };
        Some(step(write(wanted.target.as_ref()?, was.is_none()), back))
    };
    let Now::Stands(view) = &rule.now else {
        // Without a target it brings nothing: both or neither.
        let both = put(true, RuleAction::Delete(of())).zip(target(None));
        return both.map(|(put, target)| vec![put, target]).unwrap_or_default();
    };
    let mut steps = Vec::new();
    let was = view.content.clone().filter(|_| found.contains(&Fault::Content));
    // What writes a rule enables it, too.
    steps.extend(match was {
        Some(content) => {
            let enabled = view.enabled.unwrap_or(true);
            put(false, RuleAction::Put { rule: of(), content, enabled, is_new: false })
        }
        None => found.contains(&Fault::Disabled).then(|| step(RuleAction::Enable(of()), RuleAction::Disable(of()))),
    });
    steps.extend(found.iter().find_map(|fault| match fault {
        Fault::Target(was) => target(was.as_ref()),
        Fault::Deleted | Fault::Disabled | Fault::Content | Fault::Other(_) => None,
    }));
    steps
}
