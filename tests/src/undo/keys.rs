//! The commands of KMS keys.

use crate::Result;
use crate::aws::Clients;

/// Runs the command that these words are.
pub(super) async fn run(clients: &Clients, words: &[String]) -> Result<()> {
    let kms = aws_sdk_kms::Client::new(&clients.config);
    let at = |name: &str| words.iter().position(|word| word == name);
    let option = |name: &str| at(name).and_then(|at| words.get(at + 1)).cloned();
    let key = option("--key-id").ok_or(format!("{words:?} has no --key-id"))?;
    let number = |name: &str| option(name).and_then(|text| text.parse::<i32>().ok());
    match words.get(2).map(String::as_str) {
        Some("schedule-key-deletion") => {
            let call = kms.schedule_key_deletion().key_id(key);
            call.set_pending_window_in_days(number("--pending-window-in-days")).send().await?;
        }
        Some("cancel-key-deletion") => {
            kms.cancel_key_deletion().key_id(key).send().await?;
        }
        Some("enable-key") => {
            kms.enable_key().key_id(key).send().await?;
        }
        Some("disable-key") => {
            kms.disable_key().key_id(key).send().await?;
        }
        Some("enable-key-rotation") => {
            let call = kms.enable_key_rotation().key_id(key);
            call.set_rotation_period_in_days(number("--rotation-period-in-days")).send().await?;
        }
        Some("disable-key-rotation") => {
            kms.disable_key_rotation().key_id(key).send().await?;
        }
        Some("create-grant") => {
            let after = words.iter().skip_while(|word| *word != "--operations").skip(1);
            let operations = after.take_while(|word| !word.starts_with("--"));
            let operations = operations.map(|word| aws_sdk_kms::types::GrantOperation::from(word.as_str())).collect();
            let call = kms.create_grant().key_id(key).set_grantee_principal(option("--grantee-principal"));
            call.set_operations(Some(operations)).send().await?;
        }
        _ => return Err(format!("{words:?} is not a command that Parapet prints").into()),
    }
    Ok(())
}
