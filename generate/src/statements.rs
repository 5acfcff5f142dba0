//! The statements of a role's policy, from the permissions that code declares.

use shared::engine::permission::{On, Permission};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Whose region the resources are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// The stack's own.
    Own,
    /// Every region of the account: roles are global.
    All,
}

/// Actions that are allowed on the same resources under the same condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    sid: String,
    on: On,
    when: Option<Condition>,
    actions: BTreeSet<&'static str>,
}

/// A condition key and the value that it must equal.
type Condition = (&'static str, &'static str);

/// The statements that allow these, in a settled order. `prefix` begins each name.
#[must_use]
pub fn statements(prefix: &str, permissions: &BTreeSet<Permission>) -> Vec<Statement> {
    // By the service of the action and of the resources: a statement is read, and packed, by service.
    let mut groups: BTreeMap<(&str, On, Option<_>), BTreeSet<&'static str>> = BTreeMap::new();
    for permission in permissions {
        groups.entry((permission.service(), permission.on, permission.when)).or_default().insert(permission.action);
    }
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let named = |((service, on, when), actions): ((&str, On, Option<Condition>), _)| {
        let name = format!("{prefix}{}{}", camel(service), subject(on, when));
        let count = names.entry(name.clone()).or_default();
        *count += 1;
        let sid = if *count == 1 { name } else { format!("{name}{count}") };
        Statement { sid, on, when, actions }
    };
    groups.into_iter().map(named).collect()
}

/// `Read`, `AccountSettings`, or the kinds of resources.
fn subject(on: On, when: Option<(&str, &str)>) -> String {
    let resources = match on {
        On::Reading => return "Read".to_owned(),
        On::AccountSetting => return "AccountSettings".to_owned(),
        On::Resources(resources) => resources,
    };
    let mut kinds: Vec<String> = Vec::new();
    for resource in resources {
        let kind = resource.split(':').nth(3).unwrap_or_default().split('/').next().unwrap_or_default();
        if !kinds.contains(&camel(kind)) {
            kinds.push(camel(kind));
        }
    }
    // The first of many is what the call is about; the others are what it touches.
    let kinds = if kinds.len() > 2 { kinds.into_iter().take(1).collect() } else { kinds.concat() };
    let value = when.map(|(_, value)| format!("For{}", camel(value.split('.').next().unwrap_or_default())));
    format!("{kinds}{}", value.unwrap_or_default())
}

/// `security-group` as `SecurityGroup`.
#[must_use]
pub fn camel(text: &str) -> String {
    let mut out = String::new();
    let mut begins = true;
    for c in text.chars() {
        match c {
            c if !c.is_ascii_alphanumeric() => begins = true,
            c if begins => {
                out.push(c.to_ascii_uppercase());
                begins = false;
            }
            c => out.push(c),
        }
    }
    out
}

impl Statement {
    /// The prefix of the service whose actions it allows.
    #[must_use]
    pub fn service(&self) -> &'static str {
        let first = self.actions.first().copied().unwrap_or_default();
        first.split_once(':').map_or(first, |(service, _)| service)
    }

    /// What it allows.
    #[must_use]
    pub fn actions(&self) -> &BTreeSet<&'static str> {
        &self.actions
    }

    /// What counts towards IAM's limits, which leave white space out: the statement as JSON, with long values for what is not known
    /// before deployment.
    #[must_use]
    pub fn size(&self) -> usize {
        let overhead = r#"{"Sid":"","Effect":"Allow","Action":[],"Resource":[]},"#.len();
        let actions: usize = self.actions.iter().map(|action| action.len() + 3).sum();
        let resources: usize = match self.on {
            On::Resources(all) => all.iter().map(|one| arn(one, Regions::Own).len() + 3).sum(),
            On::Reading | On::AccountSetting => 3,
        };
        let when = self.when.map_or(0, |(key, value)| key.len() + value.len() + 40);
        overhead + self.sid.len() + actions + resources + when
    }

    /// As an item of a list of statements, behind `indent` spaces.
    #[must_use]
    pub fn yaml(&self, regions: Regions, indent: usize) -> String {
        let pad = " ".repeat(indent);
        let mut out = format!("{pad}- Sid: {}\n{pad}  Effect: Allow\n{pad}  Action:\n", self.sid);
        for action in &self.actions {
            let _ = writeln!(out, "{pad}    - {action}");
        }
        match self.on {
            On::Reading | On::AccountSetting => {
                let _ = writeln!(out, "{pad}  Resource: \"*\"");
            }
            On::Resources([one]) => {
                let _ = writeln!(out, "{pad}  Resource: !Sub \"{}\"", arn(one, regions));
            }
            On::Resources(many) => {
                let _ = writeln!(out, "{pad}  Resource:");
                for one in many {
                    let _ = writeln!(out, "{pad}    - !Sub \"{}\"", arn(one, regions));
                }
            }
        }
        if let Some((key, value)) = self.when {
            let _ = writeln!(out, "{pad}  Condition:\n{pad}    StringEquals: {{ {key}: {value} }}");
        }
        out
    }
}

/// As CloudFormation writes it.
fn arn(resource: &str, regions: Regions) -> String {
    let region = match regions {
        Regions::Own => "${AWS::Region}",
        Regions::All => "*",
    };
    let resource = resource.replace("${Region}", region).replace("${Account}", "${AWS::AccountId}");
    format!("arn:${{AWS::Partition}}:{resource}")
}
