//! Services that watch an account, and settings of the account itself: in a good state that their function has seen, then as the event says.

use super::{changed, rewritten, set, written};
use crate::Result;
use crate::reader::Reader;
use crate::stage::{Script, Stage, called, done};
use crate::view::View;
use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::family::{Family, Observe};
use shared::engine::plan::Apply;
use shared::engine::request::Request;
use shared::engine::setting::{Set, Setting};
use shared::resources::account::{EnabledRegions, SecurityContacts};
use shared::resources::bedrock::InvocationLogging;
use shared::resources::guardduty::{Detectors, Filters, GUARDDUTY};
use shared::resources::macie::MacieEnabled;
use shared::resources::route53domains::TransferLocks;
use shared::resources::s3::document::{Document, Held, Write};
use shared::resources::securityhub::Hubs;
use shared::resources::wafv2::{WAFV2, WebAclAssociations, WebAclLogging};

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    let name = script.call.name.as_str();
    Some(match script.call.source.as_str() {
        "securityhub.amazonaws.com" if name == "DisableSecurityHub" => switched(script, Hubs::default()).await,
        "macie2.amazonaws.com" if name == "DisableMacie" => switched(script, MacieEnabled::default()).await,
        "route53domains.amazonaws.com" if name == "DisableDomainTransferLock" => switched(script, TransferLocks).await,
        "account.amazonaws.com" if name == "EnableRegion" => {
            written(script, EnabledRegions, Signed::new, set, "played by the account's region".to_owned()).await
        }
        "account.amazonaws.com" => contact(script).await,
        "bedrock.amazonaws.com" if name.ends_with("ModelInvocationLoggingConfiguration") => {
            written(
                script,
                InvocationLogging,
                Signed::new,
                rewritten,
                "played by the region's configuration".to_owned(),
            )
            .await
        }
        "wafv2.amazonaws.com" => web_acl(script).await,
        "guardduty.amazonaws.com" if name.ends_with("Detector") => detector(script).await,
        "guardduty.amazonaws.com" if name.ends_with("Filter") => filter(script).await,
        _ => return None,
    })
}

/// A switch that is as it should be.
async fn switched<S>(script: &Script<'_>, setting: S) -> Result<Stage>
where
    S: Setting + 'static,
    Signed: Observe<S> + Apply<Set<S>>,
{
    let target = script.target(setting)?;
    let state = target.proven.as_ref().ok_or("the record does not show what was changed")?;
    let client = Signed::new(&script.clients.config);
    crate::stage::set(&client, setting, S::shown(state).subject, S::STRICTEST).await?;
    written(script, setting, Signed::new, set, "played by one of the same name".to_owned()).await
}

/// A document that is written as a fixture says that it was kept, and then as it says that it lives.
async fn document<D>(script: &Script<'_>, family: D, now: D::Value, note: &str) -> Result<Stage>
where
    D: Document + Family<Action = Write<D>, State = Held<D::Value>>,
    Signed: Observe<D> + Apply<Write<D>>,
{
    let name = D::subject(&script.call)?;
    let client = Signed::new(&script.clients.config);
    let is_kept = !script.kept.is_null();
    if is_kept {
        let kept: Held<D::Value> = serde_json::from_value(script.kept.clone())?;
        done(&client, &Write::<D>::whole(&name, kept.now)).await?;
    }
    let stage = changed(script, family, Write::<D>::whole(&name, now), note.to_owned())?;
    Ok(if is_kept { stage.remembered(family.kind()) } else { stage })
}

async fn contact(script: &Script<'_>) -> Result<Stage> {
    let now = Some(script.live["AlternateContact"].clone()).filter(Value::is_object);
    document(script, SecurityContacts, now, "played by the account's contact").await
}

/// The script with a web ACL of its own in place of each that it names.
async fn with_acls<'a>(script: &Script<'a>) -> Result<(Script<'a>, String)> {
    let mut script = script.about("", "")?;
    let mut notes = Vec::new();
    loop {
        let text = format!("{}{}{}", script.event, script.live, script.kept);
        let named = text.split('"').find(|part| part.contains(":regional/webacl/") && !part.contains("/own-"));
        let Some(arn) = named.map(str::to_owned) else { break };
        let name = format!("own-{}", uuid::Uuid::new_v4());
        let visibility = json!({"SampledRequestsEnabled": false, "CloudWatchMetricsEnabled": false, "MetricName": "x"});
        let acl = json!({"Name": name, "Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility, "Rules": []});
        let made = called(&script, &WAFV2, Request::named("CreateWebACL", acl)).await?;
        let own = made.at(&["Summary", "ARN"]).and_then(Value::as_str).ok_or("no web ACL was made")?.to_owned();
        notes.push(format!("{own} in place of {arn}"));
        script = script.about(&arn, &own)?;
    }
    Ok((script, format!("played by {}", notes.join(", "))))
}

async fn web_acl(script: &Script<'_>) -> Result<Stage> {
    let (script, note) = with_acls(script).await?;
    match script.call.name.as_str() {
        name if name.ends_with("LoggingConfiguration") => {
            let now = Some(script.live["LoggingConfiguration"].clone()).filter(Value::is_object);
            document(&script, WebAclLogging, now, &note).await
        }
        "AssociateWebACL" | "DisassociateWebACL" => {
            let now = script.live["WebACL"]["ARN"].as_str().map(str::to_owned);
            document(&script, WebAclAssociations, now, &note).await
        }
        name => Err(format!("nothing is known of what `{name}` is about").into()),
    }
}

/// A detector with the plans that a fixture says were kept; then the event's own call.
async fn detector(script: &Script<'_>) -> Result<Stage> {
    let kept = script.kept.pointer("/now/stands").cloned().unwrap_or_else(|| json!({"plans": {"enabled": true}}));
    let plans = serde_json::from_value(kept["plans"].clone())?;
    let create = shared::resources::guardduty::detector::state::DetectorAction::Create(plans);
    let made = called(script, &GUARDDUTY, create.request("")).await?;
    let own = made.text("detectorId").ok_or("no detector was made")?.to_owned();
    let named = script.request("detectorId").ok_or("the event names no detector: another one takes its place")?;
    let script = script.about(&named, &own)?;
    let note = format!("played by {own} in place of {named}");
    let mut body = script.event["detail"]["requestParameters"].clone();
    body.as_object_mut().and_then(|members| members.remove("detectorId"));
    let call = match script.call.name.as_str() {
        "DeleteDetector" => Request::rest("DeleteDetector", "DELETE", &["detector", &own]),
        _ => Request { body, ..Request::rest("UpdateDetector", "POST", &["detector", &own]) },
    };
    let key = script.target(Detectors)?.key;
    let client = Signed::new(&script.clients.config);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(Detectors, key, Signed::new)));
    let stage = if script.kept.is_null() { stage } else { stage.remembered(Detectors.kind()) };
    Ok(stage.then(async move {
        client.call(&GUARDDUTY, call).await.map(|_| ()).map_err(|failure| format!("{failure:?}").into())
    }))
}

/// A detector, with a filter that archives nothing where the event changes one.
async fn filter(script: &Script<'_>) -> Result<Stage> {
    let made =
        called(script, &GUARDDUTY, Request::rest("CreateDetector", "POST", &["detector"]).member("enable", Some(true)))
            .await?;
    let own = made.text("detectorId").ok_or("no detector was made")?.to_owned();
    let named = script.request("detectorId").ok_or("the event names no detector")?;
    let script = script.about(&named, &own)?;
    let name = script.request("name").or_else(|| script.request("filterName")).ok_or("the event names no filter")?;
    let criteria = json!({"criterion": {"severity": {"lessThan": 8}}});
    let create = Request::rest("CreateFilter", "POST", &["detector", &own, "filter"]);
    let create = create.member("name", Some(name.as_str())).member("findingCriteria", Some(criteria));
    let harmless = create.clone().member("action", Some("NOOP"));
    called(&script, &GUARDDUTY, harmless).await?;
    let change =
        Request::rest("UpdateFilter", "POST", &["detector", &own, "filter", &name]).member("action", Some("ARCHIVE"));
    let key = script.target(Filters)?.key;
    let client = Signed::new(&script.clients.config);
    let stage = Stage::new(script.event.clone(), format!("played by {own} in place of {named}"));
    let stage = stage.seen(View::Read(Reader::of(Filters, key, Signed::new)));
    Ok(stage.then(async move {
        client.call(&GUARDDUTY, change).await.map(|_| ()).map_err(|failure| format!("{failure:?}").into())
    }))
}
