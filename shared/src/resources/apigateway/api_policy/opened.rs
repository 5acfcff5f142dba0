//! RES-09: the policy of a REST API lets in whom it is meant for.
//!
//! That a stranger may call an API over the internet is what APIs are for, and its authorizers decide on. So a policy is held against what it is there for: to
//! keep a private API to VPC endpoints that it names, to name the accounts that may call, and not to be gone.

use super::{ApiChange, TRIGGERS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::resource_policy::trusting;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List};
use iam_policy::{Access, Context, Document, Grant, Outsider, reach};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ApiPolicyOpened;

/// Whom the policy of an API may name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiPolicySettings {
    /// Accounts that may be granted access to APIs, beside `trusted_accounts`: twelve digits each.
    pub allowed_accounts: Vec<String>,
    /// VPCs of your own (`vpc-…`). A grant that is limited to a VPC complies, unless this list is there and does not name it.
    pub allowed_vpcs: Vec<String>,
    /// VPC endpoints of your own (`vpce-…`); the same holds.
    pub allowed_endpoints: Vec<String>,
}

impl GuardrailSettings for ApiPolicySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "allowed_accounts", entries: &self.allowed_accounts, holds: ACCOUNTS },
            List { name: "allowed_vpcs", entries: &self.allowed_vpcs, holds: VPCS },
            List { name: "allowed_endpoints", entries: &self.allowed_endpoints, holds: ENDPOINTS },
        ]
    }
}

const ACCOUNTS: Holds = Holds { shapes: &["%"], form: "an account of twelve digits", everything: None };
const VPCS: Holds = Holds { shapes: &["vpc-%"], form: "the id of a VPC", everything: None };
const ENDPOINTS: Holds = Holds { shapes: &["vpce-%"], form: "the id of a VPC endpoint", everything: None };

static ABOUT: About = About {
    name: "api-gateway-policy-opened",
    catalogue_id: "RES-09",
    title: "The resource policy of a REST API was opened",
    description: "The policy of a private REST API does not keep it to VPC endpoints, VPCs or accounts, so that every account can call it through an endpoint of its own; \
        a private API was made reachable over the internet; the policy of an API that is reached over the internet was removed; or a policy allows an account, organization or \
        identity that is not trusted (`trusted_accounts`, `trusted_organizations`, `allowed_accounts`). That a policy lets everyone call an API over the internet complies: \
        authorizers and the methods decide on that, and whether another policy stood there before shows in no record.",
    severity: Severity::High,
    class: Class::R0,
    controls: &[],
    technique: "T1190",
    triggers: TRIGGERS,
    remediation: "Notifies: a policy takes effect with a deployment of the API, which also brings into effect whatever else was changed since the last one. Only the owner can \
        decide on that.",
    actions: &[],
    ids: &["arn:%:apigateway:%::/restapis/%"],
    not_watched: &[
        ("CreateDeployment", "it brings into effect what the policy said before"),
        ("PutRestApi, ImportRestApi of a document", "where the response shows no policy, the record shows none at all"),
        ("CreateDomainName, UpdateDomainName", "the policy of a private custom domain name is another one"),
    ],
};

impl Guardrail<ApiChange, NoAction> for ApiPolicyOpened {
    type Settings = ApiPolicySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, change: &ApiChange, terms: &Terms<'_>) -> Verdict {
        let id = &change.id;
        let mut evidence = Vec::new();
        let mut found = |element: &str, why: String| evidence.push(Evidence { element: element.to_owned(), why });
        if change.was_private {
            found("endpoint type", format!("API `{id}` was private and can be reached over the internet now"));
        }
        if change.is_removed && change.is_private != Some(true) {
            found(
                "no policy",
                format!(
                    "the policy of API `{id}` was removed: only its authorizers keep out a caller that reaches its endpoint"
                ),
            );
        }
        let mut unknown = None;
        match &change.policy {
            Observed::Known(text) => {
                let seen = reach(&Document::parse(text), &self.context(terms));
                for grant in &seen.grants {
                    match is_open(grant, change.is_private) {
                        Some(true) => {
                            let element = format!("{} by {}", grant.principal, grant.actions.join(", "));
                            found(&element, format!("policy of API `{id}`: {grant}"));
                        }
                        Some(false) => {}
                        None => unknown = unknown.or_else(|| Some(open_question(grant))),
                    }
                }
                unknown = seen.problems.first().map(ToString::to_string).or(unknown);
            }
            Observed::Absent => {}
            Observed::Unknown { why } => unknown = Some(why.clone()),
        }
        match (evidence.is_empty(), unknown) {
            (false, _) => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            (true, Some(why)) => {
                Verdict::Undetermined { why: format!("what the policy of API `{id}` allows is unknown: {why}") }
            }
            (true, None) => Verdict::Compliant,
        }
    }

    fn plan(&self, _: &ApiChange, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}

impl ApiPolicyOpened {
    fn context(&self, terms: &Terms<'_>) -> Context {
        let settings = terms.settings(self);
        Context {
            vpcs: settings.allowed_vpcs.clone(),
            endpoints: settings.allowed_endpoints.clone(),
            ..trusting(&terms.place.account, &settings.allowed_accounts, terms)
        }
    }
}

/// Whether a grant is a violation; none where the record does not show what decides.
fn is_open(grant: &Grant, is_private: Option<bool>) -> Option<bool> {
    match grant.access {
        // Of an API on the internet, everyone may be let in.
        Access::Public => is_private,
        Access::External => {
            let is_party = |outsider: &Outsider| match outsider {
                Outsider::Network(_) => false,
                Outsider::Vpc(_) | Outsider::Endpoint(_) => is_private == Some(true),
                _ => true,
            };
            Some(grant.outsiders.iter().any(is_party))
        }
        Access::Undetermined => None,
        Access::Internal | Access::None => Some(false),
    }
}

fn open_question(grant: &Grant) -> String {
    match grant.access {
        Access::Public => format!("{grant}; the record does not show whether the API is private"),
        Access::External | Access::Undetermined | Access::Internal | Access::None => grant.to_string(),
    }
}
