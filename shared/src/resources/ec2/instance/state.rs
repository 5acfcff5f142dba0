//! How an instance gives its metadata, its role's credentials among them ("Use the Instance Metadata Service", EC2 user
//! guide).

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region, word};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_INSTANCE_METADATA_OPTIONS: Permission =
    Permission::on("ec2:ModifyInstanceMetadataOptions", &["ec2:${Region}:${Account}:instance/*"]);

/// How to find the instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceRef {
    /// `i-…`
    pub id: String,
}

/// Whether a request for metadata needs the token of a session: `httpTokens`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tokens {
    /// It does: version 2 alone.
    Required,
    /// It does not: version 1 is answered too.
    Optional,
}

/// A switch of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Switch {
    /// On.
    Enabled,
    /// Off.
    Disabled,
}

impl Tokens {
    /// EC2's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
        }
    }

    /// What EC2's word means.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Required, Self::Optional].into_iter().find(|tokens| tokens.word() == word)
    }
}

impl Switch {
    /// EC2's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }

    /// What EC2's word means.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|switch| switch.word() == word)
    }
}

/// What is known of an instance's metadata options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// `i-…`
    pub id: String,
    /// `httpTokens`
    pub tokens: Observed<Tokens>,
    /// `httpEndpoint`: whether metadata is given at all.
    pub endpoint: Observed<Switch>,
    /// `httpPutResponseHopLimit`: how many hops a token travels. A container on a bridge network is one further.
    pub hop_limit: Option<i64>,
    /// `httpProtocolIpv6`
    pub ipv6: Option<Switch>,
    /// `instanceMetadataTags`
    pub tags: Option<Switch>,
    /// Whether the event decided on tokens or endpoint. What stood before is the sweep's business.
    pub in_question: bool,
    /// The CloudFormation stack that it belongs to, as its tag `aws:cloudformation:stack-id` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
}

/// The call that changes whether tokens are needed, and nothing else: what `ModifyInstanceMetadataOptions` does not name
/// stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetTokens {
    /// `i-…`
    pub instance: String,
    /// What holds from then on.
    pub tokens: Tokens,
}

impl fmt::Display for SetTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tokens {
            Tokens::Required => write!(f, "require session tokens for the metadata of {}", self.instance),
            Tokens::Optional => write!(f, "let the metadata of {} be read without session tokens", self.instance),
        }
    }
}

impl Action for SetTokens {
    fn permission(&self) -> &'static str {
        MODIFY_INSTANCE_METADATA_OPTIONS.action
    }

    fn command(&self, region: &str) -> String {
        let (instance, tokens) = (word(&self.instance), self.tokens.word());
        let call = "aws ec2 modify-instance-metadata-options";
        in_region(&format!("{call} --instance-id {instance} --http-tokens {tokens}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self.tokens {
            Tokens::Required => Effect::Restoring,
            Tokens::Optional => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
