//! The planned lens: the rotation of a key of a file.
//!
//! It is off unless it is asked for ("AWS::KMS::Key", CloudFormation user guide), and its period is 365 days. As for the sweep, keys count alone that KMS can
//! rotate and that are enabled.

use super::state::Rotation;
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<Rotation>] = &[
    PlannedForm::one("AWS::KMS::Key", |it| {
        let is_external = it.text("Origin")?.is_some_and(|origin| origin != "AWS_KMS") || !encrypts(it, "KeyUsage")?;
        planned(it, is_external, ["KeySpec", "Enabled", "EnableKeyRotation", "RotationPeriodInDays"])
    }),
    PlannedForm::one("aws_kms_key", |it| {
        // The id of a store that is made beside it is open, and there all the same.
        let is_in_store = it.properties.get("custom_key_store_id").is_some_and(|id| !id.is_null());
        let is_external = is_in_store || !encrypts(it, "key_usage")?;
        let names = ["customer_master_key_spec", "is_enabled", "enable_key_rotation", "rotation_period_in_days"];
        planned(it, is_external, names)
    }),
];

/// Keys for anything else are not rotated.
fn encrypts(it: &PlannedResource<'_>, usage: &str) -> Result<bool, Unreadable> {
    Ok(it.text(usage)?.is_none_or(|usage| usage == "ENCRYPT_DECRYPT"))
}

fn planned(
    it: &PlannedResource<'_>,
    is_external: bool,
    [spec, enabled, rotation, days]: [&str; 4],
) -> Result<Option<Rotation>, Unreadable> {
    let is_symmetric = it.text(spec)?.is_none_or(|spec| spec == "SYMMETRIC_DEFAULT");
    if is_external || !is_symmetric || it.flag(enabled)? == Some(false) {
        return Ok(None);
    }
    let is_on = it.flag(rotation)? == Some(true);
    let days = if it.is_left_out(days) { Ok(Some(365)) } else { it.number(days) };
    // A period that is open matters only where policy asks for one, and is not shown then.
    let days = days.ok().flatten().filter(|_| is_on);
    Ok(Some(Rotation { id: it.name.to_owned(), is_on, days, before: Observed::Absent }))
}
