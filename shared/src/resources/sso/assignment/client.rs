//! The calls that read assignments.

use super::AccountAssignments;
use super::reads::{self, INLINE, LIST, MANAGED, REFERENCES};
use super::state::{Assigned, Assignment};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::sso::SSO;
use futures_util::future::try_join4;

impl Observe<AccountAssignments> for Signed {
    /// Whether it is there, and what its permission set has, at once.
    async fn observe(&self, of: &Assigned, _: ReadDepth) -> Result<Observed<Assignment>, ReadError> {
        let (assigned, managed, inline, references) = try_join4(
            self.pages(&SSO, |from| reads::assignments(of, from), LIST.action),
            self.pages(&SSO, |from| reads::managed(of, from), MANAGED.action),
            self.pages(&SSO, |_| reads::inline(of), INLINE.action),
            self.pages(&SSO, |from| reads::references(of, from), REFERENCES.action),
        )
        .await?;
        for answer in [&assigned, &managed, &inline, &references] {
            if let Observed::Unknown { why } = answer {
                return Ok(Observed::Unknown { why: why.clone() });
            }
        }
        let (Observed::Known(assigned), Observed::Known(managed), Observed::Known(inline), Observed::Known(references)) =
            (assigned, managed, inline, references)
        else {
            return Ok(Observed::Absent);
        };
        match reads::is_assigned(of, &assigned) {
            Some(true) => {}
            Some(false) => return Ok(Observed::Absent),
            None => {
                let why = "the answer does not show who is assigned the permission set".to_owned();
                return Ok(Observed::Unknown { why });
            }
        }
        let inline = inline.into_iter().next().unwrap_or_default();
        Ok(match reads::policies(&managed, &inline, &references) {
            Observed::Known(policies) => Observed::Known(Assignment { of: of.clone(), policies }),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<AccountAssignments> for Signed {
    /// Only the record of such a call is one: nothing is listed.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<AccountAssignments>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
