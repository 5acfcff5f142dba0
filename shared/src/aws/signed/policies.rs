//! The client of every resource policy whose service is called by signed requests.

use super::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, Apply, ApplyError};
use crate::engine::request::Answer;
use crate::engine::resource_policy::{
    Listed, Policies, PolicyAction, PolicyClient, PolicyState, Read, SignedPolicy, apply, observe, page,
};

impl<P: SignedPolicy> PolicyClient<P> for Signed {
    async fn read(&self, subject: &P::Subject, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.call(P::API, P::get(subject)).await {
            Ok(answer) => Ok(P::got(subject, &answer)),
            Err(failure) if P::NO_POLICY.contains(&failure.code.as_str()) => Ok(Observed::Known(Read::of(None))),
            Err(failure) => failure.of_read(P::READS.first().map_or("a read", |read| read.action)),
        }
    }

    async fn write(
        &self,
        subject: &P::Subject,
        document: Option<&str>,
        revision: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let request = match document {
            Some(document) => P::put(subject, document, revision),
            None => P::delete(subject, revision),
        };
        self.change(P::API, request, permission).await
    }

    async fn restore(
        &self,
        subject: &P::Subject,
        document: &str,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        let answered = self.change(P::API, P::put(subject, document, None), permission).await;
        match (answered, P::create(subject, document)) {
            (Err(ApplyError::NotThere { .. }), Some(create)) => self.change(P::API, create, permission).await,
            (answered, _) => answered,
        }
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<P::Subject>>, ReadError> {
        let Some(request) = P::list(from) else { return Ok(Observed::Known(P::listed(&Answer::default()))) };
        let outer = match self.call(P::API, request).await {
            Ok(answer) => P::listed(&answer),
            Err(failure) => return failure.of_read(P::LISTS.first().map_or("a list", |list| list.action)),
        };
        let mut found = Vec::new();
        for subject in outer.found {
            match inside::<P>(self, subject).await? {
                Observed::Known(inner) => found.extend(inner),
                // It was deleted since.
                Observed::Absent => {}
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(Observed::Known(Listed { found, next: outer.next }))
    }
}

/// What has policies in one thing that was listed: all pages of it.
async fn inside<P: SignedPolicy>(client: &Signed, outer: P::Subject) -> Result<Observed<Vec<P::Subject>>, ReadError> {
    let Some(mut request) = P::inside(&outer, None) else { return Ok(Observed::Known(vec![outer])) };
    let mut found = Vec::new();
    loop {
        let page = match client.call(P::API, request).await {
            Ok(answer) => P::listed_inside(&outer, &answer),
            Err(failure) => return failure.of_read(P::LISTS.last().map_or("a list", |list| list.action)),
        };
        found.extend(page.found);
        match page.next.as_deref().and_then(|next| P::inside(&outer, Some(next))) {
            Some(next) => request = next,
            None => return Ok(Observed::Known(found)),
        }
    }
}

impl<P: SignedPolicy> Observe<Policies<P>> for Signed {
    async fn observe(
        &self,
        subject: &P::Subject,
        depth: ReadDepth,
    ) -> Result<Observed<PolicyState<P::Subject>>, ReadError> {
        observe::<P>(self, subject, depth).await
    }
}

impl<P: SignedPolicy> Apply<PolicyAction<P>> for Signed {
    async fn apply(&self, action: &PolicyAction<P>) -> Result<Applied, ApplyError> {
        apply::<P>(self, action).await
    }
}

impl<P: SignedPolicy> List<Policies<P>> for Signed {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<Policies<P>>>, ReadError> {
        page::<P>(self, from).await
    }
}
