//! IAM: identity providers.

use super::IdentityProviders;
use super::state::{Change, Protocol, Provider, ProviderAction, ProviderRef};
use super::{GET_OIDC_PROVIDER, GET_SAML_PROVIDER, LIST_OIDC_PROVIDERS, LIST_SAML_PROVIDERS};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::iam::client::Iam;
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::Tag;

impl Observe<IdentityProviders> for Iam {
    /// Whether it is there: what it is made of is not read.
    async fn observe(&self, key: &ProviderRef, _: ReadDepth) -> Result<Observed<Provider>, ReadError> {
        match key.protocol {
            Protocol::Oidc => {
                let call = self.client.get_open_id_connect_provider().open_id_connect_provider_arn(&key.arn);
                if let Err(error) = call.send().await {
                    return failure(&error).of_read(GET_OIDC_PROVIDER.action);
                }
            }
            Protocol::Saml => {
                let call = self.client.get_saml_provider().saml_provider_arn(&key.arn);
                if let Err(error) = call.send().await {
                    return failure(&error).of_read(GET_SAML_PROVIDER.action);
                }
            }
        }
        Ok(Observed::Known(standing(key.clone())))
    }
}

impl Apply<ProviderAction> for Iam {
    async fn apply(&self, action: &ProviderAction) -> Result<Applied, ApplyError> {
        let done = |id: Option<&str>| Applied { request_id: id.map(str::to_owned), ..Applied::default() };
        let permission = action.permission();
        match action {
            ProviderAction::Delete(provider) => {
                let call = self.client.delete_open_id_connect_provider().open_id_connect_provider_arn(&provider.arn);
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
            ProviderAction::Create(parts) => {
                let mut call = self.client.create_open_id_connect_provider().url(&parts.url);
                for (key, value) in &parts.tags {
                    let tag = Tag::builder().key(key).value(value).build();
                    call = call.tags(tag.map_err(|error| ApplyError::Refused {
                        code: "not sent".to_owned(),
                        message: error.to_string(),
                    })?);
                }
                let call = call
                    .set_client_id_list(Some(parts.clients.clone()).filter(|list| !list.is_empty()))
                    .set_thumbprint_list(Some(parts.thumbprints.clone()).filter(|list| !list.is_empty()));
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
        }
    }
}

impl List<IdentityProviders> for Iam {
    /// Both lists are short, and answered as a whole: IAM allows a hundred of each.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<IdentityProviders>>, ReadError> {
        let oidc = match self.client.list_open_id_connect_providers().send().await {
            Ok(answer) => answer.open_id_connect_provider_list.unwrap_or_default(),
            Err(error) => return failure(&error).of_read(LIST_OIDC_PROVIDERS.action),
        };
        let saml = match self.client.list_saml_providers().send().await {
            Ok(answer) => answer.saml_provider_list.unwrap_or_default(),
            Err(error) => return failure(&error).of_read(LIST_SAML_PROVIDERS.action),
        };
        let oidc = oidc.into_iter().map(|entry| (Protocol::Oidc, entry.arn));
        let saml = saml.into_iter().map(|entry| (Protocol::Saml, entry.arn));
        let found = oidc.chain(saml).filter_map(|(protocol, arn)| {
            let key = ProviderRef { arn: arn?, protocol };
            Some((key.clone(), Observed::Known(standing(key))))
        });
        Ok(Observed::Known(Page { found: found.collect(), next: None }))
    }
}

fn standing(provider: ProviderRef) -> Provider {
    Provider { provider, change: Change::Standing, is_identity_center: false, parts: None }
}
