//! Settings of services that are called by signed requests: their file says which, and no client is written.

use super::{Set, Setting};
use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::signed::{Listing, SignedAction, SignedFamily};

/// A setting whose service has no SDK crate here.
pub trait SignedSetting: Setting {
    /// The service.
    const API: &'static Api;

    /// Reads it.
    fn get(key: &Self::Key) -> Request;

    /// What [`Self::get`] was answered. `Absent` where there is none.
    fn got(key: &Self::Key, answer: &Answer) -> Observed<Self::State>;

    /// See [`SignedFamily::got_after`].
    fn got_after(key: &Self::Key, answer: &Answer) -> Observed<Self::State> {
        Self::got(key, answer)
    }

    /// See [`SignedFamily::missing`].
    fn missing(key: &Self::Key) -> Observed<Self::State> {
        let _ = key;
        Observed::Absent
    }

    /// Sets it.
    fn set(subject: &Self::Subject, value: Self::Value) -> Request;

    /// Lists the account's from this page on. None where an account has one.
    fn list(from: Option<&str>) -> Option<Request> {
        let _ = from;
        None
    }

    /// What [`Self::list`] was answered; an empty answer where it asks nothing.
    fn listed(answer: &Answer) -> Listing<Self>;
}

impl<S: SignedSetting> SignedFamily for S
where
    S::Subject: Default,
{
    const API: &'static Api = <S as SignedSetting>::API;

    fn get(key: &S::Key) -> Request {
        <S as SignedSetting>::get(key)
    }

    fn got(key: &S::Key, answer: &Answer) -> Observed<S::State> {
        <S as SignedSetting>::got(key, answer)
    }

    fn got_after(key: &S::Key, answer: &Answer) -> Observed<S::State> {
        <S as SignedSetting>::got_after(key, answer)
    }

    fn missing(key: &S::Key) -> Observed<S::State> {
        <S as SignedSetting>::missing(key)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        <S as SignedSetting>::list(from)
    }

    fn listed(answer: &Answer) -> Listing<S> {
        <S as SignedSetting>::listed(answer)
    }

    fn actions() -> Vec<Set<S>> {
        S::CALLS.iter().map(|call| Set { subject: S::Subject::default(), call }).collect()
    }
}

impl<S: SignedSetting> SignedAction for Set<S> {
    const API: &'static Api = <S as SignedSetting>::API;

    fn request(&self) -> Request {
        S::set(&self.subject, self.call.sets)
    }
}
