//! The `parapet` command against the local AWS, as a person would run it.

use crate::Result;
use crate::aws::Keys;
use crate::moto::REGION;
use crate::paths;
use std::process::Stdio;
use tokio::process::Command;

/// What a command answered.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Its exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Runs `parapet` with these arguments at this endpoint, without an operator to answer its questions.
///
/// # Errors
/// When it was not built.
pub async fn parapet(endpoint: &str, args: &[&str]) -> Result<Ran> {
    let ran = command(endpoint, args)?.output().await?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(Ran { status: ran.status.code().unwrap_or(-1), out: text(ran.stdout), err: text(ran.stderr) })
}

/// The command, not yet run.
///
/// # Errors
/// When it was not built.
pub fn command(endpoint: &str, args: &[&str]) -> Result<Command> {
    let keys = Keys::default();
    let mut command = Command::new(paths::binary("parapet")?);
    command.args(args).env_clear().stdin(Stdio::null());
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", REGION);
    command.env("AWS_ACCESS_KEY_ID", keys.id).env("AWS_SECRET_ACCESS_KEY", keys.secret);
    Ok(command)
}
