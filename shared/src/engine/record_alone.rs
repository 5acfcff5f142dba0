//! The world of families that only records show: a sign-in, a call by root. Nothing can be read afterwards, nothing is
//! changed, and a sweep finds nothing.

use crate::engine::family::{Family, List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, Apply, ApplyError, NoAction};

/// No client: the record has said all there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct RecordAlone;

impl RecordAlone {
    /// Takes the configuration that clients are made of, and needs none of it.
    #[must_use]
    pub fn new<C>(_: &C) -> Self {
        Self
    }
}

impl<F: Family<Action = NoAction>> Observe<F> for RecordAlone {
    async fn observe(&self, _: &F::Key, _: ReadDepth) -> Result<Observed<F::State>, ReadError> {
        Ok(Observed::Unknown { why: "only its record shows it: nothing can be read afterwards".to_owned() })
    }
}

impl Apply<NoAction> for RecordAlone {
    async fn apply(&self, action: &NoAction) -> Result<Applied, ApplyError> {
        match *action {}
    }
}

impl<F: Family<Action = NoAction>> List<F> for RecordAlone {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<F>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
