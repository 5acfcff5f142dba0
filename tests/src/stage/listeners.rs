//! Listeners of load balancers.

use super::{Script, Stage, done};
use crate::reader::Reader;
use crate::view::View;
use crate::{Result, databases};
use shared::resources::database::Listeners;
use shared::resources::database::listener::state::{Listener, ListenerAction};
use shared::resources::database::load_balancer::client::Elb;

/// A listener of a new load balancer, as a fixture says that it stands, or as the record shows it. Its ARN is known once it is made: it is there before the event, and answers
/// every request by itself until then.
pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(Listeners)?;
    let live = script.live.is_object().then(|| Listener::described(&target.key, &script.live)).flatten();
    let shown = live.or(target.proven).ok_or("nothing says what the listener is like")?;
    let balancer = databases::load_balancer_for(script.clients, shown.load_balancer(), &shown.protocol).await?;
    if script.live["Others"] == "HTTPS" {
        databases::listener(script.clients, &balancer, "HTTPS", 443).await?;
    }
    let own = databases::listener(script.clients, &balancer, &shown.protocol, shown.port).await?;
    let stage = script.played(&target.key, &own)?;
    let reader = Reader::of(Listeners, own.clone(), Elb::new);
    let world = Elb::new(&script.clients.config);
    Ok(stage.seen(View::Read(reader)).then(async move {
        if let Some(policy) = shown.policy {
            done(&world, &ListenerAction::Secure { listener: own.clone(), policy }).await?;
        }
        done(&world, &ListenerAction::Route { listener: own, actions: shown.actions }).await
    }))
}
