//! Reading the policy file.

use crate::policy::Policy;
use crate::policy::{custom, problems, warnings};
use serde_saphyr::Error as ParseError;
use std::fmt;
use thiserror::Error;

/// Why a policy file is refused. The message names the key, the line and the way out.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{place}: {problem}")]
pub struct PolicyError {
    /// Where in the file.
    pub place: FilePlace,
    /// What is wrong there.
    pub problem: String,
    /// The word that is not known and those that would be, where that is what is wrong.
    pub unknown: Option<Unknown>,
}

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FilePlace {
    /// The parser does not say where.
    Whole,
    /// A line and a column, as editors count them.
    At {
        /// The line, from 1.
        line: u64,
        /// The column in characters, from 1.
        column: u64,
    },
}

impl FilePlace {
    /// A line and a column, each from 1.
    pub(super) fn of(line: usize, column: usize) -> Self {
        let [line, column] = [line, column].map(|number| u64::try_from(number).unwrap_or(u64::MAX));
        Self::At { line, column }
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the file"),
            Self::At { line, column } => write!(f, "line {line}, column {column}"),
        }
    }
}

/// A key or a word that is not known, and those that are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// What the file says.
    pub word: String,
    /// What it could say there.
    pub known: Vec<&'static str>,
}

impl Policy {
    /// Reads a policy from YAML (or JSON, which YAML includes).
    ///
    /// # Errors
    /// [`PolicyError`] at the first thing that is wrong: nothing of a bad file is used.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let mut policy: Self =
            serde_saphyr::from_str(text).map_err(|error| PolicyError::at(text, place(&error), &error))?;
        match policy.faults(text).into_iter().next() {
            Some(first) => Err(first),
            None => {
                policy.settle();
                Ok(policy)
            }
        }
    }

    /// What no entry shows alone, in the file's order.
    fn faults(&self, text: &str) -> Vec<PolicyError> {
        warnings::located(text, custom::faults(self), |place, _, problem| PolicyError { place, problem, unknown: None })
    }

    /// Everything that is wrong with a file, in the file's order; nothing where [`Self::parse`] takes it.
    #[must_use]
    pub fn problems(text: &str) -> Vec<PolicyError> {
        match serde_saphyr::from_str::<Self>(text) {
            Ok(policy) => policy.faults(text),
            Err(first) => problems::all(text, PolicyError::at(text, place(&first), &first)),
        }
    }
}

/// Where the parser says that it is.
pub(super) fn place(error: &ParseError) -> FilePlace {
    error.location().map_or(FilePlace::Whole, |at| FilePlace::At { line: at.line(), column: at.column() })
}

impl PolicyError {
    /// What the parser says, of this place of the file.
    pub(super) fn at(text: &str, place: FilePlace, error: &ParseError) -> Self {
        let problem = problem(error);
        let unknown = match error.without_snippet() {
            ParseError::SerdeUnknownField { field: word, expected, .. }
            | ParseError::SerdeUnknownVariant { variant: word, expected, .. } => {
                Some(Unknown { word: word.clone(), known: expected.clone() })
            }
            _ => None,
        };
        let is_missing = matches!(error.without_snippet(), ParseError::SerdeMissingField { .. });
        let token = token_at(text, place).filter(|token| !is_missing && !problem.contains(token.as_str()));
        let problem = token.map_or_else(|| problem.clone(), |token| format!("`{token}`: {problem}"));
        Self { place, problem, unknown }
    }
}

/// The word that stands at a place of the file, to name it where the parser does not.
fn token_at(text: &str, place: FilePlace) -> Option<String> {
    const LONGEST: usize = 60;
    let FilePlace::At { line, column } = place else { return None };
    let line = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let rest = line.chars().skip(usize::try_from(column).ok()?.checked_sub(1)?);
    let token: String = rest.take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).take(LONGEST).collect();
    let token = token.trim_end_matches(':').to_owned();
    (!token.is_empty()).then_some(token)
}

/// The parser's sentence without the place, which it repeats, and without a picture of the source; in other words where it
/// speaks of itself.
fn problem(error: &ParseError) -> String {
    let number = |most: &str| format!("a whole number from 0 to {most} was expected");
    match error.without_snippet() {
        ParseError::InvalidScalar { ty: "u8", .. } => number("255"),
        ParseError::InvalidScalar { ty: "u16", .. } => number("65535"),
        ParseError::InvalidScalar { ty: "u32" | "u64" | "usize", .. } => "a whole number was expected".to_owned(),
        ParseError::InvalidScalar { ty: "boolean", .. } => "`true` or `false` was expected".to_owned(),
        ParseError::NullIntoString { .. } => "a text was expected, there is none".to_owned(),
        ParseError::DuplicateMappingKey { key: Some(key), .. } => format!("the key `{key}` is there twice"),
        ParseError::DuplicateMappingKey { key: None, .. } => "the same key is there twice".to_owned(),
        plain => {
            let text = plain.to_string();
            let first = text.lines().next().unwrap_or_default();
            match first.split(" at line ").next().unwrap_or(first).trim() {
                "expected mapping start" => "keys with their values were expected, such as `{ key: value }`".to_owned(),
                "expected sequence start" => "a list was expected, such as `[one, two]`".to_owned(),
                other => other.to_owned(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Mode;
    use rstest::rstest;

    #[rstest]
    #[case::unknown_key("version: 1\nguardrail: {}\n", "line 2", "guardrail")]
    #[case::unknown_guardrail("version: 1\nguardrails:\n  s3-bucket: {}\n", "line 3", "s3-bucket")]
    #[case::unknown_setting(
        "version: 1\nguardrails:\n  security-group-admin-port-open:\n    settings: {port: [22]}\n",
        "line 4",
        "port"
    )]
    #[case::unknown_mode("version: 1\ndefaults: {mode: enforced}\n", "line 2", "enforced")]
    #[case::bad_account("version: 1\naccounts:\n  \"1234\": {mode: off}\n", "line 3", "1234")]
    #[case::bad_cidr(
        "version: 1\nguardrails:\n  security-group-admin-port-open:\n    settings: {allowed_cidrs: [\"10.0.0/8\"]}\n",
        "line 4",
        "10.0.0/8"
    )]
    #[case::bad_port(
        "version: 1\nguardrails:\n  security-group-admin-port-open:\n    settings: {ports: [70000]}\n",
        "line 4",
        "70000"
    )]
    #[case::no_version("defaults: {mode: off}\n", "line 1", "version")]
    #[case::other_version("version: 2\n", "line 1", "version 2")]
    #[case::exemption_without_end(
        "version: 1\nexemptions:\n  - {guardrail: access-key-not-allowed, resource: a, reason: b, owner: c}\n",
        "line 3",
        "expires"
    )]
    #[case::exemption_with_a_bad_date(
        "version: 1\nexemptions:\n  - {guardrail: access-key-not-allowed, resource: a, reason: b, owner: c, expires: 2027-13-01}\n",
        "line 3",
        "2027-13-01"
    )]
    #[case::no_yaml("version: [1\n", "line", "")]
    #[case::twice_the_same_key("version: 1\ndefaults: {}\ndefaults: {}\n", "line 3", "defaults")]
    fn a_bad_file_is_refused_with_the_key_and_the_line(#[case] text: &str, #[case] place: &str, #[case] named: &str) {
        let error = Policy::parse(text).unwrap_err();
        assert!(error.place.to_string().starts_with(place), "{error}");
        assert!(error.problem.contains(named), "{error}");
        assert!(!error.problem.is_empty() && !error.problem.contains('\n'), "{error}");
    }

    #[test]
    fn the_example_of_the_readme_is_a_policy() {
        let readme = include_str!("../../../README.md");
        let example = readme.split("```yaml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let policy = Policy::parse(example).unwrap();
        assert_eq!(policy.guardrails.common("security-group-admin-port-open").mode, Some(Mode::Enforce));
        assert_eq!(policy.exemptions.len(), 1);
    }

    #[test]
    fn the_last_exemption_can_be_taken_out_by_hand() {
        assert_eq!(Policy::parse("version: 1\nexemptions:\n  # none now\n").unwrap().exemptions, []);
    }

    #[test]
    fn a_file_says_off_without_quotes() {
        let policy = Policy::parse("version: 1\ndefaults: {mode: off}\n").unwrap();
        assert_eq!(policy.defaults.mode, Some(Mode::Off));
    }
}
