//! The rule that hands a function the findings of AWS Security Hub that its guardrails map to.

use crate::{Error, Function, Rule};
use parapet::template::Node;
use shared::engine::hint::{CUSTOM_ACTION, IMPORTED, IMPORTED_V2, SOURCE};

/// A rule with its permission, where the operator wants findings; nothing for a function whose guardrails map to no control. What has passed, was archived or
/// is being worked on does not even start it.
pub(crate) fn rule(function: &Function) -> Result<String, Error> {
    let Function { name, stem, controls, .. } = function;
    if controls.is_empty() {
        return Ok(String::new());
    }
    let condition = if function.is_global { "HearsFindingsGlobally" } else { "HearsFindings" };
    let controls: Vec<&str> = controls.iter().copied().collect();
    let controls = controls.join(", ");
    let pattern = format!(
        "source: [{SOURCE}]\n$or:\n  - detail-type: [{IMPORTED}, {CUSTOM_ACTION}]\n    detail:\n      findings:\n        ProductArn: [{{ suffix: /aws/securityhub }}]\n        RecordState: [ACTIVE]\n        \
         Compliance:\n          Status: [FAILED, WARNING]\n          SecurityControlId: [{controls}]\n        Workflow:\n          \
         Status: [NEW, NOTIFIED]\n  - detail-type: [{IMPORTED_V2}]\n    detail:\n      findings:\n        compliance:\n          control: [{controls}]\n          \
         status_id: [2, 3]\n        status_id: [1]\n"
    );
    let pattern = Node::parse(&pattern).map_err(|error| Error::Functions(format!("`{name}`: {error}")))?;
    let pattern = Rule::lines(&pattern, 6);
    Ok(format!(
        r"
{stem}FindingsRule:
  Type: AWS::Events::Rule
  Condition: {condition}
  Properties:
    Description: Findings of Security Hub for Parapet's {name} function
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
