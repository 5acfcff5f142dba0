//! The planned lens: the managed policies that a template or a plan would attach.

use super::known;
use super::state::{Attachment, Pair};
use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{
    GROUP, Held, LAMBDA, ROLE, STATES, TERRAFORM_ROLE, USER, arn, elsewhere, holder, holders, of_each, of_holders,
    serverless, unread,
};
use jiff::Timestamp;

type Read = Vec<Result<Attachment, Unreadable>>;

pub(super) const FORMS: &[PlannedForm<Attachment>] = &[
    PlannedForm::each("AWS::IAM::Role", |it| of_each(ROLE.held(it), each)),
    PlannedForm::each("AWS::IAM::User", |it| of_each(USER.held(it), each)),
    PlannedForm::each("AWS::IAM::Group", |it| of_each(GROUP.held(it), each)),
    PlannedForm::each("aws_iam_role", |it| of_each(TERRAFORM_ROLE.held(it), each)),
    PlannedForm::each("AWS::Serverless::Function", |it| of_each(serverless(it, LAMBDA), each)),
    PlannedForm::each("AWS::Serverless::StateMachine", |it| of_each(serverless(it, STATES), each)),
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

/// One that nobody has made yet, to a principal whose resource says no more.
fn attachment(holder: Holder, policy: String, beside: Observed<Beside>) -> Attachment {
    let document = match known::document(&policy) {
        Some(text) => Observed::Known(text.to_owned()),
        None => Observed::Unknown { why: unread(&policy) },
    };
    Attachment {
        pair: Pair { holder, policy },
        path: Observed::Unknown { why: "an attachment does not say its holder's path".to_owned() },
        document,
        beside,
        is_standing: false,
        by_service: None,
        role: Observed::Absent,
    }
}

fn of_one(it: &PlannedResource<'_>, kind: HolderKind, of: &str, policies: &str) -> Read {
    each_of(it, policies, &[holder(it, kind, of)])
}

fn of_several(it: &PlannedResource<'_>) -> Read {
    let lists = [(HolderKind::Group, "groups"), (HolderKind::Role, "roles"), (HolderKind::User, "users")];
    each_of(it, "policy_arn", &holders(it, &lists))
}

fn each_of(it: &PlannedResource<'_>, policies: &str, holders: &[Holder]) -> Read {
    let policies = match it.parts(policies) {
        Ok(policies) => policies,
        Err(why) => return vec![Err(why)],
    };
    let arns: Vec<Result<String, Unreadable>> =
        policies.iter().filter_map(|policy| policy.text("").transpose()).collect();
    let of = |holder: &Holder| {
        let attached = |arn: &Result<String, Unreadable>| Ok(attachment(holder.clone(), arn.clone()?, elsewhere()));
        arns.iter().map(attached).collect::<Vec<_>>()
    };
    holders.iter().flat_map(of).collect()
}

/// A policy that names those that it is attached to.
fn of_policy(it: &PlannedResource<'_>) -> Read {
    let policy = arn(&format!("policy/{}", it.named(&["ManagedPolicyName"])));
    of_holders(it, |holder, text| {
        let document = Observed::Known(text.to_owned());
        Attachment { document, ..attachment(holder, policy.clone(), elsewhere()) }
    })
}

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
    let state = |(at, arn): (usize, &Result<String, Unreadable>)| {
        let arn = arn.clone()?;
        let beside = held.beside_attached(at);
        let (path, role) = (held.path.clone(), role.clone());
        Ok(Attachment { path, role, ..attachment(held.holder.clone(), arn, beside) })
    };
    held.attached.iter().enumerate().map(state).collect()
}
