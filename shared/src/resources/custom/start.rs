//! Starting a runbook.

use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::request::Request;
use crate::engine::shell::word;
use crate::policy::ROLE;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// What starting one needs. The stack's parameters say on which documents, in which versions.
pub const START: &str = "ssm:StartAutomationExecution";

/// Starts an Automation runbook: what the policy file names, with ids of the record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StartRunbook {
    /// The document.
    pub document: String,
    /// Its version.
    pub version: String,
    /// The ARN of the role that it works by, which the operator chose; none where the stack names none.
    pub role: Option<String>,
    /// Its parameters: each an id, or several.
    pub parameters: BTreeMap<String, Vec<String>>,
    /// The same for each delivery of one event: Systems Manager starts one execution for it.
    pub token: Uuid,
}

impl StartRunbook {
    /// The call.
    #[must_use]
    pub fn request(&self) -> Request {
        let body = json!({
            "DocumentName": self.document,
            "DocumentVersion": self.version,
            "Parameters": self.all_parameters(),
            "ClientToken": self.token,
            "Mode": "Auto",
        });
        Request::named("StartAutomationExecution", body)
    }

    fn all_parameters(&self) -> Map<String, Value> {
        let role = self.role.iter().map(|role| (ROLE.to_owned(), json!([role])));
        self.parameters.iter().map(|(name, values)| (name.clone(), json!(values))).chain(role).collect()
    }
}

impl fmt::Display for StartRunbook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "start the runbook `{}`, version {}", self.document, self.version)?;
        for (at, (name, values)) in self.parameters.iter().enumerate() {
            write!(f, "{} {name} `{}`", if at == 0 { ", with" } else { "," }, values.join("`, `"))?;
        }
        Ok(())
    }
}

impl Action for StartRunbook {
    fn permission(&self) -> &'static str {
        START
    }

    fn command(&self, region: &str) -> String {
        let (document, version) = (word(&self.document), word(&self.version));
        let parameters = Value::Object(self.all_parameters()).to_string();
        let line = format!(
            "aws ssm start-automation-execution --document-name {document} --document-version {version} --parameters {}",
            word(&parameters)
        );
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn elements(&self) -> usize {
        self.parameters.values().map(Vec::len).sum::<usize>().max(1)
    }

    /// What a runbook does is its own.
    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    /// The call itself writes over nothing, and there is no state that it was computed from: a look right before it would show the same record.
    fn guards_itself(&self) -> bool {
        true
    }
}
