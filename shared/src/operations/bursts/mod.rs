//! How often the security channel is notified of the same: the first findings of a burst one by one, later ones in digests.
//!
//! Every finding is in the ledger and the log. What is limited is the number of notifications, and only that: what a principal
//! opens ten thousand times is closed ten thousand times. Counted is by guardrail, principal, account, region, severity and
//! window of time, so that no principal's noise swallows what another one does, what another guardrail objects to or what
//! is graver. What stayed open counts by its resource and elements as well: only the very same hole is not notified again and
//! again.

mod ending;

pub use ending::{BurstError, is_worth_ending};

use crate::engine::count::counted;
use crate::engine::finding::{Finding, Outcome};
use crate::engine::guardrail::About;
use crate::engine::orders::digest;
use crate::engine::verdict::Severity;
use crate::notify::Notice;
use crate::operations::circuit_breaker::{bucket, principal};
use crate::operations::ledger::{Counted, Tally};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

/// A burst ends with its window; the next one notifies one by one again.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(1);

/// So many findings of a burst are notified one by one.
pub const ALONE: u64 = 3;

/// What becomes of a finding's notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotifyAs {
    /// It is notified by itself.
    Alone,
    /// A digest says how many there were until now.
    Digest,
    /// It is counted: a later digest has it.
    Counted,
}

/// What becomes of the notification of the `count`th finding of a burst. Digests come at growing distances: when the burst is
/// noticed, then at 100, 1,000, 10,000 and so on; ten thousand findings lead to seven notifications, and one for the end.
#[must_use]
pub fn notify_as(count: u64) -> NotifyAs {
    const FIRST: u64 = 100;
    let is_round = |mut count: u64| {
        while count > FIRST && count.is_multiple_of(10) {
            count /= 10;
        }
        count == FIRST
    };
    if count <= ALONE {
        NotifyAs::Alone
    } else if count == ALONE + 1 || is_round(count) {
        NotifyAs::Digest
    } else {
        NotifyAs::Counted
    }
}

/// The burst that a finding is part of, and what is to be written for it. None for what is always notified by itself: sweeps
/// say everything once, what a person has done is no noise, and what counts itself says how many there are.
#[must_use]
pub fn burst(finding: &Finding, now: Timestamp) -> Option<Burst> {
    if finding.cause.is_sweep() || finding.outcome == Outcome::Undone || finding.is_counted {
        return None;
    }
    let principal = principal(finding);
    let mut parts = vec![
        finding.guardrail.name,
        &finding.place.account,
        &finding.place.region,
        finding.severity.word(),
        &principal,
    ];
    let mut elements: Vec<&str> = finding.evidence.iter().map(|evidence| evidence.element.as_str()).collect();
    elements.sort_unstable();
    let elements = digest(&elements.join("\n"));
    if finding.stayed_open() {
        parts.extend([finding.outcome.word(), &finding.resource.id, &elements]);
    }
    let began = bucket(now, WINDOW);
    let name = format!("{}{}#{began}", ending::NAME, parts.join("#"));
    let ends = Timestamp::from_second(began.saturating_add(1).saturating_mul(WINDOW.as_secs())).unwrap_or(now);
    Some(Burst {
        tally: Tally { name, expires: ends + WINDOW, calls: calls(finding) },
        ends,
        about: finding.guardrail,
        alike: Alike {
            principal,
            severity: finding.severity,
            account: finding.place.account.clone(),
            region: finding.place.region.clone(),
            stays_open: finding.stayed_open(),
            latest: format!(
                "the latest: {} by {} on {}, {}",
                finding.cause.event_name,
                finding.cause.actor.label(),
                finding.resource.id,
                finding.outcome.word()
            ),
        },
    })
}

/// The calls that were made for it: what closed it, the look that followed, and the two that write it down.
fn calls(finding: &Finding) -> u64 {
    let made = finding.steps.iter().filter(|step| step.answer.is_some()).count();
    let looks = usize::from(finding.after.is_some() || finding.times.verified.is_some());
    u64::try_from(made + looks).unwrap_or(u64::MAX).saturating_add(2)
}

/// Findings that are so much alike that one digest speaks for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    /// What is written for a finding of it.
    pub tally: Tally,
    /// When its window ends.
    pub ends: Timestamp,
    about: &'static About,
    alike: Alike,
}

/// What the findings of a burst have in common, and the latest of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Alike {
    principal: String,
    severity: Severity,
    account: String,
    region: String,
    stays_open: bool,
    latest: String,
}

impl Burst {
    /// The digest that says where the burst stands; `is_over` when its window has ended.
    #[must_use]
    pub fn digest(&self, so_many: Counted, is_over: bool) -> Notice {
        let Counted { count, calls } = so_many;
        let until = self.ends.strftime("%H:%M UTC");
        let so_far = if is_over { format!("until {until}") } else { "so far".to_owned() };
        let what = if self.alike.stays_open {
            "they are still open: nothing remediates them automatically"
        } else {
            "each was handled separately, and has its own entry in the ledger and the log"
        };
        let mut says = vec![
            format!(
                "{} of `{}` {so_far} within the hour, of changes by `{}`",
                counted(count, "finding"),
                self.about.name,
                self.alike.principal
            ),
            what.to_owned(),
            format!("about {} to AWS were made for them, in {}", counted(calls, "call"), counted(count, "run")),
            self.alike.latest.clone(),
        ];
        if !is_over {
            says.push(format!(
                "until {until} further findings are only counted, and notified in digests at growing \
                 intervals"
            ));
        }
        Notice {
            key: format!("{}#{}", self.tally.name, if is_over { "end".to_owned() } else { count.to_string() }),
            title: format!("Burst of {count}: {}", self.about.title),
            subject: self.alike.principal.rsplit(['/', ':']).next().unwrap_or_default().to_owned(),
            kind: "burst",
            guardrail: self.about.name,
            severity: self.alike.severity.raised(),
            account: self.alike.account.clone(),
            region: self.alike.region.clone(),
            says,
            next: vec![
                format!(
                    "Find out what `{}` is doing; revoke its permissions if this is an attack",
                    self.alike.principal
                ),
                "If it is a pipeline: fix its template, exempt what it opens, or name it in \
                 `defaults.feud.yields_to`"
                    .to_owned(),
            ],
        }
    }
}

/// What one process knows of the bursts: so that it need not ask, and so that the end of each is said.
#[derive(Debug, Default)]
pub struct Bursts {
    known: VecDeque<Known>,
}

#[derive(Debug)]
struct Known {
    burst: Burst,
    counted: Counted,
    /// The count that was last said.
    said: u64,
}

impl Bursts {
    /// More are at work at the same time only where a caller makes principals by the hundred; then the oldest are forgotten,
    /// which loses no more than the digest at their end.
    const MOST: usize = 256;

    /// Whether this process knows that findings of this burst are only counted by now.
    #[must_use]
    pub fn is_on(&self, burst: &Burst) -> bool {
        self.known.iter().any(|known| known.burst.tally.name == burst.tally.name && known.counted.count >= ALONE)
    }

    /// Counts in this process alone, for want of a ledger.
    #[must_use]
    pub fn count(&self, burst: &Burst) -> Counted {
        let before = self.known.iter().find(|known| known.burst.tally.name == burst.tally.name);
        let before = before.map(|known| known.counted).unwrap_or_default();
        Counted { count: before.count + 1, calls: before.calls + burst.tally.calls }
    }

    /// Takes down where a burst stands, and what became of the notification.
    pub fn note(&mut self, burst: &Burst, counted: Counted, notify_as: NotifyAs) {
        let said = if notify_as == NotifyAs::Counted { 0 } else { counted.count };
        if let Some(known) = self.known.iter_mut().find(|known| known.burst.tally.name == burst.tally.name) {
            known.burst = burst.clone();
            known.said = known.said.max(said);
            if counted.count > known.counted.count {
                known.counted = counted;
            }
            return;
        }
        if self.known.len() == Self::MOST {
            self.known.pop_front();
        }
        self.known.push_back(Known { burst: burst.clone(), counted, said });
    }

    /// The bursts whose window has ended, with what this process knows of them, where more were counted than said. They are
    /// forgotten.
    pub fn ended(&mut self, now: Timestamp) -> Vec<(Burst, Counted)> {
        let is_over = |known: &Known| known.burst.ends <= now;
        let ended = self.known.iter().filter(|known| is_over(known) && known.counted.count > known.said.max(ALONE));
        let ended = ended.map(|known| (known.burst.clone(), known.counted)).collect();
        self.known.retain(|known| !is_over(known));
        ended
    }

    /// Whether the account's principal is making so much noise that looking twice would keep others waiting.
    #[must_use]
    pub fn is_noisy(&self, principal: &str, account: &str, region: &str) -> bool {
        self.known.iter().any(|known| {
            let burst = &known.burst;
            known.counted.count > ALONE
                && (burst.alike.principal.as_str(), burst.alike.account.as_str(), burst.alike.region.as_str())
                    == (principal, account, region)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::verdict::Evidence;
    use crate::notify::sample;
    use crate::policy::Mode;
    use rstest::rstest;

    fn now() -> Timestamp {
        "2026-01-31T12:10:00Z".parse().unwrap()
    }

    fn name(finding: &Finding) -> String {
        burst(finding, now()).unwrap().tally.name
    }

    #[rstest]
    #[case(1, NotifyAs::Alone)]
    #[case(3, NotifyAs::Alone)]
    #[case(4, NotifyAs::Digest)]
    #[case(5, NotifyAs::Counted)]
    #[case(10, NotifyAs::Counted)]
    #[case(99, NotifyAs::Counted)]
    #[case(100, NotifyAs::Digest)]
    #[case(200, NotifyAs::Counted)]
    #[case(1_000, NotifyAs::Digest)]
    #[case(9_999, NotifyAs::Counted)]
    #[case(10_000, NotifyAs::Digest)]
    #[case(10_001, NotifyAs::Counted)]
    #[case(u64::MAX, NotifyAs::Counted)]
    fn the_first_are_notified_one_by_one_and_digests_come_at_growing_distances(
        #[case] count: u64,
        #[case] expected: NotifyAs,
    ) {
        assert_eq!(notify_as(count), expected);
    }

    #[test]
    fn ten_thousand_lead_to_seven_notifications() {
        assert_eq!((1..=10_000).filter(|count| notify_as(*count) != NotifyAs::Counted).count(), 7);
    }

    /// What is never swallowed by another's noise.
    #[rstest]
    #[case::another_principal(|finding: &mut Finding| finding.cause.actor.arn = Some("arn:aws:iam::1:user/eve".to_owned()))]
    #[case::another_account(|finding: &mut Finding| finding.place.account = "444455556666".to_owned())]
    #[case::another_region(|finding: &mut Finding| finding.place.region = "us-east-1".to_owned())]
    #[case::another_severity(|finding: &mut Finding| finding.severity = Severity::Low)]
    #[case::another_guardrail(|finding: &mut Finding| finding.guardrail = sample::root_key().guardrail)]
    #[case::it_stayed_open(|finding: &mut Finding| finding.outcome = Outcome::Failed)]
    fn another_burst(#[case] change: fn(&mut Finding)) {
        let noise = sample::remediated();
        let mut other = noise.clone();
        change(&mut other);
        assert_ne!(name(&noise), name(&other));
    }

    #[rstest]
    #[case::another_resource(|finding: &mut Finding| finding.resource.id = "arn:aws:ec2:::security-group/sg-2".to_owned())]
    #[case::another_element(|finding: &mut Finding| finding.evidence = vec![Evidence { element: "e".to_owned(), why: String::new() }])]
    #[case::another_session(|finding: &mut Finding| finding.cause.user_agent = Some("x".to_owned()))]
    fn the_same_burst_for_what_was_closed(#[case] change: fn(&mut Finding)) {
        let noise = sample::remediated();
        let mut other = noise.clone();
        change(&mut other);
        assert_eq!(name(&noise), name(&other));
    }

    #[test]
    fn of_what_stayed_open_only_the_very_same_is_not_notified_again_and_again() {
        let failed = sample::denied();
        let mut resource = failed.clone();
        resource.resource.id = "arn:aws:ec2:::security-group/sg-2".to_owned();
        let mut element = failed.clone();
        element.evidence = vec![Evidence { element: "e".to_owned(), why: String::new() }];
        assert_ne!(name(&failed), name(&resource));
        assert_ne!(name(&failed), name(&element));
        let mut undetermined = sample::undetermined();
        undetermined.mode = Mode::Enforce;
        let mut beside = undetermined.clone();
        beside.resource.id = "arn:aws:ec2:::security-group/sg-2".to_owned();
        assert_ne!(name(&undetermined), name(&beside));
    }

    #[test]
    fn sweeps_and_what_people_did_are_always_notified() {
        let mut swept = sample::remediated();
        (swept.cause.event_source, swept.cause.event_name) = ("parapet".to_owned(), "Sweep".to_owned());
        assert_eq!(burst(&swept, now()), None);
        assert_eq!(burst(&sample::undone(), now()), None);
    }

    #[test]
    fn a_digest_has_the_counts_the_cost_and_the_principal_and_is_graver() {
        let finding = Finding { severity: Severity::High, ..sample::remediated() };
        let burst = burst(&finding, now()).unwrap();
        assert_eq!(burst.tally.calls, 4);
        let notice = burst.digest(Counted { count: 1_000, calls: 4_000 }, false);
        assert_eq!((notice.severity, notice.kind), (Severity::Critical, "burst"));
        let says = notice.says.join("\n");
        for part in ["1000 findings", "4000 calls", "user/alice", "13:00 UTC"] {
            assert!(says.contains(part), "{part}: {says}");
        }
        let end = burst.digest(Counted { count: 1_000, calls: 4_000 }, true);
        assert_ne!(notice.id(), end.id());
    }

    #[test]
    fn the_end_of_a_burst_is_said_where_more_were_counted_than_said() {
        let mut bursts = Bursts::default();
        let finding = sample::remediated();
        let burst = burst(&finding, now()).unwrap();
        for count in 1..=6 {
            assert_eq!(bursts.is_on(&burst), count > ALONE, "{count}");
            let counted = bursts.count(&burst);
            assert_eq!(counted.count, count);
            bursts.note(&burst, counted, notify_as(count));
        }
        assert!(bursts.is_noisy("arn:aws:iam::111122223333:user/alice", "111122223333", "eu-west-1"));
        assert!(!bursts.is_noisy("arn:aws:iam::111122223333:user/eve", "111122223333", "eu-west-1"));
        assert_eq!(bursts.ended(now()), [], "its window has not ended");
        let later = now() + WINDOW;
        let [(ended, counted)] = <[_; 1]>::try_from(bursts.ended(later)).unwrap();
        assert_eq!((ended.tally.name, counted.count), (burst.tally.name, 6));
        assert_eq!(bursts.ended(later), [], "said once");
        assert!(!bursts.is_noisy("arn:aws:iam::111122223333:user/alice", "111122223333", "eu-west-1"));
    }

    #[test]
    fn a_burst_that_was_said_in_full_needs_no_end() {
        let mut bursts = Bursts::default();
        let burst = burst(&sample::remediated(), now()).unwrap();
        for count in 1..=4 {
            bursts.note(&burst, Counted { count, calls: 0 }, notify_as(count));
        }
        assert_eq!(bursts.ended(now() + WINDOW), []);
    }

    #[test]
    fn only_so_many_are_known_at_once() {
        let mut bursts = Bursts::default();
        let first = burst(&sample::remediated(), now()).unwrap();
        for at in 0..=Bursts::MOST {
            let mut burst = first.clone();
            burst.tally.name = at.to_string();
            bursts.note(&burst, Counted { count: 9, calls: 0 }, NotifyAs::Counted);
        }
        assert_eq!(bursts.known.len(), Bursts::MOST);
    }
}
