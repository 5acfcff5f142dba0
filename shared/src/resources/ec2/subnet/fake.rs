//! A subnet, or those of a VPC. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::subnet::SubnetFamily;
use shared::resources::ec2::subnet::state::{Assigned, Attribute, Question, Subnet, SubnetAction, SubnetRef, Subnets};

impl Living for SubnetFamily {
    fn change(live: &mut Observed<Subnets>, action: &SubnetAction) -> Result<(), ApplyError> {
        let Observed::Known(all) = live else { return Err(not_there("InvalidSubnetID.NotFound")) };
        let named = all.subnets.iter_mut().find(|subnet| subnet.id == action.subnet);
        let subnet = named.unwrap_or_else(|| panic!("a call about another subnet"));
        for assigned in subnet.assigns.iter_mut().filter(|assigned| assigned.attribute == action.attribute) {
            assigned.is_on = action.value;
        }
        Ok(())
    }

    fn read(live: &Observed<Subnets>, key: &SubnetRef) -> Observed<Subnets> {
        if let (Observed::Known(all), SubnetRef::Id(id)) = (live, key) {
            assert!(all.subnets.iter().all(|subnet| subnet.id == *id), "a look at another subnet");
        }
        live.clone()
    }

    /// `Subnets` as `DescribeSubnets` writes it.
    fn live(value: &Value) -> Observed<Subnets> {
        let subnet = |subnet: &Value| Subnet {
            id: subnet["SubnetId"].as_str().unwrap().to_owned(),
            owner: subnet["OwnerId"].as_str().map(str::to_owned),
            is_default: Observed::Known(subnet["DefaultForAz"] == true),
            is_ipv6_only: Observed::Known(subnet["Ipv6Native"] == true),
            assigns: Attribute::ALL
                .into_iter()
                .zip(["MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation"])
                .map(|(attribute, key)| Assigned { attribute, is_on: subnet[key] == true, in_question: true })
                .collect(),
            question: Question::Standing,
            stack: None,
        };
        Observed::Known(Subnets { subnets: value["Subnets"].as_array().unwrap().iter().map(subnet).collect() })
    }

    fn lines(live: &Observed<Subnets>) -> Vec<String> {
        let on = |subnet: &Subnet| {
            let on = subnet.assigns.iter().filter(|assigned| assigned.is_on);
            on.map(|assigned| subnet.element(assigned.attribute)).collect::<Vec<_>>()
        };
        live.known().map(|all| all.subnets.iter().flat_map(on).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        [false, true].map(|value| json!({"subnet": "subnet-1", "attribute": "public-ipv4", "value": value})).into()
    }
}
