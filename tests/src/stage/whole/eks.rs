//! EKS clusters, and whom they let administer.

use super::set;
use crate::Result;
use crate::reader::Reader;
use crate::stage::{Script, Stage, called};
use crate::view::View;
use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::family::{Family, Observe};
use shared::engine::request::Request;
use shared::resources::eks::{ClusterAdmins, ClusterEndpoints, ControlPlaneLogs, EKS};

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    if script.call.source != "eks.amazonaws.com" {
        return None;
    }
    let is_of_logs = script.call.request.at(&["logging"]).is_some();
    Some(match script.call.name.as_str() {
        "AssociateAccessPolicy" => {
            super::written(script, ClusterAdmins, Signed::new, set, "played by a cluster of the same name".to_owned())
                .await
        }
        _ if is_of_logs => cluster(script, ControlPlaneLogs::default()).await,
        _ => cluster(script, ClusterEndpoints::default()).await,
    })
}

/// A cluster whose part is as it was kept, closed where nothing was; then as the event's call asks.
async fn cluster<F>(script: &Script<'_>, family: F) -> Result<Stage>
where
    F: Family + Copy + 'static,
    Signed: Observe<F>,
{
    let target = script.target(family)?;
    let name = script.request("name").ok_or("the event names no cluster")?;
    let (kept, live) = (&script.kept["now"], &script.live["cluster"]);
    let is_new = script.call.name == "CreateCluster";
    let of_endpoint = || {
        json!({"endpointPublicAccess": kept["public"] == true, "endpointPrivateAccess": true,
        "publicAccessCidrs": kept["cidrs"].as_array().cloned().unwrap_or_default()})
    };
    let endpoint = if is_new { live["resourcesVpcConfig"].clone() } else { of_endpoint() };
    let on = kept.as_array().cloned().unwrap_or_default();
    let body = json!({"name": name, "roleArn": "arn:aws:iam::123456789012:role/eks", "resourcesVpcConfig": endpoint,
        "logging": {"clusterLogging": [{"types": on, "enabled": true}]}});
    let create = Request { body, ..Request::rest("CreateCluster", "POST", &["clusters"]) };
    let note = format!("played by cluster {name}, made for it");
    let reader = Reader::of(family, target.key, Signed::new);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(reader));
    let client = Signed::new(&script.clients.config);
    let call = if is_new {
        create
    } else {
        called(script, &EKS, create).await?;
        let mut body: Value = script.event["detail"]["requestParameters"].clone();
        body.as_object_mut().and_then(|members| members.remove("name"));
        let path = ["clusters", name.as_str(), "update-config"];
        Request { body, ..Request::rest("UpdateClusterConfig", "POST", &path) }
    };
    let stage = if script.kept.is_null() { stage } else { stage.remembered(family.kind()) };
    Ok(stage.then(
        async move { client.call(&EKS, call).await.map(|_| ()).map_err(|failure| format!("{failure:?}").into()) },
    ))
}
