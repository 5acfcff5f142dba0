//! Reading trails: which requests, and what their answers show.

use super::selectors::Selectors;
use super::settings::Settings;
use super::state::{Now, Trail, TrailRef, View};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TRAILS: &[&str] = &["cloudtrail:${Region}:${Account}:trail/*"];

pub(crate) const DESCRIBE_TRAILS: Permission = Permission::read("cloudtrail:DescribeTrails");
pub(crate) const GET_TRAIL_STATUS: Permission = Permission::on("cloudtrail:GetTrailStatus", TRAILS);
pub(crate) const GET_EVENT_SELECTORS: Permission = Permission::on("cloudtrail:GetEventSelectors", TRAILS);
pub(crate) const GET_INSIGHT_SELECTORS: Permission = Permission::on("cloudtrail:GetInsightSelectors", TRAILS);
pub(crate) const LIST_TAGS: Permission = Permission::on("cloudtrail:ListTags", TRAILS);

/// The trail by its ARN.
#[must_use]
pub fn describe(arn: &str) -> Request {
    Request::named("DescribeTrails", json!({"trailNameList": [arn], "includeShadowTrails": true}))
}

/// Those whose home region this is: no copies of other regions' trails and of an organization's.
#[must_use]
pub fn describe_all() -> Request {
    Request::named("DescribeTrails", json!({"includeShadowTrails": false}))
}

/// Whether it logs.
#[must_use]
pub fn status(arn: &str) -> Request {
    Request::named("GetTrailStatus", json!({ "Name": arn }))
}

/// Its event selectors.
#[must_use]
pub fn selectors(arn: &str) -> Request {
    Request::named("GetEventSelectors", json!({ "TrailName": arn }))
}

/// Its insight selectors. Where it has none, CloudTrail answers with an error.
#[must_use]
pub fn insights(arn: &str) -> Request {
    Request::named("GetInsightSelectors", json!({ "TrailName": arn }))
}

/// Its tags.
#[must_use]
pub fn tags(arn: &str) -> Request {
    Request::named("ListTags", json!({ "ResourceIdList": [arn] }))
}

/// A trail of `DescribeTrails`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its ARN.
    pub arn: String,
    /// Its settings.
    pub settings: Settings,
    /// Whether it has insight selectors.
    pub has_insights: bool,
}

/// The trails of an answer.
///
/// # Errors
/// What it does not show: of a trail its ARN or its bucket, or the list itself.
pub fn described(answer: &Answer) -> Result<Vec<Described>, String> {
    let one = |trail: &Value| {
        let shown = || Some((trail["TrailARN"].as_str()?.to_owned(), Settings::read(trail)?));
        let (arn, settings) = shown().ok_or("the answer shows a trail without its ARN or its bucket")?;
        Ok(Described { arn, settings, has_insights: trail["HasInsightSelectors"].as_bool().unwrap_or(true) })
    };
    let list = answer.body.get("trailList").and_then(Value::as_array).ok_or("the answer shows no list of trails")?;
    list.iter().map(one).collect()
}

/// What the answers show of a trail that is there. Insights that were not asked for are none.
///
/// # Errors
/// What an answer does not show.
pub fn view(
    described: &Described,
    status: &Answer,
    selectors: &Answer,
    insights: Option<&Answer>,
    tags: &Answer,
) -> Result<View, String> {
    let hidden = |what: &str| format!("the answer does not show {what} of trail `{}`", described.arn);
    let logging = status.body.get("IsLogging").and_then(Value::as_bool).ok_or_else(|| hidden("whether it logs"))?;
    let selectors = Selectors::read(&selectors.body).ok_or_else(|| hidden("the event selectors"))?;
    let insights = insights.map(|answer| answer.list("InsightSelectors").to_vec()).unwrap_or_default();
    let list =
        tags.list("ResourceTagList").iter().flat_map(|of| of["TagsList"].as_array().cloned().unwrap_or_default());
    let text = |tag: &Value, member: &str| tag.get(member).and_then(Value::as_str).map(str::to_owned);
    let tag = |tag: Value| Some((text(&tag, "Key")?, text(&tag, "Value").unwrap_or_default()));
    let tags: BTreeMap<String, String> = list.filter_map(tag).collect();
    Ok(View {
        settings: Some(described.settings.clone()),
        logging: Some(logging),
        selectors: Some(selectors),
        insights: Some(insights),
        tags,
    })
}

/// The trail that a key names, as it is now.
#[must_use]
pub fn seen(key: &TrailRef, now: Now) -> Observed<Trail> {
    Observed::Known(Trail {
        arn: key.arn.clone(),
        now,
        before: key.before.clone(),
        call: key.call.clone(),
        by: key.by.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(body: Value) -> Answer {
        Answer { body, request_id: None }
    }

    #[test]
    fn the_answers_show_a_trail() {
        let listed =
            answer(json!({"trailList": [{"Name": "all", "TrailARN": "arn:aws:cloudtrail:eu-central-1:1:trail/all",
            "S3BucketName": "logs", "HomeRegion": "eu-central-1", "HasInsightSelectors": false}]}));
        let found = described(&listed).unwrap();
        assert!(described(&answer(json!({"trailList": [{"Name": "no bucket"}]}))).unwrap_err().contains("its bucket"));
        assert!(described(&answer(json!({}))).unwrap_err().contains("no list"), "no list is not an empty one");
        assert_eq!((found.len(), found[0].has_insights), (1, false));
        let (status, tags) = (
            answer(json!({"IsLogging": true})),
            answer(json!({"ResourceTagList": [{"ResourceId": "x",
            "TagsList": [{"Key": "team", "Value": "audit"}, {"Key": "bare"}]}]})),
        );
        let selectors = answer(json!({"TrailARN": "x", "EventSelectors": [{"ReadWriteType": "All"}]}));
        let shown = view(&found[0], &status, &selectors, None, &tags).unwrap();
        assert_eq!((shown.logging, shown.insights, shown.tags.len()), (Some(true), Some(vec![]), 2));
        let hidden = view(&found[0], &answer(json!({})), &selectors, None, &tags).unwrap_err();
        assert!(hidden.contains("whether it logs"), "{hidden}");
        let hidden = view(&found[0], &status, &answer(json!({})), None, &tags).unwrap_err();
        assert!(hidden.contains("event selectors"), "{hidden}");
    }
}
