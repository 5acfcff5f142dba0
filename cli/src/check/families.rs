//! Planned resources that their families read themselves: every one that says which types it plans.

use serde_json::Value;
use shared::engine::family::Family;
use shared::engine::pipeline::{PlannedAnswer, PlannedIn, Rules, judge_resource};
use shared::engine::planned::PlannedResource;
use shared::engine::verdict::Verdict;
use shared::resources::{Visitor, visit_all};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// A policy names more accounts than this where it is made by a program: none of them is likely to be the owner's.
const MOST_ACCOUNTS: usize = 20;

/// Stands for the account where none is named: no account has it.
pub(super) const SOME_ACCOUNT: &str = "000000000000";

/// Whether a family reads resources of this type.
pub(super) fn read(kind: &str) -> bool {
    static READ: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let mut kinds = Kinds::default();
        visit_all(&mut kinds);
        kinds.0
    });
    READ.contains(kind)
}

/// The types that some family reads.
#[derive(Default)]
struct Kinds(BTreeSet<&'static str>);

impl Visitor for Kinds {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        self.0.extend(family.forms().iter().map(|form| form.kind));
    }
}

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
