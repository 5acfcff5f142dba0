//! What EMR's block of public access says.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// `BlockPublicAccessConfiguration`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// `BlockPublicSecurityGroupRules`
    pub is_on: bool,
    /// `PermittedPublicSecurityGroupRuleRanges`: the ports that may be public all the same, from and to.
    pub ranges: Vec<(u16, u16)>,
}

impl Block {
    /// What an account has by default: port 22 is excepted.
    #[must_use]
    pub fn usual() -> Self {
        Self { is_on: true, ranges: vec![(22, 22)] }
    }

    /// As a record or an answer writes it. None where it does not say whether it is on, or a range is not whole.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let member = |of: &Value, name: &str| {
            let small = format!("{}{}", name.get(..1)?.to_lowercase(), name.get(1..)?);
            of.get(name).or_else(|| of.get(small)).cloned()
        };
        let port = |of: &Value, name: &str| member(of, name)?.as_u64().and_then(|port| u16::try_from(port).ok());
        let range = |of: &Value| {
            let from = port(of, "MinRange")?;
            Some((from, port(of, "MaxRange").unwrap_or(from)))
        };
        let is_on = member(value, "BlockPublicSecurityGroupRules")?.as_bool()?;
        let ranges = member(value, "PermittedPublicSecurityGroupRuleRanges");
        let ranges = ranges.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let mut ranges: Vec<(u16, u16)> = ranges.iter().map(range).collect::<Option<_>>()?;
        ranges.sort_unstable();
        Some(Self { is_on, ranges })
    }

    /// As a call takes it.
    #[must_use]
    pub fn written(&self) -> Value {
        let ranges: Vec<Value> =
            self.ranges.iter().map(|(from, to)| json!({"MinRange": from, "MaxRange": to})).collect();
        json!({"BlockPublicSecurityGroupRules": self.is_on, "PermittedPublicSecurityGroupRuleRanges": ranges})
    }
}

/// A range, for a person.
#[must_use]
pub fn ports((from, to): (u16, u16)) -> String {
    if from == to { from.to_string() } else { format!("{from}-{to}") }
}

impl fmt::Display for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ranges: Vec<String> = self.ranges.iter().copied().map(ports).collect();
        let except = if ranges.is_empty() { String::new() } else { format!(", except ports {}", ranges.join(", ")) };
        write!(f, "{}{except}", if self.is_on { "on" } else { "off" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_and_answers_are_read_alike() {
        let block = Block { is_on: true, ranges: vec![(22, 22), (8000, 8010)] };
        assert_eq!(Block::read(&block.written()), Some(block.clone()));
        let record = json!({"blockPublicSecurityGroupRules": true, "permittedPublicSecurityGroupRuleRanges":
            [{"minRange": 8000, "maxRange": 8010}, {"minRange": 22}]});
        assert_eq!(Block::read(&record), Some(block));
        assert_eq!(Block::read(&json!({"permittedPublicSecurityGroupRuleRanges": []})), None);
    }
}
