//! The MFA devices of users that sign in to the console: IAM-05.
//!
//! A device is removed from a user by `DeactivateMFADevice`. `DeleteVirtualMFADevice` names a device that no user has any more ("You must
//! deactivate a user's virtual MFA device before you can delete it", IAM API reference) and no user: it leads to the user that the
//! device is named after, where there is one, as the console names devices by default.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod console_user_without_mfa;
pub mod state;

use super::access_key::state::{NAME_OF_ROOT, Owner};
use super::access_key::{GET_ACCOUNT_SUMMARY, LIST_USERS};
use super::compromised_user::user_resource;
use super::deny_policy::{Deny, DenyAction};
use super::inline_policy::state::{DELETE_USER_POLICY, PUT_USER_POLICY};
use super::login_profile::GET_LOGIN_PROFILE;
use super::record::lifted;
use super::record::{GET_USER_POLICY, LIST_USER_POLICIES};
use crate::engine::event::{ActorKind, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::span::renamed;
use console_user_without_mfa::ConsoleUserWithoutMfa;
use state::{SignIn, SignInRef};

pub(crate) const LIST_MFA_DEVICES: Permission = Permission::on("iam:ListMFADevices", &["iam::${Account}:user/*"]);

/// How root's virtual device is named by the console.
const OF_ROOT: &str = "root-account-mfa-device";

/// The family of MFA devices.
#[derive(Clone, Copy, Debug, Default)]
pub struct MfaDevices;

impl Family for MfaDevices {
    type Key = SignInRef;
    type State = SignIn;
    type Action = DenyAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "mfa-device"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ACCOUNT_SUMMARY, GET_LOGIN_PROFILE, GET_USER_POLICY, LIST_MFA_DEVICES, LIST_USER_POLICIES]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_USERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_USER_POLICY, PUT_USER_POLICY]
    }

    guardrails![ConsoleUserWithoutMfa];

    fn locate(&self, event: &Event) -> Result<Vec<Target<SignInRef, SignIn>>, Unlocatable> {
        let target = |user: &str| Target { key: of(user), proven: None, changed: None };
        if let Some((_, user)) = lifted(event).filter(|(name, _)| Deny::is_named_for_mfa(name)) {
            return Ok(vec![target(user?)]);
        }
        let rename = renamed(event).map_err(|why| Unlocatable::new(event, why))?;
        if let Some(rename) = rename.filter(|rename| rename.to.kind == HolderKind::User) {
            return Ok(vec![target(&rename.to.name)]);
        }
        if !event.is_one_of("iam.amazonaws.com", &["DeactivateMFADevice", "DeleteVirtualMFADevice"]) {
            return Ok(Vec::new());
        }
        let owner = owner(event).map_err(|why| Unlocatable::new(event, why))?;
        Ok(vec![Target { key: SignInRef { owner }, proven: None, changed: None }])
    }

    fn holder(&self, key: &SignInRef) -> Option<Holder> {
        match &key.owner {
            Owner::User(name) => Some(Holder { kind: HolderKind::User, name: name.clone() }),
            Owner::Root => None,
        }
    }

    fn under(&self, _: &SignInRef, name: &str) -> SignInRef {
        of(name)
    }

    /// Everything of it is read.
    fn focus(&self, _: &mut SignIn, _: &Target<SignInRef, SignIn>) {}

    fn resource(&self, key: &SignInRef, _: Option<&SignIn>, place: &Place) -> Resource {
        match &key.owner {
            Owner::User(user) => user_resource(user, place),
            Owner::Root => {
                let Place { partition, account, .. } = place;
                Resource {
                    id: format!("arn:{partition}:iam::{account}:root"),
                    kind: "AwsAccount",
                    name: "root".to_owned(),
                }
            }
        }
    }
}

fn of(user: &str) -> SignInRef {
    SignInRef { owner: Owner::User(user.to_owned()) }
}

fn owner(event: &Event) -> Result<Owner, &'static str> {
    let serial = event.request.text(&["serialNumber"]);
    // A virtual device's serial number is its ARN, which ends with its name; a path may stand before it.
    let device =
        serial.and_then(|serial| serial.split_once(":mfa/")).map(|(_, path)| path.rsplit('/').next().unwrap_or(path));
    // A user's device may be named like root's; root's own belongs to root, whatever the record calls it.
    let is_root_s = event.actor.kind == ActorKind::Root && device == Some(OF_ROOT);
    match event.request.text(&["userName"]) {
        Some(NAME_OF_ROOT) => return Ok(Owner::Root),
        Some(_) if is_root_s => return Ok(Owner::Root),
        Some(user) => return Ok(Owner::User(user.to_owned())),
        None => {}
    }
    if event.name == "DeleteVirtualMFADevice" {
        let device = device.ok_or("the request names no virtual device")?;
        return Ok(if device == OF_ROOT { Owner::Root } else { Owner::User(device.to_owned()) });
    }
    // Without a name the call is about the caller itself.
    match (event.actor.kind, &event.actor.name) {
        (ActorKind::Root, _) => Ok(Owner::Root),
        (ActorKind::IamUser, Some(own)) => Ok(Owner::User(own.clone())),
        _ if device == Some(OF_ROOT) => Ok(Owner::Root),
        _ => Err("the request names no user"),
    }
}
