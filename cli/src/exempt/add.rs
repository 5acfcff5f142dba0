//! `parapet exempt add`: one more exemption, or another reason, owner and end for one that is there.

use super::end::End;
use super::store::PolicyStore;
use super::{Change, Place, apply, failure, parse_account, parse_guardrail, parse_pattern, parse_text, read};
use crate::failure::{CommandResult, Failure};
use crate::policy::warned;
use crate::terminal::Safe;
use clap::Args;
use jiff::Timestamp;
use shared::policy::edit;
use shared::policy::{AccountId, Exemption, GuardrailName, NonEmpty, Policy, Warning};
use std::io::Write;
use std::path::Path;

/// Add an exemption to the policy file
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  parapet exempt add --guardrail security-group-admin-port-open --resource 'arn:aws:ec2:*:*:security-group/sg-0a1b2c3d' \\
      --reason 'bastion until the VPN is there' --owner network@example.com --for 30d
  parapet exempt add --guardrail access-key-not-allowed --resource '*:user/ci/*' --account 111122223333 \\
      --reason 'moving to roles' --owner ci@example.com --expires 2027-03-31 --replace")]
pub(super) struct AddArgs {
    /// The guardrail that does not act
    #[arg(long, value_name = "NAME", value_parser = parse_guardrail)]
    guardrail: GuardrailName,
    /// The resource's id (an ARN); `*` and `?` match as in IAM
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern)]
    resource: String,
    /// Why it is allowed
    #[arg(long, value_name = "TEXT", value_parser = parse_text)]
    reason: NonEmpty,
    /// Who answers for it
    #[arg(long, value_name = "TEXT", value_parser = parse_text)]
    owner: NonEmpty,
    #[command(flatten)]
    end: End,
    /// Only in this account
    #[arg(long, value_name = "ID", value_parser = parse_account)]
    account: Option<AccountId>,
    /// Only for changes by this principal (an ARN); `*` and `?` match
    #[arg(long, value_name = "PATTERN", value_parser = parse_pattern)]
    actor: Option<String>,
    /// Where one is about the same guardrail, resource, account and actor: give it this reason, owner and end
    #[arg(long)]
    replace: bool,
    /// Show the change and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Place,
}

impl AddArgs {
    pub(super) fn location(&self) -> Option<&Path> {
        self.place.policy.as_deref()
    }
}

pub(super) fn run(args: &AddArgs, store: &dyn PolicyStore, now: Timestamp) -> CommandResult {
    let exemption = Exemption {
        guardrail: args.guardrail,
        resource: args.resource.clone(),
        account: args.account.clone(),
        actor: args.actor.clone(),
        reason: args.reason.clone(),
        owner: args.owner.clone(),
        expires: args.end.until(now).map_err(|bad| Failure::new(bad.to_string()))?,
    };
    let (before, version, all) = read(store)?;
    let is_there = all.iter().any(|listed| listed.exemption.is_about_the_same(&exemption));
    let (changed, verb) = if args.replace && is_there {
        (edit::replace(&before, &exemption), "replaced")
    } else {
        (edit::add(&before, &exemption), "added")
    };
    let after = changed.map_err(|error| failure(&store.name(), &error))?;
    let status =
        apply(store, &Change { before: &before, version: &version, after: &after, count: 1, verb }, args.dry_run)?;
    warn(store, &before, &after, now)?;
    Ok(status)
}

/// What the new exemption most likely does not mean: a resource that is none, an actor that is everybody.
fn warn(store: &dyn PolicyStore, before: &str, after: &str, now: Timestamp) -> std::io::Result<()> {
    let of = |text: &str| Policy::parse(text).map(|policy| policy.warnings(text, now)).unwrap_or_default();
    let known = of(before);
    let is_new = |warning: &&Warning| {
        let is_same = |old: &Warning| (&old.entry, &old.says) == (&warning.entry, &warning.says);
        warning.entry.starts_with("exemptions") && !known.iter().any(is_same)
    };
    for warning in of(after).iter().filter(is_new) {
        writeln!(anstream::stderr(), "{}{}", Safe(&store.name()), Safe(&warned(warning)))?;
    }
    Ok(())
}
