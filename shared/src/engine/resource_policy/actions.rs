//! The calls that change a policy: write it, or delete it.

use super::{PolicyState, ResourcePolicy, called};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A call that changes a policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", bound = "P: ResourcePolicy")]
pub enum PolicyAction<P: ResourcePolicy> {
    /// The document without what is at fault.
    Reduce {
        /// The resource.
        subject: P::Subject,
        /// What is left.
        document: String,
        /// What was taken out, each in a few words.
        edits: Vec<String>,
        /// The revision that it was computed from, where the service takes that as a condition.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
    },
    /// There is no policy any more.
    Delete {
        /// The resource.
        subject: P::Subject,
        /// As above.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        revision: Option<String>,
    },
    /// The undo: the document that was there.
    Restore {
        /// The resource.
        subject: P::Subject,
        /// The document.
        document: String,
    },
    /// The setting that makes grants to strangers ineffective is switched on; the policy stays as it is.
    Shield {
        /// The resource.
        subject: P::Subject,
        /// What it is then.
        setting: String,
    },
    /// The undo of that.
    Unshield {
        /// The resource.
        subject: P::Subject,
        /// What it was.
        setting: String,
    },
}

impl<P: ResourcePolicy> PolicyAction<P> {
    /// Whose policy it changes.
    #[must_use]
    pub fn subject(&self) -> &P::Subject {
        match self {
            Self::Reduce { subject, .. }
            | Self::Delete { subject, .. }
            | Self::Restore { subject, .. }
            | Self::Shield { subject, .. }
            | Self::Unshield { subject, .. } => subject,
        }
    }

    /// The condition of the call.
    #[must_use]
    pub fn revision(&self) -> Option<&str> {
        match self {
            Self::Reduce { revision, .. } | Self::Delete { revision, .. } => revision.as_deref(),
            Self::Restore { .. } | Self::Shield { .. } | Self::Unshield { .. } => None,
        }
    }

    /// The call after which the policy is what it is in this state; none where that is unknown.
    #[must_use]
    pub fn restoring(state: &PolicyState<P::Subject>) -> Option<Self> {
        let subject = state.subject.clone();
        match &state.document {
            Observed::Known(document) => Some(Self::Restore { subject, document: document.clone() }),
            Observed::Absent => Some(Self::Delete { subject, revision: None }),
            Observed::Unknown { .. } => None,
        }
    }
}

fn shield<P: ResourcePolicy>() -> &'static str {
    P::SHIELD.map_or("setting", |shield| shield.noun)
}

impl<P: ResourcePolicy> fmt::Display for PolicyAction<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let resource = called::<P>(self.subject());
        match self {
            Self::Reduce { edits, .. } => write!(f, "reduce the policy of {resource}: {}", edits.join(", ")),
            Self::Delete { .. } => write!(f, "delete the policy of {resource}"),
            Self::Restore { .. } => write!(f, "restore the policy of {resource}"),
            Self::Shield { setting, .. } => write!(f, "set the {} of {resource} to {setting}", shield::<P>()),
            Self::Unshield { setting, .. } => write!(f, "restore the {} of {resource}: {setting}", shield::<P>()),
        }
    }
}

impl<P: ResourcePolicy> Action for PolicyAction<P> {
    fn permission(&self) -> &'static str {
        match self {
            Self::Reduce { .. } | Self::Restore { .. } => P::PUT.action,
            Self::Delete { .. } => P::DELETE.unwrap_or(P::PUT).action,
            Self::Shield { .. } | Self::Unshield { .. } => P::SHIELD.map_or(P::PUT, |shield| shield.permission).action,
        }
    }

    fn command(&self, region: &str) -> String {
        let subject = P::words(self.subject());
        let line = match self {
            Self::Reduce { document, .. } | Self::Restore { document, .. } => P::put_line(&subject, document),
            Self::Delete { .. } => P::delete_line(&subject),
            Self::Shield { setting, .. } | Self::Unshield { setting, .. } => {
                P::SHIELD.map(|shield| (shield.line)(&subject, setting)).unwrap_or_default()
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// The whole document is written, whatever stands there. A setting of which every part is on is never less strict than what stands.
    fn effect(&self) -> Effect {
        match self {
            Self::Shield { setting, .. } if !setting.contains("=false") => Effect::Restoring,
            Self::Reduce { .. }
            | Self::Delete { .. }
            | Self::Restore { .. }
            | Self::Shield { .. }
            | Self::Unshield { .. } => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        match self {
            Self::Reduce { edits, .. } => edits.len(),
            Self::Delete { .. } | Self::Restore { .. } | Self::Shield { .. } | Self::Unshield { .. } => 1,
        }
    }

    fn guards_itself(&self) -> bool {
        self.revision().is_some()
    }
}
