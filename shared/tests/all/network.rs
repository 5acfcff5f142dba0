//! What no situation of an event shows: sweeps over what AWS makes by itself, what is remembered of a flow log that was made
//! anew, and a gateway that is not ready.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::{Event, Parsed};
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{Handled, Rules, RunContext, handle, sweep};
use shared::engine::plan::ApplyError;
use shared::policy::{Mode, Policy};
use shared::resources::ec2::flow_log::FlowLogs;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::network_acl::state::AclRef;
use shared::resources::ec2::subnet::SubnetFamily;
use shared::resources::ec2::subnet::state::SubnetRef;
use shared::resources::ec2::transit_gateway::TransitGateways;

const ACL: &str = "acl-0a1b2c3d4e5f60718";

/// The event and the rest of a situation under `tests/fixtures`.
fn situation(guardrail: &str, name: &str) -> (Box<Event>, &'static Value) {
    let situation = crate::fixtures::situation(guardrail, name);
    let Parsed::Call(event) = Event::from_envelope(&situation["event"]).unwrap() else { panic!("not a call") };
    (event, situation)
}

fn rules(policy: &str) -> Rules {
    Rules { policy: Policy::parse(policy).unwrap(), fallback: Mode::Enforce, can_wait: true, ..Rules::default() }
}

/// What a sweep says of the resource, and the world after it. Of what complies it says nothing.
fn swept<F: Living>(
    family: &F,
    policy: &str,
    key: F::Key,
    live: &Value,
    kept: Option<Value>,
) -> (Option<Finding>, World<F>) {
    let world = World::<F>::new(F::live(live)).keeping(kept.map(|kept| kept.to_string()));
    let rules = rules(policy);
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let account = "111122223333".to_owned();
    let place = Place { partition: "aws".to_owned(), account, region: "eu-central-1".to_owned() };
    let mut handled = now(sweep(family, context, &place, key, F::live(live), None));
    (handled.findings.pop(), world)
}

fn entry(number: i32, protocol: &str, net: &str, port: Option<u16>) -> Value {
    let ports = port.map(|port| json!({"From": port, "To": port}));
    json!({"RuleNumber": number, "RuleAction": "allow", "Protocol": protocol, "Egress": false, "CidrBlock": net,
           "PortRange": ports})
}

fn acl(is_default: bool, entries: &[Value]) -> Value {
    json!({"NetworkAclId": ACL, "OwnerId": "111122223333", "IsDefault": is_default, "Entries": entries})
}

fn key() -> AclRef {
    AclRef { id: ACL.to_owned(), change: None, is_joined: false, kept: Observed::Absent }
}

#[test]
fn a_sweep_leaves_the_entry_that_aws_makes_alone() {
    let everything = entry(100, "-1", "0.0.0.0/0", None);
    let (found, world) =
        swept(&NetworkAcls, "version: 1\n", key(), &acl(true, std::slice::from_ref(&everything)), None);
    assert!(found.is_none() && world.calls().is_empty());
    assert!(world.log().iter().any(|line| line.starts_with("keep kept#network-acl#")), "it is remembered");
    // The same entry in an ACL that is not the default was made by a principal.
    let (found, _) = swept(&NetworkAcls, "version: 1\n", key(), &acl(false, std::slice::from_ref(&everything)), None);
    assert_eq!(found.unwrap().outcome, Outcome::Notified);
    let asked =
        "version: 1\nguardrails: { network-acl-admin-port-open: { settings: { judge_default_entries: true } } }\n";
    let (found, _) = swept(&NetworkAcls, asked, key(), &acl(true, std::slice::from_ref(&everything)), None);
    assert!(found.is_some());
    // Another number is not AWS's.
    let (found, _) =
        swept(&NetworkAcls, "version: 1\n", key(), &acl(true, &[entry(99, "-1", "0.0.0.0/0", None)]), None);
    assert!(found.is_some());
}

#[test]
fn a_sweep_undoes_what_came_since_the_last_good_look_and_nothing_else() {
    let live = acl(false, &[entry(90, "6", "0.0.0.0/0", Some(22)), entry(100, "6", "0.0.0.0/0", Some(443))]);
    let https = json!({"allows": true, "protocol": 6, "ports": [443, 443], "icmp": null, "net": "0.0.0.0/0"});
    let known = json!({"number": 100, "direction": "ingress", "rule": https, "in_question": true, "was": "absent"});
    let kept = json!({"id": ACL, "owner": null, "is_default": {"known": false}, "entries": [known], "is_whole": true,
                      "has_event": false});
    let (found, world) = swept(&NetworkAcls, "version: 1\n", key(), &live, Some(kept));
    assert_eq!(found.unwrap().outcome, Outcome::Remediated);
    assert_eq!(world.calls(), [format!("delete entry ingress 90 allow tcp 22 from 0.0.0.0/0 from {ACL}")]);
    // Without a last good look it is unknown what stood there.
    let (found, world) = swept(&NetworkAcls, "version: 1\n", key(), &live, None);
    assert_eq!((found.unwrap().outcome, world.calls().len()), (Outcome::Notified, 0));
}

#[test]
fn a_sweep_leaves_default_subnets_alone_unless_policy_includes_them() {
    let subnet = |is_default: bool| {
        json!({"Subnets": [{"SubnetId": "subnet-1", "OwnerId": "111122223333", "DefaultForAz": is_default,
                            "MapPublicIpOnLaunch": true}]})
    };
    let key = || SubnetRef::Id("subnet-1".to_owned());
    let (found, world) = swept(&SubnetFamily, "version: 1\n", key(), &subnet(true), None);
    assert!(found.is_none() && world.calls().is_empty());
    let (found, _) = swept(&SubnetFamily, "version: 1\n", key(), &subnet(false), None);
    assert_eq!(found.unwrap().outcome, Outcome::Remediated);
    let included =
        "version: 1\nguardrails: { subnet-assigns-public-address: { settings: { include_default_subnets: true } } }\n";
    let (found, _) = swept(&SubnetFamily, included, key(), &subnet(true), None);
    assert_eq!(found.unwrap().outcome, Outcome::Remediated);
}

#[test]
fn what_is_made_in_place_of_a_deleted_flow_log_is_remembered_under_its_own_id() {
    let (event, situation) = situation("flow-log-deleted", "violates-one");
    let world = World::<FlowLogs>::new(FlowLogs::live(&json!("gone"))).keeping(Some(situation["kept"].to_string()));
    let rules = rules(&situation["policy"].to_string());
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let Handled { findings, .. } = now(handle(&FlowLogs, context, &event));
    assert_eq!(findings[0].outcome, Outcome::Remediated);
    let kept: Vec<String> = world.log().into_iter().filter(|line| line.starts_with("keep ")).collect();
    let name = |id: &str| format!("keep kept#flow-log#111122223333#eu-central-1#{id}");
    assert_eq!(kept, [name("fl-064ed3a785e4a37ef"), name("fl-0new00000000000")]);
}

#[test]
fn a_gateway_that_is_not_ready_is_closed_later() {
    let (event, situation) = situation("transit-gateway-accepts-by-itself", "violates-created");
    let not_yet =
        ApplyError::NotYet { code: "IncorrectState".to_owned(), message: "tgw-1 is in pending state".to_owned() };
    let world = World::<TransitGateways>::new(TransitGateways::live(&situation["live"])).answering([Some(not_yet)]);
    let rules = rules("version: 1\n");
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let handled = now(handle(&TransitGateways, context, &event));
    assert!(handled.deferred.is_some(), "it comes back");
    let again = Event { waited: Some("not possible yet".to_owned()), ..*event };
    let handled = now(handle(&TransitGateways, context, &again));
    assert_eq!(handled.findings[0].outcome, Outcome::Remediated);
    assert_eq!(world.log().iter().filter(|line| line.starts_with("look ")).count(), 3, "{:?}", world.log());
    assert_eq!(world.lines(), ["tgw-0a13743bd6c1f5fcb asks first"]);
}
