//! RES-09: the permissions policies of CodeArtifact repositories: who may read packages from them, and publish into them.
//!
//! Sources: "PutRepositoryPermissionsPolicy" (CodeArtifact API reference), "Repository policies" (CodeArtifact user guide).

use super::{CODEARTIFACT, answered};
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["codeartifact:${Region}:${Account}:repository/*"];
const GET: Permission = Permission::on("codeartifact:GetRepositoryPermissionsPolicy", ON);
const LIST: Permission = Permission::read("codeartifact:ListRepositories");
const PUT: Permission = Permission::on("codeartifact:PutRepositoryPermissionsPolicy", ON);
const DELETE: Permission = Permission::on("codeartifact:DeleteRepositoryPermissionsPolicy", ON);

/// The policies of repositories of packages.
pub type PackageRepositoryPolicies = Policies<Repositories>;

/// Repositories, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repositories;

impl ResourcePolicy for Repositories {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "codeartifact-repository-policy";
    const NOUN: &'static str = "CodeArtifact repository";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "CodeArtifact repository",
        public: "codeartifact-repository-policy-public" is "RES-09" at Critical,
        untrusted: "codeartifact-repository-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1195.002",
        triggers: &["PutRepositoryPermissionsPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:codeartifact:%:%:repository/%/%"],
        not_watched: &[
            (
                "DeleteRepositoryPermissionsPolicy",
                "without a policy only the account's own principals may use the repository",
            ),
            ("CreateRepository", "a repository is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the repository to its own account.",
        beside: "A repository that all accounts of a trusted organization read (`aws:PrincipalOrgID`) complies.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::CodeArtifact::Repository", "PermissionsPolicyDocument"),
        ("aws_codeartifact_repository_permissions_policy", "policy_document"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("codeartifact.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no repository");
        let domain = event.request.text(&["domain"]).ok_or_else(unnamed)?;
        let name = event.request.text(&["repository"]).ok_or_else(unnamed)?;
        let owner = event.request.text(&["domainOwner"]).unwrap_or(&event.account);
        let (partition, region) = (event.partition(), &event.region);
        let arn = format!("arn:{partition}:codeartifact:{region}:{owner}:repository/{domain}/{name}");
        Ok(Some(Change::of(arn, event.request.at(&["policyDocument"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let [_, domain, name] = parts(arn);
        Resource { id: arn.clone(), kind: "Other", name: format!("{domain}/{name}") }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn words(arn: &String) -> String {
        let [owner, domain, name] = parts(arn).map(word);
        format!("--domain {domain} --domain-owner {owner} --repository {name}")
    }

    fn put_line(words: &str, document: &str) -> String {
        format!("aws codeartifact put-repository-permissions-policy {words} --policy-document {}", argument(document))
    }

    fn delete_line(words: &str) -> String {
        format!("aws codeartifact delete-repository-permissions-policy {words}")
    }
}

/// The account that owns the domain, the domain, and the name of the repository.
fn parts(arn: &str) -> [&str; 3] {
    let resource = arn_part(arn, 5).and_then(|resource| resource.strip_prefix("repository/"));
    let (domain, name) = resource.and_then(|resource| resource.split_once('/')).unwrap_or_default();
    [arn_part(arn, 4).unwrap_or_default(), domain, name]
}

fn call(operation: &'static str, method: &'static str, last: &str, arn: &str) -> Request {
    let [owner, domain, name] = parts(arn);
    let call = Request::rest(operation, method, &["v1", "repository", "permissions", last]);
    call.query("domain", Some(domain)).query("domain-owner", Some(owner)).query("repository", Some(name))
}

impl SignedPolicy for Repositories {
    const API: &'static Api = &CODEARTIFACT;
    /// It says so of a repository without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        call("GetRepositoryPermissionsPolicy", "GET", "policy", arn)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        answered(answer)
    }

    fn put(arn: &String, document: &str, revision: Option<&str>) -> Request {
        let call = call("PutRepositoryPermissionsPolicy", "PUT", "policy", arn);
        call.member("policyDocument", Some(document)).member("policyRevision", revision)
    }

    /// Its path has the plural.
    fn delete(arn: &String, revision: Option<&str>) -> Request {
        call("DeleteRepositoryPermissionsPolicy", "DELETE", "policies", arn).query("policy-revision", revision)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListRepositories", "POST", &["v1", "repositories"]).query("next-token", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("repositories", "arn"), next: answer.text("nextToken").map(str::to_owned) }
    }
}
