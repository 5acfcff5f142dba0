//! Soundness: no request from outside that an independent evaluator allows may meet the answer "closed".
//!
//! Twenty thousand pairs of a policy and a request in an ordinary run; more with
//! `PAIRS=1000000 cargo test -p iam-policy-analyser --release soundness -- --nocapture`. `SEED` gives other ones.

use std::collections::BTreeMap;

use crate::generator::{Dice, Evaluator, OWNER, Request, context, outsider, policy};
use iam_policy::{Access, Context, Document, Reach, reach};
use serde_json::{Value, json};

/// Requests for each policy.
const REQUESTS: usize = 10;
/// Requests that must all be refused before an answer "open" counts as a false alarm.
const PROBES: usize = 600;
/// Policies on which false alarms are looked for; each takes many requests.
const PROBED_SHARE: usize = 20;

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
}

#[test]
fn no_request_from_outside_passes_a_policy_that_is_called_closed() {
    let pairs = setting("PAIRS", 20_000);
    let mut dice = Dice::new(u64::try_from(setting("SEED", 1)).unwrap());
    let context = context();
    let mut count = BTreeMap::<&str, usize>::new();
    let mut tally = |what| *count.entry(what).or_default() += 1;
    let mut answered = 0;
    let mut number = 0;
    while answered < pairs {
        number += 1;
        let policy = policy(&mut dice);
        let Ok(evaluator) = Evaluator::new(&policy) else {
            tally("policies that the evaluator cannot read");
            continue;
        };
        let reach = reach(&Document::from_value(&policy), &context);
        assert!(reach.problems.is_empty(), "{policy:#}\n{:?}", reach.problems);
        tally(match reach.access {
            Access::None => "policies called none",
            Access::Internal => "policies called internal",
            Access::External => "policies called external",
            Access::Public => "policies called public",
            Access::Undetermined => "policies called undetermined",
        });
        let has_arn_operators = ["\"Arn", ":Arn"].iter().any(|operator| policy.to_string().contains(operator));
        for _ in 0..REQUESTS {
            let request = outsider(&mut dice, has_arn_operators);
            let Some(is_allowed) = evaluator.allows(&request) else {
                tally("requests that the evaluator cannot answer");
                continue;
            };
            answered += 1;
            if is_allowed {
                tally("requests from outside that were allowed");
                check(&policy, &reach, &request);
            }
        }
        if reach.access >= Access::External && number % PROBED_SHARE == 0 {
            tally("open policies probed for false alarms");
            let is_confirmed =
                (0..PROBES).any(|_| evaluator.allows(&outsider(&mut dice, has_arn_operators)) == Some(true));
            if !is_confirmed {
                let kind = false_alarm(&policy);
                assert!(kind.is_some(), "a false alarm of no known kind: {policy:#}\n{:#?}", reach.grants);
                tally(kind.unwrap_or_default());
            }
        }
    }
    println!("{answered} pairs, none unsound");
    for (what, count) in &count {
        println!("{count:>9} {what}");
    }
    assert!(count["requests from outside that were allowed"] > pairs / 50, "the requests test too little");
    assert!(count["policies called internal"] > pairs / REQUESTS / 50, "the policies test too little");
}

/// Subjects of tokens that a shared issuer signs for strangers: none opens a role that is called closed.
#[test]
fn no_token_of_a_stranger_opens_a_role_that_is_called_closed() {
    const PIECES: &[&str] =
        &["repo:", "my-org", "/", "app", ":", "*", "?", "ref:refs/heads/main", "pull_request", "my-org/app:*", "-evil"];
    const STRANGERS: &[&str] = &[
        "repo:evil/app:ref:refs/heads/main",
        "repo:my-org-evil/app:pull_request",
        "repo:my-orga/app:ref:refs/heads/main",
        "repo:evil/my-org:ref:refs/heads/main",
        "repo:evil/app:ref:refs/heads/my-org/app",
        "repo:evil/repo:ref:refs/heads/repo:my-org/app:pull_request",
    ];
    let issuer = "token.actions.githubusercontent.com";
    let provider = format!("arn:aws:iam::{}:oidc-provider/{issuer}", OWNER);
    let key = format!("{issuer}:sub");
    let mut dice = Dice::new(5);
    let (mut opened, mut closed) = (0, 0);
    for _ in 0..setting("PAIRS", 20_000) / STRANGERS.len() {
        let subject: String = (0..=dice.below(7)).map(|_| dice.pick(PIECES)).collect();
        let operator = dice.pick(&["StringLike", "StringLike", "StringEquals", "StringNotLike"]);
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity",
            "Resource": "*", "Condition": {operator: {&key: subject}}
        }]});
        let evaluator = Evaluator::new(&policy).unwrap();
        let access = reach(&Document::from_value(&policy), &Context::trust(OWNER)).access;
        closed += usize::from(access == Access::Internal);
        for stranger in STRANGERS {
            if evaluator.assumes(&provider, &key, stranger) == Some(true) {
                opened += 1;
                assert_eq!(access, Access::Public, "`{stranger}` opens {policy:#}");
            }
        }
    }
    assert!(opened > 1_000 && closed > 50, "too little was tested: {opened} opened, {closed} closed");
}

fn check(policy: &Value, reach: &Reach, request: &Request) {
    // A service that acts for a stranger is the confused deputy: distinguished from access. Whether every service may
    // act is what a policy on `aws:PrincipalIsAWSService` decides on purpose.
    let is_deputy = request.is_service
        && (reach.grants.iter().any(|grant| grant.confused_deputy)
            || policy.to_string().contains("aws:PrincipalIsAWSService"));
    if is_deputy {
        return;
    }
    let wanted = if request.is_stranger { Access::Public } else { Access::External };
    assert!(
        reach.access >= wanted,
        "called {}, but open at least {wanted}:\n{policy:#}\n{request:#?}\n{:#?}",
        reach.access,
        reach.grants
    );
}

/// Why "open" may be said of a policy that no principal gets past: what the analyser does not try to decide.
fn false_alarm(policy: &Value) -> Option<&'static str> {
    let statements = policy["Statement"].as_array()?;
    let conditions = |statement: &Value| {
        let operators = statement["Condition"].as_object().into_iter().flatten();
        let keys = operators.flat_map(|(operator, keys)| {
            keys.as_object()
                .into_iter()
                .flatten()
                .map(move |(key, values)| (operator.clone(), key.clone(), values.to_string()))
        });
        keys.collect::<Vec<_>>()
    };
    let allows = || statements.iter().filter(|statement| statement["Effect"] == "Allow");
    if statements
        .iter()
        .flat_map(conditions)
        .any(|(operator, _, values)| (operator.contains("Equals")) && values.contains('*'))
    {
        return Some("false alarms: a wildcard that is literal under `...Equals`, which AWS does not call fixed");
    }
    if allows().flat_map(conditions).any(|(operator, key, _)| operator.contains("Not") && key == "aws:ResourceAccount")
    {
        return Some("false alarms: a condition that the owner of the resource always fails");
    }
    if allows().flat_map(conditions).any(|(_, key, _)| key == "aws:userid") {
        return Some("false alarms: a unique id, whose account the document does not show");
    }
    if allows()
        .flat_map(conditions)
        .any(|(operator, _, values)| operator.contains("StringLike") && values.contains(":*:1111"))
    {
        return Some("false alarms: a string wildcard before an account; the ARN that runs across it was not made up");
    }
    if allows().flat_map(conditions).any(|(operator, _, values)| operator.contains("Not") && values.contains("\"*\"")) {
        return Some("false alarms: a negated operator that every value fails");
    }
    if statements.iter().any(|statement| statement["Effect"] == "Deny") {
        return Some(
            "false alarms: a Deny that leaves nothing of an Allow, but covers it only in parts or by other facts",
        );
    }
    if allows().any(|statement| conditions(statement).len() > 1) {
        return Some("false alarms: conditions or principals of one statement that exclude each other");
    }
    if allows().any(|statement| statement.get("NotResource").is_some() || statement.get("NotAction").is_some()) {
        return Some("false alarms: `NotAction` or `NotResource` that leaves nothing of this resource");
    }
    if allows().any(|statement| statement["Principal"] != "*" && !conditions(statement).is_empty()) {
        return Some("false alarms: conditions or principals of one statement that exclude each other");
    }
    None
}
