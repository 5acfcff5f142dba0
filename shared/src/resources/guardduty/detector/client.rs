//! The calls that read and change the detector.

use super::Detectors;
use super::reads::{GET, LIST, get, ids, list};
use super::state::{Detector, DetectorAction, DetectorRef, Now, Plans};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::request::{Answer, Request};
use crate::resources::guardduty::GUARDDUTY;

impl Observe<Detectors> for Signed {
    /// Which one there is, then what it watches: the id that a record names may be that of one that was replaced.
    async fn observe(&self, key: &DetectorRef, _: ReadDepth) -> Result<Observed<Detector>, ReadError> {
        let (found, next) = match read(self, list(None), LIST.action).await? {
            Ok(answer) => match ids(&answer) {
                Ok(found) => found,
                Err(why) => return Ok(Observed::Unknown { why }),
            },
            Err(why) => return Ok(Observed::Unknown { why }),
        };
        let id = found.iter().find(|id| **id == key.id).or(found.first());
        let Some(id) = id else {
            return Ok(match next {
                None => Observed::Known(Detector::of(key, Now::Gone)),
                Some(_) => Observed::Unknown { why: "the first page of detectors is empty".to_owned() },
            });
        };
        Ok(match read(self, get(id), GET.action).await?.and_then(|answer| Plans::shown(&answer)) {
            Ok(plans) => Observed::Known(Detector::of(key, Now::Stands { id: id.clone(), plans, is_whole: true })),
            Err(why) => Observed::Unknown { why },
        })
    }
}

impl List<Detectors> for Signed {
    /// There is one in each region; one that is gone is judged as well.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<Detectors>>, ReadError> {
        let key = DetectorRef::default();
        let state = Observe::<Detectors>::observe(self, &key, ReadDepth::Quick).await?;
        Ok(Observed::Known(Page { found: vec![(key, state)], next: None }))
    }
}

impl Apply<DetectorAction> for Signed {
    async fn apply(&self, action: &DetectorAction) -> Result<Applied, ApplyError> {
        let id = match action {
            DetectorAction::Delete => {
                let answer =
                    self.call(&GUARDDUTY, list(None)).await.map_err(|failure| failure.of_action(LIST.action))?;
                let refused = |message| ApplyError::Refused { code: "Unread".to_owned(), message };
                let (found, _) = ids(&answer).map_err(refused)?;
                let gone = || ApplyError::NotThere { code: "NoDetector".to_owned() };
                found.into_iter().next().ok_or_else(gone)?
            }
            DetectorAction::Create(_) | DetectorAction::Update { .. } => String::new(),
        };
        self.change(&GUARDDUTY, action.request(&id), action.permission()).await
    }
}

/// An answer, or why it is not known.
async fn read(
    client: &Signed,
    request: Request,
    permission: &'static str,
) -> Result<Result<Answer, String>, ReadError> {
    match client.call(&GUARDDUTY, request).await {
        Ok(answer) => Ok(Ok(answer)),
        Err(failure) => Ok(match failure.of_read::<Answer>(permission)? {
            Observed::Known(answer) => Ok(answer),
            Observed::Absent => Err(format!("`{permission}` was answered as if what it reads were not there")),
            Observed::Unknown { why } => Err(why),
        }),
    }
}
