//! The command line itself: one subcommand a module.

use crate::failure::CommandResult;
use crate::{analyze, check, guardrails, policy, replay};
use clap::{Parser, Subcommand};

/// Guardrails for cloud accounts, from the command line: gate, replay, analyse
#[derive(Debug, Parser)]
#[command(
    name = "parapet",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Exit status:
  0  clean
  1  violations found
  2  could not run"
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::AnalyzeArgs),
    Check(check::CheckArgs),
    Guardrails(guardrails::GuardrailsArgs),
    Policy(policy::PolicyArgs),
    Replay(replay::ReplayArgs),
}

impl Cli {
    /// Runs the chosen command.
    ///
    /// # Errors
    /// Why it could not run.
    pub fn run(&self) -> CommandResult {
        match &self.command {
            Command::Analyze(args) => Ok(analyze::run(args)),
            Command::Check(args) => check::run(args),
            Command::Guardrails(args) => guardrails::run(args),
            Command::Policy(args) => policy::run(args),
            Command::Replay(args) => replay::run(args),
        }
    }
}
