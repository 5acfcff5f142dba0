//! DB-07: with whom manual snapshots of Redshift clusters are shared.
//!
//! A call authorizes or revokes one account; the response lists all of them. AWS Support is named by a word instead of an account, and does not count.
//! Sources: "AuthorizeSnapshotAccess", "RevokeSnapshotAccess", "Snapshot" (Redshift API reference), "Sharing snapshots" (management guide).

#[cfg(feature = "redshift")]
pub(crate) mod client;
pub mod shared_with_untrusted;
pub mod state;

use super::record::{REDSHIFT, identifier};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use serde_json::Value;
use shared_with_untrusted::RedshiftSnapshotShared;
use state::{AUTHORIZE, REVOKE, Share, Snapshot, SnapshotCall, SnapshotRef, is_support};
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_SNAPSHOTS: Permission = Permission::read("redshift:DescribeClusterSnapshots");

/// The family of manual snapshots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RedshiftSnapshots;

impl Family for RedshiftSnapshots {
    type Key = SnapshotRef;
    type State = Snapshot;
    type Action = SnapshotCall;

    fn kind(&self) -> &'static str {
        "redshift-snapshot"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_SNAPSHOTS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[AUTHORIZE, REVOKE]
    }

    guardrails![RedshiftSnapshotShared];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(REDSHIFT, &["AuthorizeSnapshotAccess"]) {
            return Ok(Vec::new());
        }
        let asked = event.request.at(&["accountWithRestoreAccess"]).and_then(account);
        if asked.as_deref().is_some_and(is_support) {
            return Ok(Vec::new());
        }
        let snapshot = named(event)?;
        let changed = asked.clone().map(|account| BTreeSet::from([state::element(&account)]));
        let accounts = standing(&event.response).or_else(|| asked.clone().map(|account| vec![account]));
        let share =
            |account: String| Share { in_question: asked.as_ref().is_none_or(|asked| *asked == account), account };
        let proven = accounts
            .map(|accounts| Snapshot { snapshot: snapshot.clone(), shares: accounts.into_iter().map(share).collect() });
        Ok(vec![Target { key: snapshot, proven, changed }])
    }

    fn focus(&self, snapshot: &mut Snapshot, target: &TargetOf<Self>) {
        let Some(changed) = &target.changed else { return };
        for share in &mut snapshot.shares {
            share.in_question = changed.contains(&state::element(&share.account));
        }
    }

    fn resource(
        &self,
        key: &SnapshotRef,
        _: Option<&Snapshot>,
        Place { partition, account, region }: &Place,
    ) -> Resource {
        let SnapshotRef { cluster, id } = key;
        let arn = format!("arn:{partition}:redshift:{region}:{account}:snapshot:{cluster}/{id}");
        Resource { id: arn, kind: "AwsRedshiftClusterSnapshot", name: id.clone() }
    }
}

/// By its name and that of its cluster, or by its ARN, which has both.
fn named(event: &Event) -> Result<SnapshotRef, Unlocatable> {
    let arn = |body: &Body| SnapshotRef::of_arn(body.text(&["snapshotArn"])?);
    let by_name = |body: &Body| {
        let cluster =
            ["snapshotClusterIdentifier", "clusterIdentifier"].iter().find_map(|key| identifier(body, key))?;
        Some(SnapshotRef { cluster, id: identifier(body, "snapshotIdentifier")? })
    };
    let found = [&event.response, &event.request].into_iter().find_map(|body| by_name(body).or_else(|| arn(body)));
    found.ok_or_else(|| Unlocatable::new(event, "the record does not name both the snapshot and its cluster"))
}

/// The accounts that the response lists, without AWS Support.
fn standing(response: &Body) -> Option<Vec<String>> {
    let listed = response.at(&["accountsWithRestoreAccess"])?.as_array()?;
    let is_other = |listed: &&Value| !listed["accountAlias"].as_str().is_some_and(is_support);
    Some(listed.iter().filter(is_other).filter_map(|listed| account(&listed["accountId"])).collect())
}

/// Numbers lose the zeros in front.
fn account(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(format!("{:0>12}", number.to_string())),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
