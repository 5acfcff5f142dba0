//! IAM: trust policies of roles. IAM answers documents URL-encoded.

use super::LIST_ROLES;
use super::RoleTrusts;
use super::state::{RoleRef, RoleTrust, TrustAction};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::{Span, is_padded};
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::role_seen;
use crate::resources::iam::record::GET_ROLE;
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::Role;
use iam_policy::json;

/// Roles of one page: the most that IAM hands out.
const PAGE: i32 = 1000;

impl Observe<RoleTrusts> for Iam {
    async fn observe(&self, key: &RoleRef, _: ReadDepth) -> Result<Observed<RoleTrust>, ReadError> {
        let Some(name) = &key.name else {
            return Ok(Observed::Unknown { why: "the record does not show which role to read".to_owned() });
        };
        match self.client.get_role().role_name(name).send().await {
            Ok(answer) => Ok(answer.role.map_or(Observed::Absent, |role| Observed::Known(seen(&role)))),
            Err(error) => failure(&error).of_read(GET_ROLE.action),
        }
    }

    /// The roles whose trust policy no record could carry: one of them was written by a call whose record says nothing.
    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<RoleTrusts>>>, ReadError> {
        let (mut found, mut from) = (Vec::new(), None);
        if !matches!(span, Span::Unshown { .. }) {
            return Ok(Observed::Known(found));
        }
        loop {
            let page = match List::<RoleTrusts>::page(self, from.as_deref()).await? {
                Observed::Known(page) => page,
                Observed::Absent => return Ok(Observed::Known(found)),
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            };
            let padded = page.found.into_iter().filter(|(_, trust)| {
                trust.known().and_then(|trust| trust.document.known()).is_some_and(|document| is_padded(document))
            });
            found.extend(padded.map(|(key, _)| Target { key, proven: None, changed: None }));
            from = page.next;
            if from.is_none() {
                return Ok(Observed::Known(found));
            }
        }
    }
}

impl Apply<TrustAction> for Iam {
    async fn apply(&self, action: &TrustAction) -> Result<Applied, ApplyError> {
        let trust = action.trust();
        let call = self.client.update_assume_role_policy().role_name(&trust.role);
        match call.policy_document(&trust.document).send().await {
            Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl List<RoleTrusts> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<RoleTrusts>>, ReadError> {
        let call = self.client.list_roles().max_items(PAGE);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_ROLES.action),
        };
        let found = answer.roles.iter().map(|role| {
            let name = Some(role.role_name.clone());
            (
                RoleRef { name, is_new: false, time: None, before: unread(), by_service: None },
                Observed::Known(seen(role)),
            )
        });
        Ok(Observed::Known(Page { found: found.collect(), next: answer.marker }))
    }
}

fn unread() -> Observed<String> {
    Observed::Unknown { why: "IAM shows the trust policy that is, not the one that was".to_owned() }
}

fn seen(role: &Role) -> RoleTrust {
    let missing = || Observed::Unknown { why: "IAM's answer has no trust policy".to_owned() };
    let document = role.assume_role_policy_document.as_deref().map(|text| match json::decode(text) {
        Ok(text) => Observed::Known(text.into_owned()),
        Err(why) => Observed::Unknown { why: format!("the trust policy cannot be decoded: {why}") },
    });
    RoleTrust {
        name: Some(role.role_name.clone()),
        path: Observed::Known(role.path.clone()),
        document: document.unwrap_or_else(missing),
        before: unread(),
        as_of: None,
        is_new: false,
        by_service: None,
        role: Observed::Known(role_seen(
            &role.role_id,
            Some(&role.create_date),
            role.assume_role_policy_document.as_deref(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(document: Option<&str>) -> RoleTrust {
        let role =
            Role::builder().role_name("deploy").path("/app/").role_id("AROA").arn("arn:aws:iam::1:role/app/deploy");
        let role = role.create_date(aws_smithy_types::DateTime::from_secs(0));
        seen(&role.set_assume_role_policy_document(document.map(str::to_owned)).build().unwrap())
    }

    #[test]
    fn documents_come_url_encoded() {
        let found = role(Some("%7B%22Statement%22%3A%5B%5D%7D"));
        assert_eq!(found.document, Observed::Known("{\"Statement\":[]}".to_owned()));
        assert_eq!(found.path, Observed::Known("/app/".to_owned()));
        assert!(matches!(role(Some("%7B%2")).document, Observed::Unknown { .. }));
        assert!(matches!(role(None).document, Observed::Unknown { .. }), "no document is not an empty one");
    }
}
