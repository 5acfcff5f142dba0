//! KMS keys.

use super::{rewritten, written};
use crate::Result;
use crate::reader::Reader;
use crate::resource_policies::Owner;
use crate::stage::{Script, Stage, done};
use crate::view::View;
use shared::aws::service::clients::Kms;
use shared::resources::kms::key::KmsKeys;
use shared::resources::kms::key::state::KeyAction;
use shared::resources::kms::key_rotation::KeyRotations;

/// A new key plays the one that the event names: enabled, and not rotated.
pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let named = script.request("keyId").ok_or("it names no key")?;
    let id = named.rsplit_once("key/").map_or(named.as_str(), |(_, id)| id);
    let own = Owner::key(script.clients).await?.name().to_owned();
    let note = format!("played by {own} in place of {id}");
    let script = script.about(id, &own)?;
    match script.call.name.as_str() {
        "EnableKeyRotation" | "DisableKeyRotation" => written(&script, KeyRotations, Kms::new, rewritten, note).await,
        "DisableKey" => changed(&script, KeyAction::Disable(own), note),
        "ScheduleKeyDeletion" => {
            let window = script.target(KmsKeys)?.key.window;
            let days = window.unwrap_or(30);
            changed(&script, KeyAction::ScheduleDeletion { key: own, days }, note)
        }
        other => Err(format!("nothing is known of what `{other}` does to a key").into()),
    }
}

fn changed(script: &Script<'_>, by: KeyAction, note: String) -> Result<Stage> {
    let key = script.target(KmsKeys)?.key;
    let client = Kms::new(&script.clients.config);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(KmsKeys, key, Kms::new)));
    let stage = if script.kept.is_null() { stage } else { stage.remembered("kms-key") };
    Ok(stage.then(async move { done(&client, &by).await }))
}
