//! The dead letters of one run: each looked at once, waited for where another consumer has received it, and visible to the next run
//! when this one ends.

use shared::aws::CallError;
use shared::aws::sqs::{Queue, Received};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long a message that was received stays invisible to others: enough to go through some thousands.
const INVISIBLE: Duration = Duration::from_secs(120);
/// Between two looks for messages in flight.
const PAUSE: Duration = Duration::from_secs(2);

pub(super) struct DeadLetters {
    queue: Queue,
    /// By the time a message is received again, its first receipt is worth nothing: the last one counts.
    seen: BTreeSet<String>,
    /// What this run leaves in the queue.
    left: Vec<Received>,
    waited: Duration,
}

impl DeadLetters {
    pub(super) fn of(queue: Queue) -> Self {
        Self { queue, seen: BTreeSet::new(), left: Vec::new(), waited: Duration::ZERO }
    }

    /// Messages that this run has not seen; none when there are no more. A dry run right before, or a run that was interrupted,
    /// has them in hand for a while: they are waited for, and `waits` is called with how many.
    pub(super) async fn next(&mut self, waits: impl Fn(usize)) -> Result<Vec<Received>, CallError> {
        loop {
            let messages = self.queue.receive(INVISIBLE).await?;
            let is_empty = messages.is_empty();
            let (known, new): (Vec<Received>, Vec<Received>) =
                messages.into_iter().partition(|message| self.seen.contains(&message.id));
            for message in known {
                self.leave(message);
            }
            if !new.is_empty() {
                self.seen.extend(new.iter().map(|message| message.id.clone()));
                return Ok(new);
            }
            let unseen = self.unseen().await?;
            if !is_empty || unseen == 0 || self.waited > INVISIBLE {
                return Ok(Vec::new());
            }
            if self.waited.is_zero() {
                waits(unseen);
            }
            tokio::time::sleep(PAUSE).await;
            self.waited += PAUSE;
        }
    }

    /// Leaves a message in the queue.
    pub(super) fn leave(&mut self, message: Received) {
        self.left.retain(|left| left.id != message.id);
        self.left.push(message);
    }

    /// How many another consumer has received: about, as SQS says.
    pub(super) async fn unseen(&self) -> Result<usize, CallError> {
        Ok(self.queue.out_of_sight().await?.saturating_sub(self.left.len()))
    }

    /// Takes a message that was given back out of the queue.
    pub(super) async fn delete(&self, message: &Received) -> Result<(), CallError> {
        self.queue.delete(message).await
    }

    /// Lets the next run receive what stays at once. Answers what could not be released.
    pub(super) async fn release(&mut self) -> Vec<CallError> {
        let mut problems = Vec::new();
        for message in self.left.drain(..) {
            problems.extend(self.queue.release(&message).await.err());
        }
        problems
    }
}
