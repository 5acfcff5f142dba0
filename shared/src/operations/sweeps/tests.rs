use crate::engine::observed::Place;
use crate::engine::pipeline::{Clock, Retry};
use crate::engine::unavailable::Unavailable;
use crate::operations::deadline::Deadline;
use crate::operations::deferral::{Schedule, Schedules};
use crate::operations::sweeps::*;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The fakes never wait, so one poll is the whole run.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a fake waited"),
    }
}

fn place(region: &str) -> Place {
    Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: region.to_owned() }
}

/// Who claimed a step, when, where it had come to, and whether it was given back.
type Claimed = (String, Timestamp, Option<Position>, bool);

/// An account, its ledger, Scheduler and a clock, all in memory.
struct World {
    /// How many resources of each kind.
    stock: BTreeMap<&'static str, usize>,
    /// How long a page takes, and how many resources it shows.
    page: (SignedDuration, usize),
    clock: Mutex<Timestamp>,
    seen: Mutex<Vec<String>>,
    /// Owner, end of the claim, how far, whether done.
    claims: Mutex<BTreeMap<String, Claimed>>,
    schedules: Mutex<Vec<Schedule>>,
    /// How many more pages of a kind fail.
    failing: Mutex<BTreeMap<String, u32>>,
    /// The stop of the run, for pages that end by themselves.
    stop: Mutex<Timestamp>,
    never_ends: bool,
    schedules_fail: Mutex<bool>,
}

const BEGUN: &str = "2026-03-02T03:00:00Z";
const RUN: SignedDuration = SignedDuration::from_mins(15);

impl World {
    fn new(stock: &[(&'static str, usize)], page: (SignedDuration, usize)) -> Self {
        Self {
            stock: stock.iter().copied().collect(),
            page,
            clock: Mutex::new(BEGUN.parse().unwrap()),
            seen: Mutex::default(),
            claims: Mutex::default(),
            schedules: Mutex::default(),
            failing: Mutex::default(),
            stop: Mutex::new(Timestamp::MAX),
            never_ends: false,
            schedules_fail: Mutex::new(false),
        }
    }

    fn pass(&self, time: SignedDuration) {
        let mut clock = self.clock.lock().unwrap();
        *clock += time;
    }

    fn route(&self) -> Route {
        let kinds = self.stock.keys().flat_map(|kind| ["eu-west-1", "us-east-1"].map(|region| (*kind, region)));
        Route::new(kinds.map(|(kind, region)| (kind.to_owned(), place(region))))
    }

    fn step(&self, order: &Order, owner: &str) -> Result<Run, StepError> {
        self.on(&self.route(), order, owner)
    }

    fn on(&self, route: &Route, order: &Order, owner: &str) -> Result<Run, StepError> {
        let begun = self.now();
        let deadline = Deadline::of(begun, begun + RUN);
        *self.stop.lock().unwrap() = deadline.stop;
        let step = Step {
            pages: self,
            claims: self,
            schedules: Some(self),
            clock: self,
            route,
            function: "f",
            owner,
            deadline,
        };
        now(step.run(order))
    }

    /// Fires what is scheduled until nothing is; each fired twice, as "at least once" may be. How many runs did something.
    fn sweep(&self) -> (usize, Vec<Ended>) {
        let order = Order::begin(self.now());
        let mut due = vec![(self.now(), order)];
        let (mut runs, mut ends) = (0, Vec::new());
        while let Some((at, order)) = due.pop() {
            let waits = at.duration_since(self.now()).max(SignedDuration::ZERO);
            self.pass(waits);
            let run = self.step(&order, &format!("run-{runs}")).unwrap();
            ends.push(run.ended);
            runs += 1;
            let again = self.step(&order, &format!("twice-{runs}")).unwrap();
            assert!(matches!(again.ended, Ended::Taken | Ended::Expired(_)), "{again:?}");
            for schedule in std::mem::take(&mut *self.schedules.lock().unwrap()) {
                let input: serde_json::Value = serde_json::from_str(&schedule.input).unwrap();
                due.push((schedule.at, Order::read(&input["parapet"], self.now()).unwrap()));
            }
            assert!(due.len() <= 1, "it forked");
        }
        (runs, ends)
    }

    fn seen(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    fn distinct(&self) -> usize {
        self.seen.lock().unwrap().iter().collect::<BTreeSet<_>>().len()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.clock.lock().unwrap()
    }

    async fn pause(&self, time: Duration) {
        self.pass(time.try_into().unwrap());
    }
}

impl Pages for World {
    async fn page(&self, at: &Position) -> Result<Page, PageError> {
        if let Some(left) = self.failing.lock().unwrap().get_mut(&at.kind).filter(|left| **left > 0) {
            *left -= 1;
            return Err(Retry("a 500".to_owned()).into());
        }
        let (takes, most) = self.page;
        let from: usize = at.from.as_deref().unwrap_or("0").parse().unwrap();
        let to = (from + most).min(self.stock[at.kind.as_str()]);
        let each = takes / i32::try_from(most).unwrap();
        let mut done = 0;
        for n in from + at.done..to {
            if Clock::now(self) >= *self.stop.lock().unwrap() {
                return Ok(Page { seen: done, violations: 0, unlisted: None, next: Next::Unfinished(done) });
            }
            self.pass(each);
            self.seen.lock().unwrap().push(format!("{} {} {n}", at.kind, at.place.region));
            done += 1;
        }
        let next = if self.never_ends { from.to_string() } else { to.to_string() };
        let is_last = to == self.stock[at.kind.as_str()] && !self.never_ends;
        let next = if is_last { Next::Stretch } else { Next::Page(next) };
        Ok(Page { seen: done, violations: 0, unlisted: None, next })
    }
}

impl Claims for World {
    async fn claim(&self, key: &Key, owner: &str, now: Timestamp, until: Timestamp) -> Result<Claim, ClaimError> {
        let mut claims = self.claims.lock().unwrap();
        let reached = match claims.get(&key.0) {
            Some((_, _, _, true)) => return Ok(Claim::Done),
            Some((other, until, _, false)) if other != owner && *until >= now => return Ok(Claim::Taken),
            Some((_, _, reached, false)) => reached.clone(),
            None => None,
        };
        claims.insert(key.0.clone(), (owner.to_owned(), until, reached.clone(), false));
        Ok(Claim::Mine(reached))
    }

    async fn advance(&self, key: &Key, _: &str, at: &Position) -> Result<(), ClaimError> {
        self.claims.lock().unwrap().get_mut(&key.0).unwrap().2 = Some(at.clone());
        Ok(())
    }

    async fn finish(&self, key: &Key, _: &str) -> Result<(), ClaimError> {
        self.claims.lock().unwrap().get_mut(&key.0).unwrap().3 = true;
        Ok(())
    }
}

impl Schedules for World {
    async fn create(&self, schedule: &Schedule) -> Result<(), Unavailable> {
        if *self.schedules_fail.lock().unwrap() {
            return Err(Unavailable::new("no answer"));
        }
        assert!(schedule.at > Clock::now(self), "Scheduler refuses a time that has passed");
        let mut all = self.schedules.lock().unwrap();
        if !all.iter().any(|other| other.name == schedule.name) {
            all.push(schedule.clone());
        }
        Ok(())
    }
}

/// As slow as snapshots are: a hundred a page, each with a read of its own.
const SNAPSHOTS: (SignedDuration, usize) = (SignedDuration::from_millis(2_500), 100);

#[test]
fn a_hundred_thousand_resources_are_swept_to_the_end_each_once() {
    let world = World::new(&[("snapshot", 49_950), ("image", 50), ("serial-console", 1)], SNAPSHOTS);
    let (runs, ends) = world.sweep();
    assert_eq!(ends.last(), Some(&Ended::Complete));
    assert_eq!((world.seen(), world.distinct()), (100_002, 100_002));
    assert!(runs > 1 && runs < 10, "{runs}");
    let took = world.now().duration_since(BEGUN.parse::<Timestamp>().unwrap());
    assert!(took < SignedDuration::from_hours(2), "{took}");
}

/// A page of resources that each take seconds (closing, looking again) does not fit a run: its rest comes back, and not all of it.
#[test]
fn a_page_that_is_longer_than_a_run_goes_on_in_its_middle() {
    let world = World::new(&[("security-group", 1_000)], (SignedDuration::from_secs(5_000), 1_000));
    let (runs, ends) = world.sweep();
    assert_eq!(ends.last(), Some(&Ended::Complete));
    assert_eq!((world.seen(), world.distinct()), (2_000, 2_000));
    assert!(runs > 10, "{runs}");
}

#[test]
fn a_sweep_does_not_outlive_its_day() {
    let world = World::new(&[("snapshot", 10_000_000)], SNAPSHOTS);
    let (_, ends) = world.sweep();
    let Some(Ended::Expired(Some(at))) = ends.last() else { panic!("{:?}", ends.last()) };
    assert_eq!(at.kind, "snapshot");
    let took = world.now().duration_since(BEGUN.parse::<Timestamp>().unwrap());
    assert!(took <= SignedDuration::from_hours(25), "{took}");
}

#[test]
fn a_listing_that_never_ends_is_left() {
    let mut world = World::new(&[("a", 10), ("b", 10)], (SignedDuration::from_secs(1), 5));
    world.never_ends = true;
    let run = world.step(&Order::begin(world.now()), "r").unwrap();
    assert_eq!(run.ended, Ended::Complete);
    assert!(run.unlisted.iter().all(|(_, why)| why.contains("same page")), "{:?}", run.unlisted);
    assert_eq!(run.unlisted.len(), 4);
}

#[test]
fn a_page_that_fails_is_tried_again_and_does_not_end_the_sweep_of_the_others() {
    let world = World::new(&[("a", 10), ("b", 10)], (SignedDuration::from_secs(1), 5));
    world.failing.lock().unwrap().insert("a".to_owned(), 2);
    let run = world.step(&Order::begin(world.now()), "r").unwrap();
    assert_eq!((run.ended, run.seen, run.unlisted), (Ended::Complete, 40, Vec::new()), "twice is passing");

    world.failing.lock().unwrap().insert("a".to_owned(), 3);
    world.pass(SignedDuration::from_hours(1));
    let run = world.step(&Order::begin(world.now()), "r").unwrap();
    assert_eq!((&run.ended, run.seen), (&Ended::Complete, 30));
    assert_eq!((run.unlisted[0].0.kind.as_str(), run.unlisted[0].1.as_str()), ("a", "a 500"));
}

/// Lambda tries a failed invocation again under the same id.
#[test]
fn a_repeated_try_goes_on_where_the_first_one_was() {
    let world = World::new(&[("snapshot", 100_000)], SNAPSHOTS);
    *world.schedules_fail.lock().unwrap() = true;
    let order = Order::begin(world.now());
    assert_eq!(world.step(&order, "r").unwrap_err().to_string(), "no answer");
    let first = world.seen();
    assert!(first > 1_000);
    *world.schedules_fail.lock().unwrap() = false;
    let run = world.step(&order, "r").unwrap();
    assert!(matches!(run.ended, Ended::HandedOn(_)));
    assert_eq!(world.seen(), world.distinct(), "no page twice");
    // And a third try, after the rest was handed on, does nothing.
    assert_eq!(world.step(&order, "r").unwrap().ended, Ended::Taken);
}

#[test]
fn a_step_whose_run_died_can_be_given_back_when_its_time_is_over() {
    let world = World::new(&[("snapshot", 100_000)], SNAPSHOTS);
    *world.schedules_fail.lock().unwrap() = true;
    let order = Order::begin(world.now());
    world.step(&order, "died").unwrap_err();
    *world.schedules_fail.lock().unwrap() = false;
    assert_eq!(world.step(&order, "another").unwrap().ended, Ended::Taken, "it may be at work still");
    world.pass(RUN);
    assert!(matches!(world.step(&order, "given back").unwrap().ended, Ended::HandedOn(_)));
    assert_eq!(world.seen(), world.distinct());
}

#[test]
fn a_kind_that_a_deployment_took_away_ends_the_sweep_and_is_named() {
    let world = World::new(&[("a", 10)], SNAPSHOTS);
    let gone = Position::first("gone", place("eu-west-1"));
    let order = Order::begin(world.now()).next(gone.clone());
    assert_eq!(world.step(&order, "r").unwrap().ended, Ended::Lost(gone));
}

#[test]
fn an_empty_route_is_complete() {
    let world = World::new(&[], SNAPSHOTS);
    assert_eq!(world.on(&Route::default(), &Order::begin(world.now()), "r").unwrap().ended, Ended::Complete);
}

#[test]
fn without_a_ledger_the_day_and_the_steps_bound_it() {
    let world = World::new(&[("snapshot", 100_000)], SNAPSHOTS);
    let begun = world.now();
    let step = |order: &Order| {
        let deadline = Deadline::of(world.now(), world.now() + RUN);
        *world.stop.lock().unwrap() = deadline.stop;
        let route = world.route();
        let (pages, clock) = (&world, &world);
        let schedules = Some(&world);
        let step =
            Step { pages, claims: &NoClaims, schedules, clock, route: &route, function: "f", owner: "r", deadline };
        now(step.run(order)).unwrap()
    };
    let order = Order { step: MOST_STEPS, ..Order::begin(begun) };
    assert!(matches!(step(&order).ended, Ended::Expired(Some(_))), "no step after the last");
    world.pass(SignedDuration::from_hours(25));
    assert_eq!(step(&Order::begin(begun)).ended, Ended::Expired(None));
}

#[test]
fn a_beginning_that_is_delivered_twice_is_one_sweep_and_one_of_the_future_is_none() {
    let at = |time: &str| serde_json::json!({"task": "sweep", "time": time});
    let now: Timestamp = BEGUN.parse().unwrap();
    let first = Order::read(&at(BEGUN), now + SignedDuration::from_secs(3)).unwrap();
    let second = Order::read(&at(BEGUN), now + SignedDuration::from_secs(90)).unwrap();
    assert_eq!(first, second);
    let (f, g) = (Key::of("f", &first), Key::of("g", &first));
    assert_ne!(f, g, "each function has its own");
    assert!(Order::read(&at("2026-03-03T03:00:00Z"), now).unwrap_err().to_string().contains("still to come"));
    assert!(Order::read(&at("soon"), now).unwrap_err().to_string().contains("`soon`"));
    let mut later = first.payload().unwrap()["parapet"].clone();
    later["begun"] = "2026-03-03T03:00:00Z".into();
    assert!(Order::read(&later, now).unwrap_err().to_string().contains("still to come"));
}

#[test]
fn a_sweep_of_one_kind_stays_one() {
    let now: Timestamp = BEGUN.parse().unwrap();
    let order = Order::of_kind("image", place("eu-west-1"), now);
    let next = order.next(Position::first("image", place("eu-west-1")));
    assert_eq!(Order::read(&next.payload().unwrap()["parapet"], now).unwrap(), next);
    let by_hand = serde_json::json!({"task": "sweep", "only": {"kind": "image"}});
    let read = Order::read(&by_hand, now).unwrap();
    assert_eq!(read.only, Some(Only { kind: "image".to_owned(), place: None }));
    let wrong = serde_json::json!({"task": "sweep", "only": "image"});
    assert!(Order::read(&wrong, now).unwrap_err().to_string().starts_with("a sweep's step"));
}
