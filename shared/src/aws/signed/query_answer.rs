//! Answers of the query protocol, as the JSON that other services would answer: an element is an object of what stands in it, a list (`member`, EC2's `item`) an
//! array, a map (`entry`) an object, everything else a text. An empty list reads as an empty text, which has no members either.
//!
//! Source: "AWS query protocol" and "AWS EC2 query protocol" (Smithy).

use super::Refusal;
use crate::engine::request::{Answer, Api};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_types::error::ErrorMetadata;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};
use thiserror::Error;

/// An answer that is no XML of the protocol.
#[derive(Debug, Error)]
enum Unreadable {
    #[error("the answer is no XML: {0}")]
    Xml(#[from] quick_xml::Error),
    #[error("the answer is no text: {0}")]
    Encoding(#[from] quick_xml::encoding::EncodingError),
    #[error("the answer ends early, or is nested too deeply")]
    Shape,
    #[error("the answer has the entity `{0}`, which XML does not know")]
    Entity(String),
}

/// Deeper than any answer.
const DEEPEST: usize = 64;

/// What came back.
pub(super) fn read(
    api: &Api,
    is_success: bool,
    bytes: &[u8],
    request_id: Option<String>,
) -> Result<Answer, OrchestratorError<Refusal>> {
    match document(bytes) {
        Ok(root) if is_success => Ok(Answer { body: result(root), request_id }),
        Err(unreadable) if is_success => Err(OrchestratorError::response(unreadable.into())),
        // What is not understood has its status.
        root => {
            let error = root.ok().and_then(|root| find(&root, "Error").cloned()).unwrap_or_default();
            let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
            let mut meta = ErrorMetadata::builder();
            if let Some(code) = text("Code") {
                meta = meta.code(code);
            }
            if let Some(message) = text("Message") {
                meta = meta.message(message);
            }
            Err(OrchestratorError::operation(Refusal { meta: meta.build(), errors: api.errors }))
        }
    }
}

/// What stands in the root: in its `…Result`, where it has one.
fn result(root: Value) -> Value {
    let Value::Object(members) = root else { return Value::Object(Map::new()) };
    match members.iter().find(|(name, _)| name.ends_with("Result")) {
        Some((_, Value::Object(result))) => Value::Object(result.clone()),
        Some(_) => Value::Object(Map::new()),
        None => Value::Object(members),
    }
}

/// The first element of this name, however deep. A list of errors stands in `Errors`.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let members = value.as_object()?;
    members.get(name).or_else(|| members.values().find_map(|inner| find(inner, name)))
}

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: Vec<(String, Value)>,
}

impl Element {
    fn value(self) -> Value {
        let is_all = |names: &[&str]| self.members.iter().all(|(name, _)| names.contains(&name.as_str()));
        match self.members.is_empty() {
            true => Value::String(self.text),
            false if is_all(&["member", "item"]) => self.members.into_iter().map(|(_, value)| value).collect(),
            false if is_all(&["entry"]) => self.members.iter().filter_map(|(_, entry)| of_entry(entry)).collect(),
            false => Value::Object(self.members.into_iter().collect()),
        }
    }
}

fn of_entry(entry: &Value) -> Option<(String, Value)> {
    Some((entry.get("key")?.as_str()?.to_owned(), entry.get("value")?.clone()))
}

/// The root's value.
fn document(bytes: &[u8]) -> Result<Value, Unreadable> {
    let mut reader = Reader::from_reader(bytes);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                if open.len() == DEEPEST {
                    return Err(Unreadable::Shape);
                }
                let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                open.push(Element { name, ..Element::default() });
            }
            Event::Empty(empty) => {
                let name = String::from_utf8_lossy(empty.local_name().as_ref()).into_owned();
                if let Some(parent) = open.last_mut() {
                    parent.members.push((name, Value::String(String::new())));
                }
            }
            Event::End(_) => {
                let element = open.pop().ok_or(Unreadable::Shape)?;
                let name = element.name.clone();
                match open.last_mut() {
                    Some(parent) => parent.members.push((name, element.value())),
                    None => return Ok(element.value()),
                }
            }
            Event::Text(text) => add(&mut open, &text.decode()?),
            Event::CData(text) => add(&mut open, &text.decode()?),
            Event::GeneralRef(entity) => {
                let of_number = entity.resolve_char_ref()?.map(String::from);
                let name = entity.decode()?;
                let text = of_number.or_else(|| quick_xml::escape::resolve_predefined_entity(&name).map(str::to_owned));
                add(&mut open, &text.ok_or_else(|| Unreadable::Entity(name.into_owned()))?);
            }
            Event::Eof => return Err(Unreadable::Shape),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn add(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::request::Protocol;
    use serde_json::json;

    const API: Api =
        Api { signed_as: "sns", host: "sns", protocol: Protocol::Query { version: "2010-03-31" }, errors: &[] };

    fn body(text: &str) -> Value {
        read(&API, true, text.as_bytes(), None).unwrap().body
    }

    #[test]
    fn lists_maps_and_texts_are_what_json_would_have() {
        let lists = r#"<?xml version="1.0"?><XResponse xmlns="http://x/"><XResult><Stacks><member><Name>a</Name><Tags/></member>
            <member><Name>&quot;b&#x26;c&quot;</Name></member></Stacks><NextToken>n</NextToken></XResult><ResponseMetadata/></XResponse>"#;
        let expected = json!({"Stacks": [{"Name": "a", "Tags": ""}, {"Name": "\"b&c\""}], "NextToken": "n"});
        assert_eq!(body(lists), expected);
        let map = "<R><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>1</value></entry></Attributes>\
                   </GetTopicAttributesResult></R>";
        assert_eq!(body(map), json!({"Attributes": {"Owner": "1"}}));
        let of_ec2 = "<DescribeRegionsResponse><regionInfo><item><regionName>x</regionName></item></regionInfo></DescribeRegionsResponse>";
        assert_eq!(body(of_ec2), json!({"regionInfo": [{"regionName": "x"}]}));
        assert_eq!(body("<R><XResult/></R>"), json!({}));
    }

    #[test]
    fn a_refusal_has_its_code_wherever_it_stands() {
        let of_query = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        let of_ec2 =
            "<Response><Errors><Error><Code>AccessDenied</Code><Message>no</Message></Error></Errors></Response>";
        for text in [of_query, of_ec2] {
            let error = read(&API, false, text.as_bytes(), None).unwrap_err();
            let refusal = error.as_operation_error().unwrap();
            assert_eq!((refusal.meta.code(), refusal.meta.message()), (Some("AccessDenied"), Some("no")));
        }
    }

    #[test]
    fn half_an_answer_is_none() {
        for text in ["<R><A>", "<R>&made-up;</R>", "", "{}", &"<a>".repeat(100)] {
            assert!(read(&API, true, text.as_bytes(), None).is_err(), "{text}");
        }
    }
}
