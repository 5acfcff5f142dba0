//! The policies that name all functions: what schedules may invoke, and who may write dead letters.

use crate::Function;
use crate::hub::{item, role_item};

/// Apart from its role: the functions name the role, and it names the functions.
pub(crate) fn schedules(functions: &[Function]) -> String {
    let arns: String = functions
        .iter()
        .map(|function| format!("            {}", item(&format!("{}Function", function.stem), function.condition())))
        .collect();
    format!(
        r#"# The operate function is not among them: deferred work must not undo a remediation.
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
{arns}        - Sid: HandOverFailures
          Effect: Allow
          Action: sqs:SendMessage
          Resource: !GetAtt DeadLetters.Arn
        # What a schedule holds is encrypted, and so is what Scheduler could not deliver.
        - !If
          - HasKey
          - Sid: KeyOfSchedules
            Effect: Allow
            Action: kms:Decrypt
            Resource: !Ref KmsKeyArn
            Condition:
              ArnLike:
                kms:EncryptionContext:aws:scheduler:schedule:arn: !Sub "arn:${{AWS::Partition}}:scheduler:${{AWS::Region}}:${{AWS::AccountId}}:schedule/${{Schedules}}/*"
          - !Ref AWS::NoValue
        - !If
          - HasKey
          - Sid: KeyOfDeadLetters
            Effect: Allow
            Action: [kms:Decrypt, kms:GenerateDataKey]
            Resource: !Ref KmsKeyArn
            Condition:
              StringEquals: {{ kms:ViaService: !Sub "sqs.${{AWS::Region}}.${{AWS::URLSuffix}}" }}
              ArnEquals: {{ kms:EncryptionContext:aws:sqs:arn: !GetAtt DeadLetters.Arn }}
          - !Ref AWS::NoValue
"#
    )
}

/// Who writes dead letters: EventBridge itself, Lambda as the function's role, Scheduler as the schedules'.
pub(crate) fn dead_letters(functions: &[Function]) -> String {
    let roles = functions.iter().map(|function| role_item(&function.stem, function.condition()));
    let all = [role_item("Operate", None)].into_iter().chain(roles).chain([role_item("Schedule", None)]);
    let roles: String = all.map(|role| format!("                {role}")).collect();
    format!(
        r#"DeadLettersPolicy:
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
        # Regardless of a principal's own permissions, this queue is AWS's services' and Parapet's.
        - Sid: ServicesAndParapetOnly
          Effect: Deny
          Principal: "*"
          Action: sqs:SendMessage
          Resource: !GetAtt DeadLetters.Arn
          Condition:
            BoolIfExists: {{ aws:PrincipalIsAWSService: "false" }}
            ArnNotEquals:
              aws:PrincipalArn:
{roles}        - Sid: EncryptedTransportOnly
          Effect: Deny
          Principal: "*"
          Action: sqs:SendMessage
          Resource: !GetAtt DeadLetters.Arn
          Condition:
            Bool: {{ aws:SecureTransport: "false" }}
"#
    )
}
