//! `parapet sweep`: everything that is there through the guardrails, from a terminal. Page by page; what was interrupted goes on
//! where it was.

#[cfg(feature = "aws")]
use super::aws;
#[cfg(feature = "aws")]
use crate::failure::{CommandResult, Failure};
#[cfg(feature = "aws")]
use crate::terminal::{BAD, BOLD, DIM, GOOD, Safe, severity_style, width};
use clap::{Args, ValueEnum};
#[cfg(feature = "aws")]
use comfy_table::{ContentArrangement, Table, presets};
#[cfg(feature = "aws")]
use indicatif::{ProgressBar, ProgressStyle};
#[cfg(feature = "aws")]
use serde::{Deserialize, Serialize};
#[cfg(feature = "aws")]
use shared::{
    aws::{accounts::Accounts, dynamodb::Table as Ledger, sns::Topic},
    channel::Channel,
    everything::services,
    finding::{Finding, Outcome},
    model::Place,
    pipeline::{Clock, Rules},
    policy::{Mode, Policy},
    service::{Desk, Service, Shelf, SystemClock},
    verdict::Severity,
};
#[cfg(feature = "aws")]
use std::collections::BTreeSet;
#[cfg(feature = "aws")]
use std::io::Write;
use std::path::PathBuf;
#[cfg(feature = "aws")]
use std::process::ExitCode;

/// Judge everything that is there, in the account of your credentials
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet sweep                                            all that is there, nothing is changed
  parapet sweep --region eu-west-1 --region us-east-1      in two regions
  parapet sweep --kind security-group --format jsonl       one kind, for programs
  parapet sweep --state sweep.json                         goes on where it was interrupted
  parapet sweep --enforce --policy policy/parapet.yaml     does what the policy says

Exit status:
  0  nothing found
  1  violations found
  2  could not run, or not everything could be looked at")]
pub struct SweepArgs {
    /// Only this kind of resource; may be repeated [default: all]
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// In this region; may be repeated [default: the region of your configuration]
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// The policy file [default: the built-in policy]
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Close what the policy says is to be closed; without it nothing is changed
    #[arg(long)]
    enforce: bool,
    /// Do not ask before enforcing
    #[arg(long, requires = "enforce")]
    yes: bool,
    /// How to show what was found
    #[arg(long, value_enum, default_value = "table")]
    format: SweepFormat,
    /// Keeps how far the sweep is after each page; a sweep that finds it goes on from there
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The ledger's table: findings are written down, good states are kept [default: `PARAPET_LEDGER_TABLE`, else none]
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// The topic to tell what was found [default: nobody is told]
    #[arg(long, value_name = "ARN")]
    topic: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SweepFormat {
    /// For people
    Table,
    /// One JSON object a line
    Jsonl,
}

/// How far a sweep is: what `--state` keeps.
#[cfg(feature = "aws")]
#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    account: String,
    /// Kinds and regions that are done.
    done: BTreeSet<(String, String)>,
    /// Where the next page of the one at hand begins.
    at: Option<(String, String, Option<String>)>,
    seen: usize,
    found: Vec<Row>,
    /// What could not be listed.
    unlisted: Vec<String>,
}

/// One finding.
#[cfg(feature = "aws")]
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Row {
    severity: Severity,
    guardrail: String,
    resource: String,
    account: String,
    region: String,
    verdict: String,
    result: String,
    reasons: Vec<String>,
    actions: Vec<String>,
    finding_id: String,
}

#[cfg(feature = "aws")]
impl From<&Finding> for Row {
    fn from(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            guardrail: finding.guardrail.name.to_owned(),
            resource: finding.resource.id.clone(),
            account: finding.place.account.clone(),
            region: finding.place.region.clone(),
            verdict: finding.verdict.to_owned(),
            result: finding.outcome.word().to_owned(),
            reasons: finding.reasons.clone(),
            actions: finding.steps.iter().map(|step| step.action.clone()).collect(),
            finding_id: finding.id.to_string(),
        }
    }
}

#[cfg(feature = "aws")]
pub(super) async fn run(args: &SweepArgs) -> CommandResult {
    let config = aws::config().await;
    let caller = aws::who(&config).await?;
    let mut policy = match &args.policy {
        Some(file) => crate::policy::load(Some(file))?,
        None => Policy::default(),
    };
    if !args.enforce {
        policy.limit(Mode::Notify);
    } else if !aws::confirm(&format!("Close what the policy says, in account {}?", caller.account), args.yes)? {
        return Ok(ExitCode::from(2));
    }
    let regions = match (&*args.region, config.region()) {
        ([], Some(region)) => vec![region.to_string()],
        ([], None) => return Err(Failure::new("which region? Name it with `--region`, or set `AWS_REGION`")),
        (named, _) => named.to_vec(),
    };
    let services = chosen(&args.kind)?;
    let name =
        args.table.clone().or_else(|| std::env::var("PARAPET_LEDGER_TABLE").ok().filter(|name| !name.is_empty()));
    let table = name.map(|name| super::aws::ledger(&config, &name));
    let topic = args.topic.as_ref().map(|arn| Topic::new(&config, arn));
    let channel = topic.map(|topic| Channel::new(Some(topic), table.clone()));
    let accounts = Accounts::new(config, Some(caller.account.clone()), None, "parapet-sweep");
    let desk = Desk { accounts, shelf: table.map_or(Shelf::None, Shelf::Table) };
    let rules = Rules { policy, ..Rules::default() };
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let mut state = State::load(args.state.as_deref(), &caller.account)?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {human_pos} resources, {elapsed}") {
        bar.set_style(style);
    }
    bar.set_position(state.seen as u64);
    for region in &regions {
        let place = Place { partition: partition.clone(), account: caller.account.clone(), region: region.clone() };
        for service in &services {
            let what = Sweeping { service: service.as_ref(), place: &place, desk: &desk, rules: &rules };
            what.run(&mut state, args, channel.as_ref(), &bar).await?;
        }
    }
    bar.finish_and_clear();
    let answer = state.show(args)?;
    if let Some(file) = &args.state {
        // It is over: the next one begins anew.
        std::fs::remove_file(file)
            .map_err(|error| Failure::with(format!("cannot remove `{}`", Safe(&file.display().to_string())), error))?;
    }
    Ok(answer)
}

#[cfg(feature = "aws")]
fn chosen(kinds: &[String]) -> Result<Vec<Box<dyn Service>>, Failure> {
    let all = services();
    for kind in kinds {
        if !all.iter().any(|service| service.kind() == kind) {
            let known: Vec<&str> = all.iter().map(|service| service.kind()).collect();
            return Err(Failure::new(format!("there is no kind `{}`: {} are known", Safe(kind), known.join(", "))));
        }
    }
    Ok(all.into_iter().filter(|service| kinds.is_empty() || kinds.iter().any(|kind| kind == service.kind())).collect())
}

/// One kind in one region.
#[cfg(feature = "aws")]
struct Sweeping<'a> {
    service: &'a dyn Service,
    place: &'a Place,
    desk: &'a Desk,
    rules: &'a Rules,
}

#[cfg(feature = "aws")]
impl Sweeping<'_> {
    async fn run(
        &self,
        state: &mut State,
        args: &SweepArgs,
        channel: Option<&Channel<Topic, Ledger>>,
        bar: &ProgressBar,
    ) -> Result<(), Failure> {
        let me = (self.service.kind().to_owned(), self.place.region.clone());
        if state.done.contains(&me) {
            return Ok(());
        }
        let mut from = match state.at.take() {
            Some((kind, region, from)) if (&kind, &region) == (&me.0, &me.1) => from,
            _ => None,
        };
        bar.set_message(format!("{} in {}", me.0, me.1));
        loop {
            let swept = self.service.sweep(self.desk, self.rules, self.place, from.as_deref()).await;
            let swept = swept.map_err(|retry| aws::failure(format!("{} in {}: {}", me.0, me.1, retry.0)))?;
            for finding in swept.handled.findings.iter().filter(|finding| finding.told_by.is_none()) {
                if let (Some(channel), true) = (channel, finding.verdict == "violation") {
                    channel.tell(finding, SystemClock.now()).await.map_err(aws::failure)?;
                }
                state.found.push(Row::from(finding));
            }
            state.unlisted.extend(swept.unlisted.map(|why| format!("{} in {}: {why}", me.0, me.1)));
            state.seen += swept.seen;
            bar.set_position(state.seen as u64);
            bar.tick();
            let Some(next) = swept.next else { break };
            state.at = Some((me.0.clone(), me.1.clone(), Some(next.clone())));
            state.save(args.state.as_deref())?;
            from = Some(next);
        }
        state.done.insert(me);
        state.save(args.state.as_deref())
    }
}

#[cfg(feature = "aws")]
impl State {
    fn load(file: Option<&std::path::Path>, account: &str) -> Result<Self, Failure> {
        let fresh = Self { account: account.to_owned(), ..Self::default() };
        let Some(file) = file else { return Ok(fresh) };
        let name = file.display().to_string();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(fresh),
            Err(error) => return Err(Failure::with(format!("cannot read `{}`", Safe(&name)), error)),
        };
        let state: Self = serde_json::from_str(&text).map_err(|error| {
            Failure::with(format!("`{}` is not the state of a sweep: remove it to begin anew", Safe(&name)), error)
        })?;
        if state.account == account {
            return Ok(state);
        }
        Err(Failure::new(format!(
            "`{}` is of a sweep of account {}, these are credentials of {account}: name another file",
            Safe(&name),
            Safe(&state.account)
        )))
    }

    /// Written beside the file and moved over it: an interruption leaves the one or the other.
    fn save(&self, file: Option<&std::path::Path>) -> Result<(), Failure> {
        let Some(file) = file else { return Ok(()) };
        let name = file.display().to_string();
        let failed = |error: std::io::Error| Failure::with(format!("cannot write `{}`", Safe(&name)), error);
        let mut beside = file.as_os_str().to_owned();
        beside.push(".new");
        std::fs::write(&beside, serde_json::to_string(self).unwrap_or_default()).map_err(failed)?;
        std::fs::rename(&beside, file).map_err(failed)
    }

    fn show(&self, args: &SweepArgs) -> CommandResult {
        let mut out = anstream::stdout().lock();
        match args.format {
            SweepFormat::Jsonl => {
                for row in &self.found {
                    writeln!(out, "{}", serde_json::to_string(row).unwrap_or_default())?;
                }
            }
            SweepFormat::Table => self.table(&mut out)?,
        }
        let mut err = anstream::stderr().lock();
        for why in &self.unlisted {
            writeln!(err, "{BAD}not looked at:{BAD:#} {}", Safe(why))?;
        }
        let violations =
            self.found.iter().filter(|row| row.verdict == "violation" && row.result != Outcome::Exempt.word());
        Ok(match (self.unlisted.is_empty(), violations.count()) {
            (false, _) => ExitCode::from(2),
            (true, 0) => ExitCode::SUCCESS,
            (true, _) => ExitCode::FAILURE,
        })
    }

    fn table(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut rows: Vec<&Row> = self.found.iter().collect();
        rows.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.resource.cmp(&b.resource)));
        if !rows.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width()).set_header(["severity", "guardrail", "resource", "result", "why"]);
            for row in &rows {
                let style = severity_style(row.severity);
                table.add_row([
                    format!("{style}{}{style:#}", row.severity),
                    row.guardrail.clone(),
                    Safe(&row.resource).to_string(),
                    row.result.clone(),
                    Safe(&row.reasons.join("; ")).to_string(),
                ]);
            }
            writeln!(out, "{table}")?;
        }
        let violations = rows.iter().filter(|row| row.verdict == "violation").count();
        let style = if violations == 0 { GOOD } else { BOLD };
        writeln!(out, "{style}{violations} violations{style:#} {DIM}on {} resources{DIM:#}", self.seen)?;
        Ok(())
    }
}
