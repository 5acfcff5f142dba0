//! The known ways from some permissions to more: which actions make them up.
//!
//! What must hold: a way stands here with the smallest set of actions that makes it work, and once. A larger set of
//! another tool is left out when a smaller one of the same or a stronger tier is in the table, because a principal that has
//! the larger one has the smaller one too. The names in the last column are the tools that list the way: Cloudsplaining,
//! Parliament (its community auditor), pathfinding.cloud and Prowler.
//!
//! The tiers follow what the way needs beside the actions: nothing, a role that may be passed, or a privileged
//! resource that exists already.

/// What a way needs beside its actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// Nothing: the actions change the permissions of a principal, or become another principal.
    Principal,
    /// A role that can be passed to a service which runs code of the caller.
    PassRole,
    /// A privileged resource that is already there. Noisy: many harmless policies have these actions.
    Existing,
}

impl Tier {
    /// The letter by which the documentation calls it.
    pub const fn letter(self) -> char {
        match self {
            Self::Principal => 'A',
            Self::PassRole => 'B',
            Self::Existing => 'C',
        }
    }
}

/// One privilege escalation path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// What it needs beside the actions.
    pub tier: Tier,
    /// All are needed.
    pub actions: &'static [&'static str],
    /// Tools that list it.
    pub listed_by: &'static [&'static str],
}

const fn method(tier: Tier, actions: &'static [&'static str], listed_by: &'static [&'static str]) -> Method {
    Method { tier, actions, listed_by }
}

/// The table.
pub const METHODS: &[Method] = &[
    method(Tier::Principal, &["iam:AddUserToGroup"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:AttachGroupPolicy"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:AttachRolePolicy"], &["cloudsplaining", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:AttachUserPolicy"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:CreateAccessKey"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:CreateLoginProfile"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:CreatePolicyVersion"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:DeleteRolePermissionsBoundary", "sts:AssumeRole"], &["prowler"]),
    method(Tier::Principal, &["iam:DeleteUserPermissionsBoundary"], &["prowler"]),
    method(Tier::Principal, &["iam:PutGroupPolicy"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:PutRolePolicy"], &["cloudsplaining", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:PutUserPolicy"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:SetDefaultPolicyVersion"], &["cloudsplaining", "parliament", "prowler"]),
    method(Tier::Principal, &["iam:UpdateAssumeRolePolicy"], &["cloudsplaining", "pathfinding", "prowler"]),
    method(Tier::Principal, &["iam:UpdateLoginProfile"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Principal, &["sso:AttachManagedPolicyToPermissionSet"], &["prowler"]),
    method(Tier::Principal, &["sso:PutInlinePolicyToPermissionSet"], &["prowler"]),
    method(Tier::Principal, &["sts:AssumeRole"], &["pathfinding"]),
    method(Tier::PassRole, &["iam:PassRole", "apprunner:CreateService"], &["cloudsplaining", "pathfinding", "prowler"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "autoscaling:CreateLaunchConfiguration", "autoscaling:UpdateAutoScalingGroup"],
        &["prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "batch:RegisterJobDefinition", "batch:SubmitJob"], &["prowler"]),
    method(
        Tier::PassRole,
        &[
            "iam:PassRole",
            "bedrock-agentcore:ConnectBrowserAutomationStream",
            "bedrock-agentcore:CreateBrowser",
            "bedrock-agentcore:StartBrowserSession",
        ],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &[
            "iam:PassRole",
            "bedrock-agentcore:CreateAgentRuntime",
            "bedrock-agentcore:CreateAgentRuntimeEndpoint",
            "bedrock-agentcore:CreateWorkloadIdentity",
            "bedrock-agentcore:InvokeAgentRuntimeCommand",
        ],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &[
            "iam:PassRole",
            "bedrock-agentcore:CreateCodeInterpreter",
            "bedrock-agentcore:InvokeCodeInterpreter",
            "bedrock-agentcore:StartCodeInterpreterSession",
        ],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "braket:CreateJob"], &["prowler"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "cloudformation:CreateStack"],
        &["cloudsplaining", "parliament", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "cloudformation:CreateStackInstances", "cloudformation:CreateStackSet"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "cloudformation:UpdateStackSet"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuildBatch"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "codestar:CreateProject"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "cognito-identity:SetIdentityPoolRoles"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "datapipeline:CreatePipeline"], &["cloudsplaining", "parliament"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "ec2:RequestSpotInstances"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "ec2:RunInstances"],
        &["cloudsplaining", "parliament", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "ecs:CreateService", "ecs:RegisterTaskDefinition"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "ecs:RunTask"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "ecs:StartTask"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "elasticmapreduce:RunJobFlow"], &["prowler"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "emr-serverless:CreateApplication", "emr-serverless:StartJobRun"],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "gamelift:CreateBuild", "gamelift:CreateFleet", "gamelift:RequestUploadCredentials"],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "glue:CreateDevEndpoint"],
        &["cloudsplaining", "parliament", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "glue:CreateJob", "glue:CreateTrigger"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "glue:CreateSession", "glue:RunStatement"], &["prowler"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "glue:CreateTrigger", "glue:UpdateJob"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "glue:StartJobRun", "glue:UpdateJob"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &[
            "iam:PassRole",
            "imagebuilder:CreateComponent",
            "imagebuilder:CreateImage",
            "imagebuilder:CreateImageRecipe",
            "imagebuilder:CreateInfrastructureConfiguration",
        ],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "kinesisanalytics:CreateApplication", "kinesisanalytics:StartApplication"],
        &["prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "lambda:AddPermission", "lambda:CreateFunction"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "lambda:CreateEventSourceMapping", "lambda:CreateFunction"],
        &["cloudsplaining", "parliament", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
        &["cloudsplaining", "parliament", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "omics:CreateWorkflow", "omics:StartRun", "s3:GetObject"], &["prowler"]),
    method(
        Tier::PassRole,
        &["iam:PassRole", "sagemaker:CreateNotebookInstance"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "sagemaker:CreateProcessingJob"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::PassRole,
        &["iam:PassRole", "sagemaker:CreateTrainingJob"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::PassRole, &["iam:PassRole", "scheduler:CreateSchedule"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "ssm:CreateDocument", "ssm:StartAutomationExecution"], &["prowler"]),
    method(Tier::PassRole, &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"], &["prowler"]),
    method(Tier::Existing, &["apprunner:UpdateService"], &["pathfinding", "prowler"]),
    method(Tier::Existing, &["batch:SubmitJob"], &["prowler"]),
    method(
        Tier::Existing,
        &["bedrock-agentcore:ConnectBrowserAutomationStream", "bedrock-agentcore:StartBrowserSession"],
        &["prowler"],
    ),
    method(Tier::Existing, &["bedrock-agentcore:InvokeAgentRuntimeCommand"], &["prowler"]),
    method(
        Tier::Existing,
        &["bedrock-agentcore:InvokeCodeInterpreter", "bedrock-agentcore:StartCodeInterpreterSession"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::Existing,
        &["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::Existing, &["cloudformation:UpdateStack"], &["pathfinding", "prowler"]),
    method(Tier::Existing, &["codebuild:StartBuild"], &["pathfinding", "prowler"]),
    method(Tier::Existing, &["codebuild:StartBuildBatch"], &["pathfinding", "prowler"]),
    method(
        Tier::Existing,
        &["codedeploy:CreateDeployment", "codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"],
        &["prowler"],
    ),
    method(
        Tier::Existing,
        &["ec2-instance-connect:SendSSHPublicKey", "ec2:DescribeInstances"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::Existing,
        &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::Existing,
        &["ec2:ModifyInstanceAttribute", "ec2:StartInstances", "ec2:StopInstances"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::Existing, &["ecs:DescribeTasks", "ecs:ExecuteCommand"], &["cloudsplaining", "prowler"]),
    method(Tier::Existing, &["glue:UpdateDevEndpoint"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Existing, &["lambda:UpdateFunctionCode"], &["cloudsplaining", "parliament", "pathfinding", "prowler"]),
    method(Tier::Existing, &["lambda:UpdateFunctionConfiguration"], &["prowler"]),
    method(
        Tier::Existing,
        &[
            "sagemaker:CreateNotebookInstanceLifecycleConfig",
            "sagemaker:StartNotebookInstance",
            "sagemaker:StopNotebookInstance",
            "sagemaker:UpdateNotebookInstance",
        ],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(
        Tier::Existing,
        &["sagemaker:CreatePresignedNotebookInstanceUrl"],
        &["cloudsplaining", "pathfinding", "prowler"],
    ),
    method(Tier::Existing, &["ssm:SendCommand"], &["pathfinding", "prowler"]),
    method(Tier::Existing, &["ssm:StartSession"], &["pathfinding", "prowler"]),
    method(Tier::Existing, &["states:StartExecution", "states:UpdateStateMachine"], &["prowler"]),
];

impl Method {
    /// The actions, joined: the name by which a way is reported.
    pub fn name(&self) -> String {
        self.actions.join(" + ")
    }

    /// The services that a passed role would have to trust, for `iam:PassedToService`. Empty when no role is passed.
    pub(crate) fn passed_to(&self) -> &'static [&'static str] {
        let other =
            self.actions.iter().find_map(|action| action.split_once(':').filter(|(service, _)| *service != "iam"));
        match (self.tier, other.map(|(service, _)| service)) {
            (Tier::PassRole, Some("apprunner")) => &["tasks.apprunner", "build.apprunner", "apprunner"],
            (Tier::PassRole, Some("autoscaling")) => &["ec2", "autoscaling"],
            (Tier::PassRole, Some("batch")) => &["batch", "ecs-tasks", "ec2"],
            (Tier::PassRole, Some("codestar")) => &["codestar", "cloudformation"],
            (Tier::PassRole, Some("cognito-identity")) => &["cognito-identity"],
            (Tier::PassRole, Some("datapipeline")) => &["datapipeline", "elasticmapreduce", "ec2"],
            (Tier::PassRole, Some("ec2")) => &["ec2", "spotfleet"],
            (Tier::PassRole, Some("ecs")) => &["ecs-tasks", "ecs"],
            (Tier::PassRole, Some("elasticmapreduce")) => &["elasticmapreduce", "ec2"],
            (Tier::PassRole, Some("imagebuilder")) => &["imagebuilder", "ec2"],
            (Tier::PassRole, Some("bedrock-agentcore")) => &["bedrock-agentcore"],
            (Tier::PassRole, Some("braket")) => &["braket"],
            (Tier::PassRole, Some("cloudformation")) => &["cloudformation"],
            (Tier::PassRole, Some("codebuild")) => &["codebuild"],
            (Tier::PassRole, Some("emr-serverless")) => &["emr-serverless"],
            (Tier::PassRole, Some("gamelift")) => &["gamelift"],
            (Tier::PassRole, Some("glue")) => &["glue"],
            (Tier::PassRole, Some("kinesisanalytics")) => &["kinesisanalytics"],
            (Tier::PassRole, Some("lambda")) => &["lambda"],
            (Tier::PassRole, Some("omics")) => &["omics"],
            (Tier::PassRole, Some("sagemaker")) => &["sagemaker"],
            (Tier::PassRole, Some("scheduler")) => &["scheduler"],
            (Tier::PassRole, Some("ssm")) => &["ssm"],
            (Tier::PassRole, Some("states")) => &["states"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{METHODS, Tier};

    #[test]
    fn every_way_stands_once_and_in_its_smallest_form() {
        for (index, one) in METHODS.iter().enumerate() {
            assert_eq!(one.tier == Tier::PassRole, one.actions.contains(&"iam:PassRole"), "{}", one.name());
            assert_eq!(one.tier == Tier::PassRole, !one.passed_to().is_empty(), "{}", one.name());
            // The role that is assumed afterwards need not be any role: see `power`.
            let is_apart = one.actions.contains(&"iam:DeleteRolePermissionsBoundary");
            let smaller = METHODS.iter().enumerate().find(|(other, method)| {
                *other != index
                    && method.tier <= one.tier
                    && method.actions.iter().all(|action| one.actions.contains(action))
            });
            assert!(is_apart || smaller.is_none(), "{} holds {:?}", one.name(), smaller);
        }
    }
}
