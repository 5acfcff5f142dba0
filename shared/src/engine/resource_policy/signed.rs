//! Policies of services that are called by signed requests: their file says which, and no client is written.

use super::client::{Listed, Read};
use super::{Policies, ResourcePolicy};
use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Api, Asks, Request};

/// A policy whose service has no SDK crate here.
pub trait SignedPolicy: ResourcePolicy {
    /// The service.
    const API: &'static Api;
    /// What the service answers to [`Self::get`] where the resource is there and has no policy.
    const NO_POLICY: &'static [&'static str] = &[];

    /// Reads the policy.
    fn get(subject: &Self::Subject) -> Request;

    /// What [`Self::get`] was answered. `Absent` where the resource is not there.
    fn got(subject: &Self::Subject, answer: &Answer) -> Observed<Read>;

    /// Writes the policy.
    fn put(subject: &Self::Subject, document: &str, revision: Option<&str>) -> Request;

    /// Writes the policy where there is none, for a service that has a call of its own for that.
    fn create(subject: &Self::Subject, document: &str) -> Option<Request> {
        let _ = (subject, document);
        None
    }

    /// Deletes it.
    fn delete(subject: &Self::Subject, revision: Option<&str>) -> Request {
        Self::put(subject, "", revision)
    }

    /// Lists the account's resources from this page on. None where an account has one, which has no name.
    fn list(from: Option<&str>) -> Option<Request>;

    /// What [`Self::list`] was answered; an empty answer where it asks nothing.
    fn listed(answer: &Answer) -> Listed<Self::Subject>;

    /// Lists what has policies inside of what [`Self::list`] found, from this page on. None where that has the policy itself.
    fn inside(found: &Self::Subject, from: Option<&str>) -> Option<Request> {
        let _ = (found, from);
        None
    }

    /// What [`Self::inside`] was answered.
    fn listed_inside(found: &Self::Subject, answer: &Answer) -> Listed<Self::Subject> {
        let _ = answer;
        Listed { found: vec![found.clone()], next: None }
    }
}

impl<P: SignedPolicy> Asks for Policies<P> {
    fn asks() -> Vec<(&'static Api, Request)> {
        let subject = P::Subject::default();
        let calls = [P::get(&subject), P::put(&subject, "{}", Some("1")), P::delete(&subject, Some("1"))];
        let lists = [P::list(None), P::list(Some("2")), P::inside(&subject, None), P::inside(&subject, Some("2"))];
        let others = lists.into_iter().chain([P::create(&subject, "{}")]).flatten();
        calls.into_iter().chain(others).map(|request| (P::API, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let outer = match P::list(None) {
            Some(list) => P::listed(&answers(list.operation)).found.into_iter().next(),
            None => Some(P::listed(&Answer::default()).found.into_iter().next().unwrap_or_default()),
        };
        let Some(outer) = outer else { return vec!["nothing is listed".to_owned()] };
        let subject = match P::inside(&outer, None) {
            Some(request) => P::listed_inside(&outer, &answers(request.operation)).found.into_iter().next(),
            None => Some(outer),
        };
        let Some(subject) = subject else { return vec!["nothing is listed inside".to_owned()] };
        let read = P::get(&subject);
        match P::got(&subject, &answers(read.operation)) {
            Observed::Known(Read { document: Observed::Known(_), .. }) => Vec::new(),
            other => vec![format!("no document is found in an answer to {}: {other:?}", read.operation)],
        }
    }
}
