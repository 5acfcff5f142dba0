//! A role's trust policy: a document that is written whole, by an API that knows no condition.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::record;
use crate::invariants::story::{Change, Stale, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::resources::iam::role_trust::RoleTrusts;
use shared::resources::iam::role_trust::state::{RoleRef, RoleTrust};

const ROLE: &str = "deploy";
const OWN: &[&str] = &[
    "arn:aws:iam::111122223333:role/pipeline",
    "arn:aws:iam::111122223333:role/release",
    "arn:aws:iam::111122223333:user/ana",
];
const FOREIGN: &[&str] = &["arn:aws:iam::999988887777:root", "arn:aws:iam::999988887777:role/other"];

fn document(principals: &[&str]) -> Value {
    let statements: Vec<Value> = principals
        .iter()
        .map(|arn| json!({"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}))
        .collect();
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn role(principals: &[&str]) -> Observed<RoleTrust> {
    RoleTrusts::live(&json!({"RoleName": ROLE, "AssumeRolePolicyDocument": document(principals)}))
}

/// Who the document allows to assume the role, by any author: Parapet's repair may have moved things.
fn principals(state: &Observed<RoleTrust>) -> Vec<String> {
    let Some(text) = state.known().and_then(|trust| trust.document.known()) else { return Vec::new() };
    let document: Value = serde_json::from_str(text).unwrap();
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        other => vec![other.clone()],
    };
    let allows = list(&document["Statement"]).into_iter().filter(|statement| statement["Effect"] == "Allow");
    let arns = allows.flat_map(|statement| list(&statement["Principal"]["AWS"]));
    arns.filter_map(|arn| arn.as_str().map(str::to_owned)).collect()
}

impl Story for RoleTrusts {
    const GUARDRAIL: &'static str = "role-trust-open";
    const STALE: Stale = Stale::Reported;

    fn start(random: &mut Random) -> Observed<RoleTrust> {
        let mut own: Vec<&str> = OWN.iter().filter(|_| random.chance(60)).copied().collect();
        if own.is_empty() {
            own.push(OWN[0]);
        }
        role(&own)
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<RoleTrust>) -> Option<Change<RoleTrust>> {
        let standing = principals(state);
        let stands = |arn: &&str| standing.iter().any(|standing| standing == arn);
        let mut wanted: Vec<&str> = OWN.iter().filter(|arn| stands(arn)).copied().collect();
        match by {
            Writer::Owner => {
                let one = *random.pick(OWN);
                if wanted.contains(&one) && wanted.len() > 1 {
                    wanted.retain(|arn| *arn != one);
                } else if !wanted.contains(&one) {
                    wanted.push(one);
                }
            }
            Writer::Attacker | Writer::Parapet => {
                if random.chance(20) {
                    wanted.clear();
                }
                wanted.push(*random.pick(FOREIGN));
            }
        }
        let now: Vec<String> = wanted.iter().map(|arn| (*arn).to_owned()).collect();
        if now.is_empty() || now == standing {
            return None;
        }
        let text = document(&wanted).to_string();
        // One in ten documents is too large for its record, which leaves it out.
        let request = if random.chance(10) {
            json!({"omitted": true, "originalSize": 120_000, "reason": "requestParameters too large"})
        } else {
            json!({"roleName": ROLE, "policyDocument": text})
        };
        let request = if by == Writer::Owner { json!({"roleName": ROLE, "policyDocument": text}) } else { request };
        let made = wanted.iter().filter(|arn| FOREIGN.contains(arn)).map(|arn| (*arn).to_owned()).collect();
        let record = Some(record("iam", "UpdateAssumeRolePolicy", request, json!(null)));
        Some(Change { says: format!("trusts {wanted:?}"), state: role(&wanted), record, made })
    }

    fn open(state: &Observed<RoleTrust>) -> Vec<String> {
        principals(state).into_iter().filter(|arn| !OWN.contains(&arn.as_str())).collect()
    }

    fn allows(state: &Observed<RoleTrust>) -> Vec<String> {
        principals(state)
    }

    /// Evidence names the principal and the actions.
    fn is_about(evidence: &str, element: &str) -> bool {
        evidence.split(" by ").next() == Some(element)
    }

    const NEEDS_SWEEP: bool = true;

    fn key() -> RoleRef {
        RoleRef {
            name: Some(ROLE.to_owned()),
            is_new: false,
            by_service: None,
            time: None,
            before: Observed::Unknown { why: "nothing was asked yet".to_owned() },
        }
    }
}
