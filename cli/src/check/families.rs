//! Planned resources that their families read themselves: every one that says which types it plans.

use super::plan::{Planned, State};
use crate::template::KNOWN_AFTER_APPLY;
use serde_json::{Value, json};
use shared::engine::family::Family;
use shared::engine::pipeline::{PlannedAnswer, PlannedIn, Rules, judge_resource};
use shared::engine::planned::{PlannedResource, SIBLINGS};
use shared::engine::verdict::Verdict;
use shared::resources::{Visitor, visit_all};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A policy names more accounts than this where it is made by a program: none of them is likely to be the owner's.
const MOST_ACCOUNTS: usize = 20;

/// Stands for the account where none is named: no account has it.
pub(super) const SOME_ACCOUNT: &str = "000000000000";

/// Whether a family reads resources of this type.
pub(super) fn read(kind: &str) -> bool {
    KINDS.contains_key(kind)
}

/// The types that some family reads, each with the property that names what it is a part of.
static KINDS: LazyLock<BTreeMap<&'static str, Option<&'static str>>> = LazyLock::new(|| {
    let mut kinds = Kinds::default();
    visit_all(&mut kinds);
    kinds.0
});

#[derive(Default)]
struct Kinds(BTreeMap<&'static str, Option<&'static str>>);

impl Visitor for Kinds {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        for form in family.forms().iter() {
            let owner = self.0.entry(form.kind).or_default();
            *owner = owner.or(form.owner);
        }
    }
}

/// Shows the parts of one resource each other: the entries of a network ACL.
pub(super) fn join(planned: &mut [Planned]) {
    let mut parts: BTreeMap<(&'static str, String), Vec<usize>> = BTreeMap::new();
    for (at, one) in planned.iter().enumerate() {
        let State::Of(properties) = &one.state else { continue };
        let Some((kind, Some(owner))) = KINDS.get_key_value(one.kind.as_str()) else { continue };
        let named = properties.get(*owner).map(Value::to_string).filter(|named| *named != *NOT_NAMED);
        if let Some(named) = named {
            parts.entry((kind, named)).or_default().push(at);
        }
    }
    for of_one in parts.values().filter(|of_one| of_one.len() > 1) {
        let all: Vec<Value> = of_one.iter().filter_map(|at| planned[*at].properties().cloned()).collect();
        for (place, at) in of_one.iter().enumerate() {
            let others = all.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, one)| one.clone());
            if let State::Of(Value::Object(properties)) = &mut planned[*at].state {
                properties.insert(SIBLINGS.to_owned(), others.collect());
            }
        }
    }
}

/// What a plan does not know yet, and of which the configuration does not say what it refers to: two of them may be two.
static NOT_NAMED: LazyLock<String> = LazyLock::new(|| json!({ KNOWN_AFTER_APPLY: "" }).to_string());

/// What the guardrails of these families say. Where what decides is known at deployment only, each is undetermined. Without an account, a
/// violation is one whichever account it will be, those that the resource names among them.
pub(super) fn judge(kind: &str, properties: &Value, place: PlannedIn<'_>, rules: &Rules) -> Vec<PlannedAnswer> {
    if place.account.is_some() {
        return judge_in(kind, properties, place, rules);
    }
    let text = properties.to_string();
    let named = text.split(|c: char| !c.is_ascii_digit()).filter(|word| word.len() == 12 && *word != SOME_ACCOUNT);
    let named: BTreeSet<&str> = named.collect();
    let in_account = |account| judge_in(kind, properties, PlannedIn { account: Some(account), ..place }, rules);
    let mut answers = in_account(SOME_ACCOUNT);
    for account in named.into_iter().take(MOST_ACCOUNTS) {
        for (answer, there) in answers.iter_mut().zip(in_account(account)) {
            if matches!(answer.verdict, Verdict::Violation(_)) && !matches!(there.verdict, Verdict::Violation(_)) {
                let why =
                    format!("it complies if it is deployed to account {account}: name the account with `--account`");
                (answer.verdict, answer.steps) = (Verdict::Undetermined { why }, Vec::new());
            }
        }
    }
    answers
}

fn judge_in(kind: &str, properties: &Value, place: PlannedIn<'_>, rules: &Rules) -> Vec<PlannedAnswer> {
    struct Judges<'a> {
        resource: PlannedResource<'a>,
        place: PlannedIn<'a>,
        rules: &'a Rules,
        answers: Vec<PlannedAnswer>,
    }

    impl Visitor for Judges<'_> {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            self.answers.extend(judge_resource(&family, &self.resource, self.place, self.rules));
        }
    }

    let resource = PlannedResource { name: place.resource, kind, properties };
    let mut judges = Judges { resource, place, rules, answers: Vec::new() };
    visit_all(&mut judges);
    judges.answers
}
