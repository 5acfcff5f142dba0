//! IAM roles of which GuardDuty reports a session: FND-02.
//!
//! The name in a finding may be that of another account's role (a finding about a bucket names its callers): the role is read, and must have the finding's unique id.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod sessions_open;
pub mod state;

use super::deny_policy::DenyAction;
use super::inline_policy::state::DELETE_ROLE_POLICY;
use super::record::{GET_ROLE, GET_ROLE_POLICY, LIST_ROLE_POLICIES};
use crate::engine::event::Event;
use crate::engine::family::{Family, LAG_OF_IAM, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::resources::threat::{Named, Report, named};
use jiff::Timestamp;
use sessions_open::RoleSessionReported;
use state::{ReportedRole, RoleRef};
use std::time::Duration;

/// The family of roles whose sessions are reported. GuardDuty's findings are regional, though roles are not.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportedRoles;

impl Family for ReportedRoles {
    type Key = RoleRef;
    type State = ReportedRole;
    type Action = DenyAction;

    fn kind(&self) -> &'static str {
        "reported-role"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ROLE, GET_ROLE_POLICY, LIST_ROLE_POLICIES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_ROLE_POLICY]
    }

    guardrails![RoleSessionReported];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let Some(Named::Role(caller)) = named(event) else { return Ok(Vec::new()) };
        let key = RoleRef { caller, report: Report::of(event) };
        Ok(vec![Target { key, proven: None, changed: None }])
    }

    fn focus(&self, role: &mut ReportedRole, target: &TargetOf<Self>) {
        role.report.clone_from(&target.key.report);
    }

    fn lag(&self) -> &'static [Duration] {
        LAG_OF_IAM
    }

    fn when_gone(&self, key: &RoleRef) -> Option<ReportedRole> {
        let (name, report) = (key.caller.name.clone(), key.report.clone());
        let (path, denies) = (String::new(), Observed::Absent);
        Some(ReportedRole { name, path, report, denies, is_gone: true, seen: Timestamp::default() })
    }

    /// The path of its ARN shows in no finding: exemptions name it without.
    fn resource(&self, key: &RoleRef, _: Option<&ReportedRole>, place: &Place) -> Resource {
        let (Place { partition, account, .. }, name) = (place, &key.caller.name);
        Resource { id: format!("arn:{partition}:iam::{account}:role/{name}"), kind: "AwsIamRole", name: name.clone() }
    }
}
