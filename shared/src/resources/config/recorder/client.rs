//! The calls that read the recorder and its channel.

use super::ConfigRecorders;
use super::reads::{DESCRIBE, DESCRIBE_CHANNELS, DESCRIBE_STATUS, parts, requests};
use super::state::{Recorder, RecorderRef};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Request};
use crate::resources::config::CONFIG;
use futures_util::future::try_join3;

impl Observe<ConfigRecorders> for Signed {
    async fn observe(&self, key: &RecorderRef, _: ReadDepth) -> Result<Observed<Recorder>, ReadError> {
        let [recorders, status, channels] = requests();
        let (recorders, status, channels) = try_join3(
            shown(self, recorders, DESCRIBE.action),
            shown(self, status, DESCRIBE_STATUS.action),
            shown(self, channels, DESCRIBE_CHANNELS.action),
        )
        .await?;
        Ok(match (recorders, status, channels) {
            (Ok(recorders), Ok(status), Ok(channels)) => match parts(&recorders, &status, &channels) {
                Ok(now) => Observed::Known(Recorder::of(key, now)),
                Err(why) => Observed::Unknown { why },
            },
            (Err(why), _, _) | (_, Err(why), _) | (_, _, Err(why)) => Observed::Unknown { why },
        })
    }
}

impl List<ConfigRecorders> for Signed {
    /// There is one in each region; one that is gone is judged as well.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<ConfigRecorders>>, ReadError> {
        let key = RecorderRef::default();
        let state = Observe::<ConfigRecorders>::observe(self, &key, ReadDepth::Quick).await?;
        Ok(Observed::Known(Page { found: vec![(key, state)], next: None }))
    }
}

/// An answer, or why it is not known.
async fn shown(
    client: &Signed,
    request: Request,
    permission: &'static str,
) -> Result<Result<Answer, String>, ReadError> {
    match client.call(&CONFIG, request).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(failure) => Ok(match failure.of_read::<Answer>(permission)? {
            Observed::Known(answer) => Ok(answer),
            Observed::Absent => Err(format!("`{permission}` was answered as if what it lists were not there")),
            Observed::Unknown { why } => Err(why),
        }),
    }
}
