//! What each function has in the hub beside its block: a rule on the members' bus, the way into its role in members, an alarm
//! for what stays open; and the dashboard of all of them.

use super::blocks::{Function, Rule};
use super::rewrite;
use super::yaml;

/// The generated part of template.yaml.
pub(super) fn generated(functions: &[Function<'_>]) -> String {
    let mut out = String::from(
        "  # Written by cli/tests/spoke from the blocks above: PARAPET_UPDATE_DOCS=1 cargo test -p parapet --test spoke\n",
    );
    for function in functions {
        out.push_str(&members(function));
        for rule in &function.rules {
            out.push_str(&rule_of_members(function, rule));
        }
        if function.serves_events() {
            out.push_str(&alarm(function));
        }
    }
    out.push_str(&super::dashboard::resource(functions));
    out
}

fn members(function: &Function<'_>) -> String {
    let Function { stem, name, role, .. } = function;
    format!(
        r#"
  {stem}MembersPolicy:
    Type: AWS::IAM::RolePolicy
    Condition: IsHub
    Properties:
      RoleName: !Ref {role}
      PolicyName: members
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: Members
            Effect: Allow
            Action: sts:AssumeRole
            Resource: !Sub "arn:${{AWS::Partition}}:iam::*:role/parapet-member-{name}"
            Condition:
              StringEquals: {{ aws:ResourceOrgID: !Ref OrganizationId }}
"#
    )
}

fn rule_of_members(function: &Function<'_>, rule: &Rule<'_>) -> String {
    let stem = &rule.stem;
    let id = format!("{}Function", function.stem);
    let pattern = yaml::entries(rewrite::for_members_bus(rule.pattern).entries(), 8);
    let state = rule.state.map(|state| format!("      State: {state}\n")).unwrap_or_default();
    format!(
        r"
  {stem}MembersRule:
    Type: AWS::Events::Rule
    Condition: IsHub
    Properties:
      Description: The same in members, for Parapet's {name} function
      EventBusName: !Ref Members
{state}      EventPattern:
{pattern}      Targets:
        - Id: function
          Arn: !GetAtt {id}.Arn
          RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
          DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}

  {stem}MembersPermission:
    Type: AWS::Lambda::Permission
    Condition: IsHub
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !GetAtt {id}.Arn
      Principal: events.amazonaws.com
      SourceArn: !GetAtt {stem}MembersRule.Arn
",
        name = function.name,
    )
}

/// The metric of shared/src/metrics.rs that counts whatever stays open.
fn alarm(function: &Function<'_>) -> String {
    let Function { stem, name, .. } = function;
    let condition = function.condition.map(|name| format!("    Condition: {name}\n")).unwrap_or_default();
    format!(
        r#"
  {stem}UnsettledAlarm:
    Type: AWS::CloudWatch::Alarm
{condition}    Properties:
      AlarmDescription: >-
        Parapet's {name} function left something open that the policy wants closed: a call failed or was done in part, it was
        skipped or suspended, or it could not be told. The messages of the same minutes say what.
      Namespace: Parapet
      MetricName: StayedOpen
      Dimensions: [{{ Name: Function, Value: !Ref {stem}Function }}]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanThreshold
      Threshold: 0
      TreatMissingData: notBreaching
      AlarmActions: [!Ref Topic]
"#
    )
}
