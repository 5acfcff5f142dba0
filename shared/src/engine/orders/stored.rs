//! Orders as they stand in the ledger, each by itself: also those that hold nothing.

use super::{Orders, Stop};
use crate::operations::signature::{Kind, Trust};
use crate::policy::Exemption;

/// How the names of stops begin.
pub(crate) const STOP: &str = "stop#";
/// How the names of exemptions begin.
pub(crate) const EXEMPTION: &str = "exemption#";

/// What the name of an order says that it is.
pub(crate) fn kind_of(name: &str) -> Option<Kind> {
    match name {
        name if name.starts_with(STOP) => Some(Kind::Suspension),
        name if name.starts_with(EXEMPTION) => Some(Kind::Exemption),
        _ => None,
    }
}

/// An order of the ledger, believed or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its name there, which is how it is removed.
    pub name: String,
    /// What it says.
    pub says: Says,
    /// What is to be thought of it.
    pub trust: Trust,
    /// Whether it carries a signature, right or wrong.
    pub is_sealed: bool,
}

/// What an order says.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// A guardrail only notifies.
    Stop(Stop),
    /// Something is allowed.
    Exemption(Exemption),
    /// Unknown.
    Unreadable {
        /// Why, for a person.
        why: String,
    },
}

impl Stored {
    /// Reads the order of this name. None for what is no order.
    #[must_use]
    pub fn read(name: &str, json: &str, trust: Trust, is_sealed: bool) -> Option<Self> {
        let says = match kind_of(name)? {
            Kind::Suspension => serde_json::from_str(json).map(Says::Stop),
            _ => serde_json::from_str(json).map(Says::Exemption),
        };
        let says = says.unwrap_or_else(|error| Says::Unreadable { why: error.to_string() });
        Some(Self { name: name.to_owned(), says, trust, is_sealed })
    }

    /// Why it holds nothing; none where it holds.
    #[must_use]
    pub fn doubt(&self) -> Option<String> {
        let unreadable = match &self.says {
            Says::Unreadable { why } => Some(format!("it cannot be read: {why}")),
            Says::Stop(_) | Says::Exemption(_) => None,
        };
        self.trust.problem().or(unreadable)
    }

    /// What cannot be known of it: it may be an exemption that an operator has made.
    #[must_use]
    pub fn unknown(&self) -> Option<String> {
        match (&self.trust, &self.says) {
            (Trust::Unverified { why }, _) => {
                Some(format!("the standing order `{}` cannot be verified: {why}", self.name))
            }
            (Trust::NotAsked | Trust::Signed, Says::Unreadable { why }) => {
                Some(format!("the standing order `{}` cannot be read: {why}", self.name))
            }
            (_, _) => None,
        }
    }
}

impl Orders {
    /// Takes in an order of the ledger. One that cannot be read hides no other, and is said: it may be an exemption. One whose
    /// signature cannot be verified now is one that cannot be read; one that no function of ours has signed is none.
    pub fn take(&mut self, stored: Stored) {
        if let Some(why) = stored.unknown() {
            self.unreadable = Some(why);
        } else if stored.trust.is_believed() {
            match stored.says {
                Says::Stop(stop) => self.stops.push(stop),
                Says::Exemption(exemption) => self.exemptions.push(exemption),
                Says::Unreadable { .. } => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const STOP: &str = r#"{"guardrail": "g", "account": "111122223333", "until": "2099-01-02T00:00:00Z", "why": "w"}"#;
    const EXEMPTION: &str = r#"{"guardrail": "root-access-key-created", "resource": "*", "reason": "r", "owner": "o", "expires": "2099-01-01"}"#;

    fn read(orders: &[(&str, &str, Trust)]) -> (Orders, Vec<Stored>) {
        let read = |(name, json, trust): &(&str, &str, Trust)| Stored::read(name, json, trust.clone(), true).unwrap();
        let stored: Vec<Stored> = orders.iter().map(read).collect();
        let mut orders = Orders::default();
        stored.iter().cloned().for_each(|one| orders.take(one));
        (orders, stored)
    }

    #[test]
    fn orders_are_read_back_and_one_that_cannot_be_read_hides_no_other() {
        let (orders, stored) = read(&[("stop#bad", "{", Trust::NotAsked), ("stop#0", STOP, Trust::NotAsked)]);
        assert_eq!((orders.stops.len(), orders.exemptions.len()), (1, 0));
        assert!(orders.unreadable.unwrap().contains("stop#bad"));
        assert!(stored[0].doubt().unwrap().starts_with("it cannot be read") && stored[1].doubt().is_none());
        assert_eq!(Stored::read("id", "orders", Trust::NotAsked, false), None, "no order");
    }

    /// Neither an order nor an unreadable one, which would keep everything from being enforced; and still something to be shown.
    #[rstest]
    #[case::unsigned(Trust::Unsigned, "no signature")]
    #[case::forged(Trust::Forged { why: "w".to_owned() }, "its signature is wrong")]
    #[case::put_back(Trust::Ended, "its time is over")]
    fn what_is_not_signed_by_parapet_orders_nothing_and_is_shown(#[case] trust: Trust, #[case] why: &str) {
        let (orders, stored) = read(&[
            ("stop#g", STOP, trust.clone()),
            ("exemption#g#*", EXEMPTION, trust.clone()),
            ("exemption#bad", "{", trust),
        ]);
        assert_eq!(orders, Orders::default());
        assert!(stored.iter().all(|one| one.doubt().unwrap().contains(why)), "{stored:?}");
        let (orders, _) = read(&[("exemption#g#*", EXEMPTION, Trust::Signed)]);
        assert_eq!(orders.exemptions.len(), 1);
    }

    /// It may be an exemption: it counts as what cannot be read.
    #[test]
    fn what_cannot_be_verified_now_is_unreadable() {
        let unverified = Trust::Unverified { why: "no answer".to_owned() };
        let (orders, _) = read(&[("stop#0", STOP, Trust::Signed), ("exemption#g#*", "{}", unverified)]);
        assert_eq!(orders.stops.len(), 1, "what was verified holds");
        let why = orders.unreadable.unwrap();
        assert!(why.contains("exemption#g#*") && why.contains("no answer"), "{why}");
    }
}
