//! RES-12: identity pools give no credentials to identities that have not signed in.

use super::{GUESTS, IdentityPools, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};
use serde_json::{Map, Value};

/// See the module.
pub struct CognitoUnauthenticatedIdentities;

static ABOUT: About = About {
    name: "cognito-identity-pool-unauthenticated",
    catalogue_id: "RES-12",
    title: "An identity pool gives credentials without a sign-in",
    description: "An identity pool allows unauthenticated identities: everyone who knows its id, which stands in the app, gets credentials of its role for \
        guests. An app that is used without signing in needs them: exempt its pool.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["Cognito.2"],
    technique: "T1078.004",
    triggers: &["CreateIdentityPool", "UpdateIdentityPool"],
    remediation: "Writes the pool's configuration as it is read, without unauthenticated identities: providers, roles and identities stay, and guests \
        get no new credentials. Needs `max_class: R2`.",
    actions: &[UPDATE],
    ids: &["arn:%:cognito-identity:%:%:identitypool/%:%"],
    not_watched: &[
        ("SetIdentityPoolRoles", "it chooses roles; whether guests get one is what is watched"),
        ("DeleteIdentityPool", "it only removes one"),
    ],
};

impl Guardrail<Held<Map<String, Value>>, Write<IdentityPools>> for CognitoUnauthenticatedIdentities {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Map<String, Value>>, _: &Terms<'_>) -> Verdict {
        if held.now.get(GUESTS) != Some(&Value::Bool(true)) {
            return Verdict::Compliant;
        }
        let why = format!("identity pool `{}` gives credentials to everyone who knows its id (`{GUESTS}`)", held.name);
        let evidence = vec![Evidence { element: GUESTS.to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Map<String, Value>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<IdentityPools>> {
        let mut pool = held.now.clone();
        pool.insert(GUESTS.to_owned(), Value::Bool(false));
        put(held, pool, &[])
    }
}
