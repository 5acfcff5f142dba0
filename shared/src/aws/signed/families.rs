//! The client of every family whose service is called by signed requests.

use super::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Applied, Apply, ApplyError};
use crate::engine::request::Answer;
use crate::engine::signed::{Listed, Listing, SignedAction, SignedFamily};
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all other callers.
const AT_ONCE: usize = 8;

fn first(permissions: &'static [Permission]) -> &'static str {
    permissions.first().map_or("a read", |permission| permission.action)
}

impl<F: SignedFamily + Default> Observe<F> for Signed {
    async fn observe(&self, key: &F::Key, depth: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        match self.call(F::API, F::get(key)).await {
            // What follows a call looks closely; what precedes one does not.
            Ok(answer) => Ok(match depth {
                ReadDepth::Quick => F::got(key, &answer),
                ReadDepth::Full => F::got_after(key, &answer),
            }),
            Err(failure) => Ok(match failure.of_read(first(F::default().reads()))? {
                Observed::Absent => F::missing(key),
                other => other,
            }),
        }
    }
}

impl<A: SignedAction> Apply<A> for Signed {
    async fn apply(&self, action: &A) -> Result<Applied, ApplyError> {
        self.change(A::API, action.request(), action.permission()).await
    }
}

impl<F: SignedFamily + Default> List<F> for Signed {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<F>>, ReadError> {
        let answer = match F::list(from) {
            None => Answer::default(),
            Some(request) => match self.call(F::API, request).await {
                Ok(answer) => answer,
                Err(failure) => return failure.of_read(first(F::default().lists())),
            },
        };
        let Listing { found, next } = F::listed(&answer);
        let read = |(key, shown): Listed<F>| async move {
            let state = match shown {
                Some(state) => state,
                None => Observe::<F>::observe(self, &key, ReadDepth::Quick).await?,
            };
            Ok((key, state))
        };
        let read: Vec<(F::Key, Observed<F::State>)> =
            stream::iter(found).map(read).buffered(AT_ONCE).try_collect().await?;
        // What has no such setting, and what was deleted since the list was made, is not there.
        let found = read.into_iter().filter(|(_, state)| !matches!(state, Observed::Absent)).collect();
        Ok(Observed::Known(Page { found, next }))
    }
}
