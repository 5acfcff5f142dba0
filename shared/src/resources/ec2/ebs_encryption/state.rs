//! What new EBS volumes of an account and region are encrypted with ("Enable Amazon EBS encryption by default", EBS user
//! guide).

use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const ENABLE_EBS_ENCRYPTION_BY_DEFAULT: Permission = Permission::setting("ec2:EnableEbsEncryptionByDefault");
pub(crate) const DISABLE_EBS_ENCRYPTION_BY_DEFAULT: Permission =
    Permission::setting("ec2:DisableEbsEncryptionByDefault");
pub(crate) const RESET_EBS_DEFAULT_KMS_KEY_ID: Permission = Permission::setting("ec2:ResetEbsDefaultKmsKeyId");
pub(crate) const MODIFY_EBS_DEFAULT_KMS_KEY_ID: Permission = Permission::setting("ec2:ModifyEbsDefaultKmsKeyId");

/// How EC2 names the key that AWS manages for EBS.
const MANAGED: &str = "alias/aws/ebs";

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EbsRef {
    /// Which part of the setting.
    pub asks: Asks,
    /// The key of the last known good state.
    pub before: Observed<DefaultKey>,
}

/// A part of the setting. What is not asked for is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asks {
    /// Whether new volumes are encrypted, and which were not since it was switched off.
    Encryption {
        /// When that was.
        since: Timestamp,
    },
    /// The key.
    Key,
    /// Both.
    Both,
}

/// The key that new volumes are encrypted with where the request names no other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DefaultKey {
    /// The one that AWS manages.
    AwsManaged,
    /// A customer managed key, by its ARN.
    Customer(String),
}

impl DefaultKey {
    /// The key as `GetEbsDefaultKmsKeyId` names it.
    #[must_use]
    pub fn read(name: &str) -> Self {
        let is_managed = name == MANAGED || name.starts_with("arn:") && name.ends_with(":alias/aws/ebs");
        if is_managed { Self::AwsManaged } else { Self::Customer(name.to_owned()) }
    }

    /// The name that [`Self::read`] takes.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::AwsManaged => MANAGED,
            Self::Customer(arn) => arn,
        }
    }

    /// The account that the key belongs to, where its name says so.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::AwsManaged => None,
            Self::Customer(arn) => arn.split(':').nth(4).filter(|_| arn.starts_with("arn:")),
        }
    }
}

impl fmt::Display for DefaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is known of the setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EbsEncryption {
    /// Whether new volumes are encrypted by default.
    pub is_on: Observed<bool>,
    /// The default key.
    pub key: Observed<DefaultKey>,
    /// The key of the last known good state.
    pub before: Observed<DefaultKey>,
    /// Whether an event says that the key was changed just now.
    pub key_was_changed: bool,
    /// Volumes that were made unencrypted since encryption was switched off. For the reader alone: one that is deleted
    /// is no change of the setting, so it is not kept.
    #[serde(skip, default = "not_looked")]
    pub made_unencrypted: Observed<Made>,
}

/// Volumes that were made, as many as a message holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// `vol-…`
    pub volumes: Vec<String>,
    /// Whether there may be more.
    pub is_cut: bool,
}

/// The answer about volumes where there was no look.
#[must_use]
pub fn not_looked() -> Observed<Made> {
    Observed::Absent
}

/// The calls that change the setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EbsAction {
    /// New volumes are encrypted.
    Encrypt,
    /// New volumes are encrypted only where the request asks for it.
    DoNotEncrypt,
    /// This is the default key.
    UseKey(DefaultKey),
}

impl fmt::Display for EbsAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Encrypt => f.write_str("enable EBS encryption by default"),
            Self::DoNotEncrypt => f.write_str("disable EBS encryption by default"),
            Self::UseKey(DefaultKey::AwsManaged) => f.write_str("reset the default key of EBS to the one of AWS"),
            Self::UseKey(DefaultKey::Customer(arn)) => write!(f, "set the default key of EBS to {arn}"),
        }
    }
}

impl Action for EbsAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Encrypt => ENABLE_EBS_ENCRYPTION_BY_DEFAULT.action,
            Self::DoNotEncrypt => DISABLE_EBS_ENCRYPTION_BY_DEFAULT.action,
            Self::UseKey(DefaultKey::AwsManaged) => RESET_EBS_DEFAULT_KMS_KEY_ID.action,
            Self::UseKey(DefaultKey::Customer(_)) => MODIFY_EBS_DEFAULT_KMS_KEY_ID.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let line = match self {
            Self::Encrypt => "aws ec2 enable-ebs-encryption-by-default".to_owned(),
            Self::DoNotEncrypt => "aws ec2 disable-ebs-encryption-by-default".to_owned(),
            Self::UseKey(DefaultKey::AwsManaged) => "aws ec2 reset-ebs-default-kms-key-id".to_owned(),
            Self::UseKey(DefaultKey::Customer(arn)) => {
                format!("aws ec2 modify-ebs-default-kms-key-id --kms-key-id {}", word(arn))
            }
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Encrypt => Effect::Restoring,
            Self::DoNotEncrypt | Self::UseKey(_) => Effect::Overwriting,
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
    fn the_key_of_aws_has_two_names() {
        assert_eq!(DefaultKey::read("alias/aws/ebs"), DefaultKey::AwsManaged);
        assert_eq!(DefaultKey::read("arn:aws:kms:eu-west-1:111122223333:alias/aws/ebs"), DefaultKey::AwsManaged);
        let own = DefaultKey::read("arn:aws:kms:eu-west-1:111122223333:key/1");
        assert_eq!((own.account(), own.name()), (Some("111122223333"), "arn:aws:kms:eu-west-1:111122223333:key/1"));
        assert_eq!(DefaultKey::read("xalias/aws/ebs").account(), None);
    }

    #[test]
    fn a_key_cannot_leave_its_command() {
        let use_key = |name: &str| EbsAction::UseKey(DefaultKey::read(name)).command("eu-west-1");
        assert_eq!(
            use_key("arn:aws:kms:eu-west-1:1:key/a-b"),
            "aws ec2 modify-ebs-default-kms-key-id --kms-key-id arn:aws:kms:eu-west-1:1:key/a-b --region eu-west-1"
        );
        assert!(use_key("x; rm -rf 'y'").contains("--kms-key-id \"x; rm -rf 'y'\" --region"));
        assert_eq!(use_key("alias/aws/ebs"), "aws ec2 reset-ebs-default-kms-key-id --region eu-west-1");
    }
}
