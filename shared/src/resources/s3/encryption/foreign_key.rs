//! S3-15: a bucket's objects are not encrypted with another account's KMS key.

use super::state::{Encryption, RULE, Rule};
use super::{BucketEncryptions, PUT_ENCRYPTION};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3BucketEncryptedWithForeignKey;

static ABOUT: About = About {
    name: "s3-bucket-encrypted-with-foreign-key",
    catalogue_id: "S3-15",
    title: "A bucket is encrypted with another account's KMS key",
    description: "The default encryption of a bucket uses a KMS key of an account that is neither its own nor among `trusted_accounts`: \
        the key's owner decides whether the bucket's new objects can be read, as ransomware does. A key that is named by its id \
        or alias is of the bucket's own account.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1486",
    triggers: &["PutBucketEncryption"],
    remediation: "Writes the default encryption of before; Amazon S3's own keys (SSE-S3) where that is unknown or of such an account too. \
        Objects that were written meanwhile stay encrypted with the other key.",
    actions: &[PUT_ENCRYPTION],
    ids: &["arn:%:s3:::%"],
    not_watched: &[("PutObject, CopyObject", "calls on objects, which may name a key of their own")],
};

/// The account of the key, where it is not trusted.
fn foreign<'a>(rule: &'a Rule, terms: &Terms<'_>) -> Option<&'a str> {
    rule.account().filter(|account| rule.algorithm.starts_with("aws:kms") && !terms.trusts(account))
}

impl Guardrail<Held<Encryption>, Write<BucketEncryptions>> for S3BucketEncryptedWithForeignKey {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Encryption>, terms: &Terms<'_>) -> Verdict {
        let (bucket, rule) = (&held.name, &held.now.rule);
        let Some(account) = foreign(rule, terms) else { return Verdict::Compliant };
        let why = format!("bucket `{bucket}` is encrypted with {rule}, of account {account}, which is not trusted");
        let evidence = vec![Evidence { element: rule.key.clone().unwrap_or_default(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Encryption>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<BucketEncryptions>> {
        let before = held.before.known().map(|before| &before.rule).filter(|rule| foreign(rule, terms).is_none());
        let rule = before.cloned().unwrap_or_default();
        put(held, Encryption { rule, ..held.now.clone() }, &[RULE])
    }
}
