//! The seam to a service: reading, writing and listing, from which the three seams of the engine follow.

use super::{Policies, PolicyAction, PolicyState, ResourcePolicy};
use crate::engine::family::{Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, ApplyError};
use crate::engine::request::Answer;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::future::{Future, ready};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all other callers.
const AT_ONCE: usize = 8;

/// What a read shows of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// The document, not URL-encoded. Absent where the resource has none.
    pub document: Observed<String>,
    /// See [`PolicyState::shield`].
    pub shield: Observed<String>,
    /// See [`PolicyState::setting`].
    pub setting: Option<String>,
    /// See [`PolicyState::revision`].
    pub revision: Option<String>,
    /// See [`PolicyState::felt`]: what costs another call is read only in full depth.
    pub felt: Vec<String>,
}

impl Read {
    /// A document and nothing else. An empty text is no policy.
    #[must_use]
    pub fn of(document: Option<String>) -> Self {
        let document = document.filter(|text| !text.trim().is_empty()).map_or(Observed::Absent, Observed::Known);
        Self { document, shield: Observed::Absent, setting: None, revision: None, felt: Vec::new() }
    }

    /// The document that stands under this member of an answer, for a service that answers otherwise where there is none: without the member the
    /// answer is not understood, and not taken for no policy.
    #[must_use]
    pub fn shown(answer: &Answer, member: &str, revision: Option<String>) -> Observed<Self> {
        match answer.text(member) {
            Some(document) => Observed::Known(Self::of(Some(document.to_owned())).at(revision)),
            None => Observed::Unknown { why: format!("the answer shows no `{member}`") },
        }
    }

    /// With the revision.
    #[must_use]
    pub fn at(self, revision: Option<String>) -> Self {
        Self { revision, ..self }
    }
}

/// Some of an account's resources, and where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<S> {
    /// The resources.
    pub found: Vec<S>,
    /// The next page; none on the last.
    pub next: Option<String>,
}

/// The calls of a service.
pub trait PolicyClient<P: ResourcePolicy>: Sync {
    /// The policy of a resource. `Absent` where there is no such resource.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    fn read(
        &self,
        subject: &P::Subject,
        depth: ReadDepth,
    ) -> impl Future<Output = Result<Observed<Read>, ReadError>> + Send;

    /// Writes the policy, or deletes it without a document; under the condition of a revision, where there is one.
    ///
    /// # Errors
    /// What AWS answered.
    fn write(
        &self,
        subject: &P::Subject,
        document: Option<&str>,
        revision: Option<&str>,
        permission: &'static str,
    ) -> impl Future<Output = Result<Applied, ApplyError>> + Send;

    /// Writes the policy that was there, whether there is one now or not.
    ///
    /// # Errors
    /// What AWS answered.
    fn restore(
        &self,
        subject: &P::Subject,
        document: &str,
        permission: &'static str,
    ) -> impl Future<Output = Result<Applied, ApplyError>> + Send {
        self.write(subject, Some(document), None, permission)
    }

    /// Sets what makes grants to strangers ineffective, for a description that has [`ResourcePolicy::SHIELD`].
    ///
    /// # Errors
    /// What AWS answered.
    fn set_shield(
        &self,
        subject: &P::Subject,
        setting: &str,
        permission: &'static str,
    ) -> impl Future<Output = Result<Applied, ApplyError>> + Send {
        let _ = (subject, setting, permission);
        let message = format!("{} has no such setting", P::NOUN);
        ready(Err(ApplyError::Refused { code: "not sent".to_owned(), message }))
    }

    /// A page of the account's resources.
    ///
    /// # Errors
    /// [`ReadError`] for what is worth another try.
    fn list(&self, from: Option<&str>) -> impl Future<Output = Result<Observed<Listed<P::Subject>>, ReadError>> + Send;
}

/// What a read shows, as the family's state.
///
/// # Errors
/// [`ReadError`] for what is worth another try.
pub async fn observe<P: ResourcePolicy>(
    client: &impl PolicyClient<P>,
    subject: &P::Subject,
    depth: ReadDepth,
) -> Result<Observed<PolicyState<P::Subject>>, ReadError> {
    Ok(match client.read(subject, depth).await? {
        Observed::Known(Read { document, shield, setting, revision, felt }) => {
            Observed::Known(PolicyState { subject: subject.clone(), document, shield, setting, revision, felt })
        }
        Observed::Absent => Observed::Absent,
        Observed::Unknown { why } => Observed::Unknown { why },
    })
}

/// Carries an action out.
///
/// # Errors
/// What AWS answered.
pub async fn apply<P: ResourcePolicy>(
    client: &impl PolicyClient<P>,
    action: &PolicyAction<P>,
) -> Result<Applied, ApplyError> {
    let (subject, permission) = (action.subject(), action.permission());
    match action {
        PolicyAction::Reduce { document, .. } => {
            client.write(subject, Some(document), action.revision(), permission).await
        }
        PolicyAction::Restore { document, .. } => client.restore(subject, document, permission).await,
        PolicyAction::Delete { .. } => client.write(subject, None, action.revision(), permission).await,
        PolicyAction::Shield { setting, .. } | PolicyAction::Unshield { setting, .. } => {
            client.set_shield(subject, setting, permission).await
        }
    }
}

/// A page of resources with their policies. A list shows no policies: each is read.
///
/// # Errors
/// [`ReadError`] for what is worth another try.
pub async fn page<P: ResourcePolicy>(
    client: &impl PolicyClient<P>,
    from: Option<&str>,
) -> Result<Observed<Page<Policies<P>>>, ReadError> {
    let listed = match client.list(from).await? {
        Observed::Known(listed) => listed,
        Observed::Absent => return Ok(Observed::Absent),
        Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
    };
    let read = |subject: P::Subject| async move {
        let state = observe(client, &subject, ReadDepth::Quick).await?;
        Ok((subject, state))
    };
    let mut page = Page { found: Vec::new(), next: listed.next };
    let mut all = stream::iter(listed.found).map(read).buffered(AT_ONCE);
    while let Some((subject, state)) = all.try_next().await? {
        // What was deleted since the list was made is not there.
        if !matches!(state, Observed::Absent) {
            page.found.push((subject, state));
        }
    }
    drop(all);
    Ok(Observed::Known(page))
}

#[cfg(feature = "sdk")]
/// A client that serves resource policies: the three seams of the engine, by its [`PolicyClient`].
macro_rules! serves_policies {
    ($client:ty: $($policy:ty),+ $(,)?) => {
        $(
            impl $crate::engine::family::Observe<$crate::engine::resource_policy::Policies<$policy>> for $client {
                async fn observe(
                    &self,
                    subject: &<$policy as $crate::engine::resource_policy::ResourcePolicy>::Subject,
                    depth: $crate::engine::family::ReadDepth,
                ) -> Result<
                    $crate::engine::observed::Observed<
                        $crate::engine::resource_policy::PolicyState<
                            <$policy as $crate::engine::resource_policy::ResourcePolicy>::Subject,
                        >,
                    >,
                    $crate::engine::family::ReadError,
                > {
                    $crate::engine::resource_policy::observe::<$policy>(self, subject, depth).await
                }
            }

            impl $crate::engine::plan::Apply<$crate::engine::resource_policy::PolicyAction<$policy>> for $client {
                async fn apply(
                    &self,
                    action: &$crate::engine::resource_policy::PolicyAction<$policy>,
                ) -> Result<$crate::engine::plan::Applied, $crate::engine::plan::ApplyError> {
                    $crate::engine::resource_policy::apply::<$policy>(self, action).await
                }
            }

            impl $crate::engine::family::List<$crate::engine::resource_policy::Policies<$policy>> for $client {
                async fn page(
                    &self,
                    from: Option<&str>,
                ) -> Result<
                    $crate::engine::observed::Observed<
                        $crate::engine::family::Page<$crate::engine::resource_policy::Policies<$policy>>,
                    >,
                    $crate::engine::family::ReadError,
                > {
                    $crate::engine::resource_policy::page::<$policy>(self, from).await
                }
            }
        )+
    };
}

#[cfg(feature = "sdk")]
pub(crate) use serves_policies;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_answer_without_the_document_is_not_taken_for_no_policy() {
        let answer = |body| Answer { body, request_id: None };
        let shown = |body| Read::shown(&answer(body), "Policy", Some("1".to_owned()));
        assert_eq!(
            shown(json!({"Policy": "{}"})),
            Observed::Known(Read::of(Some("{}".to_owned())).at(Some("1".to_owned())))
        );
        assert!(matches!(shown(json!({"Policy": ""})), Observed::Known(Read { document: Observed::Absent, .. })));
        assert!(matches!(shown(json!({"policy": "{}"})), Observed::Unknown { .. }));
    }
}
