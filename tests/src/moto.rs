//! An AWS on loopback: moto's server, as `make venv` prepares it.

use crate::http::{Message, ask};
use crate::{Result, paths};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The account that moto plays, where the keys do not say another: its own default.
pub const ACCOUNT: &str = "123456789012";
/// The region that everything happens in: IAM's events arrive here as well.
pub const REGION: &str = "us-east-1";

/// A running moto. It ends with the process that holds it, however that ends.
pub struct Moto {
    address: String,
    process: String,
}

impl Drop for Moto {
    fn drop(&mut self) {
        // Without the process that it was forked from, it has ended by itself.
        if let Some(Ok(source)) = SOURCE.get() {
            let _ = writeln!(lock(source).orders, "stop {}", self.process);
        }
    }
}

/// What every moto of this process is forked from: to start Python and to read what moto needs takes seconds.
static SOURCE: OnceLock<std::result::Result<Mutex<Source>, String>> = OnceLock::new();

struct Source {
    _process: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

fn lock(source: &Mutex<Source>) -> MutexGuard<'_, Source> {
    source.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Source {
    fn start() -> Result<Self> {
        let mut process = Command::new(python()?)
            .args([
                "-c",
                concat!(
                    include_str!("policies.py"),
                    include_str!("settings.py"),
                    include_str!("added.py"),
                    include_str!("moto.py")
                ),
            ])
            .env("INITIAL_NO_AUTH_ACTION_COUNT", "1000000000")
            // Set, everything would happen in that account, for every caller.
            .env_remove("MOTO_ACCOUNT_ID")
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .env_remove("MOTO_AMIS_PATH")
            .env_remove("AWS_ENDPOINT_URL")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let orders = process.stdin.take().ok_or("moto takes no orders")?;
        let answers = process.stdout.take().ok_or("moto gives no answers")?;
        Ok(Self { _process: process, orders, answers: BufReader::new(answers) })
    }

    /// The port and the process of a new moto.
    fn fork(&mut self) -> Result<(String, String)> {
        writeln!(self.orders, "start")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        let (port, process) = answer.trim().split_once(' ').ok_or("moto ended before it answered")?;
        Ok((port.to_owned(), process.to_owned()))
    }
}

impl Moto {
    /// Starts one, which listens on a port of its own.
    ///
    /// # Errors
    /// When there is none to start, or it does not come up.
    pub async fn start() -> Result<Self> {
        let fork = || {
            let source = SOURCE.get_or_init(|| Source::start().map(Mutex::new).map_err(|problem| problem.to_string()));
            lock(source.as_ref().map_err(Clone::clone)?).fork().map_err(|problem| problem.to_string())
        };
        let (port, process) = tokio::task::spawn_blocking(fork).await??;
        Ok(Self { address: format!("127.0.0.1:{port}"), process })
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When moto does not answer.
    pub async fn reset(&self) -> Result<()> {
        let answer = ask(&self.address, &Message::request("POST", "/moto-api/reset")).await?;
        if answer.status() == Some(200) { Ok(()) } else { Err(format!("reset answered {}", answer.start).into()) }
    }

    /// From the next call on, IAM is enforced; or never again.
    ///
    /// # Errors
    /// When moto does not answer.
    pub async fn enforce_iam(&self, enforced: bool) -> Result<()> {
        let mut request = Message::request("POST", "/moto-api/reset-auth");
        request.body = if enforced { b"0".to_vec() } else { b"1000000000".to_vec() };
        let answer = ask(&self.address, &request).await?;
        if answer.status() == Some(200) { Ok(()) } else { Err(format!("reset-auth answered {}", answer.start).into()) }
    }
}

/// The Python that has moto: the virtual environment's, else the one beside `moto_server` on the path.
fn python() -> Result<PathBuf> {
    let local = paths::root().join(".venv/bin/moto_server");
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&on_path).map(|folder| folder.join("moto_server"));
    let beside = |server: &Path| {
        let names = ["python", "python3"].into_iter();
        names.map(|name| server.with_file_name(name)).find(|python| python.is_file())
    };
    let mut servers = std::iter::once(local).chain(on_path).filter(|server| server.is_file());
    servers.find_map(|server| beside(&server)).ok_or_else(|| {
        "moto, the local AWS, is not there: run `make venv`, which prepares it in .venv (or `pip install 'moto[server]'`)".into()
    })
}
