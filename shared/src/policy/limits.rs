//! How the operator limits what guardrails do automatically: the circuit breaker, flapping, the grace period.

use crate::policy::{BadValue, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

/// The circuit breaker: sweeps and remediations of class R2 that happen this often in one account and region are more
/// likely wrong than right, and only notify from then on, for a while. What closes exactly what an event has just opened
/// (class R1) is never stopped by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Breaker {
    /// How many remediations of one guardrail, by sweeps or of class R2 of one principal's changes, in one account and
    /// region open it. 0 switches the breaker off.
    pub remediations: u32,
    /// Within how many minutes.
    #[serde(deserialize_with = "within::<_, 1, 1440>")]
    #[schemars(range(min = 1, max = 1440))]
    pub window_minutes: u32,
    /// After how many minutes it closes again automatically.
    #[serde(deserialize_with = "within::<_, 1, 10080>")]
    #[schemars(range(min = 1, max = 10080))]
    pub open_minutes: u32,
}

/// What the schema says of a number, the reader holds: a window of no time would count nothing.
pub(crate) fn within<'de, D: Deserializer<'de>, const MIN: u32, const MAX: u32>(
    deserializer: D,
) -> Result<u32, D::Error> {
    let number = u32::deserialize(deserializer)?;
    if (MIN..=MAX).contains(&number) {
        Ok(number)
    } else {
        Err(serde::de::Error::custom(format!("{number} is not from {MIN} to {MAX}")))
    }
}

impl Default for Breaker {
    /// A person can review twenty remediations in ten minutes; more are a storm, of changes or of mistakes.
    fn default() -> Self {
        Self { remediations: 20, window_minutes: 10, open_minutes: 60 }
    }
}

/// Flapping: a principal reopens the same element of a resource again and again, mostly a pipeline with a wrong template.
/// The guardrail continues to close it, unless the principal or its stack is named here: then it only notifies of that
/// principal's change to that element, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Flapping {
    /// How many remediations of the same element, opened by the same principal, are flapping. 0 switches the detection off.
    pub rounds: u32,
    /// Within how many hours.
    #[serde(deserialize_with = "within::<_, 1, 168>")]
    #[schemars(range(min = 1, max = 168))]
    pub window_hours: u32,
    /// After how many hours the guardrail enforces there again automatically.
    #[serde(deserialize_with = "within::<_, 1, 168>")]
    #[schemars(range(min = 1, max = 168))]
    pub open_hours: u32,
    /// Principals whose changes are left open after so many rounds: ARNs of roles and users (not of sessions: their names are
    /// the caller's choice), and of CloudFormation stacks, whose id at the end may be left out. `*` and `?` match as in IAM.
    /// None if the list is empty: reopening something again and again does not keep it open.
    pub yields_to: Vec<YieldsTo>,
}

impl Default for Flapping {
    /// Three times is no accident, and a day covers a pipeline that runs every night's and every morning's deployment.
    fn default() -> Self {
        Self { rounds: 3, window_hours: 24, open_hours: 24, yields_to: Vec::new() }
    }
}

impl Flapping {
    /// Whether the operator lets this one win: the principal by its ARN, or the stack by its own.
    #[must_use]
    pub fn yields(&self, principal: &str, stack: Option<&str>) -> bool {
        self.yields_to.iter().any(|named| named.is(principal) || stack.is_some_and(|stack| named.is_stack(stack)))
    }
}

/// The ARN of a role, a user or a CloudFormation stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^arn:[^:]+:(iam:[^:]*:[^:]*:(role|user)|cloudformation:[^:]*:[^:]*:stack)/.+$"))]
pub struct YieldsTo(String);

impl YieldsTo {
    fn is(&self, principal: &str) -> bool {
        matches_pattern(&self.0, principal)
    }

    /// A stack's ARN ends in an id that is unknown before it is made: its name is enough.
    fn is_stack(&self, stack: &str) -> bool {
        let without_id = stack.rsplit_once('/').map(|(name, _)| name).filter(|name| name.contains(":stack/"));
        matches_pattern(&self.0, stack) || without_id.is_some_and(|name| matches_pattern(&self.0, name))
    }
}

impl TryFrom<String> for YieldsTo {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        let mut parts = text.splitn(6, ':');
        let (arn, partition, service) = (parts.next(), parts.next(), parts.next());
        let resource = parts.nth(2).unwrap_or_default();
        let is_named = |kind: &str| resource.strip_prefix(kind).is_some_and(|name| !name.is_empty());
        let is_arn = arn == Some("arn") && partition.is_some_and(|partition| !partition.is_empty());
        let is_known = match service {
            Some("iam") => is_named("role/") || is_named("user/"),
            Some("cloudformation") => is_named("stack/"),
            _ => false,
        };
        if is_arn && is_known { Ok(Self(text)) } else { Err(BadValue::YieldsTo(text)) }
    }
}

impl From<YieldsTo> for String {
    fn from(YieldsTo(text): YieldsTo) -> Self {
        text
    }
}

/// Seconds that a remediation waits: 0 to 900, the longest that SQS holds a message back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32", into = "u32")]
#[schemars(with = "u32", extend("maximum" = 900))]
pub struct Grace(pub u32);

impl TryFrom<u32> for Grace {
    type Error = BadValue;

    fn try_from(seconds: u32) -> Result<Self, BadValue> {
        const LONGEST: u32 = 900;
        if seconds <= LONGEST { Ok(Self(seconds)) } else { Err(BadValue::TooLong { seconds, most: LONGEST }) }
    }
}

impl From<Grace> for u32 {
    fn from(Grace(seconds): Grace) -> Self {
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const STACK: &str = "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/8f0c5a10-0000-11ee-8000-0a1b2c3d4e5f";

    #[rstest]
    #[case::the_role("arn:aws:iam::111122223333:role/pipeline", "arn:aws:iam::111122223333:role/pipeline", None, true)]
    #[case::a_role_whose_name_begins_alike(
        "arn:aws:iam::111122223333:role/pipeline",
        "arn:aws:iam::111122223333:role/pipeline-2",
        None,
        false
    )]
    #[case::the_same_name_elsewhere(
        "arn:aws:iam::111122223333:role/pipeline",
        "arn:aws:iam::444455556666:role/pipeline",
        None,
        false
    )]
    #[case::by_pattern("arn:aws:iam::*:role/pipeline", "arn:aws:iam::444455556666:role/pipeline", None, true)]
    #[case::the_stack("arn:aws:cloudformation:eu-west-1:111122223333:stack/web", "u", Some(STACK), true)]
    #[case::the_stack_with_its_id(STACK, "u", Some(STACK), true)]
    #[case::another_stack("arn:aws:cloudformation:eu-west-1:111122223333:stack/we", "u", Some(STACK), false)]
    #[case::no_stack("arn:aws:cloudformation:eu-west-1:111122223333:stack/web", "u", None, false)]
    fn only_who_is_named_wins(
        #[case] named: &str,
        #[case] principal: &str,
        #[case] stack: Option<&str>,
        #[case] expected: bool,
    ) {
        let flapping =
            Flapping { yields_to: vec![YieldsTo::try_from(named.to_owned()).unwrap()], ..Flapping::default() };
        assert_eq!(flapping.yields(principal, stack), expected);
    }

    #[rstest]
    #[case("*")]
    #[case("pipeline")]
    #[case("arn:aws:iam::111122223333:role/")]
    #[case("arn:aws:sts::111122223333:assumed-role/pipeline/run-1")]
    #[case("arn:aws:iam::111122223333:root")]
    #[case("arn:*")]
    fn what_names_no_principal_or_every_principal_is_refused(#[case] text: &str) {
        let problem =
            crate::policy::Policy::parse(&format!("version: 1\ndefaults: {{feud: {{yields_to: [\"{text}\"]}}}}\n"));
        assert!(problem.unwrap_err().to_string().contains("can yield to"), "{text}");
    }

    #[test]
    fn no_principal_wins_unless_named() {
        assert!(!Flapping::default().yields("arn:aws:iam::111122223333:role/pipeline", Some(STACK)));
    }
}
