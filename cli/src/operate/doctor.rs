//! `parapet doctor`: the arguments, and who asks AWS. What is looked at, and what it means, is [`crate::doctor`]'s.

#[cfg(feature = "aws")]
use super::aws;
use crate::doctor::calls;
#[cfg(feature = "aws")]
use crate::doctor::{Patient, answers::Ask, calls::Call, examine, line::exit_status, show};
use crate::failure::CommandResult;
#[cfg(feature = "aws")]
use crate::failure::Failure;
#[cfg(feature = "aws")]
use crate::terminal::{Safe, columns};
use clap::{Args, ValueEnum};
#[cfg(feature = "aws")]
use jiff::Timestamp;
#[cfg(feature = "aws")]
use shared::aws::FailureKind;
#[cfg(feature = "aws")]
use shared::aws::accounts::Accounts;
#[cfg(feature = "aws")]
use shared::aws::s3::{Object, ObjectError, Read};
#[cfg(feature = "aws")]
use shared::aws::signed::Signed;
#[cfg(feature = "aws")]
use shared::engine::observed::{Observed, Place};
#[cfg(feature = "aws")]
use shared::engine::request::Answer;
use std::io::Write;
use std::process::ExitCode;

/// Is Parapet really working in this account? Look at everything that it needs, and change nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet doctor                                        the stack `parapet` in the region of your configuration
  parapet doctor --policy policy/parapet.yaml           with the policy file that was deployed with the functions
  parapet doctor --region all --format json             in every region that has the stack, for programs
  parapet doctor --stack-name security --region eu-west-1 --region us-east-1
  parapet doctor --print-policy                         the permissions that it needs

Exit status:
  0  all is well
  1  a fault was found
  2  could not run, or something could not be seen and no fault was found")]
pub struct DoctorArgs {
    /// The stack's name
    #[arg(long, value_name = "NAME", default_value = "parapet")]
    stack_name: String,
    /// A region with the stack, or `all` that have it; may be repeated [default: the region of your configuration]
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,
    /// The policy file that was deployed with the functions. One in S3 is found by itself
    #[arg(long, value_name = "FILE")]
    policy: Option<String>,
    /// How to show what was found
    #[arg(long, value_enum, default_value = "table")]
    format: DoctorFormat,
    /// Print the IAM policy with which everything can be seen, and look at nothing. With `--policy s3://...` it includes that object
    #[arg(long)]
    print_policy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DoctorFormat {
    /// For people: as wide as the terminal, or one line each with tabs where there is none
    Table,
    /// For programs: one object
    Json,
}

/// The word for every region that has the stack.
#[cfg(feature = "aws")]
const ALL: &str = "all";

/// Looks at a deployment, or prints what that needs.
///
/// # Errors
/// When it could not run.
pub fn doctor(args: &DoctorArgs) -> CommandResult {
    if args.print_policy {
        let region = args.region.first().cloned().or_else(|| std::env::var("AWS_REGION").ok());
        let policy = calls::policy(&args.stack_name, region.as_deref(), args.policy.as_deref());
        writeln!(anstream::stdout().lock(), "{policy:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(feature = "aws")]
    return aws::block_on(run(args));
    #[cfg(not(feature = "aws"))]
    {
        let DoctorArgs { format: DoctorFormat::Table | DoctorFormat::Json, .. } = args;
        Err(super::unavailable("doctor"))
    }
}

#[cfg(feature = "aws")]
async fn run(args: &DoctorArgs) -> CommandResult {
    let policy = match &args.policy {
        Some(file) if !file.starts_with("s3://") => {
            let text = std::fs::read_to_string(file);
            Some(text.map_err(|error| Failure::with(format!("cannot read `{}`", Safe(file)), error))?)
        }
        _ => None,
    };
    let is_all = args.region.iter().any(|region| region == ALL);
    if is_all && args.region.len() > 1 {
        return Err(Failure::new("`--region all` stands alone: leave the other regions out"));
    }
    let config = aws::config().await;
    let caller = aws::who(&config).await?;
    let own = config.region().map(ToString::to_string);
    let home = args.region.first().filter(|_| !is_all).cloned().or(own);
    let home = home.ok_or_else(|| Failure::new("which region? Name it with `--region`, or set `AWS_REGION`"))?;
    let partition = caller.arn.split(':').nth(1).unwrap_or("aws").to_owned();
    let place = Place { partition, account: caller.account.clone(), region: home.clone() };
    let regions = match &*args.region {
        _ if is_all => Vec::new(),
        [] => vec![home],
        named => named.to_vec(),
    };
    let patient = Patient { stack: args.stack_name.clone(), place: place.clone(), regions, policy };
    let accounts = Accounts::new(config, Some(caller.account.clone()), None, "parapet-doctor");
    // A name that is none would only be noticed at the first call.
    for region in &patient.regions {
        let place = Place { region: region.clone(), ..place.clone() };
        accounts.at(&place).await.map_err(aws::failure)?;
    }
    let asking = Asking { accounts, place };
    let lines = examine(&asking, &patient, Timestamp::now(), env!("CARGO_PKG_VERSION")).await;
    let about = show::About { stack: &patient.stack, account: &caller.account };
    let mut out = anstream::stdout().lock();
    match args.format {
        DoctorFormat::Json => writeln!(out, "{:#}", show::json(about, &lines))?,
        DoctorFormat::Table => match columns() {
            Some(columns) => show::table(&mut out, about, &lines, usize::from(columns))?,
            None => show::plain(&mut out, &lines)?,
        },
    }
    Ok(ExitCode::from(exit_status(&lines)))
}

/// Asks with the credentials of whoever runs the command.
#[cfg(feature = "aws")]
struct Asking {
    accounts: Accounts,
    place: Place,
}

#[cfg(feature = "aws")]
impl Ask for Asking {
    async fn ask(&self, call: &Call) -> Observed<Answer> {
        let place = Place { region: call.region.clone(), ..self.place.clone() };
        let access = match self.accounts.at(&place).await {
            Ok(access) => access,
            Err(unserved) => return Observed::Unknown { why: unserved.to_string() },
        };
        let action = call.permission.action;
        match Signed::new(&access.config).call(call.api, call.request.clone()).await {
            Ok(answer) => Observed::Known(answer),
            Err(failure) => match failure.kind {
                FailureKind::NotThere => Observed::Absent,
                FailureKind::Denied => {
                    Observed::Unknown { why: format!("your credentials lack `{action}` (`{}`)", failure.code) }
                }
                FailureKind::Transient | FailureKind::NotYet | FailureKind::Changed | FailureKind::Refused => {
                    Observed::Unknown { why: format!("`{action}` failed with {failure}") }
                }
            },
        }
    }

    async fn policy(&self, region: &str, uri: &str) -> Observed<String> {
        let place = Place { region: region.to_owned(), ..self.place.clone() };
        let unknown = |why: String| Observed::Unknown { why };
        let access = match self.accounts.at(&place).await {
            Ok(access) => access,
            Err(unserved) => return unknown(unserved.to_string()),
        };
        let object = match Object::at(&access.config, uri) {
            Ok(object) => object,
            Err(problem) => return unknown(problem.to_string()),
        };
        match object.read(None).await {
            Ok(Read::Changed { text, .. }) => Observed::Known(text),
            Ok(Read::Unchanged) => unknown(format!("`{uri}` answered that it has not changed")),
            Err(ObjectError::Call(error)) if error.failure().kind == FailureKind::NotThere => Observed::Absent,
            Err(problem) => unknown(problem.to_string()),
        }
    }
}
