//! Encryption of new EBS volumes. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::ebs_encryption::EbsEncryption;
use shared::resources::ec2::ebs_encryption::state::{
    Asks, DefaultKey, EbsAction, EbsEncryption as State, EbsRef, Made, not_looked,
};

fn not_asked<T>() -> Observed<T> {
    Observed::Unknown { why: "not asked for".to_owned() }
}

impl Living for EbsEncryption {
    fn change(live: &mut Observed<State>, action: &EbsAction) -> Result<(), ApplyError> {
        let Observed::Known(setting) = live else { return Err(not_there("nothing lives here")) };
        match action {
            EbsAction::Encrypt => setting.is_on = Observed::Known(true),
            EbsAction::DoNotEncrypt => setting.is_on = Observed::Known(false),
            EbsAction::UseKey(key) => setting.key = Observed::Known(key.clone()),
        }
        Ok(())
    }

    /// As the function reads: only the part that was asked for.
    fn read(live: &Observed<State>, key: &EbsRef) -> Observed<State> {
        let Observed::Known(setting) = live else { return live.clone() };
        let mut seen = setting.clone();
        match key.asks {
            Asks::Encryption { .. } => seen.key = not_asked(),
            Asks::Key => (seen.is_on, seen.made_unencrypted) = (not_asked(), not_looked()),
            Asks::Both => seen.made_unencrypted = not_looked(),
        }
        Observed::Known(seen)
    }

    /// `EbsEncryptionByDefault`, `KmsKeyId`, and `Volumes` made unencrypted in the window.
    fn live(value: &Value) -> Observed<State> {
        let volumes = value["Volumes"].as_array().map(|volumes| {
            let volumes = volumes.iter().map(|volume| volume.as_str().unwrap().to_owned()).collect();
            Observed::Known(Made { volumes, is_cut: false })
        });
        Observed::Known(State {
            is_on: Observed::Known(value["EbsEncryptionByDefault"].as_bool().unwrap()),
            key: Observed::Known(DefaultKey::read(value["KmsKeyId"].as_str().unwrap())),
            before: Observed::Absent,
            key_was_changed: false,
            made_unencrypted: volumes.unwrap_or_else(not_looked),
        })
    }

    fn lines(live: &Observed<State>) -> Vec<String> {
        let Observed::Known(setting) = live else { return Vec::new() };
        let is_on = setting.is_on.known().map(|is_on| format!("encryption by default {is_on}"));
        let key = setting.key.known().map(|key| format!("default key {key}"));
        is_on.into_iter().chain(key).collect()
    }

    fn samples() -> Vec<Value> {
        vec![
            json!("encrypt"),
            json!("do-not-encrypt"),
            json!({"use-key": "aws-managed"}),
            json!({"use-key": {"customer": "arn:aws:kms:::key/1"}}),
        ]
    }
}
