//! Resource policies of every service, against the local AWS with the real binaries: a document that mixes what violates with what does not
//! is left with exactly the latter, in order and to the letter; handled again, nothing is called; undone by the command, it is what it was,
//! and no guardrail fights that.

use serde_json::{Value, json};
use shared::resources::lambda::function_policy::Functions;
use std::collections::BTreeMap;
use tests::command::parapet;
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::resource_policies::Owner;
use tests::world::World;

static WORLD: World = World::new();

/// A service, in a story.
struct Case {
    function: &'static str,
    guardrail: &'static str,
    source: &'static str,
    call: &'static str,
    /// What a statement allows, and on what.
    action: &'static str,
    resource: Value,
    /// `requestParameters`, around the document.
    request: fn(&Owner, &str) -> Value,
}

/// A statement; `rest` is its principal and conditions.
fn statement(case: &Case, sid: &str, rest: &str) -> String {
    let resource = match &case.resource {
        Value::Null => String::new(),
        resource => format!(" \"Resource\": {resource},"),
    };
    let action = case.action;
    // Spaces as a person writes them: what stays is to be the same to the letter.
    format!("{{ \"Sid\": \"{sid}\", \"Effect\": \"Allow\", \"Action\": \"{action}\",{resource} {rest} }}")
}

const OPEN: &str = r#""Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "true"}}"#;

/// What may stay: a role of the account, an organization that is trusted, a service that is pinned to the account.
fn good(case: &Case) -> [String; 3] {
    let role = format!(r#""Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:root"}}"#);
    let organization = r#""Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-trusted1234"}}"#;
    let service = format!(
        r#""Principal": {{"Service": "codebuild.amazonaws.com"}}, "Condition": {{"StringEquals": {{"aws:SourceAccount": "{ACCOUNT}"}}}}"#
    );
    [
        statement(case, "role", &role),
        statement(case, "organization", organization),
        statement(case, "service", &service),
    ]
}

fn document(statements: &[String]) -> String {
    format!("{{ \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {}\n  ] }}", statements.join(",\n    "))
}

struct Story {
    lab: Lab,
    table: String,
}

impl Story {
    async fn new(name: &str) -> Self {
        let lab = WORLD.lab(name).await.unwrap();
        let table = lab.ledger().await.unwrap();
        Self { lab, table }
    }

    async fn function(&self, name: &str) -> Host {
        let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}, trusted_organizations: [o-trusted1234], \
                      guardrails: {s3-bucket-tls-not-required: {mode: off}}}";
        let settings = Settings {
            ledger: Some(self.table.clone()),
            policy: Some(policy.to_owned()),
            more: BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]),
            ..self.lab.settings()
        };
        Host::start(name, &settings).await.unwrap()
    }
}

async fn closes_and_undoes(case: Case, owner: Owner, story: Story) {
    let clients = &story.lab.clients;
    let [role, organization, service] = good(&case);
    let open = statement(&case, "open", OPEN);
    let mixed = document(&[role.clone(), open, organization.clone(), service.clone()]);
    owner.write(clients, Some(&mixed)).await.unwrap();
    let before = owner.document(clients).await.unwrap().unwrap();
    let event =
        records::event(&Caller::user("eve"), case.source, case.call, (case.request)(&owner, &mixed), Value::Null);
    let mut function = story.function(case.function).await;
    drop(story.lab.proxy.take_actions());

    let answer = function.send(&event).await.unwrap();
    let context = format!("{} {answer:#?}; its log: {:#?}", case.guardrail, function.log());
    assert_eq!(answer.result(case.guardrail).unwrap(), "remediated", "{context}");
    let expected = document(&[role, organization, service]);
    let after = owner.document(clients).await.unwrap().unwrap();
    let (is, should): (Value, Value) =
        (serde_json::from_str(&after).unwrap(), serde_json::from_str(&expected).unwrap());
    assert_eq!(is["Statement"], should["Statement"], "{context}");
    // Some services keep the text, others what it says.
    if before == mixed {
        let stands = |sid: &str| expected.lines().find(|line| line.contains(sid)).unwrap().trim_end_matches(',').trim();
        for sid in ["\"role\"", "\"organization\"", "\"service\""] {
            assert!(after.contains(stands(sid)), "to the letter: {after}");
        }
    }

    drop(story.lab.proxy.take_actions());
    function.send(&event).await.unwrap();
    assert_eq!(owner.document(clients).await.unwrap(), Some(after), "a second delivery changed something");

    let finding = answer.outcome(case.guardrail).unwrap()["finding_id"].as_str().unwrap().to_owned();
    let args = ["undo", &finding, "--table", &story.table, "--topic", &story.lab.channel.topic, "--yes"];
    let ran = parapet(&story.lab.proxy.url(), &args).await.unwrap();
    assert_eq!(ran.status, 0, "{ran:?}");
    let restored = owner.document(clients).await.unwrap().unwrap();
    let (is, should): (Value, Value) =
        (serde_json::from_str(&restored).unwrap(), serde_json::from_str(&mixed).unwrap());
    assert_eq!(is, should, "{} was not restored", case.guardrail);

    let again = function.send(&event).await.unwrap();
    assert_eq!(again.result(case.guardrail).unwrap(), "exempt", "it fights the undo: {again:#?}");
    assert_eq!(owner.document(clients).await.unwrap(), Some(restored));
}

#[tokio::test]
async fn a_topic_that_lets_everyone_publish() {
    let story = Story::new("policy-topic").await;
    let owner = Owner::topic(&story.lab.clients, "policy-topic-orders").await.unwrap();
    let case = Case {
        function: "messaging",
        guardrail: "sns-topic-policy-public",
        source: "sns.amazonaws.com",
        call: "SetTopicAttributes",
        action: "SNS:Publish",
        resource: json!(owner.name()),
        request: |owner, document| json!({"topicArn": owner.name(), "attributeName": "Policy", "attributeValue": document}),
    };
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_queue_that_lets_everyone_send() {
    let story = Story::new("policy-queue").await;
    let owner = Owner::queue(&story.lab.clients, "policy-queue-orders").await.unwrap();
    let case = Case {
        function: "messaging",
        guardrail: "sqs-queue-policy-public",
        source: "sqs.amazonaws.com",
        call: "SetQueueAttributes",
        action: "sqs:SendMessage",
        resource: json!(format!("arn:aws:sqs:us-east-1:{ACCOUNT}:policy-queue-orders")),
        request: |owner, document| json!({"queueUrl": owner.name(), "attributes": {"Policy": document}}),
    };
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_bus_that_lets_everyone_put_events() {
    let story = Story::new("policy-bus").await;
    let owner = Owner::bus(&story.lab.clients, "policy-bus-orders").await.unwrap();
    let case = Case {
        function: "messaging",
        guardrail: "event-bus-policy-public",
        source: "events.amazonaws.com",
        call: "PutPermission",
        action: "events:PutEvents",
        resource: json!(format!("arn:aws:events:us-east-1:{ACCOUNT}:event-bus/policy-bus-orders")),
        request: |owner, document| json!({"eventBusName": owner.name(), "policy": document}),
    };
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_secret_that_everyone_may_read() {
    let story = Story::new("policy-secret").await;
    let owner = Owner::secret(&story.lab.clients, "policy/orders").await.unwrap();
    let case = Case {
        function: "secret",
        guardrail: "secret-policy-public",
        source: "secretsmanager.amazonaws.com",
        call: "PutResourcePolicy",
        action: "secretsmanager:GetSecretValue",
        resource: json!("*"),
        request: |owner, document| json!({"secretId": owner.name(), "resourcePolicy": document}),
    };
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_repository_that_everyone_may_pull_from() {
    let story = Story::new("policy-repository").await;
    let owner = Owner::repository(&story.lab.clients, "policy-orders").await.unwrap();
    let case = Case {
        function: "registry",
        guardrail: "ecr-repository-policy-public",
        source: "ecr.amazonaws.com",
        call: "SetRepositoryPolicy",
        action: "ecr:BatchGetImage",
        resource: Value::Null,
        request: |owner, document| json!({"repositoryName": owner.name(), "policyText": document}),
    };
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_registry_that_everyone_may_replicate_into() {
    let story = Story::new("policy-registry").await;
    let case = Case {
        function: "registry",
        guardrail: "ecr-registry-policy-public",
        source: "ecr.amazonaws.com",
        call: "PutRegistryPolicy",
        action: "ecr:ReplicateImage",
        resource: json!(format!("arn:aws:ecr:us-east-1:{ACCOUNT}:repository/*")),
        request: |_, document| json!({"policyText": document}),
    };
    closes_and_undoes(case, Owner::registry(), story).await;
}

#[tokio::test]
async fn a_key_that_everyone_may_use() {
    let story = Story::new("policy-key").await;
    let case = Case {
        function: "kms",
        guardrail: "kms-key-policy-public",
        source: "kms.amazonaws.com",
        call: "PutKeyPolicy",
        action: "kms:Decrypt",
        resource: json!("*"),
        request: |owner, document| json!({"keyId": owner.name(), "policyName": "default", "policy": document}),
    };
    let owner = Owner::key(&story.lab.clients).await.unwrap();
    closes_and_undoes(case, owner, story).await;
}

#[tokio::test]
async fn a_function_that_everyone_may_invoke() {
    let story = Story::new("policy-function").await;
    let owner = Owner::signed(Functions, format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:policy-orders"));
    let case = Case {
        function: "lambda",
        guardrail: "lambda-function-policy-public",
        source: "lambda.amazonaws.com",
        call: "PutResourcePolicy",
        action: "lambda:InvokeFunction",
        resource: json!(owner.name()),
        request: |owner, document| json!({"resourceArn": owner.name(), "policy": document}),
    };
    closes_and_undoes(case, owner, story).await;
}

/// A bucket is closed by its block, and its policy stays to the letter; the block is what it was after the undo.
#[tokio::test]
async fn a_bucket_that_everyone_may_read() {
    let story = Story::new("policy-bucket").await;
    let clients = &story.lab.clients;
    let owner = Owner::bucket(clients, "policy-bucket-orders").await.unwrap();
    let open = "{ \"Version\": \"2012-10-17\", \"Statement\": [ { \"Effect\": \"Allow\", \"Principal\": \"*\", \
                \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::policy-bucket-orders/*\" } ] }";
    owner.write(clients, Some(open)).await.unwrap();
    let before = owner.lines(clients).await.unwrap();
    let request =
        json!({"bucketName": owner.name(), "policy": "", "bucketPolicy": serde_json::from_str::<Value>(open).unwrap()});
    let event = records::event(&Caller::user("eve"), "s3.amazonaws.com", "PutBucketPolicy", request, Value::Null);
    let mut function = story.function("s3").await;
    let answer = function.send(&event).await.unwrap();
    let guardrail = "s3-bucket-policy-public";
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:#?}; its log: {:#?}", function.log());
    let after = owner.lines(clients).await.unwrap();
    assert_eq!(
        after[0],
        "setting: BlockPublicAcls=false,IgnorePublicAcls=false,BlockPublicPolicy=true,RestrictPublicBuckets=true"
    );
    assert_eq!(after[1..], before[1..], "the policy stays");
    assert_eq!(owner.document(clients).await.unwrap().as_deref(), Some(open), "to the letter");

    let finding = answer.outcome(guardrail).unwrap()["finding_id"].as_str().unwrap().to_owned();
    let args = ["undo", &finding, "--table", &story.table, "--topic", &story.lab.channel.topic, "--yes"];
    let ran = parapet(&story.lab.proxy.url(), &args).await.unwrap();
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(owner.lines(clients).await.unwrap(), before);
    let again = function.send(&event).await.unwrap();
    assert_eq!(again.result(guardrail).unwrap(), "exempt", "it fights the undo: {again:#?}");
}
