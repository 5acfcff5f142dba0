//! The MFA devices of users that sign in to the console.

use crate::engine::observed::Observed;
use crate::resources::iam::access_key::state::Owner;
use crate::resources::iam::deny_policy::Deny;
use serde::{Deserialize, Serialize};

/// How to find whose devices to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRef {
    /// Who signs in.
    pub owner: Owner,
}

/// How a user signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who signs in.
    pub owner: Owner,
    /// Whether there is a console password.
    pub has_password: bool,
    /// How many MFA devices are enabled. Of root's it is only known whether there is one.
    pub devices: usize,
    /// What Parapet denies the user already.
    pub denies: Observed<Vec<Deny>>,
}
