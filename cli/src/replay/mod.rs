//! `parapet replay`: what would the guardrails have seen in these logs, and what would they have done?
//!
//! The event patterns of the template decide what reaches a guardrail, and the functions' own pipeline judges, by the
//! record alone. Files are read side by side; none is kept in memory.

mod engine;
mod glance;
mod html;
mod jsonl;
pub(crate) mod nested;
mod record;
mod source;
mod split;
mod summary;
mod text;

pub use record::Delivery;

use crate::failure::{CommandResult, Failure};
use crate::patterns::{Params, Patterns};
use crate::terminal::Safe;
use clap::{Args, ValueEnum};
use engine::{Engine, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use shared::engine::pipeline::{Detail, Rules};
use shared::policy::Policy;
use shared::resources::by_record::Judge;
use source::PassedOver;
use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Write, stderr, stdout};
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::{self, available_parallelism};
use summary::Summary;

/// Replay CloudTrail logs: what would the guardrails have seen, and what would they have done?
#[derive(Debug, Args)]
#[command(
    after_help = "Reads log files as they lie in a bucket ({\"Records\": [...]}, gzip or not), JSON lines, EventBridge
envelopes, exports of Athena and CloudTrail Lake in JSON and CSV, `aws cloudtrail lookup-events`, and
records however deep in what CloudWatch Logs, queues, topics, Lambda's destinations, Firehose and SIEMs
make of them; folders with all their folders. What needs a read of the account is `undetermined`, with the reason.

Examples:
  aws s3 sync s3://my-trail/AWSLogs logs && parapet replay logs
  parapet replay --policy policy/parapet.yaml --format html --out report.html logs
  parapet replay --format jsonl logs | jq -r 'select(.verdict == \"violation\") | .resource'
  aws cloudtrail lookup-events | parapet replay -

Exit status:
  0  no violation
  1  violations found that no exemption covers
  2  could not run, or a path in which no record was found or none could be read"
)]
pub struct ReplayArgs {
    /// Files and folders; `-` for standard input
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The policy to judge by, a file or `s3://bucket/key`; the built-in defaults without one
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Where to write; standard output without it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The ARN of a role of Parapet's own functions, whose calls its rules leave out; may be repeated
    #[arg(long, value_name = "ARN")]
    own_role: Vec<String>,
    /// The template whose event patterns decide; the one that this command was built with without it
    #[arg(long, value_name = "FILE")]
    template: Option<PathBuf>,
    /// How many files to read side by side; one a core without it
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Counts by guardrail, severity, actor, account and day, and the gravest findings
    Text,
    /// One JSON object a line for each violation and each undetermined answer
    Jsonl,
    /// One self-contained page: timeline, charts, a table that filters, every finding with its record
    Html,
}

/// Reads everything, then answers.
///
/// # Errors
/// When it could not run at all.
pub fn run(args: &ReplayArgs) -> CommandResult {
    let policy = crate::policy::load(args.policy.as_deref())?;
    let (patterns, sources) = thread::scope(|scope| {
        let sources = scope.spawn(|| source::sources(&args.paths));
        (patterns(args.template.as_deref(), &policy), sources.join())
    });
    let (patterns, sources) = (patterns?, sources.unwrap_or_else(|panic| resume_unwind(panic))?);
    let now = Timestamp::now();
    let judge = Judge::new(Rules { policy, ..Rules::default() }, now);
    let shows_records = args.format == Format::Html;
    let judge = if shows_records { judge } else { judge.with(Detail::Answers) };
    let jobs = args.jobs.or_else(|| available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let engine = Engine::new(&patterns, &judge, &args.own_role);
    let engine = if shows_records { engine.with_records() } else { engine };

    let mut out = output(args.out.as_deref())?;
    let mut summary = Summary::default();
    let mut report = html::Report::default();
    let progress = progress(sources.files.iter().map(|source| source.size).sum());
    let answered = engine.run(
        &sources.files,
        jobs,
        |bytes| progress.inc(bytes),
        |step| {
            match step {
                Step::File(source, result) => summary.file(source, result),
                Step::Hit(hit) => {
                    summary.hit(hit);
                    match args.format {
                        Format::Text => {}
                        Format::Jsonl => jsonl::write(&mut out, hit)?,
                        Format::Html => report.add(hit),
                    }
                }
            }
            Ok::<(), io::Error>(())
        },
    );
    progress.finish_and_clear();
    answered?;

    let unread = summary.passed_over(&args.paths, &sources.passed_over);
    match args.format {
        Format::Text => write_text(&mut *out, args.out.is_none(), &summary)?,
        Format::Jsonl => text::bad_files(&mut anstream::stderr().lock(), &summary)?,
        Format::Html => report.write(&mut *out, &summary, now)?,
    }
    out.flush()?;
    let complaint = complaint(&args.paths, &unread, &sources.passed_over);
    match (complaint, summary.total.violations) {
        (Some(complaint), 0) => Err(Failure::new(complaint)),
        (Some(complaint), _) => {
            writeln!(anstream::stderr(), "parapet: {}", Safe(&complaint))?;
            Ok(ExitCode::from(1))
        }
        (None, violations) => Ok(ExitCode::from(u8::from(violations > 0))),
    }
}

/// Why a replay in which something held no record is not clean; none where every path held one.
fn complaint(paths: &[PathBuf], unread: &[&PathBuf], passed_over: &[PassedOver]) -> Option<String> {
    const NAMED: usize = 5;
    let name = |path: &&PathBuf| {
        let at = paths.iter().position(|one| one == *path);
        let beside = at.and_then(|at| passed_over.get(at)).filter(|beside| beside.files > 0);
        let beside = beside.map(|beside| {
            let endings: Vec<&str> = beside.endings.iter().map(String::as_str).collect();
            format!(" ({} in it passed over, no logs by name or beginning: {})", beside.files, endings.join(", "))
        });
        format!("`{}`{}", path.display(), beside.unwrap_or_default())
    };
    let named: Vec<String> = unread.iter().take(NAMED).map(name).collect();
    let more = unread.len().checked_sub(NAMED).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    (!named.is_empty())
        .then(|| format!("no CloudTrail record could be read in {}{more}: that is not a clean log", named.join(", ")))
}

fn patterns(template: Option<&Path>, policy: &Policy) -> Result<Patterns, Failure> {
    let params = Params::default().for_policy(policy);
    let Some(path) = template else {
        return Patterns::built_in(&params).map_err(|e| Failure::with("cannot use the built-in template", e));
    };
    let name = Safe(&path.display().to_string()).to_string();
    let text = fs::read_to_string(path).map_err(|error| Failure::with(format!("cannot read `{name}`"), error))?;
    Patterns::from_template(&text, &params).map_err(|error| Failure::with(format!("cannot use `{name}`"), error))
}

/// The output as it is: JSON and HTML hold no colours.
fn output(path: Option<&Path>) -> Result<Box<dyn Write>, Failure> {
    // Behind it, standard output looks for the last line of whatever it is given.
    const BUFFER: usize = 64 * 1024;
    let Some(path) = path else { return Ok(Box::new(BufWriter::with_capacity(BUFFER, stdout()))) };
    let name = path.display().to_string();
    let file = File::create(path).map_err(|e| Failure::with(format!("cannot write `{}`", Safe(&name)), e))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// The summary in colours where there is a terminal to show them.
fn write_text(out: &mut dyn Write, is_stdout: bool, summary: &Summary) -> io::Result<()> {
    if is_stdout {
        return text::write(&mut anstream::stdout().lock(), summary);
    }
    let mut painted = Vec::new();
    text::write(&mut painted, summary)?;
    out.write_all(&anstream::adapter::strip_bytes(&painted).into_vec())
}

/// A bar with rate and remaining time on a terminal; nothing otherwise.
fn progress(bytes: u64) -> ProgressBar {
    let target = if stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
    let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta} left");
    let bar = ProgressBar::with_draw_target(Some(bytes), target);
    style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
}
