//! The function `network` under a role that holds exactly its template's actions, in an account that enforces IAM: everything
//! works; and without any one of them something is denied, said so, and not called done. Permissions that moto does not ask
//! for are listed with the reason.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, AutoAcceptSharedAttachmentsValue, FlowLogsResourceType, LogDestinationType, PortRange,
    RuleAction, TrafficType, TransitGatewayRequestOptions,
};
use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::roles;
use tests::world::{World, in_worlds};

static WORLD: World = World::new();

/// moto makes a flow log without asking about its role, its tags, its delivery or whether a gateway exists.
const NOT_ASKED: [&str; 4] =
    ["ec2:CreateTags", "ec2:DescribeTransitGatewayAttachments", "iam:PassRole", "logs:CreateLogDelivery"];

fn call(name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::user("ben"), "ec2.amazonaws.com", name, request, response)
}

fn said(name: &str, acl: &str, cidr: &str) -> Value {
    let request = json!({"networkAclId": acl, "ruleNumber": 90, "egress": false, "aclProtocol": "6",
        "ruleAction": "allow", "cidrBlock": cidr, "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}});
    call(name, request, json!({"_return": true}))
}

/// A denial that was seen in front of an entry for everybody, and deleted.
async fn denial_deleted(lab: &Lab, vpc: &str, function: &mut Host) -> Value {
    let ec2 = &lab.clients.ec2;
    let acl = ec2.create_network_acl().vpc_id(vpc).send().await.unwrap().network_acl.unwrap().network_acl_id.unwrap();
    let ports = PortRange::builder().from(22).to(22).build();
    for (number, says, word) in [(80, RuleAction::Deny, "deny"), (90, RuleAction::Allow, "allow")] {
        let call = ec2.create_network_acl_entry().network_acl_id(&acl).egress(false).rule_number(number).protocol("6");
        call.rule_action(says).cidr_block("0.0.0.0/0").port_range(ports.clone()).send().await.unwrap();
        let request = json!({"networkAclId": acl, "ruleNumber": number, "egress": false, "aclProtocol": "6",
            "ruleAction": word, "cidrBlock": "0.0.0.0/0", "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}});
        function.send(&self::call("CreateNetworkAclEntry", request, json!({"_return": true}))).await.unwrap();
    }
    ec2.delete_network_acl_entry().network_acl_id(&acl).rule_number(80).egress(false).send().await.unwrap();
    let request = json!({"networkAclId": acl, "ruleNumber": 80, "egress": false});
    self::call("DeleteNetworkAclEntry", request, json!({"_return": true}))
}

/// An entry for everybody; and one for an office, seen, then replaced by one for everybody.
async fn acl_events(lab: &Lab, vpc: &str, function: &mut Host) -> Vec<Value> {
    let ec2 = &lab.clients.ec2;
    let ports = PortRange::builder().from(22).to(22).build();
    let mut acls = Vec::new();
    for cidr in ["0.0.0.0/0", "192.0.2.0/24"] {
        let acl =
            ec2.create_network_acl().vpc_id(vpc).send().await.unwrap().network_acl.unwrap().network_acl_id.unwrap();
        let call = ec2.create_network_acl_entry().network_acl_id(&acl).egress(false).rule_number(90).protocol("6");
        let call = call.rule_action(RuleAction::Allow).cidr_block(cidr).port_range(ports.clone());
        call.send().await.unwrap();
        acls.push(acl);
    }
    function.send(&said("CreateNetworkAclEntry", &acls[1], "192.0.2.0/24")).await.unwrap();
    let deleted = denial_deleted(lab, vpc, function).await;
    let call = ec2.replace_network_acl_entry().network_acl_id(&acls[1]).egress(false).rule_number(90).protocol("6");
    let call = call.rule_action(RuleAction::Allow).cidr_block("0.0.0.0/0").port_range(ports);
    call.send().await.unwrap();
    vec![
        said("CreateNetworkAclEntry", &acls[0], "0.0.0.0/0"),
        said("ReplaceNetworkAclEntry", &acls[1], "0.0.0.0/0"),
        deleted,
    ]
}

/// A flow log that was seen and deleted; `gone` takes away what it watched.
async fn flow_log_event(lab: &Lab, kind: FlowLogsResourceType, resource: &str, function: &mut Host) -> Value {
    let call = lab.clients.ec2.create_flow_logs().resource_type(kind).resource_ids(resource);
    let call = call.traffic_type(TrafficType::All).log_destination_type(LogDestinationType::CloudWatchLogs);
    let call = call.log_group_name("/flows").deliver_logs_permission_arn("arn:aws:iam::123456789012:role/flows");
    let id = call.send().await.unwrap().flow_log_ids.unwrap().remove(0);
    let response = json!({"CreateFlowLogsResponse": {"unsuccessful": "", "flowLogIdSet": {"item": id}}});
    function.send(&self::call("CreateFlowLogs", json!({"CreateFlowLogsRequest": {}}), response)).await.unwrap();
    lab.clients.ec2.delete_flow_logs().flow_log_ids(&id).send().await.unwrap();
    let request = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": id}}});
    self::call("DeleteFlowLogs", request, json!({"DeleteFlowLogsResponse": {"unsuccessful": ""}}))
}

/// Events that between them need every permission of the function that moto asks for. `seer` holds all of them and sees
/// beforehand what must be remembered.
async fn events(lab: &Lab, seer: &mut Host) -> Vec<Value> {
    let ec2 = &lab.clients.ec2;
    let vpc = lab.vpc().await.unwrap();
    let mut events = acl_events(lab, &vpc, seer).await;
    let subnet = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.9.1.0/24").send().await.unwrap();
    let subnet = subnet.subnet.unwrap().subnet_id.unwrap();
    let on = AttributeBooleanValue::builder().value(true).build();
    ec2.modify_subnet_attribute().subnet_id(&subnet).map_public_ip_on_launch(on).send().await.unwrap();
    let request = json!({"subnetId": subnet, "mapPublicIpOnLaunch": {"value": true}});
    events.push(call("ModifySubnetAttribute", request, json!({"_return": true})));
    let accepts = AutoAcceptSharedAttachmentsValue::Enable;
    let options = TransitGatewayRequestOptions::builder().auto_accept_shared_attachments(accepts).build();
    let gateway = ec2.create_transit_gateway().options(options).send().await.unwrap().transit_gateway.unwrap();
    let options =
        json!({"TransitGatewayId": gateway.transit_gateway_id(), "Options": {"AutoAcceptSharedAttachments": "enable"}});
    events.push(call("ModifyTransitGateway", json!({"ModifyTransitGatewayRequest": options}), Value::Null));
    events.push(flow_log_event(lab, FlowLogsResourceType::Vpc, &vpc, seer).await);

    // What these watched is torn down.
    let doomed = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.9.2.0/24").send().await.unwrap();
    let doomed = doomed.subnet.unwrap().subnet_id.unwrap();
    let interface = ec2.create_network_interface().subnet_id(&subnet).send().await.unwrap();
    let interface = interface.network_interface.unwrap().network_interface_id.unwrap();
    let other = lab.vpc().await.unwrap();
    events.push(flow_log_event(lab, FlowLogsResourceType::Subnet, &doomed, seer).await);
    events.push(flow_log_event(lab, FlowLogsResourceType::NetworkInterface, &interface, seer).await);
    events.push(flow_log_event(lab, FlowLogsResourceType::Vpc, &other, seer).await);
    ec2.delete_subnet().subnet_id(&doomed).send().await.unwrap();
    ec2.delete_network_interface().network_interface_id(&interface).send().await.unwrap();
    ec2.delete_vpc().vpc_id(&other).send().await.unwrap();
    events
}

async fn function(lab: &Lab, ledger: &str, role: &str, statements: &[Value]) -> Host {
    let (_, keys) = roles::assume(&lab.clients, role, statements).await.unwrap();
    let settings = Settings { keys, ledger: Some(ledger.to_owned()), ..lab.settings() };
    Host::start("network", &settings).await.unwrap()
}

fn results(answers: &[Answer]) -> Vec<String> {
    let outcomes = answers.iter().flat_map(|answer| match answer {
        Answer::Report(report) => report["outcomes"].as_array().cloned().unwrap_or_default(),
        Answer::Error { .. } => vec![json!({"result": "error"})],
    });
    outcomes.map(|outcome| outcome["result"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_network_function_needs_all_that_it_has() {
    let lab = WORLD.lab_of("network", WORLD.admin().await.unwrap()).await.unwrap();
    let whole = roles::on_everything(&roles::statements("network", &lab.channel.topic).unwrap());
    let used = roles::actions(&whole, "Family").into_iter().filter(|action| !NOT_ASKED.contains(&action.as_str()));
    let mut lacking: Vec<Option<String>> = vec![None];
    lacking.extend(used.map(Some));
    let mut expected = vec!["remediated"; 6];
    expected.extend(["already-compliant"; 3]);
    let (whole, expected) = (&whole, &expected);
    in_worlds(lacking.into_iter().enumerate(), |(at, action), world| async move {
        let statements = action.as_deref().map_or_else(|| whole.clone(), |action| roles::without(whole, action));
        let own = world.lab_of(&format!("network-{at}"), world.admin().await.unwrap()).await.unwrap();
        let table = own.ledger().await.unwrap();
        let mut seer = function(&own, &table, &format!("seer-{at}"), whole).await;
        let events = events(&own, &mut seer).await;
        let mut function = function(&own, &table, &format!("network-{at}"), &statements).await;
        let mut answers = Vec::new();
        for event in &events {
            answers.push(function.send(event).await.unwrap());
        }
        match action {
            None => assert_eq!(&results(&answers), expected, "{answers:#?}"),
            Some(action) => {
                assert_ne!(&results(&answers), expected, "nothing misses `{action}`: {answers:#?}");
                let text = format!("{answers:?}");
                assert!(
                    text.contains(&format!("lacks `{action}`")),
                    "no answer says that `{action}` is missing: {answers:#?}"
                );
            }
        }
    })
    .await;
}
