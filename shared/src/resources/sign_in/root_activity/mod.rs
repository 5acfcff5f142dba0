//! What root does: ACC-02.
//!
//! "CloudTrail userIdentity element" in the CloudTrail user guide. Calls that a service makes for root carry `invokedBy`,
//! events of a service have a type of their own: neither is root at work. A sign-in is another family's. The privileged
//! session that an organisation's management account opens on a member (`sts:AssumeRoot`) acts as root and counts.

pub mod api_call;

use super::console;
use super::state::RootCall;
use crate::engine::event::{ActorKind, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use api_call::RootApiCall;

/// The steps of a sign-in, whose outcome the family of sign-ins judges.
const SIGNING_IN: &[&str] = &["ConsoleLogin", "CheckMfa"];

/// The family of root's calls.
#[derive(Clone, Copy, Debug, Default)]
pub struct RootActivity;

impl Family for RootActivity {
    /// Every account has one root user.
    type Key = ();
    type State = RootCall;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "root-activity"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    guardrails![RootApiCall];

    fn locate(&self, event: &Event) -> Result<Vec<Target<(), RootCall>>, Unlocatable> {
        let is_at_work = event.actor.kind == ActorKind::Root
            && event.actor.invoked_by.is_none()
            && event.kind.as_deref() != Some("AwsServiceEvent")
            && !event.is_one_of(console::SOURCE, SIGNING_IN);
        if !is_at_work {
            return Ok(Vec::new());
        }
        let service = event.source.split('.').next().unwrap_or_default();
        let in_arn = event.actor.arn.as_deref().and_then(|arn| arn.split(':').nth(4)).filter(|id| !id.is_empty());
        let account = event.actor.account.as_deref().or(in_arn);
        let call = RootCall {
            account: account.map_or_else(
                || Observed::Unknown { why: "the record does not show the account of the root user".to_owned() },
                |account| Observed::Known(account.to_owned()),
            ),
            call: format!("{service}:{}", event.name),
            region: event.region.clone(),
        };
        Ok(vec![Target { key: (), proven: Some(call), changed: None }])
    }

    fn focus(&self, _: &mut RootCall, _: &Target<(), RootCall>) {}

    fn resource(&self, (): &(), _: Option<&RootCall>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        Resource { id: format!("arn:{partition}:iam::{account}:root"), kind: "AwsAccount", name: "root".to_owned() }
    }
}
