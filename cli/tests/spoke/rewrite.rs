//! What a part of template.yaml becomes elsewhere: the own role in a pattern, the region and the account in a statement.

use super::blocks::Function;
use parapet::template::{Content, Entry, Node};

/// A member's pattern: the hub's, with the member's role where the hub's stands.
pub(super) fn for_member(pattern: &Node, functions: &[Function<'_>]) -> Node {
    let role = |id: &str| {
        let function = functions.iter().find(|function| function.role == id);
        let name = &function.unwrap_or_else(|| panic!("a pattern names `{id}`, which is no function's role")).name;
        let arn = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/parapet-member-{name}");
        one("Fn::Sub", text(&arn))
    };
    mapped(pattern, &|node| {
        let [id, attribute] = node.get("Fn::GetAtt")?.items() else { return None };
        (attribute.text() == Some("Arn")).then(|| role(id.text().unwrap_or_default()))
    })
}

/// The pattern on the members' bus: the hub's without its own role, which does nothing in a member. Its own account has its
/// events on the default bus, and its roles are named there.
pub(super) fn for_members_bus(pattern: &Node) -> Node {
    let Content::Map(mut entries) = without_roles(pattern).map_or(Content::Map(Vec::new()), |node| node.content) else {
        panic!("a pattern is a mapping")
    };
    let own = list(vec![one("anything-but", one("Ref", text("AWS::AccountId")))]);
    assert!(entries.iter().all(|entry| entry.key != "account"), "a pattern that asks for an account is not forwarded");
    entries.insert(0, entry("account", own));
    map(entries)
}

/// Without the lists that name a role, and without what is empty then.
fn without_roles(node: &Node) -> Option<Node> {
    match &node.content {
        Content::List(items) if items.iter().any(names_role) => None,
        Content::Map(entries) => {
            let kept: Vec<Entry> = entries
                .iter()
                .filter_map(|inner| {
                    let value = without_roles(&inner.value);
                    // A branch of `$or` that lost its only field would match everything.
                    let is_whole = value.as_ref().map(Node::to_value) == Some(inner.value.to_value());
                    assert!(is_whole || inner.key != "$or", "a role stands in `$or`");
                    Some(entry(&inner.key, value?))
                })
                .collect();
            (!kept.is_empty()).then(|| map(kept))
        }
        Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => {
            Some(node.clone())
        }
    }
}

fn names_role(alternative: &Node) -> bool {
    let is_attribute = |node: &Node| node.get("Fn::GetAtt").is_some();
    alternative.get("anything-but").is_some_and(|but| is_attribute(but) || but.items().iter().any(is_attribute))
}

/// A statement of the hub's role for all regions of the member: roles are global.
pub(super) fn for_all_regions(statement: &Node) -> Node {
    let statement = mapped(statement, &|node| {
        let given = node.get("Fn::Sub")?.text()?;
        Some(one("Fn::Sub", text(&given.replace("${AWS::Region}", "*"))))
    });
    let known = ["AWS::Partition", "AWS::AccountId", "AWS::NoValue", "OrganizationId"];
    mapped(&statement, &|node| {
        assert!(node.get("Fn::GetAtt").is_none(), "a `Family` statement needs something of the hub's stack: {node:?}");
        let name = node.get("Ref").and_then(Node::text)?;
        assert!(known.contains(&name), "`{name}` is no parameter of template-spoke.yaml: add it there, and here");
        None
    })
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
    Node { at: parapet::template::Position::default(), content }
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
    Entry { key: key.to_owned(), at: parapet::template::Position::default(), value }
}
