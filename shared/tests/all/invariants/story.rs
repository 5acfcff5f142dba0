//! What may happen to a resource, what must hold afterwards, and one sequence of it.

use crate::invariants::account::{Account, LAG, Planted, Sent, Write, Writer, description};
use crate::invariants::random::Random;
use crate::world::{Living, now};
use serde_json::Value;
use shared::engine::event::Event;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{By, Handled, Kept, Rules, RunContext, handle, sweep, undo};
use shared::engine::verdict::VerdictKind;
use shared::policy::{Exemption, MaxClass, Mode, Policy};

/// A change of a resource and the record that CloudTrail writes of it.
pub struct Change<S> {
    pub says: String,
    pub state: Observed<S>,
    /// None for a call that is not watched.
    pub record: Option<Value>,
    /// The elements that policy forbids and that it made, by content.
    pub made: Vec<String>,
}

/// A resource that is changed, and what policy forbids of it. The words here are the test's own: what is open is decided
/// without the judges.
pub trait Story: Living + Default + 'static {
    /// The guardrail that is watched.
    const GUARDRAIL: &'static str;

    /// A state that policy allows.
    fn start(random: &mut Random) -> Observed<Self::State>;

    /// A change by the owner, which policy allows or which makes things stricter, or by an attacker, who opens something.
    fn change_by(by: Writer, random: &mut Random, state: &Observed<Self::State>) -> Option<Change<Self::State>>;

    /// What policy forbids of the state, element by element.
    fn open(state: &Observed<Self::State>) -> Vec<String>;

    /// Everything that the state lets anybody do, element by element: the more, the more permissive.
    fn allows(state: &Observed<Self::State>) -> Vec<String>;

    /// Whether what evidence names is this element of [`Story::open`].
    fn is_about(evidence: &str, element: &str) -> bool {
        evidence == element
    }

    /// What becomes of what its owner has taken away unseen when an older state is restored.
    const STALE: Stale = Stale::Never;

    /// Whether every opening is closed in the end. Else it is reported, each time that its record is handled.
    const CLOSES_ALL: bool = true;

    /// Whether a record may not even name the resource: then the sweep is what closes it.
    const NEEDS_SWEEP: bool = false;

    /// The key of the sweep's listing.
    fn key() -> Self::Key;
}

/// Whether a call may give back what the owner has taken away since the state that it restores: what was narrowed was not read in
/// between, and its record was on its way. docs/security.md names the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// No call gives back anything.
    Never,
    /// Where nothing stands any more of what the owner set last. That, and an owner's change that comes between the last look and the
    /// call, is reported when the owner's record comes.
    Reported,
    /// It may, and an owner's change that comes between the last look and the call is written over: the operator is
    /// notified of neither.
    Unnoticed,
}

/// A sequence that broke a promise.
pub struct Broken {
    pub seed: u64,
    pub promise: String,
    pub log: Vec<String>,
}

/// One sequence while it is played.
struct Play<F: Story> {
    account: Account<F>,
    family: F,
    rules: Rules,
    /// What was remediated and can be undone.
    kept: Vec<Kept>,
    /// Elements that the operator allowed by undoing.
    allowed: Vec<String>,
    /// Owners' changes that Parapet overwrote, by the time of their record, and whether that was reported.
    overwritten: Vec<(i64, bool)>,
    /// What was reported as open.
    reported: Vec<String>,
    broken: Option<String>,
}

/// Plays the sequence of a seed.
pub fn play<F: Story>(seed: u64, planted: Option<Planted>) -> Result<(), Broken> {
    let mut policy = Policy::parse("version: 1\ntrusted_accounts: ['444455556666', '555566667777']\n").unwrap();
    policy.defaults.max_class = MaxClass::R2;
    let mut play = Play::<F> {
        account: Account::new(seed, planted),
        family: F::default(),
        rules: Rules { policy, fallback: Mode::Enforce, can_wait: true, ..Rules::default() },
        kept: Vec::new(),
        allowed: Vec::new(),
        overwritten: Vec::new(),
        reported: Vec::new(),
        broken: None,
    };
    let steps = 3 + play.roll(9);
    for _ in 0..steps {
        play.step();
    }
    play.settle();
    let log = play.account.inner().log.clone();
    match play.broken {
        Some(promise) => Err(Broken { seed, promise, log }),
        None => Ok(()),
    }
}

impl<F: Story> Play<F> {
    fn roll(&self, end: u64) -> u64 {
        self.account.inner().random.below(end)
    }

    fn breaks(&mut self, promise: impl FnOnce() -> String) {
        if self.broken.is_none() {
            self.broken = Some(promise());
        }
    }

    fn step(&mut self) {
        match self.roll(12) {
            0..2 => self.account.inner().change(Writer::Owner),
            2..5 => self.account.inner().change(Writer::Attacker),
            5 => self.account.inner().forge(),
            6..10 => self.deliver_one(),
            10 => self.sweep(),
            _ => self.undo_one(),
        }
        let pause = self.roll(4000);
        self.account.inner().now += i64::try_from(pause).unwrap();
    }

    /// Any record that is out, in any order; sometimes it stays out and comes again, and sometimes it comes out of the dead-letter
    /// queue.
    fn deliver_one(&mut self) {
        let sent = {
            let mut inner = self.account.inner();
            if inner.sent.is_empty() {
                return;
            }
            let count = inner.sent.len() as u64;
            let at = usize::try_from(inner.random.below(count)).unwrap();
            let mut sent = if inner.random.chance(20) { inner.sent[at].clone() } else { inner.sent.remove(at) };
            sent.waited |= inner.random.chance(15);
            sent
        };
        self.deliver(sent);
    }

    fn deliver(&mut self, sent: Sent<F::State>) {
        // EventBridge takes seconds: a read has caught up with the change itself.
        let began = {
            let mut inner = self.account.inner();
            inner.now = inner.now.max(sent.at + 2000);
            let line = format!("delivered{}: {}", if sent.waited { " late" } else { "" }, sent.record["eventID"]);
            inner.note(line);
            inner.begin(Some((sent.state.clone(), sent.waited)));
            inner.now
        };
        let mut event = Event::from_record(&sent.record).unwrap();
        event.waited = sent.waited.then(|| "it was put off".to_owned());
        let first = self.account.inner().writes.len();
        let handled = self.with(|family, context| now(handle(family, context, &event)));
        self.check(&handled, first, began);
        self.check_reported(&sent, &handled);
        if crate::invariants::overwritten::is_reported(&handled) {
            self.overwritten
                .iter_mut()
                .filter(|(at, _)| *at == sent.at)
                .for_each(|(_, is_reported)| *is_reported = true);
        }
        self.take(&handled);
        if handled.retry.is_some() {
            self.account.inner().sent.push(sent);
        } else if handled.deferred.is_some() {
            self.account.inner().sent.push(Sent { waited: true, ..sent });
        }
    }

    fn with<T>(&self, call: impl FnOnce(&F, RunContext<'_, Account<F>, Account<F>, Account<F>>) -> T) -> T {
        let account = &self.account;
        call(&self.family, RunContext { world: account, clock: account, memory: account, rules: &self.rules })
    }

    fn sweep(&mut self) {
        let (began, first, state) = {
            let mut inner = self.account.inner();
            inner.note("sweep".to_owned());
            inner.begin(None);
            (inner.now, inner.writes.len(), inner.truth().state.clone())
        };
        let place = place();
        let handled = self.with(|family, context| now(sweep(family, context, &place, F::key(), state, None)));
        self.check(&handled, first, began);
        self.take(&handled);
    }

    /// The operator undoes a finding; the exemption comes first, as `shared::operations::operate` does it.
    fn undo_one(&mut self) {
        let Some(kept) = self.kept.pop() else { return };
        self.rules.orders.exemptions.push(exemption(&kept));
        let line = format!("undo of {:?}", kept.elements);
        self.account.inner().note(line);
        let by = By { who: "operator".to_owned(), force: false };
        if self.with(|family, context| now(undo(family, context, &kept, &by))).is_ok() {
            let state = self.account.inner().truth().state.clone();
            self.allowed.extend(F::open(&state));
        }
        let mut inner = self.account.inner();
        inner.writes.clear();
    }

    /// What holds whatever happened: of the calls that were made, and of what is said.
    fn check(&mut self, handled: &Handled, first: usize, began: i64) {
        let writes: Vec<_> = self.account.inner().writes.split_off(first);
        for write in &writes {
            self.check_permissive(write);
            if write.overwrites && write.looks < 2 {
                self.breaks(|| format!("`{}` was computed from a look and not compared with another", write.call));
            }
            if F::open(&write.before).is_empty() && F::allows(&write.before) != F::allows(&write.after) {
                // Only what came after the last look, or what that look could not show yet, may be written over.
                let at = self
                    .account
                    .inner()
                    .versions
                    .iter()
                    .rev()
                    .find(|v| v.by == Writer::Owner && v.since <= write.at)
                    .unwrap()
                    .since;
                if write.over == Writer::Owner && at > write.seen {
                    if F::STALE != Stale::Unnoticed {
                        self.overwritten.push((at, false));
                    }
                } else if write.own.is_none_or(|own| own <= write.seen) {
                    // What Parapet itself had left, and no look could show yet, is not counted: what is allowed is checked
                    // above.
                    let state = description::<F>(&write.before);
                    self.breaks(|| format!("`{}` changed a state that complies: {state}", write.call));
                }
            }
        }
        for finding in &handled.findings {
            self.check_closed(finding, began);
        }
    }

    /// No call allows more than what stood and what its owner set last.
    fn check_permissive(&mut self, write: &Write<F::State>) {
        let (before, after) = (F::allows(&write.before), F::allows(&write.after));
        let owners: Vec<(i64, Vec<String>)> = {
            let inner = self.account.inner();
            let owners =
                inner.versions.iter().filter(|version| version.by == Writer::Owner && version.since <= write.at);
            owners.map(|version| (version.since, F::allows(&version.state))).collect()
        };
        let (since, last) = owners.last().cloned().unwrap();
        let is_new = |element: &&String| !before.contains(element) && !self.allowed.contains(element);
        let Some(more) = after.iter().filter(is_new).find(|element| !last.contains(element)).cloned() else { return };
        if F::STALE == Stale::Never || !owners.iter().any(|(_, allows)| allows.contains(&more)) {
            self.breaks(|| format!("`{}` lets in `{more}`, which its owner has not set last", write.call));
        } else if F::STALE == Stale::Reported {
            // Once its record was handled, nothing is on its way any more.
            if !self.overwritten.contains(&(since, true)) {
                self.overwritten.push((since, false));
            }
            if since <= write.seen && last.iter().any(|element| before.contains(element)) {
                self.breaks(|| format!("`{}` gives back `{more}`, and something good stood there", write.call));
            }
        }
    }

    /// What is said to be closed is closed, but for what was opened again meanwhile.
    fn check_closed(&mut self, finding: &Finding, began: i64) {
        let closed = matches!(finding.outcome, Outcome::Remediated | Outcome::AlreadyCompliant);
        if finding.guardrail.name != F::GUARDRAIL || !closed || finding.evidence.is_empty() {
            return;
        }
        // What was opened a moment before is seen late by a look; its own record is on its way.
        let standing = self.standing_since(began - LAG);
        let is_standing = |named: &str| standing.iter().any(|element| F::is_about(named, element));
        if let Some(open) = finding.evidence.iter().find(|evidence| is_standing(&evidence.element)) {
            self.breaks(|| format!("`{}` is said to be {}, and it is open", open.element, finding.outcome.word()));
        }
    }

    /// An opening is closed or reported within one delivery of its record.
    fn check_reported(&mut self, sent: &Sent<F::State>, handled: &Handled) {
        // What was closed and opened again has a record of its own.
        let standing = self.standing_since(sent.at);
        let Some(open) = sent.made.iter().find(|element| standing.contains(element) && !self.allowed.contains(element))
        else {
            return;
        };
        let is_reported = handled.retry.is_some()
            || handled.deferred.is_some()
            || handled.findings.iter().any(|finding| {
                finding.verdict != VerdictKind::Compliant
                    && !matches!(finding.outcome, Outcome::Remediated | Outcome::AlreadyCompliant)
            });
        if !is_reported {
            self.breaks(|| format!("`{open}` is open after its record was handled, and nothing says so"));
        }
    }

    /// What is open now and was open in every state since before `began`.
    fn standing_since(&self, began: i64) -> Vec<String> {
        let inner = self.account.inner();
        let mut standing = F::open(&inner.truth().state);
        let before = inner.versions.iter().rev().position(|version| version.since <= began).unwrap_or_default();
        for version in inner.versions.iter().rev().take(before + 1) {
            let open = F::open(&version.state);
            standing.retain(|element| open.contains(element));
        }
        standing
    }

    fn take(&mut self, handled: &Handled) {
        let kept = handled.findings.iter().filter(|finding| finding.notified_by.is_none());
        let kept: Vec<Kept> = kept.filter_map(Kept::of).collect();
        self.kept.extend(kept);
        let unremediated = handled.findings.iter().filter(|finding| finding.outcome != Outcome::Remediated);
        self.reported.extend(unremediated.flat_map(|finding| finding.evidence.iter().map(|it| it.element.clone())));
    }

    /// The day ends: nothing fails any more, every record is delivered to the end. What policy forbids is gone or exempt.
    fn settle(&mut self) {
        {
            let mut inner = self.account.inner();
            inner.faults = 0;
            inner.meddling = 0;
            inner.note("settling".to_owned());
        }
        for _ in 0..60 {
            if self.account.inner().sent.is_empty() {
                break;
            }
            let sent = self.account.inner().sent.remove(0);
            self.deliver(sent);
        }
        if !self.account.inner().sent.is_empty() {
            self.breaks(|| "a record comes back without an end".to_owned());
        }
        if F::NEEDS_SWEEP {
            self.account.inner().now += 2 * LAG;
            self.sweep();
        }
        let open = F::open(&self.account.inner().truth().state);
        let may_stay = |element: &String| !F::CLOSES_ALL && self.reported.contains(element);
        if let Some(open) = open.iter().find(|element| !self.allowed.contains(element) && !may_stay(element))
            && self.rules.orders.exemptions.is_empty()
        {
            let open = open.clone();
            self.breaks(|| format!("`{open}` stays open when everything is handled"));
        }
        if self.overwritten.iter().any(|(_, is_reported)| !is_reported) {
            self.breaks(|| "an owner's change was overwritten, and the operator was not notified".to_owned());
        }
    }
}

pub fn place() -> Place {
    Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-central-1".to_owned() }
}

fn exemption(kept: &Kept) -> Exemption {
    serde_json::from_value(serde_json::json!({
        "guardrail": kept.guardrail, "resource": kept.resource, "reason": "undone", "owner": "operator",
        "expires": "2026-12-31",
    }))
    .unwrap()
}
