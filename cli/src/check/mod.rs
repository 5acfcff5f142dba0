//! `parapet check`: the guardrails before deployment, over templates, plans and policy documents.

mod assembly;
mod baseline;
mod branches;
mod cloudformation;
mod configuration;
mod document;
mod families;
mod finding;
mod hidden;
mod output;
mod plan;
mod policy_data;
mod prefix_lists;
mod source;
mod terraform;
mod unjudged;

use crate::failure::CommandResult;
use crate::input::NoText;
use crate::template::{Content, Environment, Node, NotAllowed, ParseError, Position, expanded};
use crate::terminal::Safe;
use assembly::{ChangeSet, Input};
use clap::Args;
pub(crate) use families::types;
use finding::{Bench, Finding, Result};
use jiff::Timestamp;
use plan::{Planned, Read};
use shared::engine::pipeline::Rules;
use shared::engine::planned::Others;
use shared::policy::{AccountId, BadValue, Mode};
use source::Source;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
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
  terraform show -json plan.out > plan.json && parapet check --source . plan.json
  parapet check --format sarif --policy policy/parapet.yaml templates/*.yaml > parapet.sarif
  parapet check --account 111122223333 bucket-policy.json
  cdk synth && parapet check cdk.out
  aws cloudformation describe-change-set ... > changes.json && parapet check --change-set changes.json template.yaml

An exemption of the policy file covers a planned resource by its logical id or Terraform address.

Exit status:
  0  no violation
  1  violations found that neither an exemption nor the baseline covers; with `--strict`, also what is undetermined
  2  a file could not be checked"
)]
pub struct CheckArgs {
    /// Files; `-` for standard input; a folder is the `cdk.out` that `cdk synth` has made
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = output::Format::Text)]
    format: output::Format,
    /// The policy to judge by, a file or `s3://bucket/key`; the built-in defaults without one
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The account that it is for: twelve digits
    #[arg(long, value_name = "ID", value_parser = account)]
    account: Option<String>,
    /// The region that it is for
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// What `aws cloudformation describe-change-set` prints: only what it changes in the template is judged, with its parameters
    #[arg(long, value_name = "FILE")]
    change_set: Option<PathBuf>,
    /// Exit with 1 when something is undetermined, too
    #[arg(long)]
    strict: bool,
    /// Violations that were there before: they are listed, and do not fail the check (`--write-baseline` makes the file)
    #[arg(long, value_name = "FILE", conflicts_with = "write_baseline")]
    baseline: Option<PathBuf>,
    /// Write the violations that are found to a file, as the baseline of later checks
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Judge what a plan of Terraform leaves as it is, too, and not only what it makes or changes
    #[arg(long)]
    all: bool,
    /// The folder of a plan's root module: findings name the file and line of the source instead of the plan's
    #[arg(long, value_name = "DIR")]
    source: Option<PathBuf>,
    /// The value of a template's parameter, where it is not the default; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parameter)]
    parameter: Vec<(String, String)>,
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
    #[error(transparent)]
    Parameter(#[from] NotAllowed),
    #[error("the document at line {line}: {cause}")]
    Document {
        line: usize,
        #[source]
        cause: Box<Unchecked>,
    },
}

/// How a file is checked.
struct Run<'a> {
    args: &'a CheckArgs,
    bench: Bench<'a>,
    region: Option<&'a str>,
    change_set: Option<&'a ChangeSet>,
    source: Option<&'a Source>,
}

/// What came of all files.
#[derive(Default)]
struct Checked {
    /// The files, each once.
    files: Vec<String>,
    findings: Vec<Finding>,
    /// Parts that are unknown at all, with their file and place.
    unknowns: Vec<(String, Position, String)>,
    errors: Vec<(String, String)>,
    resources: usize,
    /// Resources that no guardrail judges in a file.
    unjudged: Vec<OfKind>,
    /// How many resources of each kind were judged.
    kinds: BTreeMap<String, usize>,
    /// The parameters that the templates have.
    parameters: BTreeSet<String>,
    /// Of the baseline, what is not found any more.
    gone: usize,
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
    let change_set = args.change_set.as_deref().map(ChangeSet::read).transpose()?;
    let source = args.source.as_deref().map(Source::read).transpose()?;
    let of_stack = change_set.as_ref().map(ChangeSet::place).unwrap_or_default();
    let mut checked = Checked::default();
    for Input { path, account, region } in assembly::inputs(&args.files)? {
        let account = args.account.clone().or(account).or(of_stack.0.clone());
        let region = args.region.clone().or(region).or(of_stack.1.clone());
        let bench = Bench { rules: &rules, account: account.as_deref(), now: Timestamp::now() };
        let run =
            Run { args, bench, region: region.as_deref(), change_set: change_set.as_ref(), source: source.as_ref() };
        let name = path.display().to_string();
        if !checked.files.contains(&name) {
            checked.files.push(name.clone());
        }
        if let Err(why) = checked.file(&name, &path, &run) {
            checked.errors.push((name, why.to_string()));
        }
    }
    checked.errors.extend(checked.unknown_parameters(args));
    if let Some(path) = &args.baseline {
        checked.gone = baseline::apply(path, &mut checked.findings)?;
    }
    checked
        .findings
        .sort_by_cached_key(|one| (one.file.clone(), one.line, one.column, one.guardrail, one.reason.clone()));
    // A policy that is attached to three roles says the same three times.
    checked.findings.dedup();
    checked.unknowns.sort_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)));
    for (file, why) in &checked.errors {
        writeln!(anstream::stderr(), "parapet: {}: {}", Safe(file), Safe(why))?;
    }
    if let Some(path) = &args.write_baseline {
        baseline::write(path, &checked.findings)?;
    }
    output::write(args.format, &checked)?;
    let is_open = args.strict && checked.undetermined() > 0;
    let is_violated = checked.count(Result::Violation) > 0 && args.write_baseline.is_none();
    Ok(ExitCode::from(match (checked.errors.is_empty(), is_violated || is_open) {
        (false, _) => 2,
        (true, false) => 0,
        (true, true) => 1,
    }))
}

impl Checked {
    fn file(&mut self, name: &str, path: &Path, run: &Run<'_>) -> std::result::Result<(), Unchecked> {
        let text = crate::input::text(path)?;
        if let Some(plan) = terraform::Plan::of(&text) {
            let read = terraform::planned(&plan, &text, run.source);
            let judged = self.resources;
            let passed = self.read(name, read, run);
            self.passed(name, passed, judged);
            return Ok(());
        }
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
            passed.extend(self.document(name, document, run).map_err(|why| match several {
                true => Unchecked::Document { line: document.at.line, cause: Box::new(why) },
                false => why,
            })?);
        }
        if several {
            let why = "the file holds several documents: CloudFormation reads one, each was judged here".to_owned();
            let at = documents.get(1).map_or_else(Position::default, |document| document.at);
            self.unknowns.push((name.to_owned(), at, why));
        }
        self.passed(name, passed, judged);
        Ok(())
    }

    /// Takes up what was not judged in a file before which so many resources were judged.
    fn passed(&mut self, name: &str, passed: Vec<Unjudged>, judged: usize) {
        let kinds = unjudged::by_kind(name, passed);
        self.unknowns.extend(kinds.iter().filter_map(|kind| Some((name.to_owned(), kind.at, kind.unevaluated()?))));
        if judged == self.resources {
            let of = |kind: &OfKind| (kind.kind.clone(), kind.resources.len());
            self.blank.push((name.to_owned(), kinds.iter().map(of).collect()));
        }
        self.unjudged.extend(kinds);
    }

    /// Judges one document and answers what it did not judge.
    fn document(
        &mut self,
        name: &str,
        document: &Node,
        run: &Run<'_>,
    ) -> std::result::Result<Vec<Unjudged>, Unchecked> {
        let read = if cloudformation::is_template(document) {
            let environment = environment(document, run)?;
            self.parameters.extend(Environment::parameters(document).map(str::to_owned));
            let changes = |name: &str| run.change_set.is_none_or(|change_set| change_set.changes(name));
            let template = expanded(document, &environment);
            let mut read = cloudformation::planned(&template, &environment, &changes);
            let has = |name: &&str| template.at(&["Resources", name]).is_some();
            let others = run.change_set.into_iter().flat_map(ChangeSet::changed).filter(|name| !has(name));
            read.unknowns.extend(others.map(|name| {
                let why = format!("the change set changes `{name}`, which this template does not have");
                (why, document.at)
            }));
            read
        } else if document::is_policy(document) {
            self.resources += 1;
            let answers = document::judge(document, run.bench.account, &run.bench.rules.policy);
            self.findings.extend(answers.into_iter().flat_map(|answer| of_document(name, &answer)));
            return Ok(Vec::new());
        } else {
            return Err(Unchecked::Unknown);
        };
        Ok(self.read(name, read, run))
    }

    /// Judges what a file would make, and answers what no guardrail judges.
    fn read(&mut self, name: &str, mut read: Read, run: &Run<'_>) -> Vec<Unjudged> {
        families::join(&mut read.planned);
        self.unknowns.extend(read.unknowns.into_iter().map(|(why, at)| (name.to_owned(), at, why)));
        let beside = read.beside.iter().map(|(name, kind, properties)| (name.as_str(), kind.as_str(), properties));
        let arns = read.arns.iter().map(|(arn, name)| (arn.as_str(), name.as_str()));
        let others = Others::of(read.planned.iter().filter_map(Planned::among_others).chain(beside)).with_arns(arns);
        for planned in read.planned.iter().filter(|planned| planned.is_changed || run.args.all) {
            self.resources += 1;
            *self.kinds.entry(planned.kind.clone()).or_default() += 1;
            self.findings.extend(run.bench.judge(name, planned, &others));
        }
        read.unjudged
    }

    /// What was given for a parameter that no template has.
    fn unknown_parameters(&self, args: &CheckArgs) -> Vec<(String, String)> {
        let unknown = args.parameter.iter().filter(|(name, _)| !self.parameters.contains(name));
        let known: Vec<&str> = self.parameters.iter().map(String::as_str).collect();
        unknown
            .map(|(name, _)| {
                let has = if known.is_empty() {
                    "none has any".to_owned()
                } else {
                    format!("there are `{}`", known.join("`, `"))
                };
                ("--parameter".to_owned(), format!("no template has a parameter `{name}`: {has}"))
            })
            .collect()
    }

    fn undetermined(&self) -> usize {
        self.count(Result::Undetermined) + self.unknowns.len()
    }

    fn count(&self, result: Result) -> usize {
        self.findings.iter().filter(|finding| finding.result == result).count()
    }
}

fn environment(template: &Node, run: &Run<'_>) -> std::result::Result<Environment, NotAllowed> {
    let mut environment = Environment::of_template(template);
    environment.set("AWS::Partition", "aws");
    environment.set("AWS::URLSuffix", "amazonaws.com");
    let known = [("AWS::AccountId", run.bench.account), ("AWS::Region", run.region)];
    for (name, value) in known.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        environment.set(name, value);
    }
    let of_stack = run.change_set.into_iter().flat_map(ChangeSet::parameters);
    let given = run.args.parameter.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in of_stack.chain(given) {
        environment.choose(template, name, value)?;
    }
    Ok(environment)
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
