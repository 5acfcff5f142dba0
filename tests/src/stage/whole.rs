//! What is read and written by a function's own client: settings, and documents that are written whole.

mod audit_trail;
mod buckets;
mod calls;
mod detection;
mod eks;
mod keys;
mod organization;
mod tables;

use super::{Script, Stage, done};
use crate::Result;
use crate::reader::Reader;
use crate::view::View;
use aws_config::SdkConfig;
use shared::aws::service::clients::Signed;
use shared::engine::family::{Family, Observe};
use shared::engine::plan::{Action, Apply};
use shared::engine::setting::{Set, Setting};

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    match script.call.source.as_str() {
        "s3.amazonaws.com" => Some(buckets::stage(script).await),
        "kms.amazonaws.com" => Some(keys::stage(script).await),
        "dynamodb.amazonaws.com" if script.call.name == "UpdateContinuousBackups" => Some(tables::stage(script).await),
        _ => {
            macro_rules! first {
                ($($of:ident),+) => {
                    $(if let Some(staged) = $of::stage(script).await {
                        return Some(staged);
                    })+
                };
            }
            first!(audit_trail, detection, eks, organization, calls);
            None
        }
    }
}

/// What a family has of one: the calls that write a state.
pub(super) type Writes<F> = fn(&F, &<F as Family>::State) -> Option<<F as Family>::Action>;

/// The call of a family that writes a state whole.
pub(super) fn rewritten<F: Family>(family: &F, state: &F::State) -> Option<F::Action> {
    family.rewrites(state)
}

/// The call of a setting.
fn set<S: Setting>(_: &S, state: &S::State) -> Option<Set<S>> {
    let shown = S::shown(state);
    Set::to(shown.subject.clone(), *shown.value.known()?)
}

/// What a fixture says that was kept is written first, and seen by the function as the sweep of the night before would have; then
/// what the record shows that the event's call has written.
pub(super) async fn written<F, C>(
    script: &Script<'_>,
    family: F,
    connect: fn(&SdkConfig) -> C,
    writes: Writes<F>,
    note: String,
) -> Result<Stage>
where
    F: Family + Copy + 'static,
    C: Observe<F> + Apply<F::Action> + Send + Sync + 'static,
{
    let target = script.target(family)?;
    let client = connect(&script.clients.config);
    let kept: Option<F::State> = match &script.kept {
        serde_json::Value::Null => None,
        kept => Some(serde_json::from_value(kept.clone())?),
    };
    if let Some(action) = kept.as_ref().and_then(|kept| writes(&family, kept)) {
        done(&client, &action).await?;
    }
    let state = target.proven.or_else(|| family.claimed(&script.call, &target.key));
    let action = state.as_ref().and_then(|state| writes(&family, state));
    let action = action.ok_or("the record does not show what was written")?;
    let view = View::Read(Reader::of(family, target.key, connect));
    let stage = Stage::new(script.event.clone(), note).seen(view);
    let stage = if kept.is_some() { stage.remembered(family.kind()) } else { stage };
    Ok(stage.then(async move { done(&client, &action).await }))
}

/// What it read before and what a call then changes.
pub(super) fn changed<F, A>(script: &Script<'_>, family: F, action: A, note: String) -> Result<Stage>
where
    F: Family<Action = A> + Copy + 'static,
    A: Action + 'static,
    Signed: Observe<F> + Apply<A>,
{
    let key = family.locate(&script.call)?.into_iter().next().ok_or("it is about nothing of this family")?.key;
    let client = Signed::new(&script.clients.config);
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(Reader::of(family, key, Signed::new)));
    Ok(stage.then(async move { done(&client, &action).await }))
}
