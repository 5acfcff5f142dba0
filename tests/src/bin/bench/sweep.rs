//! What judging costs on top of paging: 10,000 security groups through the function that sweeps them, with its guardrails on and
//! with all of them off.

use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::Result;
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

pub(crate) async fn measure(function: &Path, moto: &Moto) -> Result<Swept> {
    let many = Many::serve(Shape { groups: GROUPS, open_every: 500, delay: PAGE }).await?;
    let (mut paging, mut judging, mut peak_kib) = (Vec::new(), Vec::new(), 0);
    for _ in 0..5 {
        for (mode, times) in [("off", &mut paging), ("notify", &mut judging)] {
            let more = [("AWS_ENDPOINT_URL_EC2", many.url())].into();
            let settings = Settings { endpoint: moto.url(), mode: Some(mode.to_owned()), more, ..Settings::default() };
            let mut host = Host::start_binary(function, "security-group", &settings).await?;
            times.push(sweep(&mut host).await?);
            if mode == "notify" {
                peak_kib = peak_kib.max(host.peak_memory()?);
            }
        }
    }
    Ok(Swept { paging: super::median(&mut paging), judging: super::median(&mut judging), peak_kib })
}

/// All pages in one run.
async fn sweep(host: &mut Host) -> Result<Duration> {
    let place = json!({"partition": "aws", "account": ACCOUNT, "region": REGION});
    let order = json!({"parapet": {"task": "sweep", "only": {"kind": "security-group", "place": place}}});
    let started = Instant::now();
    let answer = host.send(&order).await?;
    let taken = started.elapsed();
    let seen = answer.report()?["seen"].as_u64().unwrap_or_default();
    if seen == GROUPS as u64 { Ok(taken) } else { Err(format!("{seen} groups were swept, not {GROUPS}").into()) }
}
