//! An assignment: to whom, of what, in which account.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::{Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::sso::SSO;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

const ON: &[&str] = &["sso:::account/*", "sso:::instance/*", "sso:::permissionSet/*/*"];
pub(crate) const DELETE: Permission = Permission::on("sso:DeleteAccountAssignment", ON);
pub(crate) const CREATE: Permission = Permission::on("sso:CreateAccountAssignment", ON);

/// How an assignment is found, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// The ARN of the instance.
    pub instance: String,
    /// The account.
    pub account: String,
    /// The ARN of the permission set.
    pub set: String,
    /// `USER` or `GROUP`.
    pub principal_type: String,
    /// The id of the user or the group in the directory.
    pub principal: String,
    /// See [`callers`](crate::resources::callers::callers).
    #[serde(default)]
    pub by: Vec<String>,
}

impl Assigned {
    pub(super) fn sample() -> Self {
        let instance = "ssoins-1111222233334444";
        Self {
            instance: format!("arn:aws:sso:::instance/{instance}"),
            account: "444455556666".to_owned(),
            set: format!("arn:aws:sso:::permissionSet/{instance}/ps-1111222233334444"),
            principal_type: "USER".to_owned(),
            principal: "11112222-3333-4444-5555-666677778888".to_owned(),
            by: Vec::new(),
        }
    }

    /// The members of the calls about it.
    fn members(&self) -> Value {
        json!({"InstanceArn": self.instance, "TargetId": self.account, "TargetType": "AWS_ACCOUNT", "PermissionSetArn": self.set,
            "PrincipalType": self.principal_type, "PrincipalId": self.principal})
    }
}

/// An assignment that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// How it is found.
    pub of: Assigned,
    /// What the permission set has.
    pub policies: Policies,
}

/// The policies of a permission set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policies {
    /// The ARNs of AWS's own.
    pub managed: Vec<String>,
    /// The inline policy.
    pub inline: Option<String>,
    /// The names of customer managed policies: each account has its own.
    pub references: Vec<String>,
}

/// The calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AssignmentAction {
    /// Delete the assignment.
    Delete(Assigned),
    /// Make it again.
    Create(Assigned),
}

impl AssignmentAction {
    fn of(&self) -> (&'static str, &Assigned) {
        match self {
            Self::Delete(of) => ("delete", of),
            Self::Create(of) => ("create", of),
        }
    }
}

impl fmt::Display for AssignmentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, Assigned { account, set, principal, .. }) = self.of();
        write!(f, "{verb} the assignment of {set} to {principal} in account {account}")
    }
}

impl Action for AssignmentAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Delete(_) => DELETE,
            Self::Create(_) => CREATE,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let (verb, of) = self.of();
        let line = format!(
            "aws sso-admin {verb}-account-assignment --instance-arn {} --target-id {} --target-type AWS_ACCOUNT --permission-set-arn {} \
             --principal-type {} --principal-id {}",
            word(&of.instance),
            word(&of.account),
            word(&of.set),
            word(&of.principal_type),
            word(&of.principal)
        );
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    /// An assignment is named by ids that never come to mean something else.
    fn effect(&self) -> Effect {
        match self {
            Self::Delete(_) => Effect::Removing,
            Self::Create(_) => Effect::Overwriting,
        }
    }
}

impl SignedAction for AssignmentAction {
    const API: &'static Api = &SSO;

    fn request(&self) -> Request {
        match self {
            Self::Delete(of) => Request::named("DeleteAccountAssignment", of.members()),
            Self::Create(of) => Request::named("CreateAccountAssignment", of.members()),
        }
    }
}
