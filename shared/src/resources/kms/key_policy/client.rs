//! Policies of KMS keys.

use super::{GET, Keys, LAST_USAGE};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::kms::client::Kms;
use crate::resources::kms::key::LIST_KEYS;
use aws_smithy_types::date_time::Format;

serves_policies!(Kms: Keys);

impl Kms {
    /// When the key was used last, for a person.
    async fn last_usage(&self, id: &str) -> String {
        let Ok(answer) = self.client.get_key_last_usage().key_id(id).send().await else {
            return format!("when the key was used last is unknown: `{}` failed", LAST_USAGE.action);
        };
        let day = |time: &aws_smithy_types::DateTime| time.fmt(Format::DateTime).unwrap_or_default();
        match answer.key_last_usage().and_then(|usage| usage.timestamp()) {
            Some(time) => format!("the key was used last on {}", day(time)),
            None => {
                let since = answer.tracking_start_date().map(day).unwrap_or_default();
                format!("AWS has recorded no use of the key since {since}")
            }
        }
    }
}

impl PolicyClient<Keys> for Kms {
    async fn read(&self, id: &String, depth: ReadDepth) -> Result<Observed<Read>, ReadError> {
        let answer = match self.client.get_key_policy().key_id(id).policy_name("default").send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET.action),
        };
        let felt = match depth {
            ReadDepth::Full => vec![self.last_usage(id).await],
            ReadDepth::Quick => Vec::new(),
        };
        Ok(Observed::Known(Read { felt, ..Read::of(answer.policy) }))
    }

    async fn write(
        &self,
        id: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let call = self.client.put_key_policy().key_id(id).policy_name("default");
        let answer = call.policy(document.unwrap_or_default()).send().await;
        done(answer, permission)
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let answer = match self.client.list_keys().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_KEYS.action),
        };
        let found = answer.keys().iter().filter_map(|key| key.key_id().map(str::to_owned)).collect();
        Ok(Observed::Known(Listed { found, next: answer.next_marker }))
    }
}
