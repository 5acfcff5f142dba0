//! A function: the real binary behind the real Runtime API, with nothing of the caller's environment.

use crate::aws::Keys;
use crate::moto::{ACCOUNT, REGION};
use crate::paths::{self, Scratch};
use crate::proxy::Proxy;
use crate::{Problem, Result};
use lambda_simulator::{InvocationBuilder, InvocationStatus, Simulator, SimulatorError};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

/// A function's environment variables.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `AWS_ENDPOINT_URL`
    pub endpoint: String,
    /// The credentials of its role.
    pub keys: Keys,
    /// `AWS_REGION`, where it is another than usual.
    pub region: Option<String>,
    /// `PARAPET_TOPIC_ARN`
    pub topic: Option<String>,
    /// The text of the policy file behind `PARAPET_POLICY`.
    pub policy: Option<String>,
    /// `PARAPET_MODE`
    pub mode: Option<String>,
    /// `PARAPET_SELF_ROLE_ARN`
    pub own_role: Option<String>,
    /// `PARAPET_LEDGER_TABLE`
    pub ledger: Option<String>,
    /// Whatever else its environment says; wins over the rest.
    pub more: BTreeMap<&'static str, String>,
}

/// The answer to an event.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The function's JSON.
    Report(Value),
    /// The error that Lambda would retry.
    Error {
        /// Its type.
        kind: String,
        /// Its message.
        message: String,
    },
}

impl Answer {
    /// The outcome that a guardrail reports.
    ///
    /// # Errors
    /// When there is none.
    pub fn outcome(&self, guardrail: &str) -> Result<&Value> {
        let Self::Report(report) = self else { return Err(format!("an error was answered: {self:?}").into()) };
        let outcomes = report["outcomes"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = outcomes.iter().find(|outcome| outcome["guardrail"] == guardrail);
        found.ok_or_else(|| format!("nothing is said of `{guardrail}`: {report}").into())
    }

    /// The function's JSON.
    ///
    /// # Errors
    /// When an error was answered.
    pub fn report(&self) -> Result<&Value> {
        match self {
            Self::Report(report) => Ok(report),
            Self::Error { .. } => Err(format!("an error was answered: {self:?}").into()),
        }
    }

    /// How it ended for a guardrail: the word of `result`.
    ///
    /// # Errors
    /// When nothing is said of it.
    pub fn result(&self, guardrail: &str) -> Result<String> {
        Ok(self.outcome(guardrail)?["result"].as_str().unwrap_or_default().to_owned())
    }
}

/// The Runtime API of one function, and what stands in front of it.
pub struct RuntimeApi {
    simulator: Simulator,
    front: Proxy,
    name: String,
}

impl RuntimeApi {
    /// A free one.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(name: &str) -> Result<Self> {
        let simulator = Simulator::builder().function_name(name).region(REGION).invocation_timeout(DEADLINE);
        let simulator = simulator.build().await?;
        let front = Proxy::start(simulator.runtime_api_url().trim_start_matches("http://")).await?;
        // As Lambda does and the simulator does not: Python's runtime hands over bytes without it.
        front.add_header("content-type: application/json");
        Ok(Self { simulator, front, name: name.to_owned() })
    }

    /// `AWS_LAMBDA_RUNTIME_API`
    #[must_use]
    pub fn address(&self) -> &str {
        self.front.address()
    }
}

/// The deadline of an event, and how long its answer is waited for.
const DEADLINE: Duration = Duration::from_secs(120);
/// How long to wait for the simulator's word before looking.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Nothing here speaks TLS, but a client that is made reads every certificate that the machine trusts: most of what the start of
/// an unoptimised function would cost. This is one for it to read; nothing is signed with it.
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/root.pem");

/// Lambda ends a chain of a function and itself after this many rounds, whatever lies between ("Use Lambda recursive loop
/// detection to prevent infinite loops", AWS Lambda developer guide: about 16).
pub const LONGEST_CHAIN: u32 = 16;

/// A running function.
pub struct Host {
    api: RuntimeApi,
    /// How often the function was invoked in each chain, by the root of its trace.
    chains: BTreeMap<String, u32>,
    /// What an event may take.
    deadline: Duration,
    child: Child,
    started: Instant,
    log: Arc<Mutex<Vec<String>>>,
    /// Where its policy file is.
    _scratch: Scratch,
}

impl Host {
    /// Starts a function of the workspace, of the caller's profile.
    ///
    /// # Errors
    /// When it was not built or cannot be started.
    pub async fn start(name: &str, settings: &Settings) -> Result<Self> {
        let mut settings = settings.clone();
        settings.more.entry("SSL_CERT_FILE").or_insert_with(|| ROOT.to_owned());
        Self::start_binary(&paths::binary(name)?, name, &settings).await
    }

    /// Starts this binary.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn start_binary(binary: &Path, name: &str, settings: &Settings) -> Result<Self> {
        let api = RuntimeApi::start(name).await?;
        let scratch = Scratch::new()?;
        let mut environment = settings.environment(name);
        environment.insert("AWS_LAMBDA_RUNTIME_API", api.address().to_owned());
        if let Some(policy) = &settings.policy {
            let path = scratch.path().join("policy.yaml");
            std::fs::write(&path, policy)?;
            environment.insert("PARAPET_POLICY", path.display().to_string());
        }
        let mut command = Command::new(binary);
        command.env_clear().envs(environment);
        Self::spawn(api, command, scratch)
    }

    /// Runs a command that knows where its Runtime API is.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn spawn(api: RuntimeApi, mut command: Command, scratch: Scratch) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("cannot start {command:?}: {error}"))?;
        let log = Arc::new(Mutex::new(Vec::new()));
        keep(child.stdout.take(), &log);
        keep(child.stderr.take(), &log);
        Ok(Self { api, chains: BTreeMap::new(), deadline: DEADLINE, child, started, log, _scratch: scratch })
    }

    /// The ARN under which it is invoked.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.api.name)
    }

    /// Gives the events from now on this much time, as a function's timeout does.
    pub fn set_timeout(&mut self, timeout: Duration) {
        self.deadline = timeout;
    }

    /// Hands it an event that begins a chain of its own, and waits for what it answers.
    ///
    /// # Errors
    /// When it ends, or does not answer before the deadline.
    pub async fn send(&mut self, event: &Value) -> Result<Answer> {
        self.invoke(event, None).await
    }

    /// Hands it an event of the chain that `trace` names (`X-Amzn-Trace-Id` of the call that led to it), as a queue, a topic, a
    /// bucket or an invocation by the function itself does. A chain that is too long is ended, and the function not invoked.
    ///
    /// # Errors
    /// As [`Self::send`].
    pub async fn send_on(&mut self, event: &Value, trace: &str) -> Result<Answer> {
        self.invoke(event, Some(trace)).await
    }

    async fn invoke(&mut self, event: &Value, trace: Option<&str>) -> Result<Answer> {
        let timeout = u64::try_from(self.deadline.as_millis())?;
        let invocation = InvocationBuilder::new().payload(event.clone()).timeout_ms(timeout).function_arn(self.arn());
        let mut invocation = invocation.build()?;
        if let Some(trace) = trace {
            trace.clone_into(&mut invocation.trace_id);
        }
        let rounds = self.chains.entry(root(&invocation.trace_id)).or_default();
        *rounds += 1;
        if *rounds > LONGEST_CHAIN {
            let message = format!("the chain has had its {LONGEST_CHAIN} rounds");
            return Ok(Answer::Error { kind: "RecursiveInvocationException".to_owned(), message });
        }
        let id = self.api.simulator.enqueue(invocation).await;
        let until = Instant::now() + self.deadline.max(DEADLINE);
        // The simulator misses an answer that comes between its looking and its waiting: it is asked again.
        let answered = async {
            loop {
                match self.api.simulator.wait_for_invocation_complete(&id, LOOK_AGAIN).await {
                    Err(SimulatorError::Timeout(_)) if Instant::now() < until => {}
                    answered => break answered,
                }
            }
        };
        let state = tokio::select! {
            state = answered => state,
            ended = self.child.wait() => return Err(self.ended(ended?)),
        };
        let state = state.map_err(|error| -> Problem { format!("{error}; its log: {:#?}", self.log()).into() })?;
        Ok(match (state.status, state.response, state.error) {
            (InvocationStatus::Success, Some(response), _) => Answer::Report(response.payload),
            (_, _, Some(error)) => Answer::Error { kind: error.error_type, message: error.error_message },
            (status, ..) => return Err(format!("the event ended as {status:?} without an answer").into()),
        })
    }

    fn ended(&self, status: std::process::ExitStatus) -> Problem {
        format!("the function ended with {status}; its log: {:#?}", self.log()).into()
    }

    /// Waits for the process to end by itself.
    ///
    /// # Errors
    /// When it does not within `patience`.
    pub async fn wait(&mut self, patience: Duration) -> Result<std::process::ExitStatus> {
        Ok(tokio::time::timeout(patience, self.child.wait()).await.map_err(|_| "the function did not end")??)
    }

    /// What stands in front of its Runtime API.
    #[must_use]
    pub fn front(&self) -> &Proxy {
        &self.api.front
    }

    /// What it has written.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// When its process was started.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// The most memory that it has held (`VmHWM`), in KiB. Linux only.
    ///
    /// # Errors
    /// When the kernel does not say.
    pub fn peak_memory(&self) -> Result<u64> {
        let id = self.child.id().ok_or("the function has ended")?;
        peak_memory(id)
    }
}

/// The most memory that a process has held (`VmHWM`), in KiB. Linux only.
///
/// # Errors
/// When the kernel does not say.
pub fn peak_memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// `Root=…` of a trace header: what all invocations of a chain have in common.
fn root(trace: &str) -> String {
    trace.split(';').find(|part| part.starts_with("Root=")).unwrap_or(trace).to_owned()
}

impl Settings {
    fn environment(&self, name: &str) -> BTreeMap<&'static str, String> {
        let text = str::to_owned;
        let region = self.region.clone().unwrap_or_else(|| text(REGION));
        let mut environment = BTreeMap::from([
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("AWS_LAMBDA_FUNCTION_NAME", text(name)),
            ("AWS_LAMBDA_FUNCTION_VERSION", text("$LATEST")),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", text("128")),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", text("local")),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", region.clone()),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_ACCESS_KEY_ID", self.keys.id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.keys.secret.clone()),
            ("RUST_LOG", text("info")),
        ]);
        let optional = [
            ("AWS_SESSION_TOKEN", &self.keys.token),
            ("PARAPET_TOPIC_ARN", &self.topic),
            ("PARAPET_MODE", &self.mode),
            ("PARAPET_SELF_ROLE_ARN", &self.own_role),
            ("PARAPET_LEDGER_TABLE", &self.ledger),
        ];
        environment.extend(optional.into_iter().filter_map(|(key, value)| Some((key, value.clone()?))));
        environment.extend(self.more.clone());
        environment
    }
}

fn keep(stream: Option<impl AsyncRead + Send + Unpin + 'static>, log: &Arc<Mutex<Vec<String>>>) {
    let Some(stream) = stream else { return };
    let log = Arc::clone(log);
    tokio::spawn(async move {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    });
}
