//! Prefix lists that a file makes: a rule that names one opens what the list holds.

use super::unjudged::Unjudged;
use serde_json::Value;
use shared::resources::ec2::security_group::planned_list;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// The properties of a rule that name a prefix list.
const NAMED_BY: [&str; 2] = ["SourcePrefixListId", "DestinationPrefixListId"];

/// The prefix lists of a file.
#[derive(Debug, Default)]
pub(super) struct PrefixLists {
    /// What each holds, by its name in the file; none where that is known at deployment only.
    lists: BTreeMap<String, Option<Vec<String>>>,
    /// Resources that each only add an entry, and the list.
    parts: BTreeMap<String, String>,
    used: RefCell<BTreeSet<String>>,
}

impl PrefixLists {
    /// Takes up a list with its networks; none of them are known where one is not.
    pub(super) fn add(&mut self, name: &str, networks: Option<Vec<String>>) {
        self.lists.insert(name.to_owned(), networks);
    }

    /// Takes up a resource that adds a network to a list, which has been taken up before.
    pub(super) fn add_part(&mut self, name: &str, list: &str, network: Option<String>) {
        self.parts.insert(name.to_owned(), list.to_owned());
        if let Some(networks) = self.lists.get_mut(list) {
            *networks = networks.take().zip(network).map(|(networks, one)| [networks, vec![one]].concat());
        }
    }

    /// Puts what a list holds in the place of the reference to it.
    pub(super) fn fill(&self, rule: &mut Value, referred: impl Fn(&Value) -> Option<String>) {
        for named_by in NAMED_BY {
            let Some(source) = rule.get_mut(named_by).filter(|source| source.is_object()) else { continue };
            let Some((name, networks)) = referred(source).and_then(|name| self.lists.get_key_value(&name)) else {
                continue;
            };
            self.used.borrow_mut().insert(name.clone());
            if let Some(networks) = networks {
                *source = planned_list(name, networks);
            }
        }
    }

    /// Of a list that a rule of the file names, the rule was judged.
    pub(super) fn settle(&self, unjudged: &mut [Unjudged]) {
        for one in unjudged {
            let list = self.parts.get(one.name()).map_or(one.name(), String::as_str);
            if self.used.borrow().contains(list) {
                one.is_judged_elsewhere();
            }
        }
    }
}
