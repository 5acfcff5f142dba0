//! An identity provider. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::identity_provider::IdentityProviders;
use shared::resources::iam::identity_provider::state::{Provider, ProviderAction, ProviderRef};

impl Living for IdentityProviders {
    fn change(live: &mut Observed<Provider>, action: &ProviderAction) -> Result<(), ApplyError> {
        match (&*live, action) {
            (Observed::Known(there), ProviderAction::Delete(provider)) => {
                assert_eq!(&there.provider, provider, "a call about another provider");
                *live = Observed::Absent;
                Ok(())
            }
            (Observed::Absent, ProviderAction::Create(parts)) => {
                *live = Observed::Known(Provider {
                    provider: parts.provider.clone(),
                    change: shared::resources::iam::identity_provider::state::Change::Standing,
                    is_identity_center: false,
                    parts: Some(parts.clone()),
                });
                Ok(())
            }
            (_, ProviderAction::Delete(_)) => Err(not_there("NoSuchEntity")),
            (_, ProviderAction::Create(_)) => Err(not_there("EntityAlreadyExists")),
        }
    }

    fn read(live: &Observed<Provider>, key: &ProviderRef) -> Observed<Provider> {
        if let Observed::Known(there) = live {
            assert_eq!(&there.provider, key, "a look at another provider");
        }
        live.clone()
    }

    fn live(_: &Value) -> Observed<Provider> {
        panic!("what the record proves is all that a fixture of providers needs")
    }

    fn lines(live: &Observed<Provider>) -> Vec<String> {
        live.known().map(|there| there.provider.arn.clone()).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let provider = json!({"arn": "arn:aws:iam::1:oidc-provider/ci.example", "protocol": "oidc"});
        let parts = json!({"provider": provider, "url": "https://ci.example", "clients": [], "thumbprints": [],
            "tags": []});
        vec![json!({ "delete": provider }), json!({ "create": parts })]
    }
}
