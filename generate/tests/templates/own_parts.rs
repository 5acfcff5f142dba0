//! The table of Parapet's own parts in docs/security.md names every part of the template, and nothing else.

use super::text;
use parapet::template::Node;
use std::collections::BTreeSet;

const PAGE: &str = include_str!("../../../docs/security.md");

/// The names in the first column: a logical id, or `*` and how it ends.
fn named() -> BTreeSet<&'static str> {
    let table = PAGE.split("<!-- parts:").nth(1).unwrap().lines().skip(3);
    let rows = table.take_while(|line| line.starts_with('|'));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2));
    names.collect()
}

/// Where there are several of a kind, each but the first has its number.
fn is_of(name: &str, id: &str) -> bool {
    let id = id.trim_end_matches(|c: char| c.is_ascii_digit());
    name.strip_prefix('*').map_or(name == id, |end| id.ends_with(end))
}

#[test]
fn every_part_has_what_notices_it() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let ids: Vec<&str> = template.get("Resources").unwrap().entries().iter().map(|entry| entry.key.as_str()).collect();
    let forgotten: Vec<&&str> = ids.iter().filter(|id| !named().iter().any(|name| is_of(name, id))).collect();
    assert!(forgotten.is_empty(), "the table does not name {forgotten:?}");
    let invented: Vec<&str> = named().into_iter().filter(|name| !ids.iter().any(|id| is_of(name, id))).collect();
    assert!(invented.is_empty(), "no part is called {invented:?}");
}
