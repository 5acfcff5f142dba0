//! ACC-07: accounts stay where the organization's policies hold.
//!
//! Sources: "MoveAccount", "RemoveAccountFromOrganization", "LeaveOrganization", "CloseAccount", "AcceptHandshake", "AttachPolicy" (AWS Organizations API
//! reference). `LeaveOrganization` names no account: it is the caller's, and so is the record.

use super::{FULL_ACCESS, SOURCE};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Accounts that lose what the organization's policies hold.
pub type AccountChanges = Notices<AccountReleased>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountReleased;

const MOVE: &str = "MoveAccount";
const LEAVE: &str = "LeaveOrganization";
const REMOVE: &str = "RemoveAccountFromOrganization";
const CLOSE: &str = "CloseAccount";
const ACCEPT: &str = "AcceptHandshake";
const ATTACH: &str = "AttachPolicy";

impl Notice for AccountReleased {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "organization-account";
    const ABOUT: &'static About = &About {
        name: "organization-account-released",
        catalogue_id: "ACC-07",
        title: "An account left the reach of the organization's policies",
        description: "By a principal that is not among `allowed_principals`, an account was moved to another organizational unit or to the root, left the organization, was removed from it \
            or closed, or joined another organization; or `FullAWSAccess` was attached to a root, an organizational unit or an account, where an \
            allow list limits no longer. The policies of the units that an account leaves, and of their parents, hold no longer.",
        severity: Severity::High,
        class: Class::R0,
        controls: &["CIS AWS Foundations 5.0.0/4.15"],
        technique: "T1666",
        triggers: &[MOVE, LEAVE, REMOVE, CLOSE, ACCEPT, ATTACH],
        remediation: "Notifies, with where the account was: moving it back may break what was deployed for its new place, and an account that has left has to be invited and to \
            accept. A closed account can be reopened by AWS Support for 90 days.",
        actions: &[],
        ids: &["arn:%:organizations::%:account/%"],
        not_watched: &[
            (
                "CreateAccount, InviteAccountToOrganization",
                "a new account is under the root's policies, which may hold too little",
            ),
            ("DeleteOrganizationalUnit", "a unit with accounts in it cannot be deleted"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[PlannedForm::one("aws_organizations_policy_attachment", |it| {
        let Some(FULL_ACCESS) = it.text("policy_id")?.as_deref() else { return Ok(None) };
        let target = it.named(&["target_id"]);
        Ok(Some(Noticed::planned(&target).sign("allows all", Some(allows_all(&target)))))
    })];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let text = |member: &str| event.request.text(&[member]);
        let unnamed = |what: &str| Unlocatable::new(event, format!("the record names no {what}"));
        let named = || text("accountId").ok_or_else(|| unnamed("account"));
        let (of, element, why) = match event.name.as_str() {
            MOVE => {
                let (account, from, to) = (named()?, text("sourceParentId"), text("destinationParentId"));
                let (from, to) = (from.unwrap_or("an unknown parent"), to.unwrap_or("an unknown parent"));
                let root = if to.starts_with("r-") { ", where no unit's policies hold" } else { "" };
                (
                    account,
                    "moved",
                    format!(
                        "account `{account}` was moved from `{from}` to `{to}`{root}: the policies of `{from}` and of its parents are lost unless `{to}` is under them"
                    ),
                )
            }
            REMOVE => (named()?, "removed", format!("account `{}` was removed from the organization", named()?)),
            CLOSE => (named()?, "closed", format!("account `{}` was closed", named()?)),
            LEAVE => (event.account.as_str(), "left", format!("account `{}` left its organization", event.account)),
            ACCEPT => match event.response.text(&["handshake", "action"]) {
                Some("INVITE") => {
                    (event.account.as_str(), "joined", format!("account `{}` joined an organization", event.account))
                }
                Some(_) => return Ok(None),
                None => return Err(unnamed("kind of handshake")),
            },
            _ => {
                let target = text("targetId").ok_or_else(|| unnamed("target"))?;
                match text("policyId").ok_or_else(|| unnamed("policy"))? {
                    FULL_ACCESS => (target, "allows all", allows_all(target)),
                    _ => return Ok(None),
                }
            }
        };
        Ok(Some(Noticed::of(event, of).sign(element, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(account: &str, Place { partition, account: own, .. }: &Place) -> Resource {
        let id = format!("arn:{partition}:organizations::{own}:account/{account}");
        Resource { id, kind: "Other", name: account.to_owned() }
    }
}

fn allows_all(target: &str) -> String {
    format!("`FullAWSAccess` was attached to `{target}`: an allow list limits it no longer")
}
