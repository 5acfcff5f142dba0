//! What belongs to Parapet itself: its roles, and the calls that it makes by them.

use crate::engine::event::Event;
use crate::engine::observed::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Parapet's own roles: what it may do is not for its guardrails to remove.
#[derive(Clone, Copy, Debug, Default)]
pub struct Own<'a> {
    /// The ARNs of its functions' roles.
    pub roles: &'a [String],
    /// The name of the role that they assume in other accounts.
    pub member_role: Option<&'a str>,
    /// The name of the role by which runbooks work, where the stack names one.
    pub runbook_role: Option<&'a str>,
    /// The stack that the function belongs to, where it is known.
    pub stack: Option<&'a Stack>,
}

/// The stack that a function belongs to: what names the resources that are Parapet's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The names of its functions and roles by their logical ids, as far as `PARAPET_PARTS` lists them.
    pub parts: BTreeMap<String, String>,
    /// The conditions of its template that hold.
    pub conditions: BTreeSet<String>,
    /// The parameters of its template that are lists and that patterns of rules name.
    pub lists: BTreeMap<String, Vec<String>>,
    /// The concurrency that each function reserves; none where it reserves none.
    pub reserved: Option<u64>,
    /// The ARN of the role that deploys it with CloudFormation.
    pub deploy_role: Option<String>,
    /// The ARN of the queue of dead letters.
    pub dead_letters: Option<String>,
    /// The ids or ARNs of the ledger's keys, and of the key that encrypts what is stored, where there is one.
    pub keys: Vec<String>,
    /// Where the policy file is.
    pub policy: Option<String>,
}

impl Own<'_> {
    /// Whether the role `name` of `place` is one of them. Within an account the name alone decides, whatever the path.
    #[must_use]
    pub fn has(&self, name: &str, place: &Place) -> bool {
        let of_the_account = format!("arn:{}:iam::{}:role/", place.partition, place.account);
        let is_here = |arn: &&String| arn.starts_with(&of_the_account);
        let is_it = |arn: &String| arn.rsplit('/').next() == Some(name);
        // Where the functions' own roles are, they assume no other one: there the member role's name is anybody's.
        match self.roles.iter().any(|arn| is_here(&arn)) {
            true => self.roles.iter().filter(is_here).any(is_it),
            false => self.member_role == Some(name),
        }
    }

    /// Whether Parapet itself made the call. The role is compared whole: a name that only begins alike is another role's.
    #[must_use]
    pub fn made(&self, event: &Event) -> bool {
        let Some(role) = &event.actor.role else { return false };
        let is_hub = self.roles.iter().any(|arn| arn.split(':').nth(4) == Some(event.account.as_str()));
        let member = |name: &str| format!("arn:{}:iam::{}:role/{name}", event.partition(), event.account);
        self.roles.contains(role) || (!is_hub && self.member_role.is_some_and(|name| *role == member(name)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    const HUB: &str = "111122223333";
    const MEMBER: &str = "444455556666";

    fn own() -> (Vec<String>, &'static str) {
        (vec![format!("arn:aws:iam::{HUB}:role/parapet-network-1A2B")], "parapet-member-network")
    }

    fn event(account: &str, role: &str) -> Event {
        Event::from_record(&json!({
            "eventID": "e", "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress",
            "eventTime": "2026-01-01T00:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": account,
            "userIdentity": {"type": "AssumedRole", "arn": format!("arn:aws:sts::{account}:assumed-role/x/y"),
                "sessionContext": {"sessionIssuer": {"arn": format!("arn:aws:iam::{account}:role/{role}")}}},
        }))
        .unwrap()
    }

    #[rstest]
    #[case::the_function_s_role(HUB, "parapet-network-1A2B", true)]
    #[case::the_member_role_in_a_member(MEMBER, "parapet-member-network", true)]
    #[case::its_name_in_the_hub(HUB, "parapet-member-network", false)]
    #[case::its_name_under_a_path(MEMBER, "x/parapet-member-network", false)]
    #[case::the_function_s_name_in_a_member(MEMBER, "parapet-network-1A2B", false)]
    #[case::a_name_that_begins_alike(MEMBER, "parapet-member-network-2", false)]
    fn a_call_is_parapet_s_own_by_the_whole_role(#[case] account: &str, #[case] role: &str, #[case] expected: bool) {
        let (roles, member) = own();
        let own = Own { roles: &roles, member_role: Some(member), ..Own::default() };
        assert_eq!(own.made(&event(account, role)), expected);
    }

    #[rstest]
    #[case::the_function_s_role(HUB, "parapet-network-1A2B", true)]
    #[case::the_member_role_in_a_member(MEMBER, "parapet-member-network", true)]
    #[case::its_name_in_the_hub(HUB, "parapet-member-network", false)]
    #[case::another_role(MEMBER, "web", false)]
    fn a_role_is_parapet_s_own_where_parapet_uses_it(
        #[case] account: &str,
        #[case] name: &str,
        #[case] expected: bool,
    ) {
        let (roles, member) = own();
        let own = Own { roles: &roles, member_role: Some(member), ..Own::default() };
        let place = Place { partition: "aws".to_owned(), account: account.to_owned(), region: String::new() };
        assert_eq!(own.has(name, &place), expected);
    }
}
