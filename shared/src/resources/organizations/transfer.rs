//! ACC-11: the organization takes on no responsibility for another one's bill unasked.
//!
//! Sources: "InviteOrganizationToTransferResponsibility", "CancelHandshake" (AWS Organizations API reference): the invitation asks the management account of another
//! organization to let the caller's account manage, and pay, its bill. An invitation that is cancelled cannot be opened again, and a new one has another id: it is not
//! cancelled here, because that could not be undone, and nothing is transferred before the other organization accepts.

use super::SOURCE;
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Invitations to transfer responsibility.
pub type ResponsibilityTransfers = Notices<TransferInvited>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferInvited;

impl Notice for TransferInvited {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "responsibility-transfer";
    const ABOUT: &'static About = &About {
        name: "responsibility-transfer-invited",
        catalogue_id: "ACC-11",
        title: "Another organization was invited to transfer its billing responsibility",
        description: "A principal that is not among `allowed_principals` invited another organization to transfer the responsibility for its billing: once it accepts, this \
            organization's management account answers for the other one's bill.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1496",
        triggers: &["InviteOrganizationToTransferResponsibility"],
        remediation: "Notifies: a cancelled invitation cannot be opened again. Cancel it with `organizations:CancelHandshake` before the other organization accepts.",
        actions: &[],
        ids: &["arn:%:organizations::%:handshake/%"],
        not_watched: &[
            ("AcceptHandshake", "what this organization accepts is notified by another guardrail"),
            ("UpdateResponsibilityTransfer", "it changes the name of a transfer"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no handshake");
        let id = event.response.text(&["handshake", "id"]).ok_or_else(unnamed)?;
        let of = event.request.text(&["target", "id"]).unwrap_or("an unknown organization");
        let why = format!("`{of}` was invited to transfer its billing responsibility to this organization");
        Ok(Some(Noticed::of(event, id).sign(id, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(id: &str, Place { partition, account, .. }: &Place) -> Resource {
        let arn = format!("arn:{partition}:organizations::{account}:handshake/{id}");
        Resource { id: arn, kind: "Other", name: id.to_owned() }
    }
}
