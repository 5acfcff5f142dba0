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

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<P::Subject>>, ReadError> {
        let Some(request) = P::list(from) else { return Ok(Observed::Known(P::listed(&Answer::default()))) };
        match self.call(P::API, request).await {
            Ok(answer) => Ok(Observed::Known(P::listed(&answer))),
            Err(failure) => failure.of_read(P::LISTS.first().map_or("a list", |list| list.action)),
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
