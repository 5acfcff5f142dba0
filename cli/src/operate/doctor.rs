//! `parapet doctor`: the arguments, and who calls AWS. What is looked at, and what it means, is [`crate::doctor`]'s.

#[cfg(feature = "aws")]
mod run;

use crate::doctor::calls::{self, Beside};
use crate::failure::CommandResult;
use clap::{Args, ValueEnum};
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
  parapet doctor --print-policy --kms-key ARN           for a stack with a `KmsKeyArn`

Exit status:
  0  all is well
  1  a fault was found; a guardrail that is `off` is one, also where that is on purpose
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
    /// The key that the stack's parameter `KmsKeyArn` names: the printed policy includes it
    #[arg(long, value_name = "ARN", requires = "print_policy")]
    kms_key: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DoctorFormat {
    /// For people: as wide as the terminal, or one line each where there is none
    Table,
    /// For programs: one object
    Json,
}

/// Looks at a deployment, or prints what that needs.
///
/// # Errors
/// When it could not run.
pub fn doctor(args: &DoctorArgs) -> CommandResult {
    if args.print_policy {
        let region = args.region.first().cloned().or_else(|| std::env::var("AWS_REGION").ok());
        let beside = Beside { policy: args.policy.as_deref(), kms_key: args.kms_key.as_deref() };
        let policy = calls::policy(&args.stack_name, region.as_deref(), beside);
        writeln!(anstream::stdout().lock(), "{policy:#}")?;
        return Ok(ExitCode::SUCCESS);
    }
    #[cfg(feature = "aws")]
    return super::aws::block_on(run::run(args));
    #[cfg(not(feature = "aws"))]
    {
        let DoctorArgs { format: DoctorFormat::Table | DoctorFormat::Json, .. } = args;
        Err(super::unavailable("doctor"))
    }
}
