//! Sign-ins to the console, and what root does.

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visitor {
    /// The account's root user.
    Root,
    /// An IAM user, by name.
    User(String),
    /// A person whom an identity provider vouches for: Identity Center, SAML, a role session. The provider asks for the
    /// second factor, so AWS's record says that none was used whether or not it was.
    Federated(String),
}

/// A sign-in to the console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who.
    pub visitor: Visitor,
    /// Whether it was let in.
    pub succeeded: Observed<bool>,
    /// `MFAUsed`
    pub mfa: Observed<bool>,
}

/// A call that root made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootCall {
    /// The account whose root user it was.
    pub account: Observed<String>,
    /// Such as `iam:CreateAccessKey`: the event's source and name.
    pub call: String,
    /// Such as `eu-west-1`.
    pub region: String,
}
