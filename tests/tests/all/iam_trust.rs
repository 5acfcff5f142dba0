//! Role trust, permissions boundaries and identity providers, against the local AWS with the real binary: broken, closed and
//! nothing else, closed still on a second delivery, undone. `shared/tests/all/assume.rs` has who gets in before and after:
//! the local AWS lets anybody assume any role.

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::http::Message;
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::proxy::Fault;
use tests::records::{self, Caller};
use tests::story::{notified, run_story};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const TRUST: &str = "role-trust-open";
const BOUNDARY: &str = "permissions-boundary-changed";
const PROVIDER: &str = "identity-provider-not-allowed";
const IAM: &str = "iam.amazonaws.com";

const EC2: &str = "{ \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Allow\", \"Principal\": {\"Service\": \
    \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}\n  ] }";
const STRANGER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"sts:AssumeRole"}]}"#;

fn eve() -> Caller {
    Caller::user("eve")
}

/// A lab with a ledger, so that good states are kept.
async fn kept(lab: &Lab) -> Host {
    let table = lab.ledger().await.unwrap();
    let settings = Settings { ledger: Some(table), ..lab.settings() };
    Host::start("iam-trust", &settings).await.unwrap()
}

async fn policy(lab: &Lab, name: &str, allows: &str) -> String {
    let document =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allows, "Resource": "*"}]});
    let call = lab.clients.iam.create_policy().policy_name(name).policy_document(document.to_string());
    call.send().await.unwrap().policy.unwrap().arn.unwrap()
}

async fn make_role(lab: &Lab, role: &str, document: &str, boundary: Option<&str>) -> Value {
    let call = lab.clients.iam.create_role().role_name(role).assume_role_policy_document(document);
    call.set_permissions_boundary(boundary.map(str::to_owned)).send().await.unwrap();
    let mut request = json!({"roleName": role, "assumeRolePolicyDocument": document});
    if let Some(boundary) = boundary {
        request["permissionsBoundary"] = json!(boundary);
    }
    records::event(&eve(), IAM, "CreateRole", request, json!({"role": {"roleName": role, "path": "/"}}))
}

async fn update(lab: &Lab, role: &str, document: &str) -> Value {
    let call = lab.clients.iam.update_assume_role_policy().role_name(role).policy_document(document);
    call.send().await.unwrap();
    let request = json!({"roleName": role, "policyDocument": document});
    records::event(&eve(), IAM, "UpdateAssumeRolePolicy", request, Value::Null)
}

/// The same before today: records of one second count as one change.
fn long_ago(mut event: Value) -> Value {
    event["detail"]["eventTime"] = json!("2026-01-01T00:00:00Z");
    event
}

fn undo_of(finding: &Value) -> String {
    finding["unmapped"]["steps"][0]["undo_command"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_backdoor_beside_what_the_role_is_for() {
    let lab = WORLD.lab("backdoor").await.unwrap();
    make_role(&lab, "app", EC2, None).await;
    let view = View::Trust("app".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    let mut both: Value = serde_json::from_str(EC2).unwrap();
    let stranger: Value = serde_json::from_str(STRANGER).unwrap();
    both["Statement"].as_array_mut().unwrap().push(stranger["Statement"][0].clone());
    let event = update(&lab, "app", &both.to_string()).await;
    let mut function = lab.function("iam-trust", None).await.unwrap();
    run_story(&lab, &mut function, TRUST, &view, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn what_was_kept_is_restored_to_the_letter() {
    let lab = WORLD.lab("restored").await.unwrap();
    let mut function = kept(&lab).await;
    let made = make_role(&lab, "app-restored", EC2, None).await;
    assert_eq!(function.send(&long_ago(made)).await.unwrap().outcome(TRUST).unwrap()["verdict"], "compliant");
    let view = View::Trust("app-restored".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    let event = update(&lab, "app-restored", STRANGER).await;
    drop(lab.proxy.take_actions());
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result(TRUST).unwrap(), "remediated", "{answer:?}");
    let actions = lab.proxy.take_actions();
    let first = actions.iter().position(|action| action == "UpdateAssumeRolePolicy").unwrap();
    assert_eq!(
        actions[..first].iter().filter(|action| *action == "GetRole").count(),
        2,
        "read and compared: {actions:?}"
    );
    assert_eq!(first, 3, "and nothing else after what was kept: {actions:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    assert_eq!(document(&lab, "app-restored").await, EC2, "to the letter");
    function.send(&event).await.unwrap();
    assert!(!lab.proxy.take_actions().contains(&"UpdateAssumeRolePolicy".to_owned()), "written a second time");
}

async fn document(lab: &Lab, role: &str) -> String {
    let answer = lab.clients.iam.get_role().role_name(role).send().await.unwrap();
    tests::view::decoded(answer.role.unwrap().assume_role_policy_document.as_deref().unwrap())
}

#[tokio::test]
async fn a_new_role_for_a_stranger() {
    let lab = WORLD.lab("new-role").await.unwrap();
    let event = make_role(&lab, "app-new", STRANGER, None).await;
    let mut function = lab.function("iam-trust", None).await.unwrap();
    let closed: Value = serde_json::from_str(&STRANGER.replace("Allow", "Deny")).unwrap();
    let closed = [closed.to_string()];
    run_story(&lab, &mut function, TRUST, &View::Trust("app-new".to_owned()), &event, &closed).await.unwrap();
}

#[tokio::test]
async fn a_document_too_large_for_the_record_is_read() {
    let lab = WORLD.lab("large").await.unwrap();
    make_role(&lab, "app-large", STRANGER, None).await;
    let omitted = json!({"omitted": true, "reason": "requestParameters too large", "originalSize": 300_000});
    let response = json!({"role": {"roleName": "app-large", "path": "/"}});
    let event = records::event(&eve(), IAM, "CreateRole", omitted, response);
    let mut function = lab.function("iam-trust", None).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result(TRUST).unwrap(), "remediated", "{answer:?}");
    assert_eq!(document(&lab, "app-large").await, STRANGER.replace("Allow", "Deny"));
}

#[tokio::test]
async fn a_role_s_boundary_is_removed() {
    let lab = WORLD.lab("boundary").await.unwrap();
    let mut function = kept(&lab).await;
    let bound = format!("arn:aws:iam::{ACCOUNT}:policy/bound");
    let made = make_role(&lab, "dev", EC2, Some(&bound)).await;
    assert_eq!(function.send(&long_ago(made)).await.unwrap().outcome(BOUNDARY).unwrap()["verdict"], "compliant");
    let view = View::Boundary("dev".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    assert_eq!(closed, [bound]);
    lab.clients.iam.delete_role_permissions_boundary().role_name("dev").send().await.unwrap();
    let request = json!({"roleName": "dev"});
    let event = records::event(&eve(), IAM, "DeleteRolePermissionsBoundary", request, Value::Null);
    run_story(&lab, &mut function, BOUNDARY, &view, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn a_role_s_boundary_is_changed() {
    let lab = WORLD.lab("boundary-changed").await.unwrap();
    let mut function = kept(&lab).await;
    let (bound, wider) = (policy(&lab, "bound-changed", "s3:*").await, policy(&lab, "wider", "*").await);
    let made = make_role(&lab, "dev-changed", EC2, Some(&bound)).await;
    function.send(&long_ago(made)).await.unwrap();
    let call = lab.clients.iam.put_role_permissions_boundary().role_name("dev-changed");
    call.permissions_boundary(&wider).send().await.unwrap();
    let request = json!({"roleName": "dev-changed", "permissionsBoundary": wider});
    let event = records::event(&eve(), IAM, "PutRolePermissionsBoundary", request, Value::Null);
    run_story(&lab, &mut function, BOUNDARY, &View::Boundary("dev-changed".to_owned()), &event, &[bound])
        .await
        .unwrap();
}

/// The local AWS has no boundaries of users: its answers are made up as the API reference has them.
#[tokio::test]
async fn a_user_s_boundary_is_removed() {
    let lab = WORLD.lab("user-boundary").await.unwrap();
    let mut function = kept(&lab).await;
    let bound = format!("arn:aws:iam::{ACCOUNT}:policy/bound");
    let request = json!({"userName": "ben", "permissionsBoundary": bound});
    let response = json!({"user": {"userName": "ben", "path": "/"}});
    let answer = |body: &str| Fault::Answer(Message::answer(200, "text/xml", body));
    let put = "<PutUserPermissionsBoundaryResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><ResponseMetadata>\
        <RequestId>r-1</RequestId></ResponseMetadata></PutUserPermissionsBoundaryResponse>";
    let get = format!(
        "<GetUserResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetUserResult><User><Path>/</Path>\
         <UserName>ben</UserName><UserId>AIDAEXAMPLE</UserId><Arn>arn:aws:iam::{ACCOUNT}:user/ben</Arn>\
         <CreateDate>2026-03-02T09:14:07Z</CreateDate><PermissionsBoundary><PermissionsBoundaryType>Policy\
         </PermissionsBoundaryType><PermissionsBoundaryArn>{bound}</PermissionsBoundaryArn></PermissionsBoundary></User>\
         </GetUserResult></GetUserResponse>"
    );
    // Seen as it was made: what is kept is kept from a read.
    lab.proxy.fault("GetUser", answer(&get), 1);
    function.send(&long_ago(records::event(&eve(), IAM, "CreateUser", request, response))).await.unwrap();
    lab.proxy.fault("PutUserPermissionsBoundary", answer(put), 1);
    let (start, rest) = get.split_once("<PermissionsBoundary>").unwrap();
    let (_, end) = rest.split_once("</PermissionsBoundary>").unwrap();
    lab.proxy.fault("GetUser", answer(&format!("{start}{end}")), 2);
    lab.proxy.fault("GetUser", answer(&get), 1);
    let request = json!({"userName": "ben"});
    let event = records::event(&eve(), IAM, "DeleteUserPermissionsBoundary", request, Value::Null);
    drop(lab.proxy.take_actions());
    let said = function.send(&event).await.unwrap();
    assert_eq!(said.result(BOUNDARY).unwrap(), "remediated", "{said:?}");
    let actions = lab.proxy.take_actions();
    let called: Vec<&String> = actions.iter().filter(|action| *action != "GetItem").collect();
    assert_eq!(called[..4], ["GetUser", "GetUser", "PutUserPermissionsBoundary", "GetUser"], "{actions:?}");
    let back = undo_of(&notified(&lab).await.unwrap());
    assert!(back.starts_with("aws iam delete-user-permissions-boundary --user-name ben"), "{back}");
}

#[tokio::test]
async fn an_oidc_provider_is_made() {
    let lab = WORLD.lab("oidc").await.unwrap();
    let iam = &lab.clients.iam;
    let call = iam.create_open_id_connect_provider().url("https://idp.example.com/tenant");
    let thumbprint = "6938fd4d98bab03faadb97b34396831e3780aea1";
    let tag = aws_sdk_iam::types::Tag::builder().key("team").value("it's “ops”").build().unwrap();
    let call = call.client_id_list("sts.amazonaws.com").client_id_list("app").thumbprint_list(thumbprint).tags(tag);
    let arn = call.send().await.unwrap().open_id_connect_provider_arn.unwrap();
    let request = json!({"url": "https://idp.example.com/tenant", "clientIDList": ["sts.amazonaws.com", "app"],
        "thumbprintList": [thumbprint], "tags": [{"key": "team", "value": "it's “ops”"}]});
    let response = json!({"openIDConnectProviderArn": arn});
    let event = records::event(&eve(), IAM, "CreateOpenIDConnectProvider", request, response);
    let view = View::Oidc(arn);
    // By default it is only notified.
    let mut teller = lab.function("iam-trust", None).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    assert_eq!(teller.send(&event).await.unwrap().result(PROVIDER).unwrap(), "notified");
    assert_eq!(lab.lines(&view).await.unwrap(), open);
    assert_eq!(lab.channel.hear().await.unwrap().len(), 1);
    let policy = format!("{{version: 1, defaults: {{mode: enforce}}, guardrails: {{{PROVIDER}: {{max_class: R2}}}}}}");
    let mut function = lab.function("iam-trust", Some(&policy)).await.unwrap();
    run_story(&lab, &mut function, PROVIDER, &view, &event, &[]).await.unwrap();
}

#[tokio::test]
async fn a_saml_provider_is_notified_and_left() {
    let lab = WORLD.lab("saml").await.unwrap();
    let metadata = "<EntityDescriptor>".repeat(60);
    let call = lab.clients.iam.create_saml_provider().name("corp").saml_metadata_document(&metadata);
    let arn = call.send().await.unwrap().saml_provider_arn.unwrap();
    let request = json!({"name": "corp", "sAMLMetadataDocument": metadata});
    let event = records::event(&eve(), IAM, "CreateSAMLProvider", request, json!({"sAMLProviderArn": arn}));
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
    let mut function = lab.function("iam-trust", Some(policy)).await.unwrap();
    assert_eq!(function.send(&event).await.unwrap().result(PROVIDER).unwrap(), "notified");
    lab.clients.iam.get_saml_provider().saml_provider_arn(&arn).send().await.unwrap();
}
