//! Taking one part out of a JSON text and leaving every other byte where it is.
//!
//! What must hold: after an edit the text is JSON, and reads as the value after the same edit. Order, spacing and the
//! spelling of numbers and escapes stay, because a document that comes back different is a change that was not asked for.

use std::fmt;
use std::ops::Range;

use serde_json::Value;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A member of an object.
    Member(String),
    /// An element of a list.
    Element(usize),
}

/// One edit. Its path is that of the document as the edits before it left it.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// Takes a member or an element out.
    Remove(Vec<Step>),
    /// Puts another value in its place.
    Replace(Vec<Step>, Value),
}

impl fmt::Display for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove(path) => write!(f, "remove `{}`", display(path)),
            Self::Replace(path, value) => write!(f, "set `{}` to {value}", display(path)),
        }
    }
}

fn display(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Member(name) if text.is_empty() => text.push_str(name),
            Step::Member(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Element(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

impl Edit {
    /// The value after the edit; `None` when there is nothing at its path.
    pub fn apply_to_value(&self, value: &Value) -> Option<Value> {
        let mut edited = value.clone();
        let (path, new) = match self {
            Self::Remove(path) => (path, None),
            Self::Replace(path, new) => (path, Some(new)),
        };
        let (last, parents) = path.split_last()?;
        let mut at = &mut edited;
        for step in parents {
            at = match step {
                Step::Member(name) => at.get_mut(name.as_str())?,
                Step::Element(index) => at.get_mut(*index)?,
            };
        }
        match (last, new) {
            (Step::Member(name), None) => drop(at.as_object_mut()?.remove(name)?),
            (Step::Element(index), None) => {
                let list = at.as_array_mut()?;
                if *index >= list.len() {
                    return None;
                }
                list.remove(*index);
            }
            (Step::Member(name), Some(new)) => new.clone_into(at.get_mut(name.as_str())?),
            (Step::Element(index), Some(new)) => new.clone_into(at.get_mut(*index)?),
        }
        Some(edited)
    }

    /// The text after the edit; `None` when there is nothing at its path, or the same name twice. The text must be
    /// JSON.
    pub fn apply_to_text(&self, text: &str) -> Option<String> {
        let (path, new) = match self {
            Self::Remove(path) => (path, None),
            Self::Replace(path, new) => (path, Some(new)),
        };
        let (last, parents) = path.split_last()?;
        let mut span = Cursor::at(text, 0).value()?;
        for step in parents {
            span = items(text, span)?.into_iter().find(|item| item.is(step))?.value;
        }
        let siblings = items(text, span)?;
        if siblings.iter().filter(|item| item.is(last)).count() > 1 {
            return None;
        }
        let position = siblings.iter().position(|item| item.is(last))?;
        let item = siblings.get(position)?;
        let (range, put) = match new {
            Some(new) => (item.value.clone(), new.to_string()),
            None => (hole(&siblings, position)?, String::new()),
        };
        let mut edited = String::with_capacity(text.len() + put.len());
        edited.push_str(text.get(..range.start)?);
        edited.push_str(&put);
        edited.push_str(text.get(range.end..)?);
        Some(edited)
    }
}

/// The text with one more element at the end of the list at `path`; a value that stands there alone becomes the first of two. Every other
/// byte stays. `None` when there is nothing at the path, or the same name twice. The text must be JSON.
pub fn append(text: &str, path: &[Step], element: &Value) -> Option<String> {
    let mut span = Cursor::at(text, 0).value()?;
    for step in path {
        let mut found = items(text, span)?.into_iter().filter(|item| item.is(step));
        let item = found.next()?;
        if found.next().is_some() {
            return None;
        }
        span = item.value;
    }
    let list = text.get(span.clone())?;
    let (at, put) = match (list.strip_prefix('['), items(text, span.clone())?.last()) {
        (Some(_), Some(last)) => (last.whole.end, format!(",{element}")),
        (Some(_), None) => (span.start + 1, element.to_string()),
        (None, _) => {
            let (before, after) = (text.get(..span.start)?, text.get(span.end..)?);
            return Some(format!("{before}[{list},{element}]{after}"));
        }
    };
    Some(format!("{}{put}{}", text.get(..at)?, text.get(at..)?))
}

/// What goes with an item when it goes: up to the next item, or back to the one before.
fn hole(siblings: &[Item], position: usize) -> Option<Range<usize>> {
    let item = siblings.get(position)?;
    if let Some(next) = siblings.get(position + 1) {
        return Some(item.whole.start..next.whole.start);
    }
    match position.checked_sub(1).and_then(|before| siblings.get(before)) {
        Some(before) => Some(before.whole.end..item.whole.end),
        None => Some(item.whole.clone()),
    }
}

/// A member with its name, or an element.
struct Item {
    step: Step,
    whole: Range<usize>,
    value: Range<usize>,
}

impl Item {
    fn is(&self, step: &Step) -> bool {
        self.step == *step
    }
}

/// The members or elements of the container that stands there; none for anything else.
fn items(text: &str, container: Range<usize>) -> Option<Vec<Item>> {
    let mut cursor = Cursor::at(text, container.start);
    let opening = cursor.next()?;
    let is_object = match opening {
        b'{' => true,
        b'[' => false,
        _ => return Some(Vec::new()),
    };
    let mut items = Vec::new();
    loop {
        cursor.space();
        match cursor.peek()? {
            b'}' | b']' => return Some(items),
            b',' => {
                cursor.next();
            }
            _ => {
                let start = cursor.position;
                let step = if is_object {
                    let name = cursor.value()?;
                    cursor.space();
                    cursor.next();
                    // Names may be written with escapes.
                    Step::Member(serde_json::from_str(text.get(name)?).ok()?)
                } else {
                    Step::Element(items.len())
                };
                let value = cursor.value()?;
                items.push(Item { step, whole: start..value.end, value });
            }
        }
    }
}

/// Walks over JSON that is known to be JSON.
struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    fn at(text: &'a str, position: usize) -> Self {
        Self { bytes: text.as_bytes(), position }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.position += 1;
        Some(byte)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.position += 1;
        }
    }

    /// The next value, without the space before it.
    fn value(&mut self) -> Option<Range<usize>> {
        self.space();
        let start = self.position;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => self.string()?,
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.position += 1;
                }
                Some(b'}' | b']') if depth > 0 => {
                    depth -= 1;
                    self.position += 1;
                }
                Some(_) if depth > 0 => self.position += 1,
                _ => {
                    while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
                        self.position += 1;
                    }
                }
            }
            if depth == 0 {
                return (self.position > start).then_some(start..self.position);
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        self.next()?;
        loop {
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => {
                    self.next()?;
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Edit, Step, append};

    fn path(steps: &[Value]) -> Vec<Step> {
        steps
            .iter()
            .map(|step| match step {
                Value::String(name) => Step::Member(name.clone()),
                index => Step::Element(usize::try_from(index.as_u64().unwrap()).unwrap()),
            })
            .collect()
    }

    fn remove(text: &str, steps: &[Value]) -> Option<String> {
        let edit = Edit::Remove(path(steps));
        let edited = edit.apply_to_text(text);
        if let Some(edited) = &edited {
            let value: Value = serde_json::from_str(text).unwrap();
            let read: Value = serde_json::from_str(edited).unwrap();
            assert_eq!(Some(read), edit.apply_to_value(&value), "{edited}");
        }
        edited
    }

    #[test]
    fn every_other_byte_stays() {
        let text = "{ \"b\" : [1,  2 ,\n 3], \"a\": {\"x\": \"]}\\\"\" , \"y\": -1.0e5} }\n";
        assert_eq!(
            remove(text, &[json!("b"), json!(1)]).unwrap(),
            "{ \"b\" : [1,  3], \"a\": {\"x\": \"]}\\\"\" , \"y\": -1.0e5} }\n"
        );
        assert_eq!(
            remove(text, &[json!("b"), json!(2)]).unwrap(),
            "{ \"b\" : [1,  2], \"a\": {\"x\": \"]}\\\"\" , \"y\": -1.0e5} }\n"
        );
        assert_eq!(
            remove(text, &[json!("a"), json!("x")]).unwrap(),
            "{ \"b\" : [1,  2 ,\n 3], \"a\": {\"y\": -1.0e5} }\n"
        );
        assert_eq!(remove("[[true]]", &[json!(0), json!(0)]).unwrap(), "[[]]");
    }

    #[test]
    fn names_may_be_escaped_but_not_used_twice() {
        assert_eq!(remove(r#"{"\u0061": 1, "b": 2}"#, &[json!("a")]).unwrap(), r#"{"b": 2}"#);
        assert_eq!(remove(r#"{"a": 1, "a": 2}"#, &[json!("a")]), None);
        assert_eq!(remove(r#"{"a": 1}"#, &[json!("b")]), None);
        assert_eq!(remove(r#"{"a": 1}"#, &[json!("a"), json!(0)]), None);
    }

    #[test]
    fn an_element_is_added_and_every_other_byte_stays() {
        let to = |text: &str| append(text, &path(&[json!("a")]), &json!({"n": 3}));
        assert_eq!(to("{ \"a\" : [ 1,\n 2 ] }\n").unwrap(), "{ \"a\" : [ 1,\n 2,{\"n\":3} ] }\n");
        assert_eq!(to("{\"a\": [ ], \"b\": 1}").unwrap(), "{\"a\": [{\"n\":3} ], \"b\": 1}");
        assert_eq!(to("{\"a\": {\"x\" : []} }").unwrap(), "{\"a\": [{\"x\" : []},{\"n\":3}] }");
        assert_eq!((to("{\"b\": []}"), to("{\"a\": [], \"a\": []}")), (None, None));
    }

    #[test]
    fn a_value_can_be_put_in_place() {
        let edit = Edit::Replace(path(&[json!("a"), json!(0)]), json!("Deny"));
        assert_eq!(edit.apply_to_text("{\"a\": [ null ]}").unwrap(), "{\"a\": [ \"Deny\" ]}");
        assert_eq!(edit.to_string(), "set `a[0]` to \"Deny\"");
    }
}
