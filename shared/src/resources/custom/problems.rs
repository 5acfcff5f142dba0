//! A policy file with the expressions that it declares: what is wrong with them has its line.

use super::expression::Fault;
use super::program;
use crate::policy::{Policy, PolicyError, Unknown};

/// Reads a policy file, and its expressions.
///
/// # Errors
/// [`PolicyError`] at the first thing that is wrong: nothing of a bad file is used.
pub fn read(text: &str) -> Result<Policy, PolicyError> {
    let policy = Policy::parse(text)?;
    match of_expressions(&policy, text).into_iter().next() {
        Some(first) => Err(first),
        None => Ok(policy),
    }
}

/// Everything that is wrong with a file, in the file's order; nothing where [`read`] takes it.
#[must_use]
pub fn problems(text: &str) -> Vec<PolicyError> {
    let found = Policy::problems(text);
    match Policy::parse(text) {
        Ok(policy) if found.is_empty() => of_expressions(&policy, text),
        Ok(_) | Err(_) => found,
    }
}

fn of_expressions(policy: &Policy, text: &str) -> Vec<PolicyError> {
    let mut found = Vec::new();
    for (at, guardrail) in policy.custom.iter().enumerate() {
        for (keys, source, Fault { at: inside, says, unknown }) in program::of(guardrail).wrong() {
            let entry = keys.iter().map(String::as_str);
            let place = crate::policy::place_in_custom(text, at, entry, source, *inside);
            let (problem, unknown) = (format!("`{}`: {says}", keys.join(".")), unknown.clone());
            let unknown = unknown.map(|(word, known)| Unknown { word, known });
            found.push(PolicyError { place, problem, unknown });
        }
    }
    found.sort_by_key(|error| error.place);
    found
}
