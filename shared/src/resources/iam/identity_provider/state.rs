//! Identity providers: who may vouch for people and workloads from outside.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const DELETE_OIDC_PROVIDER: Permission =
    Permission::on("iam:DeleteOpenIDConnectProvider", &["iam::${Account}:oidc-provider/*"]);
pub(crate) const CREATE_OIDC_PROVIDER: Permission =
    Permission::on("iam:CreateOpenIDConnectProvider", &["iam::${Account}:oidc-provider/*"]);
pub(crate) const TAG_OIDC_PROVIDER: Permission =
    Permission::on("iam:TagOpenIDConnectProvider", &["iam::${Account}:oidc-provider/*"]);

/// Which protocol a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// SAML 2.0: people.
    Saml,
    /// OpenID Connect: mostly workloads.
    Oidc,
}

/// What the event did to a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// It was made.
    Created,
    /// What it vouches by was changed: for a person.
    Changed(String),
    /// No event: a sweep looks at what is there.
    Standing,
}

/// How to find the provider to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRef {
    /// Its ARN.
    pub arn: String,
    /// Which protocol it speaks.
    pub protocol: Protocol,
}

impl ProviderRef {
    /// Its name: of an OIDC provider the issuer's URL without `https://`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.arn.split_once('/').map_or(self.arn.as_str(), |(_, name)| name)
    }
}

/// What is known of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// The provider.
    pub provider: ProviderRef,
    /// What the event did to it.
    pub change: Change,
    /// IAM Identity Center itself did.
    pub is_identity_center: bool,
    /// All that an OIDC provider is made of, where the record of its making shows it.
    pub parts: Option<OidcParts>,
}

/// All that an OIDC provider is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcParts {
    /// The provider.
    pub provider: ProviderRef,
    /// The issuer, with `https://`.
    pub url: String,
    /// The client ids (audiences).
    pub clients: Vec<String>,
    /// Thumbprints of its certificates.
    pub thumbprints: Vec<String>,
    /// Tags, name and value.
    pub tags: Vec<(String, String)>,
}

/// The calls that change providers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderAction {
    /// The provider vouches for no identity any more.
    Delete(ProviderRef),
    /// It is made again, as it was: the ARN follows from the URL.
    Create(OidcParts),
}

impl fmt::Display for ProviderAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete(provider) => write!(f, "delete OIDC provider {}", provider.name()),
            Self::Create(parts) => write!(f, "create OIDC provider {}", parts.provider.name()),
        }
    }
}

impl Action for ProviderAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Delete(_) => DELETE_OIDC_PROVIDER.action,
            Self::Create(_) => CREATE_OIDC_PROVIDER.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let listed = |option: &str, words: &[String]| {
            let words: Vec<_> = words.iter().map(|text| word(text)).collect();
            if words.is_empty() { String::new() } else { format!(" --{option} {}", words.join(" ")) }
        };
        let command = match self {
            Self::Delete(provider) => format!(
                "aws iam delete-open-id-connect-provider --open-id-connect-provider-arn {}",
                word(&provider.arn)
            ),
            Self::Create(parts) => {
                // JSON, because a tag may hold what the short form takes for its own.
                let tag = |(key, value): &(String, String)| serde_json::json!({"Key": key, "Value": value});
                let tags: Vec<_> = parts.tags.iter().map(tag).collect();
                let tags = if tags.is_empty() { Vec::new() } else { vec![serde_json::Value::from(tags).to_string()] };
                format!(
                    "aws iam create-open-id-connect-provider --url {}{}{}{}",
                    word(&parts.url),
                    listed("client-id-list", &parts.clients),
                    listed("thumbprint-list", &parts.thumbprints),
                    listed("tags", &tags)
                )
            }
        };
        in_region(&command, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// A provider is named by its URL: another one may stand under it by now.
    fn effect(&self) -> Effect {
        match self {
            Self::Delete(_) => Effect::Overwriting,
            Self::Create(_) => Effect::Recreating,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
