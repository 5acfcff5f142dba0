//! What the rules of an event name beside networks: groups, of this account and of others, and prefix lists. Each is played by
//! something of its own, and the group itself by the one that was made for it.

use crate::Result;
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::AddPrefixListEntry;
use serde_json::Value;
use shared::resources::ec2::security_group::state::{Rule, Source};
use std::collections::BTreeMap;

/// Who plays whom, by the ids of the event.
#[derive(Default)]
pub(super) struct Cast(BTreeMap<String, String>);

impl Cast {
    /// Makes what `rules` name. `id` is the group that the event is about and `own` the one that plays it; `lists` has the networks
    /// of prefix lists, where a fixture says them.
    pub(super) async fn of(
        ec2: &Client,
        rules: &[Rule],
        (id, own): (Option<&str>, &str),
        vpc: &str,
        lists: &Value,
    ) -> Result<Self> {
        let mut cast = Self::default();
        if let Some(id) = id {
            cast.0.insert(id.to_owned(), own.to_owned());
        }
        for rule in rules {
            let (named, is_list) = match &rule.source {
                Source::Group { id, .. } => (id, false),
                Source::PrefixList { id, .. } => (id, true),
                Source::Cidr(_) => continue,
            };
            if !cast.0.contains_key(named) && named != own {
                let player =
                    if is_list { list(ec2, named, &lists[named]).await? } else { group(ec2, named, vpc).await? };
                cast.0.insert(named.clone(), player);
            }
        }
        Ok(cast)
    }

    /// The rules as the players have them.
    pub(super) fn play(&self, rules: Vec<Rule>) -> Vec<Rule> {
        let mut rules = rules;
        for rule in &mut rules {
            let (Source::Group { id, .. } | Source::PrefixList { id, .. }) = &mut rule.source else { continue };
            if let Some(player) = self.0.get(id) {
                id.clone_from(player);
            }
        }
        rules
    }

    /// The event about the players, and a note of those beside the group itself.
    pub(super) fn event(&self, event: &Value, own: &str) -> Result<(Value, String)> {
        let (mut event, mut note) = (event.clone(), String::new());
        for (id, player) in &self.0 {
            event = super::renamed(&event, id, player)?;
            if player != own {
                note += &format!(", {player} in place of {id}");
            }
        }
        Ok((event, note))
    }
}

/// A group. AWS knows which account it is of by the rule; the local AWS asks only whether it is there.
async fn group(ec2: &Client, named: &str, vpc: &str) -> Result<String> {
    let call = ec2.create_security_group().group_name(format!("in-place-of-{named}")).description("named by a rule");
    Ok(call.vpc_id(vpc).send().await?.group_id.ok_or("no group was made")?)
}

/// A list of these networks; of none where the fixture does not say which.
async fn list(ec2: &Client, named: &str, networks: &Value) -> Result<String> {
    let networks: Vec<&str> = networks.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let family = if networks.iter().any(|network| network.contains(':')) { "IPv6" } else { "IPv4" };
    let size = i32::try_from(networks.len().max(1))?;
    let call = ec2.create_managed_prefix_list().prefix_list_name(format!("in-place-of-{named}"));
    let mut call = call.address_family(family).max_entries(size);
    for network in networks {
        call = call.entries(AddPrefixListEntry::builder().cidr(network).build());
    }
    let made = call.send().await?.prefix_list.and_then(|list| list.prefix_list_id);
    Ok(made.ok_or("no prefix list was made")?)
}
