//! One value of a YAML or JSON document and where it stands.
//!
//! YAML's short tags (`!Ref`, `!GetAtt`, `!Sub`, ...) come out in their long form (`{"Ref": ...}`, `{"Fn::Sub": ...}`), so
//! that nothing after this module needs to know how a template was written. Scalars are read as CloudFormation does: what
//! is quoted is text, and so is a number with a leading zero (an account id).

mod json;

use saphyr::{MarkedYaml, ScalarStyle, Tag, YamlData, YamlLoader};
use saphyr_parser::Parser;
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// Where a value begins, both counted from one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins; for a value of a mapping, its key's place is in the [`Entry`].
    pub at: Position,
    /// What it is.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// A key of a mapping and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: Position,
    /// Its value.
    pub value: Node,
}

/// Why a document cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {}, column {}: {problem}", at.line, at.column)]
pub struct ParseError {
    /// Where.
    pub at: Position,
    /// What is wrong there.
    pub problem: String,
}

/// Deeper than any template, and shallow enough for a thread's stack: the readers below recurse.
const DEEPEST: usize = 128;

impl Node {
    /// Reads the first document of a YAML or JSON text.
    ///
    /// # Errors
    /// [`ParseError`] with the place.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let nothing = || ParseError { at: position(1, 0), problem: "the document is empty".to_owned() };
        Self::parse_all(text)?.into_iter().next().ok_or_else(nothing)
    }

    /// Reads all documents of a YAML or JSON text.
    ///
    /// # Errors
    /// [`ParseError`] with the place.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ParseError> {
        if let Some(document) = json::read(text) {
            return Ok(vec![document]);
        }
        depth_is_sane(text)?;
        let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
        loader.early_parse(false);
        let scanned = Parser::new_from_str(text).load(&mut loader, true);
        let scanned = scanned.and_then(|()| loader.error().cloned().map_or(Ok(()), Err));
        scanned.map_err(|error| ParseError {
            at: position(error.marker().line(), error.marker().col()),
            problem: error.info().to_owned(),
        })?;
        loader.into_documents().iter().map(Self::read).collect()
    }

    fn read(yaml: &MarkedYaml<'_>) -> Result<Self, ParseError> {
        let at = position(yaml.span.start.line(), yaml.span.start.col());
        let wrong = |problem: &str| Err(ParseError { at, problem: problem.to_owned() });
        let content = match &yaml.data {
            YamlData::Representation(text, style, tag) => match tag.as_deref().and_then(function) {
                Some(name) => return Ok(Self::call(at, &name, Content::Text(text.clone().into_owned()))),
                None => scalar(text, *style, tag.as_deref()),
            },
            YamlData::Sequence(items) => Content::List(items.iter().map(Self::read).collect::<Result<_, _>>()?),
            YamlData::Mapping(entries) => Content::Map(
                entries.iter().map(|(key, value)| Self::entry(key, value)).collect::<Result<_, ParseError>>()?,
            ),
            YamlData::Tagged(tag, inner) => {
                let inner = Self::read(inner)?;
                return Ok(match function(tag) {
                    Some(name) => Self::call(at, &name, inner.content),
                    None => inner,
                });
            }
            YamlData::Value(_) | YamlData::Alias(_) | YamlData::BadValue => return wrong("the value cannot be read"),
        };
        Ok(Self { at, content })
    }

    fn entry(key: &MarkedYaml<'_>, value: &MarkedYaml<'_>) -> Result<Entry, ParseError> {
        let at = position(key.span.start.line(), key.span.start.col());
        match &key.data {
            YamlData::Representation(text, ..) => {
                Ok(Entry { key: text.clone().into_owned(), at, value: Self::read(value)? })
            }
            _ => Err(ParseError { at, problem: "a key must be text".to_owned() }),
        }
    }

    /// The long form of a short tag.
    fn call(at: Position, name: &str, argument: Content) -> Self {
        let argument = match (name, argument) {
            // `!GetAtt A.b.C` is `[A, b.C]`.
            ("Fn::GetAtt", Content::Text(text)) => {
                let (resource, attribute) = text.split_once('.').unwrap_or((&text, ""));
                let part = |text: &str| Self { at, content: Content::Text(text.to_owned()) };
                Content::List(vec![part(resource), part(attribute)])
            }
            (_, other) => other,
        };
        let value = Self { at, content: argument };
        Self { at, content: Content::Map(vec![Entry { key: name.to_owned(), at, value }]) }
    }

    /// The value of a key, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value at a path of keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The entries, when this is a mapping.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match &self.content {
            Content::Map(entries) => entries,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::List(_) => &[],
        }
    }

    /// The items, when this is a sequence.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.content {
            Content::List(items) => items,
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) | Content::Map(_) => &[],
        }
    }

    /// The text, when this is text.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::List(_) | Content::Map(_) => None,
        }
    }

    /// The same without places.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.content {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(*flag),
            Content::Number(number) => Value::Number(number.clone()),
            Content::Text(text) => Value::String(text.clone()),
            Content::List(items) => items.iter().map(Self::to_value).collect(),
            Content::Map(entries) => Value::Object(
                entries.iter().map(|entry| (entry.key.clone(), entry.value.to_value())).collect::<Map<_, _>>(),
            ),
        }
    }
}

/// A value without places.
impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        let content = match value {
            Value::Null => Content::Null,
            Value::Bool(flag) => Content::Bool(*flag),
            Value::Number(number) => Content::Number(number.clone()),
            Value::String(text) => Content::Text(text.clone()),
            Value::Array(items) => Content::List(items.iter().map(Self::from).collect()),
            Value::Object(map) => Content::Map(map.iter().map(Entry::from).collect()),
        };
        Self { at: Position::default(), content }
    }
}

impl From<(&String, &Value)> for Entry {
    fn from((key, value): (&String, &Value)) -> Self {
        Self { key: key.clone(), at: Position::default(), value: Node::from(value) }
    }
}

/// The long name of a CloudFormation function's tag; none for YAML's own tags.
fn function(tag: &Tag) -> Option<String> {
    if tag.is_yaml_core_schema() || tag.handle != "!" {
        return None;
    }
    Some(match tag.suffix.as_str() {
        "Ref" | "Condition" => tag.suffix.clone(),
        other => format!("Fn::{other}"),
    })
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Content {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Content::Text(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Content::Null,
        "true" | "True" | "TRUE" => return Content::Bool(true),
        "false" | "False" | "FALSE" => return Content::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_padded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let looks_like_one = digits.starts_with(|c: char| c.is_ascii_digit()) && !is_padded;
    if looks_like_one {
        if let Ok(number) = text.parse::<i64>() {
            return Content::Number(number.into());
        }
        if let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64) {
            return Content::Number(number);
        }
    }
    Content::Text(text.to_owned())
}

fn position(line: usize, column: usize) -> Position {
    Position { line, column: column + 1 }
}

/// The parser ends what is nested in brackets too deeply, but climbs any indentation.
fn depth_is_sane(text: &str) -> Result<(), ParseError> {
    /// What an editor indents by at most.
    const STEP: usize = 16;
    for (at, line) in text.lines().enumerate() {
        let inner = line.trim_start();
        let is_steep = line.len() - inner.len() > DEEPEST * STEP;
        let is_stairs = inner.starts_with("- - ") && inner.split(' ').take_while(|step| *step == "-").count() > DEEPEST;
        if is_steep || is_stairs {
            let problem = format!("nested deeper than {DEEPEST} levels");
            return Err(ParseError { at: Position { line: at + 1, column: 1 }, problem });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
