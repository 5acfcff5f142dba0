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
            let Some(at) = error.location() else {
                return PolicyError { place: "the file".to_owned(), problem: problem(&error) };
            };
            let problem = problem(&error);
            let token = token_at(text, at.line(), at.column()).filter(|token| !problem.contains(token.as_str()));
            PolicyError {
                place: format!("line {}, column {}", at.line(), at.column()),
                problem: token.map_or_else(|| problem.clone(), |token| format!("`{token}`: {problem}")),
            }
        })
    }
}

/// The word that stands at a place of the file, to name it where the parser does not.
fn token_at(text: &str, line: u64, column: u64) -> Option<String> {
    const LONGEST: usize = 60;
    let line = text.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?;
    let rest = line.chars().skip(usize::try_from(column).ok()?.checked_sub(1)?);
    let token: String = rest.take_while(|c| !c.is_whitespace() && !",]}".contains(*c)).take(LONGEST).collect();
    let token = token.trim_end_matches(':').to_owned();
    (!token.is_empty()).then_some(token)
}

/// The parser's sentence without the place, which it repeats, and without a picture of the source.
fn problem(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let first = text.lines().next().unwrap_or_default();
    first.split(" at line ").next().unwrap_or(first).trim().to_owned()
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
        assert!(error.place.starts_with(place), "{error}");
        assert!(error.problem.contains(named), "{error}");
        assert!(!error.problem.is_empty() && !error.problem.contains('\n'), "{error}");
    }

    #[test]
    fn the_example_of_the_readme_is_a_policy() {
        let readme = include_str!("../../../README.md");
        let example = readme.split("```yaml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let policy = Policy::parse(example).unwrap();
        assert_eq!(policy.guardrails.security_group_admin_port_open.mode, Some(Mode::Enforce));
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
