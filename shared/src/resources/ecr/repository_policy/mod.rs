//! RES-07: the policies of private ECR repositories.
//!
//! A repository has none unless one is written. Lambda pulls images by a statement for its service, which it may write by itself.
//! Sources: "SetRepositoryPolicy" (ECR API reference), "Private repository policies" (ECR user guide).

#[cfg(feature = "ecr")]
mod client;

use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["ecr:${Region}:${Account}:repository/*"];
const GET: Permission = Permission::on("ecr:GetRepositoryPolicy", ON);
const LIST: Permission = Permission::on("ecr:DescribeRepositories", ON);
const SET: Permission = Permission::on("ecr:SetRepositoryPolicy", ON);
const DELETE: Permission = Permission::on("ecr:DeleteRepositoryPolicy", ON);

/// The policies of repositories.
pub type RepositoryPolicies = Policies<Repositories>;

/// Private repositories, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repositories;

impl ResourcePolicy for Repositories {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "ecr-repository-policy";
    const NOUN: &'static str = "ECR repository";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "ECR repository",
        public: "ecr-repository-policy-public" is "RES-07" at Critical,
        untrusted: "ecr-repository-policy-untrusted" is "RES-07",
        class: R1,
        controls: &["IAM Access Analyzer AWS::ECR::Repository"],
        untrusted_controls: &["IAM Access Analyzer AWS::ECR::Repository"],
        technique: "T1525",
        triggers: &["SetRepositoryPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:ecr:%:%:repository/*"],
        not_watched: &[
            ("DeleteRepositoryPolicy", "without a policy, only the account's own principals may use the repository"),
            (
                "CreateRepository",
                "a repository is made without a policy, unless by a creation template, whose policy the sweep finds",
            ),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the repository to its own account.",
        beside: "The statement by which Lambda pulls images stays. Repositories of ECR Public have a guardrail of their own.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::ECR::Repository", "RepositoryPolicyText"), ("aws_ecr_repository_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = SET;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("ecr.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let shown = |key: &str| event.request.text(&[key]).or_else(|| event.response.text(&[key]));
        // A call on the registry of another account is in both accounts' records.
        if shown("registryId").is_some_and(|registry| registry != event.account) {
            return Ok(None);
        }
        let name = shown("repositoryName").ok_or_else(|| Unlocatable::new(event, "the record names no repository"))?;
        let policy = event.request.at(&["policyText"]).or_else(|| event.response.at(&["policyText"]));
        Ok(Some(Change::of(name.to_owned(), policy)))
    }

    fn named(name: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ecr:{region}:{account}:repository/{name}");
        Resource { id, kind: "AwsEcrRepository", name: name.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(name: &str, document: &str) -> String {
        format!("aws ecr set-repository-policy --repository-name {name} --policy-text {}", argument(document))
    }

    fn delete_line(name: &str) -> String {
        format!("aws ecr delete-repository-policy --repository-name {name}")
    }
}
