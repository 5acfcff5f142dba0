//! `parapet check`: the guardrails before deployment, over templates, plans and policy documents.

mod cloudformation;
mod configuration;
mod document;
mod families;
mod finding;
mod hidden;
mod plan;
mod sarif;
mod terraform;
mod unjudged;

use crate::failure::CommandResult;
use crate::input::NoText;
use crate::template::{Content, Environment, Node, ParseError, Position};
use crate::terminal::{DIM, GOOD, Safe, painted, severity_style};
use clap::{Args, ValueEnum};
use finding::{Bench, Finding, Result};
use jiff::Timestamp;
use serde_json::json;
use shared::engine::pipeline::Rules;
use shared::engine::verdict::Severity;
use shared::policy::{AccountId, BadValue, Mode};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use thiserror::Error;
use unjudged::{OfKind, Unjudged};

/// Check templates, plans and policy documents before they are deployed
#[derive(Debug, Args)]
#[command(
    after_help = "Takes CloudFormation and SAM templates (YAML, JSON), `terraform show -json` plans, and bare policy
documents. What is known only after deployment is `undetermined`, with the reason.

Examples:
  parapet check template.yaml
  parapet check --parameter Cidr=0.0.0.0/0 --region eu-west-1 template.yaml
  terraform show -json plan.out > plan.json && parapet check plan.json
  parapet check --format sarif --policy policy/parapet.yaml templates/*.yaml > parapet.sarif
  parapet check --account 111122223333 bucket-policy.json

An exemption of the policy file covers a planned resource by its logical id or Terraform address.

Exit status:
  0  no violation
  1  violations found that no exemption covers
  2  a file could not be checked"
)]
pub struct CheckArgs {
    /// Files; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The policy to judge by; the built-in defaults without one
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The account that it is for: twelve digits
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
    /// The region that it is for
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Judge what a plan of Terraform leaves as it is, too, and not only what it makes or changes
    #[arg(long)]
    all: bool,
    /// The value of a template's parameter, where it is not the default; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    parameter: Vec<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line a finding: file, line, severity, guardrail, reason
    Text,
    /// One object with all findings
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
}

fn account(text: &str) -> std::result::Result<String, BadValue> {
    AccountId::try_from(text.to_owned()).map(String::from)
}

/// An argument of another form.
#[derive(Debug, Error)]
#[error("`NAME=VALUE` was expected")]
struct NoParameter;

fn parameter(text: &str) -> std::result::Result<(String, String), NoParameter> {
    let (name, value) = text.split_once('=').ok_or(NoParameter)?;
    Ok((name.to_owned(), value.to_owned()))
}

/// A file that could not be checked.
#[derive(Debug, Error)]
enum Unchecked {
    #[error(transparent)]
    File(#[from] NoText),
    #[error(transparent)]
    Syntax(#[from] ParseError),
    #[error("the document is empty")]
    Empty,
    #[error(
        "it is neither a CloudFormation template nor a Terraform plan (`terraform show -json`) nor a policy document"
    )]
    Unknown,
    #[error("the document at line {line}: {cause}")]
    Document {
        line: usize,
        #[source]
        cause: Box<Unchecked>,
    },
}

/// What came of all files.
#[derive(Default)]
struct Checked {
    findings: Vec<Finding>,
    /// Parts that are unknown at all, with their file and place.
    unknowns: Vec<(String, Position, String)>,
    errors: Vec<(String, String)>,
    resources: usize,
    /// Resources that no guardrail judges in a file.
    unjudged: Vec<OfKind>,
    /// Files in which nothing was judged, with the kinds in them.
    blank: Vec<(String, Vec<(String, usize)>)>,
}

/// Checks everything, then answers.
///
/// # Errors
/// When it could not run at all.
pub fn run(args: &CheckArgs) -> CommandResult {
    let policy = crate::policy::load(args.policy.as_deref())?;
    let rules = Rules { policy, fallback: Mode::Notify, ..Rules::default() };
    let bench = Bench { rules: &rules, account: args.account.as_deref(), now: Timestamp::now() };
    let mut checked = Checked::default();
    for file in &args.files {
        let name = file.display().to_string();
        if let Err(why) = checked.file(&name, file, args, &bench) {
            checked.errors.push((name, why.to_string()));
        }
    }
    checked.findings.sort_by(|left, right| {
        (&left.file, left.line, left.column, left.guardrail).cmp(&(
            &right.file,
            right.line,
            right.column,
            right.guardrail,
        ))
    });
    checked.unknowns.sort_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)));
    for (file, why) in &checked.errors {
        writeln!(anstream::stderr(), "parapet: {}: {}", Safe(file), Safe(why))?;
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Text => text(&mut out, &checked)?,
        Format::Json => writeln!(out, "{:#}", checked.json())?,
        Format::Sarif => writeln!(out, "{:#}", sarif::log(&checked.findings, &checked.unknowns, &checked.errors))?,
    }
    Ok(ExitCode::from(match (checked.errors.is_empty(), checked.count(Result::Violation)) {
        (false, _) => 2,
        (true, 0) => 0,
        (true, _) => 1,
    }))
}

impl Checked {
    fn file(
        &mut self,
        name: &str,
        path: &Path,
        args: &CheckArgs,
        bench: &Bench<'_>,
    ) -> std::result::Result<(), Unchecked> {
        let text = crate::input::text(path)?;
        let documents = Node::parse_all(&text)?;
        let is_empty = |document: &&Node| document.content == Content::Null;
        let several = documents.iter().filter(|document| !is_empty(document)).count() > 1;
        let mut written = documents.iter().filter(|document| !is_empty(document)).peekable();
        if written.peek().is_none() {
            return Err(Unchecked::Empty);
        }
        let judged = self.resources;
        let mut passed = Vec::new();
        for document in written {
            passed.extend(self.document(name, document, args, bench).map_err(|why| match several {
                true => Unchecked::Document { line: document.at.line, cause: Box::new(why) },
                false => why,
            })?);
        }
        if several {
            let why = "the file holds several documents: CloudFormation reads one, each was judged here".to_owned();
            let at = documents.get(1).map_or_else(Position::default, |document| document.at);
            self.unknowns.push((name.to_owned(), at, why));
        }
        let kinds = unjudged::by_kind(name, passed);
        self.unknowns.extend(kinds.iter().filter_map(|kind| Some((name.to_owned(), kind.at, kind.unevaluated()?))));
        if judged == self.resources {
            let of = |kind: &OfKind| (kind.kind.clone(), kind.resources.len());
            self.blank.push((name.to_owned(), kinds.iter().map(of).collect()));
        }
        self.unjudged.extend(kinds);
        Ok(())
    }

    /// Judges one document and answers what it did not judge.
    fn document(
        &mut self,
        name: &str,
        document: &Node,
        args: &CheckArgs,
        bench: &Bench<'_>,
    ) -> std::result::Result<Vec<Unjudged>, Unchecked> {
        let read = if cloudformation::is_template(document) {
            cloudformation::planned(document, &environment(document, args))
        } else if terraform::is_plan(document) {
            terraform::planned(document)
        } else if document::is_policy(document) {
            self.resources += 1;
            let answers = document::judge(document, bench.account, &bench.rules.policy);
            self.findings.extend(answers.into_iter().flat_map(|answer| of_document(name, &answer)));
            return Ok(Vec::new());
        } else {
            return Err(Unchecked::Unknown);
        };
        let mut read = read;
        families::join(&mut read.planned);
        read.planned.retain(|planned| planned.is_changed || args.all);
        self.unknowns.extend(read.unknowns.into_iter().map(|(why, at)| (name.to_owned(), at, why)));
        self.resources += read.planned.len();
        self.findings.extend(read.planned.iter().flat_map(|planned| bench.judge(name, planned)));
        Ok(read.unjudged)
    }

    fn count(&self, result: Result) -> usize {
        self.findings.iter().filter(|finding| finding.result == result).count()
    }

    /// The files in which nothing was judged, and what is in them: a clean answer says nothing of these.
    fn blanks(&self) -> String {
        const FILES: usize = 5;
        const KINDS: usize = 8;
        let kinds = |kinds: &[(String, usize)]| {
            let mut named: Vec<String> =
                kinds.iter().take(KINDS).map(|(kind, count)| format!("{count} {kind}")).collect();
            named.extend((kinds.len() > KINDS).then(|| format!("{} more kinds", kinds.len() - KINDS)));
            if named.is_empty() { "no resources".to_owned() } else { named.join(", ") }
        };
        let mut files: Vec<String> =
            self.blank.iter().take(FILES).map(|(file, of)| format!("`{file}` ({})", kinds(of))).collect();
        files.extend((self.blank.len() > FILES).then(|| format!("{} more files", self.blank.len() - FILES)));
        if files.is_empty() { String::new() } else { format!("; nothing was judged in {}", files.join(", ")) }
    }

    fn json(&self) -> serde_json::Value {
        let unknowns =
            self.unknowns.iter().map(|(file, at, why)| json!({"file": file, "line": at.line, "reason": why}));
        let errors = self.errors.iter().map(|(file, why)| json!({"file": file, "error": why}));
        json!({
            "findings": self.findings,
            "untold": unknowns.collect::<Vec<_>>(),
            "unjudged": self.unjudged,
            "errors": errors.collect::<Vec<_>>(),
            "summary": {
                "resources": self.resources,
                "unjudged": self.unjudged.iter().map(|kind| kind.resources.len()).sum::<usize>(),
                "violations": self.count(Result::Violation),
                "undetermined": self.count(Result::Undetermined) + self.unknowns.len(),
                "exempt": self.count(Result::Exempt),
            },
        })
    }
}

fn environment(template: &Node, args: &CheckArgs) -> Environment {
    let mut environment = Environment::of_template(template);
    environment.set("AWS::Partition", "aws");
    environment.set("AWS::URLSuffix", "amazonaws.com");
    let known = [("AWS::AccountId", &args.account), ("AWS::Region", &args.region)];
    for (name, value) in known.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        environment.set(name, value);
    }
    for (name, value) in &args.parameter {
        environment.set(name, value);
    }
    environment
}

fn of_document(file: &str, answer: &document::Answer) -> Vec<Finding> {
    let finding = |reason: &String| Finding {
        file: file.to_owned(),
        line: answer.at.line,
        column: answer.at.column,
        resource: "policy document".to_owned(),
        kind: "policy document".to_owned(),
        guardrail: answer.question.name,
        result: if answer.is_violation { Result::Violation } else { Result::Undetermined },
        severity: answer.question.severity,
        reason: reason.clone(),
        exemption: None,
    };
    let unknowns = [answer.question.title.to_owned()];
    let reasons = if answer.reasons.is_empty() { unknowns.as_slice() } else { answer.reasons.as_slice() };
    reasons.iter().map(finding).collect()
}

fn text(out: &mut impl Write, checked: &Checked) -> io::Result<()> {
    for finding in &checked.findings {
        let Finding { line, column, guardrail, severity, .. } = finding;
        let word = match finding.result {
            Result::Violation => painted(severity_style(*severity), severity.word(), 0),
            Result::Undetermined => painted(DIM, "undetermined", 0),
            Result::Exempt => painted(DIM, "exempt", 0),
        };
        writeln!(out, "{}:{line}:{column}: {word} {guardrail}: {}", Safe(&finding.file), Safe(&finding.reason))?;
        let (name, kind) = (Safe(&finding.resource), Safe(&finding.kind));
        let about = match &finding.exemption {
            Some(exemption) => format!("{name} ({kind}), {}", Safe(exemption)),
            None => format!("{name} ({kind})"),
        };
        writeln!(out, "    {}", painted(DIM, &about, 0))?;
    }
    for (file, at, why) in &checked.unknowns {
        let word = painted(DIM, "undetermined", 0);
        writeln!(out, "{}:{}:{}: {word} {}", Safe(file), at.line, at.column, Safe(why))?;
    }
    let violations = checked.count(Result::Violation);
    let style = if violations == 0 { GOOD } else { severity_style(Severity::Critical) };
    let plural = |number: usize, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    write!(
        out,
        "{}, {} undetermined, {} exempt; {} judged",
        painted(style, &plural(violations, "violation"), 0),
        checked.count(Result::Undetermined) + checked.unknowns.len(),
        checked.count(Result::Exempt),
        plural(checked.resources, "resource")
    )?;
    writeln!(out, "{}", Safe(&checked.blanks()))
}
