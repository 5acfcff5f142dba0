//! What a web ACL protects. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::engine::request::Answer;
use shared::resources::s3::document::Of;
use shared::resources::wafv2::WebAclAssociations;
use shared::resources::wafv2::association::got;

holding!(WebAclAssociations);

impl Fake for WebAclAssociations {
    /// `GetWebACLForResource`
    fn answer(value: &Value) -> Option<String> {
        got(&Of::default(), &Answer { body: value.clone(), request_id: None }).known().unwrap().now.clone()
    }

    fn line(acl: &Option<String>) -> String {
        acl.as_ref().map_or("no web ACL".to_owned(), |acl| format!("web ACL {acl}"))
    }

    fn values() -> Vec<Option<String>> {
        vec![Some("arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c6a5e".to_owned()), None]
    }

    fn name() -> &'static str {
        "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188"
    }
}
