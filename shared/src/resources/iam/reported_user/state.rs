//! A user of whom AWS's own detection reports a key or a session, and what is known of it.

use crate::engine::observed::Observed;
use crate::resources::iam::deny_policy::Deny;
use crate::resources::threat::{Caller, Report};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How to find the user, and what is reported of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedRef {
    /// Its name, its unique id and the credential; of what a report does not say, empty.
    pub caller: Caller,
    /// The report.
    pub report: Report,
}

impl ReportedRef {
    /// Whether the credential is one of a session.
    #[must_use]
    pub fn is_session(&self) -> bool {
        self.caller.key.starts_with("ASIA")
    }

    /// Why it cannot be looked for, where what the event names is neither a key nor a user.
    #[must_use]
    pub fn unnamed(&self) -> Option<String> {
        let Caller { name, key, .. } = &self.caller;
        let is_unnamed = name.is_empty() && !super::is_key(key);
        is_unnamed.then(|| match key.as_str() {
            "" => "the event names an entity without a value".to_owned(),
            key => format!("the event names `{key}`, which is neither an access key nor a user"),
        })
    }
}

/// What is known of the user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportedUser {
    /// Its name now.
    pub user: String,
    /// What is reported.
    pub reported: ReportedRef,
    /// The ids of those of its keys that work.
    pub active_keys: Vec<String>,
    /// What Parapet denies it already.
    pub denies: Observed<Vec<Deny>>,
    /// Whether it is not there any more.
    #[serde(default)]
    pub is_gone: bool,
    /// When it was looked at. Not part of what it is: a user that was looked at later has not changed.
    #[serde(skip)]
    pub seen: Timestamp,
}

impl ReportedUser {
    /// Those of its keys that are meant and work: the one that is named, or all where none is.
    pub fn suspect_keys(&self) -> impl Iterator<Item = &String> {
        let named = self.reported.caller.key.as_str();
        let is_session = self.reported.is_session();
        self.active_keys.iter().filter(move |key| !is_session && (named.is_empty() || *key == named))
    }
}
