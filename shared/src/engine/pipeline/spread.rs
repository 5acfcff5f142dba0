//! What an event is about beside what its record names: read first, then handled like the rest.

use super::pipe::Pipe;
use super::{Handled, Retry};
use crate::engine::erased::AnyTarget;
use crate::engine::observed::Observed;
use crate::engine::span::Span;

impl Pipe<'_> {
    /// The resources that the record names, and those that only a read can name. What could not be read is said.
    pub(super) async fn spread(&self, named: Vec<AnyTarget>) -> (Vec<AnyTarget>, Handled) {
        let mut handled = Handled::default();
        let spans = match self.family.spans(self.event) {
            Ok(spans) => spans,
            Err(unlocatable) => {
                handled.findings = self.unlocatable(&unlocatable.to_string());
                return (named, handled);
            }
        };
        let mut targets = named;
        targets.extend(self.missed().await);
        for span in spans {
            match self.context.world.spread(&span).await {
                Ok(Observed::Known(found)) if found.is_empty() && matches!(span, Span::Unshown { .. }) => {
                    let why = format!("{} was read, and nothing of it is too large for a record", span.sentence());
                    handled.findings.extend(self.about_span(&span, &why));
                }
                Ok(Observed::Known(found)) => {
                    // What is in question already stays so.
                    let known: Vec<_> = targets.iter().map(|target| self.id(target)).collect();
                    targets.extend(found.into_iter().filter(|target| !known.contains(&self.id(target))));
                }
                Ok(Observed::Absent) => {}
                Ok(Observed::Unknown { why }) => handled.findings.extend(self.about_span(&span, &why)),
                Err(error) => handled.retry = handled.retry.or(Some(Retry(error.why))),
            }
        }
        (targets, handled)
    }

    fn id(&self, target: &AnyTarget) -> String {
        self.family.resource(&target.key, None, &self.place).id
    }
}
