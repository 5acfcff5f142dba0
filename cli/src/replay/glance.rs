//! What the bytes of an object show before they are parsed: which calls it holds, and whether any of them may be asked for.
//!
//! A call shows as its name behind the key `eventName`, however many texts lie around it; its service as the value of
//! `eventSource` right beside it. What is written in another way is parsed.

use crate::patterns::Calls;
use memchr::memmem::{self, Finder};
use memchr::{memchr2, memrchr};
use serde::Deserialize;
use std::borrow::Cow;

/// What an object shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// No record: it may hold packed ones.
    Nothing,
    /// Records, none of which any rule asks for.
    Unwanted,
    /// Records of which a rule may ask for one.
    Wanted,
}

/// See the module.
pub(super) struct Glance<'a> {
    calls: &'a Calls,
    source: Finder<'static>,
    names: [Finder<'static>; 2],
    versions: [Finder<'static>; 2],
    /// Types of callers of which any call is asked for.
    callers: Vec<Finder<'static>>,
}

/// The keys of a record, as CloudTrail spells them and as Athena does.
const NAMES: [&str; 2] = ["eventName", "eventname"];
const SOURCES: [&str; 2] = ["eventSource", "eventsource"];
const VERSIONS: [&str; 2] = ["eventVersion", "eventversion"];

impl<'a> Glance<'a> {
    pub(super) fn new(calls: &'a Calls) -> Self {
        let finder = |text: &str| Finder::new(text.as_bytes()).into_owned();
        let callers = calls.callers().iter().map(|caller| finder(caller)).collect();
        Self {
            calls,
            source: finder(".amazonaws.com"),
            names: NAMES.map(finder),
            versions: VERSIONS.map(finder),
            callers,
        }
    }

    /// What the object shows: inside of texts too, but not packed.
    pub(super) fn shown(&self, object: &[u8]) -> Shown {
        let mut has_name = false;
        for (finder, key) in self.names.iter().zip(NAMES) {
            for at in finder.find_iter(object) {
                has_name = true;
                if self.may_ask(object, at, at + key.len()) {
                    return Shown::Wanted;
                }
            }
        }
        if !has_name || self.source.find(object).is_none() {
            return if self.has_caller(object) { Shown::Wanted } else { Shown::Nothing };
        }
        if self.calls.is_any() || self.has_caller(object) { Shown::Wanted } else { Shown::Unwanted }
    }

    /// Whether any name that a rule asks for stands in it, wherever.
    pub(super) fn names_a_call(&self, object: &[u8]) -> bool {
        self.calls.is_any() || self.calls.texts().any(|text| memmem::find(object, text).is_some())
    }

    fn has_caller(&self, object: &[u8]) -> bool {
        self.callers.iter().any(|caller| caller.find(object).is_some())
    }

    /// Whether the call whose key `eventName` lies here may be asked for.
    fn may_ask(&self, object: &[u8], key: usize, after: usize) -> bool {
        let (before, behind) = (object.get(..key).unwrap_or_default(), object.get(after..).unwrap_or_default());
        let Some((name, rest)) = value(behind) else { return true };
        let source = source_before(before).or_else(|| source_behind(rest));
        self.calls.may_ask(source, name)
    }

    /// How many records: one, but for an object that wraps several.
    pub(super) fn records(&self, object: &[u8]) -> u64 {
        // As CloudTrail begins a record.
        if object.starts_with(b"{\"eventVersion\"") {
            return 1;
        }
        let versions = self.versions.iter().map(|finder| finder.find_iter(object).count()).max();
        versions.unwrap_or_default().max(1) as u64
    }

    /// Whether the object itself is a record, as [`super::nested`] would say.
    pub(super) fn is_record(object: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Probe<'a> {
            #[serde(borrow, rename = "eventName")]
            _name: Cow<'a, str>,
            #[serde(borrow, rename = "eventSource")]
            source: Cow<'a, str>,
            #[serde(borrow, rename = "eventType", default)]
            kind: Option<Cow<'a, str>>,
        }
        let probe = serde_json::from_slice::<Probe<'_>>(object);
        probe.is_ok_and(|probe| {
            probe.source.contains(".amazonaws.com") && probe.kind.as_deref() != Some("AwsCloudTrailInsight")
        })
    }
}

/// The text that is the value of the key that ends here, and what follows its closing quote. None where it is no plain text, or
/// lies in more texts than its key.
fn value(after_key: &[u8]) -> Option<(&[u8], &[u8])> {
    let (depth, rest) = quote(after_key)?;
    let (opening, rest) = quote(rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())?;
    let (value, rest) = rest.split_at_checked(memchr2(b'"', b'\\', rest)?)?;
    let (closing, rest) = quote(rest)?;
    (opening == depth && closing == depth && is_text(value)).then_some((value, rest))
}

fn is_text(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()
}

/// How often the quote that begins the text is escaped, as it is in a text in a text, and what follows it.
fn quote(text: &[u8]) -> Option<(usize, &[u8])> {
    let escapes = text.iter().take_while(|byte| **byte == b'\\').count();
    Some((escapes, text.get(escapes..)?.strip_prefix(b"\"")?))
}

/// The same of the quote that ends the text, with what stands before it.
fn quote_before(text: &[u8]) -> Option<(usize, &[u8])> {
    let text = text.strip_suffix(b"\"")?;
    let escapes = text.iter().rev().take_while(|byte| **byte == b'\\').count();
    Some((escapes, text.get(..text.len() - escapes)?))
}

/// The service, where it stands right before the key whose opening quote ends `before`.
fn source_before(before: &[u8]) -> Option<&[u8]> {
    let (depth, rest) = quote_before(before)?;
    let (closing, rest) = quote_before(rest.trim_ascii_end().strip_suffix(b",")?.trim_ascii_end())?;
    let (rest, source) = rest.split_at_checked(memrchr(b'"', rest)? + 1)?;
    let (opening, rest) = quote_before(rest)?;
    let (of_key, rest) = quote_before(rest.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end())?;
    let is_source = SOURCES.iter().any(|key| rest.ends_with(key.as_bytes()));
    let is_plain = is_text(source) && !source.contains(&b'\\');
    (is_source && is_plain && [closing, opening, of_key] == [depth; 3]).then_some(source)
}

/// The service, where it stands right behind the name.
fn source_behind(rest: &[u8]) -> Option<&[u8]> {
    let (_, rest) = quote(rest.trim_ascii_start().strip_prefix(b",")?.trim_ascii_start())?;
    let after_key = SOURCES.iter().find_map(|key| rest.strip_prefix(key.as_bytes()))?;
    value(after_key).map(|(source, _)| source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shown(object: &str) -> Shown {
        let pattern = json!({"detail": {"eventSource": ["ec2.amazonaws.com"],
            "eventName": ["CreateVpc", {"prefix": "Authorize"}]}});
        let by_root = json!({"detail": {"eventName": [{"anything-but": "x"}], "userIdentity": {"type": ["Root"]}}});
        let calls = Calls::of([pattern, by_root].iter());
        Glance::new(&calls).shown(object.as_bytes())
    }

    fn record(source: &str, name: &str) -> Value {
        json!({"eventVersion": "1.08", "userIdentity": {"type": "IAMUser"}, "eventTime": "t", "eventSource": source,
            "eventName": name, "requestParameters": {"note": "\"CreateVpc\" {"}})
    }

    #[test]
    fn service_and_name_decide_in_every_spelling_and_text() {
        for (source, name, expected) in [
            ("ec2.amazonaws.com", "CreateVpc", Shown::Wanted),
            ("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", Shown::Wanted),
            ("ec2.amazonaws.com", "DescribeVpcs", Shown::Unwanted),
            ("s3.amazonaws.com", "CreateVpc", Shown::Unwanted),
        ] {
            // The keys in the order of CloudTrail, and in the alphabet's.
            let ordered = format!(
                "{{\"eventVersion\":\"1.08\",\"eventTime\":\"t\",\"eventSource\":\"{source}\", \"eventName\":\"{name}\",\"x\":{{}}}}"
            );
            let sorted = record(source, name).to_string();
            let athena = sorted.replace("eventSource", "eventsource").replace("eventName", "eventname");
            for plain in [ordered, sorted, athena] {
                let once = json!({"Records": [], "message": plain}).to_string();
                let twice = json!({ "Body": json!({"message": once}).to_string() }).to_string();
                let pretty = format!("{:#}", serde_json::from_str::<Value>(&plain).unwrap());
                for object in [plain, once, twice, pretty] {
                    assert_eq!(shown(&object), expected, "{object}");
                }
            }
        }
    }

    #[test]
    fn one_call_of_many_is_enough() {
        let many = |name: &str| {
            json!({"logEvents": [{"message": record("s3.amazonaws.com", "GetObject").to_string()},
                {"message": record("ec2.amazonaws.com", name).to_string()}]})
            .to_string()
        };
        assert_eq!(shown(&many("CreateVpc")), Shown::Wanted);
        assert_eq!(shown(&many("DescribeVpcs")), Shown::Unwanted);
    }

    #[test]
    fn a_service_that_does_not_stand_beside_the_name_may_be_any() {
        let apart = r#"{"eventSource":"s3.amazonaws.com","awsRegion":"x","eventName":"CreateVpc","eventTime":"t"}"#;
        assert_eq!(shown(apart), Shown::Wanted);
        let other = r#"{"a":{"eventSource":"s3.amazonaws.com"},"eventName":"CreateVpc"}"#;
        assert_eq!(shown(other), Shown::Wanted);
    }

    #[test]
    fn what_is_written_in_another_way_is_wanted_or_shows_nothing() {
        let unwanted = r#"{"eventSource":"ec2.amazonaws.com","eventName":"DescribeVpcs"}"#;
        assert_eq!(shown(unwanted), Shown::Unwanted);
        for (from, to) in [
            ("\"DescribeVpcs\"", "null"),
            ("DescribeVpcs", "Create\\u0056pc"),
            ("\"DescribeVpcs\"", "[\"CreateVpc\"]"),
            ("DescribeVpcs\"", "Descri"),
            ("ec2.amazonaws.com\",\"eventName\":\"DescribeVpcs", "s3.amazonaws.com\\\",\"eventName\":\"CreateVpc"),
            // Column by column.
            ("\"eventName\":\"DescribeVpcs\"", "\"field\":\"eventName\",\"value\":\"CreateVpc\""),
        ] {
            let object = unwanted.replace(from, to);
            assert_eq!(shown(&object), Shown::Wanted, "{object}");
        }
        let by_root = unwanted.replace("{\"", "{\"userIdentity\":{\"type\":\"Root\"},\"");
        assert_eq!(shown(&by_root), Shown::Wanted);
        assert_eq!(shown("{\"a\":\"H4sIAAAA\"}"), Shown::Nothing);
        assert_eq!(shown(r#"{"eventName":"ObjectCreated:Put","eventSource":"aws:s3"}"#), Shown::Nothing);
    }
}
