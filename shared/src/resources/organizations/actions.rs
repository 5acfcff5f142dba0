//! What can be done about the policies of an organization.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::Request;
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

pub(crate) const POLICIES: &[&str] = &["organizations::${Account}:policy/o-*/*/p-*"];
const ROOTS: &[&str] = &["organizations::${Account}:root/o-*/r-*"];
/// A policy, and what it is attached to.
const ATTACHMENTS: &[&str] = &[
    "organizations::${Account}:policy/o-*/*/p-*",
    "organizations::${Account}:account/o-*/*",
    "organizations::${Account}:ou/o-*/ou-*",
    "organizations::${Account}:root/o-*/r-*",
];

pub(crate) const ATTACH: Permission = Permission::on("organizations:AttachPolicy", ATTACHMENTS);
pub(crate) const DETACH: Permission = Permission::on("organizations:DetachPolicy", ATTACHMENTS);
pub(crate) const UPDATE: Permission = Permission::on("organizations:UpdatePolicy", POLICIES);
pub(crate) const CREATE: Permission = Permission::setting("organizations:CreatePolicy");
pub(crate) const DELETE: Permission = Permission::on("organizations:DeletePolicy", POLICIES);
/// To create it with its tags.
pub(crate) const TAG: Permission = Permission::on("organizations:TagResource", POLICIES);
pub(crate) const ENABLE: Permission = Permission::on("organizations:EnablePolicyType", ROOTS);
pub(crate) const DISABLE: Permission = Permission::on("organizations:DisablePolicyType", ROOTS);

/// The calls that change policies, and which types of them there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicyAction {
    /// Attach a policy.
    Attach {
        /// Its id.
        policy: String,
        /// The root, organizational unit or account.
        target: String,
    },
    /// Detach a policy.
    Detach {
        /// Its id.
        policy: String,
        /// The root, organizational unit or account.
        target: String,
    },
    /// Write the content of a policy. Its name and description stay.
    Update {
        /// Its id.
        policy: String,
        /// The document.
        content: String,
    },
    /// Create a policy. AWS gives it a new id, and it is attached to nothing yet.
    Create {
        /// Its name.
        name: String,
        /// Its description.
        description: String,
        /// Its type.
        kind: String,
        /// The document.
        content: String,
        /// Its tags.
        tags: BTreeMap<String, String>,
    },
    /// Delete the policy of this name and type, which is attached to nothing.
    Delete {
        /// Its name.
        name: String,
        /// Its type.
        kind: String,
    },
    /// Enable a type of policies.
    Enable {
        /// The root.
        root: String,
        /// The type.
        kind: String,
    },
    /// Disable a type of policies.
    Disable {
        /// The root.
        root: String,
        /// The type.
        kind: String,
    },
}

impl PolicyAction {
    /// One of each, for the test that holds the requests against the service's model.
    pub(super) fn each() -> Vec<Self> {
        let (policy, target, kind) = ("p-examplepolicy1", "r-exam", "SERVICE_CONTROL_POLICY");
        let (policy, target, kind) = (policy.to_owned(), target.to_owned(), kind.to_owned());
        let content = r#"{"Version": "2012-10-17", "Statement": []}"#.to_owned();
        vec![
            Self::Attach { policy: policy.clone(), target: target.clone() },
            Self::Detach { policy: policy.clone(), target: target.clone() },
            Self::Update { policy, content: content.clone() },
            Self::Create {
                name: "guard".to_owned(),
                description: "keeps trails".to_owned(),
                kind: kind.clone(),
                content,
                tags: [("a".to_owned(), "b".to_owned())].into(),
            },
            Self::Delete { name: "guard".to_owned(), kind: kind.clone() },
            Self::Enable { root: target.clone(), kind: kind.clone() },
            Self::Disable { root: target, kind },
        ]
    }
}

impl fmt::Display for PolicyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attach { policy, target } => write!(f, "attach policy {policy} to {target}"),
            Self::Detach { policy, target } => write!(f, "detach policy {policy} from {target}"),
            Self::Update { policy, .. } => write!(f, "write the content of policy {policy}"),
            Self::Create { name, kind, .. } => write!(f, "create policy {name} of type {kind}"),
            Self::Delete { name, kind } => write!(f, "delete policy {name} of type {kind}"),
            Self::Enable { root, kind } => write!(f, "enable policies of type {kind} in {root}"),
            Self::Disable { root, kind } => write!(f, "disable policies of type {kind} in {root}"),
        }
    }
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

impl Action for PolicyAction {
    fn permission(&self) -> &'static str {
        let permission = match self {
            Self::Attach { .. } => ATTACH,
            Self::Detach { .. } => DETACH,
            Self::Update { .. } => UPDATE,
            Self::Create { .. } => CREATE,
            Self::Delete { .. } => DELETE,
            Self::Enable { .. } => ENABLE,
            Self::Disable { .. } => DISABLE,
        };
        permission.action
    }

    fn command(&self, region: &str) -> String {
        let attachment = |verb: &str, policy: &str, target: &str| {
            let (policy, target) = (word(policy), word(target));
            format!("aws organizations {verb}-policy --policy-id {policy} --target-id {target}")
        };
        let of_type = |verb: &str, root: &str, kind: &str| {
            let (root, kind) = (word(root), word(kind));
            format!("aws organizations {verb}-policy-type --root-id {root} --policy-type {kind}")
        };
        let line = match self {
            Self::Attach { policy, target } => attachment("attach", policy, target),
            Self::Detach { policy, target } => attachment("detach", policy, target),
            Self::Update { policy, content } => {
                format!("aws organizations update-policy --policy-id {} --content {}", word(policy), word(content))
            }
            Self::Create { name, description, kind, content, tags: own } => {
                let list = json!(tags(own)).to_string();
                let tags = if own.is_empty() { String::new() } else { format!(" --tags {}", word(&list)) };
                let (name, description, kind) = (word(name), word(description), word(kind));
                let content = word(content);
                format!(
                    "aws organizations create-policy --name {name} --description {description} --type {kind} --content {content}{tags}"
                )
            }
            Self::Delete { name, kind } => {
                let of_name = format!("Policies[?Name=='{}'].Id", name.replace('\'', "\\'"));
                let (kind, of_name) = (word(kind), word(&of_name));
                let find = format!("aws organizations list-policies --filter {kind} --query {of_name} --output text");
                format!("aws organizations delete-policy --policy-id $({})", in_region(&find, region))
            }
            Self::Enable { root, kind } => of_type("enable", root, kind),
            Self::Disable { root, kind } => of_type("disable", root, kind),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        1
    }

    /// Enabling a type permits nothing that was not permitted while it was disabled. What a policy says may have changed since a record was written, and one
    /// that allows can widen: it is read before it is attached.
    fn effect(&self) -> Effect {
        match self {
            Self::Enable { .. } => Effect::Restoring,
            Self::Create { .. } => Effect::Recreating,
            Self::Attach { .. }
            | Self::Detach { .. }
            | Self::Update { .. }
            | Self::Delete { .. }
            | Self::Disable { .. } => Effect::Overwriting,
        }
    }

    /// An attachment is there or not: attaching writes over nothing.
    fn guards_itself(&self) -> bool {
        matches!(self, Self::Attach { .. })
    }
}

impl PolicyAction {
    /// The call; `of_name` is the id of the policy that a deletion names.
    pub(super) fn request(&self, of_name: &str) -> Request {
        match self {
            Self::Attach { policy, target } => {
                Request::named("AttachPolicy", json!({"PolicyId": policy, "TargetId": target}))
            }
            Self::Detach { policy, target } => {
                Request::named("DetachPolicy", json!({"PolicyId": policy, "TargetId": target}))
            }
            Self::Update { policy, content } => {
                Request::named("UpdatePolicy", json!({"PolicyId": policy, "Content": content}))
            }
            Self::Create { name, description, kind, content, tags: own } => {
                let body = json!({"Name": name, "Description": description, "Type": kind, "Content": content});
                Request::named("CreatePolicy", body).member("Tags", (!own.is_empty()).then(|| tags(own)))
            }
            Self::Delete { .. } => Request::named("DeletePolicy", json!({"PolicyId": of_name})),
            Self::Enable { root, kind } => {
                Request::named("EnablePolicyType", json!({"RootId": root, "PolicyType": kind}))
            }
            Self::Disable { root, kind } => {
                Request::named("DisablePolicyType", json!({"RootId": root, "PolicyType": kind}))
            }
        }
    }
}
