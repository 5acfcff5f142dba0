//! The calls that some rule may ask for, by service and name: what is not among them reaches nothing, and need not be parsed.
//!
//! Built once from the patterns. A look-up costs the same however many rules there are.

use rustc_hash::FxBuildHasher;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Some rule names neither calls nor callers.
    is_any: bool,
    exact: HashMap<Vec<u8>, Services, FxBuildHasher>,
    /// Beginnings of names, in order; none of them begins another.
    prefixes: Vec<(String, Services)>,
    /// Types of callers (`detail.userIdentity.type`) of which any call is asked for.
    callers: BTreeSet<String>,
}

/// The services whose calls of a name are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Services {
    Any,
    These(BTreeSet<String>),
}

impl Services {
    fn join(&mut self, other: Self) {
        match (self, other) {
            (Self::These(mine), Self::These(more)) => mine.extend(more),
            (mine, _) => *mine = Self::Any,
        }
    }

    /// Without the service, any of them may be meant.
    fn include(&self, service: Option<&[u8]>) -> bool {
        match (self, service) {
            (Self::These(these), Some(service)) => these.iter().any(|one| one.as_bytes() == service),
            (Self::Any, _) | (_, None) => true,
        }
    }
}

/// What a pattern asks of `detail.eventName`.
pub(super) enum Asked {
    Exact(String),
    Prefix(String),
    AnyBy(String),
}

impl Calls {
    /// All that these patterns may ask for.
    pub(crate) fn of<'a>(patterns: impl Iterator<Item = &'a Value>) -> Self {
        let mut calls = Self::default();
        let mut prefixes = Vec::new();
        for pattern in patterns.filter(|pattern| hears_records(pattern)) {
            let Some(asked) = asked(pattern) else {
                calls.is_any = true;
                continue;
            };
            let services = services(pattern);
            for one in asked {
                match one {
                    Asked::Exact(name) => {
                        let known =
                            calls.exact.entry(name.into_bytes()).or_insert_with(|| Services::These(BTreeSet::new()));
                        known.join(services.clone());
                    }
                    Asked::Prefix(prefix) => prefixes.push((prefix, services.clone())),
                    Asked::AnyBy(caller) => drop(calls.callers.insert(caller)),
                }
            }
        }
        prefixes.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (prefix, services) in prefixes {
            match calls.prefixes.last_mut() {
                Some((shorter, known)) if prefix.starts_with(shorter.as_str()) => known.join(services),
                _ => calls.prefixes.push((prefix, services)),
            }
        }
        calls
    }

    /// Whether a call of this name may be asked for, by any caller. Without its service, of any.
    #[must_use]
    pub fn may_ask<T: AsRef<[u8]> + ?Sized>(&self, service: Option<&T>, name: &T) -> bool {
        let (service, name) = (service.map(AsRef::as_ref), name.as_ref());
        // What begins a name stands right before it, since no prefix begins another.
        let after = self.prefixes.partition_point(|(prefix, _)| prefix.as_bytes() <= name);
        let prefix = after.checked_sub(1).and_then(|at| self.prefixes.get(at));
        self.is_any
            || self.exact.get(name).is_some_and(|services| services.include(service))
            || prefix.is_some_and(|(prefix, services)| name.starts_with(prefix.as_bytes()) && services.include(service))
    }

    /// The types of callers of which any call is asked for.
    #[must_use]
    pub fn callers(&self) -> &BTreeSet<String> {
        &self.callers
    }

    /// Whether any event may be asked for: some pattern says neither which call nor by which type of caller.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.is_any
    }

    /// Every name, beginning of a name and type of caller.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        let prefixes = self.prefixes.iter().map(|(prefix, _)| prefix);
        self.exact.keys().map(Vec::as_slice).chain(prefixes.chain(&self.callers).map(String::as_bytes))
    }
}

/// Whether a record of CloudTrail can match: a rule of another service's findings asks for no call.
fn hears_records(pattern: &Value) -> bool {
    let is_of_cloudtrail = |kind: &Value| kind.as_str().is_none_or(|kind| kind.ends_with("via CloudTrail"));
    match (pattern.get("detail-type").and_then(Value::as_array), pattern.get("$or").and_then(Value::as_array)) {
        (Some(kinds), _) => kinds.iter().any(is_of_cloudtrail),
        (None, Some(alternatives)) => alternatives.iter().any(hears_records),
        (None, None) => true,
    }
}

/// The services that a pattern names, each as a whole.
fn services(pattern: &Value) -> Services {
    let listed = pattern.get("detail").and_then(|detail| detail.get("eventSource")?.as_array());
    let named = listed.and_then(|listed| listed.iter().map(|one| one.as_str().map(str::to_owned)).collect());
    named.map_or(Services::Any, Services::These)
}

/// The calls that a pattern asks for; none where it names neither calls nor callers.
pub(super) fn asked(pattern: &Value) -> Option<Vec<Asked>> {
    let detail = pattern.get("detail")?;
    named(detail).or_else(|| {
        let kinds = detail.get("userIdentity")?.get("type")?.as_array()?;
        kinds.iter().map(|kind| kind.as_str().map(|kind| Asked::AnyBy(kind.to_owned()))).collect()
    })
}

fn named(detail: &Value) -> Option<Vec<Asked>> {
    let alternatives = detail.get("eventName")?.as_array()?;
    let name = |alternative: &Value| match alternative {
        Value::String(name) => Some(Asked::Exact(name.clone())),
        Value::Object(map) if map.len() == 1 => {
            map.get("prefix").and_then(Value::as_str).map(|prefix| Asked::Prefix(prefix.to_owned()))
        }
        _ => None,
    };
    alternatives.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn calls(patterns: &[Value]) -> Calls {
        Calls::of(patterns.iter())
    }

    #[test]
    fn a_rule_of_findings_asks_for_no_call() {
        let findings = json!({ "source": ["aws.securityhub"], "$or": [{ "detail-type": ["Findings Imported V2"] }] });
        assert!(!calls(&[findings]).is_any());
        let either = json!({ "$or": [{ "detail-type": ["Findings Imported V2"] }, { "source": ["aws.ec2"] }] });
        assert!(calls(&[either]).is_any());
    }

    #[test]
    fn a_call_is_asked_for_by_its_service_and_its_name() {
        let ec2 = json!({"detail": {"eventSource": ["ec2.amazonaws.com"], "eventName": ["CreateVpc", "CreateTags"]}});
        let rds = json!({"detail": {"eventSource": ["rds.amazonaws.com"], "eventName": ["CreateTags"]}});
        let calls = calls(&[ec2, rds]);
        for (service, name, expected) in [
            (Some("ec2.amazonaws.com"), "CreateVpc", true),
            (Some("rds.amazonaws.com"), "CreateVpc", false),
            (None, "CreateVpc", true),
            (Some("ec2.amazonaws.com"), "CreateTags", true),
            (Some("rds.amazonaws.com"), "CreateTags", true),
            (Some("s3.amazonaws.com"), "CreateTags", false),
            (Some("ec2.amazonaws.com"), "CreateVp", false),
            (Some("ec2.amazonaws.com"), "CreateVpcEndpoint", false),
            (None, "", false),
        ] {
            assert_eq!(calls.may_ask(service, name), expected, "{service:?} {name}");
        }
        assert!(!calls.is_any());
    }

    #[test]
    fn beginnings_of_names_are_found_among_many() {
        let by = |source: &str, prefixes: &[&str]| {
            let prefixes: Vec<Value> = prefixes.iter().map(|prefix| json!({ "prefix": prefix })).collect();
            json!({"detail": {"eventSource": [source], "eventName": prefixes}})
        };
        let lambda = by("lambda.amazonaws.com", &["AddPermission", "Update", "B"]);
        let calls = calls(&[lambda, by("s3.amazonaws.com", &["UpdateFunction"])]);
        for (service, name, expected) in [
            ("lambda.amazonaws.com", "AddPermission20150331v2", true),
            ("lambda.amazonaws.com", "AddPermission", true),
            ("lambda.amazonaws.com", "AddPermissio", false),
            ("lambda.amazonaws.com", "AddQ", false),
            ("lambda.amazonaws.com", "UpdateFunctionCode", true),
            ("lambda.amazonaws.com", "UpdateZ", true),
            ("lambda.amazonaws.com", "A", false),
            ("lambda.amazonaws.com", "Zzz", false),
            // The longer one is kept with the shorter: both services may mean either.
            ("s3.amazonaws.com", "UpdateFunctionCode", true),
            ("ec2.amazonaws.com", "UpdateFunctionCode", false),
        ] {
            assert_eq!(calls.may_ask(Some(service), name), expected, "{service} {name}");
        }
    }

    #[test]
    fn a_pattern_without_names_asks_for_a_kind_of_caller_or_for_anything() {
        let name = json!([{"anything-but": "ConsoleLogin"}]);
        let by_root = json!({"detail": {"eventName": name, "userIdentity": {"type": ["Root"]}}});
        let found = calls(std::slice::from_ref(&by_root));
        assert_eq!(found.callers(), &BTreeSet::from(["Root".to_owned()]));
        assert!(!found.is_any() && !found.may_ask(None, "CreateVpc"));
        let found = calls(&[by_root, json!({"detail": {"eventName": name}})]);
        assert!(found.is_any() && found.may_ask(None, "CreateVpc"));
        // Without a list of whole names, any service may be meant.
        let some = json!({"detail": {"eventSource": [{"prefix": "s3"}], "eventName": ["A"]}});
        assert!(calls(&[some]).may_ask(Some("ec2.amazonaws.com"), "A"));
    }
}
