//! IAM-13: what bounds a user or role goes on to bound it.

use super::state::{BoundaryAction, Bounded, Change};
use super::state::{PUT_ROLE_PERMISSIONS_BOUNDARY, PUT_USER_PERMISSIONS_BOUNDARY};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::protected::owned;
use iam_policy::{Document, Widening, widens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct PermissionsBoundaryChanged;

/// Which permissions boundaries may be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoundarySettings {
    /// ARNs of the policies that may replace another boundary; `*` and `?` match as in IAM.
    pub allowed_boundaries: Vec<String>,
}

impl GuardrailSettings for BoundarySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_boundaries", entries: &self.allowed_boundaries, holds: BOUNDARIES }]
    }
}

const BOUNDARIES: Holds = Holds {
    shapes: &["arn:%:iam::%:policy/*"],
    form: "the ARN of a managed policy",
    everything: Some("allows every policy as a boundary, also one that allows everything"),
};

static ABOUT: About = About {
    name: "permissions-boundary-changed",
    catalogue_id: "IAM-13",
    title: "Permissions boundary removed or weakened",
    description: "The permissions boundary of a user or role was removed, or replaced by one that is not among \
        `allowed_boundaries` and that allows something the previous one does not: the documents of both policies are \
        read and compared. A boundary that allows no more complies, and so does a first boundary. If the two cannot \
        be compared, the change is notified and nothing is changed. The previous boundary comes from the last known \
        good state; if none is known, a removal is still notified and a new boundary is undetermined.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1484",
    triggers: &[
        "CreateRole",
        "CreateUser",
        "DeleteRolePermissionsBoundary",
        "DeleteUserPermissionsBoundary",
        "PutRolePermissionsBoundary",
        "PutUserPermissionsBoundary",
        "UpdateUser",
    ],
    remediation: "Restores the previous boundary. If it is unknown, it only notifies, and so it does for roles that \
        AWS owns and Parapet's own. `protected_principals` keep what they had, including their boundary.",
    actions: &[PUT_ROLE_PERMISSIONS_BOUNDARY, PUT_USER_PERMISSIONS_BOUNDARY],
    ids: &["arn:%:iam::%:user/%", "arn:%:iam::%:role/%"],
    not_watched: &[
        (
            "CreatePolicyVersion, SetDefaultPolicyVersion",
            "new versions of a boundary's document are evaluated by the guardrails on managed policies",
        ),
        ("UpdateGroup", "groups have no boundary"),
    ],
};

impl Guardrail<Bounded, BoundaryAction> for PermissionsBoundaryChanged {
    type Settings = BoundarySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, bounded: &Bounded, terms: &Terms<'_>) -> Verdict {
        let holder = &bounded.holder;
        let settings = terms.settings(self);
        let allowed = &settings.allowed_boundaries;
        let is_allowed = |arn: &String| allowed.iter().any(|pattern| matches_pattern(pattern, arn));
        let is_made = bounded.change == Change::Created;
        let was_removed = bounded.change == Change::Removed;
        match (&bounded.boundary, &bounded.before) {
            (Observed::Unknown { why }, _) => Verdict::Undetermined { why: why.clone() },
            // A principal that is made anew has no boundary to lose.
            (Observed::Known(_) | Observed::Absent, _) if is_made => Verdict::Compliant,
            (Observed::Absent, Observed::Known(before)) => {
                violation(bounded, terms, format!("the boundary `{before}` of {holder} was removed"))
            }
            (Observed::Absent, Observed::Unknown { why }) if was_removed => violation(
                bounded,
                terms,
                format!("the boundary of {holder} was removed; which one that was is not known: {why}"),
            ),
            (Observed::Absent, Observed::Absent) if was_removed => violation(
                bounded,
                terms,
                format!("the boundary of {holder} was removed; when it was last recorded, it had none"),
            ),
            (Observed::Absent, Observed::Absent | Observed::Unknown { .. }) => Verdict::Compliant,
            (Observed::Known(now), _) if is_allowed(now) => Verdict::Compliant,
            (Observed::Known(now), Observed::Known(before)) if now != before => changed(bounded, terms, now, before),
            (Observed::Known(now), Observed::Unknown { why }) if bounded.change == Change::Put => {
                let why = format!("whether `{now}` took the place of another boundary of {holder} is not known: {why}");
                Verdict::Undetermined { why }
            }
            (Observed::Known(_), Observed::Known(_) | Observed::Absent | Observed::Unknown { .. }) => {
                Verdict::Compliant
            }
        }
    }

    fn plan(&self, bounded: &Bounded, _: &Violation, terms: &Terms<'_>) -> Plan<BoundaryAction> {
        let holder = bounded.holder.clone();
        let Observed::Known(before) = &bounded.before else { return Plan::default() };
        if owned(&holder, &bounded.path, terms).is_some() {
            return Plan::default();
        }
        let back = match &bounded.boundary {
            Observed::Known(now) => BoundaryAction::Put { holder: holder.clone(), boundary: now.clone() },
            Observed::Absent => BoundaryAction::Remove { holder: holder.clone() },
            Observed::Unknown { .. } => return Plan::default(),
        };
        Plan::one(BoundaryAction::Put { holder, boundary: before.clone() }, back)
    }
}

/// A boundary in place of another one: a violation where it allows more.
fn changed(bounded: &Bounded, terms: &Terms<'_>, now: &str, before: &str) -> Verdict {
    let what = format!("the boundary of {} was changed from `{before}` to `{now}`", bounded.holder);
    let compared = bounded.document(before).and_then(|was| {
        let is = bounded.document(now)?;
        Ok(widens(&Document::parse(was), &Document::parse(is)))
    });
    match compared {
        Ok(Widening::No) => Verdict::Compliant,
        Ok(Widening::Yes(example)) => violation(bounded, terms, format!("{what}, which allows more: {example}")),
        Ok(Widening::Unknown(why)) | Err(why) => {
            Verdict::Undetermined { why: format!("{what}; whether it allows more is unknown: {why}") }
        }
    }
}

fn violation(bounded: &Bounded, terms: &Terms<'_>, why: String) -> Verdict {
    let tail = owned(&bounded.holder, &bounded.path, terms);
    let tail = tail.map(|why| format!("; only notified, as {why}")).unwrap_or_default();
    let evidence = vec![Evidence { element: "permissions boundary".to_owned(), why: why + &tail }];
    Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
}
