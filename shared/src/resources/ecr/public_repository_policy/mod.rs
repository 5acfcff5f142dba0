//! RES-07: the policies of repositories of ECR Public.
//!
//! Everyone may pull from such a repository, whatever its policy: that is what it is for. Its policy says who else may push and change it. The
//! service has one endpoint, in us-east-1, so repositories are not listed by the sweep of each region: one is evaluated when its policy changes.
//! Sources: "SetRepositoryPolicy" (ECR Public API reference), "Public repository policies" (ECR Public user guide).

use crate::engine::resource_policy::prelude::*;

/// "Amazon ECR Public API reference".
pub const ECR_PUBLIC: Api = Api {
    signed_as: "ecr-public",
    host: "api.ecr-public",
    protocol: Protocol::Json { version: "1.1", target: "SpencerFrontendService" },
    errors: &[
        ("RepositoryNotFoundException", Means::NotThere),
        ("RepositoryPolicyNotFoundException", Means::NotThere),
        ("ServerException", Means::Transient),
    ],
};

const ON: &[&str] = &["ecr-public::${Account}:repository/*"];
const GET: Permission = Permission::on("ecr-public:GetRepositoryPolicy", ON);
const SET: Permission = Permission::on("ecr-public:SetRepositoryPolicy", ON);
const DELETE: Permission = Permission::on("ecr-public:DeleteRepositoryPolicy", ON);

/// The policies of public repositories.
pub type PublicRepositoryPolicies = Policies<PublicRepositories>;

/// Public repositories, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicRepositories;

impl ResourcePolicy for PublicRepositories {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "ecr-public-repository-policy";
    const NOUN: &'static str = "public ECR repository";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "public ECR repository",
        public: "ecr-public-repository-policy-public" is "RES-07" at Critical,
        untrusted: "ecr-public-repository-policy-untrusted" is "RES-07",
        class: R1,
        controls: &[],
        technique: "T1525",
        triggers: &["SetRepositoryPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:ecr-public::%:repository/*"],
        not_watched: &[
            ("DeleteRepositoryPolicy", "without a policy only the account's own principals push to the repository"),
            ("CreateRepository", "a repository is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves pushing to the repository's own account.",
        beside: "Everyone may pull from it whatever the policy says: the policy is about pushing and changing. It is evaluated when it changes; \
            no sweep lists these repositories.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::ECR::PublicRepository", "RepositoryPolicyText"), ("aws_ecrpublic_repository_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[];
    const PUT: Permission = SET;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("ecr-public.amazonaws.com", Self::GUARDRAILS.public.triggers) {
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
        let Place { partition, account, .. } = place;
        let id = format!("arn:{partition}:ecr-public::{account}:repository/{name}");
        Resource { id, kind: "Other", name: name.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(name: &str, document: &str) -> String {
        format!("aws ecr-public set-repository-policy --repository-name {name} --policy-text {}", argument(document))
    }

    fn delete_line(name: &str) -> String {
        format!("aws ecr-public delete-repository-policy --repository-name {name}")
    }
}

fn call(operation: &'static str, name: &str) -> Request {
    Request::named(operation, json!({"repositoryName": name}))
}

impl SignedPolicy for PublicRepositories {
    const API: &'static Api = &ECR_PUBLIC;
    const NO_POLICY: &'static [&'static str] = &["RepositoryPolicyNotFoundException"];

    fn get(name: &String) -> Request {
        call("GetRepositoryPolicy", name)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "policyText", None)
    }

    fn put(name: &String, document: &str, _: Option<&str>) -> Request {
        call("SetRepositoryPolicy", name).member("policyText", Some(document))
    }

    fn delete(name: &String, _: Option<&str>) -> Request {
        call("DeleteRepositoryPolicy", name)
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listed<String> {
        Listed { found: Vec::new(), next: None }
    }
}
