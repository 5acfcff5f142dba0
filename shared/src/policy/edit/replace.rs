//! An exemption that stays and says something else: only the texts that differ are written anew.

use crate::policy::Exemption;
use crate::policy::edit::lines;
use crate::policy::edit::lines::splice;
use crate::policy::edit::tree::{Kind, Node};
use crate::policy::edit::write;
use granit_parser::ScalarStyle;

/// The file with the fields of `item` as `exemption` has them; nothing where one of them is not in the entry.
pub(super) fn fields(text: &str, item: &Node, exemption: &Exemption) -> Option<String> {
    let mut changes = Vec::new();
    for (name, new) in write::fields(exemption) {
        let (key, value) = item.pair(name)?;
        match &value.kind {
            Kind::Scalar { value: old, .. } if *old == new => {}
            Kind::Scalar { style: ScalarStyle::Literal | ScalarStyle::Folded, .. } => {
                // The node starts with its text: its sign stands on the line of the key.
                let colon = key.range.end + lines::after(text, key.range.end).find(':')? + 1;
                changes.push((colon..value.range.end, format!(" {}", write::instead(name, &new, ScalarStyle::Plain))));
            }
            Kind::Scalar { style, .. } => {
                changes.push((value.start..value.range.end, write::instead(name, &new, *style)))
            }
            Kind::Alias => changes.push((value.range.clone(), write::instead(name, &new, ScalarStyle::Plain))),
            Kind::Sequence { .. } | Kind::Mapping { .. } => return None,
        }
    }
    changes.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    Some(changes.into_iter().fold(text.to_owned(), |text, (range, new)| splice(&text, range, &new)))
}
