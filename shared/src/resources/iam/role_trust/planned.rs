//! The planned lens: the trust policies of the roles that a template or a plan would create.

use super::state::RoleTrust;
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{Principal, ROLE, TERRAFORM_ROLE, document, path};

pub(super) const FORMS: &[PlannedForm<RoleTrust>] = &[
    PlannedForm::one("AWS::IAM::Role", |it| planned(it, &ROLE)),
    PlannedForm::one("aws_iam_role", |it| planned(it, &TERRAFORM_ROLE)),
    // SAM makes a role with this policy; without it, one that the service alone may assume.
    PlannedForm::one("AWS::Serverless::Function", |it| planned(it, &SERVERLESS)),
    PlannedForm::one("AWS::Serverless::StateMachine", |it| planned(it, &SERVERLESS)),
];

const SERVERLESS: Principal = Principal { name: "", path: "RolePath", ..ROLE };

fn planned(it: &PlannedResource<'_>, of: &Principal) -> Result<Option<RoleTrust>, Unreadable> {
    let read = document(it, of.trust)?;
    Ok(read.map(|text| RoleTrust {
        name: Some(if of.name.is_empty() { format!("{}Role", it.name) } else { it.named(&[of.name]) }),
        path: path(it, of.path),
        document: Observed::Known(text),
        before: Observed::Absent,
        as_of: None,
        is_new: true,
        by_service: None,
        role: Observed::Absent,
    }))
}
