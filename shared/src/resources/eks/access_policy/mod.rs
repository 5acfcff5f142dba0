//! Who administers a cluster: LOG-16.
//!
//! Sources: "AssociateAccessPolicy", "DisassociateAccessPolicy", "ListAssociatedAccessPolicies" (Amazon EKS API reference), "Review access policy permissions" (Amazon EKS user
//! guide): `AmazonEKSClusterAdminPolicy` is Kubernetes' `cluster-admin`, `AmazonEKSAdminPolicy` its `admin`, which reads secrets and runs commands in pods. An association is
//! named by cluster, principal and policy; its scope is the whole cluster or some namespaces, and `kube-system` alone is as good as all of it.

use super::{EKS, SOURCE};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::callers::{PRINCIPALS, are_among, callers};
use percent_encoding::percent_decode_str;
use schemars::JsonSchema;
use serde_json::{Value, json};

const ENTRIES: &[&str] = &["eks:${Region}:${Account}:access-entry/*/*/*/*/*"];
const LIST: Permission = Permission::on("eks:ListAssociatedAccessPolicies", ENTRIES);
const ASSOCIATE: Permission = Permission::on("eks:AssociateAccessPolicy", ENTRIES);
const DISASSOCIATE: Permission = Permission::on("eks:DisassociateAccessPolicy", ENTRIES);

/// Access policies that administer, of principals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClusterAdmins;

/// How an association is found, and who made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRef {
    /// The association.
    pub grant: Grant,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// An association.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The cluster's name.
    pub cluster: String,
    /// The ARN of the principal.
    pub principal: String,
    /// The ARN of the policy.
    pub policy: String,
    /// `accessScope`, with which it is made again.
    pub scope: Value,
    /// The line that names it, for a person.
    pub says: String,
}

impl Default for Grant {
    /// One of no cluster, in one namespace.
    fn default() -> Self {
        Self::of("", "", "", json!({ "type": "namespace", "namespaces": ["default"] }))
    }
}

impl Grant {
    fn of(cluster: &str, principal: &str, policy: &str, scope: Value) -> Self {
        let says = format!("{} of {principal} in cluster {cluster}", name(policy));
        let owned = str::to_owned;
        Self { cluster: owned(cluster), principal: owned(principal), policy: owned(policy), scope, says }
    }
}

impl Subject for Grant {
    fn name(&self) -> &str {
        &self.says
    }
}

/// An association, and whether it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Associated {
    /// How it is found.
    pub of: GrantRef,
    /// Whether it stands.
    pub stands: bool,
    /// Why the principal of a planned one is known at deployment only.
    #[serde(skip)]
    pub open: Option<String>,
}

/// Which policies administer, whose they may be, and who may give them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdminSettings {
    /// Names of the access policies that administer; `*` and `?` match as in IAM. Without the setting `AmazonEKSClusterAdminPolicy` and `AmazonEKSAdminPolicy`.
    pub admin_policies: Vec<String>,
    /// ARNs of the principals that may administer clusters; `*` and `?` match as in IAM.
    pub allowed_admins: Vec<String>,
    /// ARNs of the principals (or of the roles behind their sessions) that may let anyone administer; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl Default for AdminSettings {
    fn default() -> Self {
        let admin_policies = ["AmazonEKSClusterAdminPolicy", "AmazonEKSAdminPolicy"].map(str::to_owned).into();
        Self { admin_policies, allowed_admins: Vec::new(), allowed_principals: Vec::new() }
    }
}

const POLICIES: Holds = Holds { shapes: Holds::NAME, form: "the name of an access policy", everything: None };
const ADMINS: Holds = Holds {
    shapes: &["arn:%:iam::%:role/*", "arn:%:iam::%:user/*"],
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};

impl GuardrailSettings for AdminSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "admin_policies", entries: &self.admin_policies, holds: POLICIES },
            List { name: "allowed_admins", entries: &self.allowed_admins, holds: ADMINS },
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
        ]
    }
}

/// `arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy`
fn name(policy: &str) -> &str {
    policy.rsplit_once('/').map_or(policy, |(_, name)| name)
}

impl Setting for ClusterAdmins {
    type Key = GrantRef;
    type State = Associated;
    type Subject = Grant;
    type Value = bool;
    type Settings = AdminSettings;

    const KIND: &'static str = "eks-access-policy";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[ASSOCIATE];
    const ABOUT: &'static About = &About {
        name: "eks-cluster-admin-granted",
        catalogue_id: "LOG-16",
        title: "A principal was made administrator of an EKS cluster",
        description: "An access policy among `admin_policies` was associated with a principal that is not among `allowed_admins`, by one that is not among `allowed_principals`: it \
            administers the cluster, or some of its namespaces, reads their secrets and runs commands in their pods, whatever IAM allows it. An access entry alone allows \
            nothing; the groups that one names are bound in Kubernetes, where CloudTrail sees nothing. The ConfigMap `aws-auth` is out of reach for the same reason. Who creates a \
            cluster administers it by default: that is no association that is recorded.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1098.006",
        triggers: &["AssociateAccessPolicy"],
        remediation: "Disassociates the policy from the principal, with one call. The access entry, its groups and its other policies stay.",
        actions: &[DISASSOCIATE],
        ids: &["arn:%:eks:%:%:access-policy/*"],
        not_watched: &[
            (
                "CreateAccessEntry, UpdateAccessEntry",
                "an access entry alone grants no permissions, and EKS rejects group names that start with `system:`",
            ),
            (
                "CreateCluster",
                "its creator becomes administrator without an association of its own; `bootstrapClusterCreatorAdminPermissions` is the owner's choice",
            ),
            (
                "CreatePodIdentityAssociation",
                "it grants a pod permissions in AWS, and no principal access to the cluster",
            ),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(false, &["disassociate"], DISASSOCIATE, "remove {}", "aws eks disassociate-access-policy"),
        Call::new(true, &["associate"], ASSOCIATE, "associate {}", "aws eks associate-access-policy"),
    ];

    const PLANNED: &'static [PlannedForm<Associated>] = &[
        PlannedForm::each("AWS::EKS::AccessEntry", |it| match it.parts("AccessPolicies") {
            Ok(parts) => parts.iter().map(|part| planned(it, part)).collect(),
            Err(why) => vec![Err(why)],
        }),
        PlannedForm::one("aws_eks_access_policy_association", |it| planned(it, it).map(Some)),
    ];

    /// A call that succeeded has made it.
    fn changed_by(event: &Event) -> Result<Vec<Target<GrantRef, Associated>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let shown = |name: &str| event.request.text(&[name]);
        // The cluster's name is part of the path, which CloudTrail records as the API calls it.
        let cluster = shown("name").or_else(|| shown("clusterName")).or_else(|| event.response.text(&["clusterName"]));
        let named = cluster.zip(shown("principalArn")).zip(shown("policyArn"));
        let ((cluster, principal), policy) =
            named.ok_or_else(|| Unlocatable::new(event, "the record does not name cluster, principal and policy"))?;
        // Records write a path as it was sent: in whichever encoding the caller chose.
        let decoded = |arn: &str| percent_decode_str(arn).decode_utf8_lossy().into_owned();
        let [principal, policy] = [principal, policy].map(decoded);
        let scope = event.request.at(&["accessScope"]).cloned().unwrap_or_default();
        let key = GrantRef { grant: Grant::of(cluster, &principal, &policy, scope), by: callers(event) };
        let proven = Some(Associated { of: key.clone(), stands: true, open: None });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(associated: &mut Associated, target: &Target<GrantRef, Associated>) {
        associated.of.by.clone_from(&target.key.by);
    }

    fn named(of: &GrantRef, Place { partition, account, region }: &Place) -> Resource {
        let Grant { cluster, principal, policy, says, .. } = &of.grant;
        let principal = principal.splitn(6, ':').nth(5).unwrap_or(principal);
        let id = format!("arn:{partition}:eks:{region}:{account}:access-policy/{cluster}/{principal}/{}", name(policy));
        Resource { id, kind: "Other", name: says.clone() }
    }

    fn line(call: &Call<bool>, grant: &Grant) -> String {
        let Grant { cluster, principal, policy, scope, .. } = grant;
        let (line, cluster, principal, policy) = (call.line, word(cluster), word(principal), word(policy));
        let line = format!("{line} --cluster-name {cluster} --principal-arn {principal} --policy-arn {policy}");
        if call.sets { format!("{line} --access-scope {}", word(&scope.to_string())) } else { line }
    }

    fn shown(associated: &Associated) -> Shown<Grant, bool> {
        let grant = associated.of.grant.clone();
        let element = format!("{} of {}", name(&grant.policy), grant.principal);
        let shown = Shown::of(grant, associated.stands, &element);
        match &associated.open {
            Some(why) => Shown { value: Observed::Unknown { why: why.clone() }, ..shown },
            None => shown,
        }
    }

    fn is_in_question(associated: &Associated, terms: &Terms<'_>) -> bool {
        let (settings, grant) = (Self::settings(terms), &associated.of.grant);
        let is_admin = settings.admin_policies.iter().any(|pattern| matches_pattern(pattern, name(&grant.policy)));
        let is_allowed = settings.allowed_admins.iter().any(|pattern| matches_pattern(pattern, &grant.principal));
        is_admin && !is_allowed && !are_among(&settings.allowed_principals, &associated.of.by)
    }

    fn why(associated: &Associated, _: &Terms<'_>) -> String {
        let Grant { cluster, principal, policy, scope, .. } = &associated.of.grant;
        let namespaces =
            scope["namespaces"].as_array().map(|all| all.iter().filter_map(Value::as_str).collect::<Vec<_>>());
        let what = match namespaces.filter(|all| !all.is_empty()) {
            Some(namespaces) => format!("namespaces `{}` of cluster `{cluster}`", namespaces.join("`, `")),
            None => format!("cluster `{cluster}`"),
        };
        format!("`{principal}` administers {what} (`{}`)", name(policy))
    }
}

/// A policy of an access entry. Whom it is given to decides only where the policy administers.
fn planned(entry: &PlannedResource<'_>, policy: &PlannedResource<'_>) -> Result<Associated, Unreadable> {
    let either = |of: &PlannedResource<'_>, name, terraform| of.text(of.called(name, terraform));
    let arn = either(policy, "PolicyArn", "policy_arn")?.unwrap_or_default();
    let kind = either(policy, "AccessScope.Type", "access_scope.type").ok().flatten();
    let namespaces = policy.texts(policy.called("AccessScope.Namespaces", "access_scope.namespaces"));
    let scope = json!({ "type": kind, "namespaces": namespaces.unwrap_or_default() });
    let (principal, open) = match either(entry, "PrincipalArn", "principal_arn") {
        Ok(principal) => (principal.unwrap_or_default(), None),
        Err(why) => (entry.name.to_owned(), Some(why.to_string())),
    };
    let grant = Grant::of(&entry.named(&["ClusterName", "cluster_name"]), &principal, &arn, scope);
    Ok(Associated { of: GrantRef { grant, by: Vec::new() }, stands: true, open })
}

impl SignedSetting for ClusterAdmins {
    const API: &'static Api = &EKS;

    fn get(of: &GrantRef) -> Request {
        let Grant { cluster, principal, .. } = &of.grant;
        Request::rest(
            "ListAssociatedAccessPolicies",
            "GET",
            &["clusters", cluster, "access-entries", principal, "access-policies"],
        )
    }

    /// A principal has few of them: one page.
    fn got(of: &GrantRef, answer: &Answer) -> Observed<Associated> {
        let Some(list) = answer.body.get("associatedAccessPolicies").and_then(Value::as_array) else {
            return Observed::Unknown {
                why: format!("the answer does not show the policies of `{}`", of.grant.principal),
            };
        };
        let found = list.iter().find(|one| one["policyArn"].as_str() == Some(of.grant.policy.as_str()));
        if found.is_none() && answer.text("nextToken").is_some() {
            return Observed::Unknown {
                why: format!("the answer does not show all policies of `{}`", of.grant.principal),
            };
        }
        let mut of = of.clone();
        if let Some(scope) = found.and_then(|one| one.get("accessScope")) {
            of.grant.scope = scope.clone();
        }
        Observed::Known(Associated { of, stands: found.is_some(), open: None })
    }

    fn set(grant: &Grant, stands: bool) -> Request {
        let Grant { cluster, principal, policy, scope, .. } = grant;
        let path = ["clusters", cluster, "access-entries", principal, "access-policies", policy];
        if stands {
            let call = Request::rest("AssociateAccessPolicy", "POST", &path[..5]);
            call.member("policyArn", Some(policy.as_str())).member("accessScope", Some(scope.clone()))
        } else {
            Request::rest("DisassociateAccessPolicy", "DELETE", &path)
        }
    }

    /// Who administers a cluster since long is its owner's to say: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scope_is_what_stands() {
        let grant = Grant::of(
            "orders",
            "arn:aws:iam::1:role/eve",
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy",
            json!({"type": "cluster"}),
        );
        let of = GrantRef { grant, by: Vec::new() };
        let seen = |body: Value| ClusterAdmins::got(&of, &Answer { body, request_id: None });
        let listed = json!({"associatedAccessPolicies": [{"policyArn": of.grant.policy, "accessScope": {"type": "namespace", "namespaces": ["kube-system"]}}]});
        let associated = seen(listed).known().unwrap().clone();
        assert!(associated.stands && associated.of.grant.scope["namespaces"][0] == "kube-system");
        assert!(!seen(json!({"associatedAccessPolicies": []})).known().unwrap().stands);
        for hidden in [json!({}), json!({"associatedAccessPolicies": [], "nextToken": "2"})] {
            assert!(matches!(seen(hidden), Observed::Unknown { .. }));
        }
    }
}
