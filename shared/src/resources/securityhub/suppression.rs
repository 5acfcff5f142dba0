//! LOG-07: findings of Security Hub are not suppressed in bulk.
//!
//! Sources: "CreateAutomationRule", "BatchUpdateAutomationRules", "CreateAutomationRuleV2", "UpdateAutomationRuleV2", "BatchUpdateFindings", "BatchUpdateFindingsV2" (Security Hub API reference). A rule of the first kind
//! sets `Workflow.Status`, one of the second `StatusId`: 3 is suppressed, 4 resolved (OCSF, "Finding").

use super::controls::member;
use super::{IDS, SOURCE, hub};
use crate::engine::count::counted;
use crate::engine::notice::prelude::*;
use crate::policy::{GuardrailSettings, List};
use crate::resources::callers::AllowedPrincipals;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Findings that were suppressed, and rules that suppress.
pub type SuppressedFindings = Notices<FindingsSuppressed>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FindingsSuppressed;

/// The element of findings that one call has suppressed; how many follows it.
const BULK: &str = "findings suppressed: ";

/// How many findings a call may suppress, and whose calls are wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SuppressionSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may do this; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
    /// As many findings as a person suppresses with one call: more are notified. A call takes 100 at most.
    pub most_findings: u64,
}

impl Default for SuppressionSettings {
    fn default() -> Self {
        Self { allowed_principals: Vec::new(), most_findings: 20 }
    }
}

impl GuardrailSettings for SuppressionSettings {
    fn lists(&self) -> Vec<List<'_>> {
        let holds = crate::resources::callers::PRINCIPALS;
        vec![List { name: "allowed_principals", entries: &self.allowed_principals, holds }]
    }
}

/// Whether what is set, in one form or the other, hides a finding.
fn is_hidden(set: &Value) -> bool {
    let of_ocsf = member(set, "StatusId");
    let of_ocsf = of_ocsf.as_i64().or_else(|| of_ocsf.as_str()?.parse().ok());
    sets_hidden(member(member(set, "Workflow"), "Status").as_str(), of_ocsf)
}

fn sets_hidden(status: Option<&str>, of_ocsf: Option<i64>) -> bool {
    matches!(status, Some("SUPPRESSED" | "RESOLVED")) || matches!(of_ocsf, Some(3 | 4))
}

/// What a rule is said to hide: an element, and why it offends.
fn hidden_by(rule: &str) -> (String, String) {
    (format!("rule {rule}"), format!("automation rule `{rule}` of Security Hub suppresses or resolves findings"))
}

/// A rule of a template or a plan.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Noticed>, Unreadable> {
    let mut hides = false;
    for action in it.parts(it.called("Actions", "actions"))? {
        let status = action
            .text(action.called("FindingFieldsUpdate.Workflow.Status", "finding_fields_update.workflow.status"))?;
        let of_ocsf = action.number("FindingFieldsUpdate.StatusId")?;
        hides |= sets_hidden(status.as_deref(), of_ocsf);
    }
    let (element, why) = hidden_by(&it.named(&["RuleName", "rule_name"]));
    Ok(Some(Noticed::planned("default").sign(&element, hides.then_some(why))))
}

/// Whether one of a rule's actions hides findings.
fn hides(rule: &Value) -> bool {
    let one = |action: &Value| is_hidden(member(action, "FindingFieldsUpdate"));
    member(rule, "Actions").as_array().is_some_and(|actions| actions.iter().any(one))
}

/// What automation rules that are created or changed hide. None where the record does not show them.
fn of_rules(event: &Event, request: &Value) -> Option<Vec<(String, String)>> {
    let name = |rule: &Value| {
        let named = ["RuleName", "RuleArn", "Identifier"].map(|name| member(rule, name).as_str().map(str::to_owned));
        named.into_iter().flatten().next().unwrap_or_else(|| "without a name".to_owned())
    };
    let found = |rule: &Value| hides(rule).then(|| hidden_by(&name(rule)));
    Some(match event.name.as_str() {
        "BatchUpdateAutomationRules" => {
            member(request, "UpdateAutomationRulesRequestItems").as_array()?.iter().filter_map(found).collect()
        }
        _ => found(request).into_iter().collect(),
    })
}

impl Notice for FindingsSuppressed {
    type Settings = SuppressionSettings;

    const KIND: &'static str = "security-hub-suppression";
    const ABOUT: &'static About = &About {
        name: "security-hub-findings-suppressed",
        catalogue_id: "LOG-07",
        title: "Findings of Security Hub are suppressed by a rule or in bulk",
        description: "A principal that is not among `allowed_principals` made or changed an automation rule that suppresses or resolves findings, or suppressed or resolved more than \
            `most_findings` with one call.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "CreateAutomationRule",
            "CreateAutomationRuleV2",
            "BatchUpdateAutomationRules",
            "UpdateAutomationRuleV2",
            "BatchUpdateFindings",
            "BatchUpdateFindingsV2",
        ],
        remediation: "Notifies: which findings should be hidden is the owner's to say, and what they were before is in no record.",
        actions: &[],
        ids: IDS,
        not_watched: &[("BatchImportFindings", "products write their own findings with it, all the time")],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::SecurityHub::AutomationRule", planned),
        PlannedForm::one("AWS::SecurityHub::AutomationRuleV2", planned),
        PlannedForm::one("aws_securityhub_automation_rule", planned),
    ];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, "default");
        let Some(request) = event.request.value() else {
            let unknown = Some("the record does not show the request".to_owned());
            return Ok(Some(Noticed { unknown, ..seen }));
        };
        if event.name.starts_with("BatchUpdateFindings") {
            let named = ["FindingIdentifiers", "MetadataUids"].map(|list| member(request, list).as_array());
            let all = named.into_iter().flatten().map(Vec::len).max();
            return Ok(Some(match all {
                _ if !is_hidden(request) => seen,
                None => Noticed { unknown: Some("the record does not name the findings".to_owned()), ..seen },
                Some(all) => {
                    let (many, are) = (counted(all, "finding"), if all == 1 { "is" } else { "are" });
                    let why = format!("{many} of Security Hub {are} suppressed or resolved by one call");
                    seen.sign(&format!("{BULK}{all}"), Some(why))
                }
            }));
        }
        let Some(rules) = of_rules(event, request) else {
            let unknown = Some("the record does not show the rules".to_owned());
            return Ok(Some(Noticed { unknown, ..seen }));
        };
        let sign = |seen: Noticed, (element, why): (String, String)| seen.sign(&element, Some(why));
        Ok(Some(rules.into_iter().fold(seen, sign)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let SuppressionSettings { allowed_principals, .. } = Self::settings(terms).into_owned();
        !AllowedPrincipals { allowed_principals }.allow(&seen.by)
    }

    /// Without the findings that are few enough.
    fn weighed<'a>(seen: &'a Noticed, terms: &Terms<'_>) -> Cow<'a, Noticed> {
        let most = Self::settings(terms).most_findings;
        let is_few = |element: &str| {
            element.strip_prefix(BULK).and_then(|all| all.parse::<u64>().ok()).is_some_and(|all| all <= most)
        };
        let mut weighed = seen.clone();
        weighed.signs.retain(|sign| !is_few(&sign.element));
        Cow::Owned(weighed)
    }

    fn named(_: &str, place: &Place) -> Resource {
        hub(place)
    }
}
