//! What judging costs on top of paging: 10,000 security groups through the function that sweeps them, with its guardrails on and
//! with all of them off.

use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tests::Result;
use tests::aws::Clients;
use tests::host::{Host, Settings};
use tests::many::{Many, Shape};
use tests::moto::{ACCOUNT, Moto, REGION};

/// What was measured.
pub(crate) struct Swept {
    /// Guardrails off: the pages alone.
    pub(crate) paging: Duration,
    /// Guardrails on.
    pub(crate) judging: Duration,
    /// `VmHWM` after judging, in KiB.
    pub(crate) peak_kib: u64,
}

const GROUPS: usize = 10_000;
/// A page takes this long in a real region, too: the listing of five hundred groups.
const PAGE: Duration = Duration::from_millis(20);

pub(crate) async fn measure(function: &Path, moto: &Moto, clients: &Clients) -> Result<Swept> {
    let many = Many::serve(Shape { groups: GROUPS, open_every: 500, delay: PAGE }).await?;
    let queue = clients.sqs.create_queue().queue_name("bench").send().await?.queue_url.unwrap_or_default();
    let (mut paging, mut judging, mut peak_kib) = (Vec::new(), Vec::new(), 0);
    for _ in 0..5 {
        for (mode, times) in [("off", &mut paging), ("notify", &mut judging)] {
            let more = [("AWS_ENDPOINT_URL_EC2", many.url()), ("PARAPET_QUEUE_URL", queue.clone())].into();
            let settings = Settings { endpoint: moto.url(), mode: Some(mode.to_owned()), more, ..Settings::default() };
            let mut host = Host::start_binary(function, "security-group", &settings).await?;
            times.push(sweep(&mut host, clients, &queue).await?);
            if mode == "notify" {
                peak_kib = peak_kib.max(host.peak_memory()?);
            }
        }
    }
    Ok(Swept { paging: super::median(&mut paging), judging: super::median(&mut judging), peak_kib })
}

/// All pages, one message after another.
async fn sweep(host: &mut Host, clients: &Clients, queue: &str) -> Result<Duration> {
    let mut message = json!({"parapet": {"task": "page", "kind": "security-group", "number": 1, "from": null,
        "place": {"partition": "aws", "account": ACCOUNT, "region": REGION}}});
    let (mut taken, mut seen) = (Duration::ZERO, 0);
    loop {
        let started = Instant::now();
        let answer = host.send(&message).await?;
        taken += started.elapsed();
        seen += answer.report()?["seen"].as_u64().unwrap_or_default();
        let received = clients.sqs.receive_message().queue_url(queue).send().await?.messages.unwrap_or_default();
        let Some(next) = received.first() else { break };
        message = serde_json::from_str::<Value>(next.body().unwrap_or_default())?;
        let receipt = next.receipt_handle().unwrap_or_default();
        clients.sqs.delete_message().queue_url(queue).receipt_handle(receipt).send().await?;
    }
    if seen == GROUPS as u64 { Ok(taken) } else { Err(format!("{seen} groups were swept, not {GROUPS}").into()) }
}
