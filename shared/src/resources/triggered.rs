//! What the name of a call triggers, found by the name: a look-up costs the same however many guardrails there are.

use std::collections::{BTreeSet, HashMap};

/// What belongs to the triggers of guardrails ([`About::triggers`](crate::engine::guardrail::About::triggers)), which are the names
/// of calls or how these begin.
#[derive(Clone, Debug)]
pub struct Triggered<T> {
    by_beginning: HashMap<&'static str, Vec<T>>,
    /// How long the beginnings are: a name has no more of them than these.
    lengths: BTreeSet<usize>,
}

impl<T: Copy + Ord> Triggered<T> {
    /// What was triggered by `name`, in order, each once.
    #[must_use]
    pub fn by(&self, name: &str) -> BTreeSet<T> {
        let beginnings = self.lengths.iter().filter_map(|length| name.get(..*length));
        beginnings.filter_map(|beginning| self.by_beginning.get(beginning)).flatten().copied().collect()
    }
}

impl<T> FromIterator<(&'static str, T)> for Triggered<T> {
    fn from_iter<I: IntoIterator<Item = (&'static str, T)>>(triggers: I) -> Self {
        let mut found = Self { by_beginning: HashMap::new(), lengths: BTreeSet::new() };
        for (trigger, one) in triggers {
            found.lengths.insert(trigger.len());
            found.by_beginning.entry(trigger).or_default().push(one);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::guardrail::ANY_CALL_BY_ROOT;

    #[test]
    fn names_and_beginnings_of_names_are_found() {
        let triggered: Triggered<u8> =
            [("CreateVpc", 1), ("CreateVpc", 2), ("Create", 3), ("Über", 4), ("CreateVpcEndpoint", 5)]
                .into_iter()
                .collect();
        for (name, expected) in [
            ("CreateVpc", vec![1, 2, 3]),
            ("CreateVpcEndpoint", vec![1, 2, 3, 5]),
            ("CreateUser", vec![3]),
            ("Creat", vec![]),
            // Cut in the middle of a letter, it begins with nothing.
            ("Creatä", vec![]),
            ("Übermut", vec![4]),
            ("", vec![]),
        ] {
            assert_eq!(triggered.by(name).into_iter().collect::<Vec<_>>(), expected, "{name}");
        }
    }

    #[test]
    fn any_call_is_the_beginning_of_every_name() {
        let triggered: Triggered<u8> = [(ANY_CALL_BY_ROOT, 7)].into_iter().collect();
        assert!(triggered.by("").contains(&7) && triggered.by("GetObject").contains(&7));
    }
}
