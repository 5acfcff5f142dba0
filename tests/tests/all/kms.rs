//! The families of the function `kms` against the local AWS with the real binary: a principal schedules a key's deletion, disables
//! it, ends its rotation; the function takes that back and nothing else.

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::story::{Subject, notified, run_story, take_back};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const FUNCTION: &str = "kms";
const SOURCE: &str = "kms.amazonaws.com";

/// A key, by its id.
struct Key(String);

impl Subject for Key {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let kms = aws_sdk_kms::Client::new(&lab.clients.config);
        let found = kms.describe_key().key_id(&self.0).send().await?.key_metadata.ok_or("no key")?;
        let state = found.key_state().map(|state| state.as_str().to_owned()).unwrap_or_default();
        let rotation = kms.get_key_rotation_status().key_id(&self.0).send().await?.key_rotation_enabled();
        Ok(vec![format!("{state}, rotated: {rotation}, {}", found.description().unwrap_or_default())])
    }
}

async fn key(lab: &Lab) -> (aws_sdk_kms::Client, Key) {
    let kms = aws_sdk_kms::Client::new(&lab.clients.config);
    let made = kms.create_key().description("orders").send().await.unwrap().key_metadata.unwrap();
    let id = made.key_id().to_owned();
    kms.enable_key_rotation().key_id(&id).send().await.unwrap();
    (kms, Key(id))
}

fn event(name: &str, key: &Key, more: Value) -> Value {
    let mut request = json!({"keyId": key.0});
    if let (Some(request), Value::Object(more)) = (request.as_object_mut(), more) {
        request.extend(more);
    }
    records::event(&Caller::user("ben"), SOURCE, name, request, Value::Null)
}

async fn with_ledger(lab: &Lab) -> Host {
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    Host::start(FUNCTION, &settings).await.unwrap()
}

#[tokio::test]
async fn a_disabled_key() {
    let lab = WORLD.lab("key-disabled").await.unwrap();
    let (kms, key) = key(&lab).await;
    let closed = key.lines(&lab).await.unwrap();
    kms.disable_key().key_id(&key.0).send().await.unwrap();
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let event = event("DisableKey", &key, json!({}));
    run_story(&lab, &mut function, "kms-key-disabled", &key, &event, &closed).await.unwrap();
}

/// The function saw the key enabled: it is enabled again once its deletion is cancelled, and the undo schedules it again.
#[tokio::test]
async fn a_key_that_was_enabled_and_is_to_be_deleted() {
    let lab = WORLD.lab("key-deletion").await.unwrap();
    let (kms, key) = key(&lab).await;
    let closed = key.lines(&lab).await.unwrap();
    let mut function = with_ledger(&lab).await;
    function.send(&event("EnableKey", &key, json!({}))).await.unwrap();
    kms.schedule_key_deletion().key_id(&key.0).pending_window_in_days(7).send().await.unwrap();
    let event = event("ScheduleKeyDeletion", &key, json!({"pendingWindowInDays": 7}));
    let guardrail = "kms-key-deletion-scheduled";
    run_story(&lab, &mut function, guardrail, &key, &event, &closed).await.unwrap();
}

/// Whether it was enabled is not known without a ledger: KMS leaves it disabled, and so does the function.
#[tokio::test]
async fn a_key_of_which_nothing_is_known() {
    let lab = WORLD.lab("key-unknown").await.unwrap();
    let (kms, key) = key(&lab).await;
    kms.schedule_key_deletion().key_id(&key.0).pending_window_in_days(7).send().await.unwrap();
    let open = key.lines(&lab).await.unwrap();
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let answer = function.send(&event("ScheduleKeyDeletion", &key, json!({"pendingWindowInDays": 7}))).await.unwrap();
    assert_eq!(answer.result("kms-key-deletion-scheduled").unwrap(), "remediated", "{answer:?}");
    assert!(key.lines(&lab).await.unwrap()[0].starts_with("Disabled"));
    let finding = notified(&lab).await.unwrap();
    take_back(&lab, &finding).await.unwrap();
    assert_eq!(key.lines(&lab).await.unwrap(), open);
}

/// moto keeps no period: that it is restored is held by the situations.
#[tokio::test]
async fn a_key_whose_rotation_was_disabled() {
    let lab = WORLD.lab("key-rotation").await.unwrap();
    let (kms, key) = key(&lab).await;
    let closed = key.lines(&lab).await.unwrap();
    kms.disable_key_rotation().key_id(&key.0).send().await.unwrap();
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    let event = event("DisableKeyRotation", &key, json!({}));
    run_story(&lab, &mut function, "kms-key-rotation-off", &key, &event, &closed).await.unwrap();
}

/// The grant is revoked; the undo makes it again, under an id of its own.
#[tokio::test]
async fn a_grant_to_a_stranger() {
    let lab = WORLD.lab("key-grant").await.unwrap();
    let (kms, key) = key(&lab).await;
    let stranger = "arn:aws:iam::444455556666:role/reader";
    let call = kms.create_grant().key_id(&key.0).grantee_principal(stranger);
    let made = call.operations(aws_sdk_kms::types::GrantOperation::Decrypt).send().await.unwrap();
    let mut event = event("CreateGrant", &key, json!({"granteePrincipal": stranger, "operations": ["Decrypt"]}));
    event["detail"]["responseElements"] = json!({"keyId": key.0, "grantId": made.grant_id()});
    let grants = Grants(key.0.clone());
    let mut function = lab.function(FUNCTION, None).await.unwrap();
    run_story(&lab, &mut function, "kms-grant-to-untrusted", &grants, &event, &[]).await.unwrap();
}

/// The grants of a key, by its id.
struct Grants(String);

impl Subject for Grants {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        View::Grants(self.0.clone()).lines(&lab.clients).await
    }
}
