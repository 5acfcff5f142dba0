//! The planned lens: the inline policies that a template or a plan would put.

use super::state::Inline;
use crate::engine::holder::{Beside, Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{
    GROUP, Held, Principal, ROLE, TERRAFORM_ROLE, USER, document, elsewhere, holder, holders, serverless,
};

type Read = Vec<Result<Inline, Unreadable>>;

pub(super) const FORMS: &[PlannedForm<Inline>] = &[
    PlannedForm::each("AWS::IAM::Role", |it| held_by(it, &ROLE)),
    PlannedForm::each("AWS::IAM::User", |it| held_by(it, &USER)),
    PlannedForm::each("AWS::IAM::Group", |it| held_by(it, &GROUP)),
    PlannedForm::each("aws_iam_role", |it| held_by(it, &TERRAFORM_ROLE)),
    PlannedForm::each("AWS::Serverless::Function", |it| of_serverless(it, "lambda.amazonaws.com")),
    PlannedForm::each("AWS::Serverless::StateMachine", |it| of_serverless(it, "states.amazonaws.com")),
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
    let path = Observed::Unknown { why: "a policy does not say its holder's path".to_owned() };
    Ok(read.map(|text| inline(holder(it, kind, of), path, it.named(&[name]), text, elsewhere())))
}

/// One document in each of those that it names.
fn of_several(it: &PlannedResource<'_>) -> Read {
    let lists = [(HolderKind::Group, "Groups"), (HolderKind::Role, "Roles"), (HolderKind::User, "Users")];
    let read = document(it, "PolicyDocument").and_then(|text| Ok((text, holders(it, &lists)?)));
    let (text, holders) = match read {
        Ok((Some(text), holders)) => (text, holders),
        Ok((None, _)) => return Vec::new(),
        Err(why) => return vec![Err(why)],
    };
    let path = || Observed::Unknown { why: "a policy does not say its holder's path".to_owned() };
    let name = it.named(&["PolicyName"]);
    let state = |holder| Ok(inline(holder, path(), name.clone(), text.clone(), elsewhere()));
    holders.into_iter().map(state).collect()
}

fn held_by(it: &PlannedResource<'_>, principal: &Principal) -> Read {
    match principal.held(it) {
        Ok(held) => each(held),
        Err(why) => vec![Err(why)],
    }
}

fn of_serverless(it: &PlannedResource<'_>, service: &str) -> Read {
    match serverless(it, service) {
        Ok(held) => held.map(each).unwrap_or_default(),
        Err(why) => vec![Err(why)],
    }
}

fn each(held: Held) -> Read {
    let state = |(name, text): &(String, Result<String, Unreadable>)| {
        let (holder, path, text) = (held.holder.clone(), held.path.clone(), text.clone()?);
        Ok(inline(holder, path, name.clone(), text, held.beside(name)))
    };
    held.inline.iter().map(state).collect()
}
