//! KMS key rotation stays enabled.
use shared::engine::setting::prelude::*;

const READ: Permission = Permission::on("kms:GetKeyRotationStatus", &["kms:${Region}:${Account}:key/*"]);
const ENABLE: Permission = Permission::on("kms:EnableKeyRotation", &["kms:${Region}:${Account}:key/*"]);
const DISABLE: Permission = Permission::on("kms:DisableKeyRotation", &["kms:${Region}:${Account}:key/*"]);

/// Rotation of customer managed keys.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct KeyRotation;

/// A key, and whether it is rotated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    pub id: String,
    pub is_rotated: bool,
}

impl Setting for KeyRotation {
    type Key = String;
    type State = Key;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "kms-key-rotation";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "kms-key-rotation-off",
        catalogue_id: "KMS-01",
        title: "Rotation of a KMS key is disabled",
        description: "Automatic rotation of a customer managed key was disabled.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["KMS.4"],
        technique: "T1562",
        triggers: &["DisableKeyRotation"],
        remediation: "Enables rotation again. Key material and aliases stay as they are.",
        actions: &[ENABLE],
        ids: &["arn:%:kms:%:%:key/%"],
        not_watched: &[("ScheduleKeyDeletion", "a key that is to be deleted is not rotated any more")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["enable"], ENABLE, "enable rotation of key {}", "aws kms enable-key-rotation --key-id {}"),
        Call::new(
            false,
            &["disable"],
            DISABLE,
            "disable rotation of key {}",
            "aws kms disable-key-rotation --key-id {}",
        ),
    ];

    /// The request names the key; a call that succeeded has disabled its rotation.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, Key>>, Unlocatable> {
        if !event.is_one_of("kms.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no key");
        let id = event.request.text(&["keyId"]).ok_or_else(unnamed)?.to_owned();
        Ok(vec![Target { key: id.clone(), proven: Some(Key { id, is_rotated: false }), changed: None }])
    }

    fn named(id: &String, Place { partition, account, region }: &Place) -> Resource {
        Resource { id: format!("arn:{partition}:kms:{region}:{account}:key/{id}"), kind: "AwsKmsKey", name: id.clone() }
    }

    fn shown(key: &Key) -> Shown<String, bool> {
        Shown::of(key.id.clone(), key.is_rotated, "key rotation")
    }

    fn why(key: &Key, _: &Terms<'_>) -> String {
        format!("rotation of KMS key `{}` is disabled", key.id)
    }
}
