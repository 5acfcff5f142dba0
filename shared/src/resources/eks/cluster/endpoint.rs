//! Who reaches the endpoint of a cluster's API.

use super::endpoint_open::ClusterEndpointOpen;
use super::{ClusterPart, SOURCE, UPDATE, cluster, line, resource, texts};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::guardrail::{Guardrail, SettingsVisitor, show};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::document::{Document, Held, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// What EKS allows where no networks are named.
pub(crate) const EVERYONE: &str = "0.0.0.0/0";

/// Who reaches it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// `endpointPublicAccess`
    pub public: bool,
    /// `endpointPrivateAccess`
    pub private: bool,
    /// `publicAccessCidrs`, which count where it is public.
    pub cidrs: Vec<String>,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let private = if self.private { "private" } else { "not private" };
        match self.public {
            true => write!(f, "public to {}, {private}", self.cidrs.join(", ")),
            false => write!(f, "not public, {private}"),
        }
    }
}

impl Endpoint {
    /// A whole `resourcesVpcConfig`.
    fn read(config: &Value) -> Option<Self> {
        let flag = |name: &str| config.get(name)?.as_bool();
        let public = flag("endpointPublicAccess")?;
        let cidrs = match config.get("publicAccessCidrs") {
            Some(list) => texts(list)?,
            None if public => return None,
            None => Vec::new(),
        };
        Some(Self { public, private: flag("endpointPrivateAccess")?, cidrs: everyone_if_empty(cidrs) })
    }

    fn written(&self) -> Value {
        let (public, private) = (self.public, self.private);
        match public {
            true => {
                json!({"endpointPublicAccess": true, "endpointPrivateAccess": private, "publicAccessCidrs": self.cidrs})
            }
            false => json!({"endpointPublicAccess": false, "endpointPrivateAccess": private}),
        }
    }
}

fn everyone_if_empty(mut cidrs: Vec<String>) -> Vec<String> {
    if cidrs.is_empty() {
        cidrs.push(EVERYONE.to_owned());
    }
    cidrs.sort_unstable();
    cidrs
}

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached;

impl Document for Reached {
    type Value = Endpoint;

    const SOURCE: &'static str = SOURCE;
    const TRIGGERS: &'static [&'static str] = &["CreateCluster", "UpdateClusterConfig"];

    const PLANNED: &'static [PlannedForm<Held<Endpoint>>] =
        &[PlannedForm::one("AWS::EKS::Cluster", planned), PlannedForm::one("aws_eks_cluster", planned)];

    /// The response of a creation shows all of it; the request of an update what it changes, which may be all.
    fn set_by(event: &Event) -> Option<Endpoint> {
        let shown = event.response.at(&["cluster", "resourcesVpcConfig"]).and_then(Endpoint::read);
        shown.or_else(|| Endpoint::read(&Self::asked(event)?))
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        cluster(event)
    }

    fn named(name: &str, place: &Place) -> Resource {
        resource(name, place)
    }

    fn is_strictest(_: &Endpoint) -> bool {
        false
    }

    fn permission(_: &Endpoint) -> Permission {
        UPDATE
    }

    fn says(name: &str, endpoint: &Endpoint) -> String {
        format!("set the endpoint of cluster {name}: {endpoint}")
    }

    fn line(name: &str, endpoint: &Endpoint) -> String {
        line(name, "resources-vpc-config", &endpoint.written())
    }
}

/// An endpoint is public, to everyone, unless it is said not to be ("VpcConfigRequest", Amazon EKS API reference). Networks count where it is public.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Held<Endpoint>>, Unreadable> {
    let within = |name: &str, terraform: &str| {
        format!("{}.{}", it.called("ResourcesVpcConfig", "vpc_config"), it.called(name, terraform))
    };
    let public = it.flag(&within("EndpointPublicAccess", "endpoint_public_access"))?.unwrap_or(true);
    let private = it.flag(&within("EndpointPrivateAccess", "endpoint_private_access"))?.unwrap_or_default();
    let cidrs = if public { it.texts(&within("PublicAccessCidrs", "public_access_cidrs"))? } else { Vec::new() };
    let endpoint = Endpoint { public, private, cidrs: everyone_if_empty(cidrs) };
    Ok(Some(Held::planned(it.named(&["Name", "name"]), endpoint)))
}

impl ClusterPart for Reached {
    const KIND: &'static str = "eks-cluster-endpoint";
    const GUARDRAILS: &'static [&'static dyn Guardrail<Held<Endpoint>, Write<Self>>] = &[&ClusterEndpointOpen];

    fn show_settings(visitor: &mut impl SettingsVisitor) {
        show(&ClusterEndpointOpen, visitor);
    }

    /// An update of subnets and security groups leaves the endpoint alone.
    fn asked(event: &Event) -> Option<Value> {
        let config = event.request.at(&["resourcesVpcConfig"])?;
        let names = ["endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"];
        let is_about = event.name == "CreateCluster" || names.iter().any(|name| config.get(*name).is_some());
        is_about.then(|| config.clone())
    }

    fn described(cluster: &Value) -> Option<Endpoint> {
        Endpoint::read(cluster.get("resourcesVpcConfig")?)
    }

    fn with(described: &Endpoint, asked: &Value) -> Endpoint {
        let flag = |name: &str, was: bool| asked.get(name).and_then(Value::as_bool).unwrap_or(was);
        let cidrs = asked.get("publicAccessCidrs").and_then(texts).unwrap_or_else(|| described.cidrs.clone());
        Endpoint {
            public: flag("endpointPublicAccess", described.public),
            private: flag("endpointPrivateAccess", described.private),
            cidrs: everyone_if_empty(cidrs),
        }
    }

    fn update(write: &Write<Self>) -> Value {
        json!({ "resourcesVpcConfig": write.value.written() })
    }

    fn values() -> Vec<Endpoint> {
        let office = vec!["203.0.113.0/24".to_owned()];
        vec![
            Endpoint { public: true, private: true, cidrs: office },
            Endpoint { public: false, private: true, cidrs: vec![EVERYONE.to_owned()] },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_update_does_not_name_stays() {
        let was = Endpoint { public: false, private: true, cidrs: vec!["203.0.113.0/24".to_owned()] };
        let opened = Reached::with(&was, &json!({"endpointPublicAccess": true}));
        assert_eq!(opened, Endpoint { public: true, ..was.clone() });
        let everyone = Reached::with(&opened, &json!({"publicAccessCidrs": []}));
        assert_eq!(everyone.cidrs, [EVERYONE], "EKS allows everyone where none is named");
        assert_eq!(Endpoint::read(&json!({"endpointPublicAccess": true, "endpointPrivateAccess": true})), None);
        assert_eq!(was.written(), json!({"endpointPublicAccess": false, "endpointPrivateAccess": true}));
    }
}
