//! RES-09: the resource policies of Systems Manager: of parameters, documents and OpsItem groups.
//!
//! By such a policy a parameter is shared with other accounts, through AWS RAM or by the call itself. A resource has a list of them, and a call that writes over one
//! or deletes it names it by an id and a hash that change with every write, so that no line for undoing it can be written down beforehand. Nothing is read and
//! nothing is written: the record is judged.
//! Sources: "PutResourcePolicy", "DeleteResourcePolicy" (Systems Manager API reference), "Working with shared parameters" (user guide).

pub mod untrusted;

use super::SOURCE;
use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use crate::engine::planned::PlannedForm;
use crate::engine::resource_policy::Change;
use crate::resources::iam::planned::document;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use untrusted::SsmPolicyUntrusted;

/// The family of the policies of parameters, documents and OpsItem groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SsmPolicies;

/// A policy that was put on a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// The ARN of the resource.
    pub arn: String,
    /// What the policy says.
    pub policy: Observed<String>,
}

impl Family for SsmPolicies {
    type Key = String;
    type State = Put;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "ssm-resource-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        &[]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![SsmPolicyUntrusted];

    /// The record of a resource that another account owns is that account's to judge.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &["PutResourcePolicy"]) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no parameter, document or OpsItem group");
        let arn = event.request.text(&["resourceArn"]).ok_or_else(unnamed)?.to_owned();
        if arn_part(&arn, 4).is_some_and(|owner| owner != event.account) {
            return Ok(Vec::new());
        }
        let policy = Change::of((), event.request.at(&["policy"])).document;
        Ok(vec![Target { key: arn.clone(), proven: Some(Put { arn, policy }), changed: None }])
    }

    fn focus(&self, _: &mut Put, _: &TargetOf<Self>) {}

    fn resource(&self, arn: &String, _: Option<&Put>, _: &Place) -> Resource {
        let name = arn.splitn(6, ':').nth(5).unwrap_or(arn).to_owned();
        Resource { id: arn.clone(), kind: "Other", name }
    }
}

const FORMS: &[PlannedForm<Put>] = &[PlannedForm::one("AWS::SSM::ResourcePolicy", |it| {
    let policy = document(it, "Policy")?;
    Ok(policy.map(|policy| Put { arn: it.named(&["ResourceArn"]), policy: Observed::Known(policy) }))
})];
