//! Planned resources that their families read themselves: every one that says which types it plans.

use super::branches::{Branch, Case, both};
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

/// The types that some family reads.
static KINDS: LazyLock<BTreeMap<&'static str, Read>> = LazyLock::new(|| {
    let mut kinds = Kinds::default();
    visit_all(&mut kinds);
    kinds.0
});

#[derive(Default)]
struct Kinds(BTreeMap<&'static str, Read>);

/// How a type is read.
#[derive(Default)]
struct Read {
    /// The property that names what it is a part of.
    owner: Option<&'static str>,
    /// The families that read it.
    by: BTreeSet<&'static str>,
}

impl Visitor for Kinds {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        for form in family.forms().iter() {
            let read = self.0.entry(form.kind).or_default();
            read.owner = read.owner.or(form.owner);
            read.by.insert(family.kind());
        }
    }
}

/// The types of resources that each guardrail judges in templates and plans, by its name.
pub(crate) fn types() -> BTreeMap<&'static str, Vec<&'static str>> {
    #[derive(Default)]
    struct Types(BTreeMap<&'static str, Vec<&'static str>>);

    impl Visitor for Types {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            let by_rule = BY_RULE.iter().filter(|(_, of)| *of == family.kind()).map(|(kind, _)| *kind);
            for about in family.guardrails().iter().map(|guardrail| guardrail.about()) {
                let forms = family.forms();
                let read = forms.iter().filter(|form| form.is_about(about.name)).map(|form| form.kind);
                let mut kinds: Vec<&str> = read.chain(by_rule.clone()).collect();
                kinds.sort_unstable();
                kinds.dedup();
                if !kinds.is_empty() {
                    self.0.insert(about.name, kinds);
                }
            }
        }
    }

    let mut types = Types::default();
    visit_all(&mut types);
    types.0
}

/// What this command reads rule by rule, each with its place, and the family that judges it.
const BY_RULE: &[(&str, &str)] = &[
    ("AWS::EC2::SecurityGroup", "security-group"),
    ("AWS::EC2::SecurityGroupEgress", "security-group"),
    ("AWS::EC2::SecurityGroupIngress", "security-group"),
    ("AWS::IAM::AccessKey", "access-key"),
    ("aws_default_security_group", "security-group"),
    ("aws_iam_access_key", "access-key"),
    ("aws_security_group", "security-group"),
    ("aws_security_group_rule", "security-group"),
    ("aws_vpc_security_group_egress_rule", "security-group"),
    ("aws_vpc_security_group_ingress_rule", "security-group"),
];

/// Shows the parts of one resource each other: the entries of a network ACL.
pub(super) fn join(planned: &mut [Planned]) {
    let mut parts: BTreeMap<(&'static str, String), Vec<usize>> = BTreeMap::new();
    for (at, one) in planned.iter().enumerate() {
        let State::Of(properties) = &one.state else { continue };
        let Some((kind, Read { owner: Some(owner), .. })) = KINDS.get_key_value(one.kind.as_str()) else { continue };
        let named = properties.get(*owner).map(Value::to_string).filter(|named| *named != *NOT_NAMED);
        if let Some(named) = named {
            parts.entry((kind, named)).or_default().push(at);
        }
    }
    for of_one in parts.values().filter(|of_one| of_one.len() > 1) {
        let read = |at: &usize| planned.get(*at).map(|one| (one.properties().cloned(), one.condition.clone()));
        let all: Vec<(Option<Value>, Option<String>)> = of_one.iter().filter_map(read).collect();
        for (place, at) in of_one.iter().enumerate() {
            let others = all.iter().enumerate().filter(|(other, _)| *other != place).map(|(_, one)| one);
            let others: Vec<(&Value, Option<&String>)> =
                others.filter_map(|(properties, condition)| Some((properties.as_ref()?, condition.as_ref()))).collect();
            if let Some(one) = planned.get_mut(*at) {
                beside(one, &others);
            }
        }
    }
}

/// Shows a part the others. One that is there on a condition is there in one case and not in another.
fn beside(one: &mut Planned, others: &[(&Value, Option<&String>)]) {
    const MOST_CONDITIONS: usize = 4;
    let own = one.condition.clone();
    let conditions = others.iter().filter_map(|(_, condition)| *condition).filter(|name| own.as_ref() != Some(*name));
    let conditions: BTreeSet<String> = conditions.cloned().collect();
    let with = |state: &State, case: &Case| {
        let is_there = |condition: &Option<&String>| condition.is_none_or(|name| case.get(name) != Some(&false));
        let there = others.iter().filter(|(_, condition)| is_there(condition)).map(|(other, _)| (*other).clone());
        let mut state = state.clone();
        if let State::Of(Value::Object(properties)) = &mut state {
            properties.insert(SIBLINGS.to_owned(), there.collect());
        }
        state
    };
    let alone = || vec![Branch { case: Case::new(), state: one.state.clone() }];
    let mut branches = if one.branches.is_empty() { alone() } else { std::mem::take(&mut one.branches) };
    for name in conditions.iter().take(MOST_CONDITIONS) {
        let cases = [true, false].map(|holds| Case::from([(name.clone(), holds)]));
        branches = branches
            .iter()
            .flat_map(|branch| {
                cases
                    .iter()
                    .filter_map(|case| Some(Branch { case: both(&branch.case, case)?, state: branch.state.clone() }))
            })
            .collect();
    }
    for branch in &mut branches {
        branch.state = with(&branch.state, &branch.case);
    }
    one.state = with(&one.state, &Case::new());
    one.branches = branches.into_iter().filter(|branch| !branch.case.is_empty()).collect();
}

/// What a plan does not know yet, and of which the configuration does not say what it refers to: two of them may be two.
static NOT_NAMED: LazyLock<String> = LazyLock::new(|| json!({ KNOWN_AFTER_APPLY: "" }).to_string());

/// What the guardrails of these families say. Where what decides is known at deployment only, each is undetermined. Without an account, a
/// violation is one whichever account it will be, those that the resource names among them.
pub(super) fn judge(resource: PlannedResource<'_>, place: PlannedIn<'_>, rules: &Rules) -> Vec<PlannedAnswer> {
    if place.account.is_some() {
        return judge_in(resource, place, rules);
    }
    let mut named = BTreeSet::new();
    accounts(resource.properties, &mut named);
    let in_account = |account: &str| judge_in(resource, PlannedIn { account: Some(account), ..place }, rules);
    let mut answers = in_account(SOME_ACCOUNT);
    for account in named.into_iter().take(MOST_ACCOUNTS) {
        let mut there = in_account(&account);
        for answer in &mut answers {
            // A guardrail says one thing of each state, in their order; one that policy switches off there says nothing.
            let same = there.iter().position(|there| there.about.name == answer.about.name);
            let same = same.map(|at| there.remove(at));
            let is_violation = matches!(answer.verdict, Verdict::Violation(_));
            if is_violation && !same.is_some_and(|there| matches!(there.verdict, Verdict::Violation(_))) {
                let why =
                    format!("it complies if it is deployed to account {account}: name the account with `--account`");
                (answer.verdict, answer.steps) = (Verdict::Undetermined { why }, Vec::new());
            }
        }
    }
    answers
}

/// The accounts that a value names, except the one that stands for its own.
fn accounts(value: &Value, named: &mut BTreeSet<String>) {
    const DIGITS: usize = 12;
    let mut of_text = |text: &str| {
        let words = text.split(|c: char| !c.is_ascii_digit());
        named.extend(words.filter(|word| word.len() == DIGITS && *word != SOME_ACCOUNT).map(str::to_owned));
    };
    match value {
        Value::String(text) => of_text(text),
        Value::Number(number) => of_text(&number.to_string()),
        Value::Array(items) => items.iter().for_each(|item| accounts(item, named)),
        Value::Object(map) => {
            map.keys().for_each(|key| of_text(key));
            map.values().for_each(|value| accounts(value, named));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn judge_in(resource: PlannedResource<'_>, place: PlannedIn<'_>, rules: &Rules) -> Vec<PlannedAnswer> {
    struct Judges<'a> {
        resource: PlannedResource<'a>,
        by: &'a BTreeSet<&'static str>,
        place: PlannedIn<'a>,
        rules: &'a Rules,
        answers: Vec<PlannedAnswer>,
    }

    impl Visitor for Judges<'_> {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            if self.by.contains(family.kind()) {
                self.answers.extend(judge_resource(&family, &self.resource, self.place, self.rules));
            }
        }
    }

    let Some(Read { by, .. }) = KINDS.get(resource.kind) else { return Vec::new() };
    let mut judges = Judges { resource, by, place, rules, answers: Vec::new() };
    visit_all(&mut judges);
    judges.answers
}
