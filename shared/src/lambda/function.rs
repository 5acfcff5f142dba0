//! One function at work: events and steps of sweeps in, answers out.

use crate::aws::dynamodb::Table;
use crate::aws::scheduler::Scheduler;
use crate::aws::service::{Clients, Service, SystemClock};
use crate::aws::sns::Topic;
use crate::engine::event::{Event, EventError, Parsed as Read};
use crate::engine::finding::{Finding, Outcome};
use crate::engine::hint;
use crate::engine::pipeline::{Clock, Handled, Retry, Rules};
use crate::engine::verdict::{Severity, VerdictKind};
use crate::lambda::decisions::Decisions;
use crate::lambda::environment::Environment;
use crate::lambda::imports::Imports;
use crate::lambda::invocation::Invocation;
use crate::lambda::{ServeError, announce, deferring, ending, heartbeat, hints, sweep};
use crate::notify::Notice;
use crate::operations::bursts::{Burst, Bursts};
use crate::operations::channel::{Channel, NotifyError};
use crate::operations::metrics;
use crate::operations::payload;
use crate::operations::payload::{Delivery, Hinted, MOST_ATTEMPTS, Task};
use crate::operations::report::Report;
use crate::operations::reporting::Reporting;
use crate::operations::signature::notices;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use tracing::{debug, error, info, warn};

pub(super) struct Function {
    pub(super) environment: Environment,
    pub(super) services: Vec<Box<dyn Service>>,
    pub(super) clients: Clients,
    pub(super) decisions: Decisions,
    pub(super) channel: Channel<Topic, Table>,
    pub(super) table: Option<Table>,
    /// The topic, to look whether it has subscribers.
    pub(super) topic: Option<Topic>,
    pub(super) bursts: Mutex<Bursts>,
    /// Bursts whose end is still to be scheduled.
    pub(super) endings: Mutex<Vec<Burst>>,
    pub(super) scheduler: Option<Scheduler>,
}

impl Function {
    /// Reads what an operator has decided.
    pub(super) async fn prepare(&self) {
        self.decisions.fresh().await;
    }

    /// What Lambda hands over.
    pub(super) async fn take(&self, payload: Value, invocation: &Invocation) -> Result<Value, ServeError> {
        match payload::read(payload, SystemClock.now())? {
            Task::Event(delivery) => {
                if let Some(hinted) = self.hinted(&delivery.payload) {
                    return hints::take(self, &hinted, invocation).await;
                }
                let report = self.event(&delivery, invocation).await?;
                Ok(serde_json::to_value(report).unwrap_or_default())
            }
            Task::Sweep(order) => sweep::run(self, &order, invocation).await,
            Task::Burst(burst) => ending::say(self, &burst).await,
            Task::Hints(hinted) => hints::take(self, &hinted, invocation).await,
            Task::Heartbeat => heartbeat::beat(self).await,
        }
    }

    /// The finding of GuardDuty as a hint, where a guardrail of the function looks at what it is about.
    fn hinted(&self, payload: &Value) -> Option<Hinted> {
        let detector = hint::detector(payload)?;
        let topic = hint::Topic::Detected(detector, payload.get("detail")?.get(detector.topic())?.as_str()?.to_owned());
        let mut controls =
            self.services.iter().flat_map(|service| service.guardrails()).flat_map(|about| about.controls);
        controls.any(|control| topic.is(control)).then(|| Some(Hinted::new(hint::hints(payload)?, payload.clone())))?
    }

    async fn event(&self, delivery: &Delivery, invocation: &Invocation) -> Result<Report, ServeError> {
        let event = match Event::from_envelope(&delivery.payload) {
            Ok(Read::Call(event)) => Event { waited: delivery.waited.clone(), since: delivery.since, ..*event },
            Ok(Read::NotOurs(why)) => {
                info!(why, "not ours");
                return Ok(Report::default());
            }
            Err(problem @ EventError::Elsewhere { .. }) => return self.refuse(&delivery.payload, &problem).await,
            Err(problem) => {
                error!(%problem, "unreadable event");
                return Err(problem.into());
            }
        };
        self.count(&metrics::event(&self.environment.metrics, SystemClock.now()));
        let mut rules = self.decisions.fresh().await;
        {
            let rules = std::sync::Arc::make_mut(&mut rules);
            rules.until = Some(invocation.deadline.stop);
            rules.can_wait &= delivery.attempt < MOST_ATTEMPTS;
        }
        if self.is_noise(&event) {
            std::sync::Arc::make_mut(&mut rules).hurries = true;
        }
        let mut handled = Handled::default();
        for service in &self.services {
            let one = service.handle(&self.clients, &rules, &event);
            // What stops in order does so long before: this is for a call that hangs.
            match tokio::time::timeout(invocation.time_left(SystemClock.now()), one).await {
                Ok(one) => handled.take(one),
                Err(_) => {
                    let why = format!("the run's time was up in the middle of a `{}`", service.kind());
                    handled.take(Handled { retry: Some(Retry(why)), ..Handled::default() });
                    break;
                }
            }
        }
        self.finish(&rules, &handled, delivery, &event, invocation).await?;
        Ok(Report::new(&event.id, &handled.findings))
    }

    /// What follows containment: notify, count, renew what an operator has decided, and defer.
    async fn finish(
        &self,
        rules: &Rules,
        handled: &Handled,
        delivery: &Delivery,
        event: &Event,
        invocation: &Invocation,
    ) -> Result<(), ServeError> {
        let reported = async {
            let unsent = self.say(rules, &handled.findings, handled.retry.is_some()).await.err();
            unsent.or(self.behind().await)
        };
        let (unsent, ()) = tokio::join!(reported, self.decisions.renew_behind());
        if let Some(problem) = self.decisions.problem() {
            self.notify_of_policy(&problem).await;
        }
        for notice in &handled.notices {
            self.notify_of(notice).await;
        }
        self.notify_policy_warnings().await;
        ending::schedule(self, invocation).await;
        // Last: what comes back finds everything written down. Also when this run is tried again, which makes the same one.
        let scheduled = match &handled.deferred {
            Some(deferred) => deferring::defer(self, deferred, delivery, invocation).await,
            None => Ok(()),
        };
        if let Some(retry) = &handled.retry {
            warn!(%retry, event_id = event.id, "to be delivered again");
            return Err(retry.clone().into());
        }
        scheduled.map_err(ServeError::Deferral)?;
        unsent.map_or(Ok(()), |unsent| Err(unsent.into()))
    }

    /// Says what the ledger holds and is not believed, and sends what the topic did not take earlier.
    pub(super) async fn behind(&self) -> Option<NotifyError> {
        self.notify_doubts().await;
        self.channel.resend(SystemClock.now()).await.err()
    }

    /// Findings: logged, and then written down, counted and notified.
    pub(super) async fn say(
        &self,
        rules: &Rules,
        findings: &[Finding],
        will_be_tried_again: bool,
    ) -> Result<(), NotifyError> {
        for finding in findings {
            log_finding(finding);
            if let Some(line) = metrics::finding(&self.environment.metrics, finding, SystemClock.now()) {
                self.count(&line);
            }
            if let (Some(key), Some(table)) = (&finding.exempted_by, &self.table) {
                sweep::note_use(table, key).await;
            }
        }
        // What will be tried again is notified then; what is done already is notified now.
        let is_done = |finding: &&Finding| {
            !will_be_tried_again || matches!(finding.outcome, Outcome::Remediated | Outcome::Partial)
        };
        let worth: Vec<&Finding> = findings.iter().filter(|finding| finding.is_notifiable()).filter(is_done).collect();
        let reporting = Reporting {
            channel: &self.channel,
            counters: self.table.as_ref(),
            bursts: &self.bursts,
            policy: &rules.policy,
        };
        let reported = reporting.report(&worth, SystemClock.now()).await;
        for (stop, was_written) in reported.stops {
            self.decisions.add(stop, was_written);
        }
        self.endings.lock().unwrap_or_else(PoisonError::into_inner).extend(reported.bursts);
        if self.environment.imports {
            let (clients, channel, function) = (&self.clients, &self.channel, &self.environment.function);
            let new: Vec<&Finding> = worth.into_iter().filter(|finding| reported.new.contains(&finding.id)).collect();
            Imports { clients, channel, function }.send(&new).await;
        }
        reported.unsent.map_or(Ok(()), Err)
    }

    /// Whether this process knows that the caller makes a burst of findings there.
    fn is_noise(&self, event: &Event) -> bool {
        let bursts = self.bursts.lock().unwrap_or_else(PoisonError::into_inner);
        bursts.is_noisy(&event.actor.principal(), &event.account, &event.region)
    }

    /// A forwarded event that claims another account or region than the one it comes from.
    async fn refuse(&self, payload: &Value, problem: &EventError) -> Result<Report, ServeError> {
        error!(%problem, "an event was refused");
        let text = |path: &str| payload.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        self.notify(&Notice {
            // The same record on another envelope is another forgery.
            key: format!("{}\n{problem}", text("/detail/eventID")),
            title: "Event refused: it claims another account or region".to_owned(),
            subject: text("/detail/eventName"),
            kind: "refused",
            guardrail: "parapet",
            severity: Severity::Critical,
            account: text("/account"),
            region: text("/region"),
            says: vec![
                problem.to_string(),
                "nothing was changed: a member must not be able to make the hub act elsewhere".to_owned(),
            ],
            next: vec!["Find out who put this event on a bus of that account".to_owned()],
        })
        .await?;
        Ok(Report::default())
    }

    /// What the ledger holds and is not believed.
    async fn notify_doubts(&self) {
        let Some(table) = &self.table else { return };
        let account = self.environment.account().unwrap_or_default();
        for notice in notices(&table.doubts(), table.name(), &account, &self.environment.region, SystemClock.now()) {
            self.notify_of(&notice).await;
        }
    }

    pub(super) async fn notify_of_policy(&self, problem: &str) {
        let place = self.environment.policy.clone().unwrap_or_default();
        self.notify_of(&Notice {
            key: format!("{}\n{place}\n{problem}", self.environment.function),
            title: "The policy cannot be used".to_owned(),
            subject: self.environment.function.clone(),
            kind: "policy-broken",
            guardrail: "parapet",
            severity: Severity::High,
            account: self.environment.account().unwrap_or_default(),
            region: self.environment.region.clone(),
            says: vec![
                format!("{place}: {problem}"),
                "the last policy that could be used stays in force; where there was none, nothing is enforced"
                    .to_owned(),
            ],
            next: vec!["Fix the file: parapet policy validate FILE shows where".to_owned()],
        })
        .await;
    }

    /// What the policy may say and most likely does not mean: it is in force, and every function says the same of it, once.
    async fn notify_policy_warnings(&self) {
        let warnings = self.decisions.take_warnings();
        if warnings.is_empty() {
            return;
        }
        let place = self.environment.policy.clone().unwrap_or_default();
        self.notify_of(&Notice {
            key: warnings.join("\n"),
            title: "The policy most likely contains a mistake".to_owned(),
            subject: "policy".to_owned(),
            kind: "policy-warning",
            guardrail: "parapet",
            severity: Severity::Medium,
            account: self.environment.account().unwrap_or_default(),
            region: self.environment.region.clone(),
            says: std::iter::once(format!("{place} is in force as it is")).chain(warnings).collect(),
            next: vec!["Check the file: parapet policy validate FILE prints the same warnings".to_owned()],
        })
        .await;
    }

    /// Best effort: what a notice is about is logged as well.
    pub(super) async fn notify_of(&self, notice: &Notice) {
        announce(&self.channel, notice).await;
    }

    async fn notify(&self, notice: &Notice) -> Result<(), NotifyError> {
        warn!(title = notice.title, says = ?notice.says, "notice");
        self.channel.announce(notice, SystemClock.now()).await
    }

    /// CloudWatch makes metrics of such a line. One write: lines of a process do not mix.
    pub(super) fn count(&self, line: &Value) {
        use std::io::Write;
        let mut line = line.to_string();
        line.push('\n');
        if let Err(problem) = std::io::stdout().write_all(line.as_bytes()) {
            warn!(%problem, "a metric was not written");
        }
    }
}

fn log_finding(finding: &Finding) {
    if finding.verdict == VerdictKind::Compliant {
        debug!(guardrail = finding.guardrail.name, resource = finding.resource.id, "compliant");
        return;
    }
    info!(
        finding_id = %finding.id,
        guardrail = finding.guardrail.name,
        resource = finding.resource.id,
        verdict = finding.verdict.word(),
        severity = %finding.severity,
        mode = finding.mode.word(),
        result = finding.outcome.word(),
        reasons = ?finding.reasons,
        event_id = finding.cause.event_id,
        "finding"
    );
}
