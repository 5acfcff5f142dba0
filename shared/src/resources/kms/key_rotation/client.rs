//! The rotation of KMS keys.

use super::state::{Rotation, RotationAction, RotationRef};
use super::{GET_KEY_ROTATION_STATUS, KeyRotations};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::kms::client::{AT_ONCE, Kms};
use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState, MultiRegionKeyType, OriginType};
use futures_util::{StreamExt, TryStreamExt, stream};

impl Observe<KeyRotations> for Kms {
    async fn observe(&self, key: &RotationRef, _: ReadDepth) -> Result<Observed<Rotation>, ReadError> {
        match self.client.get_key_rotation_status().key_id(&key.id).send().await {
            Ok(answer) => Ok(Observed::Known(rotation(key, &answer))),
            Err(error) => failure(&error).of_read(GET_KEY_ROTATION_STATUS.action),
        }
    }
}

impl List<KeyRotations> for Kms {
    /// The keys that KMS can rotate, each with its rotation.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<KeyRotations>>, ReadError> {
        let page = match self.describe_page(from).await? {
            Observed::Known(page) => page,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let mut found: Vec<(RotationRef, Observed<Rotation>)> = Vec::new();
        let mut rotatable: Vec<RotationRef> = Vec::new();
        for (id, seen) in page.keys {
            match seen {
                Observed::Known(key) if can_be_rotated(&key) => rotatable.push(RotationRef::new(id)),
                Observed::Known(_) | Observed::Absent => {}
                Observed::Unknown { why } => found.push((RotationRef::new(id), Observed::Unknown { why })),
            }
        }
        let read = |key: RotationRef| async move {
            let seen = Observe::<KeyRotations>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let read: Vec<_> = stream::iter(rotatable).map(read).buffered(AT_ONCE).try_collect().await?;
        found.extend(read);
        Ok(Observed::Known(Page { found, next: page.next }))
    }
}

impl Apply<RotationAction> for Kms {
    async fn apply(&self, action: &RotationAction) -> Result<Applied, ApplyError> {
        match action {
            RotationAction::Enable { key, days } => {
                let days = days.and_then(|days| i32::try_from(days).ok());
                let call = self.client.enable_key_rotation().key_id(key).set_rotation_period_in_days(days);
                done(call.send().await, action.permission())
            }
            RotationAction::Disable(key) => {
                done(self.client.disable_key_rotation().key_id(key).send().await, action.permission())
            }
        }
    }
}

/// KMS may show a period of a key that is not rotated: it is none then.
fn rotation(key: &RotationRef, answer: &GetKeyRotationStatusOutput) -> Rotation {
    let is_on = answer.key_rotation_enabled();
    let days = answer.rotation_period_in_days().map(i64::from).filter(|_| is_on);
    Rotation { id: key.id.clone(), is_on, days, before: key.before.clone() }
}

fn can_be_rotated(key: &KeyMetadata) -> bool {
    let set = key.multi_region_configuration().and_then(|set| set.multi_region_key_type());
    key.key_manager() == Some(&KeyManagerType::Customer)
        && key.key_spec() == Some(&KeySpec::SymmetricDefault)
        && key.origin() == Some(&OriginType::AwsKms)
        && key.key_state() == Some(&KeyState::Enabled)
        && set != Some(&MultiRegionKeyType::Replica)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_symmetric_keys_of_the_account_with_material_of_kms_can_be_rotated() {
        let symmetric = || {
            KeyMetadata::builder()
                .key_id("k")
                .key_manager(KeyManagerType::Customer)
                .key_spec(KeySpec::SymmetricDefault)
                .origin(OriginType::AwsKms)
                .key_state(KeyState::Enabled)
        };
        assert!(can_be_rotated(&symmetric().build().unwrap()));
        for other in [
            symmetric().key_manager(KeyManagerType::Aws),
            symmetric().key_spec(KeySpec::Rsa2048),
            symmetric().origin(OriginType::External),
            symmetric().key_state(KeyState::PendingDeletion),
        ] {
            assert!(!can_be_rotated(&other.build().unwrap()));
        }
    }

    #[test]
    fn the_period_of_a_key_that_is_not_rotated_is_none() {
        let shown = |is_on| {
            let answer = GetKeyRotationStatusOutput::builder().key_rotation_enabled(is_on).rotation_period_in_days(180);
            rotation(&RotationRef::new("k".to_owned()), &answer.build()).days
        };
        assert_eq!((shown(true), shown(false)), (Some(180), None));
    }
}
