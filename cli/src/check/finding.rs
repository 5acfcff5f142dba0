//! What a check has to say, whatever kind of file it comes from.

use super::branches;
use super::cloudformation::has_unknown_owner;
use super::document;
use super::families;
use super::plan::{Planned, State};
use super::source::Place;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use shared::engine::guardrail::About;
use shared::engine::pipeline::{PlannedAnswer, PlannedIn, Rules, Unread, judge_planned};
use shared::engine::planned::{Others, PlannedResource};
use shared::engine::verdict::{Evidence, Severity, Verdict};
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::iam::access_key::IamUsers;
use shared::resources::iam::access_key::not_allowed::AccessKeyNotAllowed;

/// How a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Result {
    Violation,
    Undetermined,
    Exempt,
    /// A violation that was there when the baseline was written.
    Baseline,
}

/// One sentence about one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) resource: String,
    pub(super) kind: String,
    pub(super) guardrail: &'static str,
    pub(super) result: Result,
    pub(super) severity: Severity,
    pub(super) reason: String,
    pub(super) exemption: Option<String>,
}

impl Finding {
    /// The same for the same finding after the file has grown above it: neither line nor severity counts.
    pub(super) fn fingerprint(&self) -> String {
        const LENGTH: usize = 32;
        let file = self.file.strip_prefix("./").unwrap_or(&self.file);
        let content = [self.guardrail, file, &self.resource, &self.reason].join("\n");
        HEXLOWER.encode(&Sha256::digest(content)).chars().take(LENGTH).collect()
    }
}

/// What findings are named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    pub(super) severity: Severity,
    pub(super) controls: &'static [&'static str],
}

impl From<&'static About> for Rule {
    fn from(about: &'static About) -> Self {
        let About { name, catalogue_id, title, description, severity, controls, .. } = about;
        Self { name, id: catalogue_id, title, description, severity: *severity, controls }
    }
}

/// Everything that a check can say.
pub(super) fn rules() -> Vec<Rule> {
    let catalogue = shared::resources::catalogue().into_iter().map(|entry| Rule::from(entry.about));
    let documents = [document::PUBLIC, document::EXTERNAL, document::ADMINISTRATOR, document::ESCALATION];
    let documents = documents.into_iter().map(|question| Rule {
        name: question.name,
        id: "",
        title: question.title,
        description: question.title,
        severity: question.severity,
        controls: &[],
    });
    catalogue.chain(documents).collect()
}

/// What everything is judged by.
pub(super) struct Bench<'a> {
    pub(super) rules: &'a Rules,
    pub(super) account: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl Bench<'_> {
    /// What the guardrails of its family say of a planned resource.
    pub(super) fn judge(&self, file: &str, planned: &Planned, others: &Others<'_>) -> Vec<Finding> {
        if planned.branches.is_empty() {
            return self.judge_state(file, planned, &planned.state, others);
        }
        let each = planned.branches.iter();
        let each = each.map(|branch| (branch.case.clone(), self.judge_state(file, planned, &branch.state, others)));
        branches::settled(&each.collect::<Vec<_>>())
    }

    fn judge_state(&self, file: &str, planned: &Planned, state: &State, others: &Others<'_>) -> Vec<Finding> {
        let place = PlannedIn { resource: &planned.name, account: self.account, now: self.now };
        match state {
            State::Group(group) => {
                let read = group.read(&planned.name);
                let unread = read.unread.as_ref().map(|(why, _)| Unread { why, widest: &read.widest });
                let answers = judge_planned(&SecurityGroups, &read.group, unread, place, self.rules);
                let at = |evidence: Option<&Evidence>| {
                    let rule = evidence.and_then(|e| read.places.iter().find(|(element, _)| *element == e.element));
                    let unread = read.unread.as_ref().filter(|_| evidence.is_none());
                    rule.map(|(_, at)| at).or(unread.map(|(_, at)| at)).unwrap_or(&planned.at).clone()
                };
                answers.iter().flat_map(|answer| findings(file, planned, answer, &at)).collect()
            }
            State::Key(Ok(key)) => {
                let answers = judge_planned(&IamUsers, key, None, place, self.rules);
                let settings = self.rules.policy.settings(&AccessKeyNotAllowed);
                // With a list, the answer hangs on a name that is unknown yet.
                let is_open = has_unknown_owner(key) && !settings.allowed_users.is_empty();
                let mut found: Vec<Finding> = answers
                    .iter()
                    .flat_map(|answer| findings(file, planned, answer, &|_| planned.at.clone()))
                    .collect();
                for finding in found.iter_mut().filter(|finding| is_open && finding.result == Result::Violation) {
                    finding.result = Result::Undetermined;
                    "the name of the user is known at deployment only".clone_into(&mut finding.reason);
                }
                found
            }
            State::Of(properties) => {
                let resource = PlannedResource::new(&planned.name, &planned.kind, properties).among(others);
                let answers = families::judge(resource, place, self.rules);
                answers.iter().flat_map(|answer| findings(file, planned, answer, &|_| planned.at.clone())).collect()
            }
            State::Key(Err(why)) => vec![Finding {
                file: planned.at.file.as_deref().unwrap_or(file).to_owned(),
                line: planned.at.at.line,
                column: planned.at.at.column,
                resource: planned.name.clone(),
                kind: planned.kind.clone(),
                guardrail: "access-key-not-allowed",
                result: Result::Undetermined,
                severity: Severity::High,
                reason: why.to_string(),
                exemption: None,
            }],
        }
    }
}

fn findings(
    file: &str,
    planned: &Planned,
    answer: &PlannedAnswer,
    at: &dyn Fn(Option<&Evidence>) -> Place,
) -> Vec<Finding> {
    let finding = |result, reason: &str, Place { file: of_source, at }: Place| Finding {
        file: of_source.as_deref().unwrap_or(file).to_owned(),
        line: at.line,
        column: at.column,
        resource: planned.name.clone(),
        kind: planned.kind.clone(),
        guardrail: answer.about.name,
        result,
        severity: answer.severity,
        reason: reason.to_owned(),
        exemption: answer.exemption.clone(),
    };
    match &answer.verdict {
        Verdict::Compliant => Vec::new(),
        Verdict::Undetermined { why } => vec![finding(Result::Undetermined, why, at(None))],
        Verdict::Violation(violation) => {
            let result = if answer.exemption.is_some() { Result::Exempt } else { Result::Violation };
            violation.evidence.iter().map(|evidence| finding(result, &evidence.why, at(Some(evidence)))).collect()
        }
    }
}
