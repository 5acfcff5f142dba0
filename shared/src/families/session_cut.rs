//! Session cuts: each is taken away once no session is left that it could deny anything to.
//!
//! The sweep finds them; an event of one that was put by hand leads here as well, mostly to nothing yet.

use crate::event::Event;
use crate::families::{Family, Target, Unlocatable};
use crate::guardrails::Guardrail;
use crate::guardrails::session_cut_expired::SessionCutExpired;
use crate::model::deny_policy::{Deny, DenyAction, Principal};
use crate::model::session_cut::{CutRef, FoundCut};
use crate::model::{Place, Resource};

/// The family of session cuts.
#[derive(Clone, Copy, Debug, Default)]
pub struct SessionCuts;

impl Family for SessionCuts {
    type Key = CutRef;
    type State = FoundCut;
    type Action = DenyAction;

    fn name(&self) -> &'static str {
        "iam-user"
    }

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "session-cut"
    }

    fn reads(&self) -> &'static [&'static str] {
        &["iam:GetRolePolicy", "iam:GetUserPolicy"]
    }

    fn lists(&self) -> &'static [&'static str] {
        &["iam:GetAccountAuthorizationDetails"]
    }

    fn undoes(&self) -> &'static [&'static str] {
        &["iam:PutRolePolicy", "iam:PutUserPolicy"]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<FoundCut, DenyAction>] {
        &[&SessionCutExpired]
    }

    fn locate(&self, event: &Event) -> Result<Vec<Target<CutRef, FoundCut>>, Unlocatable> {
        if !event.is_one_of("iam.amazonaws.com", &["PutUserPolicy"]) {
            return Ok(Vec::new());
        }
        let Some(name) = event.request.text(&["policyName"]).filter(|name| Deny::cut_until(name).is_some()) else {
            return Ok(Vec::new());
        };
        let user = event.request.text(&["userName"]).ok_or_else(|| Unlocatable {
            event_name: event.name.clone(),
            why: "the request names no user".to_owned(),
        })?;
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
