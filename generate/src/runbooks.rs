//! What the function has that starts runbooks: a policy with what the stack's parameters name, and nothing else.

use crate::Function;

/// The variables of a function.
pub(crate) fn variables(function: &Function) -> String {
    match function.starts_runbooks {
        true => "        PARAPET_RUNBOOK_ROLE: !Ref RunbookRole\n".to_owned(),
        false => String::new(),
    }
}

/// A policy of its role. Each runbook is named with its version, and the role that is passed is the operator's.
pub(crate) fn policy(function: &Function) -> String {
    if !function.starts_runbooks {
        return String::new();
    }
    r#"      - !If
        - HasRunbooks
        - PolicyName: runbooks
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Sid: StartRunbooks
                Effect: Allow
                Action: ssm:StartAutomationExecution
                Resource: !Ref Runbooks
              - Sid: RunAs
                Effect: Allow
                Action: iam:PassRole
                Resource: !Sub "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${RunbookRole}"
                Condition:
                  StringEquals: { iam:PassedToService: ssm.amazonaws.com }
        - !Ref AWS::NoValue
"#
    .to_owned()
}

/// The same of its role in a member.
pub(crate) fn of_member(function: &Function) -> String {
    let policy = policy(function);
    if policy.is_empty() { policy } else { format!("    Policies:\n{policy}") }
}
