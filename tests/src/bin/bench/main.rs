//! The benchmark: how long is a hole open once the event is there? The release binary of the `security-group` function and
//! Cloud Custodian (see `tests/bench/README.md`), on the same local AWS, with the same events, in the same run. Beside that: what
//! a sweep costs, a replay of logs, and a check of large files.
//!
//! `make bench` prepares both and runs it. The status is not zero when a target is missed.

mod check;
mod replay;
mod sweep;

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tests::host::{Host, RuntimeApi, Settings};
use tests::lab::{authorize, on_port};
use tests::moto::{Moto, REGION};
use tests::paths::{self, Scratch};
use tests::proxy::{Proxy, round_trips};
use tests::records::{self, Caller};
use tests::view::View;
use tests::{Result, aws};
use tokio::process::Command;

/// Enough for a median that does not move; the peer's cold starts take seconds.
const COLD: usize = 7;
const WARM: usize = 15;
const DELAYS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(20)];

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().nth(1).map(PathBuf::from)).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(problem) => {
            anstream::eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Contender {
    Parapet,
    /// With a ledger, the breaker and a policy in S3.
    Operated,
    Custodian,
}

struct Place {
    proxy: Proxy,
    clients: aws::Clients,
    function: PathBuf,
    group: String,
}

/// What was measured of one contender at one delay.
struct Measured {
    cold: Duration,
    warm: Duration,
    cold_round_trips: usize,
    warm_round_trips: usize,
    peak_kib: u64,
}

async fn run(release: Option<PathBuf>) -> Result<bool> {
    let folder = release.unwrap_or_else(|| paths::root().join("target/release"));
    let function = folder.join("security-group");
    let size = std::fs::metadata(&function)
        .map_err(|error| format!("{}: {error}; `make bench` builds it", function.display()))?
        .len();
    anstream::println!("replaying logs beside `zcat` …");
    let mut beside = report_replay(&replay::measure(&folder.join("parapet"))?);
    anstream::println!("checking large files beside serde alone …");
    beside.extend(report_check(&check::measure(&folder)?));
    anstream::println!(
        "starting an AWS on loopback (moto); {COLD} cold starts and {WARM} warm events for each figure …"
    );
    let moto = Moto::start().await?;
    let clients = aws::Clients::new(&moto.url(), &aws::Keys::default()).await;
    let vpc = clients.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await?.vpc.and_then(|vpc| vpc.vpc_id);
    let call = clients.ec2.create_security_group().group_name("bench").description("bench").set_vpc_id(vpc);
    let group = call.send().await?.group_id.unwrap_or_default();
    let place = Place { proxy: Proxy::start(moto.address()).await?, clients, function, group };
    place.prepare().await?;
    let mut rows = Vec::new();
    for delay in DELAYS {
        place.proxy.delay(delay);
        rows.push(Row {
            delay,
            ours: place.measure(Contender::Parapet).await?,
            operated: place.measure(Contender::Operated).await?,
            theirs: place.measure(Contender::Custodian).await?,
        });
    }
    let swept = sweep::measure(&place.function, &moto).await?;
    Ok(report(&rows, size, &swept, beside))
}

/// What was measured at one delay.
struct Row {
    delay: Duration,
    ours: Measured,
    operated: Measured,
    theirs: Measured,
}

/// Nothing trips here: what is measured is the counting.
const POLICY: &str = "version: 1
defaults: { mode: enforce, breaker: { remediations: 1000000 }, feud: { rounds: 1000000 } }
";

impl Place {
    /// A ledger, and a policy in S3.
    async fn prepare(&self) -> Result<()> {
        let dynamodb = &self.clients.dynamodb;
        let key = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build()?;
        let schema = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build()?;
        let call = dynamodb.create_table().table_name("bench").billing_mode(BillingMode::PayPerRequest);
        call.attribute_definitions(key).key_schema(schema).send().await?;
        self.clients.s3.create_bucket().bucket("bench").send().await?;
        let call = self.clients.s3.put_object().bucket("bench").key("parapet.yaml");
        call.body(POLICY.as_bytes().to_vec().into()).send().await?;
        Ok(())
    }

    async fn measure(&self, contender: Contender) -> Result<Measured> {
        let mut cold = Vec::new();
        let mut cold_round_trips = 0;
        for _ in 0..COLD {
            let event = self.break_it().await?;
            let mut host = self.start(contender).await?;
            let (time, trips) = self.contain(&mut host, &event, true).await?;
            cold.push(time);
            cold_round_trips = trips;
        }
        let mut host = self.start(contender).await?;
        let mut warm = Vec::new();
        let mut warm_round_trips = 0;
        for at in 0..=WARM {
            let event = self.break_it().await?;
            let (time, trips) = self.contain(&mut host, &event, false).await?;
            // The first event of a process is a cold one.
            if at > 0 {
                warm.push(time);
                warm_round_trips = trips;
            }
        }
        let peak_kib = host.peak_memory()?;
        Ok(Measured { cold: median(&mut cold), warm: median(&mut warm), cold_round_trips, warm_round_trips, peak_kib })
    }

    /// SSH from everywhere, and the event of it.
    async fn break_it(&self) -> Result<serde_json::Value> {
        let asked = [on_port(22, "0.0.0.0/0", "")];
        let made = authorize(&self.clients, &self.group, &asked).await?;
        Ok(records::authorized(&Caller::user("ben"), &self.group, &asked, &made))
    }

    /// From the start of the process, or from the event, to the answer of the call that closes it.
    async fn contain(&self, host: &mut Host, event: &serde_json::Value, from_start: bool) -> Result<(Duration, usize)> {
        let _ = self.proxy.take_calls();
        let handed = if from_start { host.started() } else { std::time::Instant::now() };
        host.send(event).await?;
        let calls = self.proxy.take_calls();
        let closing = calls.iter().find(|call| call.action == "RevokeSecurityGroupIngress" && call.status == Some(200));
        let closing = closing.ok_or_else(|| format!("nothing was revoked; its log: {:#?}", host.log()))?;
        let left = View::Group(self.group.clone()).lines(&self.clients).await?;
        if left.iter().any(|line| line.starts_with("ingress tcp 22 ")) {
            return Err("the hole stayed open".into());
        }
        Ok((closing.answered.duration_since(handed), round_trips(&calls, closing)))
    }

    async fn start(&self, contender: Contender) -> Result<Host> {
        match contender {
            Contender::Parapet => {
                let (endpoint, mode) = (self.proxy.url(), Some("enforce".to_owned()));
                let settings = Settings { endpoint, mode, ..Settings::default() };
                Host::start_binary(&self.function, "security-group", &settings).await
            }
            Contender::Operated => {
                let more = [("PARAPET_POLICY", "s3://bench/parapet.yaml".to_owned())].into();
                let (endpoint, ledger) = (self.proxy.url(), Some("bench".to_owned()));
                let settings = Settings { endpoint, ledger, more, ..Settings::default() };
                Host::start_binary(&self.function, "security-group", &settings).await
            }
            Contender::Custodian => self.custodian().await,
        }
    }

    /// Cloud Custodian as it runs in Lambda: `tests/bench/README.md` says why each variable is there.
    async fn custodian(&self) -> Result<Host> {
        let bench = paths::root().join(".venv/bench");
        let (python, folder) = (bench.join("bin/python"), bench.join("custodian"));
        if !(python.is_file() && Path::new(&folder).is_dir()) {
            return Err("Cloud Custodian is not there: run `make venv-bench`".into());
        }
        let api = RuntimeApi::start("custodian").await?;
        let home = Scratch::new()?;
        let mut command = Command::new(python);
        command.args(["-m", "awslambdaric", "custodian_policy.run"]).current_dir(&folder).env_clear().envs([
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("AWS_LAMBDA_RUNTIME_API", api.address().to_owned()),
            ("LAMBDA_TASK_ROOT", folder.display().to_string()),
            ("AWS_ENDPOINT_URL", self.proxy.url()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_SESSION_TOKEN", "token".to_owned()),
            ("AWS_LAMBDA_FUNCTION_NAME", "custodian".to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/custodian".to_owned()),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
            ("HOME", home.path().display().to_string()),
            ("TZ", "UTC".to_owned()),
        ]);
        Host::spawn(api, command, home)
    }
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn mebibytes(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}

/// The table, the ratios and the targets; whether all were met.
fn report(rows: &[Row], size: u64, swept: &sweep::Swept, beside: Vec<(String, bool)>) -> bool {
    let line = |name: &str, ours: &str, theirs: &str, ratio: &str| {
        anstream::println!("  {name:<64} {ours:>9} {theirs:>17} {ratio:>9}");
    };
    anstream::println!("\n  medians; a hole is closed when the revoking call has answered\n");
    line("", "Parapet", "Cloud Custodian", "ratio");
    let mut targets = Vec::new();
    for Row { delay, ours, operated, theirs } in rows {
        let at = format!("at +{} ms a call", delay.as_millis());
        let cold = ours.cold.as_secs_f64() / theirs.cold.as_secs_f64();
        let warm = ours.warm.as_secs_f64() / theirs.warm.as_secs_f64();
        let ratio = |ratio: f64| format!("1/{:.1}", 1.0 / ratio);
        line(
            &format!("start of the process to containment, {at}"),
            &milliseconds(ours.cold),
            &milliseconds(theirs.cold),
            &ratio(cold),
        );
        line(
            &format!("event to containment, warm, {at}"),
            &milliseconds(ours.warm),
            &milliseconds(theirs.warm),
            &ratio(warm),
        );
        let trips = |measured: &Measured| format!("{} / {}", measured.cold_round_trips, measured.warm_round_trips);
        line(&format!("round trips up to containment, cold / warm, {at}"), &trips(ours), &trips(theirs), "");
        let with = "with ledger, breaker and S3 policy";
        let operated_cold = operated.cold.as_secs_f64() / theirs.cold.as_secs_f64();
        let operated_warm = operated.warm.as_secs_f64() / theirs.warm.as_secs_f64();
        line(&format!("start to containment, {with}, {at}"), &milliseconds(operated.cold), "", &ratio(operated_cold));
        line(
            &format!("event to containment, warm, {with}, {at}"),
            &milliseconds(operated.warm),
            "",
            &ratio(operated_warm),
        );
        line(&format!("round trips, cold / warm, {with}, {at}"), &trips(operated), "", "");
        let same = format!("{with}, {at}: one call up to containment: {}", operated.warm_round_trips);
        targets.push((same, operated.warm_round_trips == 1));
        let slower = operated.warm.as_secs_f64() / ours.warm.as_secs_f64();
        targets.push((format!("{with}, {at}: warm at most 1.2 times as long: {slower:.2}"), slower <= 1.2));
        if delay.is_zero() {
            targets.push((
                format!("{with}: cold at most 1/10 of the peer's: {}", ratio(operated_cold)),
                operated_cold <= 0.1,
            ));
            targets.push((format!("cold at most 1/10 of the peer's: {}", ratio(cold)), cold <= 0.1));
            targets.push((format!("warm at most 1/3 of the peer's: {}", ratio(warm)), warm <= 1.0 / 3.0));
        } else {
            let trips = ours.warm.as_secs_f64() / delay.as_secs_f64();
            targets.push((format!("warm at most 1.5 round trips {at}: {trips:.2}"), trips <= 1.5));
        }
    }
    let peak = |of: fn(&Row) -> u64| mebibytes(rows.iter().map(of).max().unwrap_or_default());
    let (ours, theirs) = (peak(|row| row.ours.peak_kib.max(row.operated.peak_kib)), peak(|row| row.theirs.peak_kib));
    line(
        "peak memory (VmHWM)",
        &format!("{ours:.1} MiB"),
        &format!("{theirs:.1} MiB"),
        &format!("1/{:.1}", theirs / ours),
    );
    line("size of the binary", &format!("{:.1} MiB", mebibytes(size / 1024)), "", "");
    targets.push((format!("peak memory at most 16 MiB: {ours:.1} MiB"), ours <= 16.0));
    let first = rows.first().map_or(0, |row| row.ours.warm_round_trips.max(row.ours.cold_round_trips));
    targets.push((format!("one AWS call up to containment: {first}"), first == 1));
    let judging = swept.judging.as_secs_f64() / swept.paging.as_secs_f64();
    let (all, pages) = (milliseconds(swept.judging), milliseconds(swept.paging));
    line("10,000 groups swept; with every guardrail off", &all, &pages, &format!("{judging:.2}"));
    targets.push((format!("a sweep at most 1.3 times as long as its pages: {judging:.2}"), judging <= 1.3));
    let memory = mebibytes(swept.peak_kib);
    targets.push((format!("a sweep of 10,000 groups in at most 64 MiB: {memory:.1} MiB"), memory <= 64.0));
    targets.extend(beside);
    anstream::println!("\n  targets");
    for (text, met) in &targets {
        anstream::println!("  {} {text}", if *met { "met   " } else { "MISSED" });
    }
    targets.iter().all(|(_, met)| *met)
}

/// The lines about the replay, and its targets.
fn report_replay(replayed: &replay::Replayed) -> Vec<(String, bool)> {
    let zcat = replayed.zcat;
    let (megabytes, time) = (replayed.bytes / 1_000_000, milliseconds(zcat.wall));
    anstream::println!(
        "\n  {megabytes} MB of records in packed files; `zcat` of them: {time}; the shortest of several runs each"
    );
    let made_up = format!("{} made-up guardrails beside them", replay::MADE_UP);
    let row = |name: &str, spent: replay::Spent| {
        let ratio = spent.of(zcat);
        anstream::println!("  replay, {name:<56} {:>9} {ratio:>27.2}", milliseconds(spent.wall));
        let work = 100 * spent.ticks / zcat.ticks.max(1);
        anstream::println!("    its processor time, on all cores: {work} % of zcat's");
        (format!("replay, {name}: at most {} of zcat's time: {ratio:.2}", replay::OF_ZCAT), ratio <= replay::OF_ZCAT)
    };
    let more = replayed.many.of(replayed.real);
    let most = replay::OF_REAL;
    let same = (format!("replay, {made_up}: at most {most} times as long as without: {more:.2}"), more <= most);
    vec![row("the guardrails there are", replayed.real), row(&made_up, replayed.many), same]
}

/// The lines about the check of large files, and its targets.
fn report_check(checked: &[check::Checked]) -> Vec<(String, bool)> {
    let mut targets = Vec::new();
    for check::Checked { what, bytes, serde, check, peak_kib } in checked {
        let ratio = check.as_secs_f64() / serde.as_secs_f64();
        let (megabytes, memory) = (bytes / 1_000_000, mebibytes(*peak_kib));
        anstream::println!(
            "\n  check, {what}, {megabytes} MB: {}, {memory:.1} MiB; serde alone: {}; the shortest of several runs each",
            milliseconds(*check),
            milliseconds(*serde)
        );
        let most = check::OF_SERDE;
        targets
            .push((format!("check, {what}: at most {most} times what serde alone takes: {ratio:.2}"), ratio <= most));
        targets.push((format!("check, {what}: at most 80 MiB: {memory:.1} MiB"), *peak_kib <= check::MOST_KIB));
    }
    targets
}
