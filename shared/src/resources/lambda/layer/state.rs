//! The policy of a layer's version, statement by statement.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

pub(crate) const ARNS: &[&str] = &["lambda:${Region}:${Account}:layer:*:*"];
pub(crate) const REMOVE: Permission = Permission::on("lambda:RemoveLayerVersionPermission", ARNS);
pub(crate) const ADD: Permission = Permission::on("lambda:AddLayerVersionPermission", ARNS);

/// The one action that a statement can allow.
pub(crate) const USE: &str = "lambda:GetLayerVersion";

/// What is known of the policy of a layer's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// The ARN of the version.
    pub layer: String,
    /// Its statements. A record shows the one that it added.
    pub shares: Vec<Share>,
    /// `RevisionId`, where it was read.
    pub revision: Option<String>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its `Sid`, by which it is removed.
    pub sid: String,
    /// All of it.
    pub statement: Value,
    /// Whether a judge should ask about it: the event added it, or there is no event.
    pub in_question: bool,
}

/// Whom a statement lets in, as the call takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// An account, or `*`.
    pub principal: String,
    /// The organization whose accounts are meant by `*`.
    pub organization: Option<String>,
}

impl Share {
    /// None where it has no `Sid`: Lambda gives one to each.
    #[must_use]
    pub fn read(statement: &Value) -> Option<Self> {
        let sid = statement["Sid"].as_str()?.to_owned();
        Some(Self { sid, statement: statement.clone(), in_question: true })
    }

    /// The arguments of the call that adds it. None where no call would write it like this.
    #[must_use]
    pub fn permit(&self) -> Option<Permit> {
        let principal = self.statement.get("Principal")?;
        let named = principal.as_str().or_else(|| principal.get("AWS")?.as_str())?;
        let account = crate::engine::arn::arn_part(named, 4).unwrap_or(named);
        let organization = match self.statement.get("Condition") {
            None | Some(Value::Null) => None,
            Some(condition) => Some(condition.pointer("/StringEquals/aws:PrincipalOrgID")?.as_str()?.to_owned()),
        };
        Some(Permit { principal: account.to_owned(), organization })
    }
}

/// The calls that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerAction {
    /// The statement goes.
    Remove {
        /// The ARN of the version.
        layer: String,
        /// Its `Sid`.
        sid: String,
        /// The revision of the policy that it stands in.
        revision: Option<String>,
    },
    /// The statement is written.
    Add {
        /// The ARN of the version.
        layer: String,
        /// Its `Sid`.
        sid: String,
        /// Whom it lets in.
        permit: Permit,
    },
}

impl LayerAction {
    /// The `Sid` of the statement.
    #[must_use]
    pub fn sid(&self) -> &str {
        match self {
            Self::Remove { sid, .. } | Self::Add { sid, .. } => sid,
        }
    }
}

impl fmt::Display for LayerAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove { layer, sid, .. } => write!(f, "remove statement `{sid}` from layer {layer}"),
            Self::Add { layer, sid, permit: Permit { principal, organization } } => {
                write!(f, "add statement `{sid}` to layer {layer}: for `{principal}`")?;
                organization.as_ref().map_or(Ok(()), |id| write!(f, " of organization {id}"))
            }
        }
    }
}

impl Action for LayerAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Remove { .. } => REMOVE.action,
            Self::Add { .. } => ADD.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let named = |layer: &str, sid: &str| {
            let (layer, version) = super::parts(layer);
            format!("--layer-name {} --version-number {} --statement-id {}", word(layer), word(version), word(sid))
        };
        let line = match self {
            Self::Remove { layer, sid, .. } => {
                format!("aws lambda remove-layer-version-permission {}", named(layer, sid))
            }
            Self::Add { layer, sid, permit } => {
                let whom = format!("--action {USE} --principal {}", word(&permit.principal));
                let of = permit.organization.as_ref().map(|id| format!(" --organization-id {}", word(id)));
                let of = of.unwrap_or_default();
                format!("aws lambda add-layer-version-permission {} {whom}{of}", named(layer, sid))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// A `Sid` may have come to mean another statement: it is removed from the policy that was read.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }

    fn guards_itself(&self) -> bool {
        matches!(self, Self::Remove { revision: Some(_), .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_statement_is_added_again_by_the_arguments_that_made_it() {
        let permit = |principal: &Value, condition: Value| {
            let mut statement = json!({"Sid": "s", "Effect": "Allow", "Principal": principal, "Action": USE});
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            Share::read(&statement).unwrap().permit().map(|permit| (permit.principal, permit.organization))
        };
        let of = |principal: &str, id: Option<&str>| Some((principal.to_owned(), id.map(str::to_owned)));
        assert_eq!(permit(&json!({"AWS": "arn:aws:iam::444455556666:root"}), Value::Null), of("444455556666", None));
        assert_eq!(permit(&json!("*"), Value::Null), of("*", None));
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});
        assert_eq!(permit(&json!("*"), organization), of("*", Some("o-1")));
        assert_eq!(permit(&json!("*"), json!({"Bool": {"aws:SecureTransport": "true"}})), None);
    }
}
