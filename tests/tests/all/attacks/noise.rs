//! An attacker makes so much noise, or so large a change, that a guardrail would give up.

use super::WORLD;
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range};
use serde_json::Value;
use shared::operations::bursts::WINDOW;
use std::time::{Duration, Instant};
use tests::host::{Host, Settings};
use tests::lab::{Lab, authorize, on_port};
use tests::records::{self, Caller};
use tests::view::View;

const ADMIN_PORT: &str = "security-group-admin-port-open";
const ALL_TRAFFIC: &str = "security-group-all-traffic-open";

/// Which events of the noise, counted from zero, are said in digests after the first one.
const DIGESTS: [usize; 3] = [99, 999, 9_999];

/// Which window of a burst it is: they begin with the hour.
fn window() -> i64 {
    jiff::Timestamp::now().as_second() / WINDOW.as_secs()
}

/// What was notified: the result or kind, and the guardrail.
async fn notified(lab: &Lab) -> Vec<String> {
    let heard = lab.channel.hear().await.unwrap();
    let word = |message: &Value| {
        let attribute = |name: &str| message["MessageAttributes"][name]["Value"].as_str().unwrap().to_owned();
        format!("{} {}", attribute("result"), attribute("guardrail"))
    };
    heard.iter().map(word).collect()
}

async fn opened(lab: &Lab, group: &str, by: &str, asked: IpPermission) -> Value {
    let asked = [asked];
    let made = authorize(&lab.clients, group, &asked).await.unwrap();
    records::authorized(&Caller::user(by), group, &asked, &made)
}

/// One principal opens the same port again and again, as fast as it is closed; in the midst of it another opens everything.
/// `PARAPET_NOISE` says how often, for measuring.
#[tokio::test]
async fn noise_of_one_principal_switches_nothing_off_and_hides_nothing() {
    let noise: usize = std::env::var("PARAPET_NOISE").ok().and_then(|count| count.parse().ok()).unwrap_or(40);
    let lab = WORLD.lab("noise").await.unwrap();
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let (noisy, other) = (lab.group().await.unwrap(), lab.group().await.unwrap());
    let standing = lab.lines(&View::Group(noisy.clone())).await.unwrap();
    let (mut spent, mut calls, mut messages) = (Duration::ZERO, 0, Vec::new());
    let (mut first, mut in_window) = (0, window());
    for event in 0..noise {
        if event == noise / 2 {
            messages.extend(notified(&lab).await);
            let everything = IpPermission::builder().ip_protocol("-1");
            let everything = everything.ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build()).build();
            let real = opened(&lab, &other, "eve", everything).await;
            let began = Instant::now();
            let answer = function.send(&real).await.unwrap();
            println!("the real opening after {event} of noise: answered after {:?}", began.elapsed());
            assert_eq!(answer.result(ALL_TRAFFIC).unwrap(), "remediated");
            let real = notified(&lab).await;
            assert_eq!(real.len(), 1, "it is notified by itself: {real:?}");
            assert_eq!(real[0], format!("remediated {ALL_TRAFFIC}"));
            messages.extend(real);
        }
        let again = opened(&lab, &noisy, "mallory", on_port(22, "0.0.0.0/0", "")).await;
        drop(lab.proxy.take_calls());
        // With a window's end its burst is summed up, and the next one is notified one by one again.
        if window() != in_window {
            (first, in_window) = (event, window());
        }
        let began = Instant::now();
        let answer = function.send(&again).await.unwrap();
        spent += began.elapsed();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "closed however often: {event}");
        let actions = lab.proxy.take_actions();
        calls += actions.len();
        let times = |name: &str| actions.iter().filter(|action| action.contains(name)).count();
        assert_eq!(times("RevokeSecurityGroupIngress"), 1, "one close: {actions:?}");
        // The hundredth, the thousandth and so on is said in a digest.
        let event = event - first;
        if event > 4 && !DIGESTS.contains(&event) && window() == in_window {
            assert_eq!(times("UpdateItem"), 1, "one counter write: {actions:?}");
            assert_eq!(times("Publish"), 0, "{actions:?}");
        }
    }
    println!("{noise} of noise: {calls} calls, {:?} each", spent / u32::try_from(noise).unwrap());
    assert_eq!(lab.lines(&View::Group(noisy)).await.unwrap(), standing, "nothing stays open");
    messages.extend(notified(&lab).await);
    assert!(messages.len() < 20, "{messages:?}");
    assert!(messages.contains(&format!("burst {ADMIN_PORT}")), "{messages:?}");
}

/// More rules than one call may take away. The local AWS allows 60 in a group; what is larger is held by `shared/tests/all/size.rs`.
#[tokio::test]
async fn a_change_is_not_too_large_to_be_closed() {
    let lab = WORLD.lab("size").await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();
    let group = lab.group().await.unwrap();
    let standing = lab.lines(&View::Group(group.clone())).await.unwrap();
    let ranges: Vec<IpPermission> = (0..29)
        .map(|more| {
            let call = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22 + more);
            let call = call.ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").build());
            call.ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build()).build()
        })
        .collect();
    let event = lab.open(&group, &ranges).await.unwrap();
    drop(lab.proxy.take_calls());
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{answer:?}");
    let actions = lab.proxy.take_actions();
    let revoked = actions.iter().filter(|action| action.contains("RevokeSecurityGroupIngress")).count();
    assert_eq!(revoked, 2, "in calls that the API takes: {actions:?}");
    assert_eq!(lab.lines(&View::Group(group)).await.unwrap(), standing);
}
