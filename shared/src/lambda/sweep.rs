//! The scheduled sweep: every resource of every family through the same judges, one message a page, so that any number of
//! them fits the time that a run may take. A page that fails comes back by itself; one that was done is not done again.

use super::ServeError;
use super::function::Function;
use crate::aws::dynamodb::Table;
use crate::guardrails::About;
use crate::incoming::PageOrder;
use crate::memory::Memory;
use crate::notify::Notice;
use crate::pipeline::Clock;
use crate::policy::{Exemption, Policy};
use crate::service::SystemClock;
use crate::verdict::Severity;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::borrow::Borrow;
use std::time::Duration;
use tracing::{info, warn};

/// An exemption that nothing has needed for this long covers nothing: two daily sweeps have seen everything there is.
const NEVER_NEEDED: SignedDuration = SignedDuration::from_hours(48);

/// Asks for the first page of each family in each account and region, and looks through the exemptions.
pub(super) async fn begin(function: &Function) -> Result<Value, ServeError> {
    let Some(queue) = &function.queue else {
        return Err(ServeError::Queue("a sweep needs a queue (`PARAPET_QUEUE_URL`)".to_owned()));
    };
    let rules = function.standing.fresh().await;
    let mut asked = 0;
    for service in &function.services {
        let environment = &function.environment;
        for place in if service.is_global() { environment.accounts() } else { environment.places() } {
            let order = PageOrder { kind: service.kind().to_owned(), place, from: None, number: 1 };
            queue.send(&order.message(), Duration::ZERO).await.map_err(ServeError::Queue)?;
            asked += 1;
        }
    }
    let guardrails: Vec<&'static About> = function.services.iter().flat_map(|service| service.guardrails()).collect();
    report_exemptions(function, &rules.policy, &guardrails).await;
    info!(asked, "a sweep begins");
    Ok(json!({ "sweep": "begun", "pages_asked": asked }))
}

/// Walks through one page, and asks for the next.
pub(super) async fn page(function: &Function, order: &PageOrder) -> Result<Value, ServeError> {
    let Some(service) = function.services.iter().find(|service| service.kind() == order.kind) else {
        return Err(crate::incoming::TaskError(format!("this function serves no `{}`", order.kind)).into());
    };
    let rules = function.standing.fresh().await;
    let mut swept = service.sweep(&function.desk, &rules, &order.place, order.from.as_deref()).await?;
    if let Some(why) = &swept.unlisted {
        function.tell_of(&unlisted(order, why)).await;
    }
    // The next page first: what is told of this one may have to be told again.
    if let (Some(next), Some(queue)) = (&swept.next, &function.queue) {
        let next = PageOrder { from: Some(next.clone()), number: order.number + 1, ..order.clone() };
        queue.send(&next.message(), Duration::ZERO).await.map_err(ServeError::Queue)?;
    }
    let found = swept.handled.findings.len();
    // What a listing cannot tell is no news every day.
    swept.handled.findings.retain(|finding| finding.verdict == "violation");
    // The next page is asked for already: what is worth another try is the next sweep's.
    if let Some(retry) = swept.handled.retry.take() {
        warn!(%retry, kind = order.kind, page = order.number, "not everything on the page could be done");
    }
    swept.handled.later = None;
    function.finish(&rules, &swept.handled, None).await?;
    info!(kind = order.kind, page = order.number, seen = swept.seen, found, "a page was swept");
    Ok(json!({
        "sweep": "page", "kind": order.kind, "page": order.number, "seen": swept.seen,
        "violations": swept.handled.findings.len(), "is_last": swept.next.is_none(), "unlisted": swept.unlisted,
    }))
}

fn unlisted(order: &PageOrder, why: &str) -> Notice {
    Notice {
        key: format!("{}\n{}\n{}\n{why}", order.kind, order.place.account, order.place.region),
        title: "Sweep: what is there cannot be listed".to_owned(),
        subject: order.kind.clone(),
        kind: "sweep-failed",
        guardrail: "parapet",
        severity: Severity::High,
        account: order.place.account.clone(),
        region: order.place.region.clone(),
        says: vec![format!("every `{}` should have been looked at: {why}", order.kind)],
        next: vec!["Let the function's role do it; the next sweep tries again".to_owned()],
    }
}

/// Notes that an exemption was needed.
pub(super) async fn note_use(table: &Table, key: &str) {
    if let Err(problem) = table.keep(&used(key), &SystemClock.now().to_string()).await {
        warn!(problem, "the use of an exemption was not noted");
    }
}

fn used(key: &str) -> String {
    format!("kept#exemption-used#{key}")
}

/// Exemptions that have ended or that nothing ever needed should not stand in the file: they hide what they would allow.
async fn report_exemptions(function: &Function, policy: &Policy, guardrails: &[&'static About]) {
    let now = SystemClock.now();
    for exemption in &policy.exemptions {
        let name: &str = exemption.guardrail.borrow();
        let Some(about) = guardrails.iter().find(|about| about.name == name) else { continue };
        let why = if exemption.has_expired(now) {
            Some(("Exemption has ended", format!("it ended on {}", exemption.expires)))
        } else {
            let unused = match &function.table {
                Some(table) => never_needed(table, exemption, now).await,
                None => false,
            };
            unused.then(|| ("Exemption covers nothing", "nothing that was looked at needed it".to_owned()))
        };
        if let Some((title, why)) = why {
            function.tell_of(&notice(function, about, exemption, title, why)).await;
        }
    }
}

async fn never_needed(table: &Table, exemption: &Exemption, now: Timestamp) -> bool {
    let key = exemption.key();
    let seen = format!("kept#exemption-seen#{key}");
    let (first, use_of) = tokio::join!(async { table.recall(&seen).await }, async { table.recall(&used(&key)).await });
    match (first, use_of) {
        (Ok(None), Ok(None)) => {
            if let Err(problem) = table.keep(&seen, &now.to_string()).await {
                warn!(problem, "an exemption was not noted");
            }
            false
        }
        (Ok(Some(first)), Ok(None)) => {
            first.parse::<Timestamp>().is_ok_and(|first| now.duration_since(first) > NEVER_NEEDED)
        }
        (Ok(_), Ok(Some(_))) => false,
        (Err(problem), _) | (_, Err(problem)) => {
            warn!(problem, "whether an exemption was needed cannot be told");
            false
        }
    }
}

fn notice(function: &Function, about: &'static About, exemption: &Exemption, title: &str, why: String) -> Notice {
    Notice {
        key: format!("{title}\n{}\n{}", exemption.key(), exemption.expires),
        title: title.to_owned(),
        subject: about.name.to_owned(),
        kind: "exemption",
        guardrail: about.name,
        severity: Severity::Low,
        account: function.environment.account().unwrap_or_default(),
        region: function.environment.region.clone(),
        says: vec![format!("`{}` on {}, {}", about.name, exemption.resource, exemption.sentence()), why],
        next: vec![format!(
            "Take it out of the policy: parapet exempt remove --guardrail {} --resource '{}'",
            about.name, exemption.resource
        )],
    }
}
