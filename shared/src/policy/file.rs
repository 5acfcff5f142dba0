//! Reading the policy file.

use super::Policy;
use thiserror::Error;

/// Why a policy file is refused. The message names the key, the line and the way out.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{place}: {problem}")]
pub struct PolicyError {
    /// `line 7, column 3`, or `the file` when the place is not known.
    pub place: String,
    /// What is wrong there.
    pub problem: String,
}

impl Policy {
    /// Reads a policy from YAML (or JSON, which YAML includes).
    ///
    /// # Errors
    /// [`PolicyError`] at the first thing that is wrong: nothing of a bad file is used.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        serde_saphyr::from_str(text).map_err(|error| {
            let place = error
                .location()
                .map_or_else(|| "the file".to_owned(), |at| format!("line {}, column {}", at.line(), at.column()));
            PolicyError { place, problem: problem(&error) }
        })
    }
}

/// The parser's sentence without the place, which it repeats, and without a picture of the source.
fn problem(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    first.split(" at line ").next().unwrap_or(first).trim().to_owned()
}
