//! The function that undoes: its role needs what undoing needs of every family, which no inline policy has room for.

use crate::Function;
use crate::hub::{into_members, log, log_group};
use crate::limits::MOST_IN_A_MANAGED_POLICY;
use crate::statements::{Regions, Statement, camel, statements};
use shared::engine::permission::Permission;
use std::collections::{BTreeMap, BTreeSet};

/// What the role holds: statements in the role itself, and policies beside it by name.
pub(crate) struct Packed {
    pub(crate) inline: Vec<Statement>,
    pub(crate) managed: Vec<(String, Vec<Statement>)>,
}

/// What no undo does, and the role may not do either: it deletes a secret again, and always with a recovery window. As the Service Authorization
/// Reference has the condition key.
pub(crate) const NEVER: &str = r#"            - Sid: NoSecretIsDeletedWithoutRecovery
              Effect: Deny
              Action: secretsmanager:DeleteSecret
              Resource: "*"
              Condition:
                Bool: { secretsmanager:ForceDeleteWithoutRecovery: "true" }
"#;

/// A service with less than this shares a policy with others: a role takes ten policies.
const SMALL: usize = 1_500;

/// What undoing needs, packed. IAM's own actions stay in the role: as a policy beside it, Parapet's guardrails on policies would object
/// to it, since with them more permissions can be had.
pub(crate) fn packed(permissions: &BTreeSet<Permission>) -> Packed {
    let (inline, others): (Vec<_>, Vec<_>) =
        statements("Operate", permissions).into_iter().partition(|statement| statement.service() == "iam");
    let mut by_service: BTreeMap<&str, Vec<Statement>> = BTreeMap::new();
    for statement in others {
        by_service.entry(statement.service()).or_default().push(statement);
    }
    let is_small = |all: &[Statement]| all.iter().map(Statement::size).sum::<usize>() < SMALL;
    let (small, large): (Vec<_>, Vec<_>) = by_service.into_iter().partition(|(_, all)| is_small(all));
    let small = ("Others".to_owned(), small.into_iter().flat_map(|(_, all)| all).collect::<Vec<_>>());
    let large = large.into_iter().map(|(service, all)| (camel(service), all));
    let managed = large.chain([small]).flat_map(|(name, all)| split(&name, all)).collect();
    Packed { inline, managed }
}

/// Several policies where one has not room enough.
fn split(name: &str, all: Vec<Statement>) -> Vec<(String, Vec<Statement>)> {
    let mut pieces: Vec<(usize, Vec<Statement>)> = Vec::new();
    for statement in all {
        let size = statement.size();
        match pieces.last_mut() {
            Some((sum, piece)) if *sum + size <= MOST_IN_A_MANAGED_POLICY => {
                *sum += size;
                piece.push(statement);
            }
            _ => pieces.push((size, vec![statement])),
        }
    }
    let named = |(at, (_, piece))| match at {
        0 => (format!("Operate{name}Policy"), piece),
        at => (format!("Operate{name}Policy{}", at + 1), piece),
    };
    pieces.into_iter().enumerate().map(named).collect()
}

/// What undoing needs of all families.
pub(crate) fn permissions(functions: &[Function]) -> BTreeSet<Permission> {
    functions.iter().flat_map(|function| function.undoes.iter().copied()).collect()
}

/// The managed policies as resources. `condition` is a line of theirs.
pub(crate) fn managed(packed: &Packed, regions: Regions, condition: &str) -> String {
    let one = |(id, statements): &(String, Vec<Statement>)| {
        let statements: String = statements.iter().map(|statement| statement.yaml(regions, 8)).collect();
        format!(
            "{id}:\n  Type: AWS::IAM::ManagedPolicy\n{condition}  Properties:\n    Description: What Parapet's operate function needs to \
             undo\n    PolicyDocument:\n      Version: \"2012-10-17\"\n      Statement:\n{statements}\n"
        )
    };
    packed.managed.iter().map(one).collect()
}

/// Function, role, policies and log group in the hub.
pub(crate) fn resources(functions: &[Function]) -> String {
    let packed = packed(&permissions(functions));
    let inline: String = packed.inline.iter().map(|statement| statement.yaml(Regions::Own, 12)).collect();
    let attached: String = packed.managed.iter().map(|(id, _)| format!("      - !Ref {id}\n")).collect();
    format!(
        r#"OperateFunction:
  Type: AWS::Serverless::Function
  Metadata:
    BuildMethod: rust-cargolambda
  Properties:
    Description: Undoes findings of Parapet and exempts their resources for a while
    CodeUri: functions/operate
    Role: !GetAtt OperateRole.Arn
    LoggingConfig:
      LogFormat: JSON
      LogGroup: !Ref OperateLogs
    Environment:
      Variables:
        PARAPET_SELF_ROLE_ARN: !GetAtt OperateRole.Arn
        PARAPET_ROLE_NAME: !If [IsHub, parapet-member-operate, !Ref AWS::NoValue]

OperateRole:
  Type: AWS::IAM::Role
  Properties:
    Description: Parapet's operate function
    RoleName: !If [IsHub, !Sub "${{AWS::StackName}}-operate-${{AWS::Region}}", !Ref AWS::NoValue]
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - Effect: Allow
          Principal: {{ Service: lambda.amazonaws.com }}
          Action: sts:AssumeRole
    ManagedPolicyArns:
      - !Ref CommonPolicy
      - !If [HasKey, !Ref KeyPolicy, !Ref AWS::NoValue]
{attached}    Policies:
      - PolicyName: operate
        PolicyDocument:
          Version: "2012-10-17"
          Statement:
{inline}{NEVER}{log}{members}
# IAM's own actions stay in the role: as a managed policy, Parapet's guardrails on policies would report them.
{managed}{log_group}"#,
        log_group = log_group("Operate", "operate", ""),
        log = log("Operate"),
        members = into_members("operate"),
        managed = managed(&packed, Regions::Own, ""),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where its story does not hold")]

    use super::*;
    use crate::limits::Limits;

    /// Three times and more what 45 guardrails need, on services that each has its own resources of.
    fn of_150_guardrails() -> BTreeSet<Permission> {
        let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let service =
            |at: usize| ["ec2", "rds", "s3", "lambda", "iam", "kms", "ecr", "eks"].get(at % 8).copied().unwrap();
        let mut all = BTreeSet::new();
        for at in 0..150 {
            let service = service(at);
            all.insert(Permission::read(leak(format!("{service}:DescribeSomeKindOfResource{at}"))));
            let resource = leak(format!("{service}:${{Region}}:${{Account}}:kind-of-resource-{at}/*"));
            let resources: &'static [&'static str] = Box::leak(Box::new([resource]));
            all.insert(Permission::on(leak(format!("{service}:ModifySomeKindOfResource{at}")), resources));
        }
        all
    }

    #[test]
    fn what_150_guardrails_need_fits_a_role() {
        let limits = Limits::default();
        let wanted = of_150_guardrails();
        let packed = packed(&wanted);
        let size = |all: &[Statement]| all.iter().map(Statement::size).sum::<usize>();
        assert!(size(&packed.inline) < limits.inline, "{}", size(&packed.inline));
        for (id, statements) in &packed.managed {
            assert!(size(statements) < limits.managed, "{id}: {}", size(statements));
        }
        assert!(packed.managed.len() < limits.attached, "{}", packed.managed.len());
        let everything = packed.inline.iter().chain(packed.managed.iter().flat_map(|(_, all)| all));
        assert_eq!(everything.map(|one| one.actions().len()).sum::<usize>(), wanted.len());
    }

    #[test]
    fn iams_own_actions_stay_in_the_role() {
        let packed = packed(&of_150_guardrails());
        assert!(packed.inline.iter().all(|statement| statement.service() == "iam"));
        assert!(packed.managed.iter().flat_map(|(_, all)| all).all(|statement| statement.service() != "iam"));
        assert!(!packed.inline.is_empty());
    }
}
