//! Settings of an account and region, instances' metadata options, snapshots and images.

use super::{Script, Stage, done, renamed, set};
use crate::Result;
use crate::aws::Clients;
use crate::moto::ACCOUNT;
use crate::view::View;
use aws_sdk_ec2::types::InstanceType;
use shared::engine::family::Family;
use shared::resources::ec2::block_public_access::Blocking;
use shared::resources::ec2::client::Ec2;
use shared::resources::ec2::ebs_encryption::EbsEncryption;
use shared::resources::ec2::ebs_encryption::state::{DefaultKey, EbsAction};
use shared::resources::ec2::image::Images;
use shared::resources::ec2::image_block_public_access::ImageBlockPublicAccess;
use shared::resources::ec2::instance::InstanceMetadata;
use shared::resources::ec2::instance::state::{Switch, Tokens};
use shared::resources::ec2::metadata_defaults::MetadataDefaults;
use shared::resources::ec2::metadata_defaults::state::{Preference, SetDefaults};
use shared::resources::ec2::serial_console::SerialConsole;
use shared::resources::ec2::sharing::{Entries, Grantee, Shareable, Shared, SharedRef, SharingAction};
use shared::resources::ec2::snapshot::Snapshots;
use shared::resources::ec2::snapshot_block_public_access::SnapshotBlockPublicAccess;

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    let world = Ec2::new(&script.clients.config);
    Some(match script.call.name.as_str() {
        "ModifySnapshotAttribute" => shared(script, world, Snapshots, Shareable::Snapshot).await,
        "ModifyImageAttribute" => shared(script, world, Images, Shareable::Image).await,
        "RunInstances" | "ModifyInstanceMetadataOptions" => instances(script).await,
        "DisableEbsEncryptionByDefault" => encryption(script, world).await,
        "ModifyEbsDefaultKmsKeyId" | "ResetEbsDefaultKmsKeyId" => default_key(script, world).await,
        "EnableSerialConsoleAccess" => {
            let stage = setting(script);
            Ok(stage.then(async move { set(&world, SerialConsole, (), true).await }))
        }
        "ModifyInstanceMetadataDefaults" => metadata_defaults(script, world).await,
        "DisableSnapshotBlockPublicAccess" | "EnableSnapshotBlockPublicAccess" => snapshot_block(script, world).await,
        "DisableImageBlockPublicAccess" => image_block(script, world).await,
        _ => return None,
    })
}

fn setting(script: &Script<'_>) -> Stage {
    Stage::new(script.event.clone(), "played by the account's settings").seen(View::Settings)
}

/// A snapshot or an image, that no other account may use at first.
async fn shared<F>(script: &Script<'_>, world: Ec2, family: F, what: Shareable) -> Result<Stage>
where
    F: Family<Key = SharedRef, State = Shared>,
{
    let target = script.target(family)?;
    let own = match what {
        Shareable::Snapshot => snapshot(script.clients).await?,
        Shareable::Image => image(script.clients).await?,
    };
    let grants = target.proven.map(|shared| shared.grants).unwrap_or_default();
    let mut grantees: Vec<Grantee> = grants.into_iter().map(|grant| grant.to).collect();
    if grantees.is_empty() {
        grantees.push(Grantee::Everyone);
    }
    let view = match what {
        Shareable::Snapshot => View::Snapshot(own.clone()),
        Shareable::Image => View::Image(own.clone()),
    };
    let stage = script.played(&target.key.id, &own)?.seen(view);
    let share = SharingAction::Share(Entries { what, id: own, grantees });
    Ok(stage.then(async move { done(&world, &share).await }))
}

async fn snapshot(clients: &Clients) -> Result<String> {
    let zone = format!("{}a", clients.config.region().map(ToString::to_string).unwrap_or_default());
    let volume = clients.ec2.create_volume().availability_zone(zone).size(1).send().await?;
    let made = clients.ec2.create_snapshot().volume_id(volume.volume_id().unwrap_or_default()).send().await?;
    Ok(made.snapshot_id.ok_or("no snapshot was made")?)
}

pub(super) async fn image(clients: &Clients) -> Result<String> {
    Ok(clients.ec2.register_image().name("yours").send().await?.image_id.ok_or("no image was made")?)
}

/// Instances, which answer without tokens: AWS launches them so where nothing says otherwise.
async fn instances(script: &Script<'_>) -> Result<Stage> {
    let (mut event, mut notes, mut made) = (script.event.clone(), Vec::new(), Vec::new());
    for target in InstanceMetadata.locate(&script.call)? {
        let image = image(script.clients).await?;
        let call = script.clients.ec2.run_instances().image_id(image).instance_type(InstanceType::T3Micro);
        let launched = call.min_count(1).max_count(1).send().await?.instances.unwrap_or_default();
        let own =
            launched.into_iter().next().and_then(|instance| instance.instance_id).ok_or("no instance was launched")?;
        event = renamed(&event, &target.key.id, &own)?;
        notes.push(format!("{own} in place of {}", target.key.id));
        made.push(own);
    }
    if notes.is_empty() {
        return Err("it names no instance".into());
    }
    Ok(Stage::new(event, format!("played by {}", notes.join(", "))).seen(View::Instances(made)))
}

async fn encryption(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    done(&world, &EbsAction::Encrypt).await?;
    Ok(setting(script).then(async move { done(&world, &EbsAction::DoNotEncrypt).await }))
}

/// Another key is the default at first.
async fn default_key(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    let region = &script.call.region;
    let key = |name: &str| DefaultKey::Customer(format!("arn:aws:kms:{region}:{ACCOUNT}:key/{name}"));
    done(&world, &EbsAction::Encrypt).await?;
    done(&world, &EbsAction::UseKey(key("11111111-0000-0000-0000-000000000000"))).await?;
    let named = script.target(EbsEncryption)?.proven.and_then(|state| state.key.known().cloned());
    let new = EbsAction::UseKey(named.unwrap_or_else(|| key("22222222-0000-0000-0000-000000000000")));
    let stage = setting(script).remembered("ebs-encryption-default");
    Ok(stage.then(async move { done(&world, &new).await }))
}

/// Tokens are the default at first, and enforced.
async fn metadata_defaults(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    let good = SetDefaults {
        tokens: Some(Preference::Set(Tokens::Required)),
        enforced: Some(Preference::Set(Switch::Enabled)),
    };
    done(&world, &good).await?;
    let asked = script.target(MetadataDefaults)?.proven;
    let bad = match asked {
        Some(asked) => SetDefaults { tokens: asked.tokens.known().copied(), enforced: asked.enforced.known().copied() },
        None => SetDefaults { tokens: Some(Preference::Set(Tokens::Optional)), enforced: None },
    };
    let stage = setting(script).remembered("instance-metadata-defaults");
    Ok(stage.then(async move { done(&world, &bad).await }))
}

/// Everything is blocked at first.
async fn snapshot_block(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    set(&world, SnapshotBlockPublicAccess, (), Blocking::BlockAllSharing).await?;
    let level = script.target(SnapshotBlockPublicAccess)?.key.made.unwrap_or(Blocking::Unblocked);
    let stage = setting(script).remembered("snapshot-block-public-access");
    Ok(stage.then(async move { set(&world, SnapshotBlockPublicAccess, (), level).await }))
}

async fn image_block(script: &Script<'_>, world: Ec2) -> Result<Stage> {
    set(&world, ImageBlockPublicAccess, (), true).await?;
    Ok(setting(script).then(async move { set(&world, ImageBlockPublicAccess, (), false).await }))
}
