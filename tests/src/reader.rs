//! What stands, as a function's own client reads it: for what has no view of its own.

use crate::Result;
use crate::aws::Clients;
use aws_config::SdkConfig;
use shared::engine::family::{Family, Observe, ReadDepth};
use shared::engine::observed::Observed;
use std::fmt::{self, Debug};
use std::pin::Pin;
use std::sync::Arc;

/// Lines of a state, with its type hidden.
type Lines<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>>> + Send + 'a>>;

/// Reads one resource.
#[derive(Clone, Debug)]
pub struct Reader(Arc<dyn Look>);

trait Look: Debug + Send + Sync {
    fn lines<'a>(&'a self, clients: &'a Clients) -> Lines<'a>;
}

/// A resource, and the client that a function reads it by.
struct Of<F: Family, C> {
    family: F,
    key: F::Key,
    connect: fn(&SdkConfig) -> C,
}

impl<F: Family, C> Debug for Of<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.family.kind(), self.key)
    }
}

impl<F: Family + 'static, C: Observe<F> + Send + 'static> Look for Of<F, C> {
    fn lines<'a>(&'a self, clients: &'a Clients) -> Lines<'a> {
        let client = (self.connect)(&clients.config);
        Box::pin(async move {
            match client.observe(&self.key, ReadDepth::Full).await? {
                Observed::Known(state) => {
                    let mut content = self.family.content(&state);
                    // It counts from the call.
                    content.as_object_mut().and_then(|members| members.remove("deletion_date"));
                    Ok(vec![content.to_string()])
                }
                Observed::Absent => Ok(vec!["none".to_owned()]),
                Observed::Unknown { why } => Err(format!("{self:?} cannot be read: {why}").into()),
            }
        })
    }
}

impl Reader {
    /// Reads what this key names.
    pub fn of<F: Family + 'static, C: Observe<F> + Send + 'static>(
        family: F,
        key: F::Key,
        connect: fn(&SdkConfig) -> C,
    ) -> Self {
        Self(Arc::new(Of { family, key, connect }))
    }

    /// What stands.
    ///
    /// # Errors
    /// AWS's, or that it cannot be read.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        self.0.lines(clients).await
    }
}
