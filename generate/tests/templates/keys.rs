//! The customer managed key: what is encrypted with it, who may use it for what, and what its policy has to let services do. By an evaluator from outside this project.

use super::{blocks, text};
use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policies};
use parapet::template::{Environment, Node};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const KEY: &str = "arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER: &str = "arn:aws:kms:eu-west-1:999988887777:key/00000000-0000-0000-0000-000000000000";
const EXAMPLE: &str = include_str!("../../../examples/key.yaml");

/// Every type of resource that holds what Parapet finds, is told or decides, and the property that names the key.
const STORES: &[(&str, &[&str])] = &[
    ("AWS::DynamoDB::Table", &["SSESpecification", "KMSMasterKeyId"]),
    ("AWS::Logs::LogGroup", &["KmsKeyId"]),
    ("AWS::SNS::Topic", &["KmsMasterKeyId"]),
    ("AWS::SQS::Queue", &["KmsMasterKeyId"]),
    ("AWS::Scheduler::Schedule", &["KmsKeyArn"]),
];

/// What holds nothing of it, or takes no customer managed key for it (docs/keys.md).
const OTHERS: &[&str] = &[
    "AWS::Chatbot::CustomAction",
    "AWS::Chatbot::SlackChannelConfiguration",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    // Encrypts the events of one's own applications and of partners alone, and AWS's own come by it.
    "AWS::Events::EventBus",
    "AWS::Events::EventBusPolicy",
    "AWS::Events::Rule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::ScheduleGroup",
    // Its environment, by `Globals`.
    "AWS::Serverless::Function",
    // A layer takes no key: keep the policy file in a bucket.
    "AWS::Serverless::LayerVersion",
];

/// A stack by this template, with these parameters.
struct Stack {
    template: Node,
    environment: Environment,
}

impl Stack {
    fn new(template: &str, parameters: &[(&str, &str)]) -> Self {
        let template = Node::parse(template).unwrap();
        let mut environment = Environment::of_template(&template);
        for (name, value) in [
            ("AWS::AccountId", "999988887777"),
            ("AWS::Region", "eu-west-1"),
            ("AWS::Partition", "aws"),
            ("AWS::URLSuffix", "amazonaws.com"),
            ("AWS::StackName", "parapet"),
            ("Topic", "arn:aws:sns:eu-west-1:999988887777:parapet-Topic-1"),
            ("Schedules", "parapet"),
        ] {
            environment.set(name, value);
        }
        environment.set_attribute("DeadLetters.Arn", "arn:aws:sqs:eu-west-1:999988887777:parapet-DeadLetters-1");
        for (name, value) in parameters {
            environment.set(name, value);
        }
        Self { template, environment }
    }

    fn hub(key: &str) -> Self {
        Self::new(text("template.yaml"), &[("KmsKeyArn", key)])
    }

    fn at(&self, path: &[&str]) -> Option<Value> {
        self.environment.resolve(self.template.at(path)?)
    }

    fn of_type(&self, kind: &str) -> Vec<&str> {
        let all = self.template.get("Resources").unwrap().entries().iter();
        let of = all.filter(|entry| entry.value.get("Type").and_then(Node::text) == Some(kind));
        of.map(|entry| entry.key.as_str()).collect()
    }

    /// The logical ids of the managed policies that are attached to a role.
    fn attached(&self, role: &str) -> Vec<Value> {
        let arns = self.at(&["Resources", role, "Properties", "ManagedPolicyArns"]);
        arns.and_then(|arns| arns.as_array().cloned()).unwrap_or_default()
    }
}

fn decide(policy: &Value, who: Principal, action: &str, key: &str, facts: &[(&str, &str)]) -> bool {
    let policy = IAMPolicy::from_json(&policy.to_string()).unwrap();
    let mut context = Context::new();
    for (name, value) in facts {
        context.insert((*name).to_owned(), ContextValue::String((*value).to_owned()));
    }
    let asked = IAMRequest::new_with_context(who, action, Arn::parse(key).unwrap(), context);
    evaluate_policies(&[policy], &asked).unwrap() == Decision::Allow
}

#[test]
fn whatever_stores_something_is_encrypted_with_the_key_and_without_one_nothing_names_any() {
    for (file, parameter) in [("template.yaml", "KmsKeyArn"), ("template-spoke.yaml", "KmsKey")] {
        for given in ["", KEY] {
            let stack = Stack::new(text(file), &[(parameter, given)]);
            let expected = (!given.is_empty()).then(|| json!(given));
            for entry in stack.template.get("Resources").unwrap().entries() {
                let kind = entry.value.get("Type").and_then(Node::text).unwrap();
                let Some((_, path)) = STORES.iter().find(|(store, _)| *store == kind) else {
                    assert!(OTHERS.contains(&kind), "{}: does `{kind}` store something of Parapet's?", entry.key);
                    continue;
                };
                let is = stack.at(&["Resources", &entry.key, "Properties"]).unwrap();
                assert_eq!(is.pointer(&format!("/{}", path.join("/"))).cloned(), expected, "{file} {}", entry.key);
                if kind == "AWS::SQS::Queue" {
                    let own = expected.is_none().then_some(json!(true));
                    assert_eq!(is.get("SqsManagedSseEnabled").cloned(), own, "{file} {}", entry.key);
                }
            }
        }
    }
    for (given, expected) in [("", None), (KEY, Some(json!(KEY)))] {
        let globals = Stack::hub(given).at(&["Globals", "Function"]).unwrap();
        assert_eq!(globals.get("KmsKeyArn").cloned(), expected);
        // What schedules hold that a function makes.
        assert_eq!(globals["Environment"]["Variables"]["PARAPET_KMS_KEY"], given);
    }
}

#[test]
fn each_functions_role_may_use_the_key_exactly_where_there_is_one() {
    for (given, expected) in [("", 0), (KEY, 1)] {
        let stack = Stack::hub(given);
        let functions = blocks::functions(&stack.template);
        assert!(functions.len() > 20);
        for function in &functions {
            let of_the_key = json!({"Ref": "KeyPolicy"});
            let count = stack.attached(function.role).iter().filter(|policy| **policy == of_the_key).count();
            assert_eq!(count, expected, "{}", function.role);
        }
        assert_eq!(stack.environment.condition("HasKey"), Some(expected == 1));
        assert_eq!(stack.at(&["Resources", "KeyPolicy", "Condition"]).unwrap(), "HasKey");
        let schedules = stack.at(&["Resources", "SchedulePolicy", "Properties", "PolicyDocument"]).unwrap();
        assert_eq!(schedules.to_string().contains("kms:"), expected == 1, "{schedules}");
        // No other role has a word on it.
        for role in stack.of_type("AWS::IAM::Role") {
            let inline = stack.at(&["Resources", role, "Properties", "Policies"]).unwrap_or_default();
            assert!(!inline.to_string().contains(KEY), "{role}");
        }
    }
}

/// The service on whose behalf, and the encryption context that it sets.
const USES: &[(&str, &str, &str, &str)] = &[
    ("sns", "aws:sns:topicArn", "arn:aws:sns:eu-west-1:999988887777:parapet-Topic-1", "kms:GenerateDataKey"),
    ("sqs", "aws:sqs:arn", "arn:aws:sqs:eu-west-1:999988887777:parapet-DeadLetters-1", "kms:GenerateDataKey"),
    ("dynamodb", "aws:dynamodb:tableName", "parapet-Ledger-1ABC", "kms:Decrypt"),
    (
        "scheduler",
        "aws:scheduler:schedule:arn",
        "arn:aws:scheduler:eu-west-1:999988887777:schedule/parapet/deferred-1",
        "kms:GenerateDataKey",
    ),
    (
        "lambda",
        "aws:lambda:FunctionArn",
        "arn:aws:lambda:eu-west-1:999988887777:function:parapet-S3Function-1",
        "kms:Decrypt",
    ),
    ("s3", "aws:s3:arn", "arn:aws:s3:::policies/parapet.yaml", "kms:Decrypt"),
    ("s3", "aws:s3:arn", "arn:aws:s3:::policies", "kms:Decrypt"),
];

#[test]
fn a_function_uses_it_through_the_services_on_what_is_the_stacks_alone() {
    let parameters = [("KmsKeyArn", KEY), ("PolicyLocation", "s3://policies/parapet.yaml")];
    let stack = Stack::new(text("template.yaml"), &parameters);
    let policy = stack.at(&["Resources", "KeyPolicy", "Properties", "PolicyDocument"]).unwrap();
    let who = || Principal::Aws(PrincipalId::String("arn:aws:iam::999988887777:role/S3Role".to_owned()));
    for (service, name, value, action) in USES {
        let via = format!("{service}.eu-west-1.amazonaws.com");
        let name = format!("kms:EncryptionContext:{name}");
        let account = ("kms:EncryptionContext:aws:dynamodb:subscriberId", "999988887777");
        let may = |via: &str, value: &str, action: &str, key: &str| {
            decide(&policy, who(), action, key, &[("kms:ViaService", via), (&name, value), account])
        };
        for action in [*action, "kms:Decrypt"] {
            assert!(may(&via, value, action, KEY), "{service} {action}");
        }
        assert!(!may(&via, value, action, OTHER), "{service}: another key");
        assert!(
            !may(&via, &value.replace("parapet", "other").replace("policies", "other"), action, KEY),
            "{service}: another stack's"
        );
        for never in ["kms:CreateGrant", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey"] {
            assert!(!may(&via, value, never, KEY), "{service} {never}");
        }
        // Lambda's documentation promises no `kms:ViaService`.
        if *service != "lambda" {
            assert!(!may("ec2.eu-west-1.amazonaws.com", value, action, KEY), "{service}: through another service");
            assert!(!decide(&policy, who(), action, KEY, &[(&name, value)]), "{service}: directly");
        }
        assert!(!decide(&policy, who(), action, KEY, &[("kms:ViaService", &via)]), "{service}: without a context");
    }
    let bundled = Stack::hub(KEY).at(&["Resources", "KeyPolicy", "Properties", "PolicyDocument"]).unwrap();
    assert!(!bundled.to_string().contains("aws:s3:arn"), "the policy file is in no bucket");
}

/// AWS's limit is 6,144; a resource is as long as it may get.
#[test]
fn the_policy_on_the_key_fits_with_everything_on() {
    let location = format!("s3://{}/{}", "b".repeat(63), "k".repeat(200));
    let stack = Stack::new(
        text("template.yaml"),
        &[("KmsKeyArn", KEY), ("PolicyLocation", &location), ("AWS::StackName", &"s".repeat(40))],
    );
    let policy = stack.at(&["Resources", "KeyPolicy", "Properties", "PolicyDocument"]).unwrap();
    assert!(policy.to_string().len() < 5_000, "{}", policy.to_string().len());
}

/// A service missing from the key policy cannot write, and no error is reported.
#[test]
fn the_keys_policy_lets_exactly_the_services_use_it_that_the_templates_let_write() {
    let mut used = BTreeSet::new();
    let mut needs = Vec::new();
    for file in ["template.yaml", "template-spoke.yaml"] {
        let parameters = [("KmsKeyArn", KEY), ("KmsKey", KEY), ("OrganizationId", "o-a1b2c3d4e5")];
        let stack = Stack::new(text(file), &parameters);
        let writers = [
            ("AWS::SQS::QueuePolicy", "aws:sqs:arn", "arn:aws:sqs:eu-west-1:999988887777:parapet-DeadLetters-1"),
            ("AWS::SNS::TopicPolicy", "aws:sns:topicArn", "arn:aws:sns:eu-west-1:999988887777:parapet-Topic-1"),
        ];
        for (kind, context, value) in writers {
            for id in stack.of_type(kind) {
                let document = stack.at(&["Resources", id, "Properties", "PolicyDocument", "Statement"]).unwrap();
                for statement in document.as_array().unwrap().iter().filter(|one| one["Effect"] == "Allow") {
                    let service = statement["Principal"]["Service"].as_str().unwrap().to_owned();
                    needs.push((service, context, value.to_owned()));
                }
            }
        }
        for id in stack.of_type("AWS::Logs::LogGroup") {
            let name = stack.at(&["Resources", id, "Properties", "LogGroupName"]).unwrap();
            let arn = format!("arn:aws:logs:eu-west-1:999988887777:log-group:{}", name.as_str().unwrap());
            needs.push(("logs.eu-west-1.amazonaws.com".to_owned(), "aws:logs:arn", arn));
        }
    }
    assert!(needs.len() > 25, "{}", needs.len());
    let policy =
        Stack::new(EXAMPLE, &[("StackName", "parapet")]).at(&["Resources", "Key", "Properties", "KeyPolicy"]).unwrap();
    for (service, context, value) in needs {
        let who = || Principal::Service(PrincipalId::String(service.clone()));
        let name = format!("kms:EncryptionContext:{context}");
        for action in ["kms:Decrypt", "kms:GenerateDataKey"] {
            assert!(decide(&policy, who(), action, KEY, &[(&name, &value)]), "{service} {action} {value}");
            let elsewhere = value.replace("999988887777", "111122223333");
            assert!(!decide(&policy, who(), action, KEY, &[(&name, &elsewhere)]), "{service}: another account's");
            assert!(
                !decide(&policy, who(), action, KEY, &[(&name, &value.replace("parapet", "other"))]),
                "{service}: another stack's"
            );
            assert!(!decide(&policy, who(), action, KEY, &[]), "{service}: of nothing");
        }
        used.insert((service, context));
    }
    // And no statement is there that nothing needs.
    let mut allowed = BTreeSet::new();
    for statement in
        policy["Statement"].as_array().unwrap().iter().filter(|one| one["Principal"].get("Service").is_some())
    {
        let services = match &statement["Principal"]["Service"] {
            Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        };
        let conditions: Vec<&String> = statement["Condition"]["ArnLike"].as_object().unwrap().keys().collect();
        let context = conditions[0].trim_start_matches("kms:EncryptionContext:").to_owned();
        allowed.extend(services.iter().map(|service| (service.as_str().unwrap().to_owned(), context.clone())));
    }
    let used: BTreeSet<(String, String)> =
        used.into_iter().map(|(service, context)| (service, context.to_owned())).collect();
    assert_eq!(allowed, used);
}

const START: &str = "<!-- key policy: written by generate/tests/templates/keys.rs from examples/key.yaml -->\n";
const END: &str = "<!-- end of key policy -->\n";

#[test]
fn the_policy_in_the_page_on_keys_is_the_examples() {
    let words = [("AWS::Region", "REGION"), ("AWS::AccountId", "ACCOUNT"), ("StackName", "STACK")];
    let policy = Stack::new(EXAMPLE, &words).at(&["Resources", "Key", "Properties", "KeyPolicy"]).unwrap();
    let ordered: BTreeMap<&String, &Value> = policy.as_object().unwrap().iter().collect();
    let written = format!("```json\n{}\n```\n", serde_json::to_string_pretty(&ordered).unwrap());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/keys.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let should = format!("{before}{START}{written}{END}{after}");
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        fs::write(&path, &should).unwrap();
    }
    assert!(page == should, "docs/keys.md: `PARAPET_UPDATE_DOCS=1 cargo test -p generate keys` writes it");
}
