//! Configurations of a bucket that are lists of rules, each of which can be switched off and on: its lifecycle, its replication.
//!
//! To switch off the one rule that offends is the smallest change that there is, and to switch it on again the undo: nothing of what
//! the rules say is written anew. S3 takes the list whole, so the client reads it and writes it with other states.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect};
use crate::engine::shell::word;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};
use std::marker::PhantomData;

/// A kind of configuration, for texts and commands.
pub trait Ruled: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// What its rules are, for a person.
    const RULES: &'static str;
    /// What its call needs that writes it.
    const PUT: Permission;
    /// The call of the AWS command line that reads it.
    const READ: &'static str;
    /// The one that writes it, with the option that takes the document.
    const WRITE: (&'static str, &'static str);
    /// Where the answer holds the document, and what it has beside its rules: parts of a JMESPath query.
    const QUERY: (&'static str, &'static str);
}

/// A bucket, by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BucketRef {
    /// Its name.
    pub bucket: String,
}

/// What is known of the rules of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules<T> {
    /// The bucket's name.
    pub bucket: String,
    /// Its rules.
    pub rules: Vec<Rule<T>>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule<T> {
    /// Its id. S3 gives one to a rule that is written without.
    pub id: String,
    /// Whether it applies.
    pub is_enabled: bool,
    /// What it says, as far as it is judged.
    pub says: T,
}

impl<T> Rules<T> {
    /// How evidence names a rule.
    #[must_use]
    pub fn element(&self, rule: &Rule<T>) -> String {
        format!("rule {} of {}", rule.id, self.bucket)
    }
}

/// The action: switches rules off or on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Switch<R: Ruled> {
    /// The bucket's name.
    pub bucket: String,
    /// The ids of the rules, each once.
    pub rules: Vec<String>,
    /// Whether they apply then.
    pub on: bool,
    #[serde(skip)]
    kind: PhantomData<R>,
}

impl<R: Ruled> Switch<R> {
    /// Switches these rules.
    #[must_use]
    pub fn new(bucket: &str, rules: Vec<String>, on: bool) -> Self {
        Self { bucket: bucket.to_owned(), rules, on, kind: PhantomData }
    }

    /// S3's word for what they are then.
    #[must_use]
    pub fn word(&self) -> &'static str {
        if self.on { "Enabled" } else { "Disabled" }
    }
}

impl<R: Ruled> fmt::Display for Switch<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.on { "enable" } else { "disable" };
        write!(f, "{verb} {} {} of bucket {}", R::RULES, self.rules.join(", "), self.bucket)
    }
}

impl<R: Ruled> Action for Switch<R> {
    fn permission(&self) -> &'static str {
        R::PUT.action
    }

    /// The document is read and written with other states: a line that needs nothing but what stands.
    fn command(&self, region: &str) -> String {
        let ids = serde_json::Value::from(self.rules.clone()).to_string().replace('`', r"\`");
        let (status, (of, beside)) = (self.word(), R::QUERY);
        let rules = format!(
            "[Rules[?!contains(`{ids}`, ID)], Rules[?contains(`{ids}`, ID)].merge(@, `{{\"Status\": \"{status}\"}}`)][]"
        );
        let query = word(&format!("{of}{{{beside}Rules: {rules}}}")).into_owned();
        let (bucket, (write, option)) = (word(&self.bucket), R::WRITE);
        let region = crate::engine::plan::in_region("", region);
        let read = format!("aws s3api {} --bucket {bucket} --query {query} --output json{region}", R::READ);
        format!("aws s3api {write} --bucket {bucket} {option} \"$({read})\"{region}")
    }

    fn absorb(&mut self, other: &Self) -> bool {
        if self.bucket != other.bucket || self.on != other.on {
            return false;
        }
        let more = other.rules.iter().filter(|rule| !self.rules.contains(rule)).cloned().collect::<Vec<_>>();
        self.rules.extend(more);
        true
    }

    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        self.rules.len()
    }
}
