//! RES-07: the policy of an account's ECR registry: who may replicate into it, and who may use its pull-through caches.
//!
//! Sources: "PutRegistryPolicy" (ECR API reference), "Private registry permissions" (ECR user guide).

#[cfg(feature = "ecr")]
mod client;

use crate::engine::resource_policy::prelude::*;

const GET: Permission = Permission::read("ecr:GetRegistryPolicy");
const PUT: Permission = Permission::setting("ecr:PutRegistryPolicy");
const DELETE: Permission = Permission::setting("ecr:DeleteRegistryPolicy");

/// The policy of the registry.
pub type RegistryPolicies = Policies<Registry>;

/// The private registry of an account and region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Registry;

impl ResourcePolicy for Registry {
    type Subject = ();
    type PublicSettings = NoSettings;

    const KIND: &'static str = "ecr-registry-policy";
    const NOUN: &'static str = "ECR registry";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "ECR registry",
        public: "ecr-registry-policy-public" is "RES-07" at Critical,
        untrusted: "ecr-registry-policy-untrusted" is "RES-07",
        class: R1,
        controls: &[],
        technique: "T1525",
        triggers: &["PutRegistryPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:ecr:%:%:registry"],
        not_watched: &[("DeleteRegistryPolicy", "without a policy, only the account's own principals may use the registry")],
        default: "If nothing is left, the policy is deleted, which leaves the registry to its own account.",
        beside: "Replication into the registry and pull-through caches are what it is for.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::ECR::RegistryPolicy", "PolicyText"), ("aws_ecr_registry_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<()>>, Unlocatable> {
        let is_ours = event.is_one_of("ecr.amazonaws.com", Self::GUARDRAILS.public.triggers);
        let policy = event.request.at(&["policyText"]).or_else(|| event.response.at(&["policyText"]));
        Ok(is_ours.then(|| Change::of((), policy)))
    }

    fn named((): &(), place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ecr:{region}:{account}:registry");
        Resource { id, kind: "AwsEcrRegistry", name: account.clone() }
    }

    fn when_nothing_is_left((): &(), _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(_: &str, document: &str) -> String {
        format!("aws ecr put-registry-policy --policy-text {}", argument(document))
    }

    fn delete_line(_: &str) -> String {
        "aws ecr delete-registry-policy".to_owned()
    }
}
