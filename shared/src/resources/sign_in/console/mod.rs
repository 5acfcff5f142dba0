//! Sign-ins to the console: ACC-01, ACC-03.
//!
//! "AWS Management Console sign-in events" in the CloudTrail user guide. Root signs in in us-east-1; the region of an IAM
//! user's sign-in is that of the endpoint, and of the global endpoint one of several: the rule stands in every region.

pub mod by_root;
pub mod without_mfa;

use super::state::{SignIn, Visitor};
use crate::engine::event::{Actor, ActorKind, Body, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use by_root::RootConsoleSignIn;
use without_mfa::ConsoleSignInWithoutMfa;

/// The `eventSource` of sign-ins.
pub(crate) const SOURCE: &str = "signin.amazonaws.com";

/// The family of sign-ins.
#[derive(Clone, Copy, Debug, Default)]
pub struct SignIns;

impl Family for SignIns {
    type Key = Visitor;
    type State = SignIn;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "sign-in"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    guardrails![RootConsoleSignIn, ConsoleSignInWithoutMfa];

    fn locate(&self, event: &Event) -> Result<Vec<Target<Visitor, SignIn>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &["ConsoleLogin"]) {
            return Ok(Vec::new());
        }
        let unlocatable = || Unlocatable::new(event, "the record does not name who signed in");
        let visitor = visitor(&event.actor, &event.additional).ok_or_else(unlocatable)?;
        let sign_in = SignIn {
            visitor: visitor.clone(),
            succeeded: shown(
                event.response.text(&["ConsoleLogin"]),
                "Success",
                "Failure",
                "whether the sign-in succeeded",
            ),
            mfa: shown(event.additional.text(&["MFAUsed"]), "Yes", "No", "whether MFA was used"),
        };
        Ok(vec![Target { key: visitor, proven: Some(sign_in), changed: None }])
    }

    fn focus(&self, _: &mut SignIn, _: &Target<Visitor, SignIn>) {}

    fn resource(&self, visitor: &Visitor, _: Option<&SignIn>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let (id, kind, name) = match visitor {
            Visitor::Root => (format!("arn:{partition}:iam::{account}:root"), "AwsAccount", "root"),
            Visitor::User(user) => (format!("arn:{partition}:iam::{account}:user/{user}"), "AwsIamUser", user.as_str()),
            Visitor::Federated(arn) => (arn.clone(), "Other", arn.as_str()),
        };
        Resource { id, kind, name: name.to_owned() }
    }
}

/// Whom the record names; none when it names none. A sign-in through a SAML provider is that provider's, whatever type
/// of principal the record writes.
fn visitor(actor: &Actor, additional: &Body) -> Option<Visitor> {
    let through_saml = additional.text(&["SamlProviderArn"]).is_some();
    match actor.kind {
        ActorKind::Root => Some(Visitor::Root),
        ActorKind::IamUser if !through_saml => actor.name.clone().map(Visitor::User),
        ActorKind::IamUser | ActorKind::RoleSession | ActorKind::Federated => {
            let name = actor.arn.as_ref().or(actor.role.as_ref()).or(actor.name.as_ref());
            Some(Visitor::Federated(name.cloned().unwrap_or_else(|| "a federated principal".to_owned())))
        }
        ActorKind::Account | ActorKind::AwsService | ActorKind::Unknown => None,
    }
}

fn shown(word: Option<&str>, yes: &str, no: &str, what: &str) -> Observed<bool> {
    match word {
        Some(word) if word == yes => Observed::Known(true),
        Some(word) if word == no => Observed::Known(false),
        Some(_) | None => Observed::Unknown { why: format!("the record does not show {what}") },
    }
}
