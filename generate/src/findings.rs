//! The rule that hands a function the findings of AWS Security Hub that its guardrails map to, and those of other detectors that they look at.

use crate::{Error, Function, Rule};
use parapet::template::Node;
use serde_json::{Value, json};
use shared::engine::hint::{CUSTOM_ACTION, Detector, IMPORTED, IMPORTED_V2, SOURCE};

/// A rule with its permission, where the operator wants findings; nothing for a function whose guardrails no finding is about. What has passed, was archived or
/// is being worked on does not even start it.
pub(crate) fn rule(function: &Function) -> Result<String, Error> {
    let Function { name, stem, .. } = function;
    let events: Vec<Value> = of_security_hub(function).into_iter().chain(of_detectors(function)).collect();
    if events.is_empty() {
        return Ok(String::new());
    }
    let condition = if function.is_global { "HearsFindingsGlobally" } else { "HearsFindings" };
    let pattern = json!({ "$or": events }).to_string();
    let pattern = Node::parse(&pattern).map_err(|error| Error::Functions(format!("`{name}`: {error}")))?;
    let pattern = Rule::lines(&pattern, 6);
    Ok(format!(
        r"
{stem}FindingsRule:
  Type: AWS::Events::Rule
  Condition: {condition}
  Properties:
    Description: Findings of Security Hub and other detectors for Parapet's {name} function
    EventPattern:
{pattern}    Targets:
      - Id: function
        Arn: !GetAtt {stem}Function.Arn
        RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
        DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}

{stem}FindingsPermission:
  Type: AWS::Lambda::Permission
  Condition: {condition}
  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !GetAtt {stem}Function.Arn
    Principal: events.amazonaws.com
    SourceArn: !GetAtt {stem}FindingsRule.Arn
"
    ))
}

/// Of the controls that its guardrails map to, in both formats.
fn of_security_hub(function: &Function) -> Vec<Value> {
    let controls = &function.controls;
    if controls.is_empty() {
        return Vec::new();
    }
    let asff = json!({
        "source": [SOURCE],
        "detail-type": [IMPORTED, CUSTOM_ACTION],
        "detail": {"findings": {
            "ProductArn": [{"suffix": "/aws/securityhub"}],
            "RecordState": ["ACTIVE"],
            "Compliance": {"Status": ["FAILED", "WARNING"], "SecurityControlId": controls},
            "Workflow": {"Status": ["NEW", "NOTIFIED"]},
        }},
    });
    let ocsf = json!({
        "source": [SOURCE],
        "detail-type": [IMPORTED_V2],
        "detail": {"findings": {"compliance": {"control": controls, "status_id": [2, 3]}, "status_id": [1]}},
    });
    vec![asff, ocsf]
}

/// Of what others report.
fn of_detectors(function: &Function) -> impl Iterator<Item = Value> {
    Detector::ALL.into_iter().filter_map(|detector| {
        let topics: Vec<&str> =
            function.reports.iter().filter(|(by, _)| *by == detector).map(|(_, topic)| *topic).collect();
        let mut detail = detector.open();
        if let Some(members) = detail.as_object_mut() {
            members.insert(detector.topic().to_owned(), json!(topics));
        }
        let event = json!({"source": [detector.source()], "detail-type": [detector.detail_type()], "detail": detail});
        (!topics.is_empty()).then_some(event)
    })
}
