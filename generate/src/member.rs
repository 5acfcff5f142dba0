//! template-spoke.yaml: what each function of the hub has in a member, a role for its work and rules that forward what it is about.

use crate::statements::{Regions, Statement, statements};
use crate::{Error, Function, Rule, operate, parts, rewrite, runbooks};

const FILE: &str = "generate/member.yaml";

/// template-spoke.yaml
pub(crate) fn template(text: &str, functions: &[Function]) -> Result<String, Error> {
    let packed = operate::packed(&operate::permissions(functions));
    let attached: Vec<&str> = packed.managed.iter().map(|(id, _)| id.as_str()).collect();
    let mut roles = role("Operate", "operate", &packed.inline, &attached);
    roles.push_str(operate::NEVER);
    roles.push('\n');
    roles.push_str(&operate::managed(&packed, Regions::All, "  Condition: HasRoles\n"));
    let each = functions.iter().map(|function| {
        role(&function.stem, &function.name, &statements("Family", &function.permissions), &[])
            + &runbooks::of_member(function)
    });
    roles.push_str(&each.collect::<Vec<_>>().join("\n"));
    let rules = functions.iter().flat_map(|function| function.rules.iter().map(move |rule| (function, rule)));
    let rules: Vec<String> = rules.map(|(function, rule)| forward(function, rule, functions)).collect();
    parts::filled(FILE, text, &[("roles", roles), ("rules", rules.join("\n"))])
}

fn role(stem: &str, name: &str, own: &[Statement], attached: &[&str]) -> String {
    let mut out = format!(
        r#"{stem}Role:
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
"#
    );
    out.push_str("    ManagedPolicyArns:\n");
    out.extend(attached.iter().map(|id| format!("      - !Ref {id}\n")));
    out.push_str("      - !If [ImportsFindings, !Ref ImportPolicy, !Ref AWS::NoValue]\n");
    // A function that only judges events needs the role, and nothing in it.
    if !own.is_empty() {
        out.push_str(&format!(
            "    Policies:\n      - PolicyName: {name}\n        PolicyDocument:\n          Version: \"2012-10-17\"\n          Statement:\n"
        ));
        out.extend(own.iter().map(|statement| statement.yaml(Regions::All, 12)));
    }
    out
}

fn forward(function: &Function, rule: &Rule, functions: &[Function]) -> String {
    let Rule { stem, description, pattern, .. } = rule;
    let condition = rule.condition_line(function);
    let pattern = Rule::lines(&rewrite::for_member(pattern, functions), 6);
    format!(
        r#"{stem}Rule:
  Type: AWS::Events::Rule
{condition}  Properties:
    Name: parapet-member-{name}
    Description: {description}
    EventPattern:
{pattern}    Targets:
      - Id: hub
        Arn: !Sub "arn:${{AWS::Partition}}:events:${{HubRegion}}:${{HubAccountId}}:event-bus/${{HubStackName}}-members"
        RoleArn: !GetAtt ForwardRole.Arn
        RetryPolicy: {{ MaximumEventAgeInSeconds: 21600, MaximumRetryAttempts: 185 }}
        DeadLetterConfig: {{ Arn: !GetAtt DeadLetters.Arn }}
"#,
        name = kebab(stem),
    )
}

/// `SecurityGroup` as `security-group`.
fn kebab(stem: &str) -> String {
    let mut out = String::new();
    for c in stem.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}
