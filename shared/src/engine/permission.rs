//! IAM permissions, each stated once: beside the action that needs it, or at the read. Roles, the catalogue and the documentation
//! are derived from these.

use serde::{Serialize, Serializer};
use std::fmt::{self, Display};

/// An IAM action and the resources that it is needed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The action, such as `ec2:RevokeSecurityGroupIngress`.
    pub action: &'static str,
    /// What it is needed on.
    pub on: On,
    /// A condition key that must equal this value.
    pub when: Option<(&'static str, &'static str)>,
}

/// What a permission is needed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// Resources of these forms, as the Service Authorization Reference writes their ARNs: without `arn:${Partition}:` before it.
    Resources(&'static [&'static str]),
    /// Every resource: the action reads, and IAM lets it name none.
    Reading,
    /// Every resource: the action changes a setting of the account, and IAM lets it name none.
    AccountSetting,
}

impl Permission {
    /// An action on resources of these forms, such as `ec2:${Region}:${Account}:security-group/*`.
    #[must_use]
    pub const fn on(action: &'static str, resources: &'static [&'static str]) -> Self {
        Self { action, on: On::Resources(resources), when: None }
    }

    /// A read that cannot be limited to a resource.
    #[must_use]
    pub const fn read(action: &'static str) -> Self {
        Self { action, on: On::Reading, when: None }
    }

    /// A change to a setting of the account, which cannot be limited to a resource.
    #[must_use]
    pub const fn setting(action: &'static str) -> Self {
        Self { action, on: On::AccountSetting, when: None }
    }

    /// Only where the condition key has this value.
    #[must_use]
    pub const fn when(self, key: &'static str, value: &'static str) -> Self {
        Self { when: Some((key, value)), ..self }
    }

    /// The service's prefix: `ec2` of `ec2:RunInstances`.
    #[must_use]
    pub fn service(self) -> &'static str {
        self.action.split_once(':').map_or(self.action, |(service, _)| service)
    }
}

impl Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.action)
    }
}

/// As the catalogue shows it: the action.
impl Serialize for Permission {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.action)
    }
}
