//! Every call that changes something, and what it does to what stands there: what a record may prove depends on it. The table in
//! docs/security.md is this one.

use serde_json::{Value, json};
use shared::engine::family::Family;
use shared::engine::plan::{Action, Effect};
use shared::resources::{Visitor, visit_all};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

const MOMENT: &str = "2026-03-02T09:14:07Z";

/// One of each call of a family, as the ledger keeps it: every variant, and each setting to its good and to its bad value.
fn samples(kind: &str) -> Vec<Value> {
    let user = json!({"kind": "user", "name": "ana"});
    let both = |apply: &str, back: &str, of: &Value| vec![json!({ apply: of }), json!({ back: of })];
    let deny = |what: Value| {
        let policy = json!({"on": {"user": "ana"}, "deny": what});
        both("put", "lift", &policy)
    };
    let cut = json!({"sessions-before": {"moment": MOMENT, "until": MOMENT}});
    let policy = |arn: &str| both("detach", "attach", &json!({"holder": user, "policy": arn}));
    match kind {
        "security-group" => ["ingress", "egress"]
            .into_iter()
            .flat_map(|way| both("revoke", "authorize", &json!({"group": "sg-1", "direction": way, "rules": []})))
            .collect(),
        "access-key" => both("deactivate", "activate", &json!({"user": "ana", "id": "AKIA1"})),
        "instance-metadata" => {
            ["required", "optional"].map(|tokens| json!({"instance": "i-1", "tokens": tokens})).into()
        }
        "ebs-encryption-default" => {
            vec![
                json!("encrypt"),
                json!("do-not-encrypt"),
                json!({"use-key": "aws-managed"}),
                json!({"use-key": {"customer": "arn:aws:kms:::key/1"}}),
            ]
        }
        "serial-console" => vec![json!("disable"), json!("enable")],
        "instance-metadata-defaults" => vec![
            json!({"tokens": {"set": "required"}, "enforced": {"set": "enabled"}}),
            json!({"tokens": {"set": "optional"}, "enforced": null}),
            json!({"tokens": {"set": "required"}, "enforced": "none"}),
        ],
        "snapshot" => both("unshare", "share", &json!({"what": "snapshot", "id": "snap-1", "grantees": ["everyone"]})),
        "image" => both("unshare", "share", &json!({"what": "image", "id": "ami-1", "grantees": ["everyone"]})),
        "snapshot-block-public-access" => {
            ["block-all-sharing", "block-new-sharing", "unblocked"].map(|level| json!({"set": level})).into()
        }
        "image-block-public-access" => vec![json!("block"), json!("unblock")],
        "network-acl" => {
            let rule = json!({"allows": true, "protocol": 6, "ports": [22, 22], "icmp": null, "net": "0.0.0.0/0"});
            let entry = json!({"acl": "acl-1", "number": 90, "direction": "ingress", "rule": rule});
            ["delete", "replace", "create"].map(|call| json!({ call: entry })).into()
        }
        "flow-log" => both("create", "delete", &json!({"resource": "vpc-1", "destination": "arn:aws:s3:::logs"})),
        "subnet" => {
            [false, true].map(|value| json!({"subnet": "subnet-1", "attribute": "public-ipv4", "value": value})).into()
        }
        "transit-gateway" => both("ask-first", "accept-by-itself", &json!("tgw-1")),
        "role-trust" => {
            let trust = json!({"role": "deploy", "document": "{}"});
            vec![
                json!({ "restore": trust }),
                json!({"reduce": {"trust": trust, "edits": ["statement 1"]}}),
                json!({ "put-back": trust }),
            ]
        }
        "permissions-boundary" => ["user", "role"]
            .into_iter()
            .flat_map(|kind| {
                let holder = json!({"kind": kind, "name": "ana"});
                [
                    json!({"put": {"holder": holder, "boundary": "arn:aws:iam::1:policy/edge"}}),
                    json!({"remove": {"holder": holder}}),
                ]
            })
            .collect(),
        "identity-provider" => {
            let provider = json!({"arn": "arn:aws:iam::1:oidc-provider/ci.example", "protocol": "oidc"});
            let parts = json!({"provider": provider, "url": "https://ci.example", "clients": [], "thumbprints": [],
                "tags": []});
            vec![json!({ "delete": provider }), json!({ "create": parts })]
        }
        "db-snapshot" => {
            let calls =
                |of| both("unshare", "share", &json!({"snapshot": {"of": of, "id": "orders"}, "with": ["everybody"]}));
            [calls("instance"), calls("cluster")].concat()
        }
        "db-instance" => [(Some(false), None), (None, Some(true)), (Some(true), None), (Some(false), Some(false))]
            .map(|(access, protection)| json!({"id": "orders", "public_access": access, "protection": protection}))
            .into(),
        "db-cluster" => both("on", "off", &json!({"id": "orders"})),
        "dynamodb-table" => both("on", "off", &json!({"name": "orders"})),
        "load-balancer" => both("on", "off", &json!({"arn": "arn:aws:elb:::loadbalancer/app/shop/1"})),
        "compromised-user" => {
            let keys = both("deactivate", "activate", &json!({"user": "ana", "id": "AKIA1"}));
            let sessions = deny(cut).into_iter().map(|call| json!({ "sessions": call }));
            keys.into_iter().map(|call| json!({ "key": call })).chain(sessions).collect()
        }
        "login-profile" => deny(json!({"sessions-since": {"moment": MOMENT}})),
        "mfa-device" => deny(json!({"sessions-without-mfa": {"may_enrol": true}})),
        "session-cut" => ["user", "role"]
            .into_iter()
            .flat_map(|of| {
                let policy = json!({"on": { of: "ana" }, "deny": cut});
                both("lift", "put", &policy)
            })
            .collect(),
        "password-policy" => {
            let rules = json!({"min_length": 14, "symbols": true, "numbers": true, "uppercase": true, "lowercase": true,
                "max_age": 90, "reuse_prevention": 24, "users_may_change": true, "hard_expiry": false});
            vec![json!({ "set": rules }), json!("delete")]
        }
        "policy-attachment" => {
            let own = policy("arn:aws:iam::aws:policy/AdministratorAccess");
            let holders = ["role", "group"].map(|kind| json!({"kind": kind, "name": "ana"}));
            let customers = "arn:aws:iam::111122223333:policy/all";
            let of = |holder: &Value| both("detach", "attach", &json!({"holder": holder, "policy": customers}));
            [own, policy(customers), of(&holders[0]), of(&holders[1])].concat()
        }
        "inline-policy" => ["user", "role", "group"]
            .into_iter()
            .flat_map(|kind| {
                let holder = json!({"kind": kind, "name": "ana"});
                [
                    json!({"put": {"holder": holder, "name": "work", "document": "{}"}}),
                    json!({"delete": {"holder": holder, "name": "work"}}),
                ]
            })
            .collect(),
        "managed-policy" => vec![
            json!({"arn": "arn:aws:iam::1:policy/work", "version": "v2"}),
            json!({"arn": "arn:aws:iam::1:policy/work", "document": "{}"}),
            json!({"arn": "arn:aws:iam::1:policy/work", "deleted": {"id": "v1", "document": "{}"}, "document": "{}"}),
        ],
        // These change nothing.
        "sign-in" | "root-activity" => Vec::new(),
        other => panic!("the kind `{other}` has no place in this test: one of each of its calls"),
    }
}

/// What a call needs beside its own permission: to give tags to what it makes, a role to what delivers, and what AWS makes of it.
const BESIDE: [&str; 4] = ["ec2:CreateTags", "iam:PassRole", "iam:TagOpenIDConnectProvider", "logs:CreateLogDelivery"];

/// What the calls of a permission do, and what becomes of a change that somebody else makes right before them.
type Effects = BTreeMap<&'static str, (BTreeSet<Effect>, BTreeSet<&'static str>)>;

/// What becomes of somebody else's change between the last look and the call.
fn between<F: Family>(family: &F, action: &F::Action, is_planned: bool) -> Option<&'static str> {
    if action.effect().may_trust_a_record() {
        return None;
    }
    Some(match (family.kind(), action.permission()) {
        _ if action.guards_itself() => "cannot be lost: its name fixes what it says",
        _ if family.writes(action).is_some() || family.elsewhere(action).is_some() => "noticed",
        ("network-acl", "ec2:CreateNetworkAclEntry") => "cannot be lost: AWS refuses to make an entry over another",
        // Whoever writes over it has their own event judged.
        ("mfa-device", "iam:PutUserPolicy") | ("session-cut", "iam:DeleteRolePolicy" | "iam:DeleteUserPolicy") => {
            "not noticed: the policy's name is one of Parapet's own"
        }
        (_, _) if action.effect() == Effect::Recreating => "cannot be lost: AWS refuses to make it over another",
        _ if is_planned => panic!("{}: nothing is said of a change right before `{action}`", family.kind()),
        _ => "a person's undo",
    })
}

struct Table(BTreeMap<&'static str, Effects>);

impl Visitor for Table {
    fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
        let mut effects = Effects::new();
        let planned = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
        let planned: BTreeSet<&str> = planned.map(|permission| permission.action).collect();
        for sample in samples(family.kind()) {
            let read = serde_json::from_value::<F::Action>(sample.clone());
            let action = read.unwrap_or_else(|error| panic!("{}: {sample}: {error}", family.kind()));
            let (does, lost) = effects.entry(action.permission()).or_default();
            does.insert(action.effect());
            // What is planned under a permission that removes or restores as well is that; the rest gives back.
            let is_planned = planned.contains(action.permission())
                && !family.undoes().iter().any(|known| known.action == action.permission());
            lost.extend(between(&family, &action, is_planned));
        }
        let planned = family.guardrails().iter().flat_map(|guardrail| guardrail.about().actions);
        let all = planned.chain(family.undoes()).map(|permission| permission.action);
        for permission in all.filter(|permission| !BESIDE.contains(permission)) {
            assert!(effects.contains_key(permission), "{}: no sample needs {permission}", family.kind());
        }
        self.0.insert(family.kind(), effects);
    }
}

fn table() -> BTreeMap<&'static str, Effects> {
    let mut table = Table(BTreeMap::new());
    visit_all(&mut table);
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
        "| resource | the call needs | what it does | somebody else's change right before it |\n|---|---|---|---|\n",
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
