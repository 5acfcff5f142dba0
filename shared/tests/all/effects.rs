//! Every call that changes something, and what it does to what stands there: what a record may prove depends on it. The table in
//! docs/security.md is this one.

use crate::world::Living;
use serde_json::json;
use shared::engine::family::Family;
use shared::engine::plan::{Action, Effect};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a call needs beside its own permission: to give tags to what it makes, a role to what delivers, what AWS makes of it, and the call that
/// makes again what its own only changes.
const BESIDE: [&str; 6] = [
    "cloudtrail:AddTags",
    "ec2:CreateTags",
    "iam:PassRole",
    "iam:TagOpenIDConnectProvider",
    "logs:CreateLogDelivery",
    "ses:CreateEmailIdentityPolicy",
];

/// What the calls of a permission do, and what becomes of a change that another principal makes right before them.
type Effects = BTreeMap<&'static str, (BTreeSet<Effect>, BTreeSet<&'static str>)>;

/// What becomes of another principal's change between the last look and the call.
fn between<F: Family>(family: &F, action: &F::Action, is_planned: bool) -> Option<&'static str> {
    if action.effect().may_trust_a_record() {
        return None;
    }
    Some(match (family.kind(), action.permission()) {
        ("trail" | "config-recorder", _) if action.guards_itself() => "cannot be lost: the step before has created it",
        // What undoes it gives back what the look before showed.
        ("reported-instance", _) if action.guards_itself() => "not noticed: an interface is isolated whatever it has",
        // A runbook starts from a record, and reads what it reads.
        ("custom", _) => "not noticed: what a runbook looks at is its document's",
        _ if action.guards_itself() => "cannot be lost: its name fixes what it says",
        _ if family.writes(action).is_some() || family.elsewhere(action).is_some() => "noticed",
        ("network-acl", "ec2:CreateNetworkAclEntry") => "cannot be lost: AWS refuses to make an entry over another",
        // The event of the principal that writes over it is judged by itself.
        ("mfa-device", "iam:PutUserPolicy") | ("session-cut", "iam:DeleteRolePolicy" | "iam:DeleteUserPolicy") => {
            "not noticed: the policy's name is one of Parapet's own"
        }
        (_, _) if action.effect() == Effect::Recreating => "cannot be lost: AWS refuses to make it over another",
        _ if is_planned => panic!("{}: nothing is said of a change right before `{action}`", family.kind()),
        _ => "a person's undo",
    })
}

#[derive(Default)]
struct Table(BTreeMap<&'static str, Effects>);

impl Table {
    fn see<F: Living>(&mut self, family: &F) {
        let mut effects = Effects::new();
        let planned = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
        let planned: BTreeSet<&str> = planned.map(|permission| permission.action).collect();
        for sample in F::samples() {
            let read = serde_json::from_value::<F::Action>(sample.clone());
            let action = read.unwrap_or_else(|error| panic!("{}: {sample}: {error}", family.kind()));
            let (does, lost) = effects.entry(action.permission()).or_default();
            does.insert(action.effect());
            // What is planned under a permission that removes or restores as well is that; the rest gives back.
            let is_planned = planned.contains(action.permission())
                && !family.undoes().iter().any(|known| known.action == action.permission());
            lost.extend(between(family, &action, is_planned));
        }
        let planned = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
        let all = planned.chain(family.undoes()).map(|permission| permission.action);
        let is_beside = |one: &&str| BESIDE.contains(one) || crate::asked::is_beside(family.kind(), one);
        for permission in all.filter(|permission| !is_beside(permission)) {
            assert!(effects.contains_key(permission), "{}: no sample needs {permission}", family.kind());
        }
        self.0.insert(family.kind(), effects);
    }
}

macro_rules! see_all {
    ([$table:ident] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {
        $($($table.see(&<shared::resources::$service::$family as Default>::default());)+)+
    };
}

fn table() -> BTreeMap<&'static str, Effects> {
    let mut table = Table::default();
    shared::registry!(see_all![table]);
    table.0
}

fn effects(kind: &str, permission: &str) -> Vec<Effect> {
    table()[kind][permission].0.iter().copied().collect()
}

#[test]
fn what_takes_one_element_away_removes_and_what_gives_back_overwrites() {
    use Effect::{Overwriting, Recreating, Removing, Restoring};
    for (kind, permission, expected) in [
        ("security-group", "ec2:RevokeSecurityGroupIngress", vec![Removing]),
        ("security-group", "ec2:AuthorizeSecurityGroupIngress", vec![Overwriting]),
        ("access-key", "iam:UpdateAccessKey", vec![Removing, Overwriting]),
        ("snapshot", "ec2:ModifySnapshotAttribute", vec![Removing, Overwriting]),
        ("serial-console", "ec2:DisableSerialConsoleAccess", vec![Restoring]),
        ("dynamodb-table", "dynamodb:UpdateTable", vec![Restoring, Overwriting]),
        // The stricter level is one that no other stands above.
        ("snapshot-block-public-access", "ec2:EnableSnapshotBlockPublicAccess", vec![Restoring, Overwriting]),
        ("network-acl", "ec2:DeleteNetworkAclEntry", vec![Overwriting]),
        ("inline-policy", "iam:DeleteRolePolicy", vec![Overwriting]),
        ("role-trust", "iam:UpdateAssumeRolePolicy", vec![Overwriting]),
        // AWS's own policy that holds no Deny, and a customer's.
        ("policy-attachment", "iam:DetachUserPolicy", vec![Removing, Overwriting]),
        ("policy-attachment", "iam:DetachRolePolicy", vec![Overwriting]),
        ("permissions-boundary", "iam:PutUserPermissionsBoundary", vec![Overwriting]),
        ("login-profile", "iam:PutUserPolicy", vec![Overwriting]),
        ("flow-log", "ec2:CreateFlowLogs", vec![Recreating]),
    ] {
        assert_eq!(effects(kind, permission), expected, "{kind} {permission}");
    }
}

#[test]
fn a_call_that_sets_two_settings_is_as_good_as_the_worse() {
    let db = |access: Option<bool>, protection: Option<bool>| {
        let call = json!({"id": "orders", "public_access": access, "protection": protection});
        serde_json::from_value::<shared::resources::database::instance::state::InstanceAction>(call).unwrap().effect()
    };
    assert_eq!(db(Some(false), Some(true)), Effect::Restoring);
    for (access, protection) in [(Some(true), Some(true)), (Some(false), Some(false)), (Some(true), None)] {
        assert_eq!(db(access, protection), Effect::Overwriting, "{access:?} {protection:?}");
    }
}

const START: &str = "<!-- effects: written by shared/tests/all/effects.rs -->\n";
const END: &str = "<!-- end of effects -->\n";

#[test]
fn the_table_in_the_page_on_security_is_up_to_date() {
    let mut lines = String::from(
        "| resource | the call needs | what it does | another caller's change right before it |\n|---|---|---|---|\n",
    );
    for (kind, effects) in table() {
        for (permission, (does, lost)) in effects {
            let words: Vec<&str> = does.iter().map(|effect| effect.word()).collect();
            let lost: Vec<&str> = lost.into_iter().collect();
            writeln!(lines, "| {kind} | `{permission}` | {} | {} |", words.join(", "), lost.join("; ")).unwrap();
        }
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/security.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(START).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let should = format!("{before}{START}{lines}{END}{after}");
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &should).unwrap();
    }
    assert!(
        page == should,
        "docs/security.md: `PARAPET_UPDATE_DOCS=1 cargo test -p shared --test all effects` writes it"
    );
}
