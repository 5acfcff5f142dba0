//! The functions: what is written of them by hand, with what their families say.

use crate::Error;
use crate::statements::camel;
use crate::yaml;
use parapet::template::Node;
use shared::engine::family::{Family, permissions, permissions_to_undo};
use shared::engine::hint::{Detector, is_control};
use shared::engine::permission::Permission;
use shared::resources::{PURPOSES, Purpose, Visitor, visit_all};
use std::collections::{BTreeMap, BTreeSet};

/// A function that serves events.
#[derive(Debug)]
pub struct Function {
    /// `security-group`: the folder of its code, and the name of its families.
    pub name: String,
    /// `SecurityGroup`: what its logical ids begin with.
    pub stem: String,
    /// `Description`
    pub description: String,
    /// Whether its resources are an account's in all regions: a stack has it in one region only.
    pub is_global: bool,
    /// Whether there is something to sweep; a function that judges events alone has nothing.
    pub sweeps: bool,
    /// Whether it guards Parapet itself: its rules bring it the calls of its own role, too, and the heartbeat.
    pub hears_itself: bool,
    /// Whether it knows the roles of all functions, and not its own and that of `operate` alone.
    pub knows_every_role: bool,
    /// Whether it starts the runbooks that the stack's parameters name.
    pub starts_runbooks: bool,
    /// What its work on resources needs.
    pub permissions: BTreeSet<Permission>,
    /// What undoing it needs.
    pub undoes: BTreeSet<Permission>,
    /// Its rules.
    pub rules: Vec<Rule>,
    /// The controls of Security Hub that its guardrails map to: a finding of them is a trigger, too.
    pub controls: BTreeSet<&'static str>,
    /// What other detectors report that its guardrails look at.
    pub reports: BTreeSet<(Detector, &'static str)>,
}

/// A rule on the default bus that leads to a function.
#[derive(Debug)]
pub struct Rule {
    /// `SecurityGroup` of `SecurityGroupRule`.
    pub stem: String,
    /// `Description`
    pub description: String,
    /// The condition under which a stack has it, beside its function's. On the members' bus, `Hub` stands before its name.
    pub condition: Option<String>,
    /// `EventPattern`
    pub pattern: Node,
}

impl Function {
    /// The condition under which a stack has it.
    #[must_use]
    pub fn condition(&self) -> Option<&'static str> {
        self.is_global.then_some("IsGlobalRegion")
    }

    /// The line `Condition: ...` of its resources, with their indentation; empty where there is none.
    #[must_use]
    pub(crate) fn condition_line(&self) -> String {
        self.condition().map(|name| format!("  Condition: {name}\n")).unwrap_or_default()
    }
}

/// What the families of a function say.
#[derive(Default)]
struct Declared {
    permissions: BTreeSet<Permission>,
    undoes: BTreeSet<Permission>,
    triggers: BTreeSet<&'static str>,
    scopes: BTreeSet<bool>,
    controls: BTreeSet<&'static str>,
    reports: BTreeSet<(Detector, &'static str)>,
    sweeps: bool,
    hears_itself: bool,
}

#[derive(Default)]
struct All(BTreeMap<&'static str, Declared>);

impl Visitor for All {
    fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
        let own = self.0.entry(function).or_default();
        own.permissions.extend(permissions(&family));
        own.undoes.extend(permissions_to_undo(&family));
        own.triggers.extend(family.guardrails().iter().flat_map(|guardrail| guardrail.about().triggers));
        own.scopes.insert(family.is_global());
        let has_state = !family.reads().is_empty();
        own.sweeps |= has_state;
        // A finding is judged by what can be read.
        for guardrail in family.guardrails().iter().filter(|_| has_state) {
            let controls = guardrail.about().controls.iter().copied();
            own.reports.extend(controls.clone().filter_map(Detector::named));
            own.controls.extend(controls.filter(|control| is_control(control)));
        }
        own.hears_itself |= family.hears_itself();
    }
}

/// The functions of the registry, in its order; `text` is `functions.yaml`.
///
/// # Errors
/// [`Error::Functions`] where it does not fit the registry, or the families of a function do not fit each other.
pub fn functions(text: &str) -> Result<Vec<Function>, Error> {
    let mut all = All::default();
    visit_all(&mut all);
    let described = Node::parse(text).map_err(|error| Error::Functions(error.to_string()))?;
    if let Some(entry) = described.entries().iter().find(|entry| !all.0.contains_key(entry.key.as_str())) {
        return Err(Error::Functions(format!("no family is served by `{}`", entry.key)));
    }
    PURPOSES.iter().map(|purpose| function(purpose, described.get(purpose.function), &all)).collect()
}

fn function(purpose: &Purpose, described: Option<&Node>, all: &All) -> Result<Function, Error> {
    let name = purpose.function;
    let wrong = |why: &str| Error::Functions(format!("`{name}`: {why}"));
    let declared = all.0.get(name).ok_or_else(|| wrong("it serves no family"))?;
    // The sweep would look at a global resource once for every region, and a regional one in a single region.
    let is_global = match declared.scopes.iter().collect::<Vec<_>>().as_slice() {
        [one] => **one,
        _ => return Err(wrong("some of its families are global and some are not")),
    };
    let stem = camel(name);
    let mut rules = Vec::new();
    if let Some((description, services)) = purpose.hears {
        let own_role = (!declared.hears_itself).then_some(stem.as_str());
        let names: Vec<&str> = declared.triggers.iter().copied().collect();
        for (at, names) in in_rules(&names).into_iter().enumerate() {
            let pattern = api_calls(services, names, own_role).map_err(|why| wrong(&why))?;
            let stem = if at == 0 { stem.clone() } else { format!("{stem}{}", at + 1) };
            rules.push(Rule { stem, description: description.to_owned(), condition: None, pattern });
        }
    }
    for entry in described.and_then(|described| described.get("Rules")).map(Node::entries).unwrap_or_default() {
        rules.push(rule(&entry.key, &entry.value).map_err(|why| wrong(&why))?);
    }
    if rules.is_empty() {
        return Err(wrong("it hears nothing and has no `Rules`"));
    }
    Ok(Function {
        name: name.to_owned(),
        description: purpose.does.to_owned(),
        is_global,
        sweeps: declared.sweeps,
        hears_itself: declared.hears_itself,
        knows_every_role: described.is_some_and(|described| described.get("KnowsEveryRole").is_some()),
        starts_runbooks: described.is_some_and(|described| described.get("StartsRunbooks").is_some()),
        permissions: declared.permissions.clone(),
        undoes: declared.undoes.clone(),
        rules,
        controls: declared.controls.clone(),
        reports: declared.reports.clone(),
        stem,
    })
}

fn rule(stem: &str, described: &Node) -> Result<Rule, String> {
    let description = described.get("Description").and_then(Node::text);
    let description = description.ok_or_else(|| format!("`{stem}` has no `Description`"))?.to_owned();
    let pattern = described.get("EventPattern").ok_or_else(|| format!("`{stem}` has no `EventPattern`"))?.clone();
    let condition = described.get("Condition").and_then(Node::text).map(str::to_owned);
    Ok(Rule { stem: stem.to_owned(), description, condition, pattern })
}

/// How many characters the names of calls may have in one pattern: EventBridge takes 2,048 for the whole ("Amazon EventBridge quotas").
const NAMES_IN_A_RULE: usize = 1_200;

/// The names in as many rules as they need.
fn in_rules<'a>(names: &'a [&'a str]) -> Vec<&'a [&'a str]> {
    let length: usize = names.iter().map(|name| name.len() + 3).sum();
    let rules = length.div_ceil(NAMES_IN_A_RULE).max(1);
    names.chunks(names.len().div_ceil(rules).max(1)).collect()
}

/// These triggers as calls that succeeded and that the function itself, where one is named, did not make.
fn api_calls(services: &[&str], names: &[&str], function: Option<&str>) -> Result<Node, String> {
    let sources: Vec<String> = services.iter().map(|service| format!("aws.{service}")).collect();
    let event_sources: Vec<String> = services.iter().map(|service| format!("{service}.amazonaws.com")).collect();
    let text = format!(
        "source: [{}]\ndetail-type: [AWS API Call via CloudTrail]\ndetail:\n  eventSource: [{}]\n  eventName: [{}]\n  \
         errorCode: [{{ exists: false }}]\n{}",
        sources.join(", "),
        event_sources.join(", "),
        names.join(", "),
        function.map(but_by).unwrap_or_default(),
    );
    Node::parse(&text).map_err(|error| error.to_string())
}

fn but_by(function: &str) -> String {
    format!(
        "  userIdentity:\n    sessionContext:\n      sessionIssuer:\n        \
         arn: [{{ anything-but: [!GetAtt {function}Role.Arn, !GetAtt OperateRole.Arn] }}, {{ exists: false }}]\n"
    )
}

impl Rule {
    /// The line `Condition: ...` of the rule, with its indentation; its function's where it has none of its own.
    pub(crate) fn condition_line(&self, function: &Function) -> String {
        let own = self.condition.as_ref().map(|name| format!("  Condition: {name}\n"));
        own.unwrap_or_else(|| function.condition_line())
    }

    /// The same of the rule on the members' bus, which a hub has.
    pub(crate) fn hub_condition_line(&self) -> String {
        let own = self.condition.as_ref().map(|name| format!("Hub{name}"));
        format!("  Condition: {}\n", own.as_deref().unwrap_or("IsHub"))
    }

    /// The lines of its pattern, or of what became of it, behind `indent` spaces.
    pub(crate) fn lines(pattern: &Node, indent: usize) -> String {
        yaml::entries(pattern.entries(), indent)
    }
}
