//! Elastic Load Balancing, version 2: deletion protection of application, network and gateway load balancers.

use super::{ATTRIBUTE, DESCRIBE_LOAD_BALANCER_ATTRIBUTES, DESCRIBE_LOAD_BALANCERS, LoadBalancerRef, LoadBalancers};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::database::protection::{Made, Protected};
use aws_config::SdkConfig;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::operation::RequestId;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;
use futures_util::future::join;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all of its other callers.
pub(in crate::resources::database) const AT_ONCE: usize = 8;

/// The API of one account and region.
#[derive(Clone, Debug)]
pub struct Elb {
    pub(in crate::resources::database) client: Client,
}

impl Elb {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

impl Elb {
    /// When the load balancer was made. One that does not show it counts as old.
    async fn made(&self, key: &LoadBalancerRef) -> Result<Option<Made>, ReadError> {
        let answer = match self.client.describe_load_balancers().load_balancer_arns(&key.arn).send().await {
            Ok(answer) => answer,
            Err(error) => {
                let none: Observed<()> = failure(&error).of_read(DESCRIBE_LOAD_BALANCERS.action)?;
                return Ok(none.known().and(None));
            }
        };
        let created = answer.load_balancers().first().and_then(|found| found.created_time());
        let at = created.and_then(|at| Timestamp::from_second(at.secs()).ok());
        Ok(at.map(|at| Made { at, seen: Timestamp::now() }))
    }
}

impl Observe<LoadBalancers> for Elb {
    async fn observe(
        &self,
        key: &LoadBalancerRef,
        _: ReadDepth,
    ) -> Result<Observed<Protected<LoadBalancerRef>>, ReadError> {
        let attributes = self.client.describe_load_balancer_attributes().load_balancer_arn(&key.arn).send();
        let (attributes, made) = join(attributes, self.made(key)).await;
        match attributes {
            Ok(answer) => Ok(match protected(key, &answer.attributes.unwrap_or_default()) {
                Observed::Known(protected) => Observed::Known(Protected { made: made?, ..protected }),
                other => other,
            }),
            Err(error) => failure(&error).of_read(DESCRIBE_LOAD_BALANCER_ATTRIBUTES.action),
        }
    }
}

fn protected(key: &LoadBalancerRef, attributes: &[LoadBalancerAttribute]) -> Observed<Protected<LoadBalancerRef>> {
    let is_switch = |attribute: &&LoadBalancerAttribute| attribute.key() == Some(ATTRIBUTE);
    let is_on = match attributes.iter().find(is_switch).and_then(LoadBalancerAttribute::value) {
        Some("true") => true,
        Some("false") => false,
        Some(_) | None => {
            let why = format!("the response about `{}` does not show whether it is protected", key.arn);
            return Observed::Unknown { why };
        }
    };
    Observed::Known(Protected::switched(key.clone(), is_on))
}

impl Apply<Set<LoadBalancers>> for Elb {
    /// Only the attributes that a call names are changed.
    async fn apply(&self, action: &Set<LoadBalancers>) -> Result<Applied, ApplyError> {
        let switch = LoadBalancerAttribute::builder().key(ATTRIBUTE).value(action.value().to_string());
        let call = self.client.modify_load_balancer_attributes().load_balancer_arn(&action.subject().arn);
        match call.attributes(switch.build()).send().await {
            Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl List<LoadBalancers> for Elb {
    /// The listing does not show attributes: one read each.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<LoadBalancers>>, ReadError> {
        let answer = match self.client.describe_load_balancers().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_LOAD_BALANCERS.action),
        };
        let listed = answer.load_balancers.unwrap_or_default();
        let arns: Vec<_> = listed.into_iter().filter_map(|listed| listed.load_balancer_arn).collect();
        let read = |arn: String| async move {
            let key = LoadBalancerRef { arn };
            let seen = Observe::<LoadBalancers>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let found = stream::iter(arns).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: answer.next_marker }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_is_not_there_is_unknown() {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188";
        let key = LoadBalancerRef { arn: arn.to_owned() };
        let attribute = |name: &str, value: &str| LoadBalancerAttribute::builder().key(name).value(value).build();
        let other = attribute("idle_timeout.timeout_seconds", "60");
        let seen = protected(&key, &[other.clone(), attribute(ATTRIBUTE, "false")]);
        assert!(seen.known().is_some_and(|seen| !seen.is_on));
        assert!(matches!(protected(&key, &[other]), Observed::Unknown { .. }));
        assert!(matches!(protected(&key, &[attribute(ATTRIBUTE, "")]), Observed::Unknown { .. }));
    }
}
