//! How far a sweep is and what it has found: what `--state` keeps.

use crate::failure::Failure;
use crate::terminal::Safe;
use serde::{Deserialize, Serialize};
use shared::engine::finding::{Finding, Outcome};
use shared::engine::verdict::{Severity, VerdictKind};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) account: String,
    /// Kinds and regions that are done.
    pub(super) done: BTreeSet<(String, String)>,
    /// Where the next page of those begins that were not walked to the end, by [`State::key`].
    #[serde(default)]
    pub(super) at: BTreeMap<String, String>,
    pub(super) seen: usize,
    pub(super) found: Vec<Row>,
    /// What could not be listed.
    pub(super) unlisted: Vec<String>,
    /// What failed in this run: another one may do it.
    #[serde(skip)]
    pub(super) problems: Vec<String>,
    /// The ledger did not take a finding: what is closed from now on could not be undone.
    #[serde(skip)]
    pub(super) is_ledger_lost: bool,
}

/// One finding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) severity: Severity,
    pub(super) guardrail: String,
    pub(super) resource: String,
    pub(super) account: String,
    pub(super) region: String,
    pub(super) verdict: VerdictKind,
    pub(super) result: Outcome,
    pub(super) reasons: Vec<String>,
    pub(super) actions: Vec<String>,
    /// The commands that undo by hand what was done.
    #[serde(default)]
    pub(super) undo: Vec<String>,
    pub(super) finding_id: String,
    /// Whether the ledger has it: then `parapet undo` does as well.
    #[serde(default)]
    pub(super) is_recorded: bool,
    /// Whether the topic has it, from this sweep or an earlier one.
    #[serde(default)]
    pub(super) is_notified: bool,
    /// Why the undo steps in the ledger have no signature, where they have none and should.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unsigned: Option<String>,
}

impl From<&Finding> for Row {
    fn from(finding: &Finding) -> Self {
        let done = finding.steps.iter().filter(|step| step.answer.is_some());
        Self {
            severity: finding.severity,
            guardrail: finding.guardrail.name.to_owned(),
            resource: finding.resource.id.clone(),
            account: finding.place.account.clone(),
            region: finding.place.region.clone(),
            verdict: finding.verdict,
            result: finding.outcome,
            reasons: finding.reasons.clone(),
            actions: finding.steps.iter().map(|step| step.action.clone()).collect(),
            undo: done.filter_map(|step| step.undo_command.clone()).collect(),
            finding_id: finding.id.to_string(),
            is_recorded: false,
            is_notified: false,
            unsigned: None,
        }
    }
}

impl State {
    pub(super) fn load(file: Option<&Path>, account: &str) -> Result<Self, Failure> {
        let fresh = Self { account: account.to_owned(), ..Self::default() };
        let Some(file) = file else { return Ok(fresh) };
        let name = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(fresh),
            Err(error) => return Err(Failure::with(format!("cannot read `{}`", Safe(&name)), error)),
        };
        let state: Self = serde_json::from_str(&text).map_err(|error| {
            Failure::with(format!("`{}` is not the state of a sweep: remove it to start again", Safe(&name)), error)
        })?;
        if state.account == account {
            return Ok(state);
        }
        Err(Failure::new(format!(
            "`{}` is of a sweep of account {}, these are credentials of {account}: name another file",
            Safe(&name),
            Safe(&state.account)
        )))
    }

    /// The name of a kind in a region.
    pub(super) fn key((kind, region): &(String, String)) -> String {
        format!("{kind} {region}")
    }

    /// Where the next page begins.
    pub(super) fn begin(&self, what: &(String, String)) -> Option<String> {
        self.at.get(&Self::key(what)).cloned()
    }

    pub(super) fn problem(&mut self, problem: String) {
        self.problems.push(problem);
    }

    /// Written beside the file and moved over it: an interruption leaves the one or the other. A file that cannot be written
    /// ends nothing; it is said.
    pub(super) fn save(&mut self, file: Option<&Path>) {
        let Some(file) = file else { return };
        let mut beside = file.as_os_str().to_owned();
        beside.push(".new");
        let written = serde_json::to_string(self).map_err(std::io::Error::from);
        let written =
            written.and_then(|text| std::fs::write(&beside, text)).and_then(|()| std::fs::rename(&beside, file));
        if let Err(error) = written {
            let problem = format!("`{}` cannot be written, the sweep cannot go on from it: {error}", file.display());
            if !self.problems.contains(&problem) {
                self.problem(problem);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_in_one_run_is_no_problem_of_the_next() {
        let folder = std::env::temp_dir().join(format!("parapet-sweep-state-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("state.json");
        let mut state = State::load(Some(&file), "111122223333").unwrap();
        let group = ("security-group".to_owned(), "eu-west-1".to_owned());
        state.at.insert(State::key(&group), "page 2".to_owned());
        state.problem("failed".to_owned());
        state.save(Some(&file));
        let again = State::load(Some(&file), "111122223333").unwrap();
        assert_eq!((again.begin(&group).as_deref(), again.problems.len()), (Some("page 2"), 0));
        assert!(State::load(Some(&file), "444455556666").is_err(), "another account's");
        state.save(Some(&folder.join("no").join("such")));
        state.save(Some(&folder.join("no").join("such")));
        assert_eq!(state.problems.len(), 2, "a file that cannot be written is said once: {:?}", state.problems);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
