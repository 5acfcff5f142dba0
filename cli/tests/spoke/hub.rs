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
    out.push_str(&schedule_policy(functions));
    out.push_str(&dead_letters_policy(functions));
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

/// The ARN of a resource that a stack may have or not, as an item of a list.
fn item(id: &str, condition: Option<&str>) -> String {
    match condition {
        None => format!("!GetAtt {id}.Arn"),
        Some(condition) => format!("!If [{condition}, !GetAtt {id}.Arn, !Ref AWS::NoValue]"),
    }
}

/// Apart from its role: the functions name the role, and it names the functions.
fn schedule_policy(functions: &[Function<'_>]) -> String {
    let arns: String = functions
        .iter()
        .filter(|function| function.serves_events())
        .map(|function| {
            format!("              - {}\n", item(&format!("{}Function", function.stem), function.condition))
        })
        .collect();
    format!(
        r#"
  # The operate function is not among them: nothing that comes back later may take a remediation back.
  SchedulePolicy:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Ref ScheduleRole
      PolicyName: invoke
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: Invoke
            Effect: Allow
            Action: lambda:InvokeFunction
            Resource:
{arns}          - Sid: HandOverFailures
            Effect: Allow
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetters.Arn
"#
    )
}

/// Who writes dead letters: EventBridge itself, Lambda as the function's role, Scheduler as the schedules'.
fn dead_letters_policy(functions: &[Function<'_>]) -> String {
    let roles = functions.iter().map(|function| item(function.role, function.condition));
    let roles: String =
        roles.chain([item("ScheduleRole", None)]).map(|role| format!("                  - {role}\n")).collect();
    format!(
        r#"
  DeadLettersPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref DeadLetters]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Sid: UndeliveredEvents
            Effect: Allow
            Principal: {{ Service: events.amazonaws.com }}
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetters.Arn
            Condition:
              # The rules of this stack: CloudFormation begins their names with the stack's.
              ArnLike:
                aws:SourceArn: !Sub "arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/${{AWS::StackName}}-*"
          # The rules on the members' bus: their ARNs carry its name.
          - !If
            - IsHub
            - Sid: UndeliveredEventsOfMembers
              Effect: Allow
              Principal: {{ Service: events.amazonaws.com }}
              Action: sqs:SendMessage
              Resource: !GetAtt DeadLetters.Arn
              Condition:
                ArnLike: {{ aws:SourceArn: !Sub "arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:rule/${{Members}}/*" }}
            - !Ref AWS::NoValue
          # Whatever a principal may do by permissions of its own: this queue is AWS's services' and Parapet's.
          - Sid: ServicesAndParapetOnly
            Effect: Deny
            Principal: "*"
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetters.Arn
            Condition:
              BoolIfExists: {{ aws:PrincipalIsAWSService: "false" }}
              ArnNotEquals:
                aws:PrincipalArn:
{roles}          - Sid: EncryptedTransportOnly
            Effect: Deny
            Principal: "*"
            Action: sqs:SendMessage
            Resource: !GetAtt DeadLetters.Arn
            Condition:
              Bool: {{ aws:SecureTransport: "false" }}
"#
    )
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
