//! ACC-01: nobody signs in to the console as root.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::sign_in::state::{SignIn, Visitor};

/// See the module.
pub struct RootConsoleSignIn;

static ABOUT: About = About {
    name: "root-console-sign-in",
    catalogue_id: "ACC-01",
    title: "Root signed in to the console",
    description: "Root signed in to the console: a session that no policy of the account restrains. Critical when MFA was \
        not used or the record does not say. A sign-in that was refused is none, and is left alone. Where signing in as \
        root is planned, an exemption for the day names who answers for it.",
    severity: Severity::High,
    class: Class::R0,
    controls: &["CIS AWS Foundations 5.0.0/1.6", "CIS AWS Foundations 5.0.0/4.3"],
    technique: "T1078.004",
    triggers: &["ConsoleLogin"],
    remediation: "Nothing in the account can end root's session: tells at once. If nobody of yours signed in, change root's \
        password and MFA, and look for what the session did.",
    actions: &[],
};

impl Guardrail<SignIn, NoAction> for RootConsoleSignIn {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, sign_in: &SignIn, _: &Terms<'_>) -> Verdict {
        match sign_in.visitor {
            Visitor::Root => {}
            Visitor::User(_) | Visitor::Federated(_) => return Verdict::Compliant,
        }
        match &sign_in.succeeded {
            Observed::Known(true) => {}
            Observed::Known(false) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let (severity, tail) = match sign_in.mfa {
            Observed::Known(true) => (ABOUT.severity, "with MFA"),
            Observed::Known(false) => (Severity::Critical, "without MFA"),
            Observed::Absent | Observed::Unknown { .. } => {
                (Severity::Critical, "and the record does not say whether MFA was used")
            }
        };
        let why = format!("root signed in to the console {tail}");
        Verdict::Violation(Violation { severity, evidence: vec![Evidence { element: "sign-in".to_owned(), why }] })
    }

    fn plan(&self, _: &SignIn, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
