//! Each action of the roles on resources that AWS knows it on, by AWS's own reference and not by what the code states.

use super::text;
use parapet::template::{Environment, Node};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const REFERENCE: &str = include_str!("authorization.txt");

fn reference() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let lines = REFERENCE.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap()).map(|(action, on)| (action, on.split(' ').collect())).collect()
}

/// Every statement about resources in this template.
fn statements(file: &str) -> Vec<Value> {
    let template = Node::parse(text(file)).unwrap();
    let mut environment = Environment::of_template(&template);
    for (name, value) in
        [("AccountId", "${Account}"), ("Region", "${Region}"), ("Partition", "aws"), ("StackName", "parapet")]
    {
        environment.set(&format!("AWS::{name}"), value);
    }
    let mut all = Vec::new();
    for entry in template.get("Resources").unwrap().entries() {
        let properties = entry.value.get("Properties").unwrap();
        let inline = properties.get("Policies").map(Node::items).unwrap_or_default();
        let documents = inline.iter().chain([properties]).filter_map(|one| one.at(&["PolicyDocument", "Statement"]));
        let resolved = documents.flat_map(Node::items).filter_map(|statement| environment.resolve(statement));
        let about = |statement: &Value| {
            statement["Sid"]
                .as_str()
                .is_some_and(|sid| sid.starts_with("Family") || (sid.starts_with("Operate") && sid != "Operate"))
        };
        // The keys and queues allow roles something; their statements have a principal. `Operate` alone is the chat's buttons.
        all.extend(resolved.filter(about).filter(|statement| statement.get("Principal").is_none()));
    }
    all
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

#[test]
fn each_action_is_on_resources_that_aws_knows_it_on() {
    let reference = reference();
    let mut seen = BTreeSet::new();
    for file in ["template.yaml", "template-spoke.yaml"] {
        for statement in statements(file) {
            for action in list(&statement["Action"]) {
                let known = reference.get(action).unwrap_or_else(|| panic!("{file}: `{action}` is no action of AWS's"));
                for resource in list(&statement["Resource"]) {
                    let form = resource.trim_start_matches("arn:aws:");
                    // A member's role works in every region, and the policies that AWS owns are of no account.
                    let matches = |one: &&str| {
                        **one == *form
                            || one.replace("${Region}", "*") == form
                            || one.replace("${Account}", "aws") == form
                            || prefixed(one, form)
                    };
                    assert!(known.iter().any(matches), "{file}: {action} on {resource}: {known:?}");
                }
                seen.insert(action.to_owned());
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
    let forgotten: Vec<&&str> = reference.keys().filter(|action| !seen.contains(**action)).collect();
    assert!(forgotten.is_empty(), "no role holds {forgotten:?}");
}

/// `cluster:*` and `loadbalancer/app/*` for forms with more parts, such as `loadbalancer/app/*/*`.
fn prefixed(known: &str, form: &str) -> bool {
    let known = if form.contains(":*:") { known.replace("${Region}", "*") } else { known.to_owned() };
    let mut shorter = std::iter::successors(known.strip_suffix("/*"), |known| known.strip_suffix("/*"));
    // Or some resources of the form, by how their names begin, or one by its whole name.
    let named = known.strip_suffix('*').filter(|start| !start.is_empty());
    shorter.any(|known| known == form) || named.is_some_and(|known| form.starts_with(known))
}
