//! IAM-05: a user that signs in to the console with a password has an MFA device, or can do nothing without one.
//!
//! docs/adr/0010-what-closes-an-iam-user.md has what the policy denies and to whom.

use super::state::SignIn;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, List, matches_pattern};
use crate::resources::iam::access_key::state::Owner;
use crate::resources::iam::deny_policy::{Deny, DenyAction, DenyPolicy, Principal};
use crate::resources::iam::inline_policy::state::PUT_USER_POLICY;
use crate::resources::iam::protected::PROTECTED_USERS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ConsoleUserWithoutMfa;

/// What is left to a console user without MFA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MfaSettings {
    /// Whether such a user may still enrol a device by itself. `false` leaves that to an administrator: an attacker who has
    /// the user's password cannot enrol a device.
    pub allow_enrolment: bool,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

impl Default for MfaSettings {
    fn default() -> Self {
        Self { allow_enrolment: true, protected_users: Vec::new() }
    }
}

impl GuardrailSettings for MfaSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "protected_users", entries: &self.protected_users, holds: PROTECTED_USERS }]
    }
}

static ABOUT: About = About {
    name: "console-user-without-mfa",
    catalogue_id: "IAM-05",
    title: "Console user has no MFA device",
    description: "The last MFA device of an IAM user with a console password (or of root) was removed, so the \
        password alone is enough to sign in. A user with another device, or without a console password, complies. \
        Replacing a device usually means removing the old one some minutes before adding the new one: give this \
        guardrail a `grace_seconds` of 600.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["IAM.5", "IAM.19", "CIS AWS Foundations 5.0.0/1.9"],
    technique: "T1556.006",
    triggers: &["DeactivateMFADevice", "DeleteUserPolicy", "DeleteVirtualMFADevice", "PutUserPolicy", "UpdateUser"],
    remediation: "Attaches an inline policy that denies everything but enrolling a device to sessions without MFA; \
        access keys continue to work. A removed device cannot be restored. For root, and for users among \
        `protected_users`, it only notifies.",
    actions: &[PUT_USER_POLICY],
    ids: &["arn:%:iam::%:user/%", "arn:%:iam::%:root"],
    not_watched: &[
        (
            "CreateLoginProfile",
            "a new user enrols a device at the first sign-in: IAM policy decides what is allowed before",
        ),
        ("DeleteLoginProfile", "it only removes a way to sign in"),
    ],
};

impl Guardrail<SignIn, DenyAction> for ConsoleUserWithoutMfa {
    type Settings = MfaSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, sign_in: &SignIn, terms: &Terms<'_>) -> Verdict {
        if !sign_in.has_password || sign_in.devices > 0 {
            return Verdict::Compliant;
        }
        let (severity, who) = match &sign_in.owner {
            Owner::Root => (Severity::Critical, "the root user".to_owned()),
            Owner::User(user) => (ABOUT.severity, format!("user `{user}`")),
        };
        let settings = &terms.settings(self);
        let suffices = |deny: &Deny| match deny {
            Deny::SessionsWithoutMfa { may_enrol } => settings.allow_enrolment || !may_enrol,
            Deny::SessionsBefore { .. } | Deny::SessionsSince { .. } => false,
        };
        match &sign_in.denies {
            Observed::Known(denies) if denies.iter().any(suffices) => return Verdict::Compliant,
            Observed::Known(_) | Observed::Absent => {}
            Observed::Unknown { why } => {
                let why = format!("{who} signs in with a password alone; what it is denied then is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        }
        let protected = if is_protected(sign_in, terms) { "; it is protected, so this is only notified" } else { "" };
        let why = format!("{who} signs in with a password alone: no MFA device is left{protected}");
        let element = format!("sign-ins of {who} without MFA");
        Verdict::Violation(Violation { severity, evidence: vec![Evidence { element, why }] })
    }

    fn plan(&self, sign_in: &SignIn, _: &Violation, terms: &Terms<'_>) -> Plan<DenyAction> {
        let Owner::User(user) = &sign_in.owner else { return Plan::default() };
        if is_protected(sign_in, terms) {
            return Plan::default();
        }
        let may_enrol = terms.settings(self).allow_enrolment;
        let policy =
            |may_enrol| DenyPolicy { on: Principal::User(user.clone()), deny: Deny::SessionsWithoutMfa { may_enrol } };
        // The name is the same with and without enrolment: what stands there is what comes back.
        let stands = Deny::SessionsWithoutMfa { may_enrol: !may_enrol };
        let undo = match &sign_in.denies {
            Observed::Known(denies) if denies.contains(&stands) => DenyAction::Put(policy(!may_enrol)),
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => DenyAction::Lift(policy(may_enrol)),
        };
        Plan::one(DenyAction::Put(policy(may_enrol)), undo)
    }
}

fn is_protected(sign_in: &SignIn, terms: &Terms<'_>) -> bool {
    let Owner::User(user) = &sign_in.owner else { return false };
    let settings = &terms.settings(&ConsoleUserWithoutMfa);
    settings.protected_users.iter().any(|pattern| matches_pattern(pattern, user))
}
