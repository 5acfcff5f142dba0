//! When AWS does not play along: throttled, cut off, slow, gone, denied; and the channel with it.

use serde_json::Value;
use tests::host::{Answer, Host, Settings};
use tests::http::Message;
use tests::lab::{Lab, on_port};
use tests::proxy::Fault;
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const ADMIN_PORT: &str = "security-group-admin-port-open";
const REVOKE: &str = "RevokeSecurityGroupIngress";
/// More than the SDK tries by itself.
const FOR_GOOD: usize = 100;

fn refusal(status: u16, code: &str) -> Fault {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>made up</Message></Error></Errors><RequestID>x</RequestID></Response>"
    );
    Fault::Answer(Message::answer(status, "text/xml", &body))
}

struct Story {
    lab: Lab,
    function: Host,
    view: View,
    group: String,
    event: Value,
    open: Vec<String>,
    closed: Vec<String>,
}

/// SSH opened, nothing delivered yet.
async fn story(name: &str) -> Story {
    let lab = WORLD.lab(name).await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    let function = lab.function("security-group", None).await.unwrap();
    Story { lab, function, view, group, event, open, closed }
}

impl Story {
    async fn deliver(&mut self) -> Answer {
        self.function.send(&self.event).await.unwrap()
    }

    async fn lines(&self) -> Vec<String> {
        self.lab.lines(&self.view).await.unwrap()
    }
}

fn is_retry(answer: &Answer) -> bool {
    matches!(answer, Answer::Error { kind, .. } if kind == "WorthAnotherTry")
}

#[tokio::test]
async fn one_throttled_call_is_tried_again_at_once() {
    let mut story = story("throttled-once").await;
    story.lab.proxy.fault(REVOKE, refusal(503, "RequestLimitExceeded"), 1);
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(story.lines().await, story.closed);
}

#[tokio::test]
async fn a_throttled_account_is_left_to_lambda_and_the_next_delivery_closes_it() {
    let mut story = story("throttled").await;
    story.lab.proxy.fault(REVOKE, refusal(503, "RequestLimitExceeded"), FOR_GOOD);
    let answer = story.deliver().await;
    assert!(is_retry(&answer), "{answer:?}");
    assert_eq!(story.lines().await, story.open);
    assert!(story.lab.channel.hear().await.unwrap().is_empty(), "what will be tried again is notified then");
    story.lab.proxy.mend();
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "remediated");
    assert_eq!(story.lines().await, story.closed);
    assert_eq!(story.lab.channel.hear().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_cut_connection_is_worth_another_try() {
    let mut story = story("cut").await;
    story.lab.proxy.fault(REVOKE, Fault::Cut, FOR_GOOD);
    let answer = story.deliver().await;
    assert!(is_retry(&answer), "{answer:?}");
    story.lab.proxy.mend();
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "remediated");
}

/// Longer than the client waits for an answer, at every attempt.
#[tokio::test]
async fn an_api_that_takes_too_long_is_left_to_lambda_and_the_next_delivery_closes_it() {
    let mut story = story("timeout").await;
    story.lab.proxy.delay(std::time::Duration::from_secs(5));
    let answer = story.deliver().await;
    assert!(is_retry(&answer), "{answer:?}");
    assert!(story.lab.channel.hear().await.unwrap().is_empty(), "what will be tried again is notified then");
    story.lab.proxy.delay(std::time::Duration::ZERO);
    // A call that was given up may have been made all the same: then nothing is left to close, and that is notified.
    let result = story.deliver().await.result(ADMIN_PORT).unwrap();
    assert!(["remediated", "already-compliant"].contains(&result.as_str()), "{result}");
    assert_eq!(story.lines().await, story.closed);
    assert_eq!(story.lab.channel.hear().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_denied_call_is_notified_one_level_up_and_not_retried() {
    let mut story = story("denied").await;
    story.lab.proxy.fault(REVOKE, refusal(403, "UnauthorizedOperation"), FOR_GOOD);
    let answer = story.deliver().await;
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!((outcome["result"].as_str(), outcome["severity"].as_str()), (Some("failed"), Some("critical")));
    assert!(outcome["reasons"].to_string().contains("lacks `ec2:RevokeSecurityGroupIngress`"), "{outcome}");
    let actions = story.lab.proxy.take_actions();
    assert_eq!(actions.iter().filter(|action| *action == REVOKE).count(), 1, "{actions:?}");
    assert_eq!(story.lab.channel.hear().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_that_answers_success_and_does_nothing_is_not_believed() {
    let mut story = story("lie").await;
    let lie = "<RevokeSecurityGroupIngressResponse><requestId>x</requestId><return>true</return></RevokeSecurityGroupIngressResponse>";
    story.lab.proxy.fault(REVOKE, Fault::Answer(Message::answer(200, "text/xml", lie)), FOR_GOOD);
    let answer = story.deliver().await;
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["result"], "failed", "{outcome}");
    assert!(outcome["reasons"].to_string().contains("still open after verification"), "{outcome}");
}

#[tokio::test]
async fn a_look_again_that_is_denied_leaves_it_partial() {
    let mut story = story("blind").await;
    story.lab.proxy.fault("DescribeSecurityGroupRules", refusal(403, "UnauthorizedOperation"), FOR_GOOD);
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "partial");
    assert_eq!(story.lines().await, story.closed, "closed all the same");
}

#[tokio::test]
async fn a_group_that_is_gone_is_said_to_be_gone() {
    let mut story = story("gone").await;
    story.lab.clients.ec2.delete_security_group().group_id(&story.group).send().await.unwrap();
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "gone");
}

#[tokio::test]
async fn a_topic_that_does_not_answer_does_not_keep_a_hole_open() {
    let mut story = story("topic-down").await;
    story.lab.proxy.fault("Publish", refusal(500, "InternalError"), FOR_GOOD);
    let answer = story.deliver().await;
    let Answer::Error { kind, message } = answer else { unreachable!("not an error: {answer:?}") };
    assert_eq!(kind, "NotificationNotSent", "{message}");
    assert_eq!(story.lines().await, story.closed, "contained before the notification");
    story.lab.proxy.mend();
    story.deliver().await;
    assert_eq!(story.lab.channel.hear().await.unwrap().len(), 1, "notified by the next delivery");
}

#[tokio::test]
async fn a_topic_that_is_gone_is_named() {
    let lab = WORLD.lab("topic-gone").await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let settings = Settings { topic: Some(format!("{}-elsewhere", lab.channel.topic)), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let Answer::Error { message, .. } = function.send(&event).await.unwrap() else { unreachable!("not an error") };
    assert!(message.contains("topic-gone-elsewhere"), "{message}");
}

#[tokio::test]
async fn two_deliveries_to_two_processes_at_once_close_it_once() {
    let mut story = story("at-once").await;
    let mut other = story.lab.function("security-group", None).await.unwrap();
    let (one, two) = tokio::join!(story.function.send(&story.event), other.send(&story.event));
    let mut results = [one.unwrap().result(ADMIN_PORT).unwrap(), two.unwrap().result(ADMIN_PORT).unwrap()];
    results.sort();
    assert!(results.contains(&"remediated".to_owned()), "{results:?}");
    assert!(results.iter().all(|result| result == "remediated" || result == "already-compliant"), "{results:?}");
    assert_eq!(story.lines().await, story.closed);
}

#[tokio::test]
async fn a_late_event_leaves_a_narrowed_rule_alone() {
    let mut story = story("late").await;
    let narrow = on_port(22, "192.0.2.0/24", "");
    let open = on_port(22, "0.0.0.0/0", "");
    let ec2 = &story.lab.clients.ec2;
    ec2.revoke_security_group_ingress().group_id(&story.group).ip_permissions(open).send().await.unwrap();
    ec2.authorize_security_group_ingress().group_id(&story.group).ip_permissions(narrow).send().await.unwrap();
    let narrowed = story.view.exactly(&story.lab.clients).await.unwrap();
    assert_eq!(story.deliver().await.result(ADMIN_PORT).unwrap(), "already-compliant");
    assert_eq!(story.view.exactly(&story.lab.clients).await.unwrap(), narrowed);
}
