//! What the checks' tests share: a stack, answers, and what was said.

use super::answers::{Answers, Ask};
use super::calls::Call;
use super::deployed::Deployed;
use super::line::{Line, State};
use super::{Scope, run_checks};
use futures_util::FutureExt;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::observed::{Observed, Place};
use shared::engine::request::Answer;

pub(super) fn place() -> Place {
    let text = str::to_owned;
    Place { partition: text("aws"), account: text("111122223333"), region: text("eu-west-1") }
}

pub(super) fn answer(body: Value) -> Answer {
    Answer { body, request_id: None }
}

pub(super) fn known(body: Value) -> Observed<Answer> {
    Observed::Known(answer(body))
}

pub(super) fn unknown<T>() -> Observed<T> {
    Observed::Unknown { why: "the role lacks it".to_owned() }
}

/// A stack of this template and these resources: logical ids with the names that they have.
pub(super) fn deployed(template: &Value, made: &[(&str, &str)]) -> Deployed {
    let stacks = json!({"Stacks": [{"StackStatus": "UPDATE_COMPLETE", "CreationTime": "2026-03-01T09:30:00.000Z",
        "StackId": "arn:aws:cloudformation:eu-west-1:111122223333:stack/parapet/1",
        "Parameters": [{"ParameterKey": "Mode", "ParameterValue": "enforce"}]}]});
    let resource = |(id, name): &(&str, &str)| {
        json!({"LogicalResourceId": id, "PhysicalResourceId": name, "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": "2026-03-01T10:00:00.000Z"})
    };
    let resources = json!({"StackResourceSummaries": made.iter().map(resource).collect::<Vec<_>>()});
    let template = json!({"TemplateBody": template.to_string()});
    Deployed::read("parapet", &place(), &answer(stacks), &answer(template), &answer(resources)).unwrap()
}

/// The answers to these calls, in their order.
pub(super) fn answers(calls: &[Call], seen: impl IntoIterator<Item = Observed<Answer>>) -> Answers {
    calls.iter().zip(seen).fold(Answers::default(), |all, (call, answer)| all.with(call, answer))
}

pub(super) fn said(lines: Vec<Line>) -> Vec<(State, String)> {
    lines.into_iter().map(|line| (line.state, line.says)).collect()
}

/// One line, and it says this.
pub(super) fn is_said(said: &[(State, String)], state: State, part: &str) {
    assert!(matches!(said, [(found, says)] if *found == state && says.contains(part)), "{part}: {said:?}");
}

/// An account whose regions are known, and in which CloudFormation answers this.
struct Account(fn(&str) -> Observed<Answer>);

impl Ask for Account {
    async fn ask(&self, call: &Call) -> Observed<Answer> {
        match call.request.operation {
            "DescribeRegions" => {
                known(json!({"regionInfo": [{"regionName": "eu-west-1"}, {"regionName": "us-east-1"}]}))
            }
            "DescribeStacks" => (self.0)(&call.region),
            _ => unknown(),
        }
    }

    async fn policy(&self, _: &str, _: &str) -> Observed<String> {
        unknown()
    }
}

#[test]
fn a_stack_is_deployed_in_no_region_only_if_each_says_so() {
    let of_stack = |answer: fn(&str) -> Observed<Answer>| {
        let scope = Scope { stack: "parapet".to_owned(), place: place(), regions: Vec::new(), policy: None };
        let lines = run_checks(&Account(answer), &scope, Timestamp::UNIX_EPOCH, "1.0.0").now_or_never().unwrap();
        said(lines.into_iter().filter(|line| line.check == "stack").collect())
    };
    is_said(&of_stack(|_| Observed::Absent), State::Fault, "in no region");
    is_said(&of_stack(|_| unknown()), State::Unknown, "the role lacks it");
    let half = of_stack(|region| if region == "us-east-1" { unknown() } else { Observed::Absent });
    is_said(&half, State::Unknown, "the role lacks it");
}
