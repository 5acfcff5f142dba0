//! ACC-11: the organization takes on no responsibility for another one's bill unasked.
//!
//! Sources: "InviteOrganizationToTransferResponsibility", "CancelHandshake", "DescribeHandshake" (AWS Organizations API reference): the invitation asks the management
//! account of another organization to let the caller's account manage, and pay, its bill. Only an open one can be cancelled.

use super::{ORGANIZATIONS, SOURCE};
use crate::resources::created::prelude::*;
use serde_json::json;

const HANDSHAKES: &[&str] = &["organizations::${Account}:handshake/o-*/*/h-*"];

/// Invitations to transfer responsibility.
pub type ResponsibilityTransfers = Created<TransferInvited>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferInvited;

impl Creation for TransferInvited {
    const KIND: &'static str = "responsibility-transfer";
    const ABOUT: &'static About = &About {
        name: "responsibility-transfer-invited",
        catalogue_id: "ACC-11",
        title: "Another organization was invited to transfer its billing responsibility",
        description: "A principal that is not among `allowed_principals` invited another organization to transfer the responsibility for its billing: once it accepts, this \
            organization's management account answers for the other one's bill.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1496",
        triggers: &["InviteOrganizationToTransferResponsibility"],
        remediation: "Cancels the invitation, with one call. One that was accepted already is only notified.",
        actions: &[Self::REMOVES],
        ids: &["arn:%:organizations::%:handshake/%"],
        not_watched: &[
            ("AcceptHandshake", "what this organization accepts is notified by another guardrail"),
            ("UpdateResponsibilityTransfer", "it changes the name of a transfer"),
        ],
    };
    const API: &'static Api = &ORGANIZATIONS;
    const READS: &'static [Permission] = &[Permission::on("organizations:DescribeHandshake", HANDSHAKES)];
    const REMOVES: Permission = Permission::on("organizations:CancelHandshake", HANDSHAKES);
    const SAYS: &'static str = "cancel handshake {}";
    const LINE: &'static str = "aws organizations cancel-handshake --handshake-id {}";
    const LOST: &'static str = "a cancelled invitation cannot be opened again: invite once more";

    fn made(event: &Event) -> Result<Option<(String, String)>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no handshake");
        let id = event.response.text(&["handshake", "id"]).ok_or_else(unnamed)?.to_owned();
        let of = event.request.text(&["target", "id"]).unwrap_or("an unknown organization");
        let what = format!("`{of}` was invited to transfer its billing responsibility to this organization");
        Ok(Some((id, what)))
    }

    fn get(id: &str) -> Request {
        Request::named("DescribeHandshake", json!({ "HandshakeId": id }))
    }

    /// An accepted one stands.
    fn stands(answer: &Answer) -> Option<bool> {
        match answer.at(&["Handshake", "State"])?.as_str()? {
            "REQUESTED" | "OPEN" | "ACCEPTED" => Some(true),
            "CANCELED" | "DECLINED" | "EXPIRED" => Some(false),
            _ => None,
        }
    }

    fn remove(id: &str) -> Request {
        Request::named("CancelHandshake", json!({ "HandshakeId": id }))
    }

    fn named(id: &str, Place { partition, account, .. }: &Place) -> Resource {
        let arn = format!("arn:{partition}:organizations::{account}:handshake/{id}");
        Resource { id: arn, kind: "Other", name: id.to_owned() }
    }
}
