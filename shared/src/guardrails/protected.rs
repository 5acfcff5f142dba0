//! Principals that are told about and never changed: AWS's own roles, Parapet's own, and those that the operator names.

use super::Terms;
use crate::model::Observed;
use crate::model::holder::{Holder, HolderKind};

/// Why nothing is taken from a principal, where it is not: the roles that AWS owns cannot be edited, and whoever takes
/// away what an account is administered by locks everybody out.
pub(super) fn protection(holder: &Holder, path: &Observed<String>, terms: &Terms<'_>) -> Option<String> {
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
    if holder.kind == HolderKind::Role && terms.own.has(&holder.name, terms.place) {
        return Some(format!("{holder} is Parapet's own"));
    }
    terms.policy.protects(&holder.to_string()).then(|| format!("{holder} is among `protected_principals`"))
}
