//! What a pattern of the hub becomes elsewhere: with the member's role in the place of the hub's, or without it.

use crate::Function;
use parapet::template::{Content, Entry, Node, Position};

/// A member's pattern: the hub's, with the member's role where the hub's stands.
pub(crate) fn for_member(pattern: &Node, functions: &[Function]) -> Node {
    let name = |id: &str| {
        let stem = id.strip_suffix("Role").unwrap_or(id);
        functions.iter().find(|function| function.stem == stem).map_or("operate", |function| function.name.as_str())
    };
    mapped(pattern, &|node| {
        let [id, attribute] = node.get("Fn::GetAtt")?.items() else { return None };
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/parapet-member-{}", name(id.text()?));
        (attribute.text() == Some("Arn")).then(|| one("Fn::Sub", text(&arn)))
    })
}

/// The pattern on the members' bus: the hub's without its own role, which does nothing in a member. Its own account has its
/// events on the default bus, and its roles are named there.
pub(crate) fn for_members_bus(pattern: &Node) -> Node {
    let own = list(vec![one("anything-but", one("Ref", text("AWS::AccountId")))]);
    let mut entries = vec![entry("account", own)];
    entries.extend(without_roles(pattern).map(|node| node.entries().to_vec()).unwrap_or_default());
    map(entries)
}

/// Without the lists that name a role, and without what is empty then.
fn without_roles(node: &Node) -> Option<Node> {
    match &node.content {
        Content::List(items) if items.iter().any(names_role) => None,
        Content::Map(entries) => {
            let kept: Vec<Entry> =
                entries.iter().filter_map(|inner| Some(entry(&inner.key, without_roles(&inner.value)?))).collect();
            (!kept.is_empty()).then(|| map(kept))
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => {
            Some(node.clone())
        }
    }
}

/// Whether a role stands in an `$or`: a branch that lost its only field would match everything.
pub(crate) fn is_unsafe(pattern: &Node) -> bool {
    pattern.entries().iter().any(|entry| {
        (entry.key == "$or" && without_roles(&entry.value).map(|node| node.to_value()) != Some(entry.value.to_value()))
            || is_unsafe(&entry.value)
    })
}

fn names_role(alternative: &Node) -> bool {
    let is_attribute = |node: &Node| node.get("Fn::GetAtt").is_some();
    alternative.get("anything-but").is_some_and(|but| is_attribute(but) || but.items().iter().any(is_attribute))
}

/// The node with what `change` answers in the place of what it was asked about.
fn mapped(node: &Node, change: &dyn Fn(&Node) -> Option<Node>) -> Node {
    if let Some(changed) = change(node) {
        return changed;
    }
    match &node.content {
        Content::List(items) => list(items.iter().map(|item| mapped(item, change)).collect()),
        Content::Map(entries) => {
            map(entries.iter().map(|inner| entry(&inner.key, mapped(&inner.value, change))).collect())
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => node.clone(),
    }
}

fn node(content: Content) -> Node {
    Node { at: Position::default(), content }
}

fn text(text: &str) -> Node {
    node(Content::Text(text.to_owned()))
}

fn list(items: Vec<Node>) -> Node {
    node(Content::List(items))
}

fn map(entries: Vec<Entry>) -> Node {
    node(Content::Map(entries))
}

fn one(key: &str, value: Node) -> Node {
    map(vec![entry(key, value)])
}

fn entry(key: &str, value: Node) -> Entry {
    Entry { key: key.to_owned(), at: Position::default(), value }
}
