//! Policies of secrets.

use super::{GET, LIST, Secrets};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::secretsmanager::client::SecretsManager;

serves_policies!(SecretsManager: Secrets);

impl PolicyClient<Secrets> for SecretsManager {
    async fn read(&self, secret: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.client.get_resource_policy().secret_id(secret).send().await {
            Ok(answer) => Ok(Observed::Known(Read::of(answer.resource_policy))),
            Err(error) => failure(&error).of_read(GET.action),
        }
    }

    async fn write(
        &self,
        secret: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match document {
            Some(document) => {
                let call = self.client.put_resource_policy().secret_id(secret).resource_policy(document);
                done(call.send().await, permission)
            }
            None => {
                let answer = self.client.delete_resource_policy().secret_id(secret).send().await;
                done(answer, permission)
            }
        }
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let answer = match self.client.list_secrets().set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        // A replica has the policy of its primary secret, and can be written there alone.
        let here = self.client.config().region().map(ToString::to_string);
        let own = answer
            .secret_list()
            .iter()
            .filter(|secret| secret.primary_region().is_none_or(|region| Some(region) == here.as_deref()));
        let found = own.filter_map(|secret| secret.arn().map(str::to_owned)).collect();
        Ok(Observed::Known(Listed { found, next: answer.next_token }))
    }
}
