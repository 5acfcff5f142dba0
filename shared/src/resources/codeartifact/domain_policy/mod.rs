//! RES-09: the permissions policies of CodeArtifact domains: who may make repositories in them, and get a token for them.
//!
//! Sources: "PutDomainPermissionsPolicy" (CodeArtifact API reference), "Domain policies" (CodeArtifact user guide).

use super::{CODEARTIFACT, answered};
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["codeartifact:${Region}:${Account}:domain/*"];
const GET: Permission = Permission::on("codeartifact:GetDomainPermissionsPolicy", ON);
const LIST: Permission = Permission::read("codeartifact:ListDomains");
const PUT: Permission = Permission::on("codeartifact:PutDomainPermissionsPolicy", ON);
const DELETE: Permission = Permission::on("codeartifact:DeleteDomainPermissionsPolicy", ON);

/// The policies of domains of packages.
pub type PackageDomainPolicies = Policies<Domains>;

/// Domains, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Domains;

impl ResourcePolicy for Domains {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "codeartifact-domain-policy";
    const NOUN: &'static str = "CodeArtifact domain";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "CodeArtifact domain",
        public: "codeartifact-domain-policy-public" is "RES-09" at Critical,
        untrusted: "codeartifact-domain-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1195.002",
        triggers: &["PutDomainPermissionsPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:codeartifact:%:%:domain/%"],
        not_watched: &[
            ("DeleteDomainPermissionsPolicy", "without a policy only the account's own principals may use the domain"),
            ("CreateDomain", "a domain is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the domain to its own account.",
        beside: "A domain that all accounts of a trusted organization share (`aws:PrincipalOrgID`) complies.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::CodeArtifact::Domain", "PermissionsPolicyDocument"),
        ("aws_codeartifact_domain_permissions_policy", "policy_document"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("codeartifact.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no domain");
        let domain = event.request.text(&["domain"]).ok_or_else(unnamed)?;
        let owner = event.request.text(&["domainOwner"]).unwrap_or(&event.account);
        let arn = format!("arn:{}:codeartifact:{}:{owner}:domain/{domain}", event.partition(), event.region);
        Ok(Some(Change::of(arn, event.request.at(&["policyDocument"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        Resource { id: arn.clone(), kind: "Other", name: parts(arn).1.to_owned() }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn words(arn: &String) -> String {
        let (owner, domain) = parts(arn);
        format!("--domain {} --domain-owner {}", word(domain), word(owner))
    }

    fn put_line(words: &str, document: &str) -> String {
        format!("aws codeartifact put-domain-permissions-policy {words} --policy-document {}", argument(document))
    }

    fn delete_line(words: &str) -> String {
        format!("aws codeartifact delete-domain-permissions-policy {words}")
    }
}

/// The account that owns the domain, and its name.
fn parts(arn: &str) -> (&str, &str) {
    let domain = arn_part(arn, 5).and_then(|resource| resource.strip_prefix("domain/"));
    (arn_part(arn, 4).unwrap_or_default(), domain.unwrap_or_default())
}

fn policy_of(operation: &'static str, method: &'static str) -> Request {
    Request::rest(operation, method, &["v1", "domain", "permissions", "policy"])
}

impl SignedPolicy for Domains {
    const API: &'static Api = &CODEARTIFACT;
    /// It says so of a domain without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(arn: &String) -> Request {
        let (owner, domain) = parts(arn);
        let call = policy_of("GetDomainPermissionsPolicy", "GET");
        call.query("domain", Some(domain)).query("domain-owner", Some(owner))
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        answered(answer)
    }

    fn put(arn: &String, document: &str, revision: Option<&str>) -> Request {
        let (owner, domain) = parts(arn);
        let call = policy_of("PutDomainPermissionsPolicy", "PUT");
        let call = call.member("domain", Some(domain)).member("domainOwner", Some(owner));
        call.member("policyDocument", Some(document)).member("policyRevision", revision)
    }

    fn delete(arn: &String, revision: Option<&str>) -> Request {
        let (owner, domain) = parts(arn);
        let call = policy_of("DeleteDomainPermissionsPolicy", "DELETE");
        call.query("domain", Some(domain)).query("domain-owner", Some(owner)).query("policy-revision", revision)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListDomains", "POST", &["v1", "domains"]).member("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("domains", "arn"), next: answer.text("nextToken").map(str::to_owned) }
    }
}
