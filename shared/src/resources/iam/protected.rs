//! Principals that are protected: AWS's own roles and Parapet's own are never changed; those that the operator names lose nothing
//! that they had. What they gain is judged like anybody's, and so is a role that appears under a protected name.

use crate::engine::guardrail::Terms;
use crate::engine::holder::{Holder, HolderKind, RoleSeen};
use crate::engine::observed::Observed;
use crate::policy::{Holds, Protects};
use jiff::SignedDuration;

/// Users of whom a guardrail only notifies.
pub(crate) const PROTECTED_USERS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a user, without a path",
    everything: Some("protects every user: nothing is remediated"),
};

/// Why nothing is changed about a principal, where that is so: the roles that AWS owns cannot be edited.
pub(crate) fn owned(holder: &Holder, path: &Observed<String>, terms: &Terms<'_>) -> Option<String> {
    if holder.is_named_like_a_role_of_aws() {
        return match path {
            Observed::Known(path) if path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/") => {
                Some(format!("{holder} is a role that AWS itself owns"))
            }
            Observed::Known(_) => None,
            Observed::Absent | Observed::Unknown { .. } => {
                Some(format!("{holder} may be a role that AWS itself owns: its path is not known"))
            }
        };
    }
    let is_own = holder.kind == HolderKind::Role && terms.own.has(&holder.name, terms.place);
    is_own.then(|| format!("{holder} is Parapet's own"))
}

/// What the operator's list says of a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// Nothing.
    No,
    /// It is protected; the reason.
    Protected(String),
    /// A role that bears a protected name, and is none that stood there when Parapet came: what is odd about it.
    Suspicious(String),
    /// Only a read of the role shows which of the two.
    Unread(String),
}

/// A role that administers an account is about as old as the account's place in its organisation. One that was made within
/// this time before it was looked at came under its name after the fact.
const YOUNG: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Whether the operator protects this principal. Of a role that is not pinned by its id, its age decides: a caller that may make roles
/// can make one of any name that is free.
pub(crate) fn named(holder: &Holder, role: &Observed<RoleSeen>, terms: &Terms<'_>) -> Named {
    let id = role.known().map(|role| role.id.as_str());
    let protected = || Named::Protected(format!("{holder} is among `protected_principals`"));
    match terms.policy.protects(&holder.to_string(), id) {
        Protects::No => Named::No,
        Protects::ById => protected(),
        Protects::NotThisId => Named::Suspicious(format!(
            "{holder} bears the name of a protected principal and is another one (`{}`)",
            id.unwrap_or_default()
        )),
        Protects::ByName if holder.kind != HolderKind::Role => protected(),
        Protects::ByName => match role {
            Observed::Known(RoleSeen { created: Some(created), seen, .. }) if *created + YOUNG > *seen => {
                Named::Suspicious(format!("{holder} bears the name of a protected principal and was made at {created}"))
            }
            Observed::Known(_) | Observed::Absent => protected(),
            Observed::Unknown { why } => {
                Named::Unread(format!("whether {holder} is the protected principal of that name is not known: {why}"))
            }
        },
    }
}
