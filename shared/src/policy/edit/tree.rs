//! Where things stand in the file: its nodes with their places, read by the parser that reads the policy.

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput, StructureStyle, options};
use std::ops::Range;

/// A node and the bytes that it stands on, with its anchor and tag and without blanks after it.
#[derive(Debug)]
pub(in crate::policy) struct Node {
    pub(in crate::policy) range: Range<usize>,
    /// Where it starts behind its anchor and tag.
    pub(in crate::policy) start: usize,
    pub(in crate::policy) kind: Kind,
}

#[derive(Debug)]
pub(in crate::policy) enum Kind {
    Scalar { value: String, style: ScalarStyle },
    Alias,
    Sequence { is_flow: bool, items: Vec<Node> },
    Mapping { is_flow: bool, pairs: Vec<(Node, Node)> },
}

impl Node {
    /// The pair of a mapping whose key is `name`.
    pub(in crate::policy) fn pair(&self, name: &str) -> Option<&(Node, Node)> {
        let Kind::Mapping { pairs, .. } = &self.kind else { return None };
        pairs.iter().find(|(key, _)| matches!(&key.kind, Kind::Scalar { value, .. } if value == name))
    }
}

/// The first document of a text; nothing where it does not parse.
pub(in crate::policy) fn read(text: &str) -> Option<Node> {
    let options = options! { emit_anchor_events: true };
    let mut reader = Reader { text, parser: Parser::new_from_str_with_options(text, options) };
    loop {
        if let (Event::DocumentStart(..), _) = reader.next()? {
            let first = reader.next()?;
            return reader.node(first);
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Reader<'t> {
    /// The next event that is no comment.
    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        loop {
            let (event, span) = self.parser.next_event()?.ok()?;
            let is_wanted = event.is_node() || matches!(event, Event::DocumentStart(..) | Event::Anchor(..));
            if is_wanted || matches!(event, Event::SequenceEnd | Event::MappingEnd) {
                return Some((event, span));
            }
        }
    }

    /// Nesting is bounded by the parser.
    fn node(&mut self, (event, span): (Event<'t>, Span)) -> Option<Node> {
        let mut range = span.byte_range()?;
        let start = range.start;
        if let Some(tag) = span.tag_span() {
            range.start = range.start.min(tag.byte_range()?.start);
        }
        if let Some(anchor) = self.anchor() {
            range.start = range.start.min(anchor.byte_range()?.start);
        }
        let kind = match event {
            Event::Scalar(value, style, ..) => Kind::Scalar { value: value.into_owned(), style },
            Event::Alias(_) => Kind::Alias,
            Event::SequenceStart(style, ..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break range.end = end.byte_range()?.end,
                        event => items.push(self.node(event)?),
                    }
                }
                let is_flow = style == StructureStyle::Flow;
                if let (false, Some(last)) = (is_flow, items.last()) {
                    range.end = last.range.end;
                }
                Kind::Sequence { is_flow, items }
            }
            Event::MappingStart(style, ..) => {
                let mut pairs = Vec::new();
                loop {
                    match self.next()? {
                        (Event::MappingEnd, end) => break range.end = end.byte_range()?.end,
                        event => {
                            let key = self.node(event)?;
                            let value = self.next()?;
                            pairs.push((key, self.node(value)?));
                        }
                    }
                }
                let is_flow = style == StructureStyle::Flow;
                if let (false, Some((key, value))) = (is_flow, pairs.last()) {
                    range.end = value.range.end.max(key.range.end);
                }
                Kind::Mapping { is_flow, pairs }
            }
            _ => return None,
        };
        // A block scalar reaches over the blank lines after it.
        let written = self.text.get(start..range.end)?.trim_end().len();
        range.end = start + written;
        Some(Node { range, start, kind })
    }

    fn anchor(&mut self) -> Option<Span> {
        match self.parser.peek() {
            Some(Ok((Event::Anchor(..), _))) => self.next().map(|(_, span)| span),
            _ => None,
        }
    }
}
