//! IAM-20: no archive rule hides findings of IAM Access Analyzer.
//!
//! Sources: "CreateArchiveRule", "UpdateArchiveRule", "ApplyArchiveRule" (IAM Access Analyzer API reference): new findings that meet a rule are archived by themselves.

use super::{IDS, SOURCE, analyzer_of, resource};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Rules that archive findings.
pub type ArchiveRules = Notices<ArchiveRuleSet>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArchiveRuleSet;

impl Notice for ArchiveRuleSet {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "access-analyzer-archive-rule";
    const ABOUT: &'static About = &About {
        name: "access-analyzer-archive-rule-set",
        catalogue_id: "IAM-20",
        title: "An archive rule hides findings of IAM Access Analyzer",
        description: "A principal that is not among `allowed_principals` created or changed a rule that archives findings of an analyzer, or applied one to the findings that are there.",
        severity: Severity::Low,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &["CreateArchiveRule", "UpdateArchiveRule", "ApplyArchiveRule"],
        remediation: "Notifies: which access is intended is the owner's to say.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("CreateAnalyzer", "an analyzer that is created with rules hides no finding that was shown before"),
            ("UpdateFindings", "it archives findings that are there already, each by its id"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::AccessAnalyzer::Analyzer", |it| {
            let analyzer = it.named(&["AnalyzerName"]);
            let rules = it.parts("ArchiveRules")?.into_iter().map(|rule| rule.named(&["RuleName"]));
            Ok(Some(rules.fold(Noticed::planned(&analyzer), |seen, rule| hidden_by(seen, &analyzer, &rule))))
        }),
        PlannedForm::one("aws_accessanalyzer_archive_rule", |it| {
            let analyzer = it.named(&["analyzer_name"]);
            Ok(Some(hidden_by(Noticed::planned(&analyzer), &analyzer, &it.named(&["rule_name"]))))
        }),
    ];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        // `ApplyArchiveRule` names the analyzer by its ARN.
        let by_arn = event.request.text(&["analyzerArn"]).and_then(|arn| arn.split_once(":analyzer/"));
        let analyzer = match by_arn {
            Some((_, name)) => name.to_owned(),
            None => analyzer_of(event)?,
        };
        let rule = event.request.text(&["ruleName"]).unwrap_or("of an unknown name");
        Ok(Some(hidden_by(Noticed::of(event, &analyzer), &analyzer, rule)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(analyzer: &str, place: &Place) -> Resource {
        resource(analyzer, place)
    }
}

fn hidden_by(seen: Noticed, analyzer: &str, rule: &str) -> Noticed {
    let why = format!("archive rule `{rule}` hides the findings of analyzer `{analyzer}` that meet it");
    seen.sign(&format!("rule {rule}"), Some(why))
}
