//! The rules that bring Parapet its events: LOG-12.
//!
//! Sources: "DisableRule", "DeleteRule", "PutRule", "RemoveTargets", "PutTargets", "DescribeRule", "ListTargetsByRule", "ListRules" (Amazon EventBridge API
//! reference): `PutRule` replaces a rule with what it says, and "if you omit arguments in PutRule, the old values for those arguments are not
//! kept"; a rule is deleted after its targets; targets with the id of one that is there replace it.
//!
//! The rule of this function is guarded by another one that leads to it (`Watch`), and both by the heartbeat: a rule that is disabled brings no record of it.

mod actions;
pub mod changed;
#[cfg(feature = "sdk")]
pub(crate) mod client;
pub mod look;
pub mod reads;
pub mod state;
pub mod wanted;

pub use actions::EVENTS;

use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::signed::SignedAction;
use crate::resources::cloudtrail::capitalised;
use crate::resources::parapet::made_by;
use actions::{
    DELETE_RULE, DESCRIBE_RULE, DISABLE_RULE, LIST_RULES, LIST_TARGETS, PUT_RULE, PUT_TARGETS, REMOVE_TARGETS,
};
use changed::ParapetRuleChanged;
use serde_json::Value;
use state::{Content, Now, OwnRule, RuleAction, RuleRef, Targets, View};

/// What the family is called; the function that serves it is the one that has a heartbeat.
pub const KIND: &str = "parapet-rule";

const SOURCE: &str = "events.amazonaws.com";
pub(crate) const DISABLE: &str = "DisableRule";
pub(crate) const DELETE: &str = "DeleteRule";
pub(crate) const PUT: &str = "PutRule";
pub(crate) const REMOVE: &str = "RemoveTargets";
pub(crate) const TARGET: &str = "PutTargets";

/// The family of Parapet's rules.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventRules;

impl Family for EventRules {
    type Key = RuleRef;
    type State = OwnRule;
    type Action = RuleAction;

    fn kind(&self) -> &'static str {
        KIND
    }

    fn hears_itself(&self) -> bool {
        true
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_RULE, LIST_TARGETS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_RULES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_RULE, DISABLE_RULE, PUT_RULE, PUT_TARGETS, REMOVE_TARGETS]
    }

    guardrails![ParapetRuleChanged];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[DISABLE, DELETE, PUT, REMOVE, TARGET]) {
            return Ok(Vec::new());
        }
        let named = event.request.text(&["name"]).or_else(|| event.request.text(&["rule"]));
        let name = named.ok_or_else(|| Unlocatable::new(event, "the record names no rule"))?;
        let bus = event.request.text(&["eventBusName"]).map(|bus| bus.rsplit('/').next().unwrap_or(bus));
        let key = RuleRef {
            name: name.to_owned(),
            bus: bus.filter(|bus| *bus != "default").map(str::to_owned),
            by: made_by(event),
        };
        let proven = shown(event).map(|now| OwnRule::seen(&key, now));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, rule: &mut OwnRule, target: &TargetOf<Self>) {
        rule.of.by.clone_from(&target.key.by);
    }

    /// What it is, and not how it was changed.
    fn content(&self, rule: &OwnRule) -> Value {
        serde_json::to_value(&rule.now).unwrap_or_default()
    }

    fn resource(&self, key: &RuleRef, _: Option<&OwnRule>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let bus = key.bus.as_ref().map(|bus| format!("{bus}/")).unwrap_or_default();
        let id = format!("arn:{partition}:events:{region}:{account}:rule/{bus}{}", key.name);
        Resource { id, kind: "Other", name: key.name.clone() }
    }
}

/// What the record of a call that succeeded proves. None where only a read shows it.
fn shown(event: &Event) -> Option<Now> {
    let view = match event.name.as_str() {
        DISABLE => View { enabled: Some(false), ..View::default() },
        DELETE => return Some(Now::Gone),
        PUT => {
            let text = |member: &str| event.request.text(&[member]).map(str::to_owned);
            let pattern = match event.request.at(&["eventPattern"]) {
                None | Some(Value::Null) => None,
                // What was cut is no pattern.
                Some(pattern) => Some(reads::pattern(pattern.as_str()?)?),
            };
            let content = Content {
                pattern,
                schedule: text("scheduleExpression"),
                description: text("description"),
                role: text("roleArn"),
            };
            View {
                enabled: Some(text("state").is_none_or(|state| state != "DISABLED")),
                content: Some(content),
                targets: None,
            }
        }
        REMOVE => {
            let ids = event.request.at(&["ids"])?.as_array()?;
            let ids = ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
            View { targets: Some(Targets::Removed(ids)), ..View::default() }
        }
        _ => {
            let targets = event.request.at(&["targets"])?.as_array()?;
            View { targets: Some(Targets::Written(targets.iter().map(capitalised).collect())), ..View::default() }
        }
    };
    Some(Now::Stands(view))
}

impl Asks for EventRules {
    fn asks() -> Vec<(&'static Api, Request)> {
        let rule = RuleRef { name: "orders".to_owned(), bus: Some("partners".to_owned()), ..RuleRef::default() };
        let all = reads::list_of("parapet-", Some("partners"), Some("2"));
        let reads = [reads::describe(&rule), reads::targets(&rule), reads::list(Some("2")), all];
        let calls = RuleAction::each().into_iter().map(|action| action.request());
        reads.into_iter().chain(calls).map(|request| (&EVENTS, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let of = |request: Request| answers(request.operation);
        let rule = RuleRef { name: "orders".to_owned(), ..RuleRef::default() };
        let shown = reads::view(&of(reads::describe(&rule)).body, &of(reads::targets(&rule)));
        let page = of(reads::list(None));
        let listed = reads::listed(&page);
        match (shown, listed) {
            (Ok(_), Ok(listed)) if !listed.0.is_empty() && listed.1.is_some() => Vec::new(),
            (Err(why), _) | (_, Err(why)) => vec![why],
            _ => vec!["no rule or no next page is found in an answer to ListRules".to_owned()],
        }
    }
}
