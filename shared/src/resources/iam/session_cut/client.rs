//! IAM: session cuts, on users and roles.

use super::SessionCuts;
use super::state::{CutRef, FoundCut, read};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::client::Iam;
use crate::resources::iam::deny_policy::client::parsed;
use crate::resources::iam::deny_policy::{Deny, Principal};
use crate::resources::iam::record::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use aws_sdk_iam::types::{EntityType, PolicyDetail};
use jiff::Timestamp;
use serde_json::Value;

impl Observe<SessionCuts> for Iam {
    async fn observe(&self, key: &CutRef, _: ReadDepth) -> Result<Observed<FoundCut>, ReadError> {
        let seen = Timestamp::now();
        Ok(match self.document(&key.on, &key.name).await? {
            Observed::Known(document) => Observed::Known(found(key, &document, seen)),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<SessionCuts> for Iam {
    /// One call shows the inline policies of a page of users and roles, documents included.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<SessionCuts>>, ReadError> {
        let call = self.client.get_account_authorization_details().filter(EntityType::User).filter(EntityType::Role);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_ACCOUNT_AUTHORIZATION_DETAILS.action),
        };
        let seen = Timestamp::now();
        let users = answer.user_detail_list().iter().filter_map(|user| {
            let on = Principal::User(user.user_name()?.to_owned());
            Some(cuts(&on, user.user_policy_list(), seen))
        });
        let roles = answer.role_detail_list().iter().filter_map(|role| {
            let on = Principal::Role(role.role_name()?.to_owned());
            Some(cuts(&on, role.role_policy_list(), seen))
        });
        let found = users.chain(roles).flatten().collect();
        Ok(Observed::Known(Page { found, next: answer.marker.clone() }))
    }
}

fn cuts(on: &Principal, policies: &[PolicyDetail], seen: Timestamp) -> Vec<(CutRef, Observed<FoundCut>)> {
    let named = policies.iter().filter_map(|policy| {
        let name = policy.policy_name().filter(|name| Deny::cut_until(name).is_some())?;
        let key = CutRef { on: on.clone(), name: name.to_owned() };
        let state = found(&key, &parsed(policy.policy_document().unwrap_or_default()), seen);
        Some((key, Observed::Known(state)))
    });
    named.collect()
}

fn found(key: &CutRef, document: &Value, seen: Timestamp) -> FoundCut {
    let CutRef { on, name } = key.clone();
    FoundCut { deny: read(&on, &name, document), on, name, seen }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::iam::session_cut::state::cut;

    #[test]
    fn a_listing_shows_cuts_among_other_policies() {
        let on = Principal::Role("web".to_owned());
        let made = cut(on.clone(), None, "2026-03-02T09:14:07Z".parse().unwrap()).unwrap().deny;
        let detail =
            |name: &str, document: &str| PolicyDetail::builder().policy_name(name).policy_document(document).build();
        let listed = [
            detail("mine", &made.document().to_string()),
            detail(&made.name(), &made.document().to_string()),
            detail("parapet-session-cut-until-20200101T000000Z", "%7B%22Statement%22%3A%5B%5D%7D"),
        ];
        let seen = "2026-03-02T10:00:00Z".parse().unwrap();
        let cuts = cuts(&on, &listed, seen);
        let denies: Vec<_> = cuts.iter().map(|(_, state)| state.known().unwrap().deny.clone()).collect();
        assert_eq!(denies, [Some(made), None], "what only has the name is shown as such");
        assert!(cuts.iter().all(|(key, _)| key.on == on));
    }
}
