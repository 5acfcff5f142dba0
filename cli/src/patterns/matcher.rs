//! Which rules an event matches: by its name, the few that may ask for it are looked up; only these are matched against it.
//!
//! A rule's matcher is built when the first event comes that it may ask for. So neither the start nor an event costs more where there are
//! more rules.

use super::calls::{Asked, asked};
use super::expand;
use super::expand::BadPattern;
use super::view::Keys;
use quamina::Quamina;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::{OnceLock, PoisonError, RwLock};

/// A rule.
struct Rule {
    pattern: Value,
    /// Its targets among the functions, by their place.
    functions: Vec<usize>,
    /// None when it could not be built. That is found out when the template is read; should it ever not be, or should an event not be
    /// matched for an error, an event too many is judged, and none is lost.
    matcher: OnceLock<Option<Quamina<()>>>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Matcher {
    rules: Vec<Rule>,
    /// By the name of a call.
    exact: HashMap<String, Vec<usize>>,
    /// By the beginning of a name, and how long these are.
    prefixes: HashMap<String, Vec<usize>>,
    lengths: BTreeSet<usize>,
    /// Rules that name no calls: any event may match.
    others: Vec<usize>,
    /// What any pattern looks at.
    keys: Keys,
    /// What was answered, by all that decided: the same callers make the same calls again and again.
    answered: RwLock<HashMap<Vec<u8>, BTreeSet<usize>>>,
}

/// How many answers are kept.
const KEPT: usize = 4096;

impl Matcher {
    /// Takes in a rule: its pattern, and its targets among the functions, by their place.
    ///
    /// # Errors
    /// [`BadPattern`].
    pub(super) fn add(&mut self, pattern: Value, functions: Vec<usize>) -> Result<(), BadPattern> {
        let at = self.rules.len();
        let matcher = OnceLock::new();
        // Names, beginnings and what must not be there are built when they are needed. All else is tried now.
        if !is_plain(&pattern) {
            let built = build(&pattern)?;
            matcher.get_or_init(|| Some(built));
        }
        self.keys.take(&pattern);
        match asked(&pattern) {
            None => self.others.push(at),
            Some(calls) => {
                for call in calls {
                    match call {
                        Asked::Exact(name) => self.exact.entry(name).or_default().push(at),
                        Asked::Prefix(prefix) => {
                            self.lengths.insert(prefix.len());
                            self.prefixes.entry(prefix).or_default().push(at);
                        }
                        Asked::AnyBy(_) => self.others.push(at),
                    }
                }
            }
        }
        self.rules.push(Rule { pattern, functions, matcher });
        Ok(())
    }

    /// The patterns of all rules.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Value> {
        self.rules.iter().map(|rule| &rule.pattern)
    }

    /// The functions of the rules that match the event, by their place, each once.
    pub(super) fn functions(&self, event: &Value) -> BTreeSet<usize> {
        let rules = self.rules_for(event);
        // What is no object is no event.
        if rules.is_empty() || !event.is_object() {
            return BTreeSet::new();
        }
        let seen = self.keys.view(event);
        if let Some(known) = self.answered.read().unwrap_or_else(PoisonError::into_inner).get(&seen) {
            return known.clone();
        }
        let matching = rules.into_iter().filter_map(|at| self.rules.get(at)).filter(|rule| rule.matches(&seen));
        let functions: BTreeSet<usize> = matching.flat_map(|rule| rule.functions.iter().copied()).collect();
        let mut answered = self.answered.write().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= KEPT {
            answered.clear();
        }
        answered.insert(seen, functions.clone());
        functions
    }

    /// The rules that may match, in their order.
    fn rules_for(&self, event: &Value) -> BTreeSet<usize> {
        let Some(Value::String(name)) = event.get("detail").and_then(|detail| detail.get("eventName")) else {
            return (0..self.rules.len()).collect();
        };
        let beginnings = self.lengths.iter().filter_map(|length| self.prefixes.get(name.get(..*length)?));
        self.exact.get(name).into_iter().chain(beginnings).chain([&self.others]).flatten().copied().collect()
    }
}

impl Rule {
    fn matches(&self, event: &[u8]) -> bool {
        let matcher = self.matcher.get_or_init(|| build(&self.pattern).ok());
        matcher.as_ref().is_none_or(|matcher| matcher.has_matches(event).unwrap_or(true))
    }
}

fn build(pattern: &Value) -> Result<Quamina<()>, BadPattern> {
    let mut matcher = Quamina::new();
    for plain in expand::expand(pattern)? {
        matcher.add_pattern((), &plain.to_string())?;
    }
    // Frozen now, not under the first event.
    matcher.rebuild();
    Ok(matcher)
}

/// Whether a pattern consists of texts, beginnings of texts, texts that are excluded and fields that must be absent, and of few of
/// the last three: such a pattern is never refused.
fn is_plain(pattern: &Value) -> bool {
    /// Eight alternatives that are not texts: written out (see [`expand`]), they come to 256 patterns at most.
    const MOST: usize = 8 * OTHER;
    const OTHER: usize = 16;
    fn weight(value: &Value) -> Option<usize> {
        match value {
            Value::Object(map) if !map.is_empty() => {
                map.iter().map(|(key, inner)| weight(inner).filter(|_| !key.starts_with('$'))).sum()
            }
            Value::Array(alternatives) if !alternatives.is_empty() && alternatives.iter().all(is_simple) => {
                Some(1 + OTHER * alternatives.iter().filter(|one| !one.is_string()).count())
            }
            _ => None,
        }
    }
    weight(pattern).is_some_and(|weight| weight <= MOST)
}

fn is_simple(alternative: &Value) -> bool {
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let operator = alternative.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    match operator.map(|(operator, operand)| (operator.as_str(), operand)) {
        None => is_text(alternative),
        Some(("exists", operand)) => operand.is_boolean(),
        Some(("anything-but", Value::Array(texts))) => !texts.is_empty() && texts.iter().all(is_text),
        Some(("prefix" | "anything-but", operand)) => is_text(operand),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matcher(patterns: &[Value]) -> Matcher {
        let mut matcher = Matcher::default();
        for (at, pattern) in patterns.iter().enumerate() {
            matcher.add(pattern.clone(), vec![at]).unwrap();
        }
        matcher
    }

    fn call(name: &str) -> Value {
        json!({"source": "aws.ec2", "detail": {"eventName": name, "userIdentity": {"type": "Root"}}})
    }

    fn named(names: Value) -> Value {
        json!({"source": ["aws.ec2"], "detail": {"eventName": names, "errorCode": [{"exists": false}]}})
    }

    #[test]
    fn only_rules_that_may_ask_for_a_name_are_matched() {
        let by_root = json!({"detail": {"userIdentity": {"type": ["Root"]}}});
        let patterns =
            [named(json!(["A", "B"])), named(json!([{"prefix": "A"}])), named(json!(["B", {"prefix": "Bc"}])), by_root];
        let matcher = matcher(&patterns);
        for (name, asked) in
            [("A", vec![0, 1, 3]), ("B", vec![0, 2, 3]), ("Bcd", vec![2, 3]), ("Az", vec![1, 3]), ("C", vec![3])]
        {
            assert_eq!(matcher.rules_for(&call(name)), asked.iter().copied().collect(), "{name}");
            assert_eq!(matcher.functions(&call(name)), asked.into_iter().collect(), "{name}");
        }
        // A name that is not one text may be any.
        let mut many = call("A");
        many["detail"]["eventName"] = json!(["C", "B"]);
        assert_eq!(matcher.rules_for(&many), BTreeSet::from([0, 1, 2, 3]));
        assert_eq!(matcher.functions(&many), BTreeSet::from([0, 2, 3]));
        assert_eq!(matcher.functions(&json!({})), BTreeSet::new());
    }

    #[test]
    fn every_rule_that_matches_among_all_is_found_by_name() {
        let names = ["A", "Ab", "Abc", "B", "Bc", "C"];
        let list = |at: usize| match at % 3 {
            0 => json!([names[at], names[(at + 2) % 6]]),
            1 => json!([{"prefix": names[at]}]),
            _ => json!([{"anything-but": names[at]}]),
        };
        let patterns: Vec<Value> = (0..6).map(|at| named(list(at))).collect();
        let matcher = matcher(&patterns);
        let alone: Vec<Quamina<()>> = patterns.iter().map(|pattern| build(pattern).unwrap()).collect();
        for name in names.iter().chain(&["", "Abcd", "Z"]) {
            for event in [call(name), json!({"source": "aws.ec2", "detail": {"eventName": name, "errorCode": "x"}})] {
                let is_hit = |at: &usize| alone[*at].has_matches(event.to_string().as_bytes()).unwrap();
                let expected: BTreeSet<usize> = (0..alone.len()).filter(is_hit).collect();
                assert_eq!(matcher.functions(&event), expected, "{event}");
                assert_eq!(matcher.functions(&event), expected, "asked again: {event}");
            }
        }
    }

    #[test]
    fn what_cannot_be_built_is_refused_at_once() {
        let mut matcher = Matcher::default();
        for (pattern, is_plain_one) in [
            (named(json!(["A", {"prefix": "B"}, {"anything-but": ["C", "D"]}])), true),
            (named(json!([{"numeric": [">", "a"]}])), false),
            (named(json!([])), false),
            (named(json!("A")), false),
            (json!({"detail": {"a": [{"unheard-of": 1}]}}), false),
        ] {
            assert_eq!(is_plain(&pattern), is_plain_one, "{pattern}");
            let is_taken = matcher.add(pattern.clone(), vec![0]).is_ok();
            assert_eq!(is_taken, is_plain_one, "{pattern}");
        }
        // Too many alternatives of two kinds come to too many patterns.
        let many: Vec<Value> = (0..40).map(|n| json!({"prefix": n.to_string()})).collect();
        let many = json!({"a": many, "b": many});
        assert!(!is_plain(&many) && matcher.add(many, vec![0]).is_err());
    }
}
