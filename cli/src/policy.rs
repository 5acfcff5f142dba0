//! `parapet policy`: the policy file, checked before it is deployed, and its JSON Schema for editors.

use crate::failure::{CommandResult, Failure};
use crate::nearest;
use crate::terminal::{GOOD, Safe, painted};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use shared::policy::{Policy, PolicyError};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Check a policy file, or print the JSON Schema that editors check it by
#[derive(Debug, Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    Validate(ValidateArgs),
    Schema(SchemaArgs),
}

/// Check policy files: exit status 0 all good, 1 one is refused, 2 one cannot be read
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet policy validate policy/parapet.yaml
  parapet policy validate policies/*.yaml")]
struct ValidateArgs {
    /// Policy files, YAML or JSON
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Print the JSON Schema of the policy file, or write it to a file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet policy schema
  parapet policy schema docs/policy-schema.json")]
struct SchemaArgs {
    /// Where to write it; standard output when it is missing
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs the chosen command.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run(args: &PolicyArgs) -> CommandResult {
    match &args.command {
        PolicyCommand::Validate(args) => validate(args),
        PolicyCommand::Schema(args) => schema(args),
    }
}

fn validate(args: &ValidateArgs) -> CommandResult {
    let mut out = anstream::stdout().lock();
    let mut worst = 0;
    for file in &args.files {
        let name = file.display().to_string();
        let name = Safe(&name);
        let text = match fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                writeln!(anstream::stderr(), "parapet: cannot read `{name}`: {error}")?;
                worst = 2;
                continue;
            }
        };
        match Policy::parse(&text) {
            Ok(policy) => {
                writeln!(out, "{name}: {}", painted(GOOD, "ok", 0))?;
                for warning in warnings(&policy, Timestamp::now()) {
                    writeln!(out, "{name}: warning: {}", Safe(&warning))?;
                }
            }
            Err(error) => {
                writeln!(out, "{name}{}", Safe(&refusal(&error)))?;
                worst = worst.max(1);
            }
        }
    }
    Ok(ExitCode::from(worst))
}

fn schema(args: &SchemaArgs) -> CommandResult {
    let text = schema_text();
    match &args.file {
        None => anstream::stdout().lock().write_all(text.as_bytes())?,
        Some(file) => fs::write(file, text)
            .map_err(|error| Failure::with(format!("cannot write `{}`", Safe(&file.display().to_string())), error))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The schema as it lies in docs/policy-schema.json.
#[must_use]
pub fn schema_text() -> String {
    format!("{:#}\n", shared::policy::schema())
}

/// Reads the policy that other commands judge by; the defaults without one.
///
/// # Errors
/// When the file cannot be read or is refused: judging by half a policy would be judging by another.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy, Failure> {
    let Some(file) = file else { return Ok(Policy::default()) };
    let name = file.display().to_string();
    let text = fs::read_to_string(file).map_err(|e| Failure::with(format!("cannot read `{}`", Safe(&name)), e))?;
    Policy::parse(&text).map_err(|error| Failure::new(Safe(&format!("{name}{}", refusal(&error))).to_string()))
}

/// `:line:column: problem`, as compilers write it, with the likely way out.
pub(crate) fn refusal(error: &PolicyError) -> String {
    let numbers: Vec<&str> =
        error.place.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()).collect();
    let place = match numbers.as_slice() {
        [line, column] => format!(":{line}:{column}"),
        _ => String::new(),
    };
    let hint = match meant(&error.problem) {
        Some(name) => format!(" (did you mean `{name}`?)"),
        None if error.problem == "unexpected end of input" => {
            " (the least that a policy says is `version: 1`)".to_owned()
        }
        None => String::new(),
    };
    format!("{place}: {}{hint}", error.problem)
}

/// The word in backticks that comes closest to the first one, when the problem lists what was expected.
fn meant(problem: &str) -> Option<&str> {
    let mut quoted = problem.split('`').skip(1).step_by(2);
    let wrong = quoted.next()?;
    // The parser lists field names in backticks and the words of a choice without.
    let listed = problem.split_once("expected one of ").map(|(_, list)| list.split(", ")).into_iter().flatten();
    let words = quoted.chain(listed.filter(|word| !word.contains('`')));
    nearest::word(wrong, words)
}

/// What is legal and most likely not meant.
fn warnings(policy: &Policy, now: Timestamp) -> Vec<String> {
    let expired = policy.exemptions.iter().filter(|exemption| exemption.has_expired(now));
    expired
        .map(|exemption| {
            format!(
                "the exemption of `{}` ({}) expired on {} and no longer holds",
                exemption.resource,
                exemption.owner.as_str(),
                exemption.expires
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        refusal(&Policy::parse(text).unwrap_err())
    }

    #[test]
    fn a_refusal_names_place_key_and_way_out() {
        let unknown = refused("version: 1\ndefaults:\n  mod: notify\n");
        assert!(unknown.starts_with(":3:3: ") && unknown.contains("`mod`"), "{unknown}");
        assert!(unknown.ends_with("(did you mean `mode`?)"), "{unknown}");
        let guardrail = refused("version: 1\nguardrails:\n  security-group-admin-port-opn: {}\n");
        assert!(guardrail.contains("did you mean `security-group-admin-port-open`"), "{guardrail}");
        let account = refused("version: 1\ntrusted_accounts: [\"12\"]\n");
        assert!(account.starts_with(":2:") && account.contains("twelve digits"), "{account}");
        let mode = refused("version: 1\ndefaults: { mode: enforec }\n");
        assert!(mode.starts_with(":2:19: ") && mode.ends_with("(did you mean `enforce`?)"), "{mode}");
        let empty = refused("");
        assert!(empty.contains("version"), "{empty}");
        let date = refused(
            "version: 1\nexemptions:\n  - guardrail: root-access-key-created\n    resource: x\n    reason: r\n    owner: o\n    \
             expires: soon\n",
        );
        assert!(date.starts_with(":7:"), "{date}");
    }

    #[test]
    fn an_expired_exemption_is_told() {
        let policy = Policy::parse(
            "version: 1\nexemptions:\n  - guardrail: root-access-key-created\n    resource: x\n    reason: r\n    owner: o\n    \
             expires: 2020-01-01\n",
        );
        assert_eq!(warnings(&policy.unwrap(), Timestamp::now()).len(), 1);
    }
}
