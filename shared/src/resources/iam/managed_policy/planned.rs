//! The planned lens: a policy that a template or a plan would create.

use super::state::{ManagedPolicy, Since, Version};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned::{arn, document};

pub(super) const FORMS: &[PlannedForm<ManagedPolicy>] = &[
    PlannedForm::one("AWS::IAM::ManagedPolicy", |it| planned(it, "PolicyDocument", "ManagedPolicyName")),
    PlannedForm::one("aws_iam_policy", |it| planned(it, "policy", "name")),
];

/// A new policy has one version, and is attached to those that it names itself.
fn planned(it: &PlannedResource<'_>, text: &str, name: &str) -> Result<Option<ManagedPolicy>, Unreadable> {
    let Some(document) = document(it, text)? else { return Ok(None) };
    let lists = ["Groups", "Roles", "Users"].iter().map(|list| it.parts(list).map(|all| all.len()));
    let holders = match lists.sum::<Result<usize, Unreadable>>() {
        Ok(count) => Observed::Known(count),
        Err(why) => Observed::Unknown { why: why.to_string() },
    };
    let id = "v1".to_owned();
    Ok(Some(ManagedPolicy {
        arn: arn(&format!("policy/{}", it.named(&[name]))),
        versions: Observed::Known(vec![id.clone()]),
        default: Version { id, document },
        holders,
        before: Observed::Absent,
        others: Observed::Known(Vec::new()),
        since: Since::MadeWithThePolicy,
    }))
}
