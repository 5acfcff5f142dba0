//! The defaults of an account and region that a plan sets. What it leaves out is not changed.

use super::state::{Defaults, Preference};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<Defaults>] = &[PlannedForm::one("aws_ec2_instance_metadata_defaults", defaults)];

fn defaults(it: &PlannedResource<'_>) -> Result<Option<Defaults>, Unreadable> {
    let Some(word) = it.text("http_tokens")? else { return Ok(None) };
    let tokens = Preference::of_tokens(&word).ok_or_else(|| format!("`{word}` is no default of session tokens"))?;
    Ok(Some(Defaults {
        tokens: Observed::Known(tokens),
        enforced: Observed::Absent,
        enforced_before: Observed::Absent,
        tokens_in_question: true,
        enforcement_in_question: false,
        by_event: false,
        hop_limit: None,
        endpoint: None,
        tags: None,
    }))
}
