//! The event patterns of the template: which function does an event reach, as EventBridge would decide?
//!
//! Read from `template.yaml` itself, so that a replay, a test and the deployed rules can never disagree. Both ways of
//! writing a rule count: `AWS::Events::Rule` with a function among its targets, and an `EventBridgeRule` event of an
//! `AWS::Serverless::Function`. A rule counts whatever its `Condition` says: a stack in another region has it.

mod calls;
mod expand;
mod matcher;
mod view;

pub use calls::Calls;
pub use expand::BadPattern;

use crate::template::{Environment, Node, ParseError, is_unresolved, unresolved_reason};
use matcher::Matcher;
use serde_json::Value;
use shared::policy::{EventName, Policy};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use thiserror::Error;

/// The template that this command was built with.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// What a template leaves open until it is deployed.
#[derive(Clone, Debug)]
pub struct Params {
    /// `AWS::AccountId`
    pub account: String,
    /// `AWS::Region`
    pub region: String,
    /// `AWS::Partition`
    pub partition: String,
    /// Parameters that differ from their default.
    pub parameters: BTreeMap<String, String>,
    /// What `!GetAtt` answers, by `Resource.Attribute`. A role's ARN that is not named here is made up from its logical
    /// id: see [`Patterns::own_roles`].
    pub attributes: BTreeMap<String, String>,
    /// The logical id of the bus whose rules count; those of the default bus without one.
    pub bus: Option<String>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            account: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            partition: "aws".to_owned(),
            parameters: BTreeMap::new(),
            attributes: BTreeMap::new(),
            bus: None,
        }
    }
}

impl Params {
    /// The same with the services and calls that the guardrails of this policy file look at, as a stack has them that was deployed for it.
    #[must_use]
    pub fn for_policy(mut self, policy: &Policy) -> Self {
        let declared = || policy.custom.iter().map(|guardrail| &guardrail.declared);
        let sources: BTreeSet<&str> = declared().map(|one| one.event_source.as_str()).collect();
        let names: BTreeSet<&str> = declared().flat_map(|one| one.event_names.iter().map(EventName::as_str)).collect();
        for (parameter, values) in [("CustomEventSources", sources), ("CustomEventNames", names)] {
            let values = values.into_iter().collect::<Vec<_>>().join(",");
            if !values.is_empty() {
                self.parameters.insert(parameter.to_owned(), values);
            }
        }
        self
    }
}

/// Why patterns cannot be had from a template.
#[derive(Debug, Error)]
pub enum PatternError {
    /// It is no YAML.
    #[error("cannot read the template")]
    Template(#[from] ParseError),
    /// A pattern is not what EventBridge takes, or what this command can match.
    #[error("line {line}: cannot use the pattern of `{rule}`")]
    Pattern {
        /// The rule's logical id, or the function's and its event's.
        rule: String,
        /// Where the pattern stands.
        line: usize,
        /// What is wrong with it.
        #[source]
        why: BadPattern,
    },
    /// A rule leads to nothing that is a function of the template.
    #[error("line {line}: rule `{rule}` has no function of this template among its targets")]
    NoTarget {
        /// The rule's logical id.
        rule: String,
        /// Where it stands.
        line: usize,
    },
}

/// A function of the template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its logical id.
    pub id: String,
    /// The family that it serves: the last folder of its `CodeUri`; the logical id where there is none.
    pub family: String,
}

/// The compiled patterns of a template.
pub struct Patterns {
    functions: Vec<Function>,
    matcher: Matcher,
    calls: Calls,
    sources: BTreeSet<String>,
    own_roles: BTreeMap<String, String>,
}

struct Rule<'a> {
    name: String,
    line: usize,
    functions: Vec<&'a str>,
    pattern: &'a Node,
}

impl Patterns {
    /// The patterns of the template that this command was built with.
    ///
    /// # Errors
    /// [`PatternError`]; a test keeps it from happening.
    pub fn built_in(params: &Params) -> Result<Self, PatternError> {
        Self::from_template(&rules_and_functions_only(TEMPLATE), params)
    }

    /// Reads a template.
    ///
    /// # Errors
    /// [`PatternError`] at the first rule that cannot be used: half of the rules would answer half of the truth.
    pub fn from_template(yaml: &str, params: &Params) -> Result<Self, PatternError> {
        let template = Node::parse(yaml)?;
        let (environment, own_roles) = environment(&template, params);
        let functions = functions(&template);
        let rules = rules(&template, &functions, params.bus.as_deref())?;
        Self::compile(&rules, &functions, &environment, own_roles)
    }

    /// The rules of a template that forward to a bus elsewhere: what [`Self::functions_for`] answers are their logical ids.
    ///
    /// # Errors
    /// [`PatternError`] at the first rule that cannot be used.
    pub fn forwarding(yaml: &str, params: &Params) -> Result<Self, PatternError> {
        let template = Node::parse(yaml)?;
        let (environment, own_roles) = environment(&template, params);
        let mut rules = Vec::new();
        for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
            let is_rule = resource.value.get("Type").and_then(Node::text) == Some("AWS::Events::Rule");
            if let (true, Some(pattern)) = (is_rule, resource.value.at(&["Properties", "EventPattern"])) {
                let (name, functions) = (resource.key.clone(), vec![resource.key.as_str()]);
                rules.push(Rule { name, line: pattern.at.line, functions, pattern });
            }
        }
        let itself = |rule: &Rule<'_>| Function { id: rule.name.clone(), family: rule.name.clone() };
        let functions: Vec<Function> = rules.iter().map(itself).collect();
        Self::compile(&rules, &functions, &environment, own_roles)
    }

    fn compile(
        rules: &[Rule<'_>],
        functions: &[Function],
        environment: &Environment,
        own_roles: BTreeMap<String, String>,
    ) -> Result<Self, PatternError> {
        let mut matcher = Matcher::default();
        let mut sources = BTreeSet::new();
        let places: HashMap<&str, usize> = functions.iter().enumerate().map(|(at, f)| (f.id.as_str(), at)).collect();
        for rule in rules {
            let wrong = |why| PatternError::Pattern { rule: rule.name.clone(), line: rule.line, why };
            let pattern = environment.resolve(rule.pattern).unwrap_or_default();
            if is_unresolved(&pattern) {
                return Err(wrong(BadPattern::Unresolved(unresolved_reason(&pattern).unwrap_or_default())));
            }
            let listed = pattern.get("detail").and_then(|detail| detail.get("eventSource")?.as_array());
            sources.extend(listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned));
            let functions = rule.functions.iter().filter_map(|id| places.get(id).copied()).collect();
            matcher.add(pattern, functions).map_err(wrong)?;
        }
        let calls = Calls::of(matcher.patterns());
        Ok(Self { functions: functions.to_vec(), matcher, calls, sources, own_roles })
    }

    /// The families that an event reaches, each once, in the order of the template. The event is what EventBridge
    /// delivers: an envelope with `source`, `detail-type` and `detail`. What is no JSON reaches none.
    #[must_use]
    pub fn functions_for(&self, event_json: &[u8]) -> Vec<&str> {
        serde_json::from_slice(event_json).map(|event| self.functions_of(&event)).unwrap_or_default()
    }

    /// The same of an event that was read already.
    #[must_use]
    pub fn functions_of(&self, event: &Value) -> Vec<&str> {
        let hits = self.matcher.functions(event);
        hits.into_iter().filter_map(|at| self.functions.get(at)).map(|function| function.family.as_str()).collect()
    }

    /// The functions of the template, in its order.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The calls that may reach a function, by service and name.
    #[must_use]
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// The services whose calls the patterns ask for by name, such as `ec2.amazonaws.com`.
    #[must_use]
    pub fn event_sources(&self) -> &BTreeSet<String> {
        &self.sources
    }

    /// The ARN that stands for each role of the template, by its logical id.
    #[must_use]
    pub fn own_roles(&self) -> &BTreeMap<String, String> {
        &self.own_roles
    }
}

/// Leaves out the properties of every resource that is no rule and no function: parsing the whole template takes as long as reading thousands of records. Lines keep their
/// numbers. The template is generated: each resource begins with its name and its type.
fn rules_and_functions_only(template: &str) -> String {
    const WHOLE: [&str; 2] = ["Type: AWS::Events::Rule", "Type: AWS::Serverless::Function"];
    let Some((before, resources)) = template.split_once("\nResources:\n") else { return template.to_owned() };
    let mut kept = format!("{before}\nResources:\n");
    let mut is_whole = true;
    for line in resources.lines() {
        let is_name = line.starts_with("  ") && !line.starts_with("   ");
        let is_type = line.starts_with("    Type: ");
        if is_type {
            is_whole = WHOLE.contains(&line.trim());
        }
        // What follows the resources has its own heading.
        is_whole |= !line.is_empty() && !line.starts_with(' ');
        if is_whole || is_name || is_type {
            kept += line;
        }
        kept.push('\n');
    }
    kept
}

/// The environment of a deployment with these parameters, and the roles' ARNs.
fn environment(template: &Node, params: &Params) -> (Environment, BTreeMap<String, String>) {
    let mut environment = Environment::of_template(template);
    let Params { account, region, partition, .. } = params;
    let suffix = if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let pseudo = [("AccountId", account.as_str()), ("Region", region), ("Partition", partition), ("URLSuffix", suffix)];
    for (name, value) in pseudo.into_iter().chain([("StackName", "parapet")]) {
        environment.set(&format!("AWS::{name}"), value);
    }
    for (name, value) in &params.parameters {
        environment.set(name, value);
        // A list of the template is one here.
        drop(environment.choose(template, name, value));
    }
    let mut roles = BTreeMap::new();
    for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
        let attribute = format!("{}.Arn", resource.key);
        if resource.value.get("Type").and_then(Node::text) == Some("AWS::IAM::Role") {
            let made_up = || format!("arn:{partition}:iam::{account}:role/parapet-{}", resource.key);
            let arn = params.attributes.get(&attribute).cloned().unwrap_or_else(made_up);
            environment.set_attribute(&attribute, &arn);
            roles.insert(resource.key.clone(), arn);
        }
    }
    for (attribute, value) in &params.attributes {
        environment.set_attribute(attribute, value);
    }
    (environment, roles)
}

fn functions(template: &Node) -> Vec<Function> {
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
    let kinds = ["AWS::Serverless::Function", "AWS::Lambda::Function"];
    let is_function = |node: &Node| node.get("Type").and_then(Node::text).is_some_and(|kind| kinds.contains(&kind));
    let family = |node: &Node| {
        let code = node.at(&["Properties", "CodeUri"])?.text()?;
        code.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
    };
    let found = resources.iter().filter(|resource| is_function(&resource.value));
    found
        .map(|resource| Function {
            id: resource.key.clone(),
            family: family(&resource.value).unwrap_or_else(|| resource.key.clone()),
        })
        .collect()
}

/// The rules of the default bus, or of the bus with this logical id.
fn rules<'a>(template: &'a Node, functions: &'a [Function], bus: Option<&str>) -> Result<Vec<Rule<'a>>, PatternError> {
    let mut rules = Vec::new();
    for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
        match resource.value.get("Type").and_then(Node::text) {
            Some("AWS::Events::Rule") => {
                let Some(pattern) = resource.value.at(&["Properties", "EventPattern"]) else { continue };
                let own_bus = resource.value.at(&["Properties", "EventBusName", "Ref"]).and_then(Node::text);
                if own_bus != bus {
                    continue;
                }
                let targets = resource.value.at(&["Properties", "Targets"]).map(Node::items).unwrap_or_default();
                let line = resource.at.line;
                let functions: Vec<&str> =
                    targets.iter().filter_map(|target| function_of(target.get("Arn")?, functions)).collect();
                // A topic that is notified directly starts no function.
                let is_topic = |target: &Node| {
                    let id = target.at(&["Arn", "Ref"]).and_then(Node::text);
                    let kind = id.and_then(|id| template.at(&["Resources", id, "Type"])).and_then(Node::text);
                    kind == Some("AWS::SNS::Topic")
                };
                if !targets.is_empty() && targets.iter().all(is_topic) {
                    continue;
                }
                if functions.is_empty() {
                    return Err(PatternError::NoTarget { rule: resource.key.clone(), line });
                }
                rules.push(Rule { name: resource.key.clone(), line: pattern.at.line, functions, pattern });
            }
            // SAM's own events of the members' bus: there are none.
            Some("AWS::Serverless::Function") if bus.is_none() => {
                let events = resource.value.at(&["Properties", "Events"]).map(Node::entries).unwrap_or_default();
                for event in events {
                    let kind = event.value.get("Type").and_then(Node::text);
                    let pattern = event.value.at(&["Properties", "Pattern"]);
                    if let (Some("EventBridgeRule" | "CloudWatchEvent"), Some(pattern)) = (kind, pattern) {
                        let name = format!("{}.{}", resource.key, event.key);
                        let functions = vec![resource.key.as_str()];
                        rules.push(Rule { name, line: pattern.at.line, functions, pattern });
                    }
                }
            }
            Some(_) | None => {}
        }
    }
    Ok(rules)
}

/// The function that a target's `Arn` refers to, in whichever way it does.
fn function_of<'a>(arn: &Node, functions: &'a [Function]) -> Option<&'a str> {
    let written = match arn.entries().first().map(|entry| (entry.key.as_str(), &entry.value)) {
        Some(("Fn::GetAtt", path)) => path.items().first().and_then(Node::text).or_else(|| path.text())?,
        Some(("Ref", name)) => name.text()?,
        Some(("Fn::Sub", text)) => text.text()?.strip_prefix("${")?.strip_suffix('}')?,
        Some(_) | None => return None,
    };
    let id = written.split('.').next().unwrap_or(written);
    functions.iter().find(|function| function.id == id).map(|function| function.id.as_str())
}

#[cfg(test)]
mod tests;
