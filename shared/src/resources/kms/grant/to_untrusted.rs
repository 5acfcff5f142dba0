//! KMS-04: no grant lets another account that is not trusted use a key.

use super::state::{Grant, GrantAction, GrantRef, REVOKE_GRANT};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct KmsGrantToUntrusted;

static ABOUT: About = About {
    name: "kms-grant-to-untrusted",
    catalogue_id: "KMS-04",
    title: "A KMS key is granted to an account that is not trusted",
    description: "A principal of the account granted the use of a key to a principal of another account that is not among \
        `trusted_accounts`. Grants that a service of AWS makes in the name of the principal that uses it are left alone, and so are those to \
        services. A grant counts beside the key's policy, and no policy of the grantee's account can be seen from here.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM Access Analyzer AWS::KMS::Key"],
    technique: "T1098",
    triggers: &["CreateGrant"],
    remediation: "Revokes the grant by its id; the key, its policy and its other grants stay. What was decrypted meanwhile stays so.",
    actions: &[REVOKE_GRANT],
    ids: &["arn:%:kms:%:%:key/%/grant/%"],
    not_watched: &[
        ("PutKeyPolicy", "the key's policy is another way to the key, and another guardrail's"),
        ("RetireGrant, RevokeGrant", "they only remove one"),
    ],
};

impl Guardrail<Grant, GrantAction> for KmsGrantToUntrusted {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, grant: &Grant, terms: &Terms<'_>) -> Verdict {
        // A principal of another account grants what the key's policy lets it: the policy is in question then.
        let is_own = grant.issuer.as_ref().is_none_or(|issuer| *issuer == terms.place.account);
        let Some(account) = grant.account().filter(|account| is_own && !terms.trusts(account)) else {
            return Verdict::Compliant;
        };
        let Grant { key, id, grantee, .. } = grant;
        let operations = grant.operations.join(", ");
        let why =
            format!("grant `{id}` of key `{key}` allows `{grantee}` {operations}; account {account} is not trusted");
        let evidence = vec![Evidence { element: format!("{operations} to {grantee}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, grant: &Grant, _: &Violation, _: &Terms<'_>) -> Plan<GrantAction> {
        let revoke = GrantAction::Revoke(GrantRef { key: grant.key.clone(), id: grant.id.clone() });
        Plan::one(revoke, GrantAction::Create(grant.clone()))
    }
}
