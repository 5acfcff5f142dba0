//! What logs and alarms: trails, event data stores, AWS Config, log groups, alarms. In the state that a fixture says was kept, then as the event's call leaves it.

use super::{changed, rewritten, set, written};
use crate::Result;
use crate::reader::Reader;
use crate::stage::{Script, Stage, called, done};
use crate::view::View;
use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::family::Family;
use shared::engine::request::Request;
use shared::resources::cloudtrail::trail::settings::Settings;
use shared::resources::cloudtrail::trail::state::{Now, TrailAction, View as Trail};
use shared::resources::cloudtrail::{StoreDeletions, StoreIngestions, Trails};
use shared::resources::cloudwatch::{AlarmSwitches, CLOUDWATCH};
use shared::resources::config::ConfigRecorders;
use shared::resources::config::recorder::state::{Part, Parts, RecorderAction, name};
use shared::resources::logs::{LOGS, LogGroupRetentions};
use std::collections::BTreeSet;

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    Some(match (script.call.source.as_str(), script.call.name.as_str()) {
        ("cloudtrail.amazonaws.com", "DeleteEventDataStore") => {
            written(script, StoreDeletions::default(), Signed::new, set, "played by one of the same id".to_owned())
                .await
        }
        ("cloudtrail.amazonaws.com", "StopEventDataStoreIngestion") => {
            written(script, StoreIngestions::default(), Signed::new, set, "played by one of the same id".to_owned())
                .await
        }
        ("cloudtrail.amazonaws.com", _) => trail(script).await,
        ("config.amazonaws.com", _) => recorder(script).await,
        ("monitoring.amazonaws.com", "DisableAlarmActions") => alarm(script).await,
        ("logs.amazonaws.com", "PutRetentionPolicy" | "DeleteRetentionPolicy") => retention(script).await,
        _ => return None,
    })
}

async fn buckets(script: &Script<'_>, names: impl IntoIterator<Item = String>) -> Result<()> {
    for name in names {
        script.clients.new_bucket(&name).send().await?;
    }
    Ok(())
}

/// A trail as it was kept, or as it stands where nothing was kept.
async fn trail(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(Trails)?;
    let arn = target.key.arn.clone();
    let is_kept = !script.kept.is_null();
    let stood = if is_kept { &script.kept["now"]["stands"] } else { &script.live };
    let stood: Trail = serde_json::from_value(stood.clone())?;
    let settings = stood.settings.clone().ok_or("nothing says where the trail logs to")?;
    let now = target.proven.clone().map(|trail| trail.now);
    let changed_to = match &now {
        Some(Now::Stands(view)) => view.settings.clone(),
        Some(Now::Replaced { .. } | Now::Gone) | None => None,
    };
    let mut members: BTreeSet<String> = settings.whole().into_iter().map(|(name, _)| name).collect();
    needed(script, [Some(&settings), changed_to.as_ref()].into_iter().flatten()).await?;

    let client = Signed::new(&script.clients.config);
    let trail = || arn.clone();
    done(&client, &TrailAction::Create { trail: trail(), settings, tags: stood.own_tags() }).await?;
    if let Some(selectors) = stood.selectors {
        done(&client, &TrailAction::Select { trail: trail(), selectors, is_new: true }).await?;
    }
    if let Some(selectors) = stood.insights.filter(|selectors| !selectors.is_empty()) {
        done(&client, &TrailAction::Insight { trail: trail(), selectors, is_new: true }).await?;
    }
    let does_log = stood.logging.unwrap_or(true) || script.call.name == "StopLogging";
    if does_log {
        done(&client, &TrailAction::Start(trail())).await?;
    }
    let by = match now.ok_or("the record does not show what became of the trail")? {
        Now::Gone | Now::Replaced { .. } => TrailAction::Delete(arn),
        Now::Stands(view) => match *view {
            Trail { settings: Some(settings), .. } => {
                members.extend(settings.whole().into_iter().map(|(name, _)| name));
                TrailAction::Update { trail: arn, settings, members: members.into_iter().collect() }
            }
            Trail { selectors: Some(selectors), .. } => TrailAction::Select { trail: arn, selectors, is_new: false },
            Trail { insights: Some(selectors), .. } => TrailAction::Insight { trail: arn, selectors, is_new: false },
            Trail { .. } => TrailAction::Stop(arn),
        },
    };
    let stage = changed(script, Trails, by, "played by a trail of the same name".to_owned())?;
    Ok(if is_kept { stage.remembered(Trails.kind()) } else { stage })
}

/// The buckets and topics that a trail sends to.
async fn needed(script: &Script<'_>, all: impl Iterator<Item = &Settings>) -> Result<()> {
    let mut names = BTreeSet::new();
    for settings in all {
        names.insert(settings.bucket.clone());
        if let Some(topic) = &settings.topic {
            script.clients.sns.create_topic().name(topic.rsplit(':').next().unwrap_or_default()).send().await?;
        }
    }
    buckets(script, names).await
}

/// A recorder with its channel as they were kept, or as they stand where nothing was kept; then without what the fixture says is not there.
async fn recorder(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(ConfigRecorders)?;
    let is_kept = !script.kept.is_null();
    let there = |part: &Value| if part.is_null() { Part::Gone } else { Part::There(part.clone()) };
    let live =
        Parts { recorder: there(&script.live["recorder"]), channel: there(&script.live["channel"]), recording: None };
    let stood = if is_kept { serde_json::from_value(script.kept["now"].clone())? } else { live.clone() };
    let (Part::There(recorder), Part::There(channel)) = (stood.recorder, stood.channel) else {
        return Err("nothing says what was recorded, and where to".into());
    };
    buckets(script, channel["s3BucketName"].as_str().map(str::to_owned)).await?;
    let client = Signed::new(&script.clients.config);
    let (name_of, channel_of) = (name(&recorder).to_owned(), name(&channel).to_owned());
    done(&client, &RecorderAction::Put(recorder)).await?;
    done(&client, &RecorderAction::PutChannel { channel, is_new: true }).await?;
    done(&client, &RecorderAction::Start(name_of.clone())).await?;
    let proven = target.proven.map(|recorder| recorder.now);
    let put = proven.as_ref().and_then(|now| now.recorder.there()).cloned();
    let calls = match (script.call.name.as_str(), put) {
        ("PutConfigurationRecorder", Some(recorder)) => vec![RecorderAction::Put(recorder)],
        _ => {
            let mut calls = vec![RecorderAction::Stop(name_of.clone())];
            // A channel is deleted only where no recorder runs.
            let is_stopped = script.call.name == "StopConfigurationRecorder";
            let is_gone = |part: &Part| !is_stopped && *part == Part::Gone;
            calls.extend(is_gone(&live.channel).then_some(RecorderAction::DeleteChannel(channel_of)));
            calls.extend(is_gone(&live.recorder).then_some(RecorderAction::Delete(name_of)));
            calls
        }
    };
    let reader = Reader::of(ConfigRecorders, target.key, Signed::new);
    let stage = Stage::new(script.event.clone(), "played by the region's recorder").seen(View::Read(reader));
    let stage = if is_kept { stage.remembered(ConfigRecorders.kind()) } else { stage };
    Ok(stage.then(async move {
        for call in calls {
            done(&client, &call).await?;
        }
        Ok(())
    }))
}

/// An alarm whose actions are enabled.
async fn alarm(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(AlarmSwitches)?.key.alarm;
    let body = json!({"AlarmName": name, "Namespace": "App", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold", "ActionsEnabled": true});
    called(script, &CLOUDWATCH, Request::named("PutMetricAlarm", body)).await?;
    written(script, AlarmSwitches, Signed::new, set, format!("played by alarm {name}, made for it")).await
}

/// A log group of this name. Its retention is known from an earlier event alone: a sweep lists no groups.
async fn retention(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(LogGroupRetentions)?.key.name;
    called(script, &LOGS, Request::named("CreateLogGroup", json!({"logGroupName": name}))).await?;
    let note = format!("played by log group {name}, made for it");
    let stage = written(script, LogGroupRetentions, Signed::new, rewritten, note).await?;
    let mut earlier = script.event.clone();
    let record = &mut earlier["detail"];
    match &script.kept["now"] {
        Value::Null => record["eventName"] = json!("DeleteRetentionPolicy"),
        days => record["requestParameters"]["retentionInDays"] = days.clone(),
    }
    for id in ["eventID", "requestID"] {
        record[id] = json!(uuid::Uuid::new_v4().to_string());
    }
    Ok(stage.after(earlier))
}
