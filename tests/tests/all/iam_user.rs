//! Users: their passwords, MFA devices, leaked keys and session cuts, in an account that enforces IAM, the function under a role that
//! holds exactly its template's actions. Broken, closed and only that, closed still on a second delivery, undone; what the
//! user may do besides goes on. And without any one of its actions something is denied, and said so.
//!
//! moto has no sessions of users: what the policies deny to whom is `shared/tests/all/denies.rs`.

use aws_sdk_iam::types::{AccessKeyMetadata, StatusType};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::engine::family::{Family, permissions};
use shared::resources::iam::deny_policy::{Deny, Principal};
use shared::resources::iam::session_cut::state::cut;
use shared::resources::{Visitor, visit_all};
use std::collections::BTreeSet;
use tests::aws::{Clients, Keys};
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::records::{self, Caller};
use tests::world::{World, in_worlds};
use tests::{roles, undo};

static WORLD: World = World::new();

const IAM: &str = "iam.amazonaws.com";

async fn lab(name: &str) -> Lab {
    WORLD.lab_of(name, WORLD.admin().await.unwrap()).await.unwrap()
}

/// A user that may do `action`, and its key.
async fn user_with_key(clients: &Clients, name: &str, action: &str) -> Keys {
    clients.iam.create_user().user_name(name).send().await.unwrap();
    let may = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]});
    let call = clients.iam.put_user_policy().user_name(name).policy_name("may").policy_document(may.to_string());
    call.send().await.unwrap();
    let key = clients.iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
    Keys { id: key.access_key_id, secret: key.secret_access_key, token: None }
}

/// The function under the template's role. Sweeps see everybody: only the users `keyless-…` are not to have keys.
async fn function(lab: &Lab, name: &str, statements: &[Value], policy: &str, ledger: Option<&str>) -> Host {
    let (role, keys) = roles::assume(&lab.clients, name, statements).await.unwrap();
    let keys_of = "access-key-not-allowed: {settings: {allowed_users: [a*, b*, c*, e*, l*, s*]}}";
    let policy =
        Some(format!("version: 1\ndefaults: {{mode: enforce, max_class: R2}}\nguardrails:\n  {keys_of}\n{policy}"));
    let settings = Settings { keys, policy, own_role: Some(role), ledger: ledger.map(str::to_owned), ..lab.settings() };
    Host::start("iam-user", &settings).await.unwrap()
}

/// The role's statements, with the ledger's actions for the families that need them.
fn statements(lab: &Lab) -> Vec<Value> {
    roles::on_everything(&roles::statements("iam-user", &lab.channel.topic).unwrap())
}

fn event(name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::session("helpdesk", "eve"), IAM, name, request, response)
}

fn by_aws(name: &str, request: Value) -> Value {
    records::event(&Caller::aws(), IAM, name, request, Value::Null)
}

/// Whether the user can still do what it may.
async fn works(keys: &Keys) -> bool {
    let moto = WORLD.moto().await.unwrap();
    let own = Clients::new(&moto.url(), keys).await;
    own.iam.list_users().send().await.is_ok()
}

/// The user's inline policies by name, keys and password.
async fn stands(clients: &Clients, user: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for name in clients.iam.list_user_policies().user_name(user).send().await.unwrap().policy_names {
        let answer = clients.iam.get_user_policy().user_name(user).policy_name(&name).send().await.unwrap();
        let document = iam_policy::json::parse(&answer.policy_document).unwrap().0;
        let said = Deny::read(&name, &document).map_or_else(|| "something else".to_owned(), |deny| deny.to_string());
        lines.push(format!("policy {name}: {said}"));
    }
    for key in clients.iam.list_access_keys().user_name(user).send().await.unwrap().access_key_metadata {
        lines.push(format!("key {:?}", key.status.unwrap()));
    }
    if clients.iam.get_login_profile().user_name(user).send().await.is_ok() {
        lines.push("password".to_owned());
    }
    lines
}

async fn undo_notified(lab: &Lab) {
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "notified once: {heard:#?}");
    let finding: Value = serde_json::from_str(heard[0]["Message"].as_str().unwrap()).unwrap();
    let steps = finding["unmapped"]["steps"].as_array().unwrap().clone();
    for step in steps.iter().rev() {
        undo::run(&lab.clients, step["undo_command"].as_str().unwrap()).await.unwrap();
    }
}

/// Delivers it twice; the second delivery changes nothing and is not notified.
async fn close(lab: &Lab, function: &mut Host, event: &Value, guardrail: &str, user: &str) -> Vec<String> {
    let answer = function.send(event).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    let closed = stands(&lab.clients, user).await;
    function.send(event).await.unwrap();
    assert_eq!(stands(&lab.clients, user).await, closed, "a second delivery changed something");
    closed
}

#[tokio::test]
async fn a_password_that_another_principal_set_opens_nothing() {
    let lab = lab("login-profile").await;
    let keys = user_with_key(&lab.clients, "ben", "iam:ListUsers").await;
    let call = lab.clients.iam.create_login_profile().user_name("ben").password("Correct-Horse-1");
    call.send().await.unwrap();
    let event = event("CreateLoginProfile", json!({"userName": "ben", "passwordResetRequired": false}), Value::Null);
    let open = stands(&lab.clients, "ben").await;
    let mut function = function(&lab, "login-profile", &statements(&lab), "", None).await;
    let closed = close(&lab, &mut function, &event, "console-password-set-by-another", "ben").await;
    let since = event["detail"]["eventTime"].as_str().unwrap();
    let hold = closed.iter().find(|line| line.contains("parapet-sign-in-hold")).unwrap();
    assert!(hold.ends_with(&format!("everything to sessions since {since}")), "{hold}");
    assert_eq!(closed.len(), open.len() + 1, "nothing else: {closed:?}");
    let actions = lab.proxy.take_actions();
    let mut before = actions.split(|action| action == "PutUserPolicy").next().unwrap().to_vec();
    before.sort();
    assert_eq!(before, ["GetLoginProfile", "ListUserPolicies"], "two reads at once, then the call: {actions:?}");
    assert!(works(&keys).await, "its key is not touched");
    undo_notified(&lab).await;
    assert_eq!(stands(&lab.clients, "ben").await, open);
}

#[tokio::test]
async fn a_user_without_mfa_can_only_enrol() {
    let lab = lab("mfa-device").await;
    let keys = user_with_key(&lab.clients, "ana", "iam:ListUsers").await;
    lab.clients.iam.create_login_profile().user_name("ana").password("Correct-Horse-1").send().await.unwrap();
    let made = lab.clients.iam.create_virtual_mfa_device().virtual_mfa_device_name("ana").send().await.unwrap();
    let serial = made.virtual_mfa_device.unwrap().serial_number;
    let enable = lab.clients.iam.enable_mfa_device().user_name("ana").serial_number(&serial);
    let enable = enable.authentication_code1("123456").authentication_code2("654321");
    enable.clone().send().await.unwrap();
    let request = json!({"userName": "ana", "serialNumber": serial});
    let event = event("DeactivateMFADevice", request, Value::Null);
    let mut function = function(&lab, "mfa-device", &statements(&lab), "", None).await;
    let guardrail = "console-user-without-mfa";
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.outcome(guardrail).unwrap()["verdict"], "compliant", "the device is there yet: {answer:?}");

    lab.clients.iam.deactivate_mfa_device().user_name("ana").serial_number(&serial).send().await.unwrap();
    let open = stands(&lab.clients, "ana").await;
    let closed = close(&lab, &mut function, &event, guardrail, "ana").await;
    let deny = "policy parapet-deny-without-mfa: everything but enrolling MFA to sessions without MFA";
    assert!(closed.iter().any(|line| line == deny), "{closed:?}");
    assert_eq!(closed.len(), open.len() + 1, "nothing else: {closed:?}");
    assert!(works(&keys).await, "its key is not touched");
    undo_notified(&lab).await;
    assert_eq!(stands(&lab.clients, "ana").await, open);
}

#[tokio::test]
async fn a_leaked_key_and_its_sessions_open_nothing() {
    let lab = lab("leaked").await;
    let keys = user_with_key(&lab.clients, "eve", "iam:ListUsers").await;
    let other = user_with_key(&lab.clients, "eve-2", "iam:ListUsers").await;
    assert!(works(&keys).await && works(&other).await);
    let arn = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    let event = by_aws("AttachUserPolicy", json!({"userName": "eve", "policyArn": arn}));
    let open = stands(&lab.clients, "eve").await;
    let policy = "  quarantined-user-has-active-keys: {settings: {cut_sessions: true}}\n";
    let mut function = function(&lab, "leaked", &statements(&lab), policy, None).await;
    let closed = close(&lab, &mut function, &event, "quarantined-user-has-active-keys", "eve").await;
    assert!(closed.contains(&"key Inactive".to_owned()), "{closed:?}");
    assert_eq!(
        closed.iter().filter(|line| line.contains("everything to sessions from before")).count(),
        1,
        "{closed:?}"
    );
    let actions = lab.proxy.take_actions();
    assert_eq!(actions[..3], ["ListAccessKeys", "UpdateAccessKey", "PutUserPolicy"], "one read, then the keys");
    assert!(!works(&keys).await, "the leaked key opens nothing any more");
    assert!(works(&other).await, "no other user is touched");
    undo_notified(&lab).await;
    assert_eq!(stands(&lab.clients, "eve").await, open);
    assert!(works(&keys).await);
}

#[tokio::test]
async fn the_password_policy_is_what_it_was() {
    let lab = lab("password-policy").await;
    let table = lab.ledger().await.unwrap();
    let iam = &lab.clients.iam;
    let strong = || {
        let call = iam.update_account_password_policy().minimum_password_length(20).password_reuse_prevention(24);
        let call = call.require_symbols(true).require_numbers(true).allow_users_to_change_password(true);
        call.require_uppercase_characters(true).require_lowercase_characters(true).max_password_age(90)
    };
    let now = || async { iam.get_account_password_policy().send().await.map(|answer| answer.password_policy.unwrap()) };
    strong().send().await.unwrap();
    let before = now().await.unwrap();
    let mut function = function(&lab, "password-policy", &statements(&lab), "", Some(&table)).await;
    let guardrail = "password-policy-weak";
    let answer = function.send(&event("UpdateAccountPasswordPolicy", Value::Null, Value::Null)).await.unwrap();
    assert_eq!(answer.outcome(guardrail).unwrap()["verdict"], "compliant", "and is kept: {answer:?}");

    // Weakened: one field is named, AWS sets all others back.
    iam.update_account_password_policy().minimum_password_length(14).send().await.unwrap();
    let weak = now().await.unwrap();
    let weakened = event("UpdateAccountPasswordPolicy", json!({"minimumPasswordLength": 14}), Value::Null);
    let answer = function.send(&weakened).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    let closed = now().await.unwrap();
    assert_eq!((closed.minimum_password_length, closed.max_password_age), (Some(20), Some(90)));
    assert_eq!((closed.password_reuse_prevention, closed.require_symbols), (Some(24), true));
    assert!(!closed.allow_users_to_change_password && closed.hard_expiry != Some(true), "what is not strictness stays");
    function.send(&weakened).await.unwrap();
    assert_eq!(now().await.unwrap(), closed, "a second delivery changed something");
    undo_notified(&lab).await;
    assert_eq!(now().await.unwrap(), weak);

    // Deleted: all of it comes back.
    iam.delete_account_password_policy().send().await.unwrap();
    // Records know whole seconds: one of the second in which the call before was made may be of before that call.
    let mut deleted = event("DeleteAccountPasswordPolicy", Value::Null, Value::Null);
    deleted["detail"]["eventTime"] =
        json!((Timestamp::now() + SignedDuration::from_secs(2)).strftime("%FT%TZ").to_string());
    let answer = function.send(&deleted).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    let restored = now().await.unwrap();
    assert_eq!(restored.minimum_password_length, before.minimum_password_length);
    undo_notified(&lab).await;
    assert!(now().await.is_err(), "there was none");
}

/// The order for a sweep of one kind.
fn page(kind: &str) -> Value {
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": REGION});
    json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}})
}

async fn put_cut(clients: &Clients, on: &Principal, hours_ago: i64) -> String {
    let moment = Timestamp::now() - SignedDuration::from_hours(hours_ago);
    let deny = cut(on.clone(), None, moment).unwrap().deny;
    let (name, document) = (deny.name(), deny.document().to_string());
    match on {
        Principal::User(user) => {
            let call = clients.iam.put_user_policy().user_name(user).policy_name(&name).policy_document(document);
            call.send().await.unwrap();
        }
        Principal::Role(role) => {
            let call = clients.iam.put_role_policy().role_name(role).policy_name(&name).policy_document(document);
            call.send().await.unwrap();
        }
    }
    name
}

async fn role(clients: &Clients, name: &str) -> Principal {
    let trust = json!({"Version": "2012-10-17", "Statement": []});
    clients.iam.create_role().role_name(name).assume_role_policy_document(trust.to_string()).send().await.unwrap();
    Principal::Role(name.to_owned())
}

#[tokio::test]
async fn the_sweep_takes_away_the_cuts_that_have_ended() {
    let lab = lab("session-cut").await;
    user_with_key(&lab.clients, "sue", "iam:ListUsers").await;
    let sue = Principal::User("sue".to_owned());
    let web = role(&lab.clients, "web").await;
    put_cut(&lab.clients, &sue, 37).await;
    put_cut(&lab.clients, &web, 13).await;
    let denying = (put_cut(&lab.clients, &sue, 35).await, put_cut(&lab.clients, &web, 11).await);
    let theirs = "parapet-session-cut-until-20200101T000000Z";
    let document = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
    let call = lab.clients.iam.put_user_policy().user_name("sue").policy_name(theirs);
    call.policy_document(document.to_string()).send().await.unwrap();
    let mut function = function(&lab, "session-cut", &statements(&lab), "", None).await;
    let answer = function.send(&page("session-cut")).await.unwrap();
    assert!(matches!(answer, Answer::Report(_)), "{answer:?}");
    let names = lab.clients.iam.list_user_policies().user_name("sue").send().await.unwrap().policy_names;
    let names: BTreeSet<String> = names.into_iter().collect();
    assert_eq!(names, BTreeSet::from(["may".to_owned(), theirs.to_owned(), denying.0]));
    let names = lab.clients.iam.list_role_policies().role_name("web").send().await.unwrap().policy_names;
    assert_eq!(names, [denying.1]);
}

/// Everything that between them needs every action of the function: its events, and a page of each of its listings.
async fn everything(lab: &Lab, at: usize) -> Vec<Value> {
    let (iam, name) = (&lab.clients.iam, |word: &str| format!("{word}-{at}"));
    let users = ["keyless", "leaked", "console", "cut"].map(name);
    for user in &users {
        user_with_key(&lab.clients, user, "iam:ListUsers").await;
    }
    let [keyless, leaked, console, held] = &users;
    for user in [console, held] {
        iam.create_login_profile().user_name(user).password("Correct-Horse-1").send().await.unwrap();
    }
    // A key whose user has another name by now.
    let (earlier, now) = (name("keyless-before"), name("keyless-after"));
    iam.create_user().user_name(&now).send().await.unwrap();
    let renamed = iam.create_access_key().user_name(&now).send().await.unwrap().access_key.unwrap();
    let made = iam.create_access_key().user_name(keyless).send().await.unwrap().access_key.unwrap();
    put_cut(&lab.clients, &Principal::User(held.clone()), 40).await;
    put_cut(&lab.clients, &role(&lab.clients, &name("cut-role")).await, 40).await;
    iam.update_account_password_policy().minimum_password_length(8).send().await.unwrap();
    let quarantine = json!({"userName": leaked, "policyName": "AWSCompromisedKeyQuarantineV3", "policyDocument": "{}"});
    vec![
        records::created_key(&Caller::session("admin", "ana"), Some(keyless), keyless, &made.access_key_id),
        records::created_key(&Caller::session("admin", "ana"), Some(&earlier), &earlier, &renamed.access_key_id),
        by_aws("PutUserPolicy", quarantine),
        event("UpdateUser", json!({"userName": name("leaked-before"), "newUserName": leaked}), Value::Null),
        event("UpdateLoginProfile", json!({"userName": held}), Value::Null),
        event("DeactivateMFADevice", json!({"userName": console, "serialNumber": "GAKT000FF000"}), Value::Null),
        event("UpdateAccountPasswordPolicy", json!({"minimumPasswordLength": 8}), Value::Null),
        page("session-cut"),
        page("access-key"),
        page("mfa-device"),
    ]
}

struct Needed(BTreeSet<&'static str>);

impl Visitor for Needed {
    fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
        if function == "iam-user" {
            let actions = permissions(&family).into_iter().map(|permission| permission.action);
            // moto has no features of an organization.
            self.0.extend(actions.filter(|action| !action.contains("Organizations")));
        }
    }
}

/// The function under its whole role, then under the role without each of its actions in turn: then something is not done, or
/// not seen, and its name is said.
#[tokio::test]
async fn the_function_needs_all_that_it_has() {
    let whole = &statements(&lab("least-privilege").await);
    let mut needed = Needed(BTreeSet::new());
    visit_all(&mut needed);
    let lacking = std::iter::once(None).chain(needed.0.into_iter().map(Some));
    in_worlds(lacking.enumerate(), |(at, action), world| async move {
        let lab = world.lab_of(&format!("least-{at}"), world.admin().await.unwrap()).await.unwrap();
        let statements = action.map_or_else(|| whole.clone(), |action| roles::without(whole, action));
        let sent = everything(&lab, at).await;
        let policy = "  quarantined-user-has-active-keys: {settings: {cut_sessions: true}}\n  \
            console-user-without-mfa: {settings: {protected_users: [ana, ben]}}\n";
        let mut function = function(&lab, &format!("least-{at}"), &statements, policy, None).await;
        let mut said = String::new();
        for event in &sent {
            said += &format!("{:?}\n", function.send(event).await.unwrap());
        }
        for message in lab.channel.hear().await.unwrap() {
            said += &format!("{message}\n");
        }
        let misses = |action: &str| said.contains(&format!("lacks `{action}`"));
        match action {
            None => {
                assert!(!said.contains("lacks `"), "the whole role lacks something: {said}");
                let keys = lab.clients.iam.list_access_keys().user_name("keyless-0").send().await.unwrap();
                let is_inactive = |key: &AccessKeyMetadata| key.status == Some(StatusType::Inactive);
                assert!(keys.access_key_metadata.iter().any(is_inactive), "the whole role closes what it is there for");
            }
            Some(action) => assert!(misses(action), "no answer says that `{action}` is missing: {said}"),
        }
    })
    .await;
}
