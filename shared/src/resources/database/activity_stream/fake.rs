//! The activity stream of a database. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::ActivityStreams;
use shared::resources::database::activity_stream::state::{ActivityStream, Setup, Status, StreamAction, StreamRef};

impl Living for ActivityStreams {
    /// RDS starts nothing that is being stopped.
    fn change(live: &mut Observed<ActivityStream>, action: &StreamAction) -> Result<(), ApplyError> {
        let Observed::Known(stream) = live else { return Err(not_there("DBClusterNotFoundFault")) };
        assert_eq!(action.arn(), stream.arn, "a call about another database");
        match action {
            StreamAction::Start { .. } if stream.status != Observed::Known(Status::Stopped) => {
                let message = "the stream is not stopped".to_owned();
                return Err(ApplyError::NotYet { code: "InvalidDBClusterStateFault".to_owned(), message });
            }
            StreamAction::Start { setup, .. } => {
                (stream.status, stream.setup) = (Observed::Known(Status::Starting), Some(setup.clone()));
            }
            StreamAction::Stop(_) => (stream.status, stream.setup) = (Observed::Known(Status::Stopped), None),
        }
        Ok(())
    }

    fn read(live: &Observed<ActivityStream>, key: &StreamRef) -> Observed<ActivityStream> {
        match live {
            Observed::Known(stream) if stream.arn != key.arn => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `DBClusters`.
    fn live(value: &Value) -> Observed<ActivityStream> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let key = StreamRef::new(text("DBClusterArn").unwrap());
        let status = Status::read(&text("ActivityStreamStatus").unwrap()).unwrap();
        let shown = text("ActivityStreamMode").zip(text("ActivityStreamKmsKeyId"));
        let setup = shown.map(|(mode, key)| Setup { mode, key, has_native: false });
        Observed::Known(ActivityStream { setup, ..ActivityStream::of(&key, Observed::Known(status)) })
    }

    fn lines(live: &Observed<ActivityStream>) -> Vec<String> {
        let line = |stream: &ActivityStream| match &stream.setup {
            Some(setup) => format!("{} {:?} in mode {}", stream.name(), stream.status.known().unwrap(), setup.mode),
            None => format!("{} {:?}", stream.name(), stream.status.known().unwrap()),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let start =
            |mode: &str| json!({"start": {"arn": "a", "setup": {"mode": mode, "key": "k", "has_native": false}}});
        vec![start("sync"), start("async"), json!({"stop": "a"})]
    }
}
