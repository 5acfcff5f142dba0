//! Trust policies, permissions boundaries and identity providers.

use super::{Living, not_there};
use serde_json::Value;
use shared::engine::holder::{Holder, HolderKind};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::identity_provider::IdentityProviders;
use shared::resources::iam::identity_provider::state::{Provider, ProviderAction, ProviderRef};
use shared::resources::iam::permissions_boundary::PermissionsBoundaries;
use shared::resources::iam::permissions_boundary::state::{BoundaryAction, BoundaryRef, Bounded, Change};
use shared::resources::iam::role_trust::RoleTrusts;
use shared::resources::iam::role_trust::state::{RoleRef, RoleTrust, TrustAction};
use std::collections::BTreeMap;

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

fn unknown<T>() -> Observed<T> {
    Observed::Unknown { why: "a read does not show it".to_owned() }
}

fn documents(value: &Value) -> BTreeMap<String, Observed<String>> {
    let known = value["Documents"].as_object().into_iter().flatten();
    known.map(|(arn, document)| (arn.clone(), Observed::Known(document.to_string()))).collect()
}

impl Living for RoleTrusts {
    /// As IAM: a document that names a deleted principal by its id is refused.
    fn change(live: &mut Observed<RoleTrust>, action: &TrustAction) -> Result<(), ApplyError> {
        let Observed::Known(trust) = live else { return Err(not_there("NoSuchEntity")) };
        let new = action.trust();
        assert_eq!(Some(&new.role), trust.name.as_ref(), "a call about another role");
        let is_back = matches!(action, TrustAction::PutBack(_));
        if !is_back && (new.document.contains("\"AROA") || new.document.contains("\"AIDA")) {
            return Err(ApplyError::Refused {
                code: "MalformedPolicyDocument".to_owned(),
                message: "Invalid principal in policy".to_owned(),
            });
        }
        serde_json::from_str::<Value>(&new.document).unwrap();
        trust.document = Observed::Known(new.document.clone());
        Ok(())
    }

    fn read(live: &Observed<RoleTrust>, key: &RoleRef) -> Observed<RoleTrust> {
        let Some(name) = &key.name else { return Observed::Unknown { why: "the record names no role".to_owned() } };
        if let Observed::Known(trust) = live {
            assert_eq!(Some(name), trust.name.as_ref(), "a look at another role");
        }
        live.clone()
    }

    /// `GetRole`'s `Role`, its document as text or as JSON.
    fn live(value: &Value) -> Observed<RoleTrust> {
        let document = &value["AssumeRolePolicyDocument"];
        Observed::Known(RoleTrust {
            name: text(value, "RoleName"),
            path: Observed::Known(text(value, "Path").unwrap_or_else(|| "/".to_owned())),
            document: Observed::Known(document.as_str().map_or_else(|| document.to_string(), str::to_owned)),
            before: unknown(),
            as_of: None,
            is_new: false,
            by_service: None,
            role: super::policy_attachment::role(value),
        })
    }

    fn lines(live: &Observed<RoleTrust>) -> Vec<String> {
        live.known().and_then(|trust| trust.document.known().cloned()).into_iter().collect()
    }
}

impl Living for PermissionsBoundaries {
    fn change(live: &mut Observed<Bounded>, action: &BoundaryAction) -> Result<(), ApplyError> {
        let Observed::Known(bounded) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.holder(), &bounded.holder, "a call about another principal");
        bounded.boundary = match action {
            BoundaryAction::Put { boundary, .. } => Observed::Known(boundary.clone()),
            BoundaryAction::Remove { .. } => Observed::Absent,
        };
        Ok(())
    }

    fn read(live: &Observed<Bounded>, key: &BoundaryRef) -> Observed<Bounded> {
        if let Observed::Known(bounded) = live {
            assert_eq!(bounded.holder, key.holder, "a look at another principal");
        }
        live.clone()
    }

    /// `GetUser`'s `User` or `GetRole`'s `Role`, and beside it what policies say, by ARN (`Documents`).
    fn live(value: &Value) -> Observed<Bounded> {
        let role = text(value, "RoleName");
        let kind = if role.is_some() { HolderKind::Role } else { HolderKind::User };
        let name = role.or_else(|| text(value, "UserName")).unwrap();
        Observed::Known(Bounded {
            holder: Holder { kind, name },
            path: Observed::Known(text(value, "Path").unwrap_or_else(|| "/".to_owned())),
            boundary: text(&value["PermissionsBoundary"], "PermissionsBoundaryArn")
                .map_or(Observed::Absent, Observed::Known),
            before: unknown(),
            change: Change::Standing,
            as_of: None,
            documents: documents(value),
        })
    }

    fn lines(live: &Observed<Bounded>) -> Vec<String> {
        let line = |bounded: &Bounded| bounded.boundary.known().map_or("no boundary", |arn| arn).to_owned();
        live.known().map(line).into_iter().collect()
    }
}

impl Living for IdentityProviders {
    fn change(live: &mut Observed<Provider>, action: &ProviderAction) -> Result<(), ApplyError> {
        match (&*live, action) {
            (Observed::Known(there), ProviderAction::Delete(provider)) => {
                assert_eq!(&there.provider, provider, "a call about another provider");
                *live = Observed::Absent;
                Ok(())
            }
            (Observed::Absent, ProviderAction::Create(parts)) => {
                *live = Observed::Known(Provider {
                    provider: parts.provider.clone(),
                    change: shared::resources::iam::identity_provider::state::Change::Standing,
                    is_identity_center: false,
                    parts: Some(parts.clone()),
                });
                Ok(())
            }
            (_, ProviderAction::Delete(_)) => Err(not_there("NoSuchEntity")),
            (_, ProviderAction::Create(_)) => Err(not_there("EntityAlreadyExists")),
        }
    }

    fn read(live: &Observed<Provider>, key: &ProviderRef) -> Observed<Provider> {
        if let Observed::Known(there) = live {
            assert_eq!(&there.provider, key, "a look at another provider");
        }
        live.clone()
    }

    fn live(_: &Value) -> Observed<Provider> {
        panic!("what the record proves is all that a fixture of providers needs")
    }

    fn lines(live: &Observed<Provider>) -> Vec<String> {
        live.known().map(|there| there.provider.arn.clone()).into_iter().collect()
    }
}
