//! What template.yaml says of each function: its role's work and the rules that reach it.

use parapet::template::Node;

/// A function of the template.
pub(super) struct Function<'a> {
    /// `SecurityGroup` of `SecurityGroupFunction`.
    pub(super) stem: String,
    /// `security-group`: the last folder of its code.
    pub(super) name: String,
    /// The condition under which a stack has it.
    pub(super) condition: Option<&'a str>,
    /// The logical id of its role.
    pub(super) role: &'a str,
    /// The block itself.
    pub(super) block: &'a Node,
    /// Its role's.
    pub(super) role_block: &'a Node,
    /// The rules that lead to it.
    pub(super) rules: Vec<Rule<'a>>,
}

impl Function<'_> {
    /// Whether it finds something by itself; the function that takes findings back does not.
    pub(super) fn serves_events(&self) -> bool {
        !self.rules.is_empty()
    }
}

/// A rule of the template on its default bus.
pub(super) struct Rule<'a> {
    /// `SecurityGroup` of `SecurityGroupRule`.
    pub(super) stem: String,
    /// `EventPattern`
    pub(super) pattern: &'a Node,
}

/// Every function of the template, in its order.
pub(super) fn functions(template: &Node) -> Vec<Function<'_>> {
    let resources = template.get("Resources").unwrap().entries();
    let functions = resources.iter().filter(|entry| kind(&entry.value) == Some("AWS::Serverless::Function"));
    functions.map(|entry| function(template, &entry.key, &entry.value)).collect()
}

fn function<'a>(template: &'a Node, id: &str, block: &'a Node) -> Function<'a> {
    let stem = id.strip_suffix("Function").unwrap_or_else(|| panic!("`{id}` should be called `{id}Function`"));
    let code = block.at(&["Properties", "CodeUri"]).and_then(Node::text).unwrap();
    let role = block.at(&["Properties", "Role", "Fn::GetAtt"]).and_then(|path| path.items().first()?.text()).unwrap();
    let role_block = template.at(&["Resources", role]).unwrap_or_else(|| panic!("`{id}` has no role `{role}`"));
    Function {
        stem: stem.to_owned(),
        name: code.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned(),
        condition: block.get("Condition").and_then(Node::text),
        role,
        block,
        role_block,
        rules: rules(template, id),
    }
}

fn rules<'a>(template: &'a Node, function: &str) -> Vec<Rule<'a>> {
    let mut found = Vec::new();
    for entry in template.get("Resources").unwrap().entries() {
        let properties = entry.value.get("Properties");
        let on_default_bus = properties.is_some_and(|properties| properties.get("EventBusName").is_none());
        let pattern = properties.and_then(|properties| properties.get("EventPattern"));
        let (Some("AWS::Events::Rule"), true, Some(pattern)) = (kind(&entry.value), on_default_bus, pattern) else {
            continue;
        };
        let targets = properties.and_then(|properties| properties.get("Targets")).map(Node::items).unwrap_or_default();
        if !targets.iter().any(|target| leads_to(target, function)) {
            continue;
        }
        let stem = entry.key.strip_suffix("Rule").unwrap_or_else(|| panic!("`{}` should end with `Rule`", entry.key));
        found.push(Rule { stem: stem.to_owned(), pattern });
    }
    found
}

fn leads_to(target: &Node, function: &str) -> bool {
    let path = target.at(&["Arn", "Fn::GetAtt"]).map(Node::items).unwrap_or_default();
    path.first().and_then(Node::text) == Some(function)
}

/// The name of a statement about a family's resources, and not about what is around a function.
pub(super) fn is_about_resources(sid: &str) -> bool {
    sid.starts_with("Family") || sid.starts_with("Operate")
}

fn kind(block: &Node) -> Option<&str> {
    block.get("Type").and_then(Node::text)
}
