//! template.yaml: the hand-written part with what each function has.

use crate::statements::{Regions, statements};
use crate::{
    Error, Function, Rule, alarms, dashboard, findings, itself, operate, parts, rewrite, runbooks, shared_policies,
};
use std::fmt::Write;

const FILE: &str = "generate/hub.yaml";

/// template.yaml
pub(crate) fn template(text: &str, functions: &[Function]) -> Result<String, Error> {
    let mut blocks = String::new();
    for function in functions {
        blocks.push_str(&block(function, functions)?);
    }
    let serving: String = functions.iter().map(|function| role_item(&function.stem, function.condition())).collect();
    let generated = [
        ("roles of every function", format!("{}{serving}", role_item("Operate", None))),
        ("roles of the functions that serve events", serving),
        ("the function that undoes", operate::resources(functions)),
        ("functions", blocks.trim_start().to_owned()),
        ("schedule policy", shared_policies::schedules(functions)),
        ("dead letters policy", shared_policies::dead_letters(functions)),
        ("sweeps a day", sweeps_a_day(functions)),
        ("throttles alarms", alarms::throttles(functions)),
        ("dashboard", dashboard::resource(functions)),
        ("outputs", outputs(functions)),
    ];
    parts::filled(FILE, text, &generated)
}

/// The ARN of a role that a stack may have or not, as an item of a list.
pub(crate) fn role_item(stem: &str, condition: Option<&str>) -> String {
    item(&format!("{stem}Role"), condition)
}

/// The same of any resource.
pub(crate) fn item(id: &str, condition: Option<&str>) -> String {
    match condition {
        None => format!("- !GetAtt {id}.Arn\n"),
        Some(condition) => format!("- !If [{condition}, !GetAtt {id}.Arn, !Ref AWS::NoValue]\n"),
    }
}

fn block(function: &Function, functions: &[Function]) -> Result<String, Error> {
    let Function { name, stem, description, .. } = function;
    let condition = function.condition_line();
    let own = statements("Family", &function.permissions);
    let own: String = own.iter().map(|statement| statement.yaml(Regions::Own, 12)).collect();
    let mut out = format!(
        r#"
# ── {name}
{stem}Function:
  Type: AWS::Serverless::Function
{condition}  Metadata:
    BuildMethod: rust-cargolambda
  Properties:
    Description: >-
      {description}
    CodeUri: functions/{name}
    Role: !GetAtt {stem}Role.Arn
    LoggingConfig:
      LogFormat: JSON
      LogGroup: !Ref {stem}Logs
    Environment:
      Variables:
        PARAPET_SELF_ROLE_ARN: {roles}
        PARAPET_ROLE_NAME: !If [IsHub, parapet-member-{name}, !Ref AWS::NoValue]
{of_itself}
{stem}Role:
  Type: AWS::IAM::Role
{condition}  Properties:
    Description: Parapet's {name} function
    RoleName: !If [IsHub, !Sub "${{AWS::StackName}}-{name}-${{AWS::Region}}", !Ref AWS::NoValue]
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {{ Service: lambda.amazonaws.com }}
          Action: sts:AssumeRole
    ManagedPolicyArns: [!Ref CommonPolicy, !If [HasKey, !Ref KeyPolicy, !Ref AWS::NoValue]]
    Policies:
      - PolicyName: {name}
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
{own}{heartbeat}{log}            - Sid: Defer
              Effect: Allow
              Action: scheduler:CreateSchedule
              Resource: !Sub "arn:${{AWS::Partition}}:scheduler:${{AWS::Region}}:${{AWS::AccountId}}:schedule/${{Schedules}}/*"
            - Sid: DeferAs
              Effect: Allow
              Action: iam:PassRole
              Resource: !GetAtt ScheduleRole.Arn
              Condition:
                StringEquals: {{ iam:PassedToService: scheduler.amazonaws.com }}
{members}{runbooks}
{log_group}"#,
        log_group = log_group(stem, name, &condition),
        roles = known_roles(function, functions),
        log = log(stem),
        members = into_members(name),
        runbooks = runbooks::policy(function),
        of_itself =
            if function.hears_itself { itself::variables(function, functions) } else { runbooks::variables(function) },
        heartbeat = if function.hears_itself { itself::STATEMENTS } else { "" },
    );
    if function.sweeps {
        out.push_str(&sweep(function));
    }
    for rule in &function.rules {
        out.push_str(&rules(function, rule)?);
    }
    out.push_str(&findings::rule(function)?);
    Ok(out)
}

/// The statement that lets a function write its log.
pub(crate) fn log(stem: &str) -> String {
    format!(
        "            - Sid: Log\n              Effect: Allow\n              Action:\n                - logs:CreateLogStream\n                \
         - logs:PutLogEvents\n              Resource: !GetAtt {stem}Logs.Arn\n"
    )
}

/// What it writes to. CloudWatch Logs itself encrypts it: the key's policy names the service, and a role needs nothing.
pub(crate) fn log_group(stem: &str, name: &str, condition: &str) -> String {
    format!(
        r#"{stem}Logs:
  Type: AWS::Logs::LogGroup
{condition}  Properties:
    LogGroupName: !Sub "/aws/lambda/${{AWS::StackName}}-{name}"
    RetentionInDays: !Ref LogRetentionDays
    KmsKeyId: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]
"#
    )
}

/// The policy by which a function assumes its role in the members. Not called `members`: a stack from before has a policy of that
/// name, and CloudFormation deletes it after the role has this one.
pub(crate) fn into_members(name: &str) -> String {
    format!(
        r#"      - !If
        - IsHub
        - PolicyName: into-members
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: Members
                Effect: Allow
                Action: sts:AssumeRole
                Resource: !Sub "arn:${{AWS::Partition}}:iam::*:role/parapet-member-{name}"
                Condition:
                  StringEquals: {{ aws:ResourceOrgID: !Ref OrganizationId }}
        - !Ref AWS::NoValue
"#
    )
}

/// Its own role first.
fn known_roles(function: &Function, functions: &[Function]) -> String {
    let stem = &function.stem;
    if !function.knows_every_role {
        return format!("!Sub \"${{{stem}Role.Arn}},${{OperateRole.Arn}}\"");
    }
    let others = functions.iter().filter(|other| other.stem != *stem);
    // A stack that has one function of a global service has them all.
    let item = |other: &Function| {
        let is_sure = other.condition().is_none() || function.is_global;
        format!("              {}", role_item(&other.stem, if is_sure { None } else { other.condition() }))
    };
    let others: String = others.map(item).collect();
    format!(
        "!Join\n          - \",\"\n          -\n              - !GetAtt {stem}Role.Arn\n              - !GetAtt OperateRole.Arn\n{}",
        others.trim_end()
    )
}

/// One-time schedules bring back what was deferred; this one comes back by itself. `scheduled-time` is the sweep's id: delivered twice,
/// it is one sweep.
fn sweep(function: &Function) -> String {
    let Function { name, stem, .. } = function;
    let condition = if function.is_global { "HasGlobalSweep" } else { "HasSweep" };
    format!(
        r#"
{stem}SweepSchedule:
  Type: AWS::Scheduler::Schedule
  Condition: {condition}
  Properties:
    Description: Begins a sweep of Parapet's {name} function
    GroupName: !Ref Schedules
    KmsKeyArn: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]
    ScheduleExpression: !Ref SweepSchedule
    FlexibleTimeWindow: {{ Mode: "OFF" }}
    Target:
      Arn: !GetAtt {stem}Function.Arn
      RoleArn: !GetAtt ScheduleRole.Arn
      Input: '{{"parapet": {{"task": "sweep", "time": "<aws.scheduler.scheduled-time>"}}}}'
      RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
      DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}
"#
    )
}

/// How many functions sweep, in a region with the functions of global services and in another.
fn sweeps_a_day(functions: &[Function]) -> String {
    let sweeping = || functions.iter().filter(|function| function.sweeps);
    let regional = sweeping().filter(|function| !function.is_global).count();
    format!("Threshold: !If [IsGlobalRegion, {}, {regional}]\n", sweeping().count())
}

/// A rule with its permission, on the default bus and on the members'.
fn rules(function: &Function, rule: &Rule) -> Result<String, Error> {
    let Rule { stem, description, pattern, .. } = rule;
    if rewrite::is_unsafe(pattern) {
        return Err(Error::Functions(format!("`{stem}`: a role stands in `$or`, and the members' bus knows no role")));
    }
    let of_members = rewrite::for_members_bus(pattern);
    let mut out = String::new();
    for (id, condition, head, pattern) in [
        (
            stem.clone(),
            rule.condition_line(function),
            format!("    Description: {description}\n{}", itself::schedule(function, rule)),
            pattern,
        ),
        (
            format!("{stem}Members"),
            rule.hub_condition_line(),
            format!(
                "    Description: The same in members, for Parapet's {} function\n    EventBusName: !Ref Members\n",
                function.name
            ),
            &of_members,
        ),
    ] {
        let pattern = Rule::lines(pattern, 6);
        let target = format!("{}Function", function.stem);
        let _ = write!(
            out,
            r"
{id}Rule:
  Type: AWS::Events::Rule
{condition}  Properties:
{head}    EventPattern:
{pattern}    Targets:
      - Id: function
        Arn: !GetAtt {target}.Arn
        RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
        DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}

{id}Permission:
  Type: AWS::Lambda::Permission
{condition}  Properties:
    Action: lambda:InvokeFunction
    FunctionName: !GetAtt {target}.Arn
    Principal: events.amazonaws.com
    SourceArn: !GetAtt {id}Rule.Arn
"
        );
    }
    Ok(out)
}

fn outputs(functions: &[Function]) -> String {
    let mut out = String::new();
    for function in functions {
        let Function { name, stem, .. } = function;
        let condition = function.condition_line();
        let _ = write!(
            out,
            "{stem}FunctionArn:\n{condition}  Description: Function {name}\n  Value: !GetAtt {stem}Function.Arn\n{stem}RoleArn:\n\
             {condition}  Description: Its role, which its rule leaves out\n  Value: !GetAtt {stem}Role.Arn\n"
        );
    }
    out
}
