//! The planned lens: the inline policies that a template or a plan would put.

use super::state::Inline;
use crate::engine::holder::{Beside, Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{
    GROUP, Held, LAMBDA, ROLE, STATES, TERRAFORM_ROLE, USER, document, each_holder, elsewhere, holder, of_each,
    of_holders, serverless,
};

type Read = Vec<Result<Inline, Unreadable>>;

pub(super) const FORMS: &[PlannedForm<Inline>] = &[
    PlannedForm::each("AWS::IAM::Role", |it| of_each(ROLE.held(it), each)),
    PlannedForm::each("AWS::IAM::User", |it| of_each(USER.held(it), each)),
    PlannedForm::each("AWS::IAM::Group", |it| of_each(GROUP.held(it), each)),
    PlannedForm::each("aws_iam_role", |it| of_each(TERRAFORM_ROLE.held(it), each)),
    PlannedForm::each("AWS::Serverless::Function", |it| of_each(serverless(it, LAMBDA), each)),
    PlannedForm::each("AWS::Serverless::StateMachine", |it| of_each(serverless(it, STATES), each)),
    PlannedForm::each("AWS::IAM::Policy", of_several),
    PlannedForm::one("AWS::IAM::RolePolicy", |it| one(it, HolderKind::Role, "RoleName", CLOUDFORMATION)),
    PlannedForm::one("AWS::IAM::UserPolicy", |it| one(it, HolderKind::User, "UserName", CLOUDFORMATION)),
    PlannedForm::one("AWS::IAM::GroupPolicy", |it| one(it, HolderKind::Group, "GroupName", CLOUDFORMATION)),
    PlannedForm::one("aws_iam_role_policy", |it| one(it, HolderKind::Role, "role", TERRAFORM)),
    PlannedForm::one("aws_iam_user_policy", |it| one(it, HolderKind::User, "user", TERRAFORM)),
    PlannedForm::one("aws_iam_group_policy", |it| one(it, HolderKind::Group, "group", TERRAFORM)),
];

/// The name and the document.
const CLOUDFORMATION: (&str, &str) = ("PolicyName", "PolicyDocument");
const TERRAFORM: (&str, &str) = ("name", "policy");

/// One that nobody has put yet.
fn inline(holder: Holder, path: Observed<String>, name: String, text: String, beside: Observed<Beside>) -> Inline {
    Inline {
        holder,
        name,
        path,
        document: Observed::Known(text),
        before: Observed::Absent,
        beside,
        is_standing: false,
        role: Observed::Absent,
    }
}

fn one(
    it: &PlannedResource<'_>,
    kind: HolderKind,
    of: &str,
    (name, text): (&str, &str),
) -> Result<Option<Inline>, Unreadable> {
    let read = document(it, text)?;
    let mut holders = each_holder(it, &[(kind, of)]).into_iter();
    let (holder, beside) = holders.next().unwrap_or_else(|| (holder(it, kind, of), elsewhere()));
    Ok(read.map(|text| inline(holder, unsaid(), it.named(&[name]), text, beside)))
}

/// One document in each of those that it names. CloudFormation refuses one that names nobody, and it is judged all the same.
fn of_several(it: &PlannedResource<'_>) -> Read {
    let name = it.named(&["PolicyName"]);
    let read = |holder, text: &str, beside| inline(holder, unsaid(), name.clone(), text.to_owned(), beside);
    let found = of_holders(it, read);
    if !found.is_empty() {
        return found;
    }
    let text = document(it, "PolicyDocument").ok().flatten();
    text.map(|text| Ok(read(holder(it, HolderKind::Role, "Roles"), &text, elsewhere()))).into_iter().collect()
}

fn unsaid() -> Observed<String> {
    Observed::Unknown { why: "a policy does not say its holder's path".to_owned() }
}

fn each(held: &Held) -> Read {
    let state = |(at, (name, text)): (usize, &(String, Result<String, Unreadable>))| {
        let (holder, path, text) = (held.holder.clone(), held.path.clone(), text.clone()?);
        Ok(inline(holder, path, name.clone(), text, held.beside_inline(at)))
    };
    held.inline.iter().enumerate().map(state).collect()
}
