//! The grants of KMS keys: KMS-04.
//!
//! Sources: "CreateGrant", "ListGrants", "RevokeGrant" in the AWS KMS API reference; "Grants in AWS KMS" in its developer guide. A grant's id
//! never comes to mean another, and a grant cannot deny.

#[cfg(feature = "kms")]
pub(crate) mod client;
pub mod state;
pub mod to_untrusted;

use super::key::LIST_KEYS;
use super::record::{KMS, key_id, named};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use serde_json::Value;
use state::{CREATE_GRANT, Grant, GrantAction, GrantRef};
use std::borrow::Cow;
use to_untrusted::KmsGrantToUntrusted;

pub(crate) const LIST_GRANTS: Permission = Permission::on("kms:ListGrants", &["kms:${Region}:${Account}:key/*"]);

/// The family of the grants of KMS keys.
#[derive(Clone, Copy, Debug, Default)]
pub struct KmsGrants;

impl Family for KmsGrants {
    type Key = GrantRef;
    type State = Grant;
    type Action = GrantAction;

    fn kind(&self) -> &'static str {
        "kms-grant"
    }

    fn reads(&self) -> &'static [Permission] {
        &[LIST_GRANTS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_KEYS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[CREATE_GRANT]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Grant>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![KmsGrantToUntrusted];

    /// What AWS's services make for their own use, in the name of the principals that use them, is theirs.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let is_a_service = event.actor.invoked_by.is_some() && !event.actor.is_cloudformation();
        if !event.is_one_of(KMS, &["CreateGrant"]) || is_a_service {
            return Ok(Vec::new());
        }
        let key = key_id(event)?;
        let unnamed = || Unlocatable::new(event, "the response names no grant");
        let id = event.response.text(&["grantId"]).ok_or_else(unnamed)?.to_owned();
        let proven = asked(event, &key, &id);
        Ok(vec![Target { key: GrantRef { key, id }, proven, changed: None }])
    }

    fn focus(&self, _: &mut Grant, _: &TargetOf<Self>) {}

    fn resource(&self, grant: &GrantRef, _: Option<&Grant>, place: &Place) -> Resource {
        // A grant has no ARN: the key's, and its id.
        let key = named(&grant.key, place);
        Resource { id: format!("{}/grant/{}", key.id, grant.id), kind: "AwsKmsKey", name: grant.id.clone() }
    }
}

/// CloudFormation makes no grants.
const FORMS: &[PlannedForm<Grant>] = &[PlannedForm::one("aws_kms_grant", planned)];

fn planned(it: &PlannedResource<'_>) -> Result<Option<Grant>, Unreadable> {
    let grantee = it.text("grantee_principal")?.ok_or("the grant names no grantee")?;
    Ok(Some(Grant {
        key: it.named(&["key_id"]),
        id: it.name.to_owned(),
        grantee,
        retiring: it.text("retiring_principal").ok().flatten(),
        issuer: None,
        operations: it.texts("operations").unwrap_or_default(),
        equals: None,
        subset: None,
        name: it.text("name").ok().flatten(),
    }))
}

/// The grant as its request says it. None where it names no grantee.
fn asked(event: &Event, key: &str, id: &str) -> Option<Grant> {
    let text = |name: &str| event.request.text(&[name]).map(str::to_owned);
    let grantee = text("granteePrincipal").or_else(|| text("granteeServicePrincipal"))?;
    let operations = event.request.at(&["operations"]).and_then(Value::as_array);
    let operations = operations.into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    let context = |name: &str| {
        let pairs = event.request.at(&["constraints", name]).and_then(Value::as_object);
        pairs.map(|pairs| {
            pairs.iter().filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
        })
    };
    Some(Grant {
        key: key.to_owned(),
        id: id.to_owned(),
        grantee,
        retiring: text("retiringPrincipal").or_else(|| text("retiringServicePrincipal")),
        issuer: Some(event.account.clone()),
        operations,
        equals: context("encryptionContextEquals"),
        subset: context("encryptionContextSubset"),
        name: text("name"),
    })
}
