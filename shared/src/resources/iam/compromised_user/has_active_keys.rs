//! IAM-17: a user of whom AWS found a key leaked has no key that works, and no session that was opened with one.

use super::state::{CompromisedAction, CompromisedUser, Quarantiner};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::access_key::state::UPDATE_ACCESS_KEY;
use crate::resources::iam::deny_policy::Deny;
use crate::resources::iam::inline_policy::state::PUT_USER_POLICY;
use crate::resources::iam::protected::PROTECTED_USERS;
use crate::resources::iam::session_cut::state as session_cut;
use crate::resources::iam::session_cut::state::LONGEST_OF_USER;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct QuarantinedUserHasActiveKeys;

/// What is done about a user whose key leaked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct QuarantineSettings {
    /// Whether the sessions that were opened with the user's credentials are cut too: they outlive their key by up to 36 hours.
    pub cut_sessions: bool,
    /// Names of users for whom it only notifies, such as break-glass users; `*` and `?` match.
    pub protected_users: Vec<String>,
    /// Principals besides AWS that may report a leaked key, by attaching AWS's quarantine policy to its user: ARNs of
    /// principals (or of the roles behind their sessions), `*` and `?` match as in IAM. `"*"` accepts any principal, and also
    /// a policy that a sweep finds.
    pub accepted_from: Vec<String>,
    /// Whether to accept a quarantine that, by the record, the user attached with its own access key: AWS has used found keys
    /// in this way, but so can any holder of the key.
    pub accept_own_key: bool,
}

impl GuardrailSettings for QuarantineSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "protected_users", entries: &self.protected_users, holds: PROTECTED_USERS },
            List { name: "accepted_from", entries: &self.accepted_from, holds: SIGNALS },
        ]
    }
}

const SIGNALS: Holds = Holds { shapes: Holds::CALLERS, form: "the ARN of a user or a role", everything: None };

static ABOUT: About = About {
    name: "quarantined-user-has-active-keys",
    catalogue_id: "IAM-17",
    title: "Leaked access key is still active",
    description: "AWS found a credential of an IAM user in public and attached its quarantine policy \
        (`AWSCompromisedKeyQuarantine…`) to the user. That policy denies the most dangerous calls; the key still \
        works for the others. Every active key of the user violates, because AWS does not record in the account \
        which one leaked. With `cut_sessions`, sessions opened before the quarantine violate too: they outlive their \
        key by up to 36 hours. A user without an active key complies. Any principal that may change a user's \
        policies can attach that policy, or one with its name. A quarantine that the record does not attribute to \
        AWS, or that a sweep finds, is therefore only notified (high), unless `accepted_from` or `accept_own_key` \
        accepts it.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1552",
    triggers: &["AttachUserPolicy", "DeleteUserPolicy", "PutUserPolicy", "UpdateAccessKey", "UpdateUser"],
    remediation: "Sets all keys of the user to inactive; with `cut_sessions`, also denies everything to the user's \
        earlier sessions. For users among `protected_users` it only notifies.",
    actions: &[PUT_USER_POLICY, UPDATE_ACCESS_KEY],
    ids: &["arn:%:iam::%:user/%"],
    not_watched: &[
        (
            "CreateAccessKey",
            "AWS's quarantine denies it to the user; a key created by another principal belongs to the \
                     guardrail on keys",
        ),
        (
            "DetachUserPolicy",
            "AWS asks to detach the quarantine once the key is replaced: the user's remaining policies are \
                evaluated by the guardrails on policies",
        ),
    ],
};

impl Guardrail<CompromisedUser, CompromisedAction> for QuarantinedUserHasActiveKeys {
    type Settings = QuarantineSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, user: &CompromisedUser, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let (found, doubt) = description(user, settings);
        let tail = match (&doubt, is_protected(user, terms)) {
            (Some(doubt), _) => format!("; only notified, as {doubt}"),
            (None, true) => "; the user is protected, so this is only notified".to_owned(),
            (None, false) => String::new(),
        };
        let mut evidence = Vec::new();
        // That a cut was removed says that sessions are open again, not which key leaked: anybody may have put and taken it.
        let is_of_a_cut = Deny::cut_until(&user.leak.policy).is_some();
        match &user.active_keys {
            _ if is_of_a_cut => {}
            Observed::Known(keys) => evidence.extend(keys.iter().map(|key| Evidence {
                element: key.clone(),
                why: format!("{found}, and its access key `{key}` works{tail}"),
            })),
            Observed::Absent => {}
            // The leak is certain: that is worth a page although nothing can be done about it from here.
            Observed::Unknown { why } => evidence.push(Evidence {
                element: "access keys".to_owned(),
                why: format!("{found}; which of its keys are active is unknown: {why}{tail}"),
            }),
        }
        let sessions = settings.cut_sessions.then(|| open_since(user)).flatten();
        if let Some((at, Observed::Known(()))) = &sessions {
            evidence.push(Evidence {
                element: format!("sessions from before {at}"),
                why: format!("{found}, and the sessions that were opened before {at} are not cut{tail}"),
            });
        }
        if !evidence.is_empty() {
            let severity = if doubt.is_some() { Severity::High } else { ABOUT.severity };
            return Verdict::Violation(Violation { severity, evidence });
        }
        match sessions {
            Some((_, Observed::Unknown { why })) => {
                Verdict::Undetermined { why: format!("{found}; whether its sessions are cut is unknown: {why}") }
            }
            Some((_, Observed::Known(()) | Observed::Absent)) | None => Verdict::Compliant,
        }
    }

    fn plan(&self, user: &CompromisedUser, _: &Violation, terms: &Terms<'_>) -> Plan<CompromisedAction> {
        let settings = &terms.settings(self);
        if is_protected(user, terms) || description(user, settings).1.is_some() {
            return Plan::default();
        }
        let is_of_a_cut = Deny::cut_until(&user.leak.policy).is_some();
        let keys = user.active_keys.known().into_iter().flatten().filter(|_| !is_of_a_cut);
        let mut steps: Vec<_> = keys.map(|id| CompromisedAction::deactivate(&user.user, id)).collect();
        let is_due = settings.cut_sessions && user.active_keys.known().is_some();
        if let Some((at, Observed::Known(()) | Observed::Unknown { .. })) = open_since(user).filter(|_| is_due) {
            steps.extend(CompromisedAction::cut(&user.user, session_cut::moment(at, user.seen)));
        }
        Plan { steps }
    }
}

/// What happened, and why it is not AWS's word where it is not.
fn description(user: &CompromisedUser, settings: &QuarantineSettings) -> (String, Option<String>) {
    let (name, policy) = (&user.user, &user.leak.policy);
    if Deny::cut_until(policy).is_some() {
        return (format!("the session cut `{policy}` of user `{name}` was lifted"), None);
    }
    let by_another = |who: &str| format!("AWS's quarantine policy (`{policy}`) was put on user `{name}` by {who}");
    let accepts = |arn: &String| settings.accepted_from.iter().any(|pattern| matches_pattern(pattern, arn));
    match &user.leak.by {
        Quarantiner::Aws => (format!("AWS found a credential of user `{name}` leaked (`{policy}`)"), None),
        Quarantiner::Principal { label, arns, is_own_key } => {
            let is_accepted = arns.iter().any(accepts) || (*is_own_key && settings.accept_own_key);
            let doubt =
                || "it was not AWS, and neither `accepted_from` nor `accept_own_key` names who it was".to_owned();
            (by_another(&format!("`{label}`")), (!is_accepted).then(doubt))
        }
        Quarantiner::Unknown => {
            let is_accepted = settings.accepted_from.iter().any(|pattern| pattern == "*");
            let doubt = || "IAM does not show whether that was AWS".to_owned();
            let found = format!("AWS's quarantine policy (`{policy}`) is on user `{name}`");
            (found, (!is_accepted).then(doubt))
        }
    }
}

fn is_protected(user: &CompromisedUser, terms: &Terms<'_>) -> bool {
    let settings = &terms.settings(&QuarantinedUserHasActiveKeys);
    settings.protected_users.iter().any(|pattern| matches_pattern(pattern, &user.user))
}

/// Since when sessions may be open that a leaked key opened, and whether they are. None where it is unknown when the key leaked (a sweep: then the cut would come again each
/// time).
fn open_since(user: &CompromisedUser) -> Option<(Timestamp, Observed<()>)> {
    let at = user.leak.at?;
    Some((at, session_cut::open_since(at, LONGEST_OF_USER, user.seen, &user.denies)?))
}
