//! S3-05: the public access block of the account blocks at least what it did.

use super::{AccountBlock, PUT_ACCOUNT_BLOCK};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::s3::block::{Block, BlockSettings, Judged, judge};
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct S3AccountPublicAccessBlockWeakened;

static ABOUT: About = About {
    name: "s3-account-public-access-block-weakened",
    catalogue_id: "S3-05",
    title: "The account's S3 public access block was deleted or weakened",
    description: "The public access block of the account, which applies to all of its buckets and access points, was deleted, or blocks \
        less than when it was last seen to be good. Where that was never seen and a call deletes or weakens it, all four kinds of \
        access should be blocked. A sweep of an account that was never seen with a block finds nothing unless `all` is set: some of \
        its buckets may be public on purpose. Where an S3 policy of the organization decides it, S3 refuses the call and that is \
        notified.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["S3.1", "CIS AWS Foundations 5.0.0/2.1.4", "GuardDuty Policy:S3/AccountBlockPublicAccessDisabled"],
    technique: "T1562.007",
    triggers: &["DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"],
    remediation: "Writes the block with what it blocks now and what it blocked before; with all four kinds where that is unknown.",
    actions: &[PUT_ACCOUNT_BLOCK],
    ids: &["arn:%:s3::%:account-public-access-block"],
    not_watched: &[
        (
            "AttachPolicy, EnablePolicyType of Organizations",
            "the organization's S3 policy then owns the setting: it cannot be changed in the account",
        ),
        (
            "CreateAccessPoint, CreateMultiRegionAccessPoint",
            "the block of an access point is its own, and cannot be changed once it is made",
        ),
    ],
};

impl Guardrail<Held<Option<Block>>, Write<AccountBlock>> for S3AccountPublicAccessBlockWeakened {
    type Settings = BlockSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Block>>, terms: &Terms<'_>) -> Verdict {
        match judge(held, &terms.settings(self), &format!("account `{}`", held.name)) {
            Judged::Good => Verdict::Compliant,
            Judged::Unknown(why) => Verdict::Undetermined { why },
            Judged::Weak { why, .. } => {
                let element = "public access block of the account".to_owned();
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence: vec![Evidence { element, why }] })
            }
        }
    }

    fn plan(&self, held: &Held<Option<Block>>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<AccountBlock>> {
        match judge(held, &terms.settings(self), &held.name) {
            Judged::Weak { wanted, .. } => put(held, Some(wanted), &[]),
            Judged::Good | Judged::Unknown(_) => Plan::default(),
        }
    }
}
