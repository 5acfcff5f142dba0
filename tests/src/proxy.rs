//! A proxy in front of moto (or of the Runtime API) that counts calls, adds a round trip, and breaks the calls that a test
//! names.

use crate::Result;
use crate::http::{self, Message, Server};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One request that went through.
#[derive(Clone, Debug)]
pub struct Call {
    /// Such as `RevokeSecurityGroupIngress`; the path where the request names no action.
    pub action: String,
    /// The service that it was signed for, such as `ec2`.
    pub service: Option<String>,
    /// When it had arrived.
    pub asked: Instant,
    /// When its answer was there.
    pub answered: Instant,
    /// The answer's id of the request.
    pub request_id: Option<String>,
    /// The answer's status; none when the connection was cut.
    pub status: Option<u16>,
    /// `X-Amzn-Trace-Id` of the request: the chain of invocations that it is part of.
    pub trace: Option<String>,
}

/// Services that IAM calls otherwise than their signatures do (service authorization reference).
const IN_IAM: &[(&str, &str)] = &[("monitoring", "cloudwatch")];

impl Call {
    /// The permission that it needs, such as `ec2:RevokeSecurityGroupIngress`.
    #[must_use]
    pub fn permission(&self) -> String {
        let signed = self.service.as_deref().unwrap_or_default();
        let service = IN_IAM.iter().find(|(name, _)| *name == signed).map_or(signed, |(_, prefix)| prefix);
        // What is asked for by path and method names its operation in the query.
        let action = self.action.rsplit_once("x-id=").map_or(self.action.as_str(), |(_, operation)| operation);
        format!("{service}:{action}")
    }
}

/// What to do to a request instead of passing it on.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Answer with this.
    Answer(Message),
    /// Cut the connection.
    Cut,
    /// Pass it on, and answer with this body.
    Body(Vec<u8>),
}

struct Planned {
    action: String,
    fault: Fault,
    times: usize,
}

#[derive(Default)]
struct State {
    calls: Mutex<Vec<Call>>,
    faults: Mutex<VecDeque<Planned>>,
    delay: Mutex<Duration>,
    headers: Mutex<Vec<String>>,
}

/// See the module.
pub struct Proxy {
    server: Server,
    state: Arc<State>,
}

impl Proxy {
    /// A proxy on a free port of loopback in front of `upstream` (`host:port`).
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(upstream: &str) -> Result<Self> {
        let state = Arc::new(State::default());
        let (upstream, shared) = (upstream.to_owned(), Arc::clone(&state));
        let server = Server::start(move |client| {
            let (upstream, state) = (upstream.clone(), Arc::clone(&shared));
            async move { serve(client, &upstream, &state).await }
        })
        .await?;
        Ok(Self { server, state })
    }

    /// `127.0.0.1:port`
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.address()
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The calls since the last call of this.
    #[must_use]
    pub fn take_calls(&self) -> Vec<Call> {
        std::mem::take(&mut *lock(&self.state.calls))
    }

    /// The actions of [`Self::take_calls`].
    #[must_use]
    pub fn take_actions(&self) -> Vec<String> {
        self.take_calls().into_iter().map(|call| call.action).collect()
    }

    /// Does this to the next `times` requests for `action`.
    pub fn fault(&self, action: &str, fault: Fault, times: usize) {
        lock(&self.state.faults).push_back(Planned { action: action.to_owned(), fault, times });
    }

    /// Forgets the faults that are still planned.
    pub fn mend(&self) {
        lock(&self.state.faults).clear();
    }

    /// Adds this header line to every answer from now on.
    pub fn add_header(&self, line: &str) {
        lock(&self.state.headers).push(line.to_owned());
    }

    /// Adds this to every round trip from now on.
    pub fn delay(&self, round_trip: Duration) {
        *lock(&self.state.delay) = round_trip;
    }
}

/// In which round trip `call` ran: one more than the longest chain of calls before it of which each began when the one before
/// it was over. What ran at the same time is no chain, and a call that took long hides none.
#[must_use]
pub fn round_trips(calls: &[Call], call: &Call) -> usize {
    let mut earlier: Vec<&Call> = calls.iter().filter(|other| other.answered <= call.asked).collect();
    earlier.sort_by_key(|other| other.answered);
    let mut rounds = 0;
    let mut end: Option<Instant> = None;
    for other in earlier {
        if end.is_none_or(|end| other.asked >= end) {
            rounds += 1;
            end = Some(other.answered);
        }
    }
    rounds + 1
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(client: TcpStream, upstream: &str, state: &State) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    // One connection upstream for each of the client's: keep-alive costs the same on both sides.
    let mut server: Option<BufReader<TcpStream>> = None;
    while let Some(request) = http::read(&mut client).await? {
        let asked = Instant::now();
        let action = request.action().unwrap_or_else(|| request.path().to_owned());
        let delay = *lock(&state.delay);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let fault = planned(state, &action);
        let mut answer = match &fault {
            Some(Fault::Cut) => None,
            Some(Fault::Answer(answer)) => Some(answer.clone()),
            Some(Fault::Body(body)) => {
                Some(Message { body: body.clone(), ..pass(&mut server, upstream, &request).await? })
            }
            None => Some(pass(&mut server, upstream, &request).await?),
        };
        if let Some(answer) = &mut answer {
            answer.headers.extend(lock(&state.headers).iter().cloned());
        }
        let status = answer.as_ref().and_then(Message::status);
        let request_id = answer.as_ref().and_then(|answer| answer.header("x-amzn-requestid")).map(str::to_owned);
        let service = request.service();
        let trace = request.header("x-amzn-trace-id").map(str::to_owned);
        // Before it is passed on: whatever the client asks for then comes after it.
        lock(&state.calls).push(Call { action, service, asked, answered: Instant::now(), request_id, status, trace });
        let Some(answer) = answer else { return Ok(()) };
        client.write_all(&answer.bytes()).await?;
    }
    Ok(())
}

fn planned(state: &State, action: &str) -> Option<Fault> {
    let mut faults = lock(&state.faults);
    let at = faults.iter().position(|planned| planned.times > 0 && planned.action == action)?;
    let planned = faults.get_mut(at)?;
    planned.times -= 1;
    Some(planned.fault.clone())
}

/// Passes a request on, over the open connection when that still works.
pub(crate) async fn pass(
    server: &mut Option<BufReader<TcpStream>>,
    upstream: &str,
    request: &Message,
) -> std::io::Result<Message> {
    if let Some(open) = server
        && open.write_all(&request.bytes()).await.is_ok()
        && let Ok(Some(answer)) = http::read(open).await
    {
        if closes(&answer) {
            *server = None;
        }
        return Ok(answer);
    }
    let stream = TcpStream::connect(upstream).await?;
    stream.set_nodelay(true)?;
    let mut fresh = BufReader::new(stream);
    fresh.write_all(&request.bytes()).await?;
    let answer = http::read(&mut fresh).await?.ok_or_else(|| std::io::Error::other("no answer"))?;
    *server = (!closes(&answer)).then_some(fresh);
    Ok(answer)
}

fn closes(answer: &Message) -> bool {
    answer.start.starts_with("HTTP/1.0")
        || answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}
