//! ACC-01: no one signs in to the console as root.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::sign_in::state::{SignIn, Visitor};

/// See the module.
pub struct RootConsoleSignIn;

static ABOUT: About = About {
    name: "root-console-sign-in",
    catalogue_id: "ACC-01",
    title: "Root signed in to the console",
    description: "Root signed in to the console and opened a session that no policy of the account restricts. \
        Critical if MFA was not used or the record does not show it. A failed sign-in complies. If signing in as \
        root is planned, add an exemption for that day; it names the owner.",
    severity: Severity::High,
    class: Class::R0,
    controls: &["CIS AWS Foundations 5.0.0/1.6", "CIS AWS Foundations 5.0.0/4.3"],
    technique: "T1078.004",
    triggers: &["ConsoleLogin"],
    remediation: "Notifies at once: nothing in the account can end root's session. If the sign-in was not yours, \
        change root's password and MFA, and review what the session did.",
    actions: &[],
    ids: &["arn:%:iam::%:root"],
    not_watched: &[("PasswordRecoveryRequested", "no one has signed in yet: another guardrail notifies it")],
};

impl Guardrail<SignIn, NoAction> for RootConsoleSignIn {
    type Settings = NoSettings;

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
                (Severity::Critical, "and the record does not show whether MFA was used")
            }
        };
        let why = format!("root signed in to the console {tail}");
        Verdict::Violation(Violation { severity, evidence: vec![Evidence { element: "sign-in".to_owned(), why }] })
    }

    fn plan(&self, _: &SignIn, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
