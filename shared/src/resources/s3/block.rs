//! Block public access, of a bucket and of the account ("Blocking public access to your Amazon S3 storage", S3 user guide).

use super::document::Held;
use super::record::flag;
use crate::engine::observed::Observed;
use crate::engine::planned::PlannedResource;
use crate::engine::unreadable::Unreadable;
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `PublicAccessBlockConfiguration`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// `BlockPublicAcls`: a public ACL is refused.
    pub acls: bool,
    /// `IgnorePublicAcls`: one that stands has no effect.
    pub ignores_acls: bool,
    /// `BlockPublicPolicy`: a public bucket policy is refused.
    pub policy: bool,
    /// `RestrictPublicBuckets`: one that stands lets only the account and AWS's services in.
    pub restricts: bool,
}

impl Block {
    /// Everything is blocked.
    pub const ALL: Self = Self { acls: true, ignores_acls: true, policy: true, restricts: true };

    /// As records and the AWS command line write it. What is not there is off.
    #[must_use]
    pub fn read(value: &Value) -> Self {
        let is_on = |key: &str| flag(value, key) == Some(true);
        Self {
            acls: is_on("BlockPublicAcls"),
            ignores_acls: is_on("IgnorePublicAcls"),
            policy: is_on("BlockPublicPolicy"),
            restricts: is_on("RestrictPublicBuckets"),
        }
    }

    /// As a file says it in CloudFormation's names or Terraform's; what it leaves out is `unsaid`.
    pub(crate) fn planned(it: &PlannedResource<'_>, unsaid: bool) -> Result<Self, Unreadable> {
        let is_on = |cloudformation: &str, terraform: &str| {
            let name = if it.is_terraform() { terraform } else { cloudformation };
            it.flag(name).map(|flag| flag.unwrap_or(unsaid))
        };
        Ok(Self {
            acls: is_on("BlockPublicAcls", "block_public_acls")?,
            ignores_acls: is_on("IgnorePublicAcls", "ignore_public_acls")?,
            policy: is_on("BlockPublicPolicy", "block_public_policy")?,
            restricts: is_on("RestrictPublicBuckets", "restrict_public_buckets")?,
        })
    }

    /// Each flag by S3's name.
    #[must_use]
    pub fn flags(self) -> [(&'static str, bool); 4] {
        [
            ("BlockPublicAcls", self.acls),
            ("IgnorePublicAcls", self.ignores_acls),
            ("BlockPublicPolicy", self.policy),
            ("RestrictPublicBuckets", self.restricts),
        ]
    }

    /// What one of the two blocks.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            acls: self.acls || other.acls,
            ignores_acls: self.ignores_acls || other.ignores_acls,
            policy: self.policy || other.policy,
            restricts: self.restricts || other.restricts,
        }
    }

    /// The flags that are on here and off in `now`.
    #[must_use]
    pub fn missing_in(self, now: Self) -> Vec<&'static str> {
        let pairs = self.flags().into_iter().zip(now.flags());
        pairs.filter(|((_, wanted), (_, is_on))| *wanted && !is_on).map(|((name, _), _)| name).collect()
    }

    /// For a person: which are off.
    #[must_use]
    pub fn sentence(self) -> String {
        let on = self.flags().into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name);
        match on.collect::<Vec<_>>().as_slice() {
            [] => "nothing blocked".to_owned(),
            [_, _, _, _] => "everything blocked".to_owned(),
            some => some.join(", "),
        }
    }

    /// Each flag with its value, as the AWS command line takes them.
    #[must_use]
    pub fn text(self) -> String {
        self.flags().map(|(name, is_on)| format!("{name}={is_on}")).join(",")
    }

    /// The option of the AWS command line.
    #[must_use]
    pub fn option(self) -> String {
        format!("--public-access-block-configuration {}", self.text())
    }
}

/// What has to be blocked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BlockSettings {
    /// Whether all four kinds of public access must be blocked everywhere, whatever was blocked before. Without it, what was blocked
    /// when it was last seen must stay blocked.
    pub all: bool,
}

impl GuardrailSettings for BlockSettings {}

/// What is judged: none where the block is good.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Judged {
    Good,
    /// What it should be, and why.
    Weak {
        wanted: Block,
        why: String,
    },
    Unknown(String),
}

/// Judges the block of `what`.
pub(crate) fn judge(held: &Held<Option<Block>>, settings: &BlockSettings, what: &str) -> Judged {
    let now = held.now.unwrap_or_default();
    let (required, was) = match (&held.before, settings.all, held.by_event) {
        (Observed::Known(before), false, _) => {
            let before = before.unwrap_or_default();
            (before, format!("it was {}", before.sentence()))
        }
        (_, true, _) => (Block::ALL, "policy asks for all of it".to_owned()),
        // What AWS gives every new bucket; nothing says that this one had less.
        (Observed::Absent, false, true) => (Block::ALL, "what it was before was never seen".to_owned()),
        (Observed::Unknown { why }, false, true) => (Block::ALL, format!("what it was before is unknown ({why})")),
        (Observed::Absent, false, false) => return Judged::Good,
        // Not good: another state may have been kept, and this one must not take its place.
        (Observed::Unknown { why }, false, false) if now != Block::ALL => {
            return Judged::Unknown(format!("what {what} blocked when last seen is unknown: {why}"));
        }
        (Observed::Unknown { .. }, false, false) => return Judged::Good,
    };
    let missing = required.missing_in(now);
    if missing.is_empty() {
        return Judged::Good;
    }
    let gone =
        if held.now.is_none() { "has no public access block" } else { "blocks less public access than it should" };
    let why = format!("{what} {gone}: {} off; {was}", missing.join(", "));
    Judged::Weak { wanted: now.or(required), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn flags_are_read_merged_and_written() {
        let some = Block::read(
            &json!({"BlockPublicAcls": "true", "RestrictPublicBuckets": true, "IgnorePublicAcls": "false"}),
        );
        assert_eq!(some.sentence(), "BlockPublicAcls, RestrictPublicBuckets");
        assert_eq!(Block::ALL.missing_in(some), ["IgnorePublicAcls", "BlockPublicPolicy"]);
        assert_eq!(some.or(Block::ALL), Block::ALL);
        assert_eq!(
            some.option(),
            "--public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=false,BlockPublicPolicy=false,RestrictPublicBuckets=true"
        );
    }
}
