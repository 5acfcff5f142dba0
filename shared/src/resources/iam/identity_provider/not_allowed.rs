//! IAM-14: nobody vouches for people and workloads from outside but the providers that policy names.

use super::state::DELETE_OIDC_PROVIDER;
use super::state::{Change, Protocol, Provider, ProviderAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::matches_pattern;

/// See the module.
pub struct IdentityProviderNotAllowed;

/// How the SAML providers of IAM Identity Center begin.
const IDENTITY_CENTER: &str = "AWSSSO_";

static ABOUT: About = About {
    name: "identity-provider-not-allowed",
    catalogue_id: "IAM-14",
    title: "Identity provider added or changed",
    description: "A SAML or OIDC provider was made, or what it vouches by was changed (SAML metadata, audiences, thumbprints), and \
        it is not among `allowed_providers`. Whoever runs the provider becomes whichever role trusts it. Identity Center's own \
        (`AWSSSO_...`, by its service-linked role) is left alone; one that somebody else gives such a name is not. Where \
        `allowed_providers` names any, a provider that stands in the account and is not among them is told as well.",
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
    remediation: "Only tells, unless `max_class` is R2: then an OIDC provider that was just made is deleted. SAML providers and \
        changes are only told about: the metadata that stood before is not in the record.",
    actions: &[DELETE_OIDC_PROVIDER],
};

impl Guardrail<Provider, ProviderAction> for IdentityProviderNotAllowed {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Provider, terms: &Terms<'_>) -> Verdict {
        let allowed = &terms.policy.guardrails.identity_provider_not_allowed.settings.allowed_providers;
        let (name, arn) = (state.provider.name(), &state.provider.arn);
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
                format!("{word} `{name}` was made, named like Identity Center's and not made by it")
            }
            Change::Created => format!("{word} `{name}` was made"),
            Change::Changed(what) => format!("{what} of {word} `{name}` changed"),
            Change::Standing if allowed.is_empty() => return Verdict::Compliant,
            Change::Standing => format!("{word} `{name}` stands in the account"),
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
