//! LOG-14: a web ACL goes on stopping what it stopped.

use super::state::{Acl, Said};
use super::{DELETE, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, are_service_linked};
use crate::resources::wafv2::IDS;

/// See the module.
pub struct WebAclWeakened;

static ABOUT: About = About {
    name: "web-acl-weakened",
    catalogue_id: "LOG-14",
    title: "A web ACL was deleted or stops fewer requests",
    description: "A principal that is not among `allowed_principals` deleted a web ACL, or updated it so that it stops less than when it was last seen to be good: a rule is \
        missing or only counts, or what no rule decides is let through. Where its last good state is not known, one that stops nothing at all is reported. What a rule \
        matches is not judged. What Firewall Manager does by its service-linked role is left out.",
    severity: Severity::Medium,
    class: Class::R0,
    controls: &["WAF.10"],
    technique: "T1562.007",
    triggers: &[UPDATE, DELETE],
    remediation: "Notifies, rule by rule: a rule may have been removed because it stopped customers, and one that is put back stops them again.",
    actions: &[],
    ids: IDS,
    not_watched: &[
        (
            "UpdateRuleGroup, UpdateIPSet, UpdateRegexPatternSet",
            "what a rule matches is not judged: addresses and patterns change all the time",
        ),
        ("DisassociateWebACL", "what a web ACL protects is another guardrail's"),
    ],
};

/// What is wrong with it, by elements.
fn signs(now: &Said, before: &Observed<Said>) -> Vec<(String, String)> {
    match before {
        Observed::Known(before) => now.less_than(before),
        Observed::Absent | Observed::Unknown { .. } if now.is_open() => {
            vec![(
                "stops nothing".to_owned(),
                "stops no request: no rule of it blocks, and neither does its default".to_owned(),
            )]
        }
        Observed::Absent | Observed::Unknown { .. } => Vec::new(),
    }
}

impl Guardrail<Acl, NoAction> for WebAclWeakened {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, acl: &Acl, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&acl.of.by) || are_service_linked(&acl.of.by) {
            return Verdict::Compliant;
        }
        let arn = &acl.of.arn;
        let signs = match (&acl.now, &acl.of.before) {
            (None, _) => vec![("deleted".to_owned(), "is deleted".to_owned())],
            // One that was made without rules, and not by this event, may be on its way to get some.
            (Some(_), Observed::Absent | Observed::Unknown { .. }) if !acl.of.by_event => Vec::new(),
            (Some(now), before) => match (signs(now, before), before) {
                (signs, Observed::Unknown { why }) if signs.is_empty() => {
                    return Verdict::Undetermined {
                        why: format!("what web ACL `{arn}` stopped before is not known: {why}"),
                    };
                }
                (signs, _) => signs,
            },
        };
        if signs.is_empty() {
            return Verdict::Compliant;
        }
        let evidence = |(element, what): (String, String)| Evidence { element, why: format!("web ACL `{arn}` {what}") };
        let evidence = signs.into_iter().map(evidence).collect();
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &Acl, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
