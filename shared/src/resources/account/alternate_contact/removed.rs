//! ACC-06: the account keeps a contact for security.

use super::{PUT, SecurityContacts};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::s3::document::{Held, Write, put};
use serde_json::Value;

/// See the module.
pub struct SecurityContactRemoved;

static ABOUT: About = About {
    name: "security-contact-removed",
    catalogue_id: "ACC-06",
    title: "The account's security contact was removed",
    description: "A principal that is not among `allowed_principals` deleted the alternate contact for security: AWS's notices of abuse and of exposed credentials go to the root \
        user's address alone. An account that never had one is reported by `Account.1` of Security Hub, and is left alone here.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["Account.1", "CIS AWS Foundations 5.0.0/1.2"],
    technique: "T1531",
    triggers: &["DeleteAlternateContact"],
    remediation: "Sets the last known good contact again. If it is unknown, it only notifies. Messages show the domain of its address, and no person's name, address or number.",
    actions: &[PUT],
    ids: &["arn:%:account::%:account", "arn:%:account::%:account/%"],
    not_watched: &[
        ("PutAlternateContact", "a contact that is replaced is another guardrail's"),
        ("PutContactInformation", "the primary contact is root's, and records hide it"),
    ],
};

impl Guardrail<Held<Option<Value>>, Write<SecurityContacts>> for SecurityContactRemoved {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Value>>, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&held.by) {
            return Verdict::Compliant;
        }
        match held.taken_away() {
            Ok(Some(_)) => {
                let why = "the account has no security contact any more".to_owned();
                let evidence = vec![Evidence { element: "no contact".to_owned(), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
            Ok(None) => Verdict::Compliant,
            Err(why) => Verdict::Undetermined { why: format!("the account has no security contact: {why}") },
        }
    }

    fn plan(&self, held: &Held<Option<Value>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<SecurityContacts>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
