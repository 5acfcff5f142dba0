//! What is left to contain of a user whose credential is reported, and the calls that do: shared by both guardrails.

use super::state::ReportedUser;
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::matches_pattern;
use crate::resources::iam::compromised_user::state::CompromisedAction;
use crate::resources::iam::session_cut::state::{LONGEST_OF_USER, moment, open_since};
use crate::resources::threat::gone;

/// What a guardrail makes of the report.
pub(super) struct Case<'a> {
    /// How grave it is.
    pub(super) severity: Severity,
    /// What is reported, as the beginning of a sentence.
    pub(super) found: String,
    /// Whether the sessions that the credential may have opened are to be cut as well.
    pub(super) cut_sessions: bool,
    /// Why it only notifies, where it does.
    pub(super) doubt: Option<String>,
    pub(super) protected_users: &'a [String],
}

impl Case<'_> {
    /// Why nothing is changed.
    fn restraint(&self, user: &ReportedUser) -> Option<String> {
        let is_protected = self.protected_users.iter().any(|pattern| matches_pattern(pattern, &user.user));
        self.doubt.clone().or_else(|| is_protected.then(|| "the user is among `protected_users`".to_owned()))
    }

    /// Whether sessions are open that were opened before the activity was last seen; none where they are not asked about.
    fn sessions(&self, user: &ReportedUser) -> Option<Observed<()>> {
        let is_asked = self.cut_sessions || user.reported.is_session();
        let open = || open_since(user.reported.report.at, LONGEST_OF_USER, user.seen, &user.denies);
        is_asked.then(open).flatten()
    }

    pub(super) fn judge(&self, user: &ReportedUser) -> Verdict {
        let tail = self.restraint(user).map(|why| format!("; only notified: {why}")).unwrap_or_default();
        let found = &self.found;
        if user.is_gone {
            return gone(found, &format!("the credential of `{}`", user.user), self.severity);
        }
        let mut evidence: Vec<Evidence> = user
            .suspect_keys()
            .map(|key| Evidence {
                element: key.clone(),
                why: format!("{found}, and access key `{key}` of user `{}` works{tail}", user.user),
            })
            .collect();
        let sessions = self.sessions(user);
        if let Some(Observed::Known(())) = sessions {
            let at = user.reported.report.at;
            let why = format!("{found}, and the sessions of user `{}` from before {at} are not cut{tail}", user.user);
            evidence.push(Evidence { element: format!("sessions from before {at}"), why });
        }
        match sessions {
            _ if !evidence.is_empty() => Verdict::Violation(Violation { severity: self.severity, evidence }),
            Some(Observed::Unknown { why }) => {
                Verdict::Undetermined { why: format!("{found}; whether the user's sessions are cut is unknown: {why}") }
            }
            Some(Observed::Known(()) | Observed::Absent) | None => Verdict::Compliant,
        }
    }

    /// Keys first: a key that works opens sessions.
    pub(super) fn plan(&self, user: &ReportedUser) -> Plan<CompromisedAction> {
        if user.is_gone || self.restraint(user).is_some() {
            return Plan::default();
        }
        let mut steps: Vec<_> = user.suspect_keys().map(|key| CompromisedAction::deactivate(&user.user, key)).collect();
        if let Some(Observed::Known(()) | Observed::Unknown { .. }) = self.sessions(user) {
            steps.extend(CompromisedAction::cut(&user.user, moment(user.reported.report.at, user.seen)));
        }
        Plan { steps }
    }
}

/// What a person should know of a credential that is contained.
pub(super) fn remarks(user: &ReportedUser) -> Vec<String> {
    if user.reported.is_session() && !user.active_keys.is_empty() {
        let keys = user.active_keys.join("`, `");
        return vec![format!(
            "the report names a session; the user's active keys (`{keys}`) can open another one: replace them"
        )];
    }
    Vec::new()
}
