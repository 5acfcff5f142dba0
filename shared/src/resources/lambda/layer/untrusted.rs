//! RES-03: layers are shared with trusted accounts and organizations alone.

use super::judge::{judge, remove};
use super::state::{Layer, LayerAction};
use super::{IDS, NOT_WATCHED, REMOVES, TRIGGERS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use iam_policy::Access;

/// See the module.
pub struct LambdaLayerSharedWithUntrusted;

static ABOUT: About = About {
    name: "lambda-layer-shared-with-untrusted",
    catalogue_id: "RES-03",
    title: "A Lambda layer is shared with an account that is not trusted",
    description: "The policy of a version of a layer lets an account read it that is not among `trusted_accounts`, or the accounts of an organization that \
        is not among `trusted_organizations`. An event is evaluated for the statement that it added, a sweep for all statements of the latest \
        version of each layer.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["IAM Access Analyzer AWS::Lambda::LayerVersion"],
    technique: "T1537",
    triggers: TRIGGERS,
    remediation: "Removes the statement, under the revision of the policy that it was read in; the layer and its other statements stay. Functions that \
        have the layer already keep it.",
    actions: REMOVES,
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Layer, LayerAction> for LambdaLayerSharedWithUntrusted {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, layer: &Layer, terms: &Terms<'_>) -> Verdict {
        judge(layer, Access::External, ABOUT.severity, terms)
    }

    fn plan(&self, layer: &Layer, violation: &Violation, _: &Terms<'_>) -> Plan<LayerAction> {
        remove(layer, violation)
    }
}
