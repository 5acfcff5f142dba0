//! The version of the policy format.

use super::BadValue;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the policy format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("enum" = [1]))]
pub struct Version;

impl TryFrom<u8> for Version {
    type Error = BadValue;

    fn try_from(version: u8) -> Result<Self, BadValue> {
        if version == 1 { Ok(Self) } else { Err(BadValue::Version(version)) }
    }
}

impl From<Version> for u8 {
    fn from(_: Version) -> Self {
        1
    }
}
