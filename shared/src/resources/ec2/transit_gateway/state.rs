//! Transit gateways: whether another account's network is attached without anybody being asked.

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const MODIFY_TRANSIT_GATEWAY: Permission =
    Permission::on("ec2:ModifyTransitGateway", &["ec2:${Region}:${Account}:transit-gateway/*"]);

/// How to find the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRef {
    /// `tgw-…`
    pub id: String,
}

/// What is known of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGateway {
    /// `tgw-…`
    pub id: String,
    /// The account that it belongs to, where that is known: gateways of others show when they are shared.
    pub owner: Option<String>,
    /// `AutoAcceptSharedAttachments`.
    pub accepts_by_itself: Observed<bool>,
    /// The id of the CloudFormation stack that it belongs to, where its tags say so.
    #[serde(default)]
    pub stack: Option<String>,
}

/// The calls that change a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GatewayAction {
    /// Attachments of other accounts wait for somebody to accept them. Those that stand stay.
    AskFirst(String),
    /// They are accepted by themselves again.
    AcceptByItself(String),
}

impl GatewayAction {
    /// The gateway of either call.
    #[must_use]
    pub fn gateway(&self) -> &str {
        match self {
            Self::AskFirst(id) | Self::AcceptByItself(id) => id,
        }
    }

    /// `AutoAcceptSharedAttachments`' value.
    #[must_use]
    pub fn value(&self) -> &'static str {
        match self {
            Self::AskFirst(_) => "disable",
            Self::AcceptByItself(_) => "enable",
        }
    }
}

impl fmt::Display for GatewayAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} automatic acceptance of shared attachments on {}", self.value(), self.gateway())
    }
}

impl Action for GatewayAction {
    fn permission(&self) -> &'static str {
        MODIFY_TRANSIT_GATEWAY.action
    }

    fn command(&self, region: &str) -> String {
        let (id, value) = (self.gateway(), self.value());
        let options = format!("--options AutoAcceptSharedAttachments={value}");
        in_region(&format!("aws ec2 modify-transit-gateway --transit-gateway-id {id} {options}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::AskFirst(_) => Effect::Restoring,
            Self::AcceptByItself(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
