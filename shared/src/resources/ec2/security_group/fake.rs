//! A security group. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::security_group::state::{Direction, GroupAction, GroupRef, SecurityGroup, Source};
use shared::resources::ec2::security_group::{SecurityGroups, rules_of_api_permissions};

impl Living for SecurityGroups {
    /// As in a VPC that is not the default one: when one of the rules is not there, none is revoked.
    fn change(live: &mut Observed<SecurityGroup>, action: &GroupAction) -> Result<(), ApplyError> {
        let Observed::Known(group) = live else { return Err(not_there("InvalidGroup.NotFound")) };
        let named = action.set();
        assert_eq!(named.group, group.id, "a call about another group");
        assert!(named.rules.iter().all(|rule| rule.direction == named.direction), "one call, one direction");
        let stands = |element: &str| group.rules.iter().any(|rule| rule.element() == element);
        match action {
            GroupAction::Revoke(set) => {
                if !set.rules.iter().all(|rule| stands(&rule.element())) {
                    return Err(not_there("InvalidPermission.NotFound"));
                }
                group.rules.retain(|rule| !set.rules.iter().any(|gone| gone.element() == rule.element()));
            }
            GroupAction::Authorize(set) => {
                if set.rules.iter().any(|rule| stands(&rule.element())) {
                    return Err(not_there("InvalidPermission.Duplicate"));
                }
                group.rules.extend(set.rules.iter().cloned());
            }
        }
        Ok(())
    }

    fn read(live: &Observed<SecurityGroup>, key: &GroupRef) -> Observed<SecurityGroup> {
        if let (Observed::Known(group), GroupRef::Id(id)) = (live, key) {
            assert_eq!(&group.id, id, "a look at another group");
        }
        live.clone()
    }

    fn live(value: &Value) -> Observed<SecurityGroup> {
        let permissions = |key: &str, direction| {
            let list = value[key].as_array().cloned().unwrap_or_default();
            rules_of_api_permissions(&list, direction).unwrap()
        };
        let mut rules = permissions("IpPermissions", Direction::Ingress);
        rules.extend(permissions("IpPermissionsEgress", Direction::Egress));
        for rule in &mut rules {
            if let Source::PrefixList { id, entries } = &mut rule.source
                && let Some(list) = value["PrefixLists"][id.as_str()].as_array()
            {
                *entries = Observed::Known(list.iter().map(|net| net.as_str().unwrap().parse().unwrap()).collect());
            }
        }
        Observed::Known(SecurityGroup {
            id: value["GroupId"].as_str().unwrap().to_owned(),
            name: Observed::Known(value["GroupName"].as_str().unwrap().to_owned()),
            rules,
            is_whole: true,
            stack: value["Stack"].as_str().map(str::to_owned),
        })
    }

    fn lines(live: &Observed<SecurityGroup>) -> Vec<String> {
        live.known().map(|group| group.rules.iter().map(|rule| rule.element()).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        ["ingress", "egress"]
            .into_iter()
            .flat_map(|way| both("revoke", "authorize", &json!({"group": "sg-1", "direction": way, "rules": []})))
            .collect()
    }
}
