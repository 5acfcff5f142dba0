//! Real CloudTrail logs, recorded attacks and labelled security-group rules that were written outside this project.
//!
//! They are not part of the repository. They are looked for in `PARAPET_CORPORA`, else in `../shared/corpora` beside the
//! repository; where they are not, the tests say so and still hold the small set below. The exceptions to the labels are
//! argued in `docs/security-group-answers.md`.

use crate::world::{Living, Watch, World, now};
use serde_json::{Value, json};
use shared::engine::event::{Event, EventError};
use shared::engine::guardrail::{Guardrail, Terms};
use shared::engine::observed::{Observed, Place};
use shared::engine::own::Own;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::verdict::{Severity, Verdict, VerdictKind};
use shared::net::{AddressFamily, Reach, parse_cidr, reach};
use shared::policy::{GuardrailPolicy, Guardrails, Mode, Policy};
use shared::resources::by_record::Judge;
use shared::resources::ec2::ports::PortSettings;
use shared::resources::ec2::security_group::admin_port_open::SecurityGroupAdminPort;
use shared::resources::ec2::security_group::all_traffic_open::SecurityGroupAllTraffic;
use shared::resources::ec2::security_group::default_has_rules::SecurityGroupDefault;
use shared::resources::ec2::security_group::near_world_open::SecurityGroupNearWorld;
use shared::resources::ec2::security_group::state::{Direction, GroupAction, SecurityGroup, Traffic};
use shared::resources::ec2::security_group::{SecurityGroups, rules_of_api_permissions};
use shared::resources::iam::access_key::IamUsers;
use std::io::Read;
use std::path::{Path, PathBuf};

fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("PARAPET_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    let is_there = folder.is_dir();
    if !is_there {
        println!("no corpora in {}: only the set of this file was held", folder.display());
    }
    is_there.then_some(folder)
}

fn lines(path: &Path) -> Vec<Value> {
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every record of the three corpora, with a name for messages.
fn records(folder: &Path) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for file in std::fs::read_dir(folder.join("cloudtrail")).unwrap().map(|entry| entry.unwrap().path()) {
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(&file).unwrap()).read_to_string(&mut text).unwrap();
        let log: Value = serde_json::from_str(&text).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        found.extend(log["Records"].as_array().unwrap().iter().map(|record| (name.clone(), record.clone())));
    }
    for file in ["cloudtrail_stratus.jsonl", "cloudtrail_panther.jsonl"] {
        for row in lines(&folder.join(file)) {
            found.push((row["id"].as_str().unwrap().to_owned(), row["input"]["event"].clone()));
        }
    }
    found
}

fn failed(record: &Value) -> bool {
    ["errorCode", "errorMessage"].iter().any(|key| record[*key].as_str().is_some_and(|text| !text.is_empty()))
}

/// What a family does about an event when everything is to be enforced: the findings, and what was asked of AWS.
fn enforced<F: Living>(family: &F, event: &Event) -> (usize, Vec<String>) {
    let world = World::<F>::new(Observed::Absent);
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let handled = now(handle(
        family,
        RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules },
        event,
    ));
    (handled.findings.len(), world.log())
}

#[test]
fn every_real_record_parses_and_what_failed_leads_to_nothing() {
    let Some(folder) = corpora() else { return };
    let (mut read, mut refused, mut ours) = (0, 0, 0);
    // Six of the other product's rule tests are not records but the few fields that its rule asks for.
    let mut stubs = Vec::new();
    for (name, record) in records(&folder) {
        let event = match Event::from_record(&record) {
            Ok(event) => event,
            Err(EventError::Missing { path }) if name.starts_with("panther/") => {
                stubs.push(path);
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let groups = enforced(&SecurityGroups, &event);
        let keys = enforced(&IamUsers, &event);
        if failed(&record) {
            assert!(event.failure.is_some(), "{name}: a failed call passes for one that did something");
            assert_eq!(
                (&groups, &keys),
                (&(0, Vec::new()), &(0, Vec::new())),
                "{name}: a failed call led to something"
            );
            refused += 1;
        }
        let is_ours = |name: &str| {
            ["AuthorizeSecurityGroup", "ModifySecurityGroup", "CreateAccessKey"].iter().any(|n| name.starts_with(n))
        };
        if is_ours(&event.name) && !failed(&record) {
            assert!(groups.0 + keys.0 > 0, "{name}: `{}` went by unseen", event.name);
            ours += 1;
        }
        read += 1;
    }
    println!("{read} records read, {refused} of them failed calls, {ours} of them ours");
    assert!(read > 2000 && refused > 100 && ours > 3);
    assert_eq!(stubs.len(), 6, "refused for {stubs:?}");
}

/// Snapshots shared with a stranger by Stratus Red Team and its like: the record alone leads to the call that ends it.
#[test]
fn a_recorded_share_of_a_database_snapshot_leads_to_its_end() {
    let Some(folder) = corpora() else { return };
    let judge = Judge::new(Rules::default(), jiff::Timestamp::UNIX_EPOCH);
    let mut shared = 0;
    for (name, record) in records(&folder) {
        if record["eventName"] != "ModifyDBSnapshotAttribute" || failed(&record) {
            continue;
        }
        let event = Event::from_record(&record).unwrap();
        let findings = judge.by_record("database", &event).unwrap();
        let of = |guardrail: &str| findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap();
        let (public, stranger) = (of("db-snapshot-public"), of("db-snapshot-shared-with-untrusted"));
        assert_eq!(public.verdict, VerdictKind::Compliant, "{name}");
        let Some(added) = record["requestParameters"]["valuesToAdd"].as_array() else {
            assert_eq!(stranger.verdict, VerdictKind::Compliant, "{name}: a share that ends");
            continue;
        };
        let account = added[0].as_str().unwrap();
        assert_eq!(stranger.verdict, VerdictKind::Violation, "{name}");
        assert_eq!(
            stranger.steps[0].action,
            format!("stop account {account} restoring snapshot exfiltration"),
            "{name}"
        );
        shared += 1;
    }
    assert!(shared >= 2, "{shared} recorded shares");
}

/// A labelled rule: the question of its row and the right answer; none is undetermined.
struct Label {
    id: String,
    input: Value,
    question: String,
    open: Option<bool>,
    is_scored: bool,
}

fn label(row: &Value) -> Label {
    let expected = &row["expected"];
    Label {
        id: row["id"].as_str().unwrap().to_owned(),
        input: row["input"].clone(),
        question: expected["question"].as_str().unwrap().to_owned(),
        open: expected.get("adjudicated").unwrap_or(&expected["open"]).as_bool(),
        is_scored: ["hard", "undetermined"].contains(&expected["grade"].as_str().unwrap()),
    }
}

fn group(input: &Value) -> SecurityGroup {
    let listed = |key: &str| input[key].as_array().cloned().unwrap_or_default();
    let mut rules = rules_of_api_permissions(&listed("ingress_rules"), Direction::Ingress).unwrap();
    rules.extend(rules_of_api_permissions(&listed("egress_rules"), Direction::Egress).unwrap());
    // A question about one transport is not about the rules of another; the guardrails watch both.
    let asked = input["protocol"].as_str().unwrap_or("-1");
    let is_asked = |traffic: &Traffic| match traffic {
        Traffic::Ports { transport, .. } => asked == "-1" || transport.to_string() == asked,
        Traffic::All | Traffic::Other { .. } => true,
    };
    SecurityGroup {
        id: "sg-corpus".to_owned(),
        name: Observed::Known(input["group_name"].as_str().unwrap_or("corpus").to_owned()),
        rules: rules.into_iter().filter(|rule| is_asked(&rule.traffic)).collect(),
        is_whole: true,
        stack: None,
    }
}

/// The row's ports in place of the built-in list; every port where it names none.
fn settings(input: &Value) -> Guardrails {
    let ports: Option<Vec<u16>> = serde_json::from_value(input["ports"].clone()).unwrap();
    let settings = PortSettings { allowed_ports: ports.is_none().then(Vec::new), ports, ..PortSettings::default() };
    let mut guardrails = Guardrails::default();
    for about in [SecurityGroupAdminPort.about(), SecurityGroupNearWorld.about()] {
        guardrails.set(about, GuardrailPolicy { settings: settings.clone(), ..GuardrailPolicy::default() });
    }
    guardrails
}

fn judge(
    guardrail: &dyn Guardrail<SecurityGroup, GroupAction>,
    group: &SecurityGroup,
    guardrails: Guardrails,
) -> Verdict {
    let policy = Policy { guardrails, ..Policy::default() };
    let place = Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: String::new() };
    guardrail.judge(group, &Terms { policy: &policy, place: &place, own: Own::default() })
}

/// Open to the world: by one rule (NET-01) or by several together (NET-03 at its higher level).
fn open_to_world(input: &Value) -> Option<bool> {
    let (group, settings) = (group(input), settings(input));
    match judge(&SecurityGroupAdminPort, &group, settings.clone()) {
        Verdict::Violation(_) => return Some(true),
        Verdict::Undetermined { .. } => return None,
        Verdict::Compliant => {}
    }
    match judge(&SecurityGroupNearWorld, &group, settings) {
        Verdict::Violation(violation) => Some(violation.severity == Severity::High),
        Verdict::Undetermined { .. } => None,
        Verdict::Compliant => Some(false),
    }
}

/// Open to some public address: what the sets of the guardrails say of the sources of the rules that open a port asked for.
fn open_to_some_public_address(input: &Value) -> bool {
    group(input).rules.iter().filter_map(|rule| rule.source.nets()).flatten().any(is_public)
}

fn is_public(net: &ipnet::IpNet) -> bool {
    reach(AddressFamily::of(net), [net]) > Reach::Private
}

fn answer(label: &Label) -> Option<bool> {
    let is_violation = |verdict: Verdict| Some(matches!(verdict, Verdict::Violation(_)));
    match label.question.as_str() {
        "open_to_world" => open_to_world(&label.input),
        "all_ports_open_to_world" => {
            is_violation(judge(&SecurityGroupAllTraffic, &group(&label.input), Guardrails::default()))
        }
        "default_sg_has_rules" => {
            is_violation(judge(&SecurityGroupDefault, &group(&label.input), Guardrails::default()))
        }
        "open_to_any_public_address" => Some(open_to_some_public_address(&label.input)),
        "cidr_public" => {
            let net = parse_cidr(label.input["cidr"].as_str().unwrap()).unwrap();
            let all = label.input["any_address"] == true;
            Some(if all { reach(AddressFamily::of(&net), [&net]) == Reach::World } else { is_public(&net) })
        }
        other => panic!("{}: no test asks `{other}`", label.id),
    }
}

/// Labels that are answered otherwise on purpose: `docs/security-group-answers.md` says why.
const ARGUED: &[&str] = &["check_security_group/test_public_ipv6_address_open_22_tcp/1"];

#[test]
fn labelled_rules_get_the_adjudicated_answers() {
    let Some(folder) = corpora() else { return };
    let rows = lines(&folder.join("sg_rules.jsonl")).into_iter();
    let derived = lines(&folder.join("derived_semantics.jsonl")).into_iter().filter(|row| row["kind"] == "sg_rule");
    let (mut scored, mut wrong) = (0, Vec::new());
    for label in rows.chain(derived).map(|row| label(&row)).filter(|label| label.is_scored) {
        scored += 1;
        let is = answer(&label);
        let is_argued = ARGUED.iter().any(|id| label.id.ends_with(id));
        if (is == label.open) == is_argued {
            wrong.push(format!("{}: {} is {is:?}, the label says {:?}", label.id, label.question, label.open));
        }
    }
    println!("{scored} labels scored, {} argued", ARGUED.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(scored > 60);
}

/// `world_exposures` of a row: what is reachable from everywhere, port by port, whatever question its peer asked.
#[test]
fn what_is_reachable_from_everywhere_is_seen_so() {
    let Some(folder) = corpora() else { return };
    let mut wrong = Vec::new();
    for row in lines(&folder.join("sg_rules.jsonl")) {
        let Some(exposures) = row["expected"]["world_exposures"].as_array() else { continue };
        let rules = json!({"ingress_rules": row["input"]["ingress_rules"]});
        let is = open_to_world(&rules);
        if is != Some(!exposures.is_empty()) {
            wrong.push(format!("{}: {is:?}, the row says {exposures:?}", row["id"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The edges that the corpora show, for a clone without them.
#[test]
fn the_edges_of_open_to_the_world() {
    let rule = |protocol: &str, from: i32, to: i32, v4: &[&str], v6: &[&str]| {
        json!({"IpProtocol": protocol, "FromPort": from, "ToPort": to,
               "IpRanges": v4.iter().map(|cidr| json!({"CidrIp": cidr})).collect::<Vec<_>>(),
               "Ipv6Ranges": v6.iter().map(|cidr| json!({"CidrIpv6": cidr})).collect::<Vec<_>>()})
    };
    let all = ["0.0.0.0/0"];
    let cases = [
        ("everywhere", rule("tcp", 22, 22, &all, &[]), Some(true)),
        ("IPv6 alone", rule("tcp", 22, 22, &[], &["::/0"]), Some(true)),
        (
            "four quarters",
            rule("tcp", 22, 22, &["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"], &[]),
            Some(true),
        ),
        ("host bits", rule("tcp", 22, 22, &["208.236.235.254/0"], &[]), Some(true)),
        ("a range that holds it", rule("tcp", 0, 1024, &all, &[]), Some(true)),
        ("a range that ends at it", rule("tcp", 10, 22, &all, &[]), Some(true)),
        ("a range that begins after it", rule("tcp", 23, 30, &all, &[]), Some(false)),
        ("one of two sources", rule("tcp", 22, 22, &["10.0.0.0/8", "0.0.0.0/0"], &[]), Some(true)),
        ("half is not the world", rule("tcp", 22, 22, &["0.0.0.0/1"], &[]), Some(false)),
        ("private", rule("tcp", 22, 22, &["10.0.0.0/8"], &[]), Some(false)),
        ("ICMP has types", rule("icmp", 22, 22, &all, &[]), Some(false)),
        ("no source is left", rule("tcp", 22, 22, &[], &[]), Some(false)),
        (
            "a list that was not read",
            json!({"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
            "PrefixListIds": [{"PrefixListId": "pl-0123456789abcdef0"}]}),
            None,
        ),
    ];
    for (name, rule, open) in cases {
        let input = json!({"ingress_rules": [rule], "ports": [22], "protocol": "tcp"});
        assert_eq!(open_to_world(&input), open, "{name}");
    }
}
