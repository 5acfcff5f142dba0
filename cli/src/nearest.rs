//! What was probably meant: the word that comes closest to one with a typing error.

/// The closest of `words`, when so few letters differ that it may have been meant. Of a word of a letter or two every other one is
/// close: there only upper and lower case may differ.
pub(crate) fn word<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    const FARTHEST: usize = 3;
    const SHORT: usize = 2;
    let others = words.into_iter().filter(|word| *word != wrong);
    let (far, word) = others.map(|word| (distance(wrong, word), word)).min()?;
    let is_short = word.chars().count() <= SHORT;
    let may_be_meant = if is_short { word.eq_ignore_ascii_case(wrong) } else { far <= FARTHEST };
    may_be_meant.then_some(word)
}

/// How many letters must change to make one word of the other.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, mine) in left.chars().enumerate() {
        let mut corner = std::mem::replace(row.first_mut().unwrap_or(&mut 0), at + 1);
        let mut before = at + 1;
        for (cell, theirs) in row.iter_mut().skip(1).zip(&right) {
            let changed = corner + usize::from(mine != *theirs);
            corner = *cell;
            before = changed.min(corner + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_a_close_word_was_meant() {
        assert_eq!(word("enforec", ["off", "notify", "enforce"]), Some("enforce"));
        assert_eq!(word("something", ["off", "notify", "enforce"]), None);
        assert_eq!(word("off", ["off"]), None);
        assert_eq!(word("R3", ["R1", "R2"]), None);
        assert_eq!(word("r2", ["R1", "R2"]), Some("R2"));
    }
}
