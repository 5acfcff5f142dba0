//! `parapet`: guardrails for cloud accounts, from the command line.

use clap::Parser;
use parapet::cli::Cli;
use parapet::terminal::Safe;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run().unwrap_or_else(|failure| {
        if failure.is_broken_pipe() {
            return ExitCode::SUCCESS;
        }
        eprintln!("parapet: {}", Safe(&failure.to_string()));
        ExitCode::from(2)
    })
}
