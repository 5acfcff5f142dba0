//! The calls that read rules.

use super::EventRules;
use super::actions::{DESCRIBE_RULE, EVENTS, LIST_RULES, LIST_TARGETS};
use super::reads::{describe, list, listed, targets, view};
use super::state::{Now, OwnRule, RuleRef};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::parapet::manifest::MANIFEST;
use serde_json::Value;

impl Observe<EventRules> for Signed {
    async fn observe(&self, key: &RuleRef, _: ReadDepth) -> Result<Observed<OwnRule>, ReadError> {
        let rule = match self.call(&EVENTS, describe(key)).await {
            Ok(answer) => answer.body,
            Err(failure) => match failure.of_read::<Value>(DESCRIBE_RULE.action)? {
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
                Observed::Known(_) | Observed::Absent => return Ok(Observed::Known(OwnRule::seen(key, Now::Gone))),
            },
        };
        self.whole(key, &rule).await
    }
}

impl List<EventRules> for Signed {
    /// Those that are called as one of the manifest's could be: whether it is one, the judge says, who knows the stack.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<EventRules>>, ReadError> {
        let answer = match self.call(&EVENTS, list(from)).await {
            Ok(answer) => answer,
            Err(failure) => return failure.of_read(LIST_RULES.action),
        };
        let (rules, next) = match listed(&answer) {
            Ok(listed) => listed,
            Err(why) => return Ok(Observed::Unknown { why }),
        };
        let mut found = Vec::new();
        for rule in rules {
            let Some(name) = rule.get("Name").and_then(Value::as_str).filter(|name| MANIFEST.may_be_a_rule(name))
            else {
                continue;
            };
            let key = RuleRef { name: name.to_owned(), ..RuleRef::default() };
            let state = self.whole(&key, rule).await?;
            found.push((key, state));
        }
        Ok(Observed::Known(Page { found, next: next.map(str::to_owned) }))
    }
}

impl Signed {
    /// The rule with its targets.
    async fn whole(&self, key: &RuleRef, rule: &Value) -> Result<Observed<OwnRule>, ReadError> {
        let targets = match self.call(&EVENTS, targets(key)).await {
            Ok(answer) => answer,
            Err(failure) => match failure.of_read::<Value>(LIST_TARGETS.action)? {
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
                // It was deleted meanwhile.
                Observed::Known(_) | Observed::Absent => return Ok(Observed::Known(OwnRule::seen(key, Now::Gone))),
            },
        };
        Ok(match view(rule, &targets) {
            Ok(view) => Observed::Known(OwnRule::seen(key, Now::Stands(view))),
            Err(why) => Observed::Unknown { why },
        })
    }
}
