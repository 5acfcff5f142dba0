//! Policies of ECR repositories.

use super::{GET, LIST, Repositories};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::ecr::client::Ecr;

/// ECR's word for a repository that has no policy.
const NONE: &str = "RepositoryPolicyNotFoundException";

serves_policies!(Ecr: Repositories);

impl PolicyClient<Repositories> for Ecr {
    async fn read(&self, name: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.client.get_repository_policy().repository_name(name).send().await {
            Ok(answer) => Ok(Observed::Known(Read::of(answer.policy_text))),
            Err(error) => match failure(&error) {
                failure if failure.code == NONE => Ok(Observed::Known(Read::of(None))),
                failure => failure.of_read(GET.action),
            },
        }
    }

    async fn write(
        &self,
        name: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match document {
            Some(document) => {
                let call = self.client.set_repository_policy().repository_name(name).policy_text(document);
                done(call.send().await, permission)
            }
            None => {
                let answer = self.client.delete_repository_policy().repository_name(name).send().await;
                done(answer, permission)
            }
        }
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let answer = match self.client.describe_repositories().set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        let names = answer.repositories().iter().filter_map(|one| one.repository_name().map(str::to_owned)).collect();
        Ok(Observed::Known(Listed { found: names, next: answer.next_token }))
    }
}
