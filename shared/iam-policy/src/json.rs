//! Reading JSON text so that nothing in it is silently dropped.
//!
//! What must hold: a name that is used twice in one object is reported. Most readers keep the last one, AWS may keep
//! the other, and an attacker picks the one that we do not see.

use std::borrow::Cow;
use std::fmt;
use std::string::FromUtf8Error;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error;

use super::words::clip;

/// Text that is no JSON.
#[derive(Debug, Error)]
pub enum NotJson {
    /// It is URL-encoded, and wrongly.
    #[error("a `%` without two hexadecimal digits")]
    Escape,
    /// Decoded, it is no text.
    #[error(transparent)]
    Text(#[from] FromUtf8Error),
    /// It has another syntax.
    #[error(transparent)]
    Syntax(#[from] serde_json::Error),
}

/// Reads JSON text: the value, and the places of the names that were used twice, of which only the last is in it.
/// Text may be URL-encoded, as the IAM API returns documents.
pub fn parse(text: &str) -> Result<(Value, Vec<String>), NotJson> {
    let text = decode(text)?;
    let mut repeated = Vec::new();
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let seed = Strict { place: Place::Root, repeated: &mut repeated };
    let value = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, repeated))
}

/// What the text says, to be compared with what another says, however the two are written. One that cannot be read for sure is its own
/// text.
#[must_use]
pub fn content(text: &str) -> Value {
    match parse(text) {
        Ok((value, repeated)) if repeated.is_empty() => value,
        Ok(_) | Err(_) => Value::String(decode(text).map_or_else(|_| text.to_owned(), Cow::into_owned)),
    }
}

/// The IAM API returns documents URL-encoded (RFC 3986): `{` is then the first thing that is escaped.
pub fn decode(text: &str) -> Result<Cow<'_, str>, NotJson> {
    let trimmed = text.trim_start();
    if trimmed.starts_with("%7B") || trimmed.starts_with("%7b") {
        percent_decode(trimmed).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

fn percent_decode(text: &str) -> Result<String, NotJson> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            let pair = digit(rest.next()).zip(digit(rest.next()));
            let code = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
            bytes.push(code.ok_or(NotJson::Escape)?);
        } else {
            bytes.push(byte);
        }
    }
    Ok(String::from_utf8(bytes)?)
}

struct Strict<'a> {
    place: Place<'a>,
    repeated: &'a mut Vec<String>,
}

/// Where a value stands; only written out when there is something to say about it.
#[derive(Clone, Copy)]
enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Element(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(&clip(name)),
            Self::Member(parent, name) => write!(f, "{parent}.{}", clip(name)),
            Self::Element(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let place = Place::Element(&self.place, list.len());
            let Some(item) = items.next_element_seed(Strict { place, repeated: self.repeated })? else {
                return Ok(Value::Array(list));
            };
            list.push(item);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = Place::Member(&self.place, &name);
            if object.contains_key(&name) {
                self.repeated.push(place.to_string());
            }
            let value = members.next_value_seed(Strict { place, repeated: self.repeated })?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_name_used_twice_is_reported_with_its_place() {
        let (value, repeated) = parse(r#"{"a": [{"b": 1, "b": {"c": null}}], "d": -1.5}"#).unwrap();
        assert_eq!(value, json!({"a": [{"b": {"c": null}}], "d": -1.5}));
        assert_eq!(repeated, ["a[0].b"]);
    }

    #[test]
    fn deep_nesting_and_rubbish_are_errors() {
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse("{} {}").is_err());
        assert!(parse("%7B%7").is_err());
        assert_eq!(parse("%7b%7D").ok(), parse("{}").ok());
    }
}
