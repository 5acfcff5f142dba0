//! The planned lens: the managed policies that a template or a plan would attach.

use super::state::{Attachment, Pair};
use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{
    Held, Managed, OfHeld, arn, each_holder, managed_policy, of_holders, of_principals, unread,
};
use jiff::Timestamp;

type Read = Vec<Result<Attachment, Unreadable>>;

/// Those of principals, and of the policies that are resources of their own.
pub(super) fn forms() -> Vec<PlannedForm<Attachment>> {
    of_principals().into_iter().chain(FORMS.iter().copied()).collect()
}

const FORMS: &[PlannedForm<Attachment>] = &[
    PlannedForm::each("AWS::IAM::ManagedPolicy", of_policy),
    PlannedForm::each("aws_iam_role_policy_attachment", |it| of_one(it, HolderKind::Role, "role", "policy_arn")),
    PlannedForm::each("aws_iam_user_policy_attachment", |it| of_one(it, HolderKind::User, "user", "policy_arn")),
    PlannedForm::each("aws_iam_group_policy_attachment", |it| of_one(it, HolderKind::Group, "group", "policy_arn")),
    PlannedForm::each("aws_iam_policy_attachment", of_several),
    PlannedForm::each("aws_iam_role_policy_attachments_exclusive", |it| {
        of_one(it, HolderKind::Role, "role_name", "policy_arns")
    }),
    PlannedForm::each("aws_iam_user_policy_attachments_exclusive", |it| {
        of_one(it, HolderKind::User, "user_name", "policy_arns")
    }),
    PlannedForm::each("aws_iam_group_policy_attachments_exclusive", |it| {
        of_one(it, HolderKind::Group, "group_name", "policy_arns")
    }),
];

/// One that the deployment will make, to a principal whose resource says no more.
fn attachment(holder: Holder, policy: Managed, beside: Observed<Beside>) -> Attachment {
    let Managed { arn, document } = policy;
    let unread = || Observed::Unknown { why: unread(&arn) };
    let document = document.map_or_else(unread, Observed::Known);
    Attachment {
        pair: Pair { holder, policy: arn },
        path: Observed::Unknown { why: "an attachment does not say its holder's path".to_owned() },
        document,
        beside,
        is_standing: false,
        by_service: None,
        role: Observed::Absent,
    }
}

fn of_one(it: &PlannedResource<'_>, kind: HolderKind, of: &str, policies: &str) -> Read {
    each_of(it, policies, &[(kind, of)])
}

fn of_several(it: &PlannedResource<'_>) -> Read {
    each_of(it, "policy_arn", LISTS)
}

const LISTS: &[(HolderKind, &str)] =
    &[(HolderKind::Group, "groups"), (HolderKind::Role, "roles"), (HolderKind::User, "users")];

fn each_of(it: &PlannedResource<'_>, policies: &str, lists: &[(HolderKind, &str)]) -> Read {
    let policies = match it.parts(policies) {
        Ok(policies) => policies,
        Err(why) => return vec![Err(why)],
    };
    let policies: Vec<Result<Managed, Unreadable>> =
        policies.iter().filter_map(|policy| managed_policy(policy, "").transpose()).collect();
    let of = |(holder, beside): (Holder, Observed<Beside>)| {
        let attached = |policy: &Result<Managed, Unreadable>| {
            let (holder, beside) = (holder.clone(), beside.clone());
            policy.clone().map(|policy| attachment(holder, policy, beside))
        };
        policies.iter().map(attached).collect::<Vec<_>>()
    };
    each_holder(it, lists).into_iter().flat_map(of).collect()
}

/// A policy that names those that it is attached to.
fn of_policy(it: &PlannedResource<'_>) -> Read {
    let arn = arn(&format!("policy/{}", it.named(&["ManagedPolicyName"])));
    of_holders(it, |holder, text, beside| {
        attachment(holder, Managed { arn: arn.clone(), document: Some(text.to_owned()) }, beside)
    })
}

impl OfHeld for Attachment {
    fn each(held: &Held) -> Read {
        let role = match held.holder.kind {
            HolderKind::Role => Observed::Known(RoleSeen {
                id: String::new(),
                created: None,
                trust: held.trust.clone(),
                seen: Timestamp::UNIX_EPOCH,
            }),
            HolderKind::User | HolderKind::Group => Observed::Absent,
        };
        let state = |(at, policy): (usize, &Result<Managed, Unreadable>)| {
            let policy = policy.clone()?;
            let beside = held.beside_attached(at);
            let (path, role) = (held.path.clone(), role.clone());
            Ok(Attachment { path, role, ..attachment(held.holder.clone(), policy, beside) })
        };
        held.attached.iter().enumerate().map(state).collect()
    }
}
