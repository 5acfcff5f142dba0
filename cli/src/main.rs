//! `parapet`: guardrails for cloud accounts, from the command line.

use clap::Parser;
use parapet::cli::Cli;
use parapet::terminal::Safe;
use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    Cli::parse().run().unwrap_or_else(|failure| {
        // A reader that has gone (`| head`) needs no message. It is no clean answer either: a gate in a pipe must not pass by it.
        if !failure.is_broken_pipe() {
            let _ = writeln!(std::io::stderr(), "parapet: {}", Safe(&failure.to_string()));
        }
        ExitCode::from(2)
    })
}
