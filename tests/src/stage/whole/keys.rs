//! KMS keys.

use super::{rewritten, written};
use crate::Result;
use crate::reader::Reader;
use crate::resource_policies::Owner;
use crate::stage::{Script, Stage, done};
use crate::view::View;
use serde_json::Value;
use shared::aws::service::clients::Kms;
use shared::resources::kms::KmsGrants;
use shared::resources::kms::grant::state::{Grant, GrantAction, GrantRef};
use shared::resources::kms::key::KmsKeys;
use shared::resources::kms::key::state::KeyAction;
use shared::resources::kms::key_rotation::KeyRotations;

/// A new key plays the one that the event names: enabled, and not rotated.
pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let answered = || script.call.response.text(&["keyId"]).map(str::to_owned);
    let named = script.request("keyId").or_else(answered).ok_or("it names no key")?;
    let id = named.rsplit_once("key/").map_or(named.as_str(), |(_, id)| id);
    let own = Owner::key(script.clients).await?.name().to_owned();
    let note = format!("played by {own} in place of {id}");
    let script = script.about(id, &own)?;
    match script.call.name.as_str() {
        "EnableKeyRotation" | "DisableKeyRotation" => written(&script, KeyRotations, Kms::new, rewritten, note).await,
        "CreateGrant" => grant(&script, note).await,
        "DisableKey" => changed(&script, KeyAction::Disable(own), note),
        "ScheduleKeyDeletion" => {
            let window = script.target(KmsKeys)?.key.window;
            let days = window.unwrap_or(30);
            changed(&script, KeyAction::ScheduleDeletion { key: own, days }, note)
        }
        other => Err(format!("nothing is known of what `{other}` does to a key").into()),
    }
}

/// A grant, as the record or the fixture shows it. KMS chooses its id: it is there before the event names it.
async fn grant(script: &Script<'_>, note: String) -> Result<Stage> {
    let target = script.target(KmsGrants)?;
    let (live, GrantRef { key, id }) = (&script.live, target.key);
    let read = || Grant {
        key: key.clone(),
        id: id.clone(),
        grantee: live["GranteePrincipal"].as_str().unwrap_or_default().to_owned(),
        retiring: None,
        issuer: None,
        operations: live["Operations"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        equals: None,
        subset: serde_json::from_value(live["Constraints"]["EncryptionContextSubset"].clone()).ok(),
        name: None,
    };
    let grant = target.proven.unwrap_or_else(read);
    done(&Kms::new(&script.clients.config), &GrantAction::Create(grant)).await?;
    let made = aws_sdk_kms::Client::new(&script.clients.config).list_grants().key_id(&key).send().await?;
    let own = made.grants().first().and_then(|grant| grant.grant_id()).ok_or("no grant was made")?;
    let script = script.about(&id, own)?;
    Ok(Stage::new(script.event, note).seen(View::Grants(key)))
}

fn changed(script: &Script<'_>, by: KeyAction, note: String) -> Result<Stage> {
    let key = script.target(KmsKeys)?.key;
    let client = Kms::new(&script.clients.config);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(KmsKeys, key, Kms::new)));
    let stage = if script.kept.is_null() { stage } else { stage.remembered("kms-key") };
    Ok(stage.then(async move { done(&client, &by).await }))
}
