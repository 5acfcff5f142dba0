//! Encryption of new volumes as a plan of Terraform sets it: the switch and the key are resources of their own.

use super::state::{DefaultKey, EbsEncryption, not_looked};
use super::{default_key_changed, default_off};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<EbsEncryption>] = &[
    PlannedForm::one("aws_ebs_encryption_by_default", switch).only(&default_off::ABOUT),
    PlannedForm::one("aws_ebs_default_kms_key", key).only(&default_key_changed::ABOUT),
];

/// Managing it enables encryption unless it says otherwise (Terraform's documentation of the resource).
fn switch(it: &PlannedResource<'_>) -> Result<Option<EbsEncryption>, Unreadable> {
    let is_on = Observed::Known(it.flag("enabled")?.unwrap_or(true));
    Ok(Some(EbsEncryption { is_on, ..of_the_key(DefaultKey::AwsManaged) }))
}

fn key(it: &PlannedResource<'_>) -> Result<Option<EbsEncryption>, Unreadable> {
    Ok(it.text("key_arn")?.map(|arn| of_the_key(DefaultKey::read(&arn))))
}

fn of_the_key(key: DefaultKey) -> EbsEncryption {
    EbsEncryption {
        is_on: Observed::Known(true),
        key: Observed::Known(key),
        before: Observed::Absent,
        key_was_changed: false,
        made_unencrypted: not_looked(),
    }
}
