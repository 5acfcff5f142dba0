//! Session cuts: each is removed once no session is left that it could deny anything to.
//!
//! The sweep finds them; an event of one that was put by hand leads here as well, mostly to nothing yet.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod expired;
pub mod state;

use super::deny_policy::{Deny, DenyAction, Principal};
use super::inline_policy::state::{PUT_ROLE_POLICY, PUT_USER_POLICY};
use super::record::{GET_ACCOUNT_AUTHORIZATION_DETAILS, GET_ROLE_POLICY, GET_USER_POLICY};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use expired::SessionCutExpired;
use state::{CutRef, FoundCut};

/// The family of session cuts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionCuts;

impl Family for SessionCuts {
    type Key = CutRef;
    type State = FoundCut;
    type Action = DenyAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "session-cut"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ROLE_POLICY, GET_USER_POLICY]
    }

    fn lists(&self) -> &'static [Permission] {
        &[GET_ACCOUNT_AUTHORIZATION_DETAILS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PUT_ROLE_POLICY, PUT_USER_POLICY]
    }

    guardrails![SessionCutExpired];

    fn locate(&self, event: &Event) -> Result<Vec<Target<CutRef, FoundCut>>, Unlocatable> {
        if !event.is_one_of("iam.amazonaws.com", &["PutUserPolicy"]) {
            return Ok(Vec::new());
        }
        let Some(name) = event.request.text(&["policyName"]).filter(|name| Deny::cut_until(name).is_some()) else {
            return Ok(Vec::new());
        };
        let user =
            event.request.text(&["userName"]).ok_or_else(|| Unlocatable::new(event, "the request names no user"))?;
        let key = CutRef { on: Principal::User(user.to_owned()), name: name.to_owned() };
        Ok(vec![Target { key, proven: None, changed: None }])
    }

    /// Everything of it is read.
    fn focus(&self, _: &mut FoundCut, _: &Target<CutRef, FoundCut>) {}

    fn resource(&self, key: &CutRef, _: Option<&FoundCut>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let (path, kind) = match &key.on {
            Principal::User(user) => (format!("user/{user}"), "AwsIamUser"),
            Principal::Role(role) => (format!("role/{role}"), "AwsIamRole"),
        };
        // Inline policies have no ARN: the owner's, and the policy's name.
        let id = format!("arn:{partition}:iam::{account}:{path}/policy/{}", key.name);
        Resource { id, kind, name: key.name.clone() }
    }
}
