//! An access policy of a principal. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::eks::ClusterAdmins;
use shared::resources::eks::access_policy::{Associated, Grant, GrantRef};

living!(ClusterAdmins);

impl Fake for ClusterAdmins {
    fn put(associated: &mut Associated, stands: bool) {
        associated.stands = stands;
    }

    /// `ListAssociatedAccessPolicies`
    fn answer(value: &Value) -> Associated {
        let key = GrantRef { grant: Self::subject(), by: Vec::new() };
        match Self::got(&key, &Answer { body: value.clone(), request_id: None }) {
            Observed::Known(associated) => associated,
            other => panic!("no policies: {other:?}"),
        }
    }

    fn line(associated: &Associated) -> String {
        format!("{} administers: {}", associated.of.grant.principal, associated.stands)
    }

    fn subject() -> Grant {
        let (principal, policy) = (
            "arn:aws:iam::111122223333:role/eve",
            "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        );
        Grant {
            cluster: "orders".to_owned(),
            principal: principal.to_owned(),
            policy: policy.to_owned(),
            scope: json!({"type": "cluster"}),
            says: format!("AmazonEKSClusterAdminPolicy of {principal} in cluster orders"),
        }
    }
}
