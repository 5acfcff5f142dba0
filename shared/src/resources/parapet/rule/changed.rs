//! LOG-12: a rule that brings Parapet its events is as the template says.

use super::actions::{ENABLE_RULE, PUT_RULE, PUT_TARGETS};
use super::state::{Content, Now, OwnRule, RuleAction, RuleRef, Targets, View};
use super::{DELETE, DISABLE, PUT, REMOVE, TARGET};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::own::Stack;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::parapet::manifest::{MANIFEST, RuleSpec, in_order};
use crate::resources::parapet::{part, stack_here};
use serde_json::{Value, json};

/// See the module.
pub struct ParapetRuleChanged;

static ABOUT: About = About {
    name: "parapet-rule-changed",
    catalogue_id: "LOG-12",
    title: "A rule of Parapet was disabled, changed or deleted",
    description: "An EventBridge rule of Parapet's stack is disabled or deleted, its pattern or schedule is not that of the template that this version was built \
        with, its target is missing or changed, or it has another target. What happens to the resources that it is about reaches no guardrail then. Rules \
        are recognised by the names that CloudFormation gives them, those of other stacks are left alone. Changes by CloudFormation are notified and not \
        changed back: a new version of the stack has other rules.",
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
        ("EnableRule", "an enabled rule is as it should be"),
        ("PutPermission, RemovePermission", "the policy of a bus is another guardrail's"),
        ("TagResource, UntagResource", "nothing depends on a rule's tags"),
    ],
};

/// The id of the target in the template.
const FUNCTION: &str = "function";

/// What the rule should be: the manifest's, with this stack's names.
struct Wanted {
    /// None where it names a role that the function was not told.
    content: Option<Content>,
    /// None where the name of its function is not known.
    target: Option<Value>,
}

impl Wanted {
    /// None where the rule is none of this stack's.
    fn of(rule: &RuleRef, terms: &Terms<'_>) -> Option<Self> {
        let (stack, place) = (stack_here(terms)?, terms.place);
        let spec = MANIFEST.rules.get(part(&rule.name, terms)?)?;
        let bus = match &spec.bus {
            Some(bus) => Some(MANIFEST.name(stack, &place.region, bus)?),
            None => None,
        };
        let content = MANIFEST.pattern(spec, stack, place).map(|pattern| Content {
            pattern: Some(pattern),
            schedule: spec.schedule.clone(),
            description: Some(spec.description.clone()),
            role: None,
        });
        (bus == rule.bus).then(|| Self { content, target: target(spec, stack, terms) })
    }
}

fn target(spec: &RuleSpec, stack: &Stack, terms: &Terms<'_>) -> Option<Value> {
    let place = terms.place;
    let name = MANIFEST.name(stack, &place.region, &spec.function)?;
    let arn = format!("arn:{}:lambda:{}:{}:function:{name}", place.partition, place.region, place.account);
    let mut target = json!({ "Id": FUNCTION, "Arn": arn, "RetryPolicy": spec.retry });
    if let (Some(queue), Some(members)) = (&stack.dead_letters, target.as_object_mut()) {
        members.insert("DeadLetterConfig".to_owned(), json!({ "Arn": queue }));
    }
    Some(target)
}

/// What is wrong with a rule.
#[derive(Clone, Debug, PartialEq)]
enum Fault {
    Deleted,
    Disabled,
    Content,
    /// The function's target, with what stands in its place.
    Target(Option<Value>),
    Other(String),
}

impl Fault {
    fn evidence(&self, name: &str) -> Evidence {
        let (element, why) = match self {
            Self::Deleted => ("deleted", format!("rule `{name}` is deleted: its events reach no function")),
            Self::Disabled => ("disabled", format!("rule `{name}` is disabled: its events reach no function")),
            Self::Content => ("pattern", format!("the pattern or schedule of rule `{name}` is not the template's")),
            Self::Target(None) => {
                ("target", format!("the target of rule `{name}` was removed: its events reach no function"))
            }
            Self::Target(Some(_)) => ("target", format!("the target of rule `{name}` is not the template's")),
            Self::Other(id) => {
                return Evidence {
                    element: format!("target {id}"),
                    why: format!("rule `{name}` has a target `{id}` that the template does not have"),
                };
            }
        };
        Evidence { element: element.to_owned(), why }
    }
}

fn id(target: &Value) -> &str {
    target["Id"].as_str().unwrap_or_default()
}

/// What is wrong with what a look shows.
///
/// # Errors
/// What it should be is not known.
fn faults(view: &View, wanted: &Wanted) -> Result<Vec<Fault>, String> {
    let mut found = Vec::new();
    found.extend((view.enabled == Some(false)).then_some(Fault::Disabled));
    let mut unknown = None;
    if let Some(content) = &view.content {
        match &wanted.content {
            None => {
                unknown = Some(
                    "a role that its pattern names is not among the names that the function was told (`PARAPET_PARTS`)",
                )
            }
            Some(wanted) => {
                let pattern = |content: &Content| content.pattern.as_ref().map(in_order);
                let is_same = pattern(content) == pattern(wanted) && content.schedule == wanted.schedule;
                found.extend((!is_same).then_some(Fault::Content));
            }
        }
    }
    let (targets, is_whole) = match &view.targets {
        Some(Targets::All(targets)) => (targets.as_slice(), true),
        Some(Targets::Written(targets)) => (targets.as_slice(), false),
        Some(Targets::Removed(ids)) => {
            found.extend(ids.iter().any(|id| id == FUNCTION).then_some(Fault::Target(None)));
            (&[][..], false)
        }
        None => (&[][..], false),
    };
    found.extend(
        targets.iter().filter(|target| id(target) != FUNCTION).map(|target| Fault::Other(id(target).to_owned())),
    );
    match (targets.iter().find(|target| id(target) == FUNCTION), &wanted.target) {
        (Some(now), Some(wanted)) if now != wanted => found.push(Fault::Target(Some(now.clone()))),
        (Some(_), None) => {
            unknown = Some("the name of its function is not among those that the function was told (`PARAPET_PARTS`)")
        }
        (None, _) if is_whole => found.push(Fault::Target(None)),
        _ => {}
    }
    match unknown {
        Some(why) if found.is_empty() => Err(format!("whether the rule is the template's is not known: {why}")),
        _ => Ok(found),
    }
}

fn all_faults(rule: &OwnRule, wanted: &Wanted) -> Result<Vec<Fault>, String> {
    match &rule.now {
        Now::Gone => Ok(vec![Fault::Deleted]),
        Now::Stands(view) => faults(view, wanted),
    }
}

impl Guardrail<OwnRule, RuleAction> for ParapetRuleChanged {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, rule: &OwnRule, terms: &Terms<'_>) -> Verdict {
        let Some(wanted) = Wanted::of(&rule.of, terms) else { return Verdict::Compliant };
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
        let wanted = Wanted::of(&rule.of, terms).filter(|_| !rule.of.by_cloudformation);
        let found = wanted.and_then(|wanted| Some((all_faults(rule, &wanted).ok()?, wanted)));
        Plan { steps: found.map(|(found, wanted)| steps(rule, &found, &wanted)).unwrap_or_default(), ..Plan::default() }
    }
}

fn steps(rule: &OwnRule, found: &[Fault], wanted: &Wanted) -> Vec<Step<RuleAction>> {
    let of = || rule.of.clone();
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
