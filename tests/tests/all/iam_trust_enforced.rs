//! The function of trust under its role, in an account that enforces IAM: with all of its actions everything is closed, without
//! any one of them something is not, and it is said which is missing.

use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::records::{self, Caller};
use tests::roles;
use tests::world::{World, in_worlds};

static WORLD: World = World::new();

const IAM: &str = "iam.amazonaws.com";
/// The local AWS does not know the first (see `iam_trust.rs`); the second only shows whether a provider that is notified
/// about is still there.
const NOT_SHOWN: [&str; 2] = ["iam:PutUserPermissionsBoundary", "iam:GetSAMLProvider"];

/// A policy that bounds.
async fn boundary(lab: &Lab, name: &str, allows: &str) -> String {
    let document =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allows, "Resource": "*"}]});
    let call = lab.clients.iam.create_policy().policy_name(name).policy_document(document.to_string());
    call.send().await.unwrap().policy.unwrap().arn.unwrap()
}

/// Removes one boundary and widens the other.
async fn unbound(lab: &Lab, at: usize) {
    let iam = &lab.clients.iam;
    iam.delete_role_permissions_boundary().role_name(format!("dev-{at}")).send().await.unwrap();
    let wider = format!("arn:aws:iam::{ACCOUNT}:policy/wider-{at}");
    let call = iam.put_role_permissions_boundary().role_name(format!("ops-{at}")).permissions_boundary(wider);
    call.send().await.unwrap();
}

/// What happened before, which is kept, and what must be closed; between them they need every action.
async fn events(lab: &Lab, at: usize) -> ([Value; 2], Vec<Value>) {
    let iam = &lab.clients.iam;
    let (role, user) = (format!("role-{at}"), format!("user-{at}"));
    let stranger = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"}}]})
    .to_string();
    let (bounded_role, widened_role) = (format!("dev-{at}"), format!("ops-{at}"));
    iam.create_role().role_name(&role).assume_role_policy_document(&stranger).send().await.unwrap();
    let (bound, wider) =
        (boundary(lab, &format!("bound-{at}"), "s3:*").await, boundary(lab, &format!("wider-{at}"), "*").await);
    for role in [&bounded_role, &widened_role] {
        let call = iam.create_role().role_name(role).assume_role_policy_document(r#"{"Statement":[]}"#);
        call.permissions_boundary(&bound).send().await.unwrap();
    }
    iam.create_user().user_name(&user).send().await.unwrap();
    let url = format!("https://idp.example.com/{at}");
    let made = iam.create_open_id_connect_provider().url(&url).thumbprint_list("0".repeat(40)).send().await.unwrap();
    let event = |name: &str, request: Value, response: Value| {
        records::event(&Caller::user("eve"), IAM, name, request, response)
    };
    let before = [&bounded_role, &widened_role].map(|role| {
        let request =
            json!({"roleName": role, "permissionsBoundary": bound, "assumeRolePolicyDocument": "{\"Statement\":[]}"});
        let mut made = event("CreateRole", request, json!({"role": {"roleName": role, "path": "/"}}));
        made["detail"]["eventTime"] = json!("2026-01-01T00:00:00Z");
        made
    });
    let arn = made.open_id_connect_provider_arn.unwrap();
    let events = vec![
        event("CreateRole", json!({"omitted": true}), json!({"role": {"roleName": role, "path": "/"}})),
        event("DeleteRolePermissionsBoundary", json!({"roleName": bounded_role}), Value::Null),
        event(
            "PutRolePermissionsBoundary",
            json!({"roleName": widened_role, "permissionsBoundary": wider}),
            Value::Null,
        ),
        event("PutUserPermissionsBoundary", json!({"userName": user}), Value::Null),
        event(
            "CreateOpenIDConnectProvider",
            json!({"url": url, "thumbprintList": ["0".repeat(40)]}),
            json!({"openIDConnectProviderArn": arn}),
        ),
    ];
    (before, events)
}

/// A sweep of each family that the function serves.
fn sweeps() -> Vec<Value> {
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": REGION});
    ["role-trust", "permissions-boundary", "identity-provider"]
        .map(|kind| json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}}))
        .to_vec()
}

async fn start(lab: &Lab, role: &str, statements: &[Value], settings: Settings) -> Host {
    let (_, keys) = roles::assume(&lab.clients, role, statements).await.unwrap();
    Host::start("iam-trust", &Settings { keys, ..settings }).await.unwrap()
}

/// Every result that an answer reports of violations and of undetermined verdicts.
fn results(answers: &[Answer]) -> Vec<String> {
    let outcomes = answers.iter().flat_map(|answer| match answer {
        Answer::Report(report) if report["unlisted"].as_array().is_some_and(|list| !list.is_empty()) => {
            vec![json!({"verdict": "unlisted", "result": "unlisted"})]
        }
        Answer::Report(report) => report["outcomes"].as_array().cloned().unwrap_or_default(),
        Answer::Error { .. } => vec![json!({"verdict": "error", "result": "error"})],
    });
    let reported = outcomes.filter(|outcome| outcome["verdict"] != "compliant");
    reported.map(|outcome| outcome["result"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_function_of_trust_needs_all_that_it_has() {
    let lab = WORLD.lab_of("trust", WORLD.admin().await.unwrap()).await.unwrap();
    let whole = roles::on_everything(&roles::statements("iam-trust", &lab.channel.topic).unwrap());
    let mut lacking = vec![None];
    let used = roles::actions(&whole, "Family").into_iter().chain(roles::actions(&whole, "Notify"));
    lacking.extend(used.filter(|action| !NOT_SHOWN.contains(&action.as_str())).map(Some));
    assert_eq!(lacking.len(), 15 - NOT_SHOWN.len() + 1, "{lacking:?}");
    let whole = &whole;
    in_worlds(lacking.into_iter().enumerate(), |(at, action), world| async move {
        let statements = action.as_deref().map_or_else(|| whole.clone(), |action| roles::without(whole, action));
        let own = world.lab_of(&format!("trust-{at}"), world.admin().await.unwrap()).await.unwrap();
        let (before, events) = events(&own, at).await;
        let ledger = Some(own.ledger().await.unwrap());
        let policy = Some("{version: 1, defaults: {mode: enforce, max_class: R2}}".to_owned());
        let settings = Settings { policy, ledger, ..own.settings() };
        let mut function = start(&own, &format!("trust-{at}"), &statements, settings).await;
        for made in &before {
            function.send(made).await.unwrap();
        }
        unbound(&own, at).await;
        let mut answers = Vec::new();
        for event in &events {
            answers.push(function.send(event).await.unwrap());
        }
        // The sweep's reads, in a process that only notifies: what else is in this account is none of this test's business.
        let settings = Settings { mode: Some("notify".to_owned()), topic: None, ..own.settings() };
        let mut sweeper = start(&own, &format!("sweep-{at}"), &statements, settings).await;
        for sweep in sweeps() {
            answers.push(sweeper.send(&sweep).await.unwrap());
        }
        let results = results(&answers);
        match action {
            None => {
                assert_eq!(results.iter().filter(|result| *result == "remediated").count(), 4, "{answers:#?}");
                assert!(results.iter().all(|result| result == "remediated"), "{answers:#?}");
            }
            Some(action) => {
                let text = format!("{answers:?}");
                assert!(results.iter().any(|result| result != "remediated"), "nothing misses `{action}`: {answers:#?}");
                let names_it = text.contains(&format!("lacks `{action}`"));
                let is_publish = action == "sns:Publish" && text.contains("`sns:Publish` to");
                assert!(names_it || is_publish, "no answer says that `{action}` is missing: {answers:#?}");
            }
        }
    })
    .await;
}
