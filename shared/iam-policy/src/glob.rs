//! Patterns with `*` and `?`, as they stand in actions, resources and condition values.
//!
//! What must hold: no question about two patterns takes more than their lengths multiplied, whatever the text, and
//! all questions about one document together have a [`Budget`]; where a question cannot be settled, the answer is the
//! one that closes nothing. `covers` is only `true` when
//! every string of the inner pattern is also one of the outer; `meets` is only `false` when no string is in both.
//!
//! Wildcards and policy variables:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html> (`${*}`, `${?}` and `${$}`
//! stand for the character itself).

use std::cell::Cell;

/// Steps that the questions about one document may take together. The largest documents of AWS need a tenth of it; one
/// that was made up to hold an event up gets no further, and the answer says so.
const STEPS: usize = 4_000_000;

/// What is left of the steps for one document.
#[derive(Debug)]
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(Cell::new(STEPS))
    }

    /// No question is answered any more.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.0.get() == 0
    }

    /// `false` when that was too much.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().saturating_sub(steps);
        self.0.set(left);
        left > 0
    }
}

/// A byte that stands for itself, or one of the three below. Numbers, so that two texts are compared at once.
type Token = u16;

/// `?`: exactly one character.
const ONE: Token = 256;
/// `*`: any characters, also none.
const ANY: Token = 257;
/// `${...}`: something that only the request knows.
const VARIABLE: Token = 258;

/// A string in which `*` and `?` stand for other characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    tokens: Vec<Token>,
    /// How many characters stand for themselves before the first that does not.
    literal: usize,
}

impl Pattern {
    /// The name of an action: case does not matter, and there are no variables.
    pub fn action(text: &str) -> Self {
        let tokens = text.bytes().map(|byte| wildcard(byte.to_ascii_lowercase()));
        Self::of(text, tokens.collect())
    }

    /// A resource or a condition value: case matters, `${...}` is a policy variable.
    pub fn value(text: &str) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        // Looked for once only: a text full of `${` that never closes would otherwise be searched again and again.
        let mut may_close = true;
        while let Some((first, after)) = rest.split_first() {
            if may_close && let Some(inner) = rest.strip_prefix(b"${") {
                if let Some(end) = inner.iter().position(|byte| *byte == b'}') {
                    let (name, closing) = inner.split_at(end);
                    tokens.push(match name {
                        b"*" => Token::from(b'*'),
                        b"?" => Token::from(b'?'),
                        b"$" => Token::from(b'$'),
                        _ => VARIABLE,
                    });
                    rest = closing.strip_prefix(b"}").unwrap_or_default();
                    continue;
                }
                may_close = false;
            }
            tokens.push(wildcard(*first));
            rest = after;
        }
        Self::of(text, tokens)
    }

    fn of(text: &str, tokens: Vec<Token>) -> Self {
        let literal = tokens.iter().take_while(|token| **token < ONE).count();
        Self { text: text.to_owned(), tokens, literal }
    }

    fn literal(&self) -> &[Token] {
        self.tokens.get(..self.literal).unwrap_or_default()
    }

    /// The pattern as it is written in the document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Stands for exactly one string.
    pub fn is_fixed(&self) -> bool {
        self.literal == self.tokens.len()
    }

    /// `*`, `**`: stands for every string.
    pub fn is_everything(&self) -> bool {
        !self.tokens.is_empty() && self.tokens.iter().all(|token| *token == ANY)
    }

    /// What every string of this pattern begins with, in the case that the tokens have.
    pub fn literal_prefix(&self) -> String {
        let bytes = self.literal().iter().filter_map(|token| u8::try_from(*token).ok());
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    }

    /// Every string of `inner` is also one of this pattern. `false` also when that could not be shown.
    pub fn covers(&self, inner: &Self) -> bool {
        self.covers_within(inner, &Budget::new())
    }

    /// The same, from a budget.
    pub(crate) fn covers_within(&self, inner: &Self, budget: &Budget) -> bool {
        // Most comparisons end in the first letters, so these are looked at without counting each.
        let (start, inner_start) = (self.literal(), inner.tokens.get(..self.literal));
        if inner_start != Some(start) {
            budget.spend(1);
            return false;
        }
        // Greedy: only the last `*` is ever tried again, so the work is the product of the lengths at most.
        let (outer, inner) = (&self.tokens, &inner.tokens);
        let (mut o, mut i) = (self.literal, self.literal);
        let mut last_star = None;
        while let Some(one) = inner.get(i) {
            if !budget.spend(1) {
                return false;
            }
            match outer.get(o) {
                Some(&ANY) => {
                    last_star = Some((o, i));
                    o += 1;
                }
                Some(token) if covers_one(*token, *one) => {
                    o += 1;
                    i += 1;
                }
                _ => {
                    let Some((star, taken)) = last_star else {
                        return false;
                    };
                    last_star = Some((star, taken + 1));
                    o = star + 1;
                    i = taken + 1;
                }
            }
        }
        outer.iter().skip(o).all(|token| *token == ANY)
    }

    /// Some string may be in both patterns. `true` also when that could not be ruled out.
    pub fn meets(&self, other: &Self) -> bool {
        self.meets_within(other, &Budget::new())
    }

    /// The same, from a budget.
    pub(crate) fn meets_within(&self, other: &Self, budget: &Budget) -> bool {
        let (left, right) = (&self.tokens, &other.tokens);
        if let (Some(a), Some(b)) = (left.first(), right.first())
            && !may_be_equal(*a, *b)
            && !may_be_empty(*a)
            && !may_be_empty(*b)
        {
            return false;
        }
        if !budget.spend(left.len().saturating_mul(right.len()).saturating_add(1)) {
            return true;
        }
        // `row[j]`: what is left of `self` from the current token on may be equal to `right[j..]`.
        let mut row: Vec<bool> = vec![false; right.len() + 1];
        let mut ends = true;
        for (cell, token) in row.iter_mut().rev().zip(std::iter::once(&ANY).chain(right.iter().rev())) {
            ends &= may_be_empty(*token);
            *cell = ends;
        }
        for token in left.iter().rev() {
            let mut next = vec![false; right.len() + 1];
            let mut after = false;
            for (j, cell) in next.iter_mut().enumerate().rev() {
                let here = right.get(j).copied();
                let below = row.get(j).copied().unwrap_or(false);
                let diagonal = row.get(j + 1).copied().unwrap_or(false);
                *cell = (may_be_empty(*token) && (below || after))
                    || here.is_some_and(|one| {
                        (may_be_empty(one) && (after || below)) || (may_be_equal(*token, one) && diagonal)
                    });
                after = *cell;
            }
            row = next;
        }
        row.first().copied().unwrap_or(true)
    }
}

fn wildcard(byte: u8) -> Token {
    match byte {
        b'*' => ANY,
        b'?' => ONE,
        other => Token::from(other),
    }
}

fn covers_one(outer: Token, inner: Token) -> bool {
    match outer {
        ONE => inner <= ONE,
        ANY | VARIABLE => false,
        byte => byte == inner,
    }
}

fn may_be_empty(token: Token) -> bool {
    token == ANY || token == VARIABLE
}

fn may_be_equal(a: Token, b: Token) -> bool {
    a == b || a >= ONE || b >= ONE
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn covers(outer: &str, inner: &str) -> bool {
        Pattern::value(outer).covers(&Pattern::value(inner))
    }

    fn meets(left: &str, right: &str) -> bool {
        let answer = Pattern::value(left).meets(&Pattern::value(right));
        assert_eq!(answer, Pattern::value(right).meets(&Pattern::value(left)), "{left} {right}");
        answer
    }

    #[test]
    fn a_wider_pattern_covers_a_narrower_one() {
        assert!(covers("*", "arn:aws:s3:::b/*"));
        assert!(covers("arn:aws:s3:::b*", "arn:aws:s3:::b/*"));
        assert!(covers("a?c", "abc"));
        assert!(covers("a*c*", "a?c"));
        assert!(covers("a**", "a"));
        assert!(!covers("arn:aws:s3:::b/*", "arn:aws:s3:::b*"));
        assert!(!covers("a?c", "a*c"));
        assert!(!covers("", "*"));
        assert!(!covers("abc", "ab"));
    }

    #[test]
    fn a_policy_variable_is_covered_by_a_star_alone() {
        assert!(covers("user/*", "user/${aws:username}"));
        assert!(!covers("user/${aws:username}", "user/${aws:username}"));
        assert!(!covers("user/?", "user/${aws:username}"));
        assert!(covers("a${*}b", "a${*}b"));
        assert!(!covers("a${*}b", "a*b"));
    }

    #[test]
    fn patterns_meet_when_one_string_can_be_both() {
        assert!(meets("a*", "*b"));
        assert!(meets("iam:*", "*"));
        assert!(meets("a?", "ab"));
        assert!(meets("", ""));
        assert!(meets("*", ""));
        assert!(meets("arn:*:iam::*:user/*", "arn:aws:iam::1:user/${aws:username}"));
        assert!(!meets("a*b", "a*c"));
        assert!(!meets("s3:*", "iam:*"));
        assert!(!meets("a", "ab"));
        assert!(!meets("?", ""));
    }

    #[test]
    fn text_beyond_ascii_is_compared_byte_by_byte() {
        assert!(covers("*é", "caf${aws:username}é"));
        assert!(covers("ö*", "öß"));
        assert!(!covers("ö", "ä"));
    }

    #[test]
    fn actions_ignore_case() {
        assert!(Pattern::action("IAM:pass*").covers(&Pattern::action("iam:PassRole")));
        assert_eq!(Pattern::action("S3:Get*").literal_prefix(), "s3:get");
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let stars = "*a".repeat(400);
        let text = "a".repeat(900) + "b";
        assert!(!covers(&stars, &text));
        assert!(!meets(&(stars.clone() + "c"), &text));
        assert!(meets(&stars, &(stars.clone() + "a")));
    }
}
