//! EventBridge: which function does an event reach? Asked of the patterns in `template.yaml` itself.

use crate::Result;
use crate::moto::{ACCOUNT, REGION};
use parapet::patterns::{Params, Patterns};
use serde_json::Value;
use std::collections::BTreeMap;

/// The rules of the template, deployed to the local account.
pub struct Bus {
    patterns: Patterns,
}

impl Bus {
    /// With the roles' ARNs by logical id, where they matter.
    ///
    /// # Errors
    /// A pattern that EventBridge would refuse.
    pub fn new(roles: &[(&str, &str)]) -> Result<Self> {
        let attributes: BTreeMap<_, _> =
            roles.iter().map(|(id, arn)| (format!("{id}.Arn"), (*arn).to_owned())).collect();
        let params = Params { account: ACCOUNT.to_owned(), region: REGION.to_owned(), attributes, ..Params::default() };
        Ok(Self { patterns: Patterns::built_in(&params)? })
    }

    /// The ARN that stands for a family's role.
    #[must_use]
    pub fn role(&self, family: &str) -> Option<String> {
        self.patterns.own_roles().get(&crate::roles::logical_id(family)).cloned()
    }

    /// The functions (by their family's name) that the event is delivered to.
    #[must_use]
    pub fn targets(&self, event: &Value) -> Vec<&str> {
        self.patterns.functions_for(event.to_string().as_bytes())
    }
}
