//! Which events a trail logs: basic or advanced event selectors, of which a trail has one kind.
//!
//! Basic ones are read as the advanced ones that they stand for ("Logging data events", "Advanced event selectors", CloudTrail user guide): a selector logs
//! an event when all of its fields match it, and a trail what any of its selectors logs. Two sets are compared selector by selector: where it
//! takes several to make up for one, only the halves of reading and writing and single ARNs are looked at, so that less is said to be covered
//! than may be.

use crate::resources::cloudtrail::capitalised;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The event selectors of a trail, as `PutEventSelectors` takes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Selectors {
    /// `EventSelectors`
    pub basic: Vec<Value>,
    /// `AdvancedEventSelectors`
    pub advanced: Vec<Value>,
}

/// The operators of a field that say what matches.
const POSITIVE: [&str; 3] = ["Equals", "StartsWith", "EndsWith"];
const OPERATORS: [&str; 6] = ["Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"];

/// What one selector logs: conditions on fields, all of which must hold. Each is an operator and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Logged(BTreeMap<String, BTreeSet<(String, String)>>);

impl Selectors {
    /// As a record or an answer writes them. None where it shows neither kind.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let value = capitalised(value);
        let list = |name: &str| value.get(name).and_then(Value::as_array).cloned();
        let (basic, advanced) = (list("EventSelectors"), list("AdvancedEventSelectors"));
        if basic.is_none() && advanced.is_none() {
            return None;
        }
        Some(Self { basic: basic.unwrap_or_default(), advanced: advanced.unwrap_or_default() })
    }

    /// What a new trail has: all management events.
    #[must_use]
    pub fn usual() -> Self {
        Self { basic: vec![management()], advanced: Vec::new() }
    }

    fn logged(&self) -> Vec<Logged> {
        let basic = self.basic.iter().flat_map(of_basic);
        basic.chain(self.advanced.iter().map(of_advanced)).collect()
    }

    /// What `before` logged and these do not, for a person.
    #[must_use]
    pub fn missing(&self, before: &Self) -> Vec<String> {
        let logged = self.logged();
        let is_logged = |one: &Logged| logged.iter().any(|mine| mine.covers(one));
        let before = before.logged();
        let gone = before.iter().filter(|one| !is_logged(one)).flat_map(Logged::split);
        let mut gone: Vec<String> = gone.filter(|one| !is_logged(one)).map(|one| one.to_string()).collect();
        gone.sort_unstable();
        gone.dedup();
        gone
    }

    /// Whether management events that write are logged, whichever services are left out.
    #[must_use]
    pub fn log_writes(&self) -> bool {
        self.logged().iter().any(|one| {
            let only = |(field, conditions): (&String, &BTreeSet<(String, String)>)| match field.as_str() {
                "eventCategory" => conditions.contains(&("Equals".to_owned(), "Management".to_owned())),
                "readOnly" => conditions.contains(&("Equals".to_owned(), "false".to_owned())),
                "eventSource" => conditions.iter().all(|(operator, _)| !POSITIVE.contains(&operator.as_str())),
                _ => false,
            };
            one.0.contains_key("eventCategory") && one.0.iter().all(only)
        })
    }

    /// These, and all management events.
    #[must_use]
    pub fn with_management(&self) -> Self {
        let mut more = self.clone();
        if self.advanced.is_empty() {
            more.basic.retain(|selector| !of_basic(selector).is_empty());
            more.basic.push(management());
        } else {
            let fields = json!([{"Field": "eventCategory", "Equals": ["Management"]}]);
            more.advanced.push(json!({"Name": "Management events", "FieldSelectors": fields}));
        }
        more
    }
}

/// For a person: which kind, and how many.
impl fmt::Display for Selectors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let logged: BTreeSet<String> = self.logged().iter().map(ToString::to_string).collect();
        let logged: Vec<String> = logged.into_iter().collect();
        f.write_str(&if logged.is_empty() { "nothing".to_owned() } else { logged.join(", ") })
    }
}

fn management() -> Value {
    json!({"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": [], "ExcludeManagementEventSources": []})
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn of_advanced(selector: &Value) -> Logged {
    let mut fields: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for field in selector["FieldSelectors"].as_array().map_or(&[][..], Vec::as_slice) {
        let conditions = fields.entry(field["Field"].as_str().unwrap_or_default().to_owned()).or_default();
        for operator in OPERATORS {
            conditions.extend(texts(&field[operator]).into_iter().map(|value| (operator.to_owned(), value)));
        }
    }
    Logged(fields)
}

/// The defaults are `All`, and management events.
fn of_basic(selector: &Value) -> Vec<Logged> {
    let is = |field: &str, operator: &str, values: Vec<String>| {
        (field.to_owned(), values.into_iter().map(|value| (operator.to_owned(), value)).collect())
    };
    let reads = match selector["ReadWriteType"].as_str() {
        Some("ReadOnly") => Some("true"),
        Some("WriteOnly") => Some("false"),
        _ => None,
    };
    let half = reads.map(|reads| is("readOnly", "Equals", vec![reads.to_owned()]));
    let mut found = Vec::new();
    if selector["IncludeManagementEvents"].as_bool() != Some(false) {
        let kind = is("eventCategory", "Equals", vec!["Management".to_owned()]);
        let excluded = texts(&selector["ExcludeManagementEventSources"]);
        let excluded = (!excluded.is_empty()).then(|| is("eventSource", "NotEquals", excluded));
        found.push(Logged([kind].into_iter().chain(excluded).chain(half.clone()).collect()));
    }
    for resource in selector["DataResources"].as_array().map_or(&[][..], Vec::as_slice) {
        let values = texts(&resource["Values"]);
        if values.is_empty() {
            continue;
        }
        let kind = is("eventCategory", "Equals", vec!["Data".to_owned()]);
        let of = is("resources.type", "Equals", vec![resource["Type"].as_str().unwrap_or_default().to_owned()]);
        // `arn:aws:s3` and `arn:aws:lambda` are all of the account's.
        let is_all = values.iter().any(|value| value.split(':').nth(3).is_none());
        let arns = (!is_all).then(|| is("resources.ARN", "StartsWith", values));
        found.push(Logged([kind, of].into_iter().chain(arns).chain(half.clone()).collect()));
    }
    found
}

impl Logged {
    /// Whether it logs whatever `other` does: each of its conditions is one that `other` has as well, or a wider one.
    fn covers(&self, other: &Self) -> bool {
        self.0.iter().all(|(field, mine)| other.0.get(field).is_some_and(|theirs| is_wider(mine, theirs)))
    }

    /// Reading and writing, and each ARN, by itself.
    fn split(&self) -> Vec<Self> {
        let mut parts = vec![self.clone()];
        if !self.0.contains_key("readOnly") {
            let half = |reads: &str| {
                let mut half = self.clone();
                half.0.insert("readOnly".to_owned(), BTreeSet::from([("Equals".to_owned(), reads.to_owned())]));
                half
            };
            parts = vec![half("true"), half("false")];
        }
        let arns = self.0.get("resources.ARN").filter(|conditions| conditions.len() > 1 && all_positive(conditions));
        let Some(arns) = arns else { return parts };
        let each = |part: &Self| {
            let one = |condition: &(String, String)| {
                let mut one = part.clone();
                one.0.insert("resources.ARN".to_owned(), BTreeSet::from([condition.clone()]));
                one
            };
            arns.iter().map(one).collect::<Vec<_>>()
        };
        parts.iter().flat_map(each).collect()
    }
}

fn all_positive(conditions: &BTreeSet<(String, String)>) -> bool {
    conditions.iter().all(|(operator, _)| POSITIVE.contains(&operator.as_str()))
}

/// Whether each value that fits `narrow` fits `wide`. Any of the positive conditions must hold, and all of the negative ones.
fn is_wider(wide: &BTreeSet<(String, String)>, narrow: &BTreeSet<(String, String)>) -> bool {
    let is_positive = |condition: &&(String, String)| POSITIVE.contains(&condition.0.as_str());
    let within = |(operator, value): &(String, String)| {
        wide.iter().filter(is_positive).any(|(mine, wanted)| match (mine.as_str(), operator.as_str()) {
            ("Equals", "Equals") => wanted == value,
            ("StartsWith", "Equals" | "StartsWith") => value.starts_with(wanted.as_str()),
            ("EndsWith", "Equals" | "EndsWith") => value.ends_with(wanted.as_str()),
            _ => false,
        })
    };
    let mut positive = narrow.iter().filter(is_positive).peekable();
    let fits =
        if wide.iter().any(|one| is_positive(&one)) { positive.peek().is_some() && positive.all(within) } else { true };
    let is_kept_out = |negative: &(String, String)| {
        let only_others = narrow.iter().filter(is_positive).all(|(operator, value)| {
            operator == "Equals"
                && match negative.0.as_str() {
                    "NotEquals" => *value != negative.1,
                    "NotStartsWith" => !value.starts_with(negative.1.as_str()),
                    _ => !value.ends_with(negative.1.as_str()),
                }
        });
        narrow.contains(negative) || (narrow.iter().any(|one| is_positive(&one)) && only_others)
    };
    fits && wide.iter().filter(|one| !is_positive(one)).all(is_kept_out)
}

impl fmt::Display for Logged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = |field: &str| {
            let conditions = self.0.get(field).into_iter().flatten();
            conditions.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ")
        };
        let half = match values("readOnly").as_str() {
            "true" => "reading ",
            "false" => "writing ",
            _ => "",
        };
        write!(f, "{half}{} events", values("eventCategory"))?;
        let of = [values("resources.type"), values("resources.ARN")];
        let of: Vec<&str> = of.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        if !of.is_empty() {
            write!(f, " of {}", of.join(" "))?;
        }
        let plain = ["readOnly", "eventCategory", "resources.type", "resources.ARN"];
        for (field, conditions) in self.0.iter().filter(|(field, _)| !plain.contains(&field.as_str())) {
            for (operator, value) in conditions {
                write!(f, ", {field} {operator} {value}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn basic(selectors: Value) -> Selectors {
        Selectors::read(&json!({ "EventSelectors": selectors })).unwrap()
    }

    fn advanced(fields: &[Value]) -> Selectors {
        let each: Vec<Value> = fields.iter().map(|fields| json!({ "FieldSelectors": fields })).collect();
        Selectors::read(&json!({ "AdvancedEventSelectors": each })).unwrap()
    }

    fn objects(values: &[&str]) -> Selectors {
        basic(json!([{"ReadWriteType": "All", "IncludeManagementEvents": true,
            "DataResources": [{"Type": "AWS::S3::Object", "Values": values}]}]))
    }

    fn management(more: &[Value]) -> Selectors {
        let mut fields = vec![json!({"Field": "eventCategory", "Equals": ["Management"]})];
        fields.extend(more.iter().cloned());
        advanced(&[Value::from(fields)])
    }

    #[rstest]
    #[case::the_same(Selectors::usual(), Selectors::usual(), true)]
    #[case::the_other_kind(Selectors::usual(), management(&[]), true)]
    #[case::and_back(management(&[]), Selectors::usual(), true)]
    #[case::writes_alone(Selectors::usual(), basic(json!([{"ReadWriteType": "WriteOnly"}])), false)]
    #[case::in_two_halves(Selectors::usual(),
        basic(json!([{"ReadWriteType": "WriteOnly"}, {"ReadWriteType": "ReadOnly"}])), true)]
    #[case::without_kms(Selectors::usual(), basic(json!([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}])), false)]
    #[case::with_kms_again(basic(json!([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}])), Selectors::usual(), true)]
    #[case::all_buckets(objects(&["arn:aws:s3:::orders/"]), objects(&["arn:aws:s3"]), true)]
    #[case::one_bucket(objects(&["arn:aws:s3"]), objects(&["arn:aws:s3:::orders/"]), false)]
    #[case::a_folder(objects(&["arn:aws:s3:::orders/"]), objects(&["arn:aws:s3:::orders/x/"]), false)]
    #[case::one_of_two(objects(&["arn:aws:s3:::orders/", "arn:aws:s3:::mail/"]), objects(&["arn:aws:s3:::orders/"]), false)]
    #[case::no_data(objects(&["arn:aws:s3"]), Selectors::usual(), false)]
    #[case::one_event(management(&[]), management(&[json!({"Field": "eventName", "Equals": ["RunInstances"]})]), false)]
    #[case::but_one_event(management(&[]), management(&[json!({"Field": "eventName", "NotEquals": ["StopLogging"]})]), false)]
    #[case::more_left_out(management(&[json!({"Field": "eventName", "NotEquals": ["A"]})]),
        management(&[json!({"Field": "eventName", "NotEquals": ["A", "B"]})]), false)]
    #[case::less_left_out(management(&[json!({"Field": "eventName", "NotEquals": ["A", "B"]})]),
        management(&[json!({"Field": "eventName", "NotEquals": ["A"]})]), true)]
    fn which_selectors_log_less(#[case] before: Selectors, #[case] now: Selectors, #[case] covers: bool) {
        assert_eq!(now.missing(&before).is_empty(), covers, "{:?}", now.missing(&before));
    }

    #[rstest]
    #[case::usual(Selectors::usual(), true)]
    #[case::without_kms(basic(json!([{"ExcludeManagementEventSources": ["kms.amazonaws.com"]}])), true)]
    #[case::reads(basic(json!([{"ReadWriteType": "ReadOnly"}])), false)]
    #[case::data(basic(json!([{"IncludeManagementEvents": false, "DataResources": [{"Type": "AWS::S3::Object",
        "Values": ["arn:aws:s3"]}]}])), false)]
    #[case::one_event(management(&[json!({"Field": "eventName", "Equals": ["RunInstances"]})]), false)]
    #[case::one_service(management(&[json!({"Field": "eventSource", "Equals": ["s3.amazonaws.com"]})]), false)]
    #[case::nothing(Selectors::default(), false)]
    fn whether_writes_are_logged(#[case] selectors: Selectors, #[case] does: bool) {
        assert_eq!(selectors.log_writes(), does);
        assert!(selectors.with_management().log_writes());
        assert!(selectors.with_management().missing(&selectors).is_empty(), "nothing is taken away");
    }

    #[test]
    fn what_is_missing_is_said() {
        let now = basic(json!([{"readWriteType": "ReadOnly"}]));
        assert_eq!(
            now.missing(&objects(&["arn:aws:s3"])),
            [
                "reading Data events of AWS::S3::Object",
                "writing Data events of AWS::S3::Object",
                "writing Management events",
            ]
        );
        assert_eq!(Selectors::read(&json!({"trailName": "x"})), None);
    }
}
