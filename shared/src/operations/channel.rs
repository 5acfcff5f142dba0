//! The security channel: it is notified of every finding, and once.
//!
//! Three things see to it. A message that the topic did not take is kept in memory and sent with the next event, which is
//! mostly the same one, delivered again: by then nothing may be left to find. A finding that this process has sent is not
//! sent again. And where there is a ledger, neither does another process send it.

use crate::engine::finding::Finding;
use crate::engine::unavailable::Unavailable;
use crate::notify::{Message, Notice, message};
use crate::operations::ledger::{Entry, EntryState, Ledger, LedgerError, Unwritable, with_note};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use thiserror::Error;
use tracing::{error, warn};
use uuid::Uuid;

/// Where messages go.
pub trait Publish: Sync {
    /// Sends one message.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<(), Unavailable>> + Send;
}

/// A message that the topic did not take. It is kept and sent with the next event.
#[derive(Clone, Debug, Error)]
#[error("cannot notify the security channel: {0}")]
pub struct NotifyError(#[source] pub Unavailable);

/// A finding was not written down.
#[derive(Debug, Error)]
pub enum RecordError {
    /// The ledger did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// There is nothing that it could take.
    #[error(transparent)]
    Finding(#[from] Unwritable),
}

/// Where a finding stands once it is written down.
#[derive(Clone, Debug, PartialEq)]
pub enum Entered {
    /// It is new: this is its message.
    New(Message),
    /// It was written down earlier, and the topic did not take this message.
    Unsent(Message),
    /// Nothing is left to say.
    Notified,
}

/// What became of a finding that was to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// There is no ledger.
    Nowhere,
    /// The ledger has it.
    Written,
    /// The ledger has it, and its undo steps without a signature: why, and what that means, for a person.
    Unsigned(String),
}

/// The channel of one process.
#[derive(Debug)]
pub struct Channel<P, L> {
    topic: Option<P>,
    ledger: Option<L>,
    memory: Mutex<Sent>,
}

/// What this process remembers between events.
#[derive(Debug, Default)]
struct Sent {
    notified: VecDeque<Uuid>,
    unsent: VecDeque<(Uuid, Message)>,
}

impl Sent {
    /// Repeats arrive within minutes: the latest few hundred are plenty.
    const NOTIFIED: usize = 512;
    /// A few MB at the worst: a topic that is down for longer than this many findings is in the dead-letter alarm.
    const UNSENT: usize = 16;
}

impl<P: Publish, L: Ledger> Channel<P, L> {
    /// A channel to `topic`, with `ledger` as its memory across processes; both optional.
    #[must_use]
    pub fn new(topic: Option<P>, ledger: Option<L>) -> Self {
        Self { topic, ledger, memory: Mutex::default() }
    }

    /// Notifies the channel of a finding, unless it was notified: then the answer is false.
    ///
    /// # Errors
    /// [`NotifyError`] when the topic did not take the message.
    pub async fn notify(&self, finding: &Finding, now: Timestamp) -> Result<bool, NotifyError> {
        match self.enter(finding, now, false).await {
            Entered::New(message) | Entered::Unsent(message) => {
                self.send(finding.id, message, now).await.map(|()| true)
            }
            Entered::Notified => Ok(false),
        }
    }

    /// Writes a finding down before anybody is notified. `is_counted` when it is part of a burst that a digest speaks for: its
    /// entry then says so from the start.
    pub async fn enter(&self, finding: &Finding, now: Timestamp, is_counted: bool) -> Entered {
        let id = finding.id;
        let (was_notified, unsent) = self.remember(|memory| {
            let unsent = memory.unsent.iter().find(|(unsent, _)| *unsent == id).map(|(_, message)| message.clone());
            (memory.notified.contains(&id), unsent)
        });
        if was_notified {
            return Entered::Notified;
        }
        if let Some(message) = unsent {
            return Entered::Unsent(message);
        }
        let entered = self.write(finding, now, is_counted).await;
        if matches!(entered, Entered::Notified) {
            self.remember(|memory| memory.note(id));
        }
        entered
    }

    /// Notes that there is no notification of this one by itself. `is_known` when its entry says so already.
    pub async fn pass_over(&self, id: Uuid, is_known: bool, now: Timestamp) {
        self.remember(|memory| memory.note(id));
        if let (false, Some(ledger)) = (is_known, &self.ledger)
            && let Err(problem) = ledger.notified(id, now).await
        {
            warn!(finding_id = %id, %problem, "the ledger does not know that a digest speaks for this");
        }
    }

    /// Writes a finding down without notifying yet: what [`Self::notify`] says of it later, or another process does, is what
    /// stands there.
    ///
    /// # Errors
    /// [`RecordError`] when the ledger does not hold it.
    pub async fn record(&self, finding: &Finding, now: Timestamp) -> Result<Recorded, RecordError> {
        let Some(ledger) = &self.ledger else { return Ok(Recorded::Nowhere) };
        Ok(match ledger.enter(&Entry::new(finding, now)?).await? {
            EntryState::NewUnsigned(why) => Recorded::Unsigned(why),
            EntryState::New | EntryState::Unsent(_) | EntryState::Notified => Recorded::Written,
        })
    }

    /// Sends a notice, unless it was sent.
    ///
    /// # Errors
    /// [`NotifyError`] when the topic did not take the message.
    pub async fn announce(&self, notice: &Notice, now: Timestamp) -> Result<(), NotifyError> {
        let id = notice.id();
        if self.remember(|memory| memory.notified.contains(&id)) {
            return Ok(());
        }
        let entry = Entry::of_notice(notice, now);
        let new = entry.message.clone();
        let message = match &self.ledger {
            None => Some(new),
            Some(ledger) => match ledger.enter(&entry).await {
                Ok(EntryState::New | EntryState::NewUnsigned(_) | EntryState::Unsent(_)) => Some(new),
                Ok(EntryState::Notified) => None,
                Err(problem) => {
                    error!(title = notice.title, %problem, "a notice was not written down");
                    Some(new)
                }
            },
        };
        match message {
            Some(message) => self.send(id, message, now).await,
            None => {
                self.remember(|memory| memory.note(id));
                Ok(())
            }
        }
    }

    /// Sends what the topic did not take earlier.
    ///
    /// # Errors
    /// [`NotifyError`] when it still does not.
    pub async fn resend(&self, now: Timestamp) -> Result<(), NotifyError> {
        for (id, message) in self.remember(|memory| memory.unsent.clone()) {
            self.send(id, message, now).await?;
        }
        Ok(())
    }

    /// Writes the finding down. A ledger that does not answer is no reason to keep quiet: the message says so.
    async fn write(&self, finding: &Finding, now: Timestamp, is_counted: bool) -> Entered {
        let Some(ledger) = &self.ledger else {
            return Entered::New(if is_counted { Message::in_digest() } else { message(finding) });
        };
        let entry = if is_counted { Entry::counted(finding, now) } else { Entry::new(finding, now) };
        let entry = match entry {
            Ok(entry) => entry,
            Err(problem) => {
                error!(finding_id = %finding.id, %problem, "a finding has no entry");
                return Entered::New(message(&with_note(finding, &problem.to_string())));
            }
        };
        match ledger.enter(&entry).await {
            Ok(EntryState::NewUnsigned(why)) if !is_counted => Entered::New(message(&with_note(finding, &why))),
            Ok(EntryState::New | EntryState::NewUnsigned(_)) => Entered::New(entry.message),
            Ok(EntryState::Unsent(first)) => Entered::Unsent(first),
            Ok(EntryState::Notified) => Entered::Notified,
            Err(problem) => {
                error!(finding_id = %finding.id, %problem, "a finding was not written down");
                Entered::New(message(&with_note(finding, &problem.to_string())))
            }
        }
    }

    /// Publishes a message, and notes that it was.
    ///
    /// # Errors
    /// [`NotifyError`] when the topic did not take it: it goes with the next event.
    pub async fn send(&self, id: Uuid, message: Message, now: Timestamp) -> Result<(), NotifyError> {
        let Some(topic) = &self.topic else { return Ok(()) };
        if let Err(problem) = topic.publish(&message).await {
            error!(finding_id = %id, %problem, "a finding was not notified");
            self.remember(|memory| memory.keep(id, message));
            return Err(NotifyError(problem));
        }
        self.remember(|memory| memory.note(id));
        if let Some(ledger) = &self.ledger
            && let Err(problem) = ledger.notified(id, now).await
        {
            warn!(finding_id = %id, %problem, "the ledger does not record that this was notified");
        }
        Ok(())
    }

    fn remember<T>(&self, look: impl FnOnce(&mut Sent) -> T) -> T {
        look(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Sent {
    fn note(&mut self, id: Uuid) {
        self.unsent.retain(|(unsent, _)| *unsent != id);
        if self.notified.len() == Self::NOTIFIED {
            self.notified.pop_front();
        }
        self.notified.push_back(id);
    }

    fn keep(&mut self, id: Uuid, message: Message) {
        if self.unsent.iter().any(|(unsent, _)| *unsent == id) {
            return;
        }
        if self.unsent.len() == Self::UNSENT {
            self.unsent.pop_front();
        }
        self.unsent.push_back((id, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::finding::Outcome;
    use crate::notify::sample;
    use std::collections::BTreeMap;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::task::{Context, Poll, Waker};

    /// The fakes never wait, so one poll is the whole run.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("a fake waited"),
        }
    }

    #[derive(Clone, Default)]
    struct Topic {
        heard: Arc<Mutex<Vec<Message>>>,
        is_down: Arc<AtomicBool>,
    }

    impl Topic {
        fn down(&self, is_down: bool) {
            self.is_down.store(is_down, Ordering::Relaxed);
        }

        fn subjects(&self) -> Vec<String> {
            self.heard.lock().unwrap().iter().map(|message| message.subject.clone()).collect()
        }
    }

    impl Publish for Topic {
        async fn publish(&self, message: &Message) -> Result<(), Unavailable> {
            if self.is_down.load(Ordering::Relaxed) {
                return Err(Unavailable::new("no answer"));
            }
            self.heard.lock().unwrap().push(message.clone());
            Ok(())
        }
    }

    #[derive(Clone, Default)]
    struct Book {
        entries: Arc<Mutex<BTreeMap<Uuid, (Message, bool)>>>,
        is_down: bool,
    }

    impl Ledger for Book {
        async fn enter(&self, entry: &Entry) -> Result<EntryState, LedgerError> {
            if self.is_down {
                let (table, code) = ("ledger".to_owned(), "ResourceNotFoundException".to_owned());
                return Err(LedgerError { table, code, message: "Requested resource not found".to_owned() });
            }
            let mut entries = self.entries.lock().unwrap();
            Ok(match entries.get(&entry.id) {
                None => {
                    entries.insert(entry.id, (entry.message.clone(), false));
                    EntryState::New
                }
                Some((message, false)) => EntryState::Unsent(message.clone()),
                Some((_, true)) => EntryState::Notified,
            })
        }

        async fn notified(&self, id: Uuid, _: Timestamp) -> Result<(), LedgerError> {
            if let Some((_, is_sent)) = self.entries.lock().unwrap().get_mut(&id) {
                *is_sent = true;
            }
            Ok(())
        }
    }

    fn later(finding: &Finding) -> Finding {
        let mut later = finding.clone();
        later.outcome = Outcome::AlreadyCompliant;
        later
    }

    #[test]
    fn a_repeat_in_the_same_process_is_not_notified() {
        let (topic, finding) = (Topic::default(), sample::remediated());
        let channel = Channel::new(Some(topic.clone()), None::<Book>);
        now(channel.notify(&finding, finding.times.received)).unwrap();
        now(channel.notify(&later(&finding), finding.times.received)).unwrap();
        assert_eq!(topic.subjects().len(), 1);
    }

    #[test]
    fn with_a_ledger_nor_is_one_in_another_process() {
        let (topic, book, finding) = (Topic::default(), Book::default(), sample::remediated());
        for _ in 0..2 {
            let channel = Channel::new(Some(topic.clone()), Some(book.clone()));
            now(channel.notify(&finding, finding.times.received)).unwrap();
        }
        assert_eq!(topic.subjects().len(), 1);
    }

    #[test]
    fn what_the_topic_did_not_take_goes_with_the_next_event_though_nothing_is_left_to_find() {
        let (topic, finding) = (Topic::default(), sample::remediated());
        let channel = Channel::new(Some(topic.clone()), None::<Book>);
        topic.down(true);
        let sent = now(channel.notify(&finding, finding.times.received));
        assert_eq!(sent.unwrap_err().to_string(), "cannot notify the security channel: no answer");
        let again = now(channel.resend(finding.times.received));
        assert_eq!(again.unwrap_err().to_string(), "cannot notify the security channel: no answer");
        topic.down(false);
        now(channel.resend(finding.times.received)).unwrap();
        now(channel.resend(finding.times.received)).unwrap();
        assert_eq!(topic.subjects().len(), 1);
    }

    #[test]
    fn another_process_sends_the_first_message_that_was_not_taken() {
        let (topic, book, finding) = (Topic::default(), Book::default(), sample::remediated());
        topic.down(true);
        let first = Channel::new(Some(topic.clone()), Some(book.clone()));
        now(first.notify(&finding, finding.times.received)).unwrap_err();
        topic.down(false);
        let second = Channel::new(Some(topic.clone()), Some(book));
        now(second.notify(&later(&finding), finding.times.received)).unwrap();
        assert_eq!(topic.subjects(), [message(&finding).subject]);
    }

    #[test]
    fn a_ledger_that_is_down_does_not_keep_the_channel_quiet_and_the_message_says_so() {
        let (topic, finding) = (Topic::default(), sample::remediated());
        let channel = Channel::new(Some(topic.clone()), Some(Book { is_down: true, ..Book::default() }));
        now(channel.notify(&finding, finding.times.received)).unwrap();
        let heard = topic.heard.lock().unwrap();
        assert!(heard[0].body.contains("the ledger"), "{}", heard[0].body);
    }

    #[test]
    fn what_is_written_down_first_is_notified_once_and_as_it_was() {
        let (topic, book, finding) = (Topic::default(), Book::default(), sample::remediated());
        let channel = Channel::new(Some(topic.clone()), Some(book.clone()));
        assert_eq!(now(channel.record(&finding, finding.times.received)).unwrap(), Recorded::Written);
        assert_eq!(topic.subjects(), [""; 0], "no notification yet");
        now(channel.notify(&later(&finding), finding.times.received)).unwrap();
        assert_eq!(topic.subjects(), [message(&finding).subject]);
        let unwritten = Channel::new(Some(topic), Some(Book { is_down: true, ..Book::default() }));
        assert!(now(unwritten.record(&finding, finding.times.received)).is_err());
    }

    #[test]
    fn only_so_much_is_remembered() {
        let mut memory = Sent::default();
        let message = message(&sample::remediated());
        for n in 0..=Sent::NOTIFIED {
            memory.note(Uuid::from_u128(n as u128));
            memory.keep(Uuid::from_u128(1_000_000 + n as u128), message.clone());
        }
        assert_eq!((memory.notified.len(), memory.unsent.len()), (Sent::NOTIFIED, Sent::UNSENT));
        assert!(!memory.notified.contains(&Uuid::from_u128(0)));
    }
}
