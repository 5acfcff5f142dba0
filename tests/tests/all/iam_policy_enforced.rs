//! In an account that enforces IAM: before, the principal that got the policy can do what it should not; after, it cannot,
//! and all else that it could still works. And the function under a role that holds exactly its template's actions.

use aws_sdk_iam::error::SdkError;
use serde_json::{Value, json};
use shared::engine::family::Family;
use shared::resources::iam::policy_attachment::PolicyAttachments;
use std::fmt::Debug;
use tests::aws::{Clients, Keys};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::roles;
use tests::world::{World, in_worlds};

static WORLD: World = World::new();

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn allow(actions: Value) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The function under the template's role, without one of its actions if one is named.
async fn function(lab: &Lab, role: &str, without: Option<&str>) -> Host {
    let whole = roles::on_everything(&roles::statements("iam-policy", &lab.channel.topic).unwrap());
    let statements = without.map_or_else(|| whole.clone(), |action| roles::without(&whole, action));
    let (_, keys) = roles::assume(&lab.clients, role, &statements).await.unwrap();
    Host::start("iam-policy", &Settings { keys, ..lab.settings() }).await.unwrap()
}

fn record(name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::session("admin", "ana"), "iam.amazonaws.com", name, request, response)
}

/// Whether AWS lets it happen. Any other answer than a denial does.
fn may<T, E: Debug>(answer: Result<T, SdkError<E>>) -> bool {
    match answer {
        Ok(_) => true,
        Err(SdkError::ServiceError(error)) => error.raw().status().as_u16() != 403,
        Err(other) => unreachable!("{other:?}"),
    }
}

/// What a principal can do: make itself more than it is, start an instance with a role, and its daily work.
#[derive(Debug, PartialEq, Eq)]
struct Can {
    escalate: bool,
    run: bool,
    work: bool,
}

async fn can(clients: &Clients, name: &str) -> Can {
    let policy = clients.iam.create_policy().policy_name(format!("by-{name}")).policy_document(allow(json!("*")));
    let run = clients.ec2.run_instances().image_id("ami-12345678").min_count(1).max_count(1);
    Can {
        escalate: may(policy.send().await),
        run: may(run.send().await),
        work: may(clients.sqs.list_queues().send().await),
    }
}

const WORK: Can = Can { escalate: false, run: false, work: true };

/// A user that may list queues, and its clients.
async fn user(lab: &Lab, name: &str) -> Clients {
    let iam = &lab.clients.iam;
    iam.create_user().user_name(name).send().await.unwrap();
    let work =
        iam.put_user_policy().user_name(name).policy_name("work").policy_document(allow(json!("sqs:ListQueues")));
    work.send().await.unwrap();
    let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
    let keys = Keys { id: key.access_key_id, secret: key.secret_access_key, token: None };
    Clients::new(&WORLD.moto().await.unwrap().url(), &keys).await
}

#[tokio::test]
async fn a_user_with_administrator_access_is_no_administrator_any_more() {
    let lab = WORLD.lab_of("enforced-user", WORLD.admin().await.unwrap()).await.unwrap();
    let mut function = function(&lab, "enforced-user", None).await;
    let eve = user(&lab, "eve").await;
    assert_eq!(can(&eve, "eve").await, WORK);
    let call = lab.clients.iam.attach_user_policy().user_name("eve").policy_arn(ADMINISTRATOR);
    call.send().await.unwrap();
    assert_eq!(can(&eve, "eve").await, Can { escalate: true, run: true, work: true });
    let event = record("AttachUserPolicy", json!({"userName": "eve", "policyArn": ADMINISTRATOR}), Value::Null);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("attached-policy-grants-admin").unwrap(), "remediated", "{answer:?}");
    assert_eq!(can(&eve, "eve-2").await, WORK);
}

#[tokio::test]
async fn a_user_keeps_what_its_group_s_policy_allows_but_the_way_to_more() {
    let lab = WORLD.lab_of("enforced-group", WORLD.admin().await.unwrap()).await.unwrap();
    let mut function = function(&lab, "enforced-group", None).await;
    let ben = user(&lab, "ben").await;
    let iam = &lab.clients.iam;
    iam.delete_user_policy().user_name("ben").policy_name("work").send().await.unwrap();
    iam.create_group().group_name("devs").send().await.unwrap();
    iam.add_user_to_group().group_name("devs").user_name("ben").send().await.unwrap();
    let document = allow(json!(["sqs:ListQueues", "iam:PutUserPolicy"]));
    let call = iam.put_group_policy().group_name("devs").policy_name("work").policy_document(&document);
    call.send().await.unwrap();
    let put = || {
        let call = ben.iam.put_user_policy().user_name("ben").policy_name("more");
        call.policy_document(allow(json!("sqs:ListQueues"))).send()
    };
    assert!(may(put().await) && can(&ben, "ben").await.work);
    let request = json!({"groupName": "devs", "policyName": "work", "policyDocument": document});
    let answer = function.send(&record("PutGroupPolicy", request, Value::Null)).await.unwrap();
    assert_eq!(answer.result("inline-policy-grants-escalation").unwrap(), "remediated", "{answer:?}");
    assert!(!may(put().await), "the way is still open");
    assert_eq!(can(&ben, "ben").await, WORK);
}

#[tokio::test]
async fn a_role_loses_what_the_new_version_gave_and_keeps_what_the_old_one_did() {
    let lab = WORLD.lab_of("enforced-role", WORLD.admin().await.unwrap()).await.unwrap();
    let mut function = function(&lab, "enforced-role", None).await;
    let iam = &lab.clients.iam;
    let call = iam.create_policy().policy_name("shared").policy_document(allow(json!("sqs:ListQueues")));
    let arn = call.send().await.unwrap().policy.unwrap().arn.unwrap();
    let nothing = json!({"Effect": "Allow", "Action": "sns:ListTopics", "Resource": "*"});
    let (_, keys) = roles::assume(&lab.clients, "worker", &[nothing]).await.unwrap();
    iam.attach_role_policy().role_name("worker").policy_arn(&arn).send().await.unwrap();
    let worker = Clients::new(&WORLD.moto().await.unwrap().url(), &keys).await;
    assert_eq!(can(&worker, "worker").await, WORK);
    let document = allow(json!("*"));
    let call = iam.create_policy_version().policy_arn(&arn).policy_document(&document).set_as_default(true);
    let version = call.send().await.unwrap().policy_version.unwrap().version_id.unwrap();
    assert!(can(&worker, "worker").await.escalate);
    let request = json!({"policyArn": arn, "policyDocument": document, "setAsDefault": true});
    let response = json!({"policyVersion": {"versionId": version, "isDefaultVersion": true}});
    let answer = function.send(&record("CreatePolicyVersion", request, response)).await.unwrap();
    assert_eq!(answer.result("managed-policy-grants-admin").unwrap(), "remediated", "{answer:?}");
    assert_eq!(can(&worker, "worker-2").await, WORK);
}

#[tokio::test]
async fn the_second_half_of_a_way_is_taken_and_the_first_stays() {
    let lab = WORLD.lab_of("enforced-half", WORLD.admin().await.unwrap()).await.unwrap();
    let mut function = function(&lab, "enforced-half", None).await;
    let kim = user(&lab, "kim").await;
    let iam = &lab.clients.iam;
    let call = iam.put_user_policy().user_name("kim").policy_name("pass").policy_document(allow(json!("iam:PassRole")));
    call.send().await.unwrap();
    let call = iam.create_policy().policy_name("run-half").policy_document(allow(json!("ec2:RunInstances")));
    let arn = call.send().await.unwrap().policy.unwrap().arn.unwrap();
    iam.attach_user_policy().user_name("kim").policy_arn(&arn).send().await.unwrap();
    assert!(can(&kim, "kim").await.run);
    let event = record("AttachUserPolicy", json!({"userName": "kim", "policyArn": arn}), Value::Null);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("attached-policy-grants-escalation").unwrap(), "remediated", "{answer:?}");
    assert_eq!(can(&kim, "kim").await, WORK);
    let mut left = iam.list_user_policies().user_name("kim").send().await.unwrap().policy_names;
    left.sort();
    assert_eq!(left, ["pass", "work"]);
}

/// Events that between them need every action of the function, and the first page of a sweep.
async fn events(lab: &Lab, mark: &str) -> Vec<Value> {
    let iam = &lab.clients.iam;
    let (user, role, group) = (format!("user-{mark}"), format!("role-{mark}"), format!("group-{mark}"));
    iam.create_user().user_name(&user).send().await.unwrap();
    iam.create_group().group_name(&group).send().await.unwrap();
    iam.add_user_to_group().user_name(&user).group_name(&group).send().await.unwrap();
    let pass = json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"});
    roles::assume(&lab.clients, &role, &[pass]).await.unwrap();
    let policy = |name: String, actions: Value| async move {
        let call = iam.create_policy().policy_name(name).policy_document(allow(actions));
        call.send().await.unwrap().policy.unwrap().arn.unwrap()
    };
    let run = policy(format!("run-{mark}"), json!("ec2:RunInstances")).await;
    let call =
        iam.put_group_policy().group_name(&group).policy_name("pass").policy_document(allow(json!("iam:PassRole")));
    call.send().await.unwrap();
    let (all, some) = (allow(json!("*")), allow(json!(["s3:GetObject", "iam:PutRolePolicy"])));
    let mut events = Vec::new();
    for arn in [&run, ADMINISTRATOR] {
        iam.attach_user_policy().user_name(&user).policy_arn(arn).send().await.unwrap();
        iam.attach_role_policy().role_name(&role).policy_arn(arn).send().await.unwrap();
        iam.attach_group_policy().group_name(&group).policy_arn(arn).send().await.unwrap();
        for (kind, name) in [("User", &user), ("Role", &role), ("Group", &group)] {
            let mut request = json!({"policyArn": arn});
            request[format!("{}Name", kind.to_lowercase())] = json!(name);
            events.push(record(&format!("Attach{kind}Policy"), request, Value::Null));
        }
    }
    for (policy, document) in [("all", &all), ("some", &some)] {
        iam.put_user_policy().user_name(&user).policy_name(policy).policy_document(document).send().await.unwrap();
        iam.put_role_policy().role_name(&role).policy_name(policy).policy_document(document).send().await.unwrap();
        iam.put_group_policy().group_name(&group).policy_name(policy).policy_document(document).send().await.unwrap();
        for (kind, name) in [("User", &user), ("Role", &role), ("Group", &group)] {
            let mut request = json!({"policyName": policy, "policyDocument": document});
            request[format!("{}Name", kind.to_lowercase())] = json!(name);
            events.push(record(&format!("Put{kind}Policy"), request, Value::Null));
        }
    }
    let versions = policy(format!("versions-{mark}"), json!("s3:GetObject")).await;
    let call = iam.create_policy_version().policy_arn(&versions).policy_document(&all).set_as_default(true);
    call.send().await.unwrap();
    let request = json!({"policyArn": versions, "policyDocument": all, "setAsDefault": true});
    let response = json!({"policyVersion": {"versionId": "v2", "isDefaultVersion": true}});
    events.push(record("CreatePolicyVersion", request, response));
    // Where the version before is gone, a better one is made.
    let alone = policy(format!("alone-{mark}"), json!("s3:GetObject")).await;
    let call = iam.create_policy_version().policy_arn(&alone).policy_document(&all).set_as_default(true);
    call.send().await.unwrap();
    iam.delete_policy_version().policy_arn(&alone).version_id("v1").send().await.unwrap();
    let request = json!({"policyArn": alone, "policyDocument": all, "setAsDefault": true});
    let response = json!({"policyVersion": {"versionId": "v2", "isDefaultVersion": true}});
    events.push(record("CreatePolicyVersion", request, response));
    // Where IAM keeps no more, it takes the place of one that is as bad.
    let full = policy(format!("full-{mark}"), json!("*")).await;
    for is_default in [false, false, false, true] {
        let call = iam.create_policy_version().policy_arn(&full).policy_document(&all).set_as_default(is_default);
        call.send().await.unwrap();
    }
    let request = json!({"policyArn": full, "policyDocument": all, "setAsDefault": true});
    let response = json!({"policyVersion": {"versionId": "v5", "isDefaultVersion": true}});
    events.push(record("CreatePolicyVersion", request, response));
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": "us-east-1"});
    let kind = PolicyAttachments.kind();
    events.push(json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}}));
    events
}

/// Every answer and every notification.
async fn said(lab: &Lab, function: &mut Host, events: &[Value]) -> String {
    let mut said = String::new();
    for event in events {
        said += &format!("{:?}\n", function.send(event).await.unwrap());
    }
    said + &format!("{:?}", lab.channel.hear().await.unwrap())
}

#[tokio::test]
async fn the_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("needs", WORLD.admin().await.unwrap()).await.unwrap();
    let whole = roles::statements("iam-policy", &lab.channel.topic).unwrap();
    let mut function_with_all = function(&lab, "needs", None).await;
    let events_of_all = events(&lab, "all").await;
    let said_with_all = said(&lab, &mut function_with_all, &events_of_all).await;
    assert!(!said_with_all.contains("lacks `"), "{said_with_all}");
    for guardrail in ["attached-policy-grants", "inline-policy-grants", "managed-policy-grants"] {
        assert!(said_with_all.contains(guardrail), "{guardrail}: {said_with_all}");
    }
    in_worlds(roles::actions(&whole, "Family"), |action, world| async move {
        let mark = action.replace(':', "-");
        let own = world.lab_of(&mark, world.admin().await.unwrap()).await.unwrap();
        let mut function = function(&own, &format!("f-{mark}"), Some(&action)).await;
        let events = events(&own, &mark).await;
        let said = said(&own, &mut function, &events).await;
        assert!(said.contains(&format!("lacks `{action}`")), "no answer says that `{action}` is missing: {said}");
    })
    .await;
}
