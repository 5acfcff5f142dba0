//! LOG-06: rules of AWS Config are not deleted.
//!
//! Source: "DeleteConfigRule" (AWS Config API reference): it deletes the rule and all of its evaluations.

use super::SOURCE;
use crate::engine::notice::prelude::*;
use crate::resources::callers::{AllowedPrincipals, are_service_linked};

/// Deletions of rules.
pub type DeletedRules = Notices<DeletedRule>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedRule;

impl Notice for DeletedRule {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "config-rule-deletion";
    const ABOUT: &'static About = &About {
        name: "config-rule-deleted",
        catalogue_id: "LOG-06",
        title: "A rule of AWS Config was deleted",
        description: "A rule of AWS Config was deleted by a principal that is not among `allowed_principals`: what it evaluated is not evaluated any more, and its \
            evaluations are gone. Rules that services manage by their service-linked roles (Security Hub, Control Tower, conformance packs) come and \
            go with their standards: they are left out.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["Config.1"],
        technique: "T1562.008",
        triggers: &["DeleteConfigRule"],
        remediation: "Notifies: the record does not show the rule, and a rule without its remediation and its function is another one.",
        actions: &[],
        ids: &["arn:%:config:%:%:config-rule/%"],
        not_watched: &[
            ("PutConfigRule", "a rule that is written over still evaluates"),
            ("DeleteConformancePack, DeleteOrganizationConfigRule", "their rules are deleted by a service-linked role"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no rule");
        let rule = event.request.text(&["configRuleName"]).ok_or_else(unnamed)?;
        let why = format!("rule `{rule}` of AWS Config was deleted");
        Ok(Some(Noticed::of(event, rule).sign("deleted", Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !are_service_linked(&seen.by) && !Self::settings(terms).allow(&seen.by)
    }

    fn named(rule: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:config:{region}:{account}:config-rule/{rule}");
        Resource { id, kind: "Other", name: rule.to_owned() }
    }
}
