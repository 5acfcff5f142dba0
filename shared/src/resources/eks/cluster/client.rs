//! The calls that read clusters.

use super::{ClusterPart, ClusterRef, Clusters, DESCRIBE, LIST, get, got, list, texts};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::eks::EKS;
use crate::resources::s3::document::Held;

impl<P: ClusterPart> Observe<Clusters<P>> for Signed {
    async fn observe(
        &self,
        key: &ClusterRef<P::Value>,
        depth: ReadDepth,
    ) -> Result<Observed<Held<P::Value>>, ReadError> {
        match self.call(&EKS, get(&key.of.name)).await {
            // What follows a call looks closely; what precedes one does not.
            Ok(answer) => Ok(got::<P>(key, &answer, depth == ReadDepth::Full)),
            Err(failure) => failure.of_read(DESCRIBE.action),
        }
    }
}

impl<P: ClusterPart> List<Clusters<P>> for Signed {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<Clusters<P>>>, ReadError> {
        let answer = match self.call(&EKS, list(from)).await {
            Ok(answer) => answer,
            Err(failure) => return failure.of_read(LIST.action),
        };
        let Some(names) = answer.body.get("clusters").and_then(texts) else {
            return Ok(Observed::Unknown { why: "the answer does not show the clusters".to_owned() });
        };
        let mut found = Vec::new();
        for name in names {
            let key = ClusterRef::new(&name);
            match Observe::<Clusters<P>>::observe(self, &key, ReadDepth::Full).await? {
                // It was deleted since the list was made.
                Observed::Absent => {}
                seen => found.push((key, seen)),
            }
        }
        Ok(Observed::Known(Page { found, next: answer.text("nextToken").map(str::to_owned) }))
    }
}
