//! Who may write to the ledger and who may sign its items, by an evaluator from outside this project: principals that may
//! do everything otherwise may not do this.

use super::{blocks, text};
use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policies};
use parapet::template::{Environment, Node};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ACCOUNT: &str = "999988887777";
const OPERATOR: &str = "arn:aws:iam::999988887777:role/security-operators-*";

fn role(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

/// The template of a hub, with these operators.
fn resolved(path: &[&str], operators: &str) -> Value {
    // A list is given as its default.
    let parameter = |default: &str| format!("  Operators:\n    Type: CommaDelimitedList\n    Default: \"{default}\"\n");
    let (none, given) = (parameter(""), parameter(operators));
    assert!(text("template.yaml").contains(&none));
    let template = Node::parse(&text("template.yaml").replace(&none, &given)).unwrap();
    let mut environment = Environment::of_template(&template);
    let given = [("AccountId", ACCOUNT), ("Region", "us-east-1"), ("Partition", "aws"), ("StackName", "parapet")];
    for (name, value) in given {
        environment.set(&format!("AWS::{name}"), value);
    }
    environment.set("OrganizationId", "o-a1b2c3d4e5");
    for id in template.at(&["Resources"]).unwrap().entries().iter().filter(|entry| entry.key.ends_with("Role")) {
        environment.set_attribute(&format!("{}.Arn", id.key), &role(&id.key));
    }
    environment.resolve(template.at(path).unwrap()).unwrap()
}

/// Whether a principal with administrator's permissions may do this, with `policy` on the resource.
fn may(policy: &Value, by: &str, action: &str, resource: &str) -> bool {
    let everything =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
    decide(&[&everything, policy], by, action, resource)
}

fn decide(policies: &[&Value], by: &str, action: &str, resource: &str) -> bool {
    let policies: Vec<_> = policies.iter().map(|policy| IAMPolicy::from_json(&policy.to_string()).unwrap()).collect();
    let mut facts = Context::new();
    facts.insert("aws:PrincipalArn".to_owned(), ContextValue::String(by.to_owned()));
    facts.insert("kms:CallerAccount".to_owned(), ContextValue::String(by.split(':').nth(4).unwrap().to_owned()));
    let who = Principal::Aws(PrincipalId::String(by.to_owned()));
    let asked = IAMRequest::new_with_context(who, action, Arn::parse(resource).unwrap(), facts);
    evaluate_policies(&policies, &asked).unwrap() == Decision::Allow
}

/// The roles of the functions that serve events, and the one that takes findings back.
fn roles() -> (BTreeSet<String>, String) {
    let template = Node::parse(text("template.yaml")).unwrap();
    let all = blocks::functions(&template);
    let of = |wanted: bool| all.iter().filter(move |one| (one.name == "operate") == wanted).map(|one| role(one.role));
    (of(false).collect(), of(true).next().unwrap())
}

#[test]
fn only_parapet_and_its_operators_write_to_the_ledger() {
    const WRITES: [&str; 7] =
        ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"];
    const TABLE: &str = "arn:aws:dynamodb:us-east-1:999988887777:table/parapet-Ledger-1ABC";
    let path = ["Resources", "Ledger", "Properties", "ResourcePolicy", "PolicyDocument"];
    let (functions, operate) = roles();
    assert!(functions.len() > 5, "{functions:?}");
    for (operators, operator_may) in [("", false), (OPERATOR, true)] {
        let policy = resolved(&path, operators);
        let strangers = [
            format!("arn:aws:iam::{ACCOUNT}:root"),
            format!("arn:aws:iam::{ACCOUNT}:user/admin"),
            role("admin"),
            // Names that begin or end alike.
            format!("{operate}-2"),
            role("x/OperateRole"),
        ];
        for action in WRITES.map(|write| format!("dynamodb:{write}")) {
            for who in functions.iter().chain([&operate]) {
                assert!(may(&policy, who, &action, TABLE), "{who} {action}");
            }
            for who in &strangers {
                assert!(!may(&policy, who, &action, TABLE), "{who} {action}");
            }
            assert_eq!(may(&policy, &role("security-operators-1"), &action, TABLE), operator_may);
        }
        // The stack can be changed and removed, and a principal that looks something up can.
        let others = ["GetItem", "DeleteTable", "UpdateTable", "PutResourcePolicy", "DeleteResourcePolicy"];
        for action in others.map(|action| format!("dynamodb:{action}")) {
            assert!(may(&policy, &role("admin"), &action, TABLE), "{action}");
        }
    }
}

/// A key's policy alone says who may use it: what is not allowed there is allowed to no principal, administrators included.
#[test]
fn functions_sign_what_they_did_and_operators_what_they_decide_and_neither_the_others() {
    const KEY: &str = "arn:aws:kms:us-east-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let (functions, operate) = roles();
    let operator = role("security-operators-1");
    for (key, function_signs) in [("LedgerKey", true), ("OperatorsKey", false)] {
        let policy = resolved(&["Resources", key, "Properties", "KeyPolicy"], OPERATOR);
        let may = |who: &str, action: &str| decide(&[&policy], who, action, KEY);
        for who in &functions {
            assert_eq!((may(who, "kms:GenerateMac"), may(who, "kms:VerifyMac")), (function_signs, true), "{key} {who}");
        }
        for who in [&operate, &operator] {
            assert_eq!(
                (may(who, "kms:GenerateMac"), may(who, "kms:VerifyMac")),
                (!function_signs, true),
                "{key} {who}"
            );
        }
        let abroad = OPERATOR.replace(ACCOUNT, "111122223333").replace('*', "1");
        for who in [&abroad, &role("admin"), &role("security-operators")] {
            assert!(!may(who, "kms:GenerateMac") && !may(who, "kms:VerifyMac"), "{key} {who}");
        }
        // The function that guards keys may write every key's policy, and so may the undo: not these.
        let wide =
            json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]});
        for (who, may_release) in [(role("KmsRole"), false), (operate.clone(), false), (role("admin"), true)] {
            for action in ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"] {
                assert_eq!(decide(&[&policy, &wide], &who, action, KEY), may_release, "{key} {who} {action}");
            }
        }
        // The account's administrators manage it through their own policies, which the root statement lets them; that lets
        // no principal sign, nor give another principal the right to.
        let administered: BTreeSet<&str> = policy["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|statement| statement["Principal"]["AWS"] == format!("arn:aws:iam::{ACCOUNT}:root"))
            .flat_map(|statement| statement["Action"].as_array().unwrap().iter().filter_map(Value::as_str))
            .collect();
        assert!(administered.contains("kms:PutKeyPolicy") && administered.contains("kms:ScheduleKeyDeletion"));
        for never in ["Mac", "CreateGrant", "*", "ReplicateKey"] {
            assert!(!administered.iter().any(|action| action.contains(never)), "{never}");
        }
    }
    let without = resolved(&["Resources", "OperatorsKey", "Properties", "KeyPolicy"], "");
    assert!(!decide(&[&without], &operator, "kms:GenerateMac", KEY));
}
