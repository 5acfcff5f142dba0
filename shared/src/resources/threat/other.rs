//! FND-07: findings of GuardDuty that lead to no call are notified.
//!
//! Of those that can lead to one, the guardrail of the user, role or instance says what it did, or that it only notifies.

use super::act_on::TYPES;
use super::only_notified::ONLY_NOTIFIED;
use super::report::{Report, named};
use crate::engine::event::finding::GUARDDUTY;
use crate::engine::notice::prelude::*;
use crate::policy::{GuardrailSettings, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Findings that are only notified.
pub type OtherFindings = Notices<OtherFinding>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OtherFinding;

/// Which findings are notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OtherSettings {
    /// The least severity that is notified: `low` from 1, `medium` from 4, `high` from 7, `critical` from 9.
    pub from: Severity,
    /// Types of findings that are not notified; `*` and `?` match as in IAM.
    pub ignored_types: Vec<String>,
}

impl Default for OtherSettings {
    fn default() -> Self {
        Self { from: Severity::Medium, ignored_types: Vec::new() }
    }
}

impl GuardrailSettings for OtherSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "ignored_types", entries: &self.ignored_types, holds: TYPES }]
    }
}

/// What the types of GuardDuty's findings begin with, by the tactics of MITRE ATT&CK and by its own words: a type that is new is notified, too.
const PURPOSES: &[&str] = &[
    "AttackSequence:",
    "Backdoor:",
    "Behavior:",
    "Collection:",
    "CommandAndControl:",
    "CredentialAccess:",
    "CryptoCurrency:",
    "DefenseEvasion:",
    "DefenseImpairment:",
    "Discovery:",
    "Execution:",
    "Exfiltration:",
    "Impact:",
    "InitialAccess:",
    "LateralMovement:",
    "Object:",
    "PenTest:",
    "Persistence:",
    "Policy:",
    "PrivilegeEscalation:",
    "Recon:",
    "ResourceDevelopment:",
    "Stealth:",
    "Trojan:",
    "UnauthorizedAccess:",
];

impl Notice for OtherFinding {
    type Settings = OtherSettings;

    const KIND: &'static str = "guardduty-finding";
    const ABOUT: &'static About = &About {
        name: "guardduty-finding-reported",
        catalogue_id: "FND-07",
        title: "GuardDuty reports a threat",
        description: "GuardDuty generated or updated a finding that leads to no call: its type is one that is only notified (docs/finding-types.md), it is new, or what it names is \
            no user, role or instance of the account (root, an anonymous caller, a cluster, an instance that is attacked). The finding's severity is GuardDuty's. Sample findings \
            and archived ones are passed over.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1078.004",
        triggers: PURPOSES,
        remediation: "Notifies: no call is known to contain what the finding is about without harm.",
        actions: &[],
        ids: &["arn:%:guardduty:%:%:detector/%/finding/%"],
        not_watched: &[(
            "findings of Macie, Inspector and Access Analyzer",
            "they report exposed data and vulnerabilities, which the guardrails of buckets, images and policies see in the records of the changes",
        )],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if event.source != GUARDDUTY || named(event).is_some() {
            return Ok(None);
        }
        let id = event.request.text(&["arn"]).ok_or_else(|| Unlocatable::new(event, "the finding has no ARN"))?;
        let report = Report::of(event);
        let mut noticed = Noticed::of(event, id);
        noticed.severity = report.severity;
        if report.severity.is_none() {
            noticed.unknown = Some(format!("the finding `{}` does not say how severe it is", report.kind));
            return Ok(Some(noticed));
        }
        let title = event.request.text(&["title"]).map(|title| format!(": {title}")).unwrap_or_default();
        let is_known = ONLY_NOTIFIED.contains(&report.kind.as_str());
        let new = if is_known { "" } else { "; it names nothing that could be contained" };
        Ok(Some(noticed.sign(&report.kind, Some(format!("GuardDuty reports {report}{title}{new}")))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        let is_ignored = |kind: &String| settings.ignored_types.iter().any(|pattern| matches_pattern(pattern, kind));
        let is_grave = seen.severity.is_none_or(|severity| severity >= settings.from);
        is_grave && !seen.signs.iter().any(|sign| is_ignored(&sign.element))
    }

    fn named(id: &str, _: &Place) -> Resource {
        let name = id.rsplit('/').next().unwrap_or(id).to_owned();
        Resource { id: id.to_owned(), kind: "Other", name }
    }
}
