//! Texts of a certain form.

use crate::policy::BadValue;
use crate::policy::custom::PREFIX;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long an expression may be: longer ones are hard to review and slow to evaluate.
pub const LONGEST_EXPRESSION: usize = 2_000;
/// How long a name may be.
const LONGEST_NAME: usize = 64;

/// A text that `$is` takes, where `$expected` is what else was expected.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $is:expr, $expected:expr, { $($schema:tt)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend($($schema)*))]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = BadValue;

            fn try_from(text: String) -> Result<Self, BadValue> {
                let is: fn(&str) -> bool = $is;
                if is(&text) { Ok(Self(text)) } else { Err(BadValue::Form { text: cut(&text), expected: $expected }) }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

text! {
    /// The name of a guardrail that the policy file declares.
    CustomName,
    |text| text.len() <= LONGEST_NAME && text.strip_prefix(PREFIX).is_some_and(is_kebab),
    "the name of a guardrail of your own: `custom-` and then small letters, digits and single hyphens, at most 64 in all, such as `custom-region-not-used` \
     (no name of Parapet's own guardrails begins so, now or later)",
    { "pattern" = "^custom-[a-z0-9]+(-[a-z0-9]+)*$", "maxLength" = 64 }
}

text! {
    /// One line for a person.
    Line,
    |text| !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control),
    "one line of at most 200 characters",
    { "minLength" = 1, "maxLength" = 200 }
}

text! {
    /// A service, as records write it.
    EventSource,
    |text| text.strip_suffix(".amazonaws.com").is_some_and(is_kebab),
    "a service as records write it in `eventSource`, such as `ec2.amazonaws.com`",
    { "pattern" = "^[a-z0-9]+(-[a-z0-9]+)*\\.amazonaws\\.com$" }
}

text! {
    /// A call, as records write it.
    EventName,
    |text| !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    "a call as records write it in `eventName`, such as `RunInstances`",
    { "pattern" = "^[A-Za-z0-9]{1,64}$" }
}

text! {
    /// An expression in CEL.
    Expression,
    |text| !text.trim().is_empty() && text.len() <= LONGEST_EXPRESSION,
    "an expression in CEL of at most 2,000 characters, such as `region != \"eu-central-1\"`",
    { "minLength" = 1, "maxLength" = 2_000 }
}

/// Small letters, digits and single hyphens.
fn is_kebab(text: &str) -> bool {
    let is_part =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    text.split('-').all(is_part)
}

/// As much of a text as an error shows.
fn cut(text: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = text.chars().take(LONGEST).collect();
    if shown.len() < text.len() { format!("{shown}…") } else { shown }
}
