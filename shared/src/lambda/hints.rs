//! Findings of Security Hub and other detectors: each guardrail's second trigger.
//!
//! What a finding names is listed, judged and closed as in a sweep, by the guardrails that look at what it is about. The result is written back to Security Hub. One bad
//! finding holds up no other.

use crate::aws::service::{Asked, Looked, SystemClock};
use crate::aws::signed::Signed;
use crate::engine::finding::Finding;
use crate::engine::hint::{Hint, Reply, SECURITY_HUB, Skipped, Source};
use crate::engine::observed::Place;
use crate::engine::pipeline::{Clock, Handled, Retry, Rules};
use crate::engine::verdict::{Severity, VerdictKind};
use crate::lambda::ServeError;
use crate::lambda::environment::global_region;
use crate::lambda::function::Function;
use crate::lambda::invocation::Invocation;
use crate::notify::Notice;
use crate::operations::metrics;
use crate::operations::payload::Hinted;
use crate::operations::report::{Entry, Report};
use serde_json::Value;
use tracing::{info, warn};

/// Handles what an event of Security Hub holds, finding by finding.
pub(super) async fn take(function: &Function, hinted: &Hinted, invocation: &Invocation) -> Result<Value, ServeError> {
    function.count(&metrics::event(&function.environment.metrics, SystemClock.now()));
    let mut rules = function.decisions.fresh().await;
    std::sync::Arc::make_mut(&mut rules).until = Some(invocation.deadline.stop);
    for skipped in &hinted.hints.skipped {
        info!(finding = skipped.finding, why = skipped.why, "a finding is left alone");
        if skipped.is_unreadable {
            function.notify_of(&unreadable(function, skipped)).await;
        }
    }
    let mut outcomes = Vec::new();
    let (mut retry, mut unsent) = (None, None);
    for hint in &hinted.hints.hints {
        match handle(function, &rules, hint, invocation).await {
            Some(found) => {
                // What was closed is notified now, also where the rest has to be tried again.
                let is_open = found.retry.is_some();
                unsent = function.say(&rules, &found.findings, is_open).await.err().or(unsent);
                for notice in &found.notices {
                    function.notify_of(notice).await;
                }
                if !found.unsaid.is_empty() {
                    function.notify_of(&unfollowed(hint, &found.unsaid)).await;
                }
                match found.retry {
                    None => write_back(function, hint, &found.reply).await,
                    Some(passing) => {
                        warn!(%passing, finding = hint.finding.id(), "to be delivered again");
                        retry = retry.or(Some(passing));
                    }
                }
                outcomes.extend(found.findings.iter().map(Entry::from));
            }
            None => info!(finding = hint.finding.id(), topic = %hint.topic, "no guardrail here looks at it"),
        }
    }
    unsent = function.behind().await.or(unsent);
    function.decisions.renew_behind().await;
    if let Some(retry) = retry {
        return Err(retry.into());
    }
    if let Some(unsent) = unsent {
        return Err(unsent.into());
    }
    let report = Report { event_id: Some(hinted.event_id.clone()), outcomes };
    Ok(serde_json::to_value(report).unwrap_or_default())
}

/// What came of one finding.
struct Found {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
    reply: Reply,
    /// What could not be read, where nothing is written back that would say so.
    unsaid: Vec<String>,
    /// What is worth another try.
    retry: Option<Retry>,
}

/// None where no guardrail of the function looks at what it is about.
async fn handle(function: &Function, rules: &Rules, hint: &Hint, invocation: &Invocation) -> Option<Found> {
    let (mut all, mut unlisted) = (Handled::default(), Vec::new());
    let (mut is_asked, mut is_there) = (false, false);
    for service in &function.services {
        let guardrails = service.guardrails();
        let mapped = guardrails.iter().filter(|about| about.controls.iter().any(|control| hint.topic.is(control)));
        let mapped: Vec<&'static str> = mapped.map(|about| about.name).collect();
        if mapped.is_empty() {
            continue;
        }
        is_asked = true;
        let place = place(hint, service.is_global());
        for resource in &hint.resources {
            let asked = Asked { resource, guardrails: &mapped, until: invocation.deadline.stop };
            let Looked { handled, is_there: found, unlisted: why } =
                service.look(&function.clients, rules, &place, &asked).await;
            is_there |= found;
            unlisted.extend(why);
            all.take(handled);
        }
    }
    if !is_asked {
        return None;
    }
    let from = format!("{} reported it: {}, finding {}", hint.topic.reporter(), hint.topic, hint.finding.id());
    let Handled { mut findings, notices, retry, .. } = all;
    findings.iter_mut().for_each(|finding| finding.reasons.push(from.clone()));
    let reply = reply(&findings, is_there, &unlisted);
    let is_said = hint.finding.reply(&reply).is_some();
    let unsaid = if is_said { Vec::new() } else { unlisted };
    Some(Found { findings, notices, reply, unsaid, retry })
}

/// Where the resource is looked for. What an account has once, whatever the region, is looked for where its records come from.
fn place(hint: &Hint, is_global: bool) -> Place {
    match is_global {
        true => Place { region: global_region(&hint.place.partition).to_owned(), ..hint.place.clone() },
        false => hint.place.clone(),
    }
}

/// What is written back to the finding. It is closed where everything that was asked about could be read, and nothing of it is open.
fn reply(findings: &[Finding], is_there: bool, unlisted: &[String]) -> Reply {
    let line = |finding: &Finding| {
        let word = if finding.verdict == VerdictKind::Compliant { "compliant" } else { finding.outcome.word() };
        format!("{}: {word} (finding {})", finding.guardrail.name, finding.id)
    };
    let mut says: Vec<String> = findings.iter().map(line).collect();
    says.extend(unlisted.iter().map(|why| format!("not everything could be read: {why}")));
    if says.is_empty() {
        let why = if is_there {
            "the guardrails of this control are switched off"
        } else {
            "no such resource that a guardrail of this control looks at; nothing was changed"
        };
        says.push(why.to_owned());
    }
    let is_closed = !findings.is_empty() && unlisted.is_empty() && findings.iter().all(Finding::is_closed);
    Reply { is_closed, says: format!("Parapet: {}", says.join("; ")) }
}

/// The result, in the finding: what is closed is resolved, what is not is no longer new. In the function's own account and region, where the event came from.
async fn write_back(function: &Function, hint: &Hint, reply: &Reply) {
    let Some(call) = hint.finding.reply(reply) else {
        return info!(finding = hint.finding.id(), says = reply.says, "nothing is written back");
    };
    let own = Place {
        partition: hint.place.partition.clone(),
        account: function.environment.account().unwrap_or_default(),
        region: function.environment.region.clone(),
    };
    let written = match function.clients.accounts.at(&own).await {
        Ok(access) => {
            let client = Signed::new(&access.config);
            match client.call(&SECURITY_HUB, call).await {
                Ok(answer) => Source::replied(&answer.body),
                Err(failure) => Err(failure.to_string()),
            }
        }
        Err(unserved) => Err(unserved.to_string()),
    };
    match written {
        Ok(()) => info!(finding = hint.finding.id(), says = reply.says, is_closed = reply.is_closed, "written back"),
        Err(why) => function.notify_of(&unwritten(function, hint, &why)).await,
    }
}

fn unwritten(function: &Function, hint: &Hint, why: &str) -> Notice {
    Notice {
        // Once for each reason: the findings themselves are notified anyway.
        key: format!("{}\n{why}", function.environment.function),
        title: "Security Hub does not know the result".to_owned(),
        subject: hint.topic.to_string(),
        kind: "finding-not-updated",
        guardrail: "parapet",
        severity: Severity::Low,
        account: hint.place.account.clone(),
        region: function.environment.region.clone(),
        says: vec![format!("the result for finding {} could not be written back: {why}", hint.finding.id())],
        next: vec!["Let the function's role call securityhub:BatchUpdateFindings and BatchUpdateFindingsV2".to_owned()],
    }
}

fn unfollowed(hint: &Hint, why: &[String]) -> Notice {
    let of = hint.resources.join(", ");
    Notice {
        key: format!("{}\n{of}\n{}", hint.topic, why.join("\n")),
        title: format!("A finding of {} could not be followed", hint.topic.reporter()),
        subject: hint.topic.to_string(),
        kind: "finding-not-followed",
        guardrail: "parapet",
        severity: Severity::Medium,
        account: hint.place.account.clone(),
        region: hint.place.region.clone(),
        says: std::iter::once(format!("{of}: not everything could be read")).chain(why.iter().cloned()).collect(),
        next: vec!["Look at the resource, and let the function's role read it in that account".to_owned()],
    }
}

fn unreadable(function: &Function, skipped: &Skipped) -> Notice {
    Notice {
        key: format!("{}\n{}", skipped.finding, skipped.why),
        title: format!("A finding of {} cannot be read", skipped.by),
        subject: skipped.finding.clone(),
        kind: "finding-unreadable",
        guardrail: "parapet",
        severity: Severity::Low,
        account: function.environment.account().unwrap_or_default(),
        region: function.environment.region.clone(),
        says: vec![format!("finding {}: {}; nothing was judged", skipped.finding, skipped.why)],
        next: vec![format!("Look at the finding in {}, and at the resource that it is about", skipped.by)],
    }
}
