//! ACC-04: nobody takes over the root user by its password or its email address unseen.
//!
//! "AWS Management Console sign-in events" and "Root user events" in the CloudTrail user guide: `PasswordRecoveryRequested`, `PasswordRecoveryCompleted`,
//! `PasswordUpdated` and `EmailUpdated` are recorded for root alone, by `signin.amazonaws.com`. A recovery needs access to the root's mailbox, and to its MFA
//! device where it has one.

use super::console::SOURCE;
use crate::engine::event::ActorKind;
use crate::engine::notice::prelude::*;

/// Changes to root's password and email address.
pub type RootCredentials = Notices<RootCredentialsChanged>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootCredentialsChanged;

impl Notice for RootCredentialsChanged {
    type Settings = NoSettings;

    const KIND: &'static str = "root-credentials";
    const ABOUT: &'static About = &About {
        name: "root-credentials-changed",
        catalogue_id: "ACC-04",
        title: "Root's password or email address was changed, or a recovery was requested",
        description: "Recovery of the root user's password was requested or completed, or its password or its email address was changed. Anyone who knows the address can request a recovery: \
            one that the owner did not ask for shows that the address is known, and a completed one that its mailbox was read. If such a change is \
            planned, add an exemption for that day; it names the owner.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1098",
        triggers: &["PasswordRecoveryRequested", "PasswordRecoveryCompleted", "PasswordUpdated", "EmailUpdated"],
        remediation: "Notifies at once: only AWS can take back a password or an address of root. If it was not yours, secure the mailbox and contact AWS Support.",
        actions: &[],
        ids: &["arn:%:iam::%:root"],
        not_watched: &[("ChangePassword", "the password of an IAM user, which signs in as itself alone")],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let what = match event.name.as_str() {
            "PasswordRecoveryRequested" => "recovery of root's password was requested",
            "PasswordRecoveryCompleted" => "recovery of root's password was completed: it has a new one",
            "PasswordUpdated" => "root's password was changed",
            _ => "root's email address was changed: recoveries go to the new one",
        };
        let seen = Noticed::of(event, "root");
        Ok(Some(match event.actor.kind {
            ActorKind::Root => seen.sign(&event.name, Some(what.to_owned())),
            // Another principal's password is not root's.
            ActorKind::IamUser
            | ActorKind::RoleSession
            | ActorKind::Federated
            | ActorKind::Account
            | ActorKind::AwsService => seen,
            ActorKind::Unknown => {
                let unknown = Some("the record does not show whose password or address it is about".to_owned());
                Noticed { unknown, ..seen }
            }
        }))
    }

    fn named(name: &str, Place { partition, account, .. }: &Place) -> Resource {
        Resource { id: format!("arn:{partition}:iam::{account}:root"), kind: "AwsAccount", name: name.to_owned() }
    }
}
