//! What Parapet's stack consists of, as the template says it. `make generate` writes `manifest.json` from the same text that becomes template.yaml.
//!
//! Source for names: "Name type" (AWS CloudFormation user guide): a resource without a name of its own is called by the stack's name, its logical id and
//! characters that CloudFormation chooses, with `-` between them. Where a stack's name is so long that CloudFormation cuts it, its parts are not known by
//! their names: docs/security.md says how long it may be.

use crate::engine::observed::Place;
use crate::engine::own::Stack;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The manifest that this build carries.
pub static MANIFEST: LazyLock<Manifest> = LazyLock::new(Manifest::built_in);

/// What the stack consists of.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Manifest {
    /// The type of every resource by its logical id.
    pub parts: BTreeMap<String, String>,
    /// The names that do not follow from the logical id, as `Fn::Sub` has them.
    pub named: BTreeMap<String, String>,
    /// The functions and roles whose names `PARAPET_PARTS` lists, in its order.
    pub listed: Vec<String>,
    /// The rules by their logical ids.
    pub rules: BTreeMap<String, RuleSpec>,
}

/// A rule as it should be.
#[derive(Clone, Debug, Deserialize)]
pub struct RuleSpec {
    /// The condition under which a stack has it: rules on the members' bus, of global services, of findings.
    #[serde(default)]
    pub condition: Option<String>,
    /// The logical id of its bus; none for the default bus.
    pub bus: Option<String>,
    /// `Description`
    pub description: String,
    /// `EventPattern`, with the functions of templates in it.
    pub pattern: Value,
    /// `ScheduleExpression`
    pub schedule: Option<String>,
    /// The logical id of the function that it invokes.
    pub function: String,
    /// Its target's `RetryPolicy`.
    pub retry: Value,
}

/// The condition of a hub.
const HUB: &str = "IsHub";

/// How CloudFormation ends a name.
const ENDING: std::ops::RangeInclusive<usize> = 8..=14;

impl Manifest {
    fn built_in() -> Self {
        // A test reads it: what is built in can be read.
        serde_json::from_str(include_str!("manifest.json")).unwrap_or_default()
    }

    /// The part that is called so.
    #[must_use]
    pub fn part(&self, stack: &Stack, name: &str) -> Option<&str> {
        let is_named = |(_, text): &(&String, &String)| is_called(name, text, stack);
        let is_told = |(_, known): &(&String, &String)| known.as_str() == name;
        let known = stack.parts.iter().find(is_told).and_then(|(id, _)| self.parts.get_key_value(id));
        if let Some((id, _)) = known.or_else(|| self.named.iter().find(is_named)) {
            return Some(id);
        }
        let (id, ending) = name.strip_prefix(stack.name.as_str())?.strip_prefix('-')?.rsplit_once('-')?;
        let is_ending = ENDING.contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
        self.parts.get_key_value(id).filter(|_| is_ending).map(|(id, _)| id.as_str())
    }

    /// Whether a rule of some stack could be called so.
    #[must_use]
    pub fn may_be_a_rule(&self, name: &str) -> bool {
        let of_stack = name.rsplit_once('-').and_then(|(rest, _)| rest.rsplit_once('-'));
        of_stack.is_some_and(|(_, id)| self.rules.contains_key(id))
    }

    /// The name of a part, where `PARAPET_PARTS` lists it or the template says it. Roles have names of their own in a hub, which need no list.
    #[must_use]
    pub fn name(&self, stack: &Stack, region: &str, id: &str) -> Option<String> {
        let is_hub = stack.conditions.contains(HUB);
        let whole = |text: &String| text.replace("${AWS::StackName}", &stack.name).replace("${AWS::Region}", region);
        stack.parts.get(id).cloned().or_else(|| {
            self.named.get(id).filter(|_| is_hub || !self.listed.iter().any(|listed| listed == id)).map(whole)
        })
    }

    /// The names that `PARAPET_PARTS` lists, in the order of [`Self::listed`]: of each the template has split what its logical id and `-` are, and put `=` there,
    /// because a function's variables have 4 KB together.
    #[must_use]
    pub fn names(&self, variable: &str) -> BTreeMap<String, String> {
        let of = |(id, text): (&String, &str)| (id.clone(), text.trim().replacen('=', &format!("{id}-"), 1));
        self.listed.iter().zip(variable.split(',')).map(of).filter(|(_, name)| !name.is_empty()).collect()
    }

    /// The pattern as it is deployed; none where it names a part whose name is not known.
    #[must_use]
    pub fn pattern(&self, spec: &RuleSpec, stack: &Stack, place: &Place) -> Option<Value> {
        self.resolved(&spec.pattern, stack, place)
    }

    fn resolved(&self, value: &Value, stack: &Stack, place: &Place) -> Option<Value> {
        match value {
            Value::Object(members) => {
                if let Some(id) = members.get("Fn::GetAtt").and_then(|path| path.get(0)).and_then(Value::as_str) {
                    let name = self.name(stack, &place.region, id)?;
                    return Some(format!("arn:{}:iam::{}:role/{name}", place.partition, place.account).into());
                }
                match members.get("Ref").and_then(Value::as_str) {
                    Some("AWS::AccountId") => return Some(place.account.clone().into()),
                    // A parameter of the stack that this function was not told is not known.
                    Some(parameter) => return stack.lists.get(parameter).map(|list| list.clone().into()),
                    None => {}
                }
                let each = |(key, value): (&String, &Value)| Some((key.clone(), self.resolved(value, stack, place)?));
                members.iter().map(each).collect::<Option<Map<_, _>>>().map(Value::Object)
            }
            Value::Array(list) => {
                list.iter().map(|one| self.resolved(one, stack, place)).collect::<Option<Vec<_>>>().map(Value::Array)
            }
            other => Some(other.clone()),
        }
    }
}

/// Whether a name is this one, in whichever region: IAM records in one region what happens to the roles of all.
fn is_called(name: &str, text: &str, stack: &Stack) -> bool {
    let text = text.replace("${AWS::StackName}", &stack.name);
    let Some((before, after)) = text.split_once("${AWS::Region}") else { return text == name };
    let region = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    let is_region = |region: &str| {
        let ends_with_a_number = region.rsplit_once('-').is_some_and(|(_, end)| end.parse::<u8>().is_ok());
        ends_with_a_number
            && region.bytes().all(|byte| byte == b'-' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    region.is_some_and(is_region)
}

/// The same with every list in one order: a pattern says the same whichever order it has.
#[must_use]
pub fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), in_order(value))).collect(),
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(in_order).collect();
            list.sort_by_key(Value::to_string);
            Value::Array(list)
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack() -> Stack {
        let parts =
            BTreeMap::from([("SecurityGroupRole".to_owned(), "parapet-SecurityGroupRole-1A2B3C4D5E6F".to_owned())]);
        Stack { name: "parapet".to_owned(), parts, ..Stack::default() }
    }

    #[test]
    fn the_manifest_can_be_read_and_has_a_function_for_each_rule() {
        assert!(MANIFEST.rules.len() > 20 && MANIFEST.parts.len() > 100);
        for (id, rule) in &MANIFEST.rules {
            assert_eq!(MANIFEST.parts[id], "AWS::Events::Rule");
            assert_eq!(MANIFEST.parts[&rule.function], "AWS::Serverless::Function", "{id}");
        }
    }

    #[test]
    fn a_pattern_has_the_stack_s_lists_or_is_not_known() {
        let place = Place {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-central-1".to_owned(),
        };
        let spec = &MANIFEST.rules["CustomMembersRule"];
        assert_eq!(MANIFEST.pattern(spec, &stack(), &place), None, "what the parameters are was not told");
        let lists = ["CustomEventSources", "CustomEventNames"].map(|name| (name.to_owned(), vec![name.to_owned()]));
        let told = Stack { lists: BTreeMap::from(lists), ..stack() };
        let pattern = MANIFEST.pattern(spec, &told, &place).unwrap();
        assert_eq!(pattern["detail"]["eventName"], serde_json::json!(["CustomEventNames"]));
        assert_eq!(pattern["account"], serde_json::json!([{"anything-but": "111122223333"}]));
    }

    #[test]
    fn a_part_is_known_by_its_name() {
        let part = |name: &str| MANIFEST.part(&stack(), name);
        assert_eq!(part("parapet-SecurityGroupRule-1A2B3C4D5E6F"), Some("SecurityGroupRule"));
        assert_eq!(part("parapet-network-eu-central-1"), Some("NetworkRole"), "in a hub");
        for stranger in [
            "parapet-Orders-1A2B3C4D5E6F",
            "parapet-SecurityGroupRule",
            "other-SecurityGroupRule-1A2B3C4D5E6F",
            "parapet-SecurityGroupRule-x",
        ] {
            assert_eq!(part(stranger), None, "{stranger}");
        }
    }

    #[test]
    fn a_pattern_names_the_roles_that_the_function_was_told() {
        let place = Place { partition: "aws".to_owned(), account: "1".to_owned(), region: "eu-central-1".to_owned() };
        let mut stack = stack();
        let pattern = |stack: &Stack| MANIFEST.pattern(&MANIFEST.rules["SecurityGroupRule"], stack, &place);
        assert_eq!(pattern(&stack), None, "the role of `operate` is not listed");
        stack.parts.insert("OperateRole".to_owned(), "parapet-OperateRole-1A2B3C4D5E6F".to_owned());
        let text = pattern(&stack).unwrap().to_string();
        assert!(text.contains("arn:aws:iam::1:role/parapet-SecurityGroupRole-1A2B3C4D5E6F"), "{text}");
    }

    #[test]
    fn the_names_that_the_template_tells_are_whole() {
        let manifest =
            Manifest { listed: ["AFunction", "ARole", "BRole"].map(str::to_owned).to_vec(), ..Manifest::default() };
        let names = manifest.names("parapet-=1A2B3C4D5E6F,,parapet-b-eu-central-1");
        let expected = [("AFunction", "parapet-AFunction-1A2B3C4D5E6F"), ("BRole", "parapet-b-eu-central-1")];
        assert_eq!(names, expected.map(|(id, name)| (id.to_owned(), name.to_owned())).into());
    }

    #[test]
    fn the_order_of_a_list_says_nothing() {
        let [one, other, another] = [r#"{"a": [1, 2]}"#, r#"{"a": [2, 1]}"#, r#"{"a": [2]}"#]
            .map(|text| in_order(&serde_json::from_str(text).unwrap()));
        assert!(one == other && one != another);
    }
}
