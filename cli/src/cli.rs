//! The command line itself: one subcommand a module.

use crate::failure::CommandResult;
use crate::{analyze, check, exempt, explain, guardrails, operate, policy, replay, shell};
use clap::{Parser, Subcommand};

/// Guardrails for cloud accounts, from the command line: gate, replay, analyse
#[derive(Debug, Parser)]
#[command(
    name = "parapet",
    version,
    about,
    arg_required_else_help = true,
    after_help = "Examples:
  parapet check template.yaml                          before a deployment
  parapet replay --format html --out report.html logs  over what has happened
  parapet explain event.json                           why a guardrail answered as it did
  parapet guardrails --severity critical               what is watched
  parapet exempt list                                  what is allowed all the same

Exit status:
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
    Exempt(exempt::ExemptArgs),
    Undo(operate::UndoArgs),
    Stops(operate::StopsArgs),
    Sweep(operate::SweepArgs),
    Redrive(operate::RedriveArgs),
    Doctor(operate::DoctorArgs),
    Explain(explain::ExplainArgs),
    Guardrails(guardrails::GuardrailsArgs),
    Policy(policy::PolicyArgs),
    Replay(replay::ReplayArgs),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

impl Cli {
    /// Runs the chosen command.
    ///
    /// # Errors
    /// Why it could not run.
    pub fn run(&self) -> CommandResult {
        match &self.command {
            Command::Analyze(args) => analyze::run(args),
            Command::Check(args) => check::run(args),
            Command::Exempt(args) => operate::exempt(args),
            Command::Undo(args) => operate::undo(args),
            Command::Stops(args) => operate::stops(args),
            Command::Sweep(args) => operate::sweep(args),
            Command::Redrive(args) => operate::redrive(args),
            Command::Doctor(args) => operate::doctor(args),
            Command::Explain(args) => explain::run(args),
            Command::Guardrails(args) => guardrails::run(args),
            Command::Policy(args) => policy::run(args),
            Command::Replay(args) => replay::run(args),
            Command::Completions(args) => shell::completions(args),
            Command::Man(args) => shell::man(args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound_and_every_command_has_examples() {
        let mut command = Cli::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands_mut().filter(|sub| !sub.has_subcommands()) {
            let help = sub.render_long_help().to_string();
            let has_examples = help.contains("Examples:") || sub.get_name() == "analyze";
            assert!(has_examples, "{} has no examples", sub.get_name());
        }
    }
}
