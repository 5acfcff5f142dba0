//! IAM-13: what bounds a user or role goes on to bound it.

use super::protected::protection;
use super::{About, Class, Guardrail, Terms};
use crate::model::Observed;
use crate::model::boundary::{BoundaryAction, Bounded, Change};
use crate::plan::Plan;
use crate::policy::matches_pattern;
use crate::verdict::{Evidence, Severity, Verdict, Violation};

/// See the module.
pub struct PermissionsBoundaryChanged;

static ABOUT: About = About {
    name: "permissions-boundary-changed",
    catalogue_id: "IAM-13",
    title: "Permissions boundary removed or changed",
    description: "The permissions boundary of a user or role was removed, or another one was set in its place, and the new one is \
        not among `allowed_boundaries`. A boundary where there was none only takes permissions away and is left alone. What it \
        was before comes from the last known good state; where nothing was kept, a removal is told all the same and a new \
        boundary cannot be judged.",
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
    remediation: "Sets the boundary that the principal had. Where none was kept there is nothing to set, and it is only told; so \
        are roles that AWS owns, Parapet's own and `protected_principals`.",
    actions: &["iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"],
};

impl Guardrail<Bounded, BoundaryAction> for PermissionsBoundaryChanged {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, bounded: &Bounded, terms: &Terms<'_>) -> Verdict {
        let holder = &bounded.holder;
        let allowed = &terms.policy.guardrails.permissions_boundary_changed.settings.allowed_boundaries;
        let is_allowed = |arn: &String| allowed.iter().any(|pattern| matches_pattern(pattern, arn));
        let is_made = bounded.change == Change::Created;
        let was_removed = bounded.change == Change::Removed;
        match (&bounded.boundary, &bounded.before) {
            (Observed::Unknown { why }, _) => Verdict::Undetermined { why: why.clone() },
            // Whoever is made anew has no boundary to lose.
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
                format!("the boundary of {holder} was removed; when it was last looked at, it had none"),
            ),
            (Observed::Absent, Observed::Absent | Observed::Unknown { .. }) => Verdict::Compliant,
            (Observed::Known(now), _) if is_allowed(now) => Verdict::Compliant,
            (Observed::Known(now), Observed::Known(before)) if now != before => {
                violation(bounded, terms, format!("the boundary of {holder} was changed from `{before}` to `{now}`"))
            }
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
        if protection(&holder, &bounded.path, terms).is_some() {
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

fn violation(bounded: &Bounded, terms: &Terms<'_>, why: String) -> Verdict {
    let tail = protection(&bounded.holder, &bounded.path, terms);
    let tail = tail.map(|why| format!("; only told, as {why}")).unwrap_or_default();
    let evidence = vec![Evidence { element: "permissions boundary".to_owned(), why: why + &tail }];
    Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
}
