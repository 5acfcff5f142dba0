//! `parapet completions` and `parapet man`: what a package of this command installs beside it.

use crate::cli::Cli;
use crate::failure::{CommandResult, Failure};
use crate::terminal::Safe;
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet completions bash > /etc/bash_completion.d/parapet
  parapet completions zsh > ~/.zfunc/_parapet
  parapet completions fish > ~/.config/fish/completions/parapet.fish")]
pub struct CompletionsArgs {
    /// Which one
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the manual page, or write those of all commands to a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet man | man -l -
  parapet man --out target/man")]
pub struct ManArgs {
    /// The folder: one page for each command
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

/// Prints completions.
///
/// # Errors
/// When the output cannot be written.
pub fn completions(args: &CompletionsArgs) -> CommandResult {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "parapet", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints or writes manual pages.
///
/// # Errors
/// When they cannot be written.
pub fn man(args: &ManArgs) -> CommandResult {
    match &args.out {
        None => clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?,
        Some(folder) => {
            let name = folder.display().to_string();
            let cannot = |error| Failure::with(format!("cannot write to `{}`", Safe(&name)), error);
            fs::create_dir_all(folder).map_err(|error: std::io::Error| cannot(error))?;
            clap_mangen::generate_to(Cli::command(), folder).map_err(cannot)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
