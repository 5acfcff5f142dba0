//! Listings of several pages.

use super::Signed;
use crate::engine::family::ReadError;
use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Api, Request};

impl Signed {
    /// All pages of a listing whose answers name the next one in `NextToken`. `Absent` and `Unknown` as of any read.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    pub(crate) async fn pages(
        &self,
        api: &'static Api,
        request: impl Fn(Option<&str>) -> Request + Send + Sync,
        permission: &str,
    ) -> Result<Observed<Vec<Answer>>, ReadError> {
        let mut pages: Vec<Answer> = Vec::new();
        loop {
            let from = pages.last().and_then(|page| page.text("NextToken"));
            match self.call(api, request(from)).await {
                Ok(answer) => {
                    let is_last = answer.text("NextToken").is_none();
                    pages.push(answer);
                    if is_last {
                        return Ok(Observed::Known(pages));
                    }
                }
                Err(failure) => return failure.of_read(permission),
            }
        }
    }
}
