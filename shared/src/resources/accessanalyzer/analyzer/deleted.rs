//! IAM-20: an analyzer of IAM Access Analyzer is not deleted.

use super::{Analyzer, Analyzers, CREATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::accessanalyzer::IDS;
use crate::resources::callers::AllowedPrincipals;
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct AnalyzerDeleted;

static ABOUT: About = About {
    name: "access-analyzer-deleted",
    catalogue_id: "IAM-20",
    title: "An analyzer of IAM Access Analyzer was deleted",
    description: "An analyzer was deleted by a principal that is not among `allowed_principals`: access from outside, or access that is not used, is not found by it any more.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/1.19"],
    technique: "T1562.001",
    triggers: &["DeleteAnalyzer"],
    remediation: "Creates an analyzer of the same name, type and configuration as it was last known to be. Its tags, findings and archive rules are not brought back: what these rules hid is \
        shown again. If the type is unknown, it only notifies.",
    actions: &[CREATE],
    ids: IDS,
    not_watched: &[
        ("UpdateAnalyzer", "what is left out of an analysis of unused or internal access is not judged"),
        ("CreateArchiveRule, UpdateArchiveRule", "rules that hide findings are another guardrail's"),
    ],
};

impl Guardrail<Held<Option<Analyzer>>, Write<Analyzers>> for AnalyzerDeleted {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Analyzer>>, terms: &Terms<'_>) -> Verdict {
        if held.now.is_some() || !held.by_event || terms.settings(self).allow(&held.by) {
            return Verdict::Compliant;
        }
        let deleted = format!("analyzer `{}` is deleted", held.name);
        let why = match &held.before {
            Observed::Known(Some(Analyzer { kind, .. })) => format!("{deleted}: it was of type `{kind}`"),
            Observed::Known(None) | Observed::Absent => {
                format!("{deleted}, and its type is not known: it was not seen before")
            }
            Observed::Unknown { why } => format!("{deleted}, and its type is not known: {why}"),
        };
        let evidence = vec![Evidence { element: "deleted".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Analyzer>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<Analyzers>> {
        match held.before.known() {
            Some(Some(before)) => put(held, Some(before.clone()), &[]),
            Some(None) | None => Plan::default(),
        }
    }
}
