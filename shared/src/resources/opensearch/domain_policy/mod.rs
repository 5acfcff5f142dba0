//! DB-08: the access policies of OpenSearch and Elasticsearch domains.
//!
//! Two things make a policy for everyone no public access, and AWS documents both as usual: a domain in a VPC is reached from there alone, and
//! fine-grained access control authenticates every request by itself, for which an open policy is recommended. Where a record shows either, the domain is read.
//! A policy is never emptied: where no statement is left, it allows the account's own principals.
//! Sources: "Identity and access management in Amazon OpenSearch Service", "About access policies on VPC domains", "Fine-grained access control in Amazon OpenSearch
//! Service", "Logging and monitoring" for the record (OpenSearch Service developer guide); "UpdateDomainConfig" (API reference).

use super::OPENSEARCH;
use crate::engine::resource_policy::prelude::*;
use serde_json::Value;

/// The date of the API.
const API_DATE: &str = "2021-01-01";

const ON: &[&str] = &["es:${Region}:${Account}:domain/*"];
const GET: Permission = Permission::on("es:DescribeDomainConfig", ON);
const LIST: Permission = Permission::read("es:ListDomainNames");
const PUT: Permission = Permission::on("es:UpdateDomainConfig", ON);

/// The policies of domains.
pub type DomainPolicies = Policies<Domains>;

/// Domains, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Domains;

impl ResourcePolicy for Domains {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "opensearch-domain-policy";
    const NOUN: &'static str = "OpenSearch domain";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "OpenSearch domain",
        public: "opensearch-domain-policy-public" is "DB-08" at Critical,
        untrusted: "opensearch-domain-policy-untrusted" is "DB-08",
        class: R2,
        controls: &["ES.2", "OpenSearch.2"],
        technique: "T1530",
        triggers: &[
            "CreateDomain", "CreateElasticsearchDomain", "UpdateDomainConfig", "UpdateElasticsearchDomainConfig",
        ],
        actions: Self::WRITES,
        ids: &["arn:%:es:%:%:domain/%"],
        not_watched: &[("DeleteDomain, DeleteElasticsearchDomain", "what is not there is not reached")],
        default: "If nothing is left, the policy allows the account's own principals: a domain is never left without a policy.",
        beside: "A domain in a VPC, or with fine-grained access control and without anonymous access, complies whatever its policy allows to the \
            public. Clients that do not sign their requests are let in by statements for everyone or for networks alone.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::Elasticsearch::Domain", "AccessPolicies"),
        ("AWS::OpenSearchService::Domain", "AccessPolicies"),
        ("aws_elasticsearch_domain", "access_policies"),
        ("aws_elasticsearch_domain_policy", "access_policies"),
        ("aws_opensearch_domain", "access_policies"),
        ("aws_opensearch_domain_policy", "access_policies"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;

    fn planned_shield(resource: &PlannedResource<'_>) -> Result<Observed<String>, Unreadable> {
        let [vpc, security, enabled, anonymous] = if resource.is_terraform() {
            ["vpc_options", "advanced_security_options", "enabled", "anonymous_auth_enabled"]
        } else {
            ["VPCOptions", "AdvancedSecurityOptions", "Enabled", "AnonymousAuthEnabled"]
        };
        if resource.parts(vpc)?.iter().any(|vpc| vpc.properties != &json!({})) {
            return Ok(Observed::Known("the domain is in a VPC and is not reached from outside".to_owned()));
        }
        let security = if resource.is_left_out(security) { Vec::new() } else { resource.parts(security)? };
        let Some(security) = security.first() else { return Ok(Observed::Absent) };
        let is = |flag: &str| if security.is_left_out(flag) { Ok(None) } else { security.flag(flag) };
        let authenticates = is(enabled)? == Some(true) && is(anonymous)? != Some(true);
        let why = "fine-grained access control authenticates every request";
        Ok(if authenticates { Observed::Known(why.to_owned()) } else { Observed::Absent })
    }

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("es.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let request = &event.request;
        let part = |names: &[&str]| names.iter().find_map(|name| request.at(&[name]));
        let policy = part(&["accessPolicies"]);
        let guards = [part(&["vPCOptions", "vpcOptions"]), part(&["advancedSecurityOptions"])];
        let is_guarded = guards.iter().any(Option::is_some);
        // A change of something else: the policy is what it was, and as effective.
        if policy.is_none() && !is_guarded && request.value().is_some() {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no domain");
        let name = request.text(&["domainName"]).ok_or_else(unnamed)?.to_owned();
        // Whether what stands before it makes it ineffective is in question: a read shows both.
        Ok(Some(Change::of(name, policy.filter(|_| !is_guarded))))
    }

    fn named(name: &String, place: &Place) -> Resource {
        Resource { id: arn(name, place), kind: "AwsOpenSearchServiceDomain", name: name.clone() }
    }

    fn when_nothing_is_left(name: &String, place: &Place) -> Nothing {
        let statement = json!({
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{}:iam::{}:root", place.partition, place.account)},
            "Action": "es:*",
            "Resource": format!("{}/*", arn(name, place)),
        });
        Nothing::Own(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    fn put_line(name: &str, document: &str) -> String {
        format!("aws opensearch update-domain-config --domain-name {name} --access-policies {}", argument(document))
    }
}

fn arn(name: &str, Place { partition, account, region }: &Place) -> String {
    format!("arn:{partition}:es:{region}:{account}:domain/{name}")
}

/// What keeps strangers out whatever the policy says.
fn guard(answer: &Answer) -> Option<String> {
    let option = |part: &str, option: &str| answer.at(&["DomainConfig", part, "Options", option]);
    if let Some(vpc) = option("VPCOptions", "VPCId").and_then(Value::as_str) {
        return Some(format!("the domain is in VPC `{vpc}` and is not reached from outside"));
    }
    let is = |flag: &str| option("AdvancedSecurityOptions", flag).and_then(Value::as_bool) == Some(true);
    (is("Enabled") && !is("AnonymousAuthEnabled"))
        .then(|| "fine-grained access control authenticates every request".to_owned())
}

impl SignedPolicy for Domains {
    const API: &'static Api = &OPENSEARCH;

    /// What is configured, also while the domain is still being changed.
    fn get(name: &String) -> Request {
        Request::rest("DescribeDomainConfig", "GET", &[API_DATE, "opensearch", "domain", name, "config"])
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        let policy = answer.at(&["DomainConfig", "AccessPolicies", "Options"]).and_then(Value::as_str);
        let shield = guard(answer).map_or(Observed::Absent, Observed::Known);
        Observed::Known(Read { shield, ..Read::of(policy.map(str::to_owned)) })
    }

    fn put(name: &String, document: &str, _: Option<&str>) -> Request {
        let path = [API_DATE, "opensearch", "domain", name, "config"];
        Request::rest("UpdateDomainConfig", "POST", &path).member("AccessPolicies", Some(document))
    }

    fn list(_: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListDomainNames", "GET", &[API_DATE, "domain"]))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("DomainNames", "DomainName"), next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_a_policy_is_read_with_it() {
        let read = |config: Value| {
            let answer = Answer { body: json!({"DomainConfig": config}), request_id: None };
            let Observed::Known(read) = Domains::got(&"orders".to_owned(), &answer) else { panic!("it is there") };
            (read.document.known().cloned(), read.shield.known().is_some())
        };
        let policy = json!({"Options": "{}", "Status": {"State": "Processing"}});
        let options = |value: Value| json!({"Options": value});
        assert_eq!(read(json!({"AccessPolicies": policy})), (Some("{}".to_owned()), false));
        assert_eq!(read(json!({"AccessPolicies": {"Options": ""}})), (None, false));
        assert!(read(json!({"VPCOptions": options(json!({"VPCId": "vpc-1"}))})).1);
        assert!(!read(json!({"VPCOptions": options(json!({}))})).1);
        let fine = |anonymous: bool| options(json!({"Enabled": true, "AnonymousAuthEnabled": anonymous}));
        assert!(read(json!({"AdvancedSecurityOptions": fine(false)})).1);
        assert!(!read(json!({"AdvancedSecurityOptions": fine(true)})).1);
    }
}
