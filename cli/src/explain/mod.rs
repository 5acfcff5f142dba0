//! `parapet explain`: one event or one resource, explained: which guardrails looked, what each saw, why it answered so, what it
//! would do.

mod resource;
mod saw;
mod would;

use crate::failure::{CommandResult, Failure};
use crate::input::{self, table};
use crate::patterns::{Params, Patterns};
use crate::replay::{Delivery, nested};
use crate::terminal::{BOLD, DIM, GOOD, Safe, painted, severity_style};
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::engine::count::counted;
use shared::engine::event::{ActorKind, Event};
use shared::engine::finding::{Finding, Outcome, StepRecord};
use shared::engine::guardrail::ANY_CALL_BY_ROOT;
use shared::engine::pipeline::Rules;
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy, is_custom};
use shared::resources::by_record::Judge;
use shared::resources::{Entry, catalogue, catalogue_with};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use would::Answer;

/// Explain one event or resource: which guardrails looked, what each saw, why it answered so, what it would do
#[derive(Debug, Args)]
#[command(
    after_help = "Takes a CloudTrail record, an EventBridge envelope, or a file with a few of them; or a resource, as
`aws ec2 describe-security-groups`, `aws iam list-access-keys`, `aws rds describe-db-instances`, `describe-db-clusters`,
`describe-db-snapshot-attributes` (of clusters too) and `aws dynamodb describe-table` answer.

Examples:
  parapet explain event.json
  parapet explain --policy policy/parapet.yaml event.json
  parapet explain --verbose event.json
  aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventId,AttributeValue=ID | parapet explain -
  aws ec2 describe-security-groups --group-ids ID | parapet explain -

Exit status:
  0  no violation
  1  a violation that no exemption covers
  2  could not run"
)]
pub struct ExplainArgs {
    /// The file; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The policy to judge by, a file or `s3://bucket/key`; the built-in defaults without one
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Show all of the states, and every guardrail that did not look
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For a person
    Text,
    /// One object for each event
    Json,
}

/// What there is to say of one event.
struct Story {
    event: Event,
    /// Families whose function the event reaches.
    reached: Vec<String>,
    /// Why it reaches none.
    why_not: Option<String>,
    findings: Vec<Finding>,
    /// Guardrails of a reached family that did not look, and why.
    idle: Vec<Idle>,
}

/// A guardrail that did not look.
struct Idle {
    entry: Entry,
    why: String,
    /// It looks at other events, which is all that there is to say.
    is_other_event: bool,
}

/// Explains every event in the file.
///
/// # Errors
/// When the file cannot be read or holds no event.
pub fn run(args: &ExplainArgs) -> CommandResult {
    let rules = Rules { policy: crate::policy::load(args.policy.as_deref())?, ..Rules::default() };
    let now = Timestamp::now();
    let patterns = Patterns::built_in(&Params::default().for_policy(&rules.policy));
    let patterns = patterns.map_err(|error| Failure::with("cannot use the built-in template", error))?;
    let judge = Judge::new(rules.clone(), now);
    let mut out = anstream::stdout().lock();
    let (mut is_empty, mut is_violated, mut insights) = (true, false, 0_u64);
    for value in values(args)? {
        if let Some(portraits) = resource::portraits(&value, &rules, now)? {
            for portrait in portraits {
                (is_empty, is_violated) = (false, is_violated | portrait.is_violated());
                match args.format {
                    Format::Text => portrait.print(&mut out, &rules, args.verbose)?,
                    Format::Json => writeln!(out, "{}", portrait.json(&rules))?,
                }
            }
            continue;
        }
        let found = nested::find(value);
        insights += found.insights;
        if let Some(why) = found.lost {
            return Err(Failure::new(format!(
                "cannot read all of `{}`: {why}",
                Safe(&args.file.display().to_string())
            )));
        }
        for delivery in found.deliveries {
            let story = story(&delivery, &patterns, &judge, &rules.policy)?;
            (is_empty, is_violated) = (false, is_violated | story.is_violated());
            match args.format {
                Format::Text => print(&mut out, &story, &rules.policy, args.verbose)?,
                Format::Json => writeln!(out, "{}", json_of(&story, &rules.policy))?,
            }
        }
    }
    if is_empty && insights > 0 {
        return Err(Failure::new(format!(
            "`{}` holds events of CloudTrail Insights only: they show that calls were unusual, not what changed, and no \
             guardrail evaluates them",
            Safe(&args.file.display().to_string())
        )));
    }
    if is_empty {
        return Err(Failure::new(format!(
            "`{}` holds no CloudTrail record, no EventBridge envelope around one, and no resource as the AWS command line \
             prints it (`parapet explain --help` says which)",
            Safe(&args.file.display().to_string())
        )));
    }
    Ok(ExitCode::from(u8::from(is_violated)))
}

impl Story {
    fn is_violated(&self) -> bool {
        self.findings.iter().any(|one| one.verdict == VerdictKind::Violation && one.outcome != Outcome::Exempt)
    }
}

/// The JSON values of the file, one after another.
fn values(args: &ExplainArgs) -> Result<Vec<Value>, Failure> {
    let name = args.file.display().to_string();
    if args.file.is_dir() {
        return Err(Failure::new(format!(
            "`{}` is a folder: name one file; `parapet replay` reads folders of logs",
            Safe(&name)
        )));
    }
    let text = input::text(&args.file).map_err(|why| Failure::new(format!("`{}`: {why}", Safe(&name))))?;
    if text.trim().is_empty() {
        return Err(Failure::new(format!("`{}` is empty", Safe(&name))));
    }
    if table::is_table(text.as_bytes()) {
        let mut rows = Vec::new();
        let read = table::rows(text.as_bytes(), |row| rows.push(Value::Object(row)));
        return read.map(|()| rows).map_err(|error| Failure::with(format!("`{}` cannot be read", Safe(&name)), error));
    }
    let values = serde_json::Deserializer::from_str(&text).into_iter::<Value>().collect::<Result<Vec<_>, _>>();
    values.map_err(|error| Failure::with(format!("`{}` is no JSON", Safe(&name)), error))
}

fn story(delivery: &Delivery, patterns: &Patterns, judge: &Judge, policy: &Policy) -> Result<Story, Failure> {
    if let Some(why) = delivery.damage() {
        return Err(Failure::new(format!("cannot read the event: {why}")));
    }
    let event = delivery.event().map_err(|error| Failure::with("cannot read the event", error))?;
    let event = event.ok_or_else(|| Failure::new("the envelope does not hold a record of a call to AWS"))?;
    let reached: Vec<String> = match delivery.is_delivered() {
        true => {
            patterns.functions_for(delivery.envelope.to_string().as_bytes()).into_iter().map(str::to_owned).collect()
        }
        false => Vec::new(),
    };
    let why_not = reached.is_empty().then(|| why_not(delivery, &event, patterns));
    let findings: Vec<Finding> =
        reached.iter().flat_map(|family| judge.by_record(family, &event).unwrap_or_default()).collect();
    let looked = |entry: &Entry| findings.iter().any(|finding| finding.guardrail.name == entry.about.name);
    let idle = catalogue_with(policy)
        .into_iter()
        .filter(|entry| reached.iter().any(|name| name == entry.family) && !looked(entry));
    let idle = idle.map(|entry| {
        let is_off = policy.mode(entry.about, &event.account, Mode::default()) == Mode::Off;
        let why = match (is_off, is_trigger(&entry, &event)) {
            (true, _) => "off by policy".to_owned(),
            (false, true) if entry.hears_failures && event.failure.is_some() => {
                "counts failures in the ledger, which is not read here".to_owned()
            }
            (false, true) if event.failure.is_some() => "the call failed: it changed nothing".to_owned(),
            (false, true) if entry.hears_failures => "counts calls that failed, and no others".to_owned(),
            (false, true) if entry.about.triggers.contains(&ANY_CALL_BY_ROOT) => {
                "evaluates what root calls, and leaves this one to another guardrail".to_owned()
            }
            (false, true) => format!("evaluates `{}`, but not what this one changed", event.name),
            (false, false) => format!("does not evaluate `{}`", event.name),
        };
        Idle { is_other_event: !is_off && !is_trigger(&entry, &event), entry, why }
    });
    Ok(Story { idle: idle.collect(), event, reached, why_not, findings })
}

/// The first reason that holds.
fn why_not(delivery: &Delivery, event: &Event, patterns: &Patterns) -> String {
    if let Some(failure) = &event.failure {
        return format!("the call failed (`{}`): it changed nothing", failure.code);
    }
    if !delivery.is_delivered() {
        return "the call only reads: EventBridge does not deliver it".to_owned();
    }
    let (name, source) = (&event.name, &event.source);
    if catalogue().iter().any(|entry| is_trigger(entry, event)) {
        return format!("no event pattern matches: `{name}` of `{source}` in this envelope is not evaluated");
    }
    if patterns.event_sources().contains(source.as_str()) {
        return format!(
            "no guardrail is triggered by `{name}` of `{source}`: only the next sweep sees what it changed"
        );
    }
    format!("no guardrail evaluates `{name}` of `{source}`")
}

/// Whether the guardrail's function is called by events of this name.
fn is_trigger(entry: &Entry, event: &Event) -> bool {
    let is_named = |name: &&str| match *name == ANY_CALL_BY_ROOT {
        true => event.actor.kind == ActorKind::Root,
        false => event.name.starts_with(name),
    };
    entry.about.triggers.iter().any(is_named)
}

fn would(finding: &Finding, event: &Event, policy: &Policy) -> String {
    let answer = Answer {
        about: finding.guardrail,
        account: &event.account,
        verdict: finding.verdict,
        is_exempt: finding.outcome == Outcome::Exempt,
        has_plan: !finding.steps.is_empty(),
        // Of what a guardrail of the policy file looks at, nothing can be read.
        is_located: !is_custom(finding.guardrail.name)
            && !finding.resource.id.ends_with(&format!(":event/{}", event.id)),
        actor: Some(&event.actor),
    };
    would::would(&answer, policy, Mode::default())
}

fn print(out: &mut impl Write, story: &Story, policy: &Policy, is_verbose: bool) -> io::Result<()> {
    let Story { event, reached, .. } = story;
    let title = format!("{} at {} in {} of account {}", event.name, event.time, event.region, event.account);
    writeln!(out, "{}", painted(BOLD, &Safe(&title).to_string(), 0))?;
    writeln!(out, "  by     {}", Safe(&event.actor.label()))?;
    if let Some(tool) = event.actor.tool {
        writeln!(out, "  with   {tool}, according to the caller")?;
    }
    if let Some(ip) = &event.source_ip {
        writeln!(out, "  from   {}", Safe(ip))?;
    }
    writeln!(out, "  event  {}", Safe(&event.id))?;
    match &story.why_not {
        Some(why) => writeln!(out, "\nReaches no function: {}", Safe(why))?,
        None => writeln!(out, "\nReaches the function of {}", reached.join(", "))?,
    }
    let mut shown = None;
    for finding in &story.findings {
        let is_same = shown.replace(&finding.before) == Some(&finding.before);
        let seen = if is_same { Seen::Same } else { Seen::State { is_whole: is_verbose } };
        guardrail(out, finding, seen, event, policy)?;
    }
    let shown = |idle: &&Idle| is_verbose || !idle.is_other_event;
    for Idle { entry, why, .. } in story.idle.iter().filter(shown) {
        writeln!(out, "\n{} {}", painted(DIM, entry.about.name, 0), painted(DIM, &Safe(why).to_string(), 0))?;
    }
    let others = story.idle.iter().filter(|idle| !shown(idle)).count();
    if others > 0 {
        let (others, evaluate) = (counted(others, "other guardrail"), if others == 1 { "does" } else { "do" });
        let line =
            format!("{others} of the same functions {evaluate} not evaluate `{}` (`--verbose` names them)", event.name);
        writeln!(out, "\n{}", painted(DIM, &Safe(&line).to_string(), 0))?;
    }
    writeln!(out)
}

/// How the state that was judged is shown.
#[derive(Clone, Copy)]
enum Seen {
    /// As that of the guardrail before.
    Same,
    State {
        is_whole: bool,
    },
}

/// The first line with what it is, the others below it.
fn saw_lines(out: &mut impl Write, state: &Value, is_whole: bool) -> io::Result<()> {
    for (at, line) in saw::lines(state, is_whole).iter().enumerate() {
        writeln!(out, "  {}    {}", if at == 0 { "saw" } else { "   " }, Safe(line))?;
    }
    Ok(())
}

fn guardrail(out: &mut impl Write, finding: &Finding, seen: Seen, event: &Event, policy: &Policy) -> io::Result<()> {
    let about = finding.guardrail;
    let answer = match finding.verdict {
        VerdictKind::Violation => {
            painted(severity_style(finding.severity), &format!("violation, {}", finding.severity), 0)
        }
        VerdictKind::Compliant => painted(GOOD, "compliant", 0),
        VerdictKind::Undetermined => painted(DIM, "undetermined", 0),
    };
    writeln!(out, "\n{} ({}): {answer}", painted(BOLD, about.name, 0), about.catalogue_id)?;
    writeln!(out, "  about  {}", Safe(&finding.resource.id))?;
    match (&finding.before, seen) {
        (Value::Null, _) => writeln!(out, "  saw    nothing: the record does not show it")?,
        (_, Seen::Same) => writeln!(out, "  saw    the same")?,
        (state, Seen::State { is_whole }) => saw_lines(out, state, is_whole)?,
    }
    for reason in &finding.reasons {
        writeln!(out, "  why    {}", Safe(reason))?;
    }
    writeln!(out, "  would  {}", Safe(&would(finding, event, policy)))?;
    step_lines(out, &finding.steps)
}

/// The calls and their inverses.
fn step_lines(out: &mut impl Write, steps: &[StepRecord]) -> io::Result<()> {
    for step in steps {
        writeln!(out, "  plan   {}", Safe(&step.action))?;
        writeln!(out, "         {}", painted(DIM, &Safe(&step.command).to_string(), 0))?;
        writeln!(out, "  undo   {}", Safe(&step.undo))?;
        if let Some(command) = &step.undo_command {
            writeln!(out, "         {}", painted(DIM, &Safe(command).to_string(), 0))?;
        }
    }
    Ok(())
}

fn json_of(story: &Story, policy: &Policy) -> Value {
    let findings = story.findings.iter().map(|finding| {
        json!({
            "guardrail": finding.guardrail.name,
            "verdict": finding.verdict,
            "severity": finding.severity.word(),
            "resource": finding.resource.id,
            "saw": finding.before,
            "reasons": finding.reasons,
            "would": would(finding, &story.event, policy),
            "steps": finding.steps,
        })
    });
    let idle = story.idle.iter().map(|idle| json!({"guardrail": idle.entry.about.name, "why": idle.why}));
    json!({
        "event_id": story.event.id,
        "event_name": story.event.name,
        "actor": story.event.actor,
        "families": story.reached,
        "why_not": story.why_not,
        "guardrails": findings.collect::<Vec<_>>(),
        "idle": idle.collect::<Vec<_>>(),
    })
}
