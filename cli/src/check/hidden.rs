//! What in a template only the deployment will unfold, so that a violation could hide in it: macros, includes, loops, nested
//! stacks, modules.

use crate::template::{Content, Node, Position};

/// A part that is unknown, and why.
pub(super) type Unknown = (String, Position);

/// What AWS's own transforms make is in the template's own words: SAM's kinds are resources of it.
const KNOWN_TRANSFORMS: &[&str] =
    &["AWS::Serverless-2016-10-31", "AWS::LanguageExtensions", "AWS::CodeDeployBlueGreen"];
/// Kinds that bring resources of another template.
const STACKS: &[(&str, &str)] = &[
    ("AWS::CloudFormation::Stack", "TemplateURL"),
    ("AWS::CloudFormation::StackSet", "TemplateURL"),
    ("AWS::Serverless::Application", "Location"),
];

/// What hides in the template as a whole.
pub(super) fn of_template(template: &Node) -> Vec<Unknown> {
    let mut unknowns = Vec::new();
    if let Some(transform) = template.get("Transform") {
        let each = if transform.items().is_empty() { std::slice::from_ref(transform) } else { transform.items() };
        for one in each {
            let name = one.text().or_else(|| one.get("Name")?.text());
            match name {
                Some(name) if KNOWN_TRANSFORMS.contains(&name) => {}
                Some(name) => unknowns.push((format!("macro `{name}` may change and add any resource"), one.at)),
                None => unknowns
                    .push(("a macro whose name cannot be read may change and add any resource".to_owned(), one.at)),
            }
        }
    }
    for entry in template.entries().iter().filter(|entry| is_unfolded(&entry.key)) {
        unknowns.push((unfolds(&entry.key, &entry.value), entry.at));
    }
    unknowns
}

/// What hides in one resource.
pub(super) fn of_resource(name: &str, resource: &Node, at: Position) -> Vec<Unknown> {
    let mut unknowns = Vec::new();
    match resource.get("Type").and_then(Node::text) {
        None => unknowns.push((format!("resource `{name}` has no type that can be read"), at)),
        Some(kind) if kind.ends_with("::MODULE") => {
            unknowns.push((format!("module `{kind}` (`{name}`) brings resources that are not in this file"), at));
        }
        Some(kind) => {
            if let Some((_, key)) = STACKS.iter().find(|(stack, _)| *stack == kind) {
                let location = resource.at(&["Properties", key]).and_then(Node::text);
                let location = location.map(|location| format!(" (`{location}`)")).unwrap_or_default();
                unknowns.push((
                    format!("the template of nested stack `{name}`{location} is not in this file: check it separately"),
                    at,
                ));
            }
        }
    }
    inside(resource, 0, &mut unknowns);
    unknowns
}

/// A value that is nothing but a call is what resolving leaves open; a call beside other keys, or in the place of all
/// properties, would pass unseen.
fn inside(node: &Node, depth: usize, unknowns: &mut Vec<Unknown>) {
    const BODY_AND_PROPERTIES: usize = 1;
    match &node.content {
        Content::Map(entries) => {
            for entry in entries {
                if is_unfolded(&entry.key) && (entries.len() > 1 || depth <= BODY_AND_PROPERTIES) {
                    unknowns.push((unfolds(&entry.key, &entry.value), entry.at));
                }
                inside(&entry.value, depth + 1, unknowns);
            }
        }
        Content::List(items) => items.iter().for_each(|item| inside(item, depth + 1, unknowns)),
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => {}
    }
}

/// `<<` merges a mapping into this one, which CloudFormation itself does not.
fn is_unfolded(key: &str) -> bool {
    key == "Fn::Transform" || key.starts_with("Fn::ForEach") || key == "<<"
}

fn unfolds(key: &str, argument: &Node) -> String {
    let name = argument.get("Name").and_then(Node::text).or_else(|| argument.text());
    let name = name.map(|name| format!(" of `{name}`")).unwrap_or_default();
    format!("what `{key}`{name} puts here is known at deployment only")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknowns_of(text: &str) -> Vec<(usize, String)> {
        let template = Node::parse(text).unwrap();
        let mut unknowns = of_template(&template);
        for entry in template.get("Resources").map(Node::entries).unwrap_or_default() {
            unknowns.extend(of_resource(&entry.key, &entry.value, entry.at));
        }
        unknowns.into_iter().map(|(why, at)| (at.line, why)).collect()
    }

    #[test]
    fn what_can_hide_a_violation_is_reported_with_its_place() {
        for (text, line, part) in [
            ("Transform: [Company]\nResources: {}\n", 1, "macro `Company`"),
            ("Transform: { Name: 'AWS::Include', Parameters: {} }\nResources: {}\n", 1, "macro `AWS::Include`"),
            ("Fn::Transform: { Name: 'AWS::Include' }\nResources: {}\n", 1, "`Fn::Transform` of `AWS::Include`"),
            (
                "Resources:\n  A:\n    Type: T\n    Properties:\n      B: 1\n      Fn::Transform: { Name: M }\n",
                6,
                "of `M`",
            ),
            ("Resources:\n  A:\n    Type: T\n    Properties: !Transform { Name: M }\n", 4, "`Fn::Transform` of `M`"),
            (
                "Resources:\n  A:\n    Type: T\n    Properties:\n      'Fn::ForEach::P': [I, [a], { '${I}': 1 }]\n",
                5,
                "Fn::ForEach::P",
            ),
            ("Resources:\n  A:\n    Type: T\n    <<: { Properties: {} }\n", 4, "`<<`"),
            (
                "Resources:\n  A:\n    Type: AWS::CloudFormation::Stack\n    Properties: { TemplateURL: ./n.yaml }\n",
                2,
                "`./n.yaml`",
            ),
            ("Resources:\n  A:\n    Type: AWS::Serverless::Application\n", 2, "nested stack `A`"),
            ("Resources:\n  A:\n    Type: Org::Team::Net::MODULE\n", 2, "module `Org::Team::Net::MODULE`"),
            ("Resources:\n  A:\n    Properties: {}\n", 2, "no type"),
        ] {
            let unknowns = unknowns_of(text);
            assert!(
                unknowns.len() == 1 && unknowns[0].0 == line && unknowns[0].1.contains(part),
                "{text}: {unknowns:?}"
            );
        }
    }

    #[test]
    fn what_hides_nothing_is_not_reported() {
        let text = "Transform: [AWS::Serverless-2016-10-31, AWS::LanguageExtensions]\nResources:\n  A:\n    Type: T\n    \
                    Properties: { B: { Fn::Transform: { Name: M } }, C: !If [X, { 'Fn::Sub': a }, b] }\n";
        assert_eq!(unknowns_of(text), []);
    }
}
