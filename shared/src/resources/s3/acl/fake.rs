//! The ACL of a bucket. For tests (`shared/tests/all/world`).

use crate::world::{Living, both, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::s3::BucketAcls;
use shared::resources::s3::acl::actions::AclAction;
use shared::resources::s3::acl::state::{BucketAcl, Grant, Grantee};
use shared::resources::s3::bucket_policy::Bucket;

impl Living for BucketAcls {
    fn change(live: &mut Observed<BucketAcl>, action: &AclAction) -> Result<(), ApplyError> {
        let Observed::Known(acl) = live else { return Err(not_there("NoSuchBucket")) };
        assert_eq!(action.change().bucket, acl.bucket, "a call about another bucket");
        assert_eq!(Some(&action.change().owner), acl.owner.as_ref(), "S3 refuses another owner");
        acl.grants = action.leaves();
        Ok(())
    }

    fn read(live: &Observed<BucketAcl>, key: &Bucket) -> Observed<BucketAcl> {
        match live {
            Observed::Known(acl) if acl.bucket != key.name => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `GetBucketAcl`; `ignored` and `disabled` are why its grants have no effect, where they have none.
    fn live(value: &Value) -> Observed<BucketAcl> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let why = |key: &str| text(&value[key]).map_or(Observed::Absent, Observed::Known);
        let grants = value["Grants"].as_array().unwrap().iter().map(|grant| {
            let grantee = &grant["Grantee"];
            let group = text(&grantee["URI"]).map(Grantee::Group);
            let grantee = group.or_else(|| text(&grantee["ID"]).map(Grantee::User)).unwrap();
            Grant::new(grantee, grant["Permission"].as_str().unwrap())
        });
        Observed::Known(BucketAcl {
            bucket: "orders".to_owned(),
            owner: text(&value["Owner"]["ID"]),
            grants: grants.collect(),
            ignored: why("ignored"),
            disabled: why("disabled"),
        })
    }

    fn lines(live: &Observed<BucketAcl>) -> Vec<String> {
        live.known().map(|acl| acl.grants.iter().map(ToString::to_string).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        let grant = |id: &str| json!({"grantee": {"user": id}, "permission": "READ"});
        both(
            "revoke",
            "grant",
            &json!({"bucket": "orders", "owner": "o", "grants": [grant("7009")], "rest": [grant("o")]}),
        )
    }
}
