//! LOG-08: members of a GuardDuty administrator stay its members.

use super::{IDS, detector};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use crate::resources::guardduty::{SOURCE, accounts_of, detector_of};

/// Members that were detached.
pub type DetachedMembers = Notices<MembersDetached>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MembersDetached;

impl Notice for MembersDetached {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "guardduty-members-detached";
    const ABOUT: &'static About = &About {
        name: "guardduty-member-detached",
        catalogue_id: "LOG-08",
        title: "An account was detached from its GuardDuty administrator",
        description: "A member left its GuardDuty administrator, or an administrator removed members, by a principal that is not among `allowed_principals`: the administrator \
            sees no findings of these accounts any more, and they can switch their detectors off by themselves.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "DisassociateFromAdministratorAccount",
            "DisassociateFromMasterAccount",
            "DisassociateMembers",
            "DeleteMembers",
        ],
        remediation: "Notifies: a member comes back by an invitation that it accepts, or when an organization's administrator adds it; each takes the other account.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("StopMonitoringMembers", "members that are not monitored are another guardrail's"),
            ("DeleteInvitations, DeclineInvitations", "an account that is invited is no member yet"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let id = detector_of(event)?;
        let seen = Noticed::of(event, &id);
        if event.name.starts_with("DisassociateFrom") {
            let why = format!("account {} left its GuardDuty administrator", event.account);
            return Ok(Some(seen.sign("left its administrator", Some(why))));
        }
        if event.request.at(&["accountIds"]).is_none_or(|accounts| !accounts.is_array()) {
            return Ok(Some(Noticed { unknown: Some("the record does not name the members".to_owned()), ..seen }));
        }
        let verb = if event.name == "DeleteMembers" { "deleted" } else { "disassociated" };
        let one = |seen: Noticed, account: String| {
            let why = format!("GuardDuty member account {account} is {verb}");
            seen.sign(&format!("member {account}"), Some(why))
        };
        Ok(Some(accounts_of(event).into_iter().fold(seen, one)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(id: &str, place: &Place) -> Resource {
        detector(id, place)
    }
}
