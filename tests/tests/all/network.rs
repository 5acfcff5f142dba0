//! The families of the function `network` against the local AWS with the real binary: a principal opens or deletes
//! something, the function puts it right and touches nothing else, a second delivery changes nothing, the undo
//! restores what stood.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, AutoAcceptSharedAttachmentsValue, Filter, FlowLog, FlowLogsResourceType, LogDestinationType,
    PortRange, ResourceType, RuleAction, Tag, TagSpecification, TrafficType, TransitGatewayRequestOptions,
};
use serde_json::{Value, json};
use shared::aws::accounts::Accounts;
use shared::aws::dynamodb::Table;
use shared::aws::service::{Clients, served};
use shared::aws::store::Store;
use shared::engine::family::List;
use shared::engine::observed::Observed;
use shared::engine::pipeline::Rules;
use shared::operations::operate::{Operator, Order};
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::flow_log::FlowLogs;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::subnet::SubnetFamily;
use shared::resources::ec2::subnet::state::SubnetRef;
use shared::resources::ec2::transit_gateway::TransitGateways;
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::story::{notified, take_back};
use tests::world::World;

static WORLD: World = World::new();

const EC2: &str = "ec2.amazonaws.com";

/// A call with a plain request and answer.
fn call(name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::user("ben"), EC2, name, request, response)
}

async fn with_ledger(lab: &Lab, table: &str) -> Host {
    let settings = Settings { ledger: Some(table.to_owned()), ..lab.settings() };
    Host::start("network", &settings).await.unwrap()
}

async fn nothing_notified(lab: &Lab) {
    let heard = lab.channel.hear().await.unwrap();
    assert!(heard.is_empty(), "{heard:#?}");
}

// ── Network ACLs ────────────────────────────────────────────────────────────────────────────────────────────────────────

/// A network ACL with HTTPS and replies for everybody.
async fn acl(lab: &Lab) -> String {
    let vpc = lab.vpc().await.unwrap();
    let made = lab.clients.ec2.create_network_acl().vpc_id(vpc).send().await.unwrap();
    let acl = made.network_acl.unwrap().network_acl_id.unwrap();
    entry(lab, &acl, 100, RuleAction::Allow, "0.0.0.0/0", (443, 443)).await;
    entry(lab, &acl, 200, RuleAction::Allow, "0.0.0.0/0", (1024, 65535)).await;
    acl
}

/// Makes an ingress entry; the event of it.
async fn entry(lab: &Lab, acl: &str, number: i32, says: RuleAction, cidr: &str, (from, to): (i32, i32)) -> Value {
    let call = lab.clients.ec2.create_network_acl_entry().network_acl_id(acl).egress(false).rule_number(number);
    let ports = PortRange::builder().from(from).to(to).build();
    let call = call.protocol("6").rule_action(says.clone()).cidr_block(cidr).port_range(ports);
    call.send().await.unwrap();
    said("CreateNetworkAclEntry", acl, number, &says, cidr, (from, to))
}

fn said(name: &str, acl: &str, number: i32, says: &RuleAction, cidr: &str, (from, to): (i32, i32)) -> Value {
    let request = json!({"networkAclId": acl, "ruleNumber": number, "egress": false, "aclProtocol": "6",
        "ruleAction": says.as_str(), "cidrBlock": cidr, "portRange": {"from": from, "to": to}, "icmpTypeCode": {}});
    call(name, request, json!({"requestId": "31c1eba4", "_return": true}))
}

async fn entries(lab: &Lab, acl: &str) -> Vec<String> {
    let answer = lab.clients.ec2.describe_network_acls().network_acl_ids(acl).send().await.unwrap();
    let mut lines: Vec<String> = answer.network_acls()[0].entries().iter().map(|entry| format!("{entry:?}")).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn ssh_through_a_network_acl() {
    let lab = WORLD.lab("acl-created").await.unwrap();
    let acl = acl(&lab).await;
    let closed = entries(&lab, &acl).await;
    let event = entry(&lab, &acl, 90, RuleAction::Allow, "0.0.0.0/0", (22, 22)).await;
    let open = entries(&lab, &acl).await;
    let mut function = lab.function("network", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("network-acl-admin-port-open").unwrap(), "remediated", "{answer:?}");
    const READ: &str = "DescribeNetworkAcls";
    let called = lab.proxy.take_actions();
    assert_eq!(called, [READ, READ, "DeleteNetworkAclEntry", READ, "Publish"], "read, and compared before the call");
    assert_eq!(entries(&lab, &acl).await, closed);
    let finding = notified(&lab).await.unwrap();
    function.send(&event).await.unwrap();
    assert_eq!(entries(&lab, &acl).await, closed);
    nothing_notified(&lab).await;
    take_back(&lab, &finding).await.unwrap();
    assert_eq!(entries(&lab, &acl).await, open);
}

#[tokio::test]
async fn an_entry_behind_a_denial_opens_nothing() {
    let lab = WORLD.lab("acl-denied").await.unwrap();
    let acl = acl(&lab).await;
    entry(&lab, &acl, 50, RuleAction::Deny, "0.0.0.0/0", (0, 1023)).await;
    let event = entry(&lab, &acl, 90, RuleAction::Allow, "0.0.0.0/0", (22, 22)).await;
    let before = entries(&lab, &acl).await;
    let mut function = lab.function("network", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.outcome("network-acl-admin-port-open").unwrap()["verdict"], "compliant");
    assert_eq!(lab.proxy.take_actions(), ["DescribeNetworkAcls"]);
    assert_eq!(entries(&lab, &acl).await, before);
    nothing_notified(&lab).await;
}

#[tokio::test]
async fn a_replaced_entry_becomes_what_it_was() {
    let lab = WORLD.lab("acl-replaced").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let acl = acl(&lab).await;
    let office = "192.0.2.0/24";
    let made = entry(&lab, &acl, 90, RuleAction::Allow, office, (22, 22)).await;
    let mut function = with_ledger(&lab, &table).await;
    let answer = function.send(&made).await.unwrap();
    assert_eq!(answer.outcome("network-acl-admin-port-open").unwrap()["verdict"], "compliant");
    let closed = entries(&lab, &acl).await;

    let ports = PortRange::builder().from(22).to(22).build();
    let replace = lab.clients.ec2.replace_network_acl_entry().network_acl_id(&acl).egress(false).rule_number(90);
    let replace = replace.protocol("6").rule_action(RuleAction::Allow).cidr_block("0.0.0.0/0").port_range(ports);
    replace.send().await.unwrap();
    let open = entries(&lab, &acl).await;
    let event = said("ReplaceNetworkAclEntry", &acl, 90, &RuleAction::Allow, "0.0.0.0/0", (22, 22));
    // Another process: what was kept is in the ledger.
    let mut function = with_ledger(&lab, &table).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("network-acl-admin-port-open").unwrap(), "remediated", "{answer:?}");
    assert_eq!(entries(&lab, &acl).await, closed);
    let finding = notified(&lab).await.unwrap();
    function.send(&event).await.unwrap();
    assert_eq!(entries(&lab, &acl).await, closed);
    nothing_notified(&lab).await;
    take_back(&lab, &finding).await.unwrap();
    assert_eq!(entries(&lab, &acl).await, open);
}

// ── Flow logs ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/// A flow log of the VPC to a log group; its id, and the event of it.
async fn flow_log(lab: &Lab, vpc: &str) -> (String, Value) {
    let tag = Tag::builder().key("team").value("it's “net”").build();
    let tags = TagSpecification::builder().resource_type(ResourceType::VpcFlowLog).tags(tag).build();
    let call = lab.clients.ec2.create_flow_logs().resource_type(FlowLogsResourceType::Vpc).resource_ids(vpc);
    let call = call.traffic_type(TrafficType::Reject).log_destination_type(LogDestinationType::CloudWatchLogs);
    let call =
        call.log_group_name("/example/flows").deliver_logs_permission_arn("arn:aws:iam::123456789012:role/flows");
    let call = call.log_format("${version} ${srcaddr} ${action}").max_aggregation_interval(60).tag_specifications(tags);
    let id = call.send().await.unwrap().flow_log_ids.unwrap().remove(0);
    let request = json!({"CreateFlowLogsRequest": {"ResourceId": {"tag": 1, "content": vpc}, "ResourceType": "VPC",
        "TrafficType": "REJECT", "LogGroupName": "/example/flows"}});
    let response = json!({"CreateFlowLogsResponse": {"unsuccessful": "", "flowLogIdSet": {"item": id}}});
    (id.clone(), self::call("CreateFlowLogs", request, response))
}

/// Deletes it; the event of that.
async fn delete(lab: &Lab, id: &str) -> Value {
    lab.clients.ec2.delete_flow_logs().flow_log_ids(id).send().await.unwrap();
    let request = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": id}}});
    call("DeleteFlowLogs", request, json!({"DeleteFlowLogsResponse": {"unsuccessful": ""}}))
}

async fn flow_logs(lab: &Lab, vpc: &str) -> Vec<FlowLog> {
    let filter = Filter::builder().name("resource-id").values(vpc).build();
    lab.clients.ec2.describe_flow_logs().filter(filter).send().await.unwrap().flow_logs.unwrap_or_default()
}

/// Everything of a flow log but when it was made and under which id.
fn settings(flow_log: &FlowLog) -> String {
    let tags: Vec<_> = flow_log.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {tags:?}",
        flow_log.resource_id(),
        flow_log.traffic_type(),
        flow_log.log_destination_type(),
        flow_log.log_group_name(),
        flow_log.deliver_logs_permission_arn(),
        flow_log.log_format(),
        flow_log.max_aggregation_interval(),
    )
}

#[tokio::test]
async fn a_deleted_flow_log_is_made_anew_each_time() {
    let lab = WORLD.lab("flow-log").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let (id, made) = flow_log(&lab, &vpc).await;
    let before: Vec<String> = flow_logs(&lab, &vpc).await.iter().map(settings).collect();
    let mut function = with_ledger(&lab, &table).await;
    function.send(&made).await.unwrap();
    nothing_notified(&lab).await;

    let event = delete(&lab, &id).await;
    let _ = lab.proxy.take_actions();
    let mut function = with_ledger(&lab, &table).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("flow-log-deleted").unwrap(), "remediated", "{answer:?}");
    let called = lab.proxy.take_actions();
    let first = called.iter().position(|name| name == "CreateFlowLogs").unwrap();
    let reads = called[..first].iter().filter(|name| !["GetItem", "Query", "Scan"].contains(&name.as_str()));
    assert_eq!(
        reads.collect::<Vec<_>>(),
        ["DescribeFlowLogs"; 2],
        "that it is gone, and what stands in its place: {called:?}"
    );
    let anew = flow_logs(&lab, &vpc).await;
    assert_eq!(anew.iter().map(settings).collect::<Vec<_>>(), before);
    assert_ne!(anew[0].flow_log_id(), Some(id.as_str()));
    notified(&lab).await.unwrap();

    function.send(&event).await.unwrap();
    assert_eq!(flow_logs(&lab, &vpc).await, anew, "a second delivery changed something");
    nothing_notified(&lab).await;

    // What Parapet made in its place leads to no event of its own, and is remembered all the same.
    let event = delete(&lab, anew[0].flow_log_id().unwrap()).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("flow-log-deleted").unwrap(), "remediated", "{answer:?}");
    assert_eq!(flow_logs(&lab, &vpc).await.iter().map(settings).collect::<Vec<_>>(), before);
    let finding = notified(&lab).await.unwrap();

    let id = finding["finding_info"]["uid"].as_str().unwrap().parse().unwrap();
    take_back_by_the_ledger(&lab, &table, id).await;
    assert_eq!(flow_logs(&lab, &vpc).await, []);
}

/// As `parapet undo` does.
async fn take_back_by_the_ledger(lab: &Lab, table: &str, id: uuid::Uuid) {
    let config = lab.clients.config.clone();
    let table = Table::new(&config, table);
    let clients = Clients { accounts: Accounts::new(config, None, None, "undo"), store: Store::Table(table.clone()) };
    let services = vec![served(FlowLogs, Ec2::new)];
    let operator = Operator { services, clients, table, rules: Rules::default() };
    let lasts = jiff::SignedDuration::from_hours(1);
    let order = Order { who: "ana".to_owned(), reason: "moving".to_owned(), lasts, force: false, unsigned: false };
    let (finding, _) = operator.undo(id, &order).await.unwrap();
    assert_eq!(finding.outcome, shared::engine::finding::Outcome::Undone, "{:?}", finding.reasons);
}

#[tokio::test]
async fn a_flow_log_of_a_network_that_was_torn_down_stays_away() {
    let lab = WORLD.lab("torn-down").await.unwrap();
    let table = lab.ledger().await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let (id, made) = flow_log(&lab, &vpc).await;
    let mut function = with_ledger(&lab, &table).await;
    function.send(&made).await.unwrap();
    let event = delete(&lab, &id).await;
    lab.clients.ec2.delete_vpc().vpc_id(&vpc).send().await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("flow-log-deleted").unwrap(), "already-compliant", "{answer:?}");
    assert_eq!(flow_logs(&lab, &vpc).await, []);
}

#[tokio::test]
async fn a_flow_log_that_was_never_observed_is_notified_and_not_guessed() {
    let lab = WORLD.lab("never-seen").await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let (id, _) = flow_log(&lab, &vpc).await;
    let event = delete(&lab, &id).await;
    let mut function = lab.function("network", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("flow-log-deleted").unwrap(), "notified", "{answer:?}");
    assert_eq!(flow_logs(&lab, &vpc).await, []);
    assert!(notified(&lab).await.unwrap().to_string().contains("nothing is planned"));
}

// ── Subnets ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

async fn subnet(lab: &Lab) -> String {
    let vpc = lab.vpc().await.unwrap();
    let made = lab.clients.ec2.create_subnet().vpc_id(vpc).cidr_block("10.9.1.0/24").send().await.unwrap();
    made.subnet.unwrap().subnet_id.unwrap()
}

async fn assigns(lab: &Lab, subnet: &str) -> (Option<bool>, Option<bool>) {
    let answer = lab.clients.ec2.describe_subnets().subnet_ids(subnet).send().await.unwrap();
    let subnet = &answer.subnets()[0];
    (subnet.map_public_ip_on_launch(), subnet.assign_ipv6_address_on_creation())
}

#[tokio::test]
async fn public_addresses_in_a_subnet() {
    let lab = WORLD.lab("subnet").await.unwrap();
    let subnet = subnet(&lab).await;
    let on = AttributeBooleanValue::builder().value(true).build();
    let call = lab.clients.ec2.modify_subnet_attribute().subnet_id(&subnet);
    call.clone().map_public_ip_on_launch(on.clone()).send().await.unwrap();
    call.assign_ipv6_address_on_creation(on).send().await.unwrap();
    let mut function = lab.function("network", None).await.unwrap();
    let set = |attribute: &str| {
        let request = json!({"subnetId": subnet, attribute: {"value": true}});
        self::call("ModifySubnetAttribute", request, json!({"_return": true}))
    };

    let event = set("mapPublicIpOnLaunch");
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("subnet-assigns-public-address").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.proxy.take_actions(), ["ModifySubnetAttribute", "DescribeSubnets", "Publish"]);
    assert_eq!(assigns(&lab, &subnet).await, (Some(false), Some(true)), "one attribute a call");
    let finding = notified(&lab).await.unwrap();
    function.send(&event).await.unwrap();
    nothing_notified(&lab).await;

    let answer = function.send(&set("assignIpv6AddressOnCreation")).await.unwrap();
    assert_eq!(answer.result("subnet-assigns-public-address").unwrap(), "remediated", "{answer:?}");
    assert_eq!(assigns(&lab, &subnet).await, (Some(false), Some(false)));
    take_back(&lab, &notified(&lab).await.unwrap()).await.unwrap();
    take_back(&lab, &finding).await.unwrap();
    assert_eq!(assigns(&lab, &subnet).await, (Some(true), Some(true)));
}

// ── Transit gateways ────────────────────────────────────────────────────────────────────────────────────────────────────

async fn options(lab: &Lab, gateway: &str) -> String {
    let answer = lab.clients.ec2.describe_transit_gateways().transit_gateway_ids(gateway).send().await.unwrap();
    format!("{:?}", answer.transit_gateways()[0].options())
}

#[tokio::test]
async fn a_transit_gateway_that_accepts_by_itself() {
    let lab = WORLD.lab("transit-gateway").await.unwrap();
    let accepts = TransitGatewayRequestOptions::builder()
        .auto_accept_shared_attachments(AutoAcceptSharedAttachmentsValue::Enable)
        .build();
    let made = lab.clients.ec2.create_transit_gateway().options(accepts).send().await.unwrap();
    let gateway = made.transit_gateway.unwrap().transit_gateway_id.unwrap();
    let open = options(&lab, &gateway).await;
    let shown = json!({"transitGatewayId": gateway, "state": "pending", "ownerId": 123_456_789_012_u64,
        "options": {"autoAcceptSharedAttachments": "enable"}});
    let request = json!({"CreateTransitGatewayRequest": {"Options": {"AutoAcceptSharedAttachments": "enable"}}});
    let response = json!({"CreateTransitGatewayResponse": {"transitGateway": shown}});
    let event = call("CreateTransitGateway", request, response);
    let mut function = lab.function("network", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("transit-gateway-accepts-by-itself").unwrap(), "remediated", "{answer:?}");
    let called = lab.proxy.take_actions();
    assert_eq!(called, ["ModifyTransitGateway", "DescribeTransitGateways", "Publish"]);
    let closed = options(&lab, &gateway).await;
    assert_eq!(
        closed,
        open.replace("Enable), default_route_table_association", "Disable), default_route_table_association")
    );
    let finding = notified(&lab).await.unwrap();
    function.send(&event).await.unwrap();
    assert_eq!(options(&lab, &gateway).await, closed);
    nothing_notified(&lab).await;
    take_back(&lab, &finding).await.unwrap();
    assert_eq!(options(&lab, &gateway).await, open);
}

// ── The sweep's pages ───────────────────────────────────────────────────────────────────────────────────────────────────

/// What a listing shows of each kind.
#[tokio::test]
async fn a_page_shows_each_with_its_state() {
    let lab = WORLD.lab("pages").await.unwrap();
    let acl = acl(&lab).await;
    let vpc = lab.vpc().await.unwrap();
    let (flow_log, _) = flow_log(&lab, &vpc).await;
    let subnet = subnet(&lab).await;
    let made = lab.clients.ec2.create_transit_gateway().send().await.unwrap();
    let gateway = made.transit_gateway.unwrap().transit_gateway_id.unwrap();
    let ec2 = Ec2::new(&lab.clients.config);

    let acls = List::<NetworkAcls>::page(&ec2, None).await.unwrap().known().unwrap().found.clone();
    let found = acls.iter().find(|(key, _)| key.id == acl).and_then(|(_, state)| state.known().cloned()).unwrap();
    assert_eq!((found.entries.len(), found.is_default, found.is_whole), (2, Observed::Known(false), true));
    let logs = List::<FlowLogs>::page(&ec2, None).await.unwrap().known().unwrap().found.clone();
    let found = logs.iter().find(|(key, _)| key.id == flow_log).and_then(|(_, state)| state.known().cloned()).unwrap();
    assert_eq!(found.config.known().map(|config| config.resource.clone()), Some(vpc));
    let subnets = List::<SubnetFamily>::page(&ec2, None).await.unwrap().known().unwrap().found.clone();
    assert!(subnets.iter().any(|(key, state)| *key == SubnetRef::Id(subnet.clone()) && state.known().is_some()));
    let gateways = List::<TransitGateways>::page(&ec2, None).await.unwrap().known().unwrap().found.clone();
    let found =
        gateways.iter().find(|(key, _)| key.id == gateway).and_then(|(_, state)| state.known().cloned()).unwrap();
    assert_eq!(found.accepts_by_itself, Observed::Known(false));
}
