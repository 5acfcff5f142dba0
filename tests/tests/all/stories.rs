//! One story for each guardrail, against the local AWS with the real binaries: a principal breaks it, the function closes it
//! and nothing else, a second delivery changes nothing, the undo command of the notification restores what stood.

use aws_sdk_ec2::types::{IpPermission, IpRange, ResourceType, Tag, TagSpecification};
use serde_json::Value;
use tests::host::Host;
use tests::lab::{Lab, on_port};
use tests::records::{self, Caller};
use tests::undo;
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const R2: &str = "{version: 1, defaults: {mode: enforce, max_class: R2}}";

/// The one notification that was heard: the finding in it.
async fn notified(lab: &Lab) -> Value {
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "notified once: {heard:#?}");
    assert!(heard[0]["Subject"].as_str().is_some_and(|subject| subject.len() < 100));
    serde_json::from_str(heard[0]["Message"].as_str().unwrap()).unwrap()
}

fn undo_of(finding: &Value) -> String {
    let steps = finding["unmapped"]["steps"].as_array().unwrap();
    steps.iter().map(|step| step["undo_command"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("\n")
}

/// Broken, closed, closed still, undone.
async fn run_story(lab: &Lab, function: &mut Host, guardrail: &str, view: &View, event: &Value, closed: &[String]) {
    let open = lab.lines(view).await.unwrap();
    assert_ne!(open, closed, "nothing was broken");
    let answer = function.send(event).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.lines(view).await.unwrap(), closed);
    let finding = notified(lab).await;
    assert_eq!(finding["finding_info"]["analytic"]["name"].as_str().unwrap_or(guardrail), guardrail);
    assert_eq!(finding["unmapped"]["result"], "remediated");

    let exactly = view.exactly(&lab.clients).await.unwrap();
    function.send(event).await.unwrap();
    assert_eq!(view.exactly(&lab.clients).await.unwrap(), exactly, "a second delivery changed something");
    assert!(lab.channel.hear().await.unwrap().is_empty(), "a second delivery was notified");

    undo::run(&lab.clients, &undo_of(&finding)).await.unwrap();
    assert_eq!(lab.lines(view).await.unwrap(), open, "not as it was");
}

#[tokio::test]
async fn ssh_from_everywhere() {
    let lab = WORLD.lab("ssh").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "it's only for “five” minutes")]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    run_story(&lab, &mut function, "security-group-admin-port-open", &view, &event, &closed).await;
}

#[tokio::test]
async fn the_record_proves_it_so_the_first_call_closes_it() {
    let lab = WORLD.lab("first-call").await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    function.send(&event).await.unwrap();
    let mut actions = lab.proxy.take_actions();
    assert_eq!(actions.remove(0), "RevokeSecurityGroupIngress");
    actions.sort();
    assert_eq!(
        actions,
        ["DescribeSecurityGroupRules", "DescribeSecurityGroups", "Publish"],
        "notified last, after looking again"
    );
}

#[tokio::test]
async fn a_record_without_rule_ids_takes_one_round_trip_more() {
    let lab = WORLD.lab("old-record").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let asked = [on_port(3389, "::/0", "")];
    lab.open(&group, &asked).await.unwrap();
    let event = records::authorized_without_ids(&Caller::user("ben"), &group, &asked);
    let mut function = lab.function("security-group", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated");
    let mut first = lab.proxy.take_actions();
    first.truncate(3);
    // The first two at the same time.
    first[..2].sort();
    assert_eq!(first, ["DescribeSecurityGroupRules", "DescribeSecurityGroups", "RevokeSecurityGroupIngress"]);
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
}

#[tokio::test]
async fn only_the_open_rule_is_touched() {
    let lab = WORLD.lab("only-the-open").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let tags = TagSpecification::builder().resource_type(ResourceType::SecurityGroupRule);
    let tags = tags.tags(Tag::builder().key("team").value("web").build()).build();
    let call = lab.clients.ec2.authorize_security_group_ingress().group_id(&group).tag_specifications(tags);
    call.ip_permissions(on_port(22, "192.0.2.0/24", "office")).send().await.unwrap();
    let before = view.exactly(&lab.clients).await.unwrap();
    let ranges = ["10.0.0.0/8", "0.0.0.0/0"].map(|cidr| IpRange::builder().cidr_ip(cidr).build());
    let both =
        IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).set_ip_ranges(Some(ranges.to_vec()));
    let event = lab.open(&group, &[both.build()]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    function.send(&event).await.unwrap();
    let after = view.exactly(&lab.clients).await.unwrap();
    assert!(before.iter().all(|line| after.contains(line)), "{before:#?} {after:#?}");
    let lines = lab.lines(&view).await.unwrap();
    assert!(lines.contains(&"ingress tcp 22 from 10.0.0.0/8".to_owned()));
    assert!(!lines.contains(&"ingress tcp 22 from 0.0.0.0/0".to_owned()));
}

#[tokio::test]
async fn all_traffic() {
    let lab = WORLD.lab("all-traffic").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let all = IpPermission::builder().ip_protocol("-1").ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build());
    let event = lab.open(&group, &[all.build()]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    run_story(&lab, &mut function, "security-group-all-traffic-open", &view, &event, &closed).await;
}

#[tokio::test]
async fn two_halves_in_two_calls() {
    let lab = WORLD.lab("two-halves").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    lab.open(&group, &[on_port(5432, "8.0.0.0/8", "older")]).await.unwrap();
    let closed = lab.lines(&view).await.unwrap();
    let event = lab.open(&group, &[on_port(5432, "9.0.0.0/8", "newer")]).await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    run_story(&lab, &mut function, "security-group-near-world-open", &view, &event, &closed).await;
}

#[tokio::test]
async fn a_rule_on_the_default_group() {
    let lab = WORLD.lab("default-group").await.unwrap();
    let group = lab.default_group(&lab.vpc().await.unwrap()).await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    let event = lab.open(&group, &[on_port(443, "10.0.0.0/8", "inside")]).await.unwrap();
    let mut function = lab.function("security-group", Some(R2)).await.unwrap();
    run_story(&lab, &mut function, "security-group-default-has-rules", &view, &event, &closed).await;
}

#[tokio::test]
async fn a_new_vpc_brings_rules_that_no_call_made() {
    let lab = WORLD.lab("new-vpc").await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let view = View::Group(lab.default_group(&vpc).await.unwrap());
    let event = records::created_vpc(&Caller::session("network", "ci"), &vpc, "10.9.0.0/16");
    let mut function = lab.function("security-group", Some(R2)).await.unwrap();
    run_story(&lab, &mut function, "security-group-default-has-rules", &view, &event, &[]).await;
}

#[tokio::test]
async fn a_modified_rule() {
    let lab = WORLD.lab("modified").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    // moto does not know ModifySecurityGroupRules: the rule is made as the call would leave it.
    let made = tests::lab::authorize(&lab.clients, &group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let id = made[0].security_group_rule_id().unwrap();
    let event = records::modified(&Caller::user("ben"), &group, id, "0.0.0.0/0", 22);
    let mut function = lab.function("security-group", None).await.unwrap();
    run_story(&lab, &mut function, "security-group-admin-port-open", &view, &event, &closed).await;
}

#[tokio::test]
async fn an_access_key_for_another_user() {
    let lab = WORLD.lab("access-key").await.unwrap();
    lab.clients.iam.create_user().user_name("eve").send().await.unwrap();
    let key = lab.clients.iam.create_access_key().user_name("eve").send().await.unwrap().access_key.unwrap();
    let view = View::Keys("eve".to_owned());
    let closed = [format!("key {} inactive", key.access_key_id)];
    let event = records::created_key(&Caller::session("admin", "ana"), Some("eve"), "eve", &key.access_key_id);
    let mut function = lab.function("iam-user", None).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("access-key-not-allowed").unwrap(), "remediated");
    assert_eq!(lab.proxy.take_actions()[0], "UpdateAccessKey");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    let finding = notified(&lab).await;
    function.send(&event).await.unwrap();
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    assert!(lab.channel.hear().await.unwrap().is_empty(), "a second delivery was notified");
    undo::run(&lab.clients, &undo_of(&finding)).await.unwrap();
    assert_eq!(lab.lines(&view).await.unwrap(), open);
}

#[tokio::test]
async fn a_key_of_root_is_notified_and_nothing_is_called() {
    let lab = WORLD.lab("root-key").await.unwrap();
    let event = records::created_key(&Caller::root(), None, "root", "AKIAEXAMPLEROOTKEY00");
    let mut function = lab.function("iam-user", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("root-access-key-created").unwrap(), "notified");
    assert_eq!(answer.outcome("root-access-key-created").unwrap()["severity"], "critical");
    assert_eq!(lab.proxy.take_actions(), ["Publish"]);
    assert_eq!(notified(&lab).await["severity"], "Critical");
}

#[tokio::test]
async fn without_being_asked_nothing_is_changed() {
    let lab = WORLD.lab("notify").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let open = view.exactly(&lab.clients).await.unwrap();
    let settings = tests::host::Settings { mode: None, ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "notified");
    assert_eq!(view.exactly(&lab.clients).await.unwrap(), open);
    let finding = notified(&lab).await;
    assert!(finding["unmapped"]["steps"][0]["action"].as_str().unwrap().starts_with("revoke ingress tcp 22"));
}
