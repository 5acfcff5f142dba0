//! RES-09: the policies of Aurora DSQL clusters.
//!
//! A cluster is reached over the internet by the principals that IAM lets in; a policy can add others, or deny what does not come from a VPC. A write is
//! under the condition of the policy's version, and DSQL's own check against locking the caller out is never bypassed.
//! Sources: "PutClusterPolicy", "CreateCluster" (Aurora DSQL API reference), "Resource-based policies for Aurora DSQL" (user guide).

use super::DSQL;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["dsql:${Region}:${Account}:cluster/*"];
const GET: Permission = Permission::on("dsql:GetClusterPolicy", ON);
const LIST: Permission = Permission::read("dsql:ListClusters");
const PUT: Permission = Permission::on("dsql:PutClusterPolicy", ON);
const DELETE: Permission = Permission::on("dsql:DeleteClusterPolicy", ON);

/// The policies of clusters.
pub type DsqlPolicies = Policies<DsqlClusters>;

/// Clusters, each by its identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DsqlClusters;

impl ResourcePolicy for DsqlClusters {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "dsql-cluster-policy";
    const NOUN: &'static str = "Aurora DSQL cluster";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Aurora DSQL cluster",
        public: "dsql-cluster-policy-public" is "RES-09" at Critical,
        untrusted: "dsql-cluster-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["CreateCluster", "PutClusterPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:dsql:%:%:cluster/%"],
        not_watched: &[(
            "DeleteClusterPolicy",
            "without a policy only the account's own principals may use the cluster; what it denied shows in no record",
        )],
        default: "If nothing is left, the policy is deleted, which leaves the cluster to its own account.",
        beside: "Denies of what does not come from a VPC stay.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::DSQL::Cluster", "PolicyDocument"), ("aws_dsql_cluster_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("dsql.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let policy = event.request.at(&["policy"]);
        // A cluster that is made without a policy is its account's own.
        if event.name == "CreateCluster" && policy.is_none() && event.request.value().is_some() {
            return Ok(None);
        }
        let named = event.request.text(&["identifier"]).or_else(|| event.response.text(&["identifier"]));
        let id = named.ok_or_else(|| Unlocatable::new(event, "the record names no cluster"))?;
        Ok(Some(Change::of(id.to_owned(), policy)))
    }

    fn named(id: &String, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:dsql:{region}:{account}:cluster/{id}");
        Resource { id: arn, kind: "Other", name: id.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(id: &str, document: &str) -> String {
        format!("aws dsql put-cluster-policy --identifier {id} --policy {}", argument(document))
    }

    fn delete_line(id: &str) -> String {
        format!("aws dsql delete-cluster-policy --identifier {id}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, id: &str) -> Request {
    Request::rest(operation, method, &["cluster", id, "policy"])
}

impl SignedPolicy for DsqlClusters {
    const API: &'static Api = &DSQL;
    /// It says so of a cluster without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(id: &String) -> Request {
        policy_of("GetClusterPolicy", "GET", id)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "policy", answer.text("policyVersion").map(str::to_owned))
    }

    fn put(id: &String, document: &str, version: Option<&str>) -> Request {
        let call = policy_of("PutClusterPolicy", "POST", id).member("policy", Some(document));
        call.member("expectedPolicyVersion", version)
    }

    fn delete(id: &String, version: Option<&str>) -> Request {
        policy_of("DeleteClusterPolicy", "DELETE", id).query("expected-policy-version", version)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListClusters", "GET", &["cluster"]).query("next-token", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("clusters", "identifier"), next: answer.text("nextToken").map(str::to_owned) }
    }
}
