//! IAM-04: no user signs in to the console with a password that another principal has set, unless policy lets that one set
//! passwords.
//!
//! What closes it is argued in docs/adr/0010-what-closes-an-iam-user.md: a policy on the user that denies everything to sessions
//! issued since the password was set.

use super::state::LoginProfile;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::deny_policy::{Deny, DenyAction, DenyPolicy, Principal};
use crate::resources::iam::inline_policy::state::PUT_USER_POLICY;
use crate::resources::iam::protected::PROTECTED_USERS;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ConsolePasswordSetByAnother;

/// Who may set whose console password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordSetterSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may set passwords of others; `*` and `?` match as
    /// in IAM. No principal, if the list is empty.
    pub allowed_setters: Vec<String>,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
}

impl GuardrailSettings for PasswordSetterSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "allowed_setters", entries: &self.allowed_setters, holds: SETTERS },
            List { name: "protected_users", entries: &self.protected_users, holds: PROTECTED_USERS },
        ]
    }
}

const SETTERS: Holds = Holds {
    shapes: Holds::CALLERS,
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "console-password-set-by-another",
    catalogue_id: "IAM-04",
    title: "Console password set by another principal",
    description: "A principal created or reset the console password of an IAM user, and can now sign in as that \
        user. Users who set their own password comply, and so do the principals among `allowed_setters`. A role \
        session that is only named like the user is not the user.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.5", "IAM.19", "CIS AWS Foundations 5.0.0/1.9"],
    technique: "T1098.001",
    triggers: &["CreateLoginProfile", "DeleteUserPolicy", "PutUserPolicy", "UpdateLoginProfile", "UpdateUser"],
    remediation: "Attaches an inline policy that denies everything to sessions issued since the password was set. \
        The user's access keys, older sessions and the password itself are not changed. For users among \
        `protected_users` it only notifies.",
    actions: &[PUT_USER_POLICY],
    ids: &["arn:%:iam::%:user/%"],
    not_watched: &[
        ("ChangePassword", "a user's own password, by the user"),
        ("DeleteLoginProfile", "it only removes a way to sign in"),
    ],
};

impl Guardrail<LoginProfile, DenyAction> for ConsolePasswordSetByAnother {
    type Settings = PasswordSetterSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, profile: &LoginProfile, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let set = &profile.set;
        let may = |arn: &String| settings.allowed_setters.iter().any(|pattern| matches_pattern(pattern, arn));
        if set.by_itself || set.arns.iter().any(may) {
            return Verdict::Compliant;
        }
        let is_held = |deny: &Deny| matches!(deny, Deny::SessionsSince { moment } if *moment <= set.at);
        match &profile.denies {
            Observed::Known(denies) if denies.iter().any(is_held) => return Verdict::Compliant,
            Observed::Known(_) | Observed::Absent => {}
            Observed::Unknown { why } => {
                let why = format!("whether sign-ins of user `{}` are denied is unknown: {why}", profile.user);
                return Verdict::Undetermined { why };
            }
        }
        let what = if set.is_first { "gave" } else { "set a new password for" };
        let object = if set.is_first { " a console password" } else { "" };
        let keeps = match set.must_change {
            Some(false) => ", one that need not be changed on signing in",
            Some(true) | None => "",
        };
        let protected =
            if is_protected(&profile.user, terms) { "; the user is protected, so this is only notified" } else { "" };
        let why = format!("`{}` {what} user `{}`{object}{keeps}{protected}", set.by, profile.user);
        let element = format!("sign-ins of {} since {}", profile.user, set.at);
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence: vec![Evidence { element, why }] })
    }

    fn plan(&self, profile: &LoginProfile, _: &Violation, terms: &Terms<'_>) -> Plan<DenyAction> {
        if is_protected(&profile.user, terms) {
            return Plan::default();
        }
        // The moment stands in the policy's name: a later hold never takes the place of an earlier one.
        let on = Principal::User(profile.user.clone());
        let policy = DenyPolicy { on, deny: Deny::SessionsSince { moment: profile.set.at } };
        Plan::one(DenyAction::Put(policy.clone()), DenyAction::Lift(policy))
    }
}

fn is_protected(user: &str, terms: &Terms<'_>) -> bool {
    let settings = &terms.settings(&ConsolePasswordSetByAnother);
    settings.protected_users.iter().any(|pattern| matches_pattern(pattern, user))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::observed::Place;
    use crate::engine::own::Own;
    use crate::engine::verdict::VerdictKind;
    use crate::policy::Policy;
    use crate::resources::iam::login_profile::state::PasswordSet;
    use rstest::rstest;

    /// A hold that begins later lets the sessions in between go: it must not count for an earlier password.
    #[rstest]
    #[case::since_the_same_moment("2026-03-02T09:14:07Z", true)]
    #[case::since_an_earlier_password("2026-03-01T00:00:00Z", true)]
    #[case::since_a_later_password("2026-03-02T10:00:00Z", false)]
    fn a_hold_counts_when_it_covers_the_moment(#[case] since: &str, #[case] is_compliant: bool) {
        let set = PasswordSet {
            by: "eve".to_owned(),
            arns: vec!["arn:aws:iam::111122223333:user/eve".to_owned()],
            by_itself: false,
            at: "2026-03-02T09:14:07Z".parse().unwrap(),
            is_first: false,
            must_change: None,
        };
        let denies = Observed::Known(vec![
            Deny::SessionsWithoutMfa { may_enrol: true },
            Deny::SessionsSince { moment: since.parse().unwrap() },
        ]);
        let profile = LoginProfile { user: "ben".to_owned(), set, denies };
        let place = Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: String::new() };
        let terms = Terms { policy: &Policy::default(), place: &place, own: Own::default() };
        let verdict = ConsolePasswordSetByAnother.judge(&profile, &terms);
        assert_eq!(verdict == Verdict::Compliant, is_compliant, "{verdict:?}");
        let unread = LoginProfile { denies: Observed::Unknown { why: "denied".to_owned() }, ..profile };
        assert_eq!(ConsolePasswordSetByAnother.judge(&unread, &terms).kind(), VerdictKind::Undetermined);
    }
}
