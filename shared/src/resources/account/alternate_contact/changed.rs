//! ACC-06: the account's security contact is the one that was chosen.

use super::{PUT, SecurityContacts, domain};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::s3::document::{Held, Write, put};
use serde_json::Value;

/// See the module.
pub struct SecurityContactChanged;

static ABOUT: About = About {
    name: "security-contact-changed",
    catalogue_id: "ACC-06",
    title: "The account's security contact was changed",
    description: "A principal that is not among `allowed_principals` gave the alternate contact for security another e-mail address: AWS's notices of abuse and of exposed \
        credentials go there. A changed name, title or telephone number is left alone.",
    severity: Severity::Medium,
    class: Class::R2,
    controls: &["Account.1", "CIS AWS Foundations 5.0.0/1.2"],
    technique: "T1098",
    triggers: &["PutAlternateContact"],
    remediation: "Sets the last known good contact again, where class R2 is allowed: people who change jobs change contacts, so it notifies otherwise. Messages show the domains of \
        both addresses, and no person's name, address or number.",
    actions: &[PUT],
    ids: &["arn:%:account::%:account", "arn:%:account::%:account/%"],
    not_watched: &[("DeleteAlternateContact", "a contact that is removed is another guardrail's")],
};

impl Guardrail<Held<Option<Value>>, Write<SecurityContacts>> for SecurityContactChanged {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Value>>, terms: &Terms<'_>) -> Verdict {
        let Some(now) = &held.now else { return Verdict::Compliant };
        // What a sweep finds is the contact from then on: a change that was notified, and left, is not taken back later.
        if !held.by_event {
            return Verdict::Compliant;
        }
        if terms.settings(self).allow(&held.by) {
            return Verdict::Compliant;
        }
        let before = match &held.before {
            Observed::Known(Some(before)) => before,
            // The first contact.
            Observed::Known(None) => return Verdict::Compliant,
            Observed::Absent => {
                return Verdict::Undetermined { why: "what the security contact was before was never seen".to_owned() };
            }
            Observed::Unknown { why } => {
                return Verdict::Undetermined {
                    why: format!("what the security contact was before is not known: {why}"),
                };
            }
        };
        let address = |contact: &Value| contact["EmailAddress"].as_str().map(str::to_lowercase);
        if address(now) == address(before) {
            return Verdict::Compliant;
        }
        let (from, to) = (domain(before), domain(now));
        let why = if from == to {
            format!("the security contact has another address of {to}")
        } else {
            format!("the security contact has an address of {to}, and had one of {from}")
        };
        let evidence = vec![Evidence { element: "another address".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Value>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<SecurityContacts>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
