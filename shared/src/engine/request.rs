//! A call to a service that has no SDK crate here: as data, which tests read without calling anybody.
//!
//! Services of which one or two guardrails need a few calls are called this way
//! (docs/adr/0023-small-services-are-called-by-signed-requests.md). What an operation is called, its method, path and members are the service's API
//! reference's; a test holds each against botocore's model of the service.

use serde_json::{Map, Value};

/// A service's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Api {
    /// The name that it is signed with, which is the prefix of its permissions as a rule: `kinesis`.
    pub signed_as: &'static str,
    /// What its host begins with: `elasticmapreduce`.
    pub host: &'static str,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What it calls a resource that is not there, one that is not ready, a condition that is not met.
    pub errors: &'static [(&'static str, Means)],
}

/// What an error of a service means: what it shares with other services, and what the SDK calls throttling, need not be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// What the call names is not there.
    NotThere,
    /// The resource is not ready for it yet.
    NotYet,
    /// What it was computed from has changed since.
    Changed,
    /// It can succeed on another try.
    Transient,
}

/// How a service is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// By method and path, with JSON in the body.
    Rest,
    /// By name: JSON that is posted to `/`.
    Json {
        /// `1.0` or `1.1`.
        version: &'static str,
        /// What stands before the operation in `X-Amz-Target`.
        target: &'static str,
    },
    /// By a form with the operation and its members, which is answered in XML ("AWS query protocol", Smithy): the feature `query` reads it.
    Query {
        /// The API's version, a date.
        version: &'static str,
    },
}

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The operation.
    pub operation: &'static str,
    /// The method: `POST` for what is called by its name.
    pub method: &'static str,
    /// The parts of the path, not encoded.
    pub path: Vec<String>,
    /// The query, not encoded.
    pub query: Vec<(&'static str, String)>,
    /// Headers that the service wants beside those of its protocol.
    pub headers: Vec<(&'static str, String)>,
    /// The body; null where there is none.
    pub body: Value,
}

impl Request {
    /// A call by name, with its members.
    #[must_use]
    pub fn named(operation: &'static str, body: Value) -> Self {
        Self { operation, method: "POST", path: Vec::new(), query: Vec::new(), headers: Vec::new(), body }
    }

    /// A call by method and path.
    #[must_use]
    pub fn rest(operation: &'static str, method: &'static str, path: &[&str]) -> Self {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        Self { operation, method, path, query: Vec::new(), headers: Vec::new(), body: Value::Null }
    }

    /// With a member of the query, where there is a value.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: Option<&str>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_owned())));
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// With a member of the body, where there is a value.
    #[must_use]
    pub fn member(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        let Some(value) = value else { return self };
        match &mut self.body {
            Value::Object(members) => {
                members.insert(name.to_owned(), value.into());
            }
            body => *body = Value::Object(Map::from_iter([(name.to_owned(), value.into())])),
        }
        self
    }
}

/// What a service answered: its body, an empty object where there is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The body.
    pub body: Value,
    /// The id of the request.
    pub request_id: Option<String>,
}

impl Answer {
    /// A member of the body that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    /// What stands at the end of these members, one in the other.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.body, |value, member| value.get(member))
    }

    /// The members of a list, none where there is no such list.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Value] {
        self.body.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// A text that each member of a list has.
    #[must_use]
    pub fn texts(&self, list: &str, member: &str) -> Vec<String> {
        let text = |one: &Value| one.get(member).and_then(Value::as_str).map(str::to_owned);
        self.list(list).iter().filter_map(text).collect()
    }
}

/// What a family asks of services by signed requests: one of each call, for the test that holds them against the services' models.
pub trait Asks {
    /// The calls.
    fn asks() -> Vec<(&'static Api, Request)>;

    /// What is not found in answers that have all members that the services' models know, by the operation that they answer: a member
    /// whose name is another one reads as absent.
    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String>;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_has_no_value_is_not_sent() {
        let plain = Request::rest("GetIt", "GET", &["things", "a/b"]);
        assert_eq!(plain.clone().query("next", None).member("Next", None::<&str>), plain);
        let asked = plain.query("next", Some("2")).member("Max", Some(5)).member("Of", Some("x"));
        assert_eq!((asked.query, asked.body), (vec![("next", "2".to_owned())], json!({"Max": 5, "Of": "x"})));
    }

    #[test]
    fn a_list_is_read_by_the_members_that_have_a_text() {
        let body = json!({"Vaults": [{"Name": "orders"}, {"Arn": "x"}, {"Name": 5}, {"Name": "mail"}], "Next": "2"});
        let answer = Answer { body, request_id: None };
        assert_eq!(answer.texts("Vaults", "Name"), ["orders", "mail"]);
        assert_eq!((answer.at(&["Next"]), answer.at(&["Next", "Page"])), (Some(&json!("2")), None));
        assert!(answer.texts("Streams", "Name").is_empty() && answer.texts("Next", "Name").is_empty());
    }

    #[test]
    fn a_header_stands_beside_the_members() {
        let call = Request::rest("ListVaults", "GET", &["-", "vaults"]).header("x-amz-glacier-version", "2012-06-01");
        assert_eq!(call.headers, [("x-amz-glacier-version", "2012-06-01".to_owned())]);
        assert_eq!((call.query.len(), call.body), (0, Value::Null));
    }
}
