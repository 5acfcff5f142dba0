//! IAM users and root: IAM-01, IAM-02.

#[cfg(feature = "iam")]
pub(crate) mod client;
mod listed;
pub mod not_allowed;
mod planned;
pub mod root_key_created;
pub mod state;

pub use listed::listed;
pub use planned::planned;

use super::record::spans_of;
use crate::engine::event::{ActorKind, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::span::Span;
use not_allowed::AccessKeyNotAllowed;
use root_key_created::RootAccessKey;
use state::UPDATE_ACCESS_KEY;
use state::{AccessKey, KeyAction, KeyRef, NAME_OF_ROOT, Owner};
use std::collections::BTreeSet;

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
const NOT_WATCHED: &[NotWatched] = &[
    (
        "UploadSSHPublicKey, UploadSigningCertificate, CreateServiceSpecificCredential",
        "other kinds of credentials, which do not sign AWS API calls in general",
    ),
    ("DeleteAccessKey", "it only removes one"),
];

pub(crate) const GET_ACCESS_KEY_LAST_USED: Permission =
    Permission::on("iam:GetAccessKeyLastUsed", &["iam::${Account}:user/*"]);
pub(crate) const LIST_ACCESS_KEYS: Permission = Permission::on("iam:ListAccessKeys", &["iam::${Account}:user/*"]);
pub(crate) const GET_ACCOUNT_SUMMARY: Permission = Permission::read("iam:GetAccountSummary");
pub(crate) const LIST_USERS: Permission = Permission::read("iam:ListUsers");

const SOURCE: &str = "iam.amazonaws.com";

/// The family of IAM users. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct IamUsers;

impl Family for IamUsers {
    type Key = KeyRef;
    type State = AccessKey;
    type Action = KeyAction;

    fn kind(&self) -> &'static str {
        "access-key"
    }

    fn is_global(&self) -> bool {
        true
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ACCESS_KEY_LAST_USED, LIST_ACCESS_KEYS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[GET_ACCOUNT_SUMMARY, LIST_USERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[UPDATE_ACCESS_KEY]
    }

    guardrails![RootAccessKey, AccessKeyNotAllowed];

    fn locate(&self, event: &Event) -> Result<Vec<Target<KeyRef, AccessKey>>, Unlocatable> {
        let found = if event.is_one_of(SOURCE, &["CreateAccessKey"]) {
            created(event)
        } else if event.is_one_of(SOURCE, &["UpdateAccessKey"]) && !is_switched_off(event) {
            switched_on(event)
        } else {
            return Ok(Vec::new());
        };
        found.map(|target| vec![target]).map_err(|why| Unlocatable::new(event, why))
    }

    /// The keys of a user that has another name now.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        if !event.is_one_of(SOURCE, &["UpdateUser"]) {
            return Ok(Vec::new());
        }
        spans_of(event)
    }

    fn holder(&self, key: &KeyRef) -> Option<Holder> {
        match &key.owner {
            Owner::User(name) => Some(Holder { kind: HolderKind::User, name: name.clone() }),
            Owner::Root => None,
        }
    }

    fn under(&self, key: &KeyRef, name: &str) -> KeyRef {
        KeyRef { id: key.id.clone(), owner: Owner::User(name.to_owned()) }
    }

    fn focus(&self, key: &mut AccessKey, target: &Target<KeyRef, AccessKey>) {
        if let Some(proven) = &target.proven {
            key.made_by_owner = proven.made_by_owner.clone();
        }
    }

    fn resource(&self, key: &KeyRef, _: Option<&AccessKey>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let path = match &key.owner {
            Owner::Root => "root".to_owned(),
            Owner::User(user) => format!("user/{user}"),
        };
        // Access keys have no ARN: the owner's, and the key's id as AWS's findings write it.
        Resource {
            id: format!("arn:{partition}:iam::{account}:{path}/access-key/{}", key.id),
            kind: "AwsIamAccessKey",
            name: key.id.clone(),
        }
    }
}

/// A key that was switched off opens nothing.
fn is_switched_off(event: &Event) -> bool {
    event.request.text(&["status"]).is_some_and(|status| status.eq_ignore_ascii_case("Inactive"))
}

/// A key that was inactive works again: a caller that had it has it still.
fn switched_on(event: &Event) -> Result<Target<KeyRef, AccessKey>, &'static str> {
    let id = event.request.text(&["accessKeyId"]).ok_or("the request names no access key")?;
    let (asked, actor) = (event.request.text(&["userName"]), &event.actor);
    let own = actor.name.as_deref().filter(|_| actor.kind == ActorKind::IamUser);
    let owner = match (asked, actor.kind) {
        (Some(user), _) => Owner::User(user.to_owned()),
        // Without a name the call is about the caller itself.
        (None, ActorKind::Root) => Owner::Root,
        (None, _) => Owner::User(own.ok_or("the request names no user")?.to_owned()),
    };
    let is_by_owner = match &owner {
        Owner::Root => true,
        Owner::User(user) => own == Some(user.as_str()),
    };
    // That its owner switched it on does not say that its owner made it.
    let made_by_owner = match (&owner, is_by_owner) {
        (Owner::Root, _) => Observed::Known(true),
        (Owner::User(_), true) => Observed::Unknown { why: "IAM does not show who created a key".to_owned() },
        (Owner::User(_), false) => Observed::Known(false),
    };
    // A request that does not say which status proves nothing.
    let is_active = event.request.text(&["status"]).is_some_and(|status| status.eq_ignore_ascii_case("Active"));
    let proven = is_active.then(|| AccessKey {
        id: id.to_owned(),
        owner: owner.clone(),
        is_active,
        made_by_owner,
        active_keys: Observed::Unknown { why: "a record names one key, not how many its owner has".to_owned() },
    });
    let changed = Some(BTreeSet::from([id.to_owned()]));
    Ok(Target { key: KeyRef { id: id.to_owned(), owner }, proven, changed })
}

fn created(event: &Event) -> Result<Target<KeyRef, AccessKey>, &'static str> {
    let id = event.response.text(&["accessKey", "accessKeyId"]).ok_or("the response names no access key")?;
    let asked = event.request.text(&["userName"]).filter(|name| *name != NAME_OF_ROOT);
    let owner = if event.actor.kind == ActorKind::Root && asked.is_none() {
        Owner::Root
    } else {
        let made = event.response.text(&["accessKey", "userName"]);
        let own = event.actor.name.as_deref().filter(|_| event.actor.kind == ActorKind::IamUser);
        Owner::User(made.or(asked).or(own).ok_or("neither the request nor the response names the user")?.to_owned())
    };
    let made_by_owner = match &owner {
        Owner::Root => true,
        Owner::User(user) => {
            let is_same = event.actor.name.as_deref() == Some(user.as_str());
            event.actor.kind == ActorKind::IamUser && is_same
        }
    };
    let proven = AccessKey {
        id: id.to_owned(),
        owner: owner.clone(),
        is_active: event.response.text(&["accessKey", "status"]) != Some("Inactive"),
        made_by_owner: Observed::Known(made_by_owner),
        active_keys: Observed::Unknown { why: "a record names one key, not how many its owner has".to_owned() },
    };
    let changed = Some(BTreeSet::from([id.to_owned()]));
    Ok(Target { key: KeyRef { id: id.to_owned(), owner }, proven: Some(proven), changed })
}
