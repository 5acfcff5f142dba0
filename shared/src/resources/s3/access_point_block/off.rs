//! S3-06: an access point blocks public access.

use super::PointBlock;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::s3::access_point::parts;
use crate::resources::s3::block::Block;

/// See the module.
pub struct S3AccessPointBlockOff;

static ABOUT: About = About {
    name: "s3-access-point-block-off",
    catalogue_id: "S3-06",
    title: "An access point was made without its public access block",
    description: "An access point of a bucket was made with a part of its public access block off, all of which AWS switches on unless the \
        request says otherwise. The block of an access point can never be changed; the bucket's and the account's apply beside it, whichever \
        is stricter. An access point that is limited to a VPC cannot be public and complies.",
    severity: Severity::Medium,
    class: Class::R0,
    controls: &["S3.19"],
    technique: "T1530",
    triggers: &["CreateAccessPoint"],
    remediation: "Only notifies, because no call switches the block on: the access point has to be made anew, and its clients move there. \
        What its policy lets in is closed by the guardrails on that.",
    actions: &[],
    ids: &["arn:%:s3:%:%:accesspoint/%"],
    not_watched: &[
        (
            "CreateMultiRegionAccessPoint",
            "another resource, which is made in the background; its block cannot be changed either",
        ),
        ("CreateAccessPointForObjectLambda", "another resource, which has no block of its own"),
    ],
};

impl Guardrail<PointBlock, NoAction> for S3AccessPointBlockOff {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, point: &PointBlock, _: &Terms<'_>) -> Verdict {
        let off = Block::ALL.missing_in(point.block);
        if off.is_empty() || point.vpc.is_some() {
            return Verdict::Compliant;
        }
        let name = parts(&point.arn).1;
        let why = format!("access point `{name}` was made with {} off, which cannot be changed", off.join(", "));
        let evidence = vec![Evidence { element: format!("public access block of {name}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &PointBlock, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
