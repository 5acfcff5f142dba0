//! What the heartbeat looks at: that every rule of the stack is there, is enabled, and says what the template says.
//!
//! No event shows a rule that was deleted, disabled or narrowed while the rules that bring such events were, too. This look changes nothing, since it cannot
//! know of a deployment that is under way: what stays wrong is notified, and no heartbeat is written.

use super::actions::EVENTS;
use super::reads::{list_of, shown, targets};
use super::state::{RuleRef, Targets, View};
use super::wanted::{Wanted, faults};
use crate::engine::observed::Place;
use crate::engine::own::Stack;
use crate::engine::request::{Answer, Api, Request};
use crate::resources::parapet::manifest::{MANIFEST, Manifest, RuleSpec};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The service.
pub const API: &Api = &EVENTS;

/// A rule as it is listed.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// What it is called.
    pub of: RuleRef,
    /// What is shown of it.
    pub view: View,
}

/// The rules that a stack with these conditions has.
fn rules(stack: &Stack) -> impl Iterator<Item = (&'static String, &'static RuleSpec)> {
    let has = |condition: &String| stack.conditions.contains(condition);
    let manifest: &'static Manifest = &MANIFEST;
    manifest.rules.iter().filter(move |(_, spec)| spec.condition.as_ref().is_none_or(has))
}

/// The buses that have rules of the stack; none is the default bus.
#[must_use]
pub fn buses(stack: &Stack, place: &Place) -> BTreeSet<Option<String>> {
    let name = |spec: &RuleSpec| spec.bus.as_ref().and_then(|bus| MANIFEST.name(stack, &place.region, bus));
    rules(stack).map(|(_, spec)| name(spec)).collect()
}

/// The request for a page of the stack's rules on a bus.
#[must_use]
pub fn page(stack: &Stack, bus: Option<&str>, from: Option<&str>) -> Request {
    list_of(&format!("{}-", stack.name), bus, from)
}

/// The rules of a page, and where the next one begins.
///
/// # Errors
/// What the answer does not show.
pub fn listed(answer: &Answer, bus: Option<&str>) -> Result<(Vec<Listed>, Option<String>), String> {
    let (rules, next) = super::reads::listed(answer)?;
    let one = |rule: &Value| {
        let name = rule.get("Name").and_then(Value::as_str).ok_or("the answer shows a rule without a name")?;
        let of = RuleRef { name: name.to_owned(), bus: bus.map(str::to_owned), ..RuleRef::default() };
        Ok(Listed { of, view: shown(rule)? })
    };
    let rules = rules.iter().map(one).collect::<Result<_, String>>()?;
    Ok((rules, next.map(str::to_owned)))
}

/// The request for the targets of a rule of the stack; none where it is no such rule.
#[must_use]
pub fn targets_of(rule: &Listed, stack: &Stack) -> Option<Request> {
    let spec = MANIFEST.rules.get(MANIFEST.part(stack, &rule.of.name)?)?;
    (spec.bus.is_some() == rule.of.bus.is_some()).then(|| targets(&rule.of))
}

impl Listed {
    /// With what an answer shows of its targets.
    ///
    /// # Errors
    /// It shows no list.
    pub fn with(mut self, answer: &Answer) -> Result<Self, String> {
        let list = answer.body.get("Targets").and_then(Value::as_array);
        let list = list.ok_or_else(|| format!("the answer does not show the targets of rule `{}`", self.of.name))?;
        self.view.targets = Some(Targets::All(list.clone()));
        Ok(self)
    }
}

/// What is wrong, for a person; nothing where every rule is as it should be.
#[must_use]
pub fn wrong(all: &[Listed], stack: &Stack, place: &Place) -> Vec<String> {
    let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for rule in all {
        let Some(id) = MANIFEST.part(stack, &rule.of.name) else { continue };
        let Some(wanted) = Wanted::of(&rule.of, stack, place) else { continue };
        let why = match faults(&rule.view, &wanted) {
            Ok(found) => found.iter().map(|fault| fault.evidence(&rule.of.name).why).collect(),
            Err(why) => vec![format!("whether rule `{}` is right is not known: {why}", rule.of.name)],
        };
        seen.entry(id).or_default().extend(why);
    }
    let missing = rules(stack).filter(|(id, _)| !seen.contains_key(id.as_str()));
    let missing = missing.map(|(id, _)| format!("there is no rule `{id}`: its events reach no function"));
    missing.chain(seen.values().flatten().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stack() -> Stack {
        let listed = MANIFEST.listed.iter().map(|id| (id.clone(), format!("parapet-{id}-1A2B3C4D5E6F")));
        let own = ("SelfFunction".to_owned(), "parapet-SelfFunction-1A2B3C4D5E6F".to_owned());
        Stack { name: "parapet".to_owned(), parts: listed.chain([own]).collect(), ..Stack::default() }
    }

    fn place() -> Place {
        let text = |text: &str| text.to_owned();
        Place { partition: text("aws"), account: text("111122223333"), region: text("eu-central-1") }
    }

    /// Every rule as it should be, as `ListRules` shows it.
    fn answer(stack: &Stack) -> Answer {
        let rule = |(id, spec): (&String, &RuleSpec)| {
            let pattern = MANIFEST.pattern(spec, stack, &place()).unwrap().to_string();
            json!({"Name": format!("parapet-{id}-1A2B3C4D5E6F"), "State": "ENABLED", "EventPattern": pattern, "ScheduleExpression": spec.schedule})
        };
        Answer { body: json!({"Rules": rules(stack).map(rule).collect::<Vec<_>>()}), request_id: None }
    }

    fn all(stack: &Stack) -> Vec<Listed> {
        listed(&answer(stack), None).unwrap().0
    }

    #[test]
    fn nothing_is_wrong_with_a_stack_as_it_is_deployed() {
        let stack = stack();
        assert_eq!(wrong(&all(&stack), &stack, &place()), Vec::<String>::new());
        assert_eq!(buses(&stack, &place()), [None].into());
    }

    #[test]
    fn a_rule_that_is_gone_disabled_or_narrowed_is_seen() {
        let stack = stack();
        let mut rules = all(&stack);
        rules.retain(|rule| !rule.of.name.contains("-SignInRule-"));
        for rule in &mut rules {
            if rule.of.name.contains("-NetworkRule-") {
                rule.view.enabled = Some(false);
            }
            if rule.of.name.contains("-WatchRule-") {
                rule.view.content.as_mut().unwrap().pattern = Some(json!({"source": ["none"]}));
            }
        }
        let said = wrong(&rules, &stack, &place()).join("\n");
        for part in ["no rule `SignInRule`", "NetworkRule-1A2B3C4D5E6F` is disabled", "of rule `parapet-WatchRule-"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert_eq!(said.lines().count(), 3, "{said}");
    }

    #[test]
    fn a_hub_has_rules_on_the_bus_of_its_members_too() {
        let mut stack = stack();
        stack.conditions.insert("IsHub".to_owned());
        assert_eq!(buses(&stack, &place()), [None, Some("parapet-members".to_owned())].into());
        let said = wrong(&[], &stack, &place());
        assert!(said.iter().any(|line| line.contains("`SignInMembersRule`")), "{said:?}");
    }

    #[test]
    fn the_targets_of_the_rules_are_looked_at() {
        let stack = stack();
        let asked: Vec<Listed> = all(&stack).into_iter().filter(|rule| targets_of(rule, &stack).is_some()).collect();
        assert_eq!(asked.len(), all(&stack).len());
        let none = Answer { body: json!({"Targets": []}), request_id: None };
        let said = wrong(&[asked[0].clone().with(&none).unwrap()], &stack, &place());
        assert!(said.iter().any(|line| line.contains("was removed")), "{said:?}");
        assert!(asked[0].clone().with(&Answer::default()).is_err(), "no list is not an empty one");
    }
}
