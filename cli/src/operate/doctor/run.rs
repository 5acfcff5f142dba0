//! What `parapet doctor` asks AWS, with the caller's credentials.

use super::super::aws;
use super::{DoctorArgs, DoctorFormat};
use crate::doctor::answers::Ask;
use crate::doctor::calls::Call;
use crate::doctor::line::exit_status;
use crate::doctor::{Scope, run_checks, show};
use crate::failure::{CommandResult, Failure};
use crate::terminal::Safe;
use jiff::Timestamp;
use shared::aws::FailureKind;
use shared::aws::accounts::Accounts;
use shared::aws::s3::{Object, ObjectError, Read};
use shared::aws::signed::Signed;
use shared::engine::observed::{Observed, Place};
use shared::engine::request::Answer;
use std::io::Write;
use std::process::ExitCode;

/// The word for every region that has the stack.
const ALL: &str = "all";

/// Looks at a deployment.
///
/// # Errors
/// When it could not run.
pub(super) async fn run(args: &DoctorArgs) -> CommandResult {
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
    let scope = Scope { stack: args.stack_name.clone(), place: place.clone(), regions, policy };
    let accounts = Accounts::new(config, Some(caller.account.clone()), None, "parapet-doctor");
    // A name that is none would only be noticed at the first call.
    for region in &scope.regions {
        let place = Place { region: region.clone(), ..place.clone() };
        accounts.at(&place).await.map_err(aws::failure)?;
    }
    let aws_caller = AwsCaller { accounts, place };
    let lines = run_checks(&aws_caller, &scope, Timestamp::now(), env!("CARGO_PKG_VERSION")).await;
    let about = show::About { stack: &scope.stack, account: &caller.account };
    let mut out = anstream::stdout().lock();
    match args.format {
        DoctorFormat::Json => writeln!(out, "{:#}", show::json(about, &lines))?,
        DoctorFormat::Table => show::table(&mut out, about, &lines)?,
    }
    Ok(ExitCode::from(exit_status(&lines)))
}

/// Calls AWS with the caller's credentials.
struct AwsCaller {
    accounts: Accounts,
    place: Place,
}

impl Ask for AwsCaller {
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
                FailureKind::NotThere if call.says_absent(&failure.message) => Observed::Absent,
                FailureKind::Denied => {
                    Observed::Unknown { why: format!("your credentials lack `{action}` (`{}`)", failure.code) }
                }
                FailureKind::NotThere
                | FailureKind::Transient
                | FailureKind::NotYet
                | FailureKind::Changed
                | FailureKind::Refused => Observed::Unknown { why: format!("`{action}` failed with {failure}") },
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
