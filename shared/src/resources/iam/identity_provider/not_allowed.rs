//! IAM-14: only the providers that policy names vouch for people and workloads from outside.

use super::state::DELETE_OIDC_PROVIDER;
use super::state::{Change, Protocol, Provider, ProviderAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::planned::in_account;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct IdentityProviderNotAllowed;

/// How the SAML providers of IAM Identity Center begin.
const IDENTITY_CENTER: &str = "AWSSSO_";

/// Which identity providers may be in an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProviderSettings {
    /// Names of SAML providers, issuers of OIDC providers without `https://`, or ARNs; `*` and `?` match as in IAM.
    pub allowed_providers: Vec<String>,
}

impl GuardrailSettings for ProviderSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_providers", entries: &self.allowed_providers, holds: PROVIDERS }]
    }
}

const PROVIDERS: Holds = Holds {
    shapes: &["%", "%/*", "arn:%:iam::%:saml-provider/*", "arn:%:iam::%:oidc-provider/*"],
    form: "the name of a SAML provider, the issuer of an OIDC provider without `https://`, or an ARN",
    everything: Some("allows every provider: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "identity-provider-not-allowed",
    catalogue_id: "IAM-14",
    title: "Identity provider is not allowed",
    description: "A SAML or OIDC provider was created, or its trust settings (SAML metadata, audiences, thumbprints) \
        were changed, and it is not among `allowed_providers`. The operator of the provider can become any role that \
        trusts it. Identity Center's own provider (`AWSSSO_...`, created by its service-linked role) complies; one \
        that another principal gives such a name does not. If `allowed_providers` names any, existing providers that \
        are not among them are notified as well.",
    severity: Severity::High,
    class: Class::R2,
    controls: &[],
    technique: "T1484.002",
    triggers: &[
        "AddClientIDToOpenIDConnectProvider",
        "CreateOpenIDConnectProvider",
        "CreateSAMLProvider",
        "UpdateOpenIDConnectProviderThumbprint",
        "UpdateSAMLProvider",
    ],
    remediation: "Only notifies, unless `max_class` is R2: then an OIDC provider that was just created is deleted. \
        SAML providers and changes are always only notified, because the record does not contain the previous \
        metadata.",
    actions: &[DELETE_OIDC_PROVIDER],
    ids: &["arn:%:iam::%:saml-provider/*", "arn:%:iam::%:oidc-provider/*"],
    not_watched: &[
        ("RemoveClientIDFromOpenIDConnectProvider", "it only removes an audience"),
        ("DeleteSAMLProvider, DeleteOpenIDConnectProvider", "they only remove access"),
    ],
};

impl Guardrail<Provider, ProviderAction> for IdentityProviderNotAllowed {
    type Settings = ProviderSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Provider, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        let allowed = &settings.allowed_providers;
        let (name, arn) = (state.provider.name(), &in_account(&state.provider.arn, terms));
        let is_allowed = allowed.iter().any(|pattern| matches_pattern(pattern, name) || matches_pattern(pattern, arn));
        let is_named_so = state.provider.protocol == Protocol::Saml && name.starts_with(IDENTITY_CENTER);
        let is_its_own = is_named_so && (state.is_identity_center || state.change == Change::Standing);
        if is_allowed || is_its_own {
            return Verdict::Compliant;
        }
        let word = match state.provider.protocol {
            Protocol::Saml => "SAML provider",
            Protocol::Oidc => "OIDC provider",
        };
        let what = match &state.change {
            Change::Created if is_named_so => {
                format!("{word} `{name}` was created, named like Identity Center's, but not created by it")
            }
            Change::Created => format!("{word} `{name}` was created"),
            Change::Changed(what) => format!("{what} of {word} `{name}` changed"),
            Change::Standing if allowed.is_empty() => return Verdict::Compliant,
            Change::Standing => format!("{word} `{name}` exists in the account"),
        };
        let why = format!("{what}, and it is not among `allowed_providers`");
        let evidence = vec![Evidence { element: arn.clone(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, state: &Provider, _: &Violation, _: &Terms<'_>) -> Plan<ProviderAction> {
        match (&state.change, &state.parts) {
            (Change::Created, Some(parts)) => {
                Plan::one(ProviderAction::Delete(state.provider.clone()), ProviderAction::Create(parts.clone()))
            }
            (Change::Created | Change::Changed(_) | Change::Standing, _) => Plan::default(),
        }
    }
}
