//! Web ACLs of templates and plans: the file has all of their rules, as the request of an update has.

use super::state::{Acl, AclRef, Does, Said};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use std::collections::BTreeMap;

pub(super) const FORMS: &[PlannedForm<Acl>] =
    &[PlannedForm::one("AWS::WAFv2::WebACL", planned), PlannedForm::one("aws_wafv2_web_acl", planned)];

/// What is known at deployment only decides where nothing else stops a request.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Acl>, Unreadable> {
    let default = it.called("DefaultAction", "default_action");
    let blocks_by_default = has(it, &format!("{default}.{}", it.called("Block", "block")))?;
    let (rules, open) = rules(it);
    let said = Said { blocks_by_default, rules };
    if let Some(why) = open.filter(|_| said.is_open()) {
        return Err(why);
    }
    let of = AclRef { by_event: true, before: Observed::Absent, ..AclRef::new(&it.named(&["Name", "name"])) };
    Ok(Some(Acl { of, now: Some(said) }))
}

/// The rules that are known, and why others are not.
fn rules(it: &PlannedResource<'_>) -> (BTreeMap<String, Does>, Option<Unreadable>) {
    let (mut rules, mut open) = (BTreeMap::new(), None);
    let parts = it.parts(it.called("Rules", "rule")).unwrap_or_else(|why| {
        open = Some(why);
        Vec::new()
    });
    for (at, rule) in parts.iter().enumerate() {
        match does(rule) {
            Ok(does) => {
                // Names are told apart by AWS; those that are not known yet by where they stand.
                let name = rule.text(rule.called("Name", "name")).ok().flatten();
                rules.insert(name.unwrap_or_else(|| format!("of place {at}")), does);
            }
            Err(why) => open = Some(why),
        }
    }
    if matches!(it.get("rule_json"), Err(_) | Ok(Some(_))) {
        open = Some("the rules of `rule_json` are not read".to_owned().into());
    }
    (rules, open)
}

fn does(rule: &PlannedResource<'_>) -> Result<Does, Unreadable> {
    let is = |of: &str, name: &str, terraform: &str| has(rule, &format!("{of}.{}", rule.called(name, terraform)));
    let action = rule.called("Action", "action");
    let over = rule.called("OverrideAction", "override_action");
    for (name, terraform) in [("Block", "block"), ("Captcha", "captcha"), ("Challenge", "challenge")] {
        if is(action, name, terraform)? {
            return Ok(Does::Stops);
        }
    }
    if is(over, "None", "none")? {
        return Ok(Does::AsItsGroup);
    }
    if is(action, "Count", "count")? || is(over, "Count", "count")? {
        return Ok(Does::Counts);
    }
    if is(action, "Allow", "allow")? {
        return Ok(Does::Allows);
    }
    Err("what a rule does with requests is not shown".to_owned().into())
}

/// Whether a member is there: what it holds may be empty.
fn has(of: &PlannedResource<'_>, path: &str) -> Result<bool, Unreadable> {
    Ok(!of.parts(path)?.is_empty())
}
