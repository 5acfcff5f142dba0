//! What a web ACL does with requests, as far as it can be weakened without another rule: its default, and what each of its rules does.

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// How a web ACL is found, who called, and what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRef {
    /// Its ARN.
    pub arn: String,
    /// See [`callers`](crate::resources::callers::callers).
    pub by: Vec<String>,
    /// Whether an event leads to it, and not a sweep.
    pub by_event: bool,
    /// What it said when it was last seen to be good.
    pub before: Observed<Said>,
}

impl AclRef {
    /// One of which nothing was recalled yet.
    #[must_use]
    pub fn new(arn: &str) -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { arn: arn.to_owned(), by: Vec::new(), by_event: false, before }
    }
}

/// What is known of a web ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// How it is found.
    pub of: AclRef,
    /// What it says; none where it was deleted.
    pub now: Option<Said>,
}

/// What a web ACL says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Whether it blocks what no rule decides.
    pub blocks_by_default: bool,
    /// What each rule does, by its name.
    pub rules: BTreeMap<String, Does>,
}

/// What a rule does with a request that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Does {
    /// Blocks it, or asks for a CAPTCHA or a challenge.
    Stops,
    /// What the rules of its group say.
    AsItsGroup,
    /// Counts it, and goes on.
    Counts,
    /// Lets it through.
    Allows,
}

impl Does {
    /// What a person reads.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Stops => "blocks",
            Self::AsItsGroup => "does what its rule group says",
            Self::Counts => "only counts",
            Self::Allows => "lets through",
        }
    }

    /// Whether it stops no request.
    #[must_use]
    pub fn is_idle(self) -> bool {
        match self {
            Self::Stops | Self::AsItsGroup => false,
            Self::Counts | Self::Allows => true,
        }
    }
}

/// A member as an answer names it, or as a record does.
fn member<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    let small = || format!("{}{}", name.get(..1).unwrap_or_default().to_lowercase(), name.get(1..).unwrap_or_default());
    of.get(name).or_else(|| of.get(small())).filter(|value| !value.is_null())
}

/// None where it is none that this version knows.
fn does(rule: &Value) -> Option<Does> {
    if let Some(action) = member(rule, "Action") {
        let is = |name: &str| member(action, name).is_some();
        return match (is("Block") || is("Captcha") || is("Challenge"), is("Count"), is("Allow")) {
            (true, _, _) => Some(Does::Stops),
            (_, true, _) => Some(Does::Counts),
            (_, _, true) => Some(Does::Allows),
            (false, false, false) => None,
        };
    }
    let over = member(rule, "OverrideAction")?;
    let of_group = member(over, "None").map(|_| Does::AsItsGroup);
    of_group.or_else(|| member(over, "Count").map(|_| Does::Counts))
}

impl Said {
    /// A `WebACL` of an answer, or the request of an update. None where it does not show what it does, or a rule of it is none that is known.
    #[must_use]
    pub fn read(acl: &Value) -> Option<Self> {
        let default = member(acl, "DefaultAction")?;
        let blocks = member(default, "Block").is_some();
        if !blocks && member(default, "Allow").is_none() {
            return None;
        }
        let rules = match member(acl, "Rules") {
            Some(rules) => rules.as_array()?.as_slice(),
            None => &[],
        };
        let named = |rule: &Value| Some((member(rule, "Name")?.as_str()?.to_owned(), does(rule)?));
        Some(Self { blocks_by_default: blocks, rules: rules.iter().map(named).collect::<Option<_>>()? })
    }

    /// What it does less than `before` did: for each, an element and a sentence about it.
    #[must_use]
    pub fn less_than(&self, before: &Self) -> Vec<(String, String)> {
        let default = (before.blocks_by_default && !self.blocks_by_default)
            .then(|| ("default action".to_owned(), "lets through by default what it blocked".to_owned()));
        let rules = before.rules.iter().filter_map(|(name, was)| {
            let element = format!("rule {name}");
            match self.rules.get(name) {
                None if *was == Does::Allows => None,
                None => Some((element, format!("has no rule `{name}` any more, which {}", past(*was)))),
                Some(is) if is.is_idle() && !was.is_idle() => {
                    Some((element, format!("has rule `{name}`, which {} and now {}", past(*was), is.word())))
                }
                Some(_) => None,
            }
        });
        default.into_iter().chain(rules).collect()
    }

    /// Whether no request is stopped by it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.blocks_by_default && self.rules.values().all(|does| does.is_idle())
    }
}

fn past(was: Does) -> &'static str {
    match was {
        Does::Stops => "blocked",
        Does::AsItsGroup => "did what its rule group says",
        Does::Counts => "counted",
        Does::Allows => "let through",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_and_answers_are_read_alike() {
        let answer = json!({"DefaultAction": {"Allow": {}}, "Rules": [{"Name": "bad", "Action": {"Block": {}}},
            {"Name": "managed", "OverrideAction": {"None": {}}}]});
        let record = json!({"defaultAction": {"allow": {}}, "rules": [{"name": "bad", "action": {"block": {}}},
            {"name": "managed", "overrideAction": {"none": {}}}]});
        let said = Said::read(&answer).unwrap();
        assert_eq!(Said::read(&record), Some(said.clone()));
        assert_eq!((said.rules["bad"], said.rules["managed"], said.is_open()), (Does::Stops, Does::AsItsGroup, false));
        for odd in [
            json!({}),
            json!({"defaultAction": {"allow": {}}, "rules": [{"name": "bad"}]}),
            json!({"defaultAction": {"allow": {}}, "rules": "HIDDEN"}),
        ] {
            assert_eq!(Said::read(&odd), None, "{odd}");
        }
    }

    #[test]
    fn what_stops_less_is_told_rule_by_rule() {
        let said = |default: bool, rules: &[(&str, Does)]| Said {
            blocks_by_default: default,
            rules: rules.iter().map(|(name, does)| ((*name).to_owned(), *does)).collect(),
        };
        let before =
            said(true, &[("a", Does::Stops), ("b", Does::AsItsGroup), ("c", Does::Allows), ("d", Does::Counts)]);
        let now = said(false, &[("b", Does::Counts), ("a", Does::Stops), ("d", Does::Allows)]);
        let elements: Vec<String> = now.less_than(&before).into_iter().map(|(element, _)| element).collect();
        assert_eq!(elements, ["default action", "rule b"]);
        let bare = said(true, &[]);
        let elements: Vec<String> = bare.less_than(&before).into_iter().map(|(element, _)| element).collect();
        assert_eq!(elements, ["rule a", "rule b", "rule d"], "a rule that lets through can be missed");
    }
}
