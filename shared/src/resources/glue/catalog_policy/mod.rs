//! RES-09: the policy of an account's Glue Data Catalog.
//!
//! An account has one catalog a region and the catalog one policy. Lake Formation shares by AWS RAM, which adds a statement of its own to the
//! same policy: that stays, and a write says that both ways are used (`EnableHybrid`), or Glue refuses it where Lake Formation has shared.
//! Sources: "PutResourcePolicy" (Glue Web API reference), "Granting cross-account access" (Glue developer guide), "Managing cross-account permissions using
//! both AWS Glue and Lake Formation" (Lake Formation developer guide).

use super::GLUE;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["glue:${Region}:${Account}:catalog"];
const GET: Permission = Permission::on("glue:GetResourcePolicy", ON);
const PUT: Permission = Permission::on("glue:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("glue:DeleteResourcePolicy", ON);

/// The policy of the catalog.
pub type CatalogPolicies = Policies<Catalog>;

/// The Data Catalog of an account and region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Catalog;

impl ResourcePolicy for Catalog {
    type Subject = ();
    type PublicSettings = NoSettings;

    const KIND: &'static str = "glue-catalog-policy";
    const NOUN: &'static str = "Glue Data Catalog";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Glue Data Catalog",
        public: "glue-catalog-policy-public" is "RES-09" at Critical,
        untrusted: "glue-catalog-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:glue:%:%:catalog"],
        not_watched: &[("DeleteResourcePolicy", "without a policy only the account's own principals may use the catalog")],
        default: "If nothing is left, the policy is deleted, which leaves the catalog to its own account.",
        beside: "The statement by which AWS RAM shares for Lake Formation stays.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[("aws_glue_resource_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<()>>, Unlocatable> {
        let is_ours = event.is_one_of("glue.amazonaws.com", Self::GUARDRAILS.public.triggers);
        let owner = event.request.text(&["resourceArn"]).and_then(|arn| arn_part(arn, 4));
        if !is_ours || owner.is_some_and(|owner| owner != event.account) {
            return Ok(None);
        }
        Ok(Some(Change::of((), event.request.at(&["policyInJson"]))))
    }

    fn named((): &(), place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:glue:{region}:{account}:catalog");
        Resource { id, kind: "Other", name: account.clone() }
    }

    fn when_nothing_is_left((): &(), _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(_: &str, document: &str) -> String {
        format!("aws glue put-resource-policy --policy-in-json {} --enable-hybrid TRUE", argument(document))
    }

    fn delete_line(_: &str) -> String {
        "aws glue delete-resource-policy".to_owned()
    }
}

impl SignedPolicy for Catalog {
    const API: &'static Api = &GLUE;
    const NO_POLICY: &'static [&'static str] = &["EntityNotFoundException"];

    fn get((): &()) -> Request {
        Request::named("GetResourcePolicy", json!({}))
    }

    fn got((): &(), answer: &Answer) -> Observed<Read> {
        let hash = answer.text("PolicyHash").map(str::to_owned);
        Read::shown(answer, "PolicyInJson", hash)
    }

    fn put((): &(), document: &str, hash: Option<&str>) -> Request {
        let call = Request::named("PutResourcePolicy", json!({"PolicyInJson": document, "EnableHybrid": "TRUE"}));
        call.member("PolicyHashCondition", hash)
    }

    fn delete((): &(), hash: Option<&str>) -> Request {
        Request::named("DeleteResourcePolicy", json!({})).member("PolicyHashCondition", hash)
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listed<()> {
        Listed { found: vec![()], next: None }
    }
}
