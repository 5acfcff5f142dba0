//! What each function of the hub has in a member: a role for its work, and rules that forward what it is about.

use super::blocks::{Function, Rule, kebab};
use super::rewrite;
use super::yaml;

/// The generated part of template-spoke.yaml.
pub(super) fn generated(functions: &[Function<'_>]) -> String {
    let mut out =
        String::from("  # The roles: the hub's function of the same name is the only one that can assume one.\n");
    for function in functions {
        out.push_str(&role(function));
    }
    for function in functions {
        for rule in &function.rules {
            out.push_str(&forward(function, rule, functions));
        }
    }
    out
}

fn role(function: &Function<'_>) -> String {
    let Function { stem, name, family, .. } = function;
    let statements: Vec<_> = family.iter().map(|statement| rewrite::for_all_regions(statement)).collect();
    // A function that only judges events needs the role, and nothing in it.
    let policies = if statements.is_empty() {
        String::new()
    } else {
        format!(
            "      Policies:\n        - PolicyName: {name}\n          PolicyDocument:\n            Version: \"2012-10-17\"\n            \
             Statement:\n{}",
            yaml::items(&statements, 14)
        )
    };
    format!(
        r#"
  {stem}Role:
    Type: AWS::IAM::Role
    Condition: HasRoles
    Properties:
      RoleName: parapet-member-{name}
      Description: What Parapet's {name} function may do here
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {{ AWS: !Sub "arn:${{AWS::Partition}}:iam::${{HubAccountId}}:root" }}
            Action: sts:AssumeRole
            Condition:
              StringEquals: {{ aws:PrincipalOrgID: !Ref OrganizationId }}
              ArnEquals:
                aws:PrincipalArn: !Sub "arn:${{AWS::Partition}}:iam::${{HubAccountId}}:role/${{HubStackName}}-{name}-${{HubRegion}}"
{policies}"#
    )
}

fn forward(function: &Function<'_>, rule: &Rule<'_>, functions: &[Function<'_>]) -> String {
    let Rule { stem, description, state, pattern } = rule;
    let condition = match function.condition {
        None => "",
        Some("IsGlobalRegion") => "    Condition: IsGlobalRegion\n",
        Some(other) => panic!("`{stem}Rule` has the condition `{other}`, which template-spoke.yaml does not have"),
    };
    let state = state.map(|state| format!("      State: {state}\n")).unwrap_or_default();
    let pattern = yaml::entries(rewrite::for_member(pattern, functions).entries(), 8);
    format!(
        r#"
  {stem}Rule:
    Type: AWS::Events::Rule
{condition}    Properties:
      Name: parapet-member-{name}
      Description: {description}
{state}      EventPattern:
{pattern}      Targets:
        - Id: hub
          Arn: !Sub "arn:${{AWS::Partition}}:events:${{HubRegion}}:${{HubAccountId}}:event-bus/${{HubStackName}}-members"
          RoleArn: !GetAtt ForwardRole.Arn
          RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
          DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}
"#,
        name = kebab(stem),
    )
}
