//! The actions that the known ways are made of, and what each of them is about.
//!
//! What must hold: a permission whose resources cannot be what the action is about gives nothing, and one that can
//! counts.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::arn::Arn;
use super::glob::{Budget, Pattern};
use super::methods::METHODS;

/// An action that some way needs.
#[derive(Debug)]
pub(crate) struct Known {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) pattern: Pattern,
    targets: Vec<Target>,
    /// What a resource must cover to stand for all that the action is about, in the partition that most accounts are
    /// in: what a Deny must cover as well.
    pub(crate) usual: Vec<Pattern>,
    /// On the own user it gives nothing that the user does not have.
    pub(crate) is_harmless_on_self: bool,
}

/// What an action is about.
#[derive(Debug)]
struct Target {
    service: Pattern,
    resource: Pattern,
    whole: Pattern,
}

impl Known {
    /// The pattern can stand for something that the action is about, or the permission reaches nothing.
    pub(crate) fn is_about(&self, resource: &Pattern, budget: &Budget) -> bool {
        match Arn::read(resource.text()).filter(|arn| !arn.resource.is_empty()) {
            // Field by field, as it is meant. Read as one string, `role/*` would also fit a user whose path holds
            // `:role/`, which is never meant.
            Some(arn) => {
                let (service, name) = (Pattern::value(arn.service), Pattern::value(arn.resource));
                self.targets.iter().any(|target| {
                    target.service.meets_within(&service, budget) && target.resource.meets_within(&name, budget)
                })
            }
            None => self.targets.iter().any(|target| target.whole.meets_within(resource, budget)),
        }
    }
}

/// The actions of the table, sorted by name.
pub(crate) static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut names: Vec<&str> = METHODS.iter().flat_map(|method| method.actions.iter().copied()).collect();
    names.sort_by_key(|name| name.to_ascii_lowercase());
    names.dedup();
    let known = names.into_iter().map(|name| {
        let targets = targets(name);
        Known {
            name: name.to_ascii_lowercase(),
            pattern: Pattern::action(name),
            usual: targets
                .iter()
                .map(|(service, resource)| {
                    Pattern::value(&match *service {
                        "iam" => format!("arn:aws:iam::*:{resource}"),
                        service => format!("arn:aws:{service}:*"),
                    })
                })
                .collect(),
            targets: targets
                .into_iter()
                .map(|(service, resource)| Target {
                    service: Pattern::value(service),
                    resource: Pattern::value(resource),
                    whole: Pattern::value(&format!("arn:*:{service}:*:{resource}")),
                })
                .collect(),
            is_harmless_on_self: matches!(
                name,
                "iam:CreateAccessKey" | "iam:CreateLoginProfile" | "iam:UpdateLoginProfile"
            ),
        }
    });
    known.collect()
});

/// The resource types of an action, as the service authorization reference lists them:
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>.
fn targets(action: &str) -> Vec<(&str, &'static str)> {
    let (service, name) = action.split_once(':').unwrap_or((action, ""));
    match (service, name) {
        ("iam", "AddUserToGroup" | "AttachGroupPolicy" | "PutGroupPolicy") => {
            vec![("iam", "group/*")]
        }
        ("iam", "CreatePolicyVersion" | "SetDefaultPolicyVersion") => vec![("iam", "policy/*")],
        ("iam", name) if name.contains("Role") => vec![("iam", "role/*")],
        ("iam", _) => vec![("iam", "user/*")],
        ("sts", _) => vec![("iam", "role/*")],
        ("ssm", _) => vec![("ssm", "*"), ("ec2", "*"), ("ecs", "*")],
        ("ec2-instance-connect", _) => vec![("ec2", "*")],
        (service, _) => vec![(service, "*")],
    }
}

/// The actions as the table of ways writes them: it asks for each of them of every document.
static POSITIONS: LazyLock<HashMap<&'static str, usize>> = LazyLock::new(|| {
    let actions = METHODS.iter().flat_map(|method| method.actions.iter().copied());
    actions.filter_map(|action| Some((action, searched(action)?))).collect()
});

/// Where a known action stands in the table.
pub(crate) fn position(action: &str) -> Option<usize> {
    POSITIONS.get(action).copied().or_else(|| searched(action))
}

fn searched(action: &str) -> Option<usize> {
    let name = action.to_ascii_lowercase();
    KNOWN.binary_search_by(|known| known.name.cmp(&name)).ok()
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, METHODS, position};

    #[test]
    fn the_actions_are_sorted_for_the_search() {
        assert!(KNOWN.is_sorted_by(|left, right| left.name < right.name));
        assert!(KNOWN.iter().all(|known| !known.targets.is_empty()));
    }

    #[test]
    fn an_action_is_found_however_it_is_written() {
        for action in METHODS.iter().flat_map(|method| method.actions) {
            let at = position(action).unwrap();
            assert_eq!(KNOWN[at].name, action.to_ascii_lowercase());
            assert_eq!(position(&action.to_ascii_uppercase()), Some(at));
        }
        assert_eq!(position("s3:NoSuchAction"), None);
    }
}
