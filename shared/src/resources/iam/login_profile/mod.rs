//! Console passwords of IAM users, by who set them: IAM-04. Judges events alone: afterwards it is unknown who set a password.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod set_by_another;
pub mod state;

use super::access_key::state::NAME_OF_ROOT;
use super::compromised_user::user_resource;
use super::deny_policy::{Deny, DenyAction};
use super::inline_policy::state::DELETE_USER_POLICY;
use super::record::lifted;
use super::record::{GET_USER_POLICY, LIST_USER_POLICIES};
use crate::engine::event::{ActorKind, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::resources::iam::planned;
use jiff::Timestamp;
use serde_json::Value;
use set_by_another::ConsolePasswordSetByAnother;
use state::{LoginProfile, LoginProfileRef, PasswordSet};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) const GET_LOGIN_PROFILE: Permission = Permission::on("iam:GetLoginProfile", &["iam::${Account}:user/*"]);

/// The family of console passwords.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoginProfiles;

impl Family for LoginProfiles {
    type Key = LoginProfileRef;
    type State = LoginProfile;
    type Action = DenyAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "login-profile"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_LOGIN_PROFILE, GET_USER_POLICY, LIST_USER_POLICIES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_USER_POLICY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![ConsolePasswordSetByAnother];

    fn locate(&self, event: &Event) -> Result<Vec<Target<LoginProfileRef, LoginProfile>>, Unlocatable> {
        if let Some((name, user)) = lifted(event)
            && let Some(since) = Deny::hold_since(name)
        {
            let key = LoginProfileRef { user: user?.to_owned(), set: after_removed_deny(event, since) };
            return Ok(vec![Target { changed: Some(BTreeSet::from([key.user.clone()])), key, proven: None }]);
        }
        if !event.is_one_of("iam.amazonaws.com", &["CreateLoginProfile", "UpdateLoginProfile"]) {
            return Ok(Vec::new());
        }
        // Root's own password is root's: the guardrail on root's calls is about it.
        let named = event.request.text(&["userName"]).or_else(|| event.response.text(&["loginProfile", "userName"]));
        if event.actor.kind == ActorKind::Root && named.is_none_or(|name| name == NAME_OF_ROOT) {
            return Ok(Vec::new());
        }
        let key = set(event).map_err(|why| Unlocatable::new(event, why))?;
        let proven = LoginProfile { user: key.user.clone(), set: key.set.clone(), denies: Observed::Absent };
        let changed = Some(BTreeSet::from([key.user.clone()]));
        Ok(vec![Target { key, proven: Some(proven), changed }])
    }

    fn holder(&self, key: &LoginProfileRef) -> Option<Holder> {
        Some(Holder { kind: HolderKind::User, name: key.user.clone() })
    }

    fn under(&self, key: &LoginProfileRef, name: &str) -> LoginProfileRef {
        LoginProfileRef { user: name.to_owned(), set: key.set.clone() }
    }

    fn focus(&self, profile: &mut LoginProfile, target: &Target<LoginProfileRef, LoginProfile>) {
        profile.set.clone_from(&target.key.set);
    }

    fn resource(&self, key: &LoginProfileRef, _: Option<&LoginProfile>, place: &Place) -> Resource {
        user_resource(&key.user, place)
    }
}

const FORMS: &[PlannedForm<LoginProfile>] = &[
    PlannedForm::one("AWS::IAM::User", |it| {
        let is_there = it.get("LoginProfile")?.is_some();
        let user = it.named(&["UserName"]);
        Ok(is_there.then(|| by_deployment(it, user, "LoginProfile.PasswordResetRequired")))
    }),
    PlannedForm::one("aws_iam_user_login_profile", |it| {
        let user = planned::holder(it, HolderKind::User, "user").name;
        Ok(Some(by_deployment(it, user, "password_reset_required")))
    }),
];

/// A new password need not be changed unless that is asked for ("CreateLoginProfile", IAM API reference).
fn by_deployment(it: &PlannedResource<'_>, user: String, must_change: &str) -> LoginProfile {
    let must_change = it.flag(must_change).map(Option::unwrap_or_default).ok();
    let set = PasswordSet {
        by: "the deployment".to_owned(),
        arns: Vec::new(),
        by_itself: false,
        at: Timestamp::UNIX_EPOCH,
        is_first: true,
        must_change,
    };
    LoginProfile { user, set, denies: Observed::Absent }
}

/// A hold says in its name since when, and that it was put says by whom it was not: no principal that may set passwords.
fn after_removed_deny(event: &Event, since: Timestamp) -> PasswordSet {
    PasswordSet {
        by: format!(
            "another principal, before `{}` removed the deny on it, so that it works again:",
            event.actor.label()
        ),
        arns: Vec::new(),
        by_itself: false,
        at: since,
        is_first: false,
        must_change: None,
    }
}

fn set(event: &Event) -> Result<LoginProfileRef, &'static str> {
    let actor = &event.actor;
    // Without a name the call is about the caller itself; root's own password is not an IAM user's.
    let own = actor.name.as_deref().filter(|_| actor.kind == ActorKind::IamUser);
    let named = event.request.text(&["userName"]).or_else(|| event.response.text(&["loginProfile", "userName"]));
    let user = named.or(own).ok_or("the request names no user")?;
    let is_here = actor.account.as_ref().is_none_or(|account| *account == event.account);
    let must_change = event
        .request
        .at(&["passwordResetRequired"])
        .or_else(|| event.response.at(&["loginProfile", "passwordResetRequired"]));
    let set = PasswordSet {
        by: actor.label(),
        arns: actor.principals(),
        // A session that is named like the user is not the user: the caller that opens a session chooses its name.
        by_itself: own == Some(user) && is_here,
        at: event.time,
        is_first: event.name == "CreateLoginProfile",
        must_change: match must_change {
            Some(Value::Bool(must)) => Some(*must),
            Some(Value::String(text)) => Some(text.eq_ignore_ascii_case("true")),
            _ => None,
        },
    };
    Ok(LoginProfileRef { user: user.to_owned(), set })
}
