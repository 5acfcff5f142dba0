//! What a rule of the stack should be, and what is wrong with one.

use super::state::{Content, Now, OwnRule, RuleRef, Targets, View};
use crate::engine::observed::Place;
use crate::engine::own::Stack;
use crate::engine::verdict::Evidence;
use crate::resources::parapet::manifest::{MANIFEST, RuleSpec, in_order};
use serde_json::{Value, json};

/// The id of the target in the template.
pub(super) const FUNCTION: &str = "function";

/// What the rule should be: the manifest's, with this stack's names.
pub(super) struct Wanted {
    /// None where it names a role whose name the function does not have.
    pub(super) content: Option<Content>,
    /// None where the name of its function is not known.
    pub(super) target: Option<Value>,
}

impl Wanted {
    /// None where the rule is none of this stack's.
    pub(super) fn of(rule: &RuleRef, stack: &Stack, place: &Place) -> Option<Self> {
        let spec = MANIFEST.rules.get(MANIFEST.part(stack, &rule.name)?)?;
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
        (bus == rule.bus).then(|| Self { content, target: target(spec, stack, place) })
    }
}

fn target(spec: &RuleSpec, stack: &Stack, place: &Place) -> Option<Value> {
    let name = MANIFEST.name(stack, &place.region, &spec.function)?;
    let arn = format!("arn:{}:lambda:{}:{}:function:{name}", place.partition, place.region, place.account);
    let mut target = json!({ "Id": FUNCTION, "Arn": arn, "RetryPolicy": spec.retry });
    if let (Some(queue), Some(members)) = (&stack.dead_letters, target.as_object_mut()) {
        members.insert("DeadLetterConfig".to_owned(), json!({ "Arn": queue }));
    }
    Some(target)
}

/// Something that is wrong with a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    Deleted,
    Disabled,
    Content,
    /// The function's target, with what stands in its place.
    Target(Option<Value>),
    Other(String),
}

impl Fault {
    pub(super) fn evidence(&self, name: &str) -> Evidence {
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
pub(super) fn faults(view: &View, wanted: &Wanted) -> Result<Vec<Fault>, String> {
    let mut found = Vec::new();
    found.extend((view.enabled == Some(false)).then_some(Fault::Disabled));
    let mut unknown = None;
    if let Some(content) = &view.content {
        match &wanted.content {
            None => {
                unknown = Some(
                    "a role or a parameter that its pattern names is not among those that the function has (`PARAPET_PARTS`, `PARAPET_CUSTOM_SOURCES`, `PARAPET_CUSTOM_NAMES`)",
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
            unknown = Some("the name of its function is not among those that the function has (`PARAPET_PARTS`)")
        }
        (None, _) if is_whole => found.push(Fault::Target(None)),
        _ => {}
    }
    match unknown {
        Some(why) if found.is_empty() => Err(format!("whether the rule is the template's is not known: {why}")),
        _ => Ok(found),
    }
}

/// The same of a rule that may be gone.
///
/// # Errors
/// See [`faults`].
pub(super) fn all_faults(rule: &OwnRule, wanted: &Wanted) -> Result<Vec<Fault>, String> {
    match &rule.now {
        Now::Gone => Ok(vec![Fault::Deleted]),
        Now::Stands(view) => faults(view, wanted),
    }
}
