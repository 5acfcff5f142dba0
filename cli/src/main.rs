//! `parapet`: guardrails for cloud accounts, from the command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod analyze;

/// Guardrails for cloud accounts, from the command line.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Analyze(analyze::AnalyzeArgs),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Analyze(args) => analyze::run(&args),
    }
}
