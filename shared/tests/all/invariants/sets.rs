//! What families have in common whose resource is a set of elements, and the frame of a record.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use serde_json::{Value, json};

/// What one call does to a set of elements.
pub struct Turn<T> {
    /// It adds them; else it takes them away.
    pub adds: bool,
    pub which: Vec<T>,
    /// What stands afterwards.
    pub left: Vec<T>,
}

impl<T: Copy + PartialEq> Turn<T> {
    /// The elements of `forbidden` that the call made.
    pub fn made(&self, forbidden: &[T], name: impl Fn(&T) -> String) -> Vec<String> {
        self.which.iter().filter(|it| self.adds && forbidden.contains(it)).map(name).collect()
    }
}

/// The owner adds or takes away one of `allowed`; an attacker adds one or more of `forbidden`, sometimes with one of `allowed`. None
/// where there is nothing to add.
pub fn turn<T: Copy + PartialEq>(
    by: Writer,
    random: &mut Random,
    standing: &[T],
    allowed: &[T],
    forbidden: &[T],
) -> Option<Turn<T>> {
    let missing = |of: &[T]| of.iter().filter(|it| !standing.contains(it)).copied().collect::<Vec<_>>();
    let owned: Vec<T> = standing.iter().filter(|it| allowed.contains(it)).copied().collect();
    let adds = by != Writer::Owner || owned.is_empty() || random.chance(60);
    let which = match (by, adds) {
        (Writer::Owner, false) => vec![*random.pick(&owned)],
        (Writer::Owner, true) => missing(allowed).into_iter().take(1).collect(),
        (Writer::Attacker | Writer::Parapet, _) => {
            let mut which = missing(forbidden);
            if which.len() > 1 && random.chance(50) {
                which = vec![*random.pick(&which)];
            }
            if random.chance(30) && !which.is_empty() {
                which.extend(missing(allowed).into_iter().take(1));
            }
            which
        }
    };
    if which.is_empty() {
        return None;
    }
    let mut left = standing.to_vec();
    left.retain(|it| !which.contains(it));
    if adds {
        left.extend(&which);
    }
    Some(Turn { adds, which, left })
}

/// A call as CloudTrail writes it down; time and id come later.
pub fn record(service: &str, name: &str, request: Value, response: Value) -> Value {
    json!({
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "userName": "ben"},
        "requestParameters": request,
        "responseElements": response,
    })
}
