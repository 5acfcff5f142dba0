//! One resource, explained: what every guardrail says of a state that an API has answered.

use super::would::{Answer, would};
use super::{saw_lines, step_lines};
use crate::failure::Failure;
use crate::terminal::{BOLD, DIM, GOOD, Safe, painted, severity_style};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::family::Family;
use shared::engine::pipeline::{PlannedAnswer, PlannedIn, Rules, judge_planned};
use shared::engine::unreadable::Unreadable;
use shared::engine::verdict::Verdict;
use shared::resources::database::cluster::DbClusters;
use shared::resources::database::described as database;
use shared::resources::database::instance::DbInstances;
use shared::resources::database::snapshot::DbSnapshots;
use shared::resources::database::table::DynamodbTables;
use shared::resources::ec2::security_group::{SecurityGroups, described};
use shared::resources::iam::access_key::{IamUsers, listed};
use std::io::{self, Write};

/// What there is to say of one resource.
pub(super) struct Portrait {
    name: String,
    account: String,
    saw: Value,
    answers: Vec<PlannedAnswer>,
}

/// Every resource in an answer of one of the calls that [`super`] names; none when it is something else.
///
/// # Errors
/// When it is one and cannot be read.
pub(super) fn portraits(answer: &Value, rules: &Rules, now: Timestamp) -> Result<Option<Vec<Portrait>>, Failure> {
    let list = |key: &str| answer.get(key).and_then(Value::as_array);
    let read = if let Some(groups) = list("SecurityGroups") {
        groups.iter().map(|group| portrait_of_group(group, rules, now)).collect()
    } else if let Some(keys) = list("AccessKeyMetadata") {
        portraits_of_keys(keys, rules, now)
    } else if let Some(instances) = list("DBInstances") {
        let read = |it| {
            database::instance(it).map(|state| portrait(&DbInstances, &state, arn(it, "DBInstanceArn"), rules, now))
        };
        instances.iter().map(read).collect()
    } else if let Some(clusters) = list("DBClusters") {
        let read =
            |it| database::cluster(it).map(|state| portrait(&DbClusters, &state, arn(it, "DBClusterArn"), rules, now));
        clusters.iter().map(read).collect()
    } else if let Some(table) = answer.get("Table") {
        let read =
            |it| database::table(it).map(|state| portrait(&DynamodbTables, &state, arn(it, "TableArn"), rules, now));
        read(table).map(|portrait| vec![portrait])
    } else if let Some(snapshot) = database::snapshot(answer) {
        // The answer names the snapshot and not its account.
        snapshot.map(|state| vec![portrait(&DbSnapshots, &state, state.snapshot.id.clone(), rules, now)])
    } else {
        return Ok(None);
    };
    read.map(Some).map_err(|why: Unreadable| Failure::with("cannot read the answer of the API", why))
}

fn arn(described: &Value, key: &str) -> String {
    described.get(key).and_then(Value::as_str).unwrap_or("(without an ARN)").to_owned()
}

/// One resource by the name that exemptions are held against; an ARN names the account too.
fn portrait<F: Family>(family: &F, state: &F::State, name: String, rules: &Rules, now: Timestamp) -> Portrait {
    let account = name.split(':').nth(4).unwrap_or_default().to_owned();
    let place = PlannedIn { resource: &name, account: Some(&account), now };
    let answers = judge_planned(family, state, None, place, rules);
    Portrait { saw: json!(state), answers, name, account }
}

fn portrait_of_group(group: &Value, rules: &Rules, now: Timestamp) -> Result<Portrait, Unreadable> {
    let state = described(group)?;
    let text = |key: &str| group.get(key).and_then(Value::as_str).map(str::to_owned);
    let account = text("OwnerId").unwrap_or_default();
    let name = text("SecurityGroupArn").unwrap_or_else(|| state.id.clone());
    let place = PlannedIn { resource: &name, account: Some(&account), now };
    let answers = judge_planned(&SecurityGroups, &state, None, place, rules);
    Ok(Portrait { saw: json!(state), answers, name, account })
}

fn portraits_of_keys(keys: &[Value], rules: &Rules, now: Timestamp) -> Result<Vec<Portrait>, Unreadable> {
    let portrait = |key: shared::resources::iam::access_key::state::AccessKey| {
        let place = PlannedIn { resource: &key.id, account: None, now };
        let answers = judge_planned(&IamUsers, &key, None, place, rules);
        Portrait { saw: json!(key), answers, name: key.id.clone(), account: String::new() }
    };
    Ok(listed(keys)?.into_iter().map(portrait).collect())
}

impl Portrait {
    /// Whether a guardrail objects that no exemption silences.
    pub(super) fn is_violated(&self) -> bool {
        self.answers.iter().any(|one| matches!(one.verdict, Verdict::Violation(_)) && one.exemption.is_none())
    }

    pub(super) fn print(&self, out: &mut impl Write, rules: &Rules, is_verbose: bool) -> io::Result<()> {
        writeln!(out, "{}", painted(BOLD, &Safe(&self.name).to_string(), 0))?;
        saw_lines(out, &self.saw, is_verbose)?;
        for one in &self.answers {
            let answer = match &one.verdict {
                Verdict::Violation(_) => {
                    painted(severity_style(one.severity), &format!("violation, {}", one.severity), 0)
                }
                Verdict::Compliant => painted(GOOD, "compliant", 0),
                Verdict::Undetermined { .. } => painted(DIM, "undetermined", 0),
            };
            writeln!(out, "\n{} ({}): {answer}", painted(BOLD, one.about.name, 0), one.about.catalogue_id)?;
            for reason in one.verdict.reasons() {
                writeln!(out, "  why    {}", Safe(&reason))?;
            }
            writeln!(out, "  would  {}", Safe(&self.would(one, rules)))?;
            step_lines(out, &one.steps)?;
        }
        writeln!(out)
    }

    pub(super) fn json(&self, rules: &Rules) -> Value {
        let answers = self.answers.iter().map(|one| {
            json!({
                "guardrail": one.about.name,
                "verdict": one.verdict.kind(),
                "severity": one.severity.word(),
                "reasons": one.verdict.reasons(),
                "would": self.would(one, rules),
                "steps": one.steps,
            })
        });
        json!({ "resource": self.name, "saw": self.saw, "guardrails": answers.collect::<Vec<_>>() })
    }

    /// Events lead to calls, a look at a resource leads to none: what would happen if an event made it so now.
    fn would(&self, one: &PlannedAnswer, rules: &Rules) -> String {
        if let Some(exemption) = &one.exemption {
            return exemption.clone();
        }
        let answer = Answer {
            about: one.about,
            account: &self.account,
            verdict: one.verdict.kind(),
            is_exempt: false,
            has_plan: !one.steps.is_empty(),
            is_located: true,
            actor: None,
        };
        would(&answer, &rules.policy, rules.fallback)
    }
}
