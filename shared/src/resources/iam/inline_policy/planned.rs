//! The planned lens: the inline policies that a template or a plan would put.

use super::state::Inline;
use crate::engine::holder::{Beside, Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{
    Held, OfHeld, document, each_holder, elsewhere, holder, of_holders, of_principals,
};

type Read = Vec<Result<Inline, Unreadable>>;

/// Those of principals, and of the policies that are resources of their own.
pub(super) fn forms() -> Vec<PlannedForm<Inline>> {
    of_principals().into_iter().chain(FORMS.iter().copied()).collect()
}

const FORMS: &[PlannedForm<Inline>] = &[
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

/// One that the deployment will put.
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

/// One document in each of those that it names. CloudFormation refuses one that names none, and it is judged all the same.
fn of_several(it: &PlannedResource<'_>) -> Read {
    let name = it.named(&["PolicyName"]);
    let read = |holder, text: &str, beside| inline(holder, unsaid(), name.clone(), text.to_owned(), beside);
    let found = of_holders(it, read);
    if !found.is_empty() {
        return found;
    }
    match document(it, "PolicyDocument") {
        Ok(text) => {
            text.map(|text| Ok(read(holder(it, HolderKind::Role, "Roles"), &text, elsewhere()))).into_iter().collect()
        }
        Err(why) => vec![Err(why)],
    }
}

fn unsaid() -> Observed<String> {
    Observed::Unknown { why: "a policy does not say its holder's path".to_owned() }
}

impl OfHeld for Inline {
    fn each(held: &Held) -> Read {
        let state = |(at, (name, text)): (usize, &(String, Result<String, Unreadable>))| {
            let (holder, path, text) = (held.holder.clone(), held.path.clone(), text.clone()?);
            Ok(inline(holder, path, name.clone(), text, held.beside_inline(at)))
        };
        held.inline.iter().enumerate().map(state).collect()
    }
}
