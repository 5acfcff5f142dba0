//! An attacker may write to the ledger's table (`dynamodb:PutItem` on `*` is common): nothing that they write is obeyed,
//! and what Parapet itself wrote still is.

use super::WORLD;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;
use tests::command::command;
use tests::host::Host;
use tests::lab::{Lab, on_port};
use tests::ledger::{Signed, words};
use tests::records::{self, Caller};
use tests::view::View;

const ADMIN_PORT: &str = "security-group-admin-port-open";

async fn lab(name: &str) -> (Lab, Signed) {
    let lab = WORLD.lab(name).await.unwrap();
    let signed = Signed::new(&lab).await.unwrap();
    (lab, signed)
}

/// A seal of the right form that no known key made.
fn made_up_seal() -> String {
    format!("1790000000000.{}", "5a".repeat(32))
}

/// Whether SSH is open to everybody there.
async fn is_open(lab: &Lab, group: &str) -> bool {
    lab.lines(&View::Group(group.to_owned())).await.unwrap().iter().any(|line| line.contains("tcp 22"))
}

async fn open(lab: &Lab, group: &str) -> serde_json::Value {
    lab.open(group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap()
}

/// A port that was opened and closed by a function whose ledger is signed: the group, its event and the finding's id.
async fn closed(lab: &Lab, signed: &Signed) -> (String, serde_json::Value, String) {
    let group = lab.group().await.unwrap();
    let event = open(lab, &group).await;
    let answer = signed.function(lab, "security-group").await.unwrap().send(&event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
    assert!(!is_open(lab, &group).await);
    let finding = answer.outcome(ADMIN_PORT).unwrap()["finding_id"].as_str().unwrap().to_owned();
    assert_eq!(words(lab).await.unwrap(), ["remediated"]);
    (group, event, finding)
}

async fn undo(lab: &Lab, signed: &Signed, finding: &str, more: &[&str]) -> (i32, String) {
    let mut args = vec!["undo", finding, "--table", &signed.table, "--yes"];
    args.extend(more);
    let mut command = command(&lab.proxy.url(), &args).unwrap();
    command.env("PARAPET_LEDGER_KEY", &signed.functions).env("PARAPET_OPERATORS_KEY", &signed.operators);
    let ran = command.output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (ran.status.code().unwrap_or(-1), text(&ran.stdout) + &text(&ran.stderr))
}

#[tokio::test]
async fn exemptions_and_suspensions_of_a_principal_that_may_put_items_have_no_effect() {
    let (lab, signed) = lab("orders-written").await;
    let group = lab.group().await.unwrap();
    let exemption = json!({"guardrail": ADMIN_PORT, "resource": "*", "account": null, "actor": null, "reason": "r",
        "owner": "o", "expires": "2099-01-01"})
    .to_string();
    let stop = json!({"guardrail": ADMIN_PORT, "account": "123456789012", "until": "2099-01-01T00:00:00Z", "why": "w"});
    let (exempt, stop_name) = (format!("exemption#{ADMIN_PORT}#*"), format!("stop#{ADMIN_PORT}#account#123456789012"));
    let (stop, seal) = (stop.to_string(), made_up_seal());
    // Without a signature, then with one that is made up; and one that no JSON is: it may not stop everything either.
    let unsigned = [(exempt.as_str(), exemption.as_str()), (&stop_name, &stop), ("exemption#x", "{")];
    let (exempt_seal, stop_seal) = (format!("seal#{exempt}"), format!("seal#{stop_name}"));
    let forged = [unsigned.as_slice(), &[(exempt_seal.as_str(), seal.as_str()), (&stop_seal, &seal)]].concat();
    for (orders, notices) in [(unsigned.as_slice(), vec!["ledger-unsigned"]), (&forged, vec!["ledger-forged"])] {
        signed.put_texts(&lab, "orders", orders).await.unwrap();
        let mut function = signed.function(&lab, "security-group").await.unwrap();
        let event = open(&lab, &group).await;
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
        assert!(!is_open(&lab, &group).await);
        let notified = words(&lab).await.unwrap();
        for notice in notices {
            assert!(notified.iter().any(|word| word == notice), "{notice} is not notified: {notified:?}");
        }
        // Read again at the next event, and not notified again.
        let again = open(&lab, &group).await;
        function.send(&again).await.unwrap();
        let notified = words(&lab).await.unwrap();
        assert!(!notified.iter().any(|word| word.starts_with("ledger-")), "{notified:?}");
    }
}

#[tokio::test]
async fn what_operate_decides_holds_and_undo_is_not_fought() {
    let (lab, signed) = lab("orders-signed").await;
    let (group, _, finding) = closed(&lab, &signed).await;
    let mut operate = signed.function(&lab, "operate").await.unwrap();
    let done = operate.send(&json!({"action": "undo", "finding_id": finding, "by": "ana"})).await.unwrap();
    assert_eq!(done.report().unwrap()["result"], "undone", "{done:?}");
    assert!(is_open(&lab, &group).await);
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let again = records::authorized_without_ids(&Caller::user("ben"), &group, &asked);
    let answer = signed.function(&lab, "security-group").await.unwrap().send(&again).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "exempt", "{answer:?}");
    let twice = operate.send(&json!({"action": "undo", "finding_id": finding})).await.unwrap();
    assert!(twice.report().unwrap()["reasons"][0].as_str().unwrap().contains("was undone at"), "{twice:?}");
    assert!(!words(&lab).await.unwrap().iter().any(|word| word.starts_with("ledger-")));

    // Its signature is over this resource: on another it is invalid.
    let item = signed.item(&lab, "orders").await.unwrap();
    let (name, order) = item.iter().find(|(name, _)| name.starts_with("exemption#")).unwrap();
    let other = lab.group().await.unwrap();
    let moved = |text: &str| text.replace(&group, &other);
    let texts = [
        (moved(name), moved(order.as_s().unwrap())),
        (moved(&format!("seal#{name}")), item[&format!("seal#{name}")].as_s().unwrap().clone()),
    ];
    let texts: Vec<_> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    signed.put_texts(&lab, "orders", &texts).await.unwrap();
    let event = open(&lab, &other).await;
    let answer = signed.function(&lab, "security-group").await.unwrap().send(&event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
}

#[tokio::test]
async fn an_undo_that_an_attacker_wrote_is_not_run() {
    let (lab, signed) = lab("undo-written").await;
    let (group, _, finding) = closed(&lab, &signed).await;
    let item = signed.item(&lab, &finding).await.unwrap();
    assert!(item.contains_key("seal"), "{:?}", item.keys());
    // The same call for another network, in the finding that an operator will undo.
    let kept = item["kept"].as_s().unwrap();
    assert!(kept.contains("0.0.0.0/0"), "{kept}");
    let mut forged = item.clone();
    forged.insert("kept".to_owned(), AttributeValue::S(kept.replace("0.0.0.0/0", "203.0.113.0/24")));
    // And one of their own, without a signature.
    let own = "00000000-0000-4000-8000-00000000beef";
    let mut unsigned = forged.clone();
    unsigned.remove("seal");
    unsigned.insert("id".to_owned(), AttributeValue::S(own.to_owned()));
    let before = lab.lines(&View::Group(group.clone())).await.unwrap();
    signed.put(&lab, forged).await.unwrap();
    signed.put(&lab, unsigned).await.unwrap();

    let (status, said) = undo(&lab, &signed, &finding, &["--force", "--unsigned"]).await;
    assert!(status == 2 && said.contains("another principal wrote to the ledger"), "{status} {said}");
    let (status, said) = undo(&lab, &signed, own, &["--force"]).await;
    assert!(status == 2 && said.contains("--unsigned"), "{status} {said}");
    let mut operate = signed.function(&lab, "operate").await.unwrap();
    for id in [finding.as_str(), own] {
        for action in ["undo", "exempt"] {
            let answer = operate.send(&json!({"action": action, "finding_id": id})).await.unwrap();
            assert_eq!(answer.report().unwrap()["result"], "refused", "{action} {id}: {answer:?}");
        }
    }
    assert_eq!(lab.lines(&View::Group(group)).await.unwrap(), before);
    assert!(words(&lab).await.unwrap().contains(&"ledger-forged".to_owned()));

    // As it was, it is undone.
    signed.put(&lab, item).await.unwrap();
    let (status, said) = undo(&lab, &signed, &finding, &[]).await;
    assert_eq!(status, 0, "{said}");
}

#[tokio::test]
async fn a_finding_that_an_attacker_marks_as_notified_is_notified_all_the_same() {
    let (lab, signed) = lab("told-written").await;
    let (group, event, finding) = closed(&lab, &signed).await;
    // The same event in another process is not notified, because the mark is signed.
    signed.function(&lab, "security-group").await.unwrap().send(&event).await.unwrap();
    assert_eq!(words(&lab).await.unwrap(), Vec::<String>::new());
    // An entry of their own under the id, to keep the channel quiet and the undo steps out.
    signed.put_texts(&lab, &finding, &[("told", "2026-01-01T00:00:00Z")]).await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let answer = signed.function(&lab, "security-group").await.unwrap().send(&event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
    assert!(words(&lab).await.unwrap().contains(&"remediated".to_owned()));
    assert!(signed.item(&lab, &finding).await.unwrap().contains_key("kept"), "the undo steps took its place");
}

#[tokio::test]
async fn without_kms_it_is_closed_and_the_undo_steps_are_marked() {
    let (lab, mut signed) = lab("kms-down").await;
    let no_key = signed.functions.replace("key/", "key/0000");
    let key = std::mem::replace(&mut signed.functions, no_key);
    let group = lab.group().await.unwrap();
    let event = open(&lab, &group).await;
    let answer = signed.function(&lab, "security-group").await.unwrap().send(&event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
    let heard = lab.channel.hear().await.unwrap();
    assert!(heard[0]["Message"].as_str().unwrap().contains("are not signed"), "{heard:#?}");
    let finding = answer.outcome(ADMIN_PORT).unwrap()["finding_id"].as_str().unwrap().to_owned();
    assert!(!signed.item(&lab, &finding).await.unwrap().contains_key("seal"));

    // With the keys back: refused until an operator says that they have read it.
    signed.functions = key;
    let (status, said) = undo(&lab, &signed, &finding, &[]).await;
    assert!(status == 2 && said.contains("--unsigned"), "{status} {said}");
    let (status, said) = undo(&lab, &signed, &finding, &["--unsigned"]).await;
    assert_eq!(status, 0, "{said}");
}

/// A seal that no key can verify now is neither right nor wrong: what closes exactly what an event opened acts, an undo waits.
#[tokio::test]
async fn while_signatures_cannot_be_verified_undo_waits() {
    let (lab, mut signed) = lab("kms-unverified").await;
    let (_, _, finding) = closed(&lab, &signed).await;
    signed.functions = signed.functions.replace("key/", "key/0000");
    let mut operate = signed.function(&lab, "operate").await.unwrap();
    let answer = operate.send(&json!({"action": "undo", "finding_id": finding})).await.unwrap();
    let report = answer.report().unwrap();
    assert_eq!(report["result"], "refused", "{answer:?}");
    assert!(report["reasons"][0].as_str().unwrap().contains("cannot be verified now"), "{answer:?}");
}

#[tokio::test]
async fn a_known_good_state_that_an_attacker_wrote_is_not_restored() {
    let (lab, signed) = lab("state-written").await;
    let vpc = lab.vpc().await.unwrap();
    let acl = lab.clients.ec2.create_network_acl().vpc_id(vpc).send().await.unwrap();
    let acl = acl.network_acl.unwrap().network_acl_id.unwrap();
    let mut function: Host = signed.function(&lab, "network").await.unwrap();
    let said = |name: &str, cidr: &str| {
        let request = json!({"networkAclId": acl, "ruleNumber": 90, "egress": false, "aclProtocol": "6",
            "ruleAction": "allow", "cidrBlock": cidr, "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}});
        let response = json!({"requestId": "31c1eba4", "_return": true});
        records::event(&Caller::user("ben"), "ec2.amazonaws.com", name, request, response)
    };
    let ports = aws_sdk_ec2::types::PortRange::builder().from(22).to(22).build();
    let allow = aws_sdk_ec2::types::RuleAction::Allow;
    let create = lab.clients.ec2.create_network_acl_entry().network_acl_id(&acl).egress(false).rule_number(90);
    let create = create.protocol("6").rule_action(allow.clone()).cidr_block("192.0.2.0/24").port_range(ports.clone());
    create.send().await.unwrap();
    function.send(&said("CreateNetworkAclEntry", "192.0.2.0/24")).await.unwrap();
    let kept = lab.clients.dynamodb.scan().table_name(&signed.table).send().await.unwrap().items.unwrap();
    let mut item = kept.into_iter().find(|item| item["id"].as_s().unwrap().starts_with("kept#network-acl#")).unwrap();
    let state = item["state"].as_s().unwrap();
    assert!(item.contains_key("seal") && state.contains("192.0.2.0/24"), "{item:?}");
    // Restoring this opens SSH to the attacker.
    item.insert("state".to_owned(), AttributeValue::S(state.replace("192.0.2.0/24", "203.0.113.0/24")));
    signed.put(&lab, item).await.unwrap();

    let replace = lab.clients.ec2.replace_network_acl_entry().network_acl_id(&acl).egress(false).rule_number(90);
    let replace = replace.protocol("6").rule_action(allow).cidr_block("0.0.0.0/0").port_range(ports);
    replace.send().await.unwrap();
    let mut function = signed.function(&lab, "network").await.unwrap();
    function.send(&said("ReplaceNetworkAclEntry", "0.0.0.0/0")).await.unwrap();
    let answer = lab.clients.ec2.describe_network_acls().network_acl_ids(&acl).send().await.unwrap();
    let entries = format!("{:?}", answer.network_acls());
    assert!(!entries.contains("203.0.113.0/24"), "{entries}");
    assert!(words(&lab).await.unwrap().contains(&"ledger-forged".to_owned()));
}
