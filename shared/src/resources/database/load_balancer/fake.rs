//! A load balancer. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::database::load_balancer::LoadBalancerRef;
use shared::resources::database::protection::{Made, Protected};
use shared::resources::database::{LoadBalancers, described};

living!(LoadBalancers);

impl Fake for LoadBalancers {
    fn put(state: &mut Protected<LoadBalancerRef>, is_on: bool) {
        state.is_on = is_on;
    }

    /// `DescribeLoadBalancerAttributes`, with the ARN beside it, when it was made (`CreatedTime`) and when it was read.
    fn answer(value: &Value) -> Protected<LoadBalancerRef> {
        let time = |key: &str| value[key].as_str().map(|text| text.parse().unwrap());
        let made = time("CreatedTime").zip(time("Now")).map(|(at, seen)| Made { at, seen });
        let seen = described::load_balancer(value["LoadBalancerArn"].as_str().unwrap(), &value["Attributes"]).unwrap();
        Protected { made, ..seen }
    }

    fn line(state: &Protected<LoadBalancerRef>) -> String {
        format!("deletion protection {}", if state.is_on { "on" } else { "off" })
    }

    fn is_of(state: &Protected<LoadBalancerRef>, key: &LoadBalancerRef) -> bool {
        state.key == *key
    }

    fn subject() -> LoadBalancerRef {
        LoadBalancerRef { arn: "arn:aws:elb:::loadbalancer/app/shop/1".to_owned() }
    }
}
