//! What KMS has said of signatures: standing orders are read every minute and seldom change.

use super::{Digest, Signatory};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

type Question = (Signatory, Digest, Vec<u8>);

/// Answers that were given to this process. An answer holds for ever: it is about these very bytes.
#[derive(Debug, Default)]
pub struct Verdicts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    answers: BTreeMap<Question, bool>,
    order: VecDeque<Question>,
}

impl Verdicts {
    /// A few hundred kilobytes: more orders than the item that holds them has room for.
    const MOST: usize = 4_096;

    /// What was said of it.
    #[must_use]
    pub fn known(&self, by: Signatory, digest: &Digest, mac: &[u8]) -> Option<bool> {
        self.state().answers.get(&(by, *digest, mac.to_vec())).copied()
    }

    /// Takes down what was said of it. The oldest answer gives way.
    pub fn note(&self, by: Signatory, digest: &Digest, mac: &[u8], is_right: bool) {
        let question = (by, *digest, mac.to_vec());
        let mut state = self.state();
        if state.answers.insert(question.clone(), is_right).is_none() {
            state.order.push_back(question);
        }
        while state.order.len() > Self::MOST {
            if let Some(oldest) = state.order.pop_front() {
                state.answers.remove(&oldest);
            }
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operations::signature::{Claim, Kind};

    fn digest(key: &str) -> Digest {
        let (table, account, region, resource) = ("t", "111122223333", "eu-west-1", "r");
        let (version, expires, payload): (_, _, &[&str]) = (1, 2, &[]);
        Claim { kind: Kind::Kept, table, key, account, region, resource, version, expires, payload }.digest()
    }

    #[test]
    fn an_answer_is_about_its_key_its_content_and_its_code() {
        let verdicts = Verdicts::default();
        verdicts.note(Signatory::Functions, &digest("a"), &[1], true);
        verdicts.note(Signatory::Functions, &digest("a"), &[2], false);
        assert_eq!(verdicts.known(Signatory::Functions, &digest("a"), &[1]), Some(true));
        assert_eq!(verdicts.known(Signatory::Functions, &digest("a"), &[2]), Some(false));
        assert_eq!(verdicts.known(Signatory::Operators, &digest("a"), &[1]), None);
        assert_eq!(verdicts.known(Signatory::Functions, &digest("b"), &[1]), None);
    }

    #[test]
    fn only_so_many_are_kept() {
        let verdicts = Verdicts::default();
        for n in 0..=Verdicts::MOST {
            verdicts.note(Signatory::Functions, &digest(&n.to_string()), &[1], true);
        }
        assert_eq!(verdicts.known(Signatory::Functions, &digest("0"), &[1]), None);
        assert_eq!(verdicts.known(Signatory::Functions, &digest("1"), &[1]), Some(true));
    }
}
