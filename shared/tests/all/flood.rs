//! Ten thousand events that violate, from one principal, and one real opening among them: what is closed, what is called, and
//! how often the channel is notified.

use crate::world::{Living, Watch, World, now};
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;
use serde_json::json;
use shared::engine::event::Event;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::orders::Stop;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::engine::unavailable::Unavailable;
use shared::notify::Message;
use shared::operations::bursts::{Burst, Bursts, is_worth_ending};
use shared::operations::channel::{Channel, Publish};
use shared::operations::ledger::{Counted, Counters, Entry, EntryState, Ledger, LedgerError, Tally};
use shared::operations::reporting::Reporting;
use shared::policy::{Mode, Policy};
use shared::resources::ec2::security_group::SecurityGroups;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const ADMIN_PORT: &str = "security-group-admin-port-open";
const ALL_TRAFFIC: &str = "security-group-all-traffic-open";

/// The topic and the table, which several processes share.
#[derive(Clone, Default)]
struct Aws {
    messages: Arc<Mutex<Vec<Message>>>,
    entries: Arc<Mutex<BTreeMap<Uuid, (Message, bool)>>>,
    counters: Arc<Mutex<BTreeMap<String, Counted>>>,
    stops: Arc<Mutex<Vec<Stop>>>,
    writes: Arc<Mutex<BTreeMap<&'static str, usize>>>,
    is_down: bool,
}

impl Aws {
    fn write(&self, what: &'static str) -> Result<(), LedgerError> {
        *self.writes.lock().unwrap().entry(what).or_default() += 1;
        let (table, code, message) = ("ledger".to_owned(), "InternalServerError".to_owned(), "down".to_owned());
        if self.is_down { Err(LedgerError { table, code, message }) } else { Ok(()) }
    }

    fn wrote(&self, what: &str) -> usize {
        self.writes.lock().unwrap().get(what).copied().unwrap_or_default()
    }

    fn subjects(&self) -> Vec<String> {
        self.messages.lock().unwrap().iter().map(|message| message.subject.clone()).collect()
    }
}

impl Publish for Aws {
    async fn publish(&self, message: &Message) -> Result<(), Unavailable> {
        self.messages.lock().unwrap().push(message.clone());
        Ok(())
    }
}

impl Ledger for Aws {
    async fn enter(&self, entry: &Entry) -> Result<EntryState, LedgerError> {
        self.write("enter")?;
        let mut entries = self.entries.lock().unwrap();
        Ok(match entries.get(&entry.id) {
            None => {
                entries.insert(entry.id, (entry.message.clone(), entry.is_counted));
                EntryState::New
            }
            Some((message, false)) => EntryState::Unsent(message.clone()),
            Some((_, true)) => EntryState::Notified,
        })
    }

    async fn notified(&self, id: Uuid, _: Timestamp) -> Result<(), LedgerError> {
        self.write("told")?;
        self.entries.lock().unwrap().get_mut(&id).unwrap().1 = true;
        Ok(())
    }
}

impl Counters for Aws {
    async fn count(&self, tally: &Tally) -> Result<Counted, LedgerError> {
        self.write("count")?;
        let mut counters = self.counters.lock().unwrap();
        let counter = counters.entry(tally.name.clone()).or_default();
        *counter = Counted { count: counter.count + 1, calls: counter.calls + tally.calls };
        Ok(*counter)
    }

    async fn counted(&self, name: &str) -> Result<Counted, LedgerError> {
        self.write("counted")?;
        Ok(self.counters.lock().unwrap().get(name).copied().unwrap_or_default())
    }

    async fn stop(&self, stop: &Stop) -> Result<(), LedgerError> {
        self.write("stop")?;
        self.stops.lock().unwrap().push(stop.clone());
        Ok(())
    }
}

/// One process of the function.
struct Process {
    channel: Channel<Aws, Aws>,
    bursts: Mutex<Bursts>,
    aws: Aws,
    /// Bursts whose end is to be scheduled.
    noticed: Mutex<Vec<Burst>>,
}

impl Process {
    fn new(aws: &Aws) -> Self {
        let channel = Channel::new(Some(aws.clone()), Some(aws.clone()));
        Self { channel, bursts: Mutex::default(), aws: aws.clone(), noticed: Mutex::default() }
    }

    /// Handles an event and reports what came of it, as a function does: the findings, and what was asked of AWS on the way.
    fn handle(&self, event: &Event, open: (&str, i32), at: Timestamp) -> (Vec<Finding>, Vec<String>) {
        let (protocol, port) = open;
        let rule =
            json!({"IpProtocol": protocol, "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]});
        let group = json!({"GroupId": "sg-1", "GroupName": "web", "IpPermissions": [rule]});
        let world = World::<SecurityGroups>::new(SecurityGroups::live(&group));
        let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
        let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
        let findings = now(handle(&SecurityGroups, context, event)).findings;
        let policy = Policy::default();
        let reporting =
            Reporting { channel: &self.channel, counters: Some(&self.aws), bursts: &self.bursts, policy: &policy };
        let worth: Vec<&Finding> = findings.iter().filter(|finding| finding.is_notifiable()).collect();
        let reported = now(reporting.report(&worth, at));
        assert!(reported.unsent.is_none() && reported.stops.is_empty());
        self.noticed.lock().unwrap().extend(reported.bursts);
        (findings, world.log())
    }
}

/// A rule that a principal adds, with its id in the record.
fn opened(user: &str, at: usize, protocol: &str, port: i32) -> Event {
    let cidr = "0.0.0.0/0";
    let asked =
        json!([{"ipProtocol": protocol, "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": cidr}]}}]);
    let made = json!([{"groupId": "sg-1", "securityGroupRuleId": "sgr-0123456789abcdef0", "isEgress": false,
                       "ipProtocol": protocol, "fromPort": port, "toPort": port, "cidrIpv4": cidr}]);
    Event::from_record(&json!({
        "eventID": format!("event-{user}-{at}"),
        "eventSource": "ec2.amazonaws.com",
        "eventName": "AuthorizeSecurityGroupIngress",
        "eventTime": "2026-03-02T09:14:07Z",
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::111122223333:user/{user}"), "userName": user},
        "requestParameters": {"groupId": "sg-1", "ipPermissions": {"items": asked}},
        "responseElements": {"_return": true, "securityGroupRuleSet": {"items": made}},
    }))
    .unwrap()
}

fn outcome(findings: &[Finding], guardrail: &str) -> Outcome {
    findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap().outcome
}

#[rstest]
#[case::within_one_window("2026-03-02T09:05:00Z", 4, 10_000)]
#[case::across_the_end_of_one("2026-03-02T09:58:00Z", 4, 2_000)]
#[case::in_one_process("2026-03-02T09:05:00Z", 1, 1_500)]
fn ten_thousand_events_lead_to_fewer_than_twenty_notifications_and_the_real_one_is_sent(
    #[case] start: Timestamp,
    #[case] processes: usize,
    #[case] noise: usize,
) {
    let aws = Aws::default();
    let processes: Vec<Process> = (0..processes).map(|_| Process::new(&aws)).collect();
    let at = |event: usize| start + SignedDuration::from_millis(100 * i64::try_from(event).unwrap());
    for event in 0..noise {
        let process = &processes[event % processes.len()];
        if event == noise / 2 {
            let before = aws.subjects().len();
            let (findings, asked) = process.handle(&opened("eve", event, "-1", -1), ("-1", -1), at(event));
            assert_eq!(outcome(&findings, ALL_TRAFFIC), Outcome::Remediated);
            assert!(asked[0].starts_with("call "), "it is closed by the first call: {asked:?}");
            let notified = aws.subjects().split_off(before);
            assert_eq!(notified.len(), 1, "it is notified by itself: {notified:?}");
        }
        let counted = aws.wrote("count");
        let (findings, asked) = process.handle(&opened("mallory", event, "tcp", 22), ("tcp", 22), at(event));
        assert_eq!(outcome(&findings, ADMIN_PORT), Outcome::Remediated, "closed however often: {event}");
        assert_eq!(asked.len(), 2, "one close and one look: {asked:?}");
        assert_eq!(aws.wrote("count") - counted, 1, "one counter write");
    }
    // Whatever comes next says how the bursts ended.
    processes[0].handle(&opened("ana", 0, "tcp", 3389), ("tcp", 3389), at(noise) + SignedDuration::from_hours(1));
    let subjects = aws.subjects();
    assert!(subjects.len() < 20, "{} notifications: {subjects:#?}", subjects.len());
    assert!(subjects.iter().any(|subject| subject.contains("Burst of 1000:")), "{subjects:#?}");
    assert_eq!(aws.entries.lock().unwrap().len() - aws.wrote_notices(), noise + 2, "every finding is in the ledger");
    assert!(aws.entries.lock().unwrap().values().all(|(_, notified)| *notified), "no notification waits");
    // The entry and its counter; a message and its mark for the few that are notified.
    let writes: usize = aws.writes.lock().unwrap().values().sum();
    assert!(writes < 2 * noise + 200, "{writes}");
}

impl Aws {
    /// Notices are entered as well, so that each is notified once.
    fn wrote_notices(&self) -> usize {
        self.subjects().iter().filter(|subject| subject.contains("Burst of")).count()
    }
}

/// Nothing follows the burst: its end is scheduled when it is noticed, and said once, with the count of the ledger.
#[test]
fn the_end_of_a_burst_is_said_though_nothing_follows() {
    let aws = Aws::default();
    let processes = [Process::new(&aws), Process::new(&aws)];
    let start: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
    for event in 0..57 {
        processes[event % 2].handle(&opened("mallory", event, "tcp", 22), ("tcp", 22), start);
    }
    let noticed: Vec<Burst> = processes.iter().flat_map(|one| one.noticed.lock().unwrap().clone()).collect();
    let [burst] = &noticed[..] else { panic!("noticed by the process that sent the digest: {noticed:?}") };
    let schedule = burst.ending("f", start);
    assert_eq!(schedule.at, "2026-03-02T10:01:00Z".parse().unwrap());
    let before = aws.subjects().len();
    let payload: serde_json::Value = serde_json::from_str(&schedule.input).unwrap();
    let burst = Burst::read(&payload["parapet"]).unwrap();
    let counted = now(aws.counted(&burst.tally.name)).unwrap();
    assert!(is_worth_ending(counted));
    // Delivered twice, and to a process that knows nothing; and then an event comes that would say it as well.
    for process in [&Process::new(&aws), &Process::new(&aws)] {
        now(process.channel.announce(&burst.digest(counted, true), schedule.at)).unwrap();
    }
    processes[0].handle(&opened("ana", 0, "tcp", 3389), ("tcp", 3389), schedule.at);
    let subjects = aws.subjects().split_off(before);
    assert_eq!(subjects.iter().filter(|subject| subject.contains("Burst of 57:")).count(), 1, "{subjects:?}");
}

/// Each process counts by itself then; everything is still closed, and notified by itself at first.
#[test]
fn without_a_ledger_that_answers_a_process_counts_alone() {
    let aws = Aws { is_down: true, ..Aws::default() };
    let process = Process::new(&aws);
    let start: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
    for event in 0..150 {
        let (findings, _) = process.handle(&opened("mallory", event, "tcp", 22), ("tcp", 22), start);
        assert_eq!(outcome(&findings, ADMIN_PORT), Outcome::Remediated);
    }
    let subjects = aws.subjects();
    assert_eq!(subjects.len(), 5, "three, and digests at 4 and 100: {subjects:#?}");
}

/// A repeated delivery is nothing new.
#[test]
fn a_repeated_delivery_is_not_counted_again() {
    let aws = Aws::default();
    let start: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
    for process in [Process::new(&aws), Process::new(&aws)] {
        for _ in 0..2 {
            process.handle(&opened("mallory", 1, "tcp", 22), ("tcp", 22), start);
        }
    }
    assert_eq!(aws.subjects().len(), 1);
    assert_eq!(aws.wrote("count"), 1);
}

/// What stayed open is notified by itself, whatever noise the same principal makes.
#[test]
fn noise_swallows_nothing_that_stayed_open() {
    let aws = Aws::default();
    let process = Process::new(&aws);
    let start: Timestamp = "2026-03-02T09:05:00Z".parse().unwrap();
    for event in 0..50 {
        process.handle(&opened("mallory", event, "tcp", 22), ("tcp", 22), start);
    }
    let before = aws.subjects().len();
    let (mut findings, _) = process.handle(&opened("mallory", 50, "tcp", 22), ("tcp", 22), start);
    assert_eq!(aws.subjects().len(), before, "counted");
    let failed = findings.iter_mut().find(|finding| finding.guardrail.name == ADMIN_PORT).unwrap();
    failed.outcome = Outcome::Failed;
    failed.id = Uuid::from_u128(1);
    let policy = Policy::default();
    let reporting =
        Reporting { channel: &process.channel, counters: Some(&aws), bursts: &process.bursts, policy: &policy };
    now(reporting.report(&[failed], start));
    assert_eq!(aws.subjects().len(), before + 1);
}
