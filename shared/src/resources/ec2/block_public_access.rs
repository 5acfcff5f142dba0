//! Block public access of snapshots and of images: settings of an account in a region, which forbid sharing with everyone
//! however the single resource is shared.

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const DISABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS: Permission =
    Permission::setting("ec2:DisableSnapshotBlockPublicAccess");
pub(crate) const ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS: Permission =
    Permission::setting("ec2:EnableSnapshotBlockPublicAccess");
pub(crate) const DISABLE_IMAGE_BLOCK_PUBLIC_ACCESS: Permission =
    Permission::setting("ec2:DisableImageBlockPublicAccess");
pub(crate) const ENABLE_IMAGE_BLOCK_PUBLIC_ACCESS: Permission = Permission::setting("ec2:EnableImageBlockPublicAccess");

/// How much is blocked, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blocking {
    /// Nothing is: users may share with everyone.
    Unblocked,
    /// Nobody may share with everyone any more; what is shared so already stays.
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

/// How the setting of snapshots is found: there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotBlockRef {
    /// What the event made it.
    pub made: Option<Blocking>,
    /// What it was when it was last known to be good.
    pub kept: Observed<Blocking>,
}

/// The setting of snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotBlock {
    /// What it is.
    pub now: Blocking,
    /// What it was when it was last known to be good.
    pub before: Observed<Blocking>,
    /// Whether the organisation's declarative policy decides it: then no call of the account can.
    pub is_declared: bool,
}

/// How the setting of images is found: there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageBlockRef {}

/// The setting of images, which is on or off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageBlock {
    /// Whether nobody may share an image with everyone.
    pub is_blocked: bool,
    /// Whether the organisation's declarative policy decides it: then no call of the account can.
    pub is_declared: bool,
}

/// The call that sets how much is blocked for snapshots.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotBlockAction {
    /// Make it this.
    Set(Blocking),
}

/// The call that switches the block for images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageBlockAction {
    /// No new public images.
    Block,
    /// Images may be shared with everyone.
    Unblock,
}

impl Default for SnapshotBlockRef {
    fn default() -> Self {
        Self { made: None, kept: Observed::Unknown { why: "nobody asked for what was kept".to_owned() } }
    }
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

impl fmt::Display for SnapshotBlockAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Set(level) = self;
        write!(f, "set block public access for snapshots to {level}")
    }
}

impl Action for SnapshotBlockAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Set(Blocking::Unblocked) => DISABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS.action,
            Self::Set(Blocking::BlockNewSharing | Blocking::BlockAllSharing) => {
                ENABLE_SNAPSHOT_BLOCK_PUBLIC_ACCESS.action
            }
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Set(Blocking::Unblocked) => "aws ec2 disable-snapshot-block-public-access".to_owned(),
            Self::Set(level @ (Blocking::BlockNewSharing | Blocking::BlockAllSharing)) => {
                format!("aws ec2 enable-snapshot-block-public-access --state {level}")
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    /// `block-new-sharing` is weaker than `block-all-sharing`, which somebody may have set by now.
    fn effect(&self) -> Effect {
        match self {
            Self::Set(Blocking::BlockAllSharing) => Effect::Restoring,
            Self::Set(Blocking::Unblocked | Blocking::BlockNewSharing) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}

impl fmt::Display for ImageBlockAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Block => "set block public access for images to block-new-sharing",
            Self::Unblock => "switch block public access for images off",
        })
    }
}

impl Action for ImageBlockAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Block => ENABLE_IMAGE_BLOCK_PUBLIC_ACCESS.action,
            Self::Unblock => DISABLE_IMAGE_BLOCK_PUBLIC_ACCESS.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Block => {
                "aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing"
            }
            Self::Unblock => "aws ec2 disable-image-block-public-access",
        };
        in_region(line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Block => Effect::Restoring,
            Self::Unblock => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
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
            let action = SnapshotBlockAction::Set(level);
            let text = serde_json::to_string(&action).unwrap();
            assert_eq!(serde_json::from_str::<SnapshotBlockAction>(&text).unwrap(), action);
        }
        assert_eq!(Blocking::read("block-some"), None);
    }

    #[test]
    fn what_blocks_nothing_is_another_call() {
        let command = |level| SnapshotBlockAction::Set(level).command("eu-west-1");
        assert_eq!(command(Blocking::Unblocked), "aws ec2 disable-snapshot-block-public-access --region eu-west-1");
        assert_eq!(
            command(Blocking::BlockAllSharing),
            "aws ec2 enable-snapshot-block-public-access --state block-all-sharing --region eu-west-1"
        );
    }
}
