//! What a web ACL says. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::engine::request::Answer;
use shared::resources::wafv2::WebAclRules;
use shared::resources::wafv2::web_acl::got;
use shared::resources::wafv2::web_acl::state::{Acl, AclRef};

const ARN: &str = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c6a5e";

impl Living for WebAclRules {
    fn change(_: &mut Observed<Acl>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<Acl>, _: &AclRef) -> Observed<Acl> {
        live.clone()
    }

    /// `GetWebACL`
    fn live(value: &Value) -> Observed<Acl> {
        got(&AclRef::new(ARN), &Answer { body: value.clone(), request_id: None })
    }

    fn lines(live: &Observed<Acl>) -> Vec<String> {
        let said = live.known().and_then(|acl| acl.now.as_ref());
        said.into_iter()
            .flat_map(|said| said.rules.iter().map(|(name, does)| format!("{name} {}", does.word())))
            .collect()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
