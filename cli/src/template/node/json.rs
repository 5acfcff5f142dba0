//! Strict JSON, read with serde: several times as fast as with the YAML parser, which reads everything else (comments, a comma behind the last element).

use super::{Content, DEEPEST, Entry, Node, scalar};
use crate::template::places::Places;
use rustc_hash::FxHashSet;
use saphyr::ScalarStyle;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::fmt;

/// The document; none for a text that is no JSON document with a mapping, or one that is nested too deeply.
pub(super) fn read(text: &str) -> Option<Node> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let document: &RawValue = serde_json::from_str(text).ok()?;
    node(document, &Places::of(text), 0)
}

fn node(value: &RawValue, places: &Places<'_>, depth: usize) -> Option<Node> {
    let text = value.get();
    let at = places.of_part(text);
    let content = match text.as_bytes().first()? {
        _ if depth > DEEPEST => return None,
        b'{' => {
            let members = members(value)?.into_iter();
            let entries = members.map(|(key, value)| entry(key, value, places, depth)).collect::<Option<Vec<_>>>()?;
            let mut seen = FxHashSet::default();
            // A key that stands twice YAML reports with its place.
            entries.iter().all(|entry| seen.insert(entry.key.as_str())).then_some(())?;
            Content::Map(entries)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            Content::List(items.into_iter().map(|item| node(item, places, depth + 1)).collect::<Option<_>>()?)
        }
        b'"' => Content::Text(serde_json::from_str(text).ok()?),
        _ => scalar(text, ScalarStyle::Plain, None),
    };
    Some(Node { at, content })
}

/// The members of a mapping, each with its place in the text.
fn members(mapping: &RawValue) -> Option<Vec<(&RawValue, &RawValue)>> {
    struct Members<'a>(Vec<(&'a RawValue, &'a RawValue)>);

    impl<'de> Deserialize<'de> for Members<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_map(Pairs)
        }
    }

    struct Pairs;

    impl<'de> Visitor<'de> for Pairs {
        type Value = Members<'de>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a mapping")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(Members(members))
        }
    }

    serde_json::from_str(mapping.get()).ok().map(|Members(members)| members)
}

fn entry(key: &RawValue, value: &RawValue, places: &Places<'_>, depth: usize) -> Option<Entry> {
    let at = places.of_part(key.get());
    Some(Entry { key: serde_json::from_str(key.get()).ok()?, at, value: node(value, places, depth + 1)? })
}
