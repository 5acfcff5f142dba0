//! The calls that read trails.

use super::Trails;
use super::reads::{
    DESCRIBE_TRAILS, Described, GET_EVENT_SELECTORS, GET_INSIGHT_SELECTORS, GET_TRAIL_STATUS, LIST_TAGS, describe,
    describe_all, described, insights, seen, selectors, status, tags, view,
};
use super::state::{Now, Trail, TrailRef, View};
use crate::aws::signed::Signed;
use crate::engine::arn::arn_part;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Request};
use crate::resources::cloudtrail::CLOUDTRAIL;
use futures_util::future::try_join4;

impl Observe<Trails> for Signed {
    /// Whether it is there, then everything about it at once.
    async fn observe(&self, key: &TrailRef, _: ReadDepth) -> Result<Observed<Trail>, ReadError> {
        let found = match self.read(describe(&key.arn), DESCRIBE_TRAILS.action).await? {
            Observed::Known(answer) => match described(&answer) {
                Ok(found) => found.into_iter().find(|found| found.arn == key.arn),
                Err(why) => return Ok(Observed::Unknown { why }),
            },
            Observed::Absent => None,
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let Some(found) = found else { return self.in_its_place(key).await };
        Ok(match self.view(&found).await? {
            Observed::Known(view) => seen(key, Now::Stands(Box::new(view))),
            Observed::Absent => seen(key, Now::Gone),
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<Trails> for Signed {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<Trails>>, ReadError> {
        let all = match self.all().await? {
            Observed::Known(all) => all,
            Observed::Absent => Vec::new(),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let mut found = Vec::new();
        for one in all.into_iter().filter(|one| self.is_here(&one.arn)) {
            let key = TrailRef::new(&one.arn);
            let state = match self.view(&one).await? {
                Observed::Known(view) => seen(&key, Now::Stands(Box::new(view))),
                // It was deleted since the list was made.
                Observed::Absent => continue,
                Observed::Unknown { why } => Observed::Unknown { why },
            };
            found.push((key, state));
        }
        Ok(Observed::Known(Page { found, next: None }))
    }
}

impl Signed {
    async fn read(&self, request: Request, permission: &str) -> Result<Observed<Answer>, ReadError> {
        match self.call(&CLOUDTRAIL, request).await {
            Ok(answer) => Ok(Observed::Known(answer)),
            Err(failure) => failure.of_read(permission),
        }
    }

    /// The trails whose home region this is.
    async fn all(&self) -> Result<Observed<Vec<Described>>, ReadError> {
        Ok(match self.read(describe_all(), DESCRIBE_TRAILS.action).await? {
            Observed::Known(answer) => match described(&answer) {
                Ok(all) => Observed::Known(all),
                Err(why) => Observed::Unknown { why },
            },
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }

    /// Whether the trail's home region is the one that is called.
    fn is_here(&self, arn: &str) -> bool {
        arn_part(arn, 3) == self.region()
    }

    async fn view(&self, found: &Described) -> Result<Observed<View>, ReadError> {
        let arn = &found.arn;
        let of_insights = async {
            match found.has_insights {
                true => self.read(insights(arn), GET_INSIGHT_SELECTORS.action).await,
                false => Ok(Observed::Absent),
            }
        };
        let (status, selectors, insights, tags) = try_join4(
            self.read(status(arn), GET_TRAIL_STATUS.action),
            self.read(selectors(arn), GET_EVENT_SELECTORS.action),
            of_insights,
            self.read(tags(arn), LIST_TAGS.action),
        )
        .await?;
        // None of them is there: it was deleted meanwhile. Without insights, the answer is that there is nothing of the kind.
        for answer in [&status, &selectors, &insights, &tags] {
            if let Observed::Unknown { why } = answer {
                return Ok(Observed::Unknown { why: why.clone() });
            }
        }
        let (Observed::Known(status), Observed::Known(selectors), Observed::Known(tags)) = (&status, &selectors, &tags)
        else {
            return Ok(Observed::Absent);
        };
        Ok(match view(found, status, selectors, insights.known(), tags) {
            Ok(view) => Observed::Known(view),
            Err(why) => Observed::Unknown { why },
        })
    }

    /// Another trail that logs as much as the deleted one did, where that is known.
    async fn in_its_place(&self, key: &TrailRef) -> Result<Observed<Trail>, ReadError> {
        let Observed::Known(before) = &key.before else { return Ok(seen(key, Now::Gone)) };
        let all = match self.all().await? {
            Observed::Known(all) => all,
            Observed::Absent => return Ok(seen(key, Now::Gone)),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let bucket = before.settings.as_ref().map(|settings| settings.bucket.as_str());
        for other in all.iter().filter(|other| Some(other.settings.bucket.as_str()) == bucket) {
            match self.view(other).await? {
                Observed::Known(view) if before.is_made_up_for_by(&view) => {
                    return Ok(seen(key, Now::Replaced { by: other.arn.clone() }));
                }
                Observed::Known(_) | Observed::Absent => {}
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(seen(key, Now::Gone))
    }
}
