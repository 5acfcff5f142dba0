//! Numbers and networks as settings take them.

use crate::policy::BadValue;
use ipnet::IpNet;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;

/// A number that AWS takes: no larger than `MOST`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct AtMost<const MOST: u32>(pub(crate) u32);

impl<const MOST: u32> AtMost<MOST> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }
}

impl<const MOST: u32> TryFrom<u32> for AtMost<MOST> {
    type Error = BadValue;

    fn try_from(number: u32) -> Result<Self, BadValue> {
        if number <= MOST { Ok(Self(number)) } else { Err(BadValue::TooMuch { number, most: MOST }) }
    }
}

impl<const MOST: u32> From<AtMost<MOST>> for u32 {
    fn from(number: AtMost<MOST>) -> Self {
        number.0
    }
}

impl<const MOST: u32> JsonSchema for AtMost<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("AtMost{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": MOST })
    }
}

/// A network in the policy file, host bits masked as AWS does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr(pub IpNet);

impl<'de> Deserialize<'de> for Cidr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        crate::net::parse_cidr(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl Serialize for Cidr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl JsonSchema for Cidr {
    fn schema_name() -> Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A network such as `203.0.113.0/24` or `2001:db8::/32`.",
            "pattern": "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"
        })
    }
}
