//! Families whose service is called by signed requests: they say which, and no client is written.

use crate::engine::family::Family;
use crate::engine::observed::Observed;
use crate::engine::plan::Action;
use crate::engine::request::{Answer, Api, Asks, Request};

/// A family whose service has no SDK crate here.
pub trait SignedFamily: Family {
    /// The service.
    const API: &'static Api;

    /// Reads a resource.
    fn get(key: &Self::Key) -> Request;

    /// What [`Self::get`] was answered. `Absent` where there is none.
    fn got(key: &Self::Key, answer: &Answer) -> Observed<Self::State>;

    /// The same of a look that follows a call: what a service shows minutes later only is not known then.
    fn got_after(key: &Self::Key, answer: &Answer) -> Observed<Self::State> {
        Self::got(key, answer)
    }

    /// What it means that [`Self::get`] finds nothing: for a service that is not enabled, that it is off.
    fn missing(key: &Self::Key) -> Observed<Self::State> {
        let _ = key;
        Observed::Absent
    }

    /// Lists the account's from this page on. None where an account has one.
    fn list(from: Option<&str>) -> Option<Request>;

    /// What [`Self::list`] was answered; an empty answer where it asks nothing.
    fn listed(answer: &Answer) -> Listing<Self>
    where
        Self: Sized;

    /// One of each action, for the test that holds the requests against the service's model.
    fn actions() -> Vec<Self::Action>;
}

/// An action that is one signed request.
pub trait SignedAction: Action {
    /// The service.
    const API: &'static Api;

    /// The call.
    fn request(&self) -> Request;
}

/// A resource, and what the listing shows of it.
pub type Listed<F> = (<F as Family>::Key, Option<Observed<<F as Family>::State>>);

/// Some of an account's resources, and where the next page begins.
#[derive(Clone, Debug)]
pub struct Listing<F: Family> {
    /// Each with what the listing shows of it; it is read where that is nothing.
    pub found: Vec<Listed<F>>,
    /// The next page; none on the last.
    pub next: Option<String>,
}

impl<F: Family> Listing<F> {
    /// The one of an account.
    #[must_use]
    pub fn one(key: F::Key) -> Self {
        Self { found: vec![(key, None)], next: None }
    }

    /// Names, of which each is read.
    pub fn named(keys: impl IntoIterator<Item = F::Key>, next: Option<&str>) -> Self {
        Self { found: keys.into_iter().map(|key| (key, None)).collect(), next: next.map(str::to_owned) }
    }
}

impl<F: SignedFamily> Asks for F
where
    F::Key: Default,
    F::Action: SignedAction,
{
    fn asks() -> Vec<(&'static Api, Request)> {
        let reads = [Some(F::get(&F::Key::default())), F::list(None), F::list(Some("2"))];
        let calls = F::actions().into_iter().map(|action| action.request());
        reads.into_iter().flatten().chain(calls).map(|request| (F::API, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let Some(list) = F::list(None) else { return Vec::new() };
        match F::listed(&answers(list.operation)).found.is_empty() {
            true => vec![format!("nothing is listed of an answer to {}", list.operation)],
            false => Vec::new(),
        }
    }
}
