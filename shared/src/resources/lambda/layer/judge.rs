//! What the statements of a layer's policy allow: what both guardrails ask.

use super::state::{Layer, LayerAction, Share};
use crate::engine::arn::arn_part;
use crate::engine::guardrail::Terms;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::resource_policy::trusting;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use iam_policy::{Access, Document, reach};
use serde_json::json;

/// How far a statement reaches, and how a person says that. The error says what cannot be read.
fn grants(layer: &Layer, share: &Share, terms: &Terms<'_>) -> Result<Vec<(Access, String)>, String> {
    let owner = arn_part(&layer.layer, 4).unwrap_or(&terms.place.account);
    let context = trusting(owner, &[], terms);
    let document = json!({"Version": "2012-10-17", "Statement": [share.statement]});
    let found = reach(&Document::from_value(&document), &context);
    let unknown = found.grants.iter().find(|grant| grant.access == Access::Undetermined).map(ToString::to_string);
    match found.problems.first().map(ToString::to_string).or(unknown) {
        Some(why) => Err(format!("what statement `{}` of layer `{}` allows is unknown: {why}", share.sid, layer.layer)),
        None => Ok(found.grants.iter().map(|grant| (grant.access, grant.to_string())).collect()),
    }
}

/// Whether a statement in question reaches as far as that.
pub(super) fn judge(layer: &Layer, access: Access, severity: Severity, terms: &Terms<'_>) -> Verdict {
    let (mut evidence, mut unknown) = (Vec::new(), None);
    for share in layer.shares.iter().filter(|share| share.in_question) {
        match grants(layer, share, terms) {
            Ok(grants) => {
                let found = grants.into_iter().find(|(found, _)| *found == access);
                evidence.extend(found.map(|(_, what)| Evidence {
                    element: share.sid.clone(),
                    why: format!("policy of layer `{}`: {what}", layer.layer),
                }));
            }
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    match (evidence.is_empty(), unknown) {
        (false, _) => Verdict::Violation(Violation { severity, evidence }),
        (true, Some(why)) => Verdict::Undetermined { why },
        (true, None) => Verdict::Compliant,
    }
}

/// A call for each statement that the evidence names. Of several, none can carry the revision: the first makes another.
pub(super) fn remove(layer: &Layer, violation: &Violation) -> Plan<LayerAction> {
    let is_named = |share: &&Share| violation.evidence.iter().any(|evidence| evidence.element == share.sid);
    let shares: Vec<&Share> = layer.shares.iter().filter(is_named).collect();
    let revision = layer.revision.clone().filter(|_| shares.len() == 1);
    let step = |share: &&Share| {
        let (of, sid) = (layer.layer.clone(), share.sid.clone());
        let back = share.permit().map(|permit| LayerAction::Add { layer: of.clone(), sid: sid.clone(), permit });
        let undo =
            back.map_or_else(|| Undo::Irreversible { why: "no call writes this statement again".into() }, Undo::Apply);
        Step { apply: LayerAction::Remove { layer: of, sid, revision: revision.clone() }, undo }
    };
    Plan { steps: shares.iter().map(step).collect() }
}
