//! The policy of an ECR registry.

use super::{GET, Registry};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::ecr::client::Ecr;

/// ECR's word for a registry that has no policy.
const NONE: &str = "RegistryPolicyNotFoundException";

serves_policies!(Ecr: Registry);

impl PolicyClient<Registry> for Ecr {
    async fn read(&self, (): &(), _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.client.get_registry_policy().send().await {
            Ok(answer) => Ok(Observed::Known(Read::of(answer.policy_text))),
            Err(error) => match failure(&error) {
                failure if failure.code == NONE => Ok(Observed::Known(Read::of(None))),
                failure => failure.of_read(GET.action),
            },
        }
    }

    async fn write(
        &self,
        (): &(),
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match document {
            Some(document) => {
                let answer = self.client.put_registry_policy().policy_text(document).send().await;
                done(answer, permission)
            }
            None => {
                let answer = self.client.delete_registry_policy().send().await;
                done(answer, permission)
            }
        }
    }

    async fn list(&self, _: Option<&str>) -> Result<Observed<Listed<()>>, ReadError> {
        Ok(Observed::Known(Listed { found: vec![()], next: None }))
    }
}
