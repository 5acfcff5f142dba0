//! What follows containment: a finding is written down, counted, and then the channel is notified, of it or of the burst that it
//! is part of. In this order: a process that ends in between has counted.

use crate::engine::finding::Finding;
use crate::engine::orders::Stop;
use crate::notify::{Message, Notice};
use crate::operations::bursts;
use crate::operations::bursts::{Burst, Bursts, NotifyAs};
use crate::operations::channel::{Channel, Entered, NotifyError, Publish};
use crate::operations::circuit_breaker;
use crate::operations::ledger::{Counted, Counters, Ledger};
use crate::policy::Policy;
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing::{error, info, warn};
use uuid::Uuid;

/// What one process reports with.
#[derive(Debug)]
pub struct Reporting<'a, P, L> {
    /// The security channel.
    pub channel: &'a Channel<P, L>,
    /// The ledger: without it, this process counts alone and nothing is stopped.
    pub counters: Option<&'a L>,
    /// What this process knows of bursts.
    pub bursts: &'a Mutex<Bursts>,
    /// The policy file.
    pub policy: &'a Policy,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Reported {
    /// A message that the topic did not take.
    pub unsent: Option<NotifyError>,
    /// What is stopped from now on, and whether the ledger took it.
    pub stops: Vec<(Stop, bool)>,
    /// The findings that were not known before: a repeated delivery is none.
    pub new: Vec<Uuid>,
    /// Bursts of which a digest was sent: their end is to be said when it comes.
    pub bursts: Vec<Burst>,
}

/// What is still to be published.
enum Due {
    Message(Uuid, Message),
    Notice(Notice),
}

impl<P: Publish, L: Ledger + Counters> Reporting<'_, P, L> {
    /// Reports findings that are worth a notification.
    pub async fn report(&self, findings: &[&Finding], now: Timestamp) -> Reported {
        let (mut reported, mut due) = (Reported::default(), Vec::new());
        for finding in findings {
            self.count(finding, now, &mut reported, &mut due).await;
        }
        self.ends(now, &mut due).await;
        for due in due {
            match due {
                Due::Message(id, message) => {
                    let sent = self.channel.send(id, message, now).await;
                    reported.unsent = reported.unsent.take().or(sent.err());
                }
                Due::Notice(notice) => {
                    warn!(title = notice.title, says = ?notice.says, "notice");
                    if let Err(problem) = self.channel.announce(&notice, now).await {
                        error!(%problem, title = notice.title, "a notice was not sent");
                    }
                }
            }
        }
        reported
    }

    async fn count(&self, finding: &Finding, now: Timestamp, reported: &mut Reported, due: &mut Vec<Due>) {
        let burst = bursts::burst(finding, now);
        let is_on = burst.as_ref().is_some_and(|burst| self.bursts().is_on(burst));
        let message = match self.channel.enter(finding, now, is_on).await {
            Entered::New(message) => {
                reported.new.push(finding.id);
                message
            }
            // It was counted when it was written down.
            Entered::Unsent(message) => return due.push(Due::Message(finding.id, message)),
            Entered::Notified => return,
        };
        self.limit(finding, now, reported, due).await;
        let notify_as = match &burst {
            None => NotifyAs::Alone,
            Some(burst) => {
                let counted = self.raise(burst).await;
                let notify_as = bursts::notify_as(counted.count);
                self.bursts().note(burst, counted, notify_as);
                if notify_as == NotifyAs::Digest {
                    due.push(Due::Notice(burst.digest(counted, false)));
                    reported.bursts.push(burst.clone());
                }
                notify_as
            }
        };
        match notify_as {
            NotifyAs::Alone => due.push(Due::Message(finding.id, message)),
            NotifyAs::Digest | NotifyAs::Counted => {
                info!(finding_id = %finding.id, "part of a burst: a digest has it");
                self.channel.pass_over(finding.id, is_on, now).await;
            }
        }
    }

    /// Counts towards the circuit breaker and flapping, and stops what is too much.
    async fn limit(&self, finding: &Finding, now: Timestamp, reported: &mut Reported, due: &mut Vec<Due>) {
        let Some(counters) = self.counters else { return };
        for counter in circuit_breaker::counters(finding, self.policy, now) {
            match counters.count(&counter.tally).await {
                Ok(counted) if counted.count >= counter.most => {
                    // Also past the limit: the process that reached it may have ended before it was written.
                    let written = counters.stop(&counter.stop).await;
                    if let Err(problem) = &written {
                        error!(%problem, "a stop was not written: other processes do not know of it yet");
                    }
                    due.push(Due::Notice(circuit_breaker::notice(&counter, finding)));
                    reported.stops.push((counter.stop, written.is_ok()));
                }
                Ok(_) => {}
                Err(problem) => warn!(%problem, "what was done was not counted"),
            }
        }
    }

    /// One more of the burst, in the ledger; in this process alone where that does not answer.
    async fn raise(&self, burst: &Burst) -> Counted {
        let Some(counters) = self.counters else { return self.bursts().count(burst) };
        match counters.count(&burst.tally).await {
            Ok(counted) => counted,
            Err(problem) => {
                warn!(%problem, "a finding was counted in this process alone");
                self.bursts().count(burst)
            }
        }
    }

    /// What is said of bursts whose window has ended. Of several processes the first says it.
    async fn ends(&self, now: Timestamp, due: &mut Vec<Due>) {
        let ended = self.bursts().ended(now);
        for (burst, known) in ended {
            let counted = match self.counters {
                None => known,
                Some(counters) => counters.counted(&burst.tally.name).await.unwrap_or(known),
            };
            let counted = if counted.count < known.count { known } else { counted };
            due.push(Due::Notice(burst.digest(counted, true)));
        }
    }

    fn bursts(&self) -> MutexGuard<'_, Bursts> {
        self.bursts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
