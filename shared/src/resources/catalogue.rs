//! Every guardrail, with the function that serves it.

use crate::engine::family::Family;
use crate::engine::guardrail::{About, SettingsVisitor};
use crate::policy::{GuardrailSettings, Policy};
use crate::resources::custom;
use crate::resources::{Visitor, visit_all};

/// A line of the catalogue: a guardrail and the family that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name of the function that serves it.
    pub family: &'static str,
    /// What the family is about, in one word.
    pub kind: &'static str,
    /// Whether it is about calls that failed, see [`Family::hears_failures`].
    pub hears_failures: bool,
    /// The guardrail.
    pub about: &'static About,
}

/// Every guardrail, family by family.
#[must_use]
pub fn catalogue() -> Vec<Entry> {
    struct Entries(Vec<Entry>);

    /// The guardrails of one family: by what they say of their settings, so that a function does not carry the code of all guardrails.
    struct Of<'e> {
        family: &'static str,
        kind: &'static str,
        hears_failures: bool,
        entries: &'e mut Vec<Entry>,
    }

    impl SettingsVisitor for Of<'_> {
        fn guardrail<S: GuardrailSettings>(&mut self, about: &'static About) {
            let Self { family, kind, hears_failures, .. } = *self;
            self.entries.push(Entry { family, kind, hears_failures, about });
        }
    }

    impl Visitor for Entries {
        fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
            let (kind, hears_failures) = (family.kind(), family.hears_failures());
            family.show_settings(&mut Of { family: function, kind, hears_failures, entries: &mut self.0 });
        }
    }

    let mut entries = Entries(Vec::new());
    visit_all(&mut entries);
    entries.0
}

/// The same with the guardrails that the policy file declares, behind the others.
#[must_use]
pub fn catalogue_with(policy: &Policy) -> Vec<Entry> {
    let declared = policy.custom.iter();
    let declared = declared.map(|one| Entry {
        family: custom::FUNCTION,
        kind: custom::KIND,
        hears_failures: false,
        about: one.about,
    });
    catalogue().into_iter().chain(declared).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guardrail_says_what_it_does_not_watch_and_watches_none_of_it() {
        for entry in catalogue() {
            let name = entry.about.name;
            for (calls, why) in entry.about.not_watched {
                assert!(why.len() > 15, "{name}: {calls} has no reason");
                let is_watched = |call: &str| entry.about.triggers.contains(&call);
                // A call that is looked at in part says of which part it is not.
                assert!(calls.contains(" of ") || !calls.split(", ").any(is_watched), "{name} looks at {calls}");
            }
        }
    }

    #[test]
    fn the_catalogue_has_every_guardrail_of_every_family_in_order() {
        type Line = (&'static str, &'static str, bool, &'static str);
        struct Lines(Vec<Line>);

        impl Visitor for Lines {
            fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
                let of = |name| (function, family.kind(), family.hears_failures(), name);
                self.0.extend(family.guardrails().iter().map(|guardrail| of(guardrail.about().name)));
            }
        }

        let mut lines = Lines(Vec::new());
        visit_all(&mut lines);
        let line = |entry: &Entry| (entry.family, entry.kind, entry.hears_failures, entry.about.name);
        assert_eq!(catalogue().iter().map(line).collect::<Vec<_>>(), lines.0);
    }
}
