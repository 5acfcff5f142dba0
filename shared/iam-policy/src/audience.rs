//! Sets of callers, as coarse as the question "who is outside?" needs them.
//!
//! What must hold: both ways of joining two audiences give one that holds every caller of the true join. Coarse is
//! fine, too small is a hole. Two foreign accounts that exclude each other still count as foreign.

use std::fmt;

use super::words::clip;

/// Outsiders that are named one by one. A reader of the finding needs no more to act.
const MOST_NAMED: usize = 100;

/// How far a set of callers reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breadth {
    /// No principal at all.
    Empty,
    /// The owner, and whom the owner trusts.
    Inside,
    /// Named parties that are not trusted.
    Foreign,
    /// Not a stranger's choice, but whose it is is unknown: a VPC, a bucket name, a private address.
    Unowned,
    /// Any stranger.
    Everyone,
}

/// A set of callers: how far it reaches, and who is named from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Audience {
    pub(crate) breadth: Breadth,
    pub(crate) outsiders: Vec<Outsider>,
}

/// A principal outside the zone of trust, as the document names them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outsider {
    /// An account of AWS.
    Account(String),
    /// An account, by its canonical user id.
    CanonicalUser(String),
    /// An organisation.
    Organization(String),
    /// A part of an organisation.
    OrganizationPath(String),
    /// A VPC.
    Vpc(String),
    /// A VPC endpoint.
    Endpoint(String),
    /// A range of addresses.
    Network(String),
    /// An identity provider, with what it must say where that is fixed.
    Provider(String),
    /// The unique id of a principal whose account is not shown.
    UserId(String),
    /// Anything else that is named.
    Other(String),
}

impl fmt::Display for Outsider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account `{}`", clip(id)),
            Self::CanonicalUser(id) => write!(f, "canonical user `{}`", clip(id)),
            Self::Organization(id) => write!(f, "organisation `{}`", clip(id)),
            Self::OrganizationPath(path) => write!(f, "organisation path `{}`", clip(path)),
            Self::Vpc(id) => write!(f, "VPC `{}`", clip(id)),
            Self::Endpoint(id) => write!(f, "VPC endpoint `{}`", clip(id)),
            Self::Network(network) => write!(f, "network `{}`", clip(network)),
            Self::Provider(name) => write!(f, "identity provider `{}`", clip(name)),
            Self::UserId(id) => write!(f, "unique id `{}`", clip(id)),
            Self::Other(text) => write!(f, "`{}`", clip(text)),
        }
    }
}

impl Audience {
    pub(crate) const EMPTY: Self = Self { breadth: Breadth::Empty, outsiders: Vec::new() };
    pub(crate) const INSIDE: Self = Self { breadth: Breadth::Inside, outsiders: Vec::new() };
    pub(crate) const UNOWNED: Self = Self { breadth: Breadth::Unowned, outsiders: Vec::new() };
    pub(crate) const EVERYONE: Self = Self { breadth: Breadth::Everyone, outsiders: Vec::new() };

    pub(crate) fn foreign(outsider: Outsider) -> Self {
        Self { breadth: Breadth::Foreign, outsiders: vec![outsider] }
    }

    pub(crate) fn is_everyone(&self) -> bool {
        self.breadth == Breadth::Everyone
    }

    /// Callers that are in both: the one that says more about who they are.
    pub(crate) fn narrow(self, other: &Self) -> Self {
        // A named foreign account that must also come through some VPC is still a foreign account.
        let rank = |breadth| match breadth {
            Breadth::Empty => 0,
            Breadth::Inside => 1,
            Breadth::Foreign => 2,
            Breadth::Unowned => 3,
            Breadth::Everyone => 4,
        };
        if rank(other.breadth) < rank(self.breadth) { other.clone() } else { self }
    }

    /// Callers that are in one of the two: the one that is the worse finding.
    pub(crate) fn widen(mut self, other: Self) -> Self {
        let rank = |breadth| match breadth {
            Breadth::Empty => 0,
            Breadth::Inside => 1,
            Breadth::Unowned => 2,
            Breadth::Foreign => 3,
            Breadth::Everyone => 4,
        };
        match rank(self.breadth).cmp(&rank(other.breadth)) {
            std::cmp::Ordering::Less => other,
            std::cmp::Ordering::Greater => self,
            std::cmp::Ordering::Equal => {
                for outsider in other.outsiders {
                    if self.outsiders.len() < MOST_NAMED && !self.outsiders.contains(&outsider) {
                        self.outsiders.push(outsider);
                    }
                }
                self
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Audience, Breadth, Outsider};

    #[test]
    fn both_is_the_narrower_and_either_is_the_worse() {
        let foreign = || Audience::foreign(Outsider::Account("999988887777".into()));
        assert_eq!(Audience::EVERYONE.narrow(&Audience::UNOWNED).breadth, Breadth::Unowned);
        assert_eq!(foreign().narrow(&Audience::UNOWNED), foreign(), "a foreign account inside a VPC is foreign");
        assert_eq!(foreign().narrow(&Audience::INSIDE), Audience::INSIDE);
        assert_eq!(Audience::UNOWNED.widen(foreign()), foreign());
        assert_eq!(foreign().widen(Audience::EVERYONE), Audience::EVERYONE);
        let both = foreign().widen(Audience::foreign(Outsider::Vpc("vpc-1".into()))).widen(foreign());
        assert_eq!(both.outsiders.len(), 2);
    }
}
