//! Why a part of a record, of an answer of an API or of a template cannot be used.

use super::event::Body;
use crate::net::BadCidr;
use std::borrow::Cow;
use std::num::ParseIntError;
use thiserror::Error;

/// What is missing or has no known form, with the error below where there is one.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Something that decides is missing, contradicts itself or has a form that is not known: nothing failed below.
    #[error("{0}")]
    Form(Cow<'static, str>),
    /// CloudTrail left the request out.
    #[error("the record leaves its request out because it is too large")]
    RequestOmitted,
    /// There is no request.
    #[error("the record carries no request")]
    NoRequest,
    /// A text stands where a number is expected.
    #[error("`{key}` is no number")]
    Number {
        /// The field.
        key: String,
        /// Why.
        #[source]
        cause: ParseIntError,
    },
    /// A text stands where a network is expected.
    #[error(transparent)]
    Network(#[from] BadCidr),
}

impl Unreadable {
    /// Why a request does not name what it should.
    #[must_use]
    pub fn request(request: &Body, what: &str) -> Self {
        match request {
            Body::Omitted => Self::RequestOmitted,
            Body::Null => Self::NoRequest,
            Body::Present(_) => format!("the request names no {what}").into(),
        }
    }
}

impl From<&'static str> for Unreadable {
    fn from(why: &'static str) -> Self {
        Self::Form(why.into())
    }
}

impl From<String> for Unreadable {
    fn from(why: String) -> Self {
        Self::Form(why.into())
    }
}
