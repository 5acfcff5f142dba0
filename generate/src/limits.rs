//! How close the templates may come to what AWS allows: CloudFormation 500 resources and 1 MB, IAM 10,240 characters of inline policies
//! in a role, 6,144 in a managed policy, and ten of those for a role; EventBridge 2,048 in a pattern.

use crate::Error;
use parapet::template::{Entry, Environment, Node};

/// What is packed into one managed policy at most.
pub(crate) const MOST_IN_A_MANAGED_POLICY: usize = 5_500;

/// What is passed at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Resources of a template, with those that the SAM transform adds.
    pub resources: usize,
    /// Bytes of a template.
    pub bytes: usize,
    /// Characters of the inline policies of a role, white space left out.
    pub inline: usize,
    /// Characters of a managed policy.
    pub managed: usize,
    /// Characters of a rule's pattern.
    pub pattern: usize,
    /// Managed policies of a role.
    pub attached: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { resources: 450, bytes: 800_000, inline: 9_000, managed: 6_000, pattern: 2_000, attached: 9 }
    }
}

/// Passes a template that stays away from the limits.
///
/// # Errors
/// [`Error::Limit`] with the first that it comes too close to; [`Error::Parts`] where it is no YAML.
pub fn check(file: &'static str, template: &str, limits: &Limits) -> Result<(), Error> {
    let parsed = Node::parse(template).map_err(|error| Error::Parts { file, why: error.to_string() })?;
    let resources = parsed.get("Resources").map(Node::entries).unwrap_or_default();
    let is_function = |node: &Node| node.get("Type").and_then(Node::text) == Some("AWS::Serverless::Function");
    // SAM makes an EventInvokeConfig of each function's.
    let added = resources.iter().filter(|entry| is_function(&entry.value)).count();
    let limit = |what: String, is: usize, most: usize, allows, way_out| {
        if is > most { Err(Error::Limit { what, is, most, allows, way_out }) } else { Ok(()) }
    };
    let count = resources.len() + added;
    let nested = "give some functions a stack of their own";
    limit(format!("{file}: the number of resources"), count, limits.resources, "500", nested)?;
    limit(format!("{file}: its bytes"), template.len(), limits.bytes, "1,000,000", nested)?;
    let environment = environment(&parsed);
    let of_rules = with_roles(environment.clone(), resources);
    let size = |node: Option<&Node>| {
        node.and_then(|node| environment.resolve(node)).map_or(0, |value| value.to_string().len())
    };
    for entry in resources {
        let (id, properties) = (&entry.key, |key: &str| entry.value.at(&["Properties", key]));
        match entry.value.get("Type").and_then(Node::text) {
            Some("AWS::IAM::Role") => {
                let policies = properties("Policies").map(Node::items).unwrap_or_default();
                let document = |policy: &Node| {
                    let branch = policy.get("Fn::If").and_then(|branches| branches.items().get(1));
                    size(branch.unwrap_or(policy).get("PolicyDocument"))
                };
                let inline = policies.iter().map(document).sum();
                let way_out = "move statements into a managed policy, or a family to a function of its own";
                limit(format!("{file}: the inline policies of {id}"), inline, limits.inline, "10,240", way_out)?;
                let attached = properties("ManagedPolicyArns").map(|node| node.items().len()).unwrap_or_default();
                limit(format!("{file}: the policies of {id}"), attached, limits.attached, "10", way_out)?;
            }
            Some("AWS::Events::Rule") => {
                let size = properties("EventPattern").and_then(|node| of_rules.resolve(node));
                let size = size.map_or(0, |value| value.to_string().len());
                limit(format!("{file}: the pattern of {id}"), size, limits.pattern, "2,048", "give it two rules")?;
            }
            Some("AWS::IAM::ManagedPolicy") => {
                let size = size(properties("PolicyDocument"));
                limit(format!("{file}: the policy {id}"), size, limits.managed, "6,144", "split it")?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// With the longest ARN that a role may have, for what names one.
fn with_roles(mut environment: Environment, resources: &[Entry]) -> Environment {
    const LONGEST: usize = 64;
    for entry in resources {
        let arn = format!("arn:aws-us-gov:iam::111122223333:role/{}", "r".repeat(LONGEST));
        environment.set_attribute(&format!("{}.Arn", entry.key), &arn);
    }
    environment
}

/// The longest values that a real stack may have in the place of what is not known before deployment.
fn environment(template: &Node) -> Environment {
    let mut environment = Environment::of_template(template);
    for (name, value) in [
        ("AccountId", "111122223333"),
        ("Region", "ap-southeast-2"),
        ("Partition", "aws-us-gov"),
        ("StackName", "parapet-guardrails-of-the-organisation"),
    ] {
        environment.set(&format!("AWS::{name}"), value);
    }
    environment
}
