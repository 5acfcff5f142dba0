//! IAM: Parapet's own inline policies.

use super::{Deny, DenyAction, DenyPolicy, Principal};
use crate::aws::{done, failure};
use crate::engine::family::ReadError;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::iam::client::Iam;
use crate::resources::iam::record::{GET_ROLE_POLICY, GET_USER_POLICY, LIST_ROLE_POLICIES, LIST_USER_POLICIES};
use iam_policy::json;
use serde_json::Value;

impl Iam {
    /// What Parapet denies a user already. The names of a user's policies take a call, each of ours one more.
    pub(crate) async fn denies(&self, user: &str) -> Result<Observed<Vec<Deny>>, ReadError> {
        let mut pages = self.client.list_user_policies().user_name(user).into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => names.extend(page.policy_names),
                Err(error) => return failure(&error).of_read(LIST_USER_POLICIES.action),
            }
        }
        self.named(&Principal::User(user.to_owned()), names).await
    }

    /// The same of a role.
    pub(crate) async fn denies_of_role(&self, role: &str) -> Result<Observed<Vec<Deny>>, ReadError> {
        let mut pages = self.client.list_role_policies().role_name(role).into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => names.extend(page.policy_names),
                Err(error) => return failure(&error).of_read(LIST_ROLE_POLICIES.action),
            }
        }
        self.named(&Principal::Role(role.to_owned()), names).await
    }

    /// Those of the inline policies that are ours.
    async fn named(&self, on: &Principal, names: Vec<String>) -> Result<Observed<Vec<Deny>>, ReadError> {
        let mut found = Vec::new();
        for name in names.iter().filter(|name| Deny::is_named(name)) {
            match self.document(on, name).await? {
                Observed::Known(document) => found.extend(Deny::read(name, &document)),
                Observed::Absent => {}
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(Observed::Known(found))
    }

    /// The document of an inline policy.
    pub(crate) async fn document(&self, on: &Principal, name: &str) -> Result<Observed<Value>, ReadError> {
        let text = match on {
            Principal::User(user) => match self.client.get_user_policy().user_name(user).policy_name(name).send().await
            {
                Ok(answer) => answer.policy_document,
                Err(error) => return failure(&error).of_read(GET_USER_POLICY.action),
            },
            Principal::Role(role) => match self.client.get_role_policy().role_name(role).policy_name(name).send().await
            {
                Ok(answer) => answer.policy_document,
                Err(error) => return failure(&error).of_read(GET_ROLE_POLICY.action),
            },
        };
        Ok(Observed::Known(parsed(&text)))
    }
}

/// A document as the API returns it, URL-encoded. One that cannot be read, or says a name twice, is none of ours: null.
pub(crate) fn parsed(text: &str) -> Value {
    match json::parse(text) {
        Ok((document, repeated)) if repeated.is_empty() => document,
        Ok(_) | Err(_) => Value::Null,
    }
}

impl Apply<DenyAction> for Iam {
    async fn apply(&self, action: &DenyAction) -> Result<Applied, ApplyError> {
        let DenyPolicy { on, deny } = action.policy();
        let (name, document, permission) = (deny.name(), deny.document().to_string(), action.permission());
        match (action, on) {
            (DenyAction::Put(_), Principal::User(user)) => {
                let call = self.client.put_user_policy().user_name(user).policy_name(name).policy_document(document);
                done(call.send().await, permission)
            }
            (DenyAction::Put(_), Principal::Role(role)) => {
                let call = self.client.put_role_policy().role_name(role).policy_name(name).policy_document(document);
                done(call.send().await, permission)
            }
            (DenyAction::Lift(_), Principal::User(user)) => {
                done(self.client.delete_user_policy().user_name(user).policy_name(name).send().await, permission)
            }
            (DenyAction::Lift(_), Principal::Role(role)) => {
                done(self.client.delete_role_policy().role_name(role).policy_name(name).send().await, permission)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_come_encoded_and_back() {
        let deny = Deny::SessionsSince { moment: "2026-03-02T09:14:07Z".parse().unwrap() };
        let text = deny.document().to_string();
        let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(Deny::read(&deny.name(), &parsed(&encoded)), Some(deny.clone()));
        assert_eq!(Deny::read(&deny.name(), &parsed(&text)), Some(deny.clone()));
        let twice = text.replacen('{', "{\"Statement\":[],", 1);
        assert_eq!(Deny::read(&deny.name(), &parsed(&twice)), None, "which of the two AWS keeps is not ours to guess");
        assert_eq!(parsed("no document"), Value::Null);
    }
}
