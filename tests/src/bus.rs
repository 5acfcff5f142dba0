//! EventBridge: which function does an event reach? Asked of the patterns in `template.yaml` itself.

use crate::Result;
use crate::moto::{ACCOUNT, REGION};
use crate::paths;
use parapet::patterns::{Params, Patterns};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The way of a member's events: the rules of template-spoke.yaml there, and those of the hub's bus for members.
pub struct Members {
    forward: Patterns,
    deliver: Patterns,
}

impl Members {
    /// Of the member with this account.
    ///
    /// # Errors
    /// A pattern that EventBridge would refuse.
    pub fn new(account: &str) -> Result<Self> {
        let spoke = std::fs::read_to_string(paths::root().join("template-spoke.yaml"))?;
        let member = Params { account: account.to_owned(), ..Params::default() };
        let hub = Params { account: ACCOUNT.to_owned(), bus: Some("Members".to_owned()), ..Params::default() };
        Ok(Self { forward: Patterns::forwarding(&spoke, &member)?, deliver: Patterns::built_in(&hub)? })
    }

    /// Whether the member forwards it.
    #[must_use]
    pub fn is_forwarded(&self, event: &Value) -> bool {
        !self.forward.functions_for(event.to_string().as_bytes()).is_empty()
    }

    /// The functions of the hub that an event on the members' bus is delivered to.
    #[must_use]
    pub fn targets(&self, event: &Value) -> Vec<&str> {
        self.deliver.functions_for(event.to_string().as_bytes())
    }
}

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

    /// With ARNs of roles that are made up. To compile the patterns takes time: it is done once.
    ///
    /// # Errors
    /// A pattern that EventBridge would refuse.
    pub fn made_up() -> Result<&'static Self> {
        static BUS: OnceLock<std::result::Result<Bus, String>> = OnceLock::new();
        let bus = BUS.get_or_init(|| Self::new(&[]).map_err(|problem| problem.to_string()));
        Ok(bus.as_ref().map_err(Clone::clone)?)
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
