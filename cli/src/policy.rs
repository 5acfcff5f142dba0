//! `parapet policy`: the policy file, checked before it is deployed, and its JSON Schema for editors.

use crate::failure::{CommandResult, Failure};
use crate::terminal::{GOOD, Safe, painted};
use crate::{nearest, operate};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use shared::engine::count::counted;
use shared::policy::{FilePlace, Policy, PolicyError, Unknown, Warning};
use shared::resources::custom;
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
  parapet policy validate --strict policies/*.yaml
  parapet policy validate s3://parapet-policy-111122223333/parapet.yaml

Everything that is wrong with a file is named, in its order. A warning is about what a file may say and most likely does not
mean: an entry that can match nothing or matches everything, an exemption that is too wide or too long, a setting without effect.")]
struct ValidateArgs {
    /// Policy files, YAML or JSON, or `s3://bucket/key`
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with 1 for a warning, too
    #[arg(long)]
    strict: bool,
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
        let text = match operate::open(Some(file)).and_then(|store| store.read()) {
            Ok((text, _)) => text,
            Err(error) => {
                writeln!(anstream::stderr(), "parapet: {error}")?;
                worst = 2;
                continue;
            }
        };
        let problems = custom::problems(&text);
        for problem in &problems {
            writeln!(out, "{name}{}", Safe(&refusal(problem)))?;
        }
        let Ok(policy) = custom::read(&text) else {
            worst = worst.max(1);
            continue;
        };
        let warnings = policy.warnings(&text, Timestamp::now());
        let count = match warnings.len() {
            0 => String::new(),
            many => format!(", {}", counted(many, "warning")),
        };
        writeln!(out, "{name}: {}{count}", painted(GOOD, "ok", 0))?;
        for warning in &warnings {
            writeln!(out, "{name}{}", Safe(&warned(warning)))?;
        }
        if args.strict && !warnings.is_empty() {
            worst = worst.max(1);
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

/// Reads the policy that other commands judge by, a file or an object in S3; the defaults without one.
///
/// # Errors
/// When the file cannot be read or is refused: judging by half a policy would be judging by another.
pub(crate) fn load(file: Option<&Path>) -> Result<Policy, Failure> {
    let Some(file) = file else { return Ok(Policy::default()) };
    let name = file.display().to_string();
    let (text, _) = operate::open(Some(file))?.read()?;
    custom::read(&text).map_err(|error| {
        let more = match custom::problems(&text).len() {
            0 | 1 => String::new(),
            all => format!("; `parapet policy validate` names {} more", all - 1),
        };
        Failure::new(Safe(&format!("{name}{}{more}", refusal(&error))).to_string())
    })
}

/// `:line:column: problem`, as compilers write it, with the likely way out.
pub(crate) fn refusal(error: &PolicyError) -> String {
    let unknown = error.unknown.as_ref();
    let meant =
        unknown.map(|Unknown { word, known }| nearest::hint(word, known.iter().copied(), "")).unwrap_or_default();
    let hint = match meant.as_str() {
        "" if ["unexpected end of input", "missing field `version`"].contains(&error.problem.as_str()) => {
            " (the least that a policy says is `version: 1`)".to_owned()
        }
        "" => String::new(),
        meant => format!(" ({meant})"),
    };
    format!("{}: {}{hint}", place(error.place), error.problem)
}

/// `:line:column: warning: entry: what it does`.
pub(crate) fn warned(warning: &Warning) -> String {
    format!("{}: warning: `{}`: {}", place(warning.place), warning.entry, warning.says)
}

fn place(place: FilePlace) -> String {
    match place {
        FilePlace::At { line, column } => format!(":{line}:{column}"),
        FilePlace::Whole => String::new(),
    }
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
    fn what_is_suggested_is_not_what_was_typed() {
        for typed in ["mode ", "Mode", "mode\u{200b}", "modes", "mo de", "m"] {
            let said = refused(&format!("version: 1\ndefaults:\n  \"{typed}\": notify\n"));
            assert!(!said.contains(&format!("did you mean `{typed}`")), "{said}");
        }
        let far = refused("version: 1\ndefaults: { max_class: R3 }\n");
        assert!(far.ends_with("expected one of R1, R2"), "{far}");
    }
}
