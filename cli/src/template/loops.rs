//! `Fn::ForEach`: what it makes of a list that is known before deployment ("Fn::ForEach", CloudFormation's template reference).

use super::node::{Content, Entry, Node};
use super::resolve::Environment;
use std::borrow::Cow;

/// More elements than a template may have resources: what makes more is left as it is.
const MOST: usize = 500;

/// The template with every loop written out whose list is known. Every other one stays, and is said to be open.
#[must_use]
pub fn expanded<'a>(template: &'a Node, environment: &Environment) -> Cow<'a, Node> {
    if has_loops(template) { Cow::Owned(written(template, environment)) } else { Cow::Borrowed(template) }
}

fn has_loops(node: &Node) -> bool {
    node.items().iter().any(has_loops)
        || node.entries().iter().any(|entry| is_loop(&entry.key) || has_loops(&entry.value))
}

fn is_loop(key: &str) -> bool {
    key.starts_with("Fn::ForEach::")
}

fn written(template: &Node, environment: &Environment) -> Node {
    let content = match &template.content {
        Content::List(items) => Content::List(items.iter().map(|item| written(item, environment)).collect()),
        Content::Map(entries) => Content::Map(entries.iter().flat_map(|entry| of_entry(entry, environment)).collect()),
        other @ (Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_)) => other.clone(),
    };
    Node { at: template.at, content }
}

fn of_entry(entry: &Entry, environment: &Environment) -> Vec<Entry> {
    let inner =
        |entry: &Entry| Entry { key: entry.key.clone(), at: entry.at, value: written(&entry.value, environment) };
    written_out(entry, environment).map_or_else(
        || vec![inner(entry)],
        // A loop may stand in a loop.
        |made| made.iter().flat_map(|entry| of_entry(entry, environment)).collect(),
    )
}

/// `Fn::ForEach::Name: [Identifier, [a, b], { "Key${Identifier}": ... }]`; none where the list is not known.
fn written_out(entry: &Entry, environment: &Environment) -> Option<Vec<Entry>> {
    is_loop(&entry.key).then_some(())?;
    let [identifier, list, body] = entry.value.items() else { return None };
    let identifier = identifier.text()?;
    let list = environment.resolve(list)?;
    let list: Option<Vec<String>> = list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    let list = list.filter(|list| list.len() <= MOST)?;
    let each = |item: &String| {
        let of_item = |entry: &Entry| Entry {
            key: filled(&entry.key, identifier, item),
            at: entry.at,
            value: with(&entry.value, identifier, item),
        };
        body.entries().iter().map(of_item).collect::<Vec<_>>()
    };
    Some(list.iter().flat_map(each).collect())
}

/// The node with the element in the identifier's place.
fn with(node: &Node, identifier: &str, item: &str) -> Node {
    let content = match &node.content {
        Content::Text(text) => Content::Text(filled(text, identifier, item)),
        Content::List(items) => Content::List(items.iter().map(|node| with(node, identifier, item)).collect()),
        Content::Map(entries) => match entries.as_slice() {
            [Entry { key, value, .. }] if key == "Ref" && value.text() == Some(identifier) => {
                Content::Text(item.to_owned())
            }
            entries => Content::Map(
                entries
                    .iter()
                    .map(|entry| Entry {
                        key: filled(&entry.key, identifier, item),
                        at: entry.at,
                        value: with(&entry.value, identifier, item),
                    })
                    .collect(),
            ),
        },
        other @ (Content::Null | Content::Bool(_) | Content::Number(_)) => other.clone(),
    };
    Node { at: node.at, content }
}

/// `${Name}` is the element, `&{Name}` the same without what no logical id may hold.
fn filled(text: &str, identifier: &str, item: &str) -> String {
    let plain: String = item.chars().filter(char::is_ascii_alphanumeric).collect();
    text.replace(&format!("${{{identifier}}}"), item).replace(&format!("&{{{identifier}}}"), &plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn expand(text: &str) -> serde_json::Value {
        let template = Node::parse(text).unwrap();
        expanded(&template, &Environment::of_template(&template)).to_value()
    }

    #[test]
    fn a_loop_over_a_known_list_is_written_out() {
        let text = "
Parameters: { Ports: { Type: CommaDelimitedList, Default: 'a.b, c' } }
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Ports
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        Properties: { TopicName: !Ref Name, DisplayName: !Sub 'x ${Name}' }
";
        let topic = |name: &str| json!({"Type": "AWS::SNS::Topic", "Properties": {"TopicName": name, "DisplayName": {"Fn::Sub": format!("x {name}")}}});
        let made = expand(text);
        assert_eq!(made["Resources"], json!({"Topicab": topic("a.b"), "Topicc": topic("c")}));
    }

    #[test]
    fn loops_in_loops_and_lists_that_are_open() {
        let inside =
            "Resources: { 'Fn::ForEach::A': [X, ['1', '2'], {'Fn::ForEach::B': [Y, [a], {'R${X}${Y}': {Type: T}}]}] }";
        assert_eq!(expand(inside)["Resources"], json!({"R1a": {"Type": "T"}, "R2a": {"Type": "T"}}));
        let open = "Resources: { 'Fn::ForEach::A': [X, {Ref: Later}, {'R${X}': {Type: T}}] }";
        assert!(expand(open)["Resources"].get("Fn::ForEach::A").is_some());
    }
}
