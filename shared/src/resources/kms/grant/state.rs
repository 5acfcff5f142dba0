//! A grant of a KMS key.

use crate::engine::arn::arn_part;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;

const KEYS: &[&str] = &["kms:${Region}:${Account}:key/*"];

pub(crate) const REVOKE_GRANT: Permission = Permission::on("kms:RevokeGrant", KEYS);
pub(crate) const CREATE_GRANT: Permission = Permission::on("kms:CreateGrant", KEYS);

/// How to find a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRef {
    /// The key's id.
    pub key: String,
    /// The grant's id.
    pub id: String,
}

/// What is known of a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The key's id.
    pub key: String,
    /// The grant's id.
    pub id: String,
    /// `GranteePrincipal`, or the service's name: an ARN where it is a principal of an account.
    pub grantee: String,
    /// Who may retire it.
    pub retiring: Option<String>,
    /// The account that it was issued in.
    pub issuer: Option<String>,
    /// What it allows: `Decrypt`.
    pub operations: Vec<String>,
    /// `EncryptionContextEquals`
    pub equals: Option<BTreeMap<String, String>>,
    /// `EncryptionContextSubset`
    pub subset: Option<BTreeMap<String, String>>,
    /// Its name, where it has one.
    pub name: Option<String>,
}

impl Grant {
    /// The account of the grantee; none for a service of AWS.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        account(&self.grantee)
    }

    /// `GrantConstraints`, as the AWS command line takes them.
    #[must_use]
    pub fn constraints(&self) -> Option<Value> {
        let mut constraints = Map::new();
        for (name, context) in [("EncryptionContextEquals", &self.equals), ("EncryptionContextSubset", &self.subset)] {
            constraints.extend(context.as_ref().map(|context| (name.to_owned(), json!(context))));
        }
        (!constraints.is_empty()).then_some(Value::Object(constraints))
    }
}

/// The account of a principal: of an ARN, or the twelve digits themselves.
#[must_use]
pub(crate) fn account(principal: &str) -> Option<&str> {
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    arn_part(principal, 4).or(is_account.then_some(principal))
}

/// The calls that change grants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantAction {
    /// It allows nothing any more.
    Revoke(GrantRef),
    /// The same again; KMS gives it another id.
    Create(Grant),
}

impl fmt::Display for GrantAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Revoke(grant) => write!(f, "revoke grant {} of key {}", grant.id, grant.key),
            Self::Create(grant) => {
                write!(f, "grant {} on key {} to {}", grant.operations.join(", "), grant.key, grant.grantee)
            }
        }
    }
}

impl Action for GrantAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Revoke(_) => REVOKE_GRANT.action,
            Self::Create(_) => CREATE_GRANT.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Revoke(GrantRef { key, id }) => {
                format!("aws kms revoke-grant --key-id {} --grant-id {}", word(key), word(id))
            }
            Self::Create(grant) => {
                let mut line = format!("aws kms create-grant --key-id {}", word(&grant.key));
                let option = |name: &str, text: &str| format!(" --{name} {}", word(text));
                let is_service = account(&grant.grantee).is_none() && !grant.grantee.starts_with("arn:");
                let kind = if is_service { "grantee-service-principal" } else { "grantee-principal" };
                line += &option(kind, &grant.grantee);
                line += " --operations";
                for operation in &grant.operations {
                    line += &format!(" {}", word(operation));
                }
                if let Some(retiring) = &grant.retiring {
                    line += &option("retiring-principal", retiring);
                }
                if let Some(constraints) = grant.constraints() {
                    line += &option("constraints", &constraints.to_string());
                }
                if let Some(name) = &grant.name {
                    line += &option("name", name);
                }
                line
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Revoke(_) => Effect::Removing,
            Self::Create(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_role("arn:aws:iam::444455556666:role/x", Some("444455556666"))]
    #[case::an_account("444455556666", Some("444455556666"))]
    #[case::a_service("dynamodb.eu-west-1.amazonaws.com", None)]
    #[case::a_deleted_principal("AROAEXAMPLEEXAMPLE00", None)]
    fn the_account_of_a_principal(#[case] principal: &str, #[case] expected: Option<&str>) {
        assert_eq!(account(principal), expected);
    }
}
