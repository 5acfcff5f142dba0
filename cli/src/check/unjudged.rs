//! Resources that a file plans and that no guardrail judges there: never silently.
//!
//! Of most kinds no guardrail says anything anywhere. Of those below some guardrail does once the resource is there, so that
//! what a template says of it can be a violation that only the account will show: undetermined.

use crate::template::Position;
use serde::Serialize;
use std::collections::BTreeMap;

/// A resource of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unjudged {
    kind: String,
    name: String,
    at: Position,
    guardrails: &'static [&'static str],
}

impl Unjudged {
    /// `name` is the logical id, or Terraform's address.
    pub(super) fn new(kind: &str, name: &str, at: Position) -> Self {
        let watched = WATCHED.iter().find(|(watched, _)| *watched == kind);
        let guardrails = watched.map_or(&[][..], |(_, names)| names);
        Self { kind: kind.to_owned(), name: name.to_owned(), at, guardrails }
    }

    /// The logical id, or Terraform's address.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What it says was judged with another resource of the file.
    pub(super) fn is_judged_elsewhere(&mut self) {
        self.guardrails = &[];
    }
}

/// The resources of one kind in one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OfKind {
    pub(super) file: String,
    pub(super) kind: String,
    pub(super) resources: Vec<String>,
    /// Where the first stands.
    pub(super) line: usize,
    /// Where the first stands that a guardrail looks at once it is there.
    #[serde(skip)]
    pub(super) at: Position,
    /// The guardrails that do.
    pub(super) guardrails: &'static [&'static str],
    #[serde(skip)]
    watched: Vec<String>,
}

/// Which guardrails look at a kind once it is there: the networks of a prefix list open what the rules of another file that name it open.
const WATCHED: &[(&str, &[&str])] = &[
    ("AWS::EC2::PrefixList", &["security-group-admin-port-open"]),
    ("aws_ec2_managed_prefix_list", &["security-group-admin-port-open"]),
    ("aws_ec2_managed_prefix_list_entry", &["security-group-admin-port-open"]),
];

/// The resources by kind, in the order of the kinds.
pub(super) fn by_kind(file: &str, resources: Vec<Unjudged>) -> Vec<OfKind> {
    let mut kinds: BTreeMap<String, OfKind> = BTreeMap::new();
    for Unjudged { kind, name, at, guardrails } in resources {
        let entry = kinds.entry(kind.clone()).or_insert_with(|| OfKind {
            file: file.to_owned(),
            kind,
            resources: Vec::new(),
            line: at.line,
            at,
            guardrails: &[],
            watched: Vec::new(),
        });
        entry.resources.push(name.clone());
        if !guardrails.is_empty() {
            if entry.watched.is_empty() {
                (entry.at, entry.guardrails) = (at, guardrails);
            }
            entry.watched.push(name);
        }
    }
    kinds.into_values().collect()
}

impl OfKind {
    /// Why the answer is open; none for a kind that no guardrail looks at anywhere.
    pub(super) fn unevaluated(&self) -> Option<String> {
        const NAMED: usize = 3;
        if self.guardrails.is_empty() {
            return None;
        }
        let names: Vec<String> = self.watched.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
        let more = self.watched.len().checked_sub(NAMED).filter(|more| *more > 0);
        let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
        let guardrails: Vec<String> = self.guardrails.iter().map(|name| format!("`{name}`")).collect();
        Some(format!(
            "{} is not evaluated before deployment ({}{more}): {} evaluates it once it exists",
            self.kind,
            names.join(", "),
            guardrails.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_guardrail_of_the_table_is_one() {
        let known: BTreeSet<&str> = shared::resources::catalogue().iter().map(|entry| entry.about.name).collect();
        for (kind, names) in WATCHED {
            assert!(!names.is_empty() && names.iter().all(|name| known.contains(name)), "{kind}: {names:?}");
        }
    }

    #[test]
    fn what_is_judged_is_not_among_them() {
        let read: Vec<_> = WATCHED.iter().filter(|(kind, _)| crate::check::families::read(kind)).collect();
        assert!(read.is_empty(), "{read:?}");
    }

    #[test]
    fn resources_are_reported_by_kind() {
        let one = |kind: &str, name: &str, line| Unjudged::new(kind, name, Position { line, column: 1 });
        let list = "AWS::EC2::PrefixList";
        let found = by_kind("f", vec![one("AWS::Logs::QueryDefinition", "B", 3), one(list, "S", 4), one(list, "T", 9)]);
        assert_eq!(
            found.iter().map(|kind| (kind.kind.as_str(), kind.line)).collect::<Vec<_>>(),
            [("AWS::EC2::PrefixList", 4), ("AWS::Logs::QueryDefinition", 3)]
        );
        let reported = found[0].unevaluated().unwrap();
        assert_eq!(
            reported,
            "AWS::EC2::PrefixList is not evaluated before deployment (`S`, `T`): `security-group-admin-port-open` \
             evaluates it once it exists"
        );
        assert_eq!(found[1].unevaluated(), None);
    }
}
