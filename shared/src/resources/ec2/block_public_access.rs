//! Block public access of snapshots and of images: settings of an account in a region, which forbid sharing with everyone
//! however the single resource is shared.

use super::setting_wire::{asked, text};
use crate::engine::event::Event;
use crate::engine::guardrail::NotWatched;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
pub(crate) const NOT_WATCHED: &[NotWatched] = &[(
    "EnablePolicyType, AttachPolicy",
    "the organisation's declarative policy then owns the setting: it cannot be changed in the account",
)];

/// How much is blocked, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blocking {
    /// Nothing is: users may share with everyone.
    Unblocked,
    /// Nothing new may be shared with everyone; what is shared so already stays.
    BlockNewSharing,
    /// Besides, what is shared so already is hidden. Snapshots only.
    BlockAllSharing,
}

/// A level that an operator may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AskedBlocking {
    /// No new public sharing.
    BlockNewSharing,
    /// No public sharing at all: what is shared publicly already is hidden.
    BlockAllSharing,
}

impl Blocking {
    /// The API's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unblocked => "unblocked",
            Self::BlockNewSharing => "block-new-sharing",
            Self::BlockAllSharing => "block-all-sharing",
        }
    }

    /// Reads the API's word; none for one that is not documented.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        [Self::Unblocked, Self::BlockNewSharing, Self::BlockAllSharing].into_iter().find(|level| level.word() == word)
    }
}

impl From<AskedBlocking> for Blocking {
    fn from(asked: AskedBlocking) -> Self {
        match asked {
            AskedBlocking::BlockNewSharing => Self::BlockNewSharing,
            AskedBlocking::BlockAllSharing => Self::BlockAllSharing,
        }
    }
}

impl fmt::Display for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What the call set: `Disable...` says so by its name, `Enable...` in the field `state` of its request; none where that cannot be
/// read.
pub(crate) fn requested(event: &Event, state: &str) -> Option<Blocking> {
    if event.name.starts_with("Disable") {
        return Some(Blocking::Unblocked);
    }
    text(asked(event, state)).and_then(Blocking::read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_by_what_they_block_and_read_as_the_api_writes_them() {
        assert!(
            Blocking::Unblocked < Blocking::BlockNewSharing && Blocking::BlockNewSharing < Blocking::BlockAllSharing
        );
        for level in [Blocking::Unblocked, Blocking::BlockNewSharing, Blocking::BlockAllSharing] {
            assert_eq!(Blocking::read(level.word()), Some(level));
        }
        assert_eq!(Blocking::read("block-some"), None);
    }
}
