//! The grants of KMS keys.

use super::state::{Grant, GrantAction, GrantRef};
use super::{KmsGrants, LIST_GRANTS};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::kms::client::Kms;
use crate::resources::kms::key::LIST_KEYS;
use aws_sdk_kms::types::{GrantConstraints, GrantListEntry, GrantOperation};
use std::collections::{BTreeMap, HashMap};

impl Observe<KmsGrants> for Kms {
    async fn observe(&self, key: &GrantRef, _: ReadDepth) -> Result<Observed<Grant>, ReadError> {
        match self.client.list_grants().key_id(&key.key).grant_id(&key.id).send().await {
            Ok(answer) => {
                let found = answer.grants().iter().find(|grant| grant.grant_id() == Some(key.id.as_str()));
                Ok(found.map_or(Observed::Absent, |found| grant(&key.key, found)))
            }
            Err(error) => failure(&error).of_read(LIST_GRANTS.action),
        }
    }
}

impl List<KmsGrants> for Kms {
    /// A page is the grants of one key: `from` is where the keys go on, and where the key's grants do.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<KmsGrants>>, ReadError> {
        let (keys, grants) = from.and_then(|from| from.split_once(' ')).unwrap_or(("", ""));
        let marker = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let listed = match self.client.list_keys().limit(1).set_marker(marker(keys)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_KEYS.action),
        };
        let next_key = listed.next_marker.clone().map(|next| format!("{next} "));
        let Some(key) = listed.keys().first().and_then(|key| key.key_id()).map(str::to_owned) else {
            return Ok(Observed::Known(Page { found: Vec::new(), next: next_key }));
        };
        let answer = match self.client.list_grants().key_id(&key).set_marker(marker(grants)).send().await {
            Ok(answer) => answer,
            Err(error) => {
                // One key that may not be read hides no other.
                let seen = failure(&error).of_read(LIST_GRANTS.action)?;
                let found = vec![(GrantRef { key, id: "*".to_owned() }, seen)];
                return Ok(Observed::Known(Page { found, next: next_key }));
            }
        };
        let all = answer.grants().iter().map(|found| {
            let id = found.grant_id().unwrap_or_default().to_owned();
            (GrantRef { key: key.clone(), id }, grant(&key, found))
        });
        let found = all.collect();
        let next = answer.next_marker().map(|next| format!("{keys} {next}")).or(next_key);
        Ok(Observed::Known(Page { found, next }))
    }
}

impl Apply<GrantAction> for Kms {
    async fn apply(&self, action: &GrantAction) -> Result<Applied, ApplyError> {
        match action {
            GrantAction::Revoke(GrantRef { key, id }) => {
                done(self.client.revoke_grant().key_id(key).grant_id(id).send().await, action.permission())
            }
            GrantAction::Create(grant) => {
                let operations = grant.operations.iter().map(|one| GrantOperation::from(one.as_str())).collect();
                let context = |pairs: &Option<BTreeMap<String, String>>| {
                    let pairs = pairs.as_ref()?.iter().map(|(key, value)| (key.clone(), value.clone()));
                    Some(pairs.collect::<HashMap<String, String>>())
                };
                let constraints = GrantConstraints::builder()
                    .set_encryption_context_equals(context(&grant.equals))
                    .set_encryption_context_subset(context(&grant.subset))
                    .build();
                let is_service = grant.account().is_none() && !grant.grantee.starts_with("arn:");
                let (principal, service) =
                    if is_service { (None, Some(grant.grantee.clone())) } else { (Some(grant.grantee.clone()), None) };
                let call = self.client.create_grant().key_id(&grant.key).set_operations(Some(operations));
                let call = call.set_grantee_principal(principal).set_grantee_service_principal(service);
                let call = call.set_retiring_principal(grant.retiring.clone()).set_name(grant.name.clone());
                let call = call.set_constraints(grant.constraints().map(|_| constraints));
                done(call.send().await, action.permission())
            }
        }
    }
}

/// Unknown where the answer does not say whom the grant is for.
fn grant(key: &str, found: &GrantListEntry) -> Observed<Grant> {
    let id = found.grant_id().unwrap_or_default().to_owned();
    let Some(grantee) = found.grantee_principal().or(found.grantee_service_principal()) else {
        return Observed::Unknown { why: format!("the answer does not say whom grant `{id}` of key `{key}` is for") };
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    let context = |pairs: Option<&HashMap<String, String>>| {
        let pairs = pairs?.iter().map(|(key, value)| (key.clone(), value.clone()));
        Some(pairs.collect::<BTreeMap<String, String>>())
    };
    let constraints = found.constraints();
    Observed::Known(Grant {
        key: key.to_owned(),
        id,
        grantee: grantee.to_owned(),
        retiring: text(found.retiring_principal().or(found.retiring_service_principal())),
        // KMS writes the account's root.
        issuer: found.issuing_account().and_then(super::state::account).map(str::to_owned),
        operations: found.operations().iter().map(|one| one.as_str().to_owned()).collect(),
        equals: context(constraints.and_then(|constraints| constraints.encryption_context_equals())),
        subset: context(constraints.and_then(|constraints| constraints.encryption_context_subset())),
        name: text(found.name()).filter(|name| !name.is_empty()),
    })
}
