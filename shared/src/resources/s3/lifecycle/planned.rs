//! The planned lens: the lifecycle rules that a file gives a bucket.
//!
//! Sources: "AWS::S3::Bucket Rule" in the CloudFormation user guide; `aws_s3_bucket_lifecycle_configuration` of Terraform's provider.

use super::{After, Expiry};
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::NAMES;
use crate::resources::s3::rules::{Rule, Rules};

pub(super) const FORMS: &[PlannedForm<Rules<Expiry>>] = &[
    PlannedForm::one("AWS::S3::Bucket", |it| planned(it, "LifecycleConfiguration.Rules", of_template)),
    PlannedForm::one("aws_s3_bucket", |it| {
        if it.is_left_out("lifecycle_rule") { Ok(None) } else { planned(it, "lifecycle_rule", of_old_bucket) }
    }),
    PlannedForm::one("aws_s3_bucket_lifecycle_configuration", |it| planned(it, "rule", of_plan)),
];

type Read = Result<Rule<Expiry>, Unreadable>;

fn planned(
    it: &PlannedResource<'_>,
    path: &str,
    read: fn(&PlannedResource<'_>) -> Read,
) -> Result<Option<Rules<Expiry>>, Unreadable> {
    let rules: Vec<Rule<Expiry>> = it.parts(path)?.iter().map(read).collect::<Result<_, _>>()?;
    Ok((!rules.is_empty()).then(|| Rules { bucket: it.named(NAMES), rules }))
}

fn of_template(rule: &PlannedResource<'_>) -> Read {
    let filters = ["Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"];
    let after = after(rule, "ExpirationInDays", "ExpirationDate")?;
    let is_filtered = is_about_some(rule, &filters, &["TagFilters"])?;
    ruled(rule, "Id", rule.text("Status")?.as_deref() == Some("Enabled"), Expiry { after, is_filtered })
}

fn of_old_bucket(rule: &PlannedResource<'_>) -> Read {
    let after = after(rule, "expiration.days", "expiration.date")?;
    let is_filtered = is_about_some(rule, &["prefix"], &[])?
        || rule.get("tags")?.is_some_and(|tags| tags.as_object().is_none_or(|tags| !tags.is_empty()));
    ruled(rule, "id", rule.flag("enabled")? == Some(true), Expiry { after, is_filtered })
}

fn of_plan(rule: &PlannedResource<'_>) -> Read {
    let after = after(rule, "expiration.days", "expiration.date")?;
    let mut is_filtered = is_about_some(rule, &["prefix"], &[])?;
    for filter in rule.parts("filter")? {
        let texts = ["prefix", "object_size_greater_than", "object_size_less_than"];
        is_filtered |= is_about_some(&filter, &texts, &["tag", "and"])?;
    }
    ruled(rule, "id", rule.text("status")?.as_deref() == Some("Enabled"), Expiry { after, is_filtered })
}

fn ruled(rule: &PlannedResource<'_>, id: &str, is_enabled: bool, says: Expiry) -> Read {
    let id = rule.text(id).ok().flatten().unwrap_or_else(|| "without an id".to_owned());
    Ok(Rule { id, is_enabled, says })
}

/// Terraform writes 0 days where there is a date, or nothing.
fn after(rule: &PlannedResource<'_>, days: &str, date: &str) -> Result<Option<After>, Unreadable> {
    if let Some(days) = rule.number(days)?.filter(|days| *days > 0) {
        return Ok(Some(After::Days(days)));
    }
    Ok(rule.text(date)?.map(|_| After::Date))
}

/// Whether one of these says of which objects a rule is; what a provider computes is none of them.
fn is_about_some(it: &PlannedResource<'_>, texts: &[&str], lists: &[&str]) -> Result<bool, Unreadable> {
    for name in texts.iter().filter(|name| !it.is_left_out(name)) {
        if it.text(name)?.is_some() {
            return Ok(true);
        }
    }
    Ok(lists.iter().any(|name| !it.is_left_out(name)))
}
