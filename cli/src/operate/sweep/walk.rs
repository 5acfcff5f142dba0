//! One kind of resource in one region, page by page.

use super::SweepArgs;
use super::state::{Row, State};
use indicatif::ProgressBar;
use shared::aws::dynamodb::Table as Ledger;
use shared::aws::service::{Clients, Service, Swept, SystemClock};
use shared::aws::sns::Topic;
use shared::engine::finding::Finding;
use shared::engine::observed::Place;
use shared::engine::pipeline::{Clock, Rules};
use shared::operations::channel::{Channel, Recorded};
use shared::operations::ledger::Book;
use shared::policy::Mode;

pub(super) struct Sweeping<'a> {
    pub(super) service: &'a dyn Service,
    pub(super) place: &'a Place,
    pub(super) clients: &'a Clients,
    pub(super) rules: &'a Rules,
    pub(super) table: Option<&'a Ledger>,
}

impl Sweeping<'_> {
    /// Walks to the last page. What fails is noted and ends this kind here alone; with `--state` it is begun again there.
    pub(super) async fn run(
        &self,
        state: &mut State,
        args: &SweepArgs,
        channel: &Channel<Topic, Ledger>,
        bar: &ProgressBar,
    ) {
        let me = (self.service.kind().to_owned(), self.place.region.clone());
        if state.done.contains(&me) {
            return;
        }
        let mut from = state.begin(&me);
        bar.set_message(format!("{} in {}", me.0, me.1));
        loop {
            let rules = self.rules(state).await;
            let swept = match self.service.sweep(self.clients, &rules, self.place, from.as_deref()).await {
                Ok(swept) => swept,
                Err(retry) => return state.problem(format!("{}: not read to the end: {retry}", self.name())),
            };
            self.take(&swept, state, args, channel).await;
            bar.set_position(state.seen as u64);
            bar.tick();
            let Some(next) = swept.next else { break };
            state.at.insert(State::key(&me), next.clone());
            state.save(args.state.as_deref());
            from = Some(next);
        }
        state.at.remove(&State::key(&me));
        state.done.insert(me);
        state.save(args.state.as_deref());
    }

    /// The policy, with what was decided since: an exemption that a minute ago was made by `parapet undo` holds.
    async fn rules(&self, state: &mut State) -> Rules {
        let mut rules = self.rules.clone();
        if let Some(table) = self.table {
            match table.orders().await {
                Ok(orders) => rules.orders = orders,
                Err(problem) => {
                    rules.orders.unreadable = Some(problem.to_string());
                    state.problem(format!("{}: nothing is closed on this page: {problem}", self.name()));
                }
            }
        }
        if state.is_ledger_lost {
            rules.policy.limit(Mode::Notify);
        }
        rules
    }

    /// First everything into the ledger, then the notifications: whatever fails then can be found and undone.
    async fn take(&self, swept: &Swept, state: &mut State, args: &SweepArgs, channel: &Channel<Topic, Ledger>) {
        let findings: Vec<&Finding> =
            swept.handled.findings.iter().filter(|finding| finding.notified_by.is_none()).collect();
        let mut recorded = Vec::new();
        for finding in findings {
            let mut row = Row::from(finding);
            if finding.is_notifiable() {
                match channel.record(finding, SystemClock.now()).await {
                    Ok(Recorded::Nowhere) => {}
                    Ok(Recorded::Written) => row.is_recorded = true,
                    Ok(Recorded::Unsigned(why)) => (row.is_recorded, row.unsigned) = (true, Some(why)),
                    Err(problem) => {
                        let more = if args.enforce { "; nothing more is closed" } else { "" };
                        state.problem(format!("{}: not written down: {problem}{more}", finding.resource.id));
                        state.is_ledger_lost = true;
                    }
                }
                recorded.push(finding);
            }
            // A page that was interrupted is walked through again.
            state.found.retain(|known| known.finding_id != row.finding_id);
            state.found.push(row);
        }
        state.seen += swept.seen;
        state.unlisted.extend(swept.unlisted.as_ref().map(|why| format!("{}: {why}", self.name())));
        if let Some(retry) = &swept.handled.retry {
            state.problem(format!("{}: not everything could be read or done: {retry}", self.name()));
        }
        state.save(args.state.as_deref());
        for finding in recorded {
            match channel.notify(finding, SystemClock.now()).await {
                Err(problem) => {
                    state.problem(format!("{}: no notification was sent: {problem}", finding.resource.id));
                }
                // Without a topic the channel only remembers.
                Ok(_) if args.topic.is_some() => {
                    let id = finding.id.to_string();
                    let rows = state.found.iter_mut().filter(|row| row.finding_id == id);
                    rows.for_each(|row| row.is_notified = true);
                }
                Ok(_) => {}
            }
        }
        state.save(args.state.as_deref());
    }

    fn name(&self) -> String {
        format!("{} in {}", self.service.kind(), self.place.region)
    }
}
