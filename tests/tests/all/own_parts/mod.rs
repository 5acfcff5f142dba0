//! Parapet's own parts, broken one after the other, with the real binary of `self`: what one call closes is closed, everything else is notified or ends the heartbeat, and the
//! alarm of the template on the missing heartbeat fires.

mod functions;
mod heartbeat;
mod rules;

use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::observed::Place;
use shared::engine::own::Stack;
use shared::engine::request::{Answer, Api, Request};
use shared::resources::parapet::manifest::{MANIFEST, RuleSpec};
use shared::resources::parapet::rule::EVENTS;
use std::collections::BTreeMap;
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::world::World;

const ENDING: &str = "1A2B3C4D5E6F";
const POLICY: &str = "{version: 1, defaults: {mode: enforce}}";

/// What CloudFormation calls a part of the stack.
fn named(id: &str) -> String {
    format!("parapet-{id}-{ENDING}")
}

fn role(id: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{}", named(id))
}

fn deploy_role() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/deploy")
}

fn dead_letters() -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", named("DeadLetters"))
}

/// `PARAPET_PARTS`, as the template makes it of the names of functions and roles.
fn listed() -> String {
    let listed = MANIFEST.listed.iter().map(|_| format!("parapet-={ENDING}"));
    listed.collect::<Vec<_>>().join(",")
}

/// A stack without members, in a region that is not the one of global services.
fn stack() -> Stack {
    Stack {
        name: "parapet".to_owned(),
        parts: MANIFEST.names(&listed()),
        deploy_role: Some(deploy_role()),
        dead_letters: Some(dead_letters()),
        ..Stack::default()
    }
}

fn place() -> Place {
    Place { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), region: REGION.to_owned() }
}

/// The rules of such a stack, by their names.
fn rules() -> BTreeMap<String, &'static RuleSpec> {
    let own = MANIFEST.rules.iter().filter(|(_, spec)| spec.condition.is_none() && spec.bus.is_none());
    own.map(|(id, spec)| (named(id), spec)).collect()
}

fn target(spec: &RuleSpec) -> Value {
    let function = named(&spec.function);
    json!({
        "Id": "function", "Arn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"), "RetryPolicy": spec.retry,
        "DeadLetterConfig": {"Arn": dead_letters()},
    })
}

/// A person who calls AWS.
struct Person<'a>(&'a Lab);

impl Person<'_> {
    async fn call(&self, api: &'static Api, request: Request) -> Answer {
        Signed::new(&self.0.clients.config).call(api, request).await.unwrap()
    }

    async fn events(&self, operation: &'static str, body: Value) -> Answer {
        self.call(&EVENTS, Request::named(operation, body)).await
    }

    async fn put(&self, name: &str, spec: &RuleSpec) {
        let pattern = MANIFEST.pattern(spec, &stack(), &place()).unwrap();
        let put =
            Request::named("PutRule", json!({"Name": name, "EventPattern": pattern.to_string(), "State": "ENABLED"}));
        let put = put.member("Description", Some(spec.description.as_str()));
        self.call(&EVENTS, put.member("ScheduleExpression", spec.schedule.as_deref())).await;
        self.events("PutTargets", json!({"Rule": name, "Targets": [target(spec)]})).await;
    }
}

/// The whole stack, as far as it consists of rules.
async fn deployed(world: &'static World, name: &str) -> Lab {
    let lab = world.lab(name).await.unwrap();
    for (name, spec) in rules() {
        Person(&lab).put(&name, spec).await;
    }
    lab
}

/// `self`, in the stack.
async fn own(lab: &Lab, policy: &str) -> Host {
    let more =
        [("PARAPET_STACK", "parapet".to_owned()), ("PARAPET_PARTS", listed()), ("PARAPET_CONDITIONS", String::new())];
    // By its name in Lambda the function knows its own rules' target.
    let name = [("AWS_LAMBDA_FUNCTION_NAME", named("SelfFunction"))];
    let arns = [("PARAPET_DEPLOY_ROLE", deploy_role()), ("PARAPET_DEAD_LETTERS_ARN", dead_letters())];
    let settings = Settings {
        ledger: Some(lab.name().to_owned()),
        own_role: Some(format!("{},{}", role("SelfRole"), role("OperateRole"))),
        policy: Some(policy.to_owned()),
        more: more.into_iter().chain(arns).chain(name).collect(),
        ..lab.settings()
    };
    Host::start("self", &settings).await.unwrap()
}

/// The kinds of the notices that were heard.
async fn notices(lab: &Lab) -> Vec<String> {
    let heard = lab.channel.hear().await.unwrap();
    let kind = |message: &Value| {
        let said: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
        said["notice"].as_str().unwrap_or("finding").to_owned()
    };
    heard.iter().map(kind).collect()
}
