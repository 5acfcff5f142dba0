//! The features of IAM for an organization.

use super::credentials::ManagesCredentials;
use super::sessions::RunsSessions;
use super::{Feature, FeatureRef, LIST, RootFeature, RootFeatures};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::iam::client::Iam;

impl<F: RootFeature> Observe<RootFeatures<F>> for Iam {
    async fn observe(&self, key: &FeatureRef, _: ReadDepth) -> Result<Observed<Feature>, ReadError> {
        let answer = match self.client.list_organizations_features().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        let Some(enabled) = answer.enabled_features else {
            return Ok(Observed::Unknown { why: "the answer does not show which features are enabled".to_owned() });
        };
        let is_enabled = enabled.iter().any(|feature| feature.as_str() == F::NAME);
        Ok(Observed::Known(Feature { by: key.by.clone(), is_enabled }))
    }
}

impl<F: RootFeature> List<RootFeatures<F>> for Iam {
    /// Whether an organization wants a feature that it does not have is not known: nothing is listed.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<RootFeatures<F>>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}

impl Apply<Set<RootFeatures<ManagesCredentials>>> for Iam {
    async fn apply(&self, action: &Set<RootFeatures<ManagesCredentials>>) -> Result<Applied, ApplyError> {
        if action.value() {
            let call = self.client.enable_organizations_root_credentials_management();
            done(call.send().await, action.permission())
        } else {
            let call = self.client.disable_organizations_root_credentials_management();
            done(call.send().await, action.permission())
        }
    }
}

impl Apply<Set<RootFeatures<RunsSessions>>> for Iam {
    async fn apply(&self, action: &Set<RootFeatures<RunsSessions>>) -> Result<Applied, ApplyError> {
        if action.value() {
            done(self.client.enable_organizations_root_sessions().send().await, action.permission())
        } else {
            done(self.client.disable_organizations_root_sessions().send().await, action.permission())
        }
    }
}
