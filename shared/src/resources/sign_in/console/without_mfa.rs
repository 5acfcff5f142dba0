//! ACC-03: a user that signs in to the console with a password uses MFA.

use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::sign_in::state::{SignIn, Visitor};

/// See the module.
pub struct ConsoleSignInWithoutMfa;

static ABOUT: About = About {
    name: "console-sign-in-without-mfa",
    catalogue_id: "ACC-03",
    title: "Console sign-in without MFA",
    description: "An IAM user or root signed in to the console with a password alone. Federated principals (Identity \
        Center, SAML, role sessions) comply: their provider requires the second factor, and AWS's record always \
        shows that none was used.",
    severity: Severity::High,
    class: Class::R0,
    controls: &["IAM.5", "CIS AWS Foundations 5.0.0/4.2"],
    technique: "T1078.004",
    triggers: &["ConsoleLogin"],
    remediation: "Only notifies, because the session is already open. The guardrails on IAM users restrict what a \
        user without MFA can do.",
    actions: &[],
    ids: &["arn:%:iam::%:root", "arn:%:iam::%:user/%", "arn:%:sts::%:*"],
    not_watched: &[(
        "GetFederationToken, GetSigninToken",
        "sign-ins of federated users always record that no MFA was used",
    )],
};

impl Guardrail<SignIn, NoAction> for ConsoleSignInWithoutMfa {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, sign_in: &SignIn, _: &Terms<'_>) -> Verdict {
        let who = match &sign_in.visitor {
            Visitor::Root => "root".to_owned(),
            Visitor::User(user) => format!("user `{user}`"),
            Visitor::Federated(_) => return Verdict::Compliant,
        };
        for (shown, is_fine) in [(&sign_in.succeeded, false), (&sign_in.mfa, true)] {
            match shown {
                Observed::Known(answer) if *answer == is_fine => return Verdict::Compliant,
                Observed::Known(_) => {}
                Observed::Absent => return Verdict::Compliant,
                Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
            }
        }
        let why = format!("{who} signed in to the console without MFA");
        let evidence = vec![Evidence { element: "sign-in".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &SignIn, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
