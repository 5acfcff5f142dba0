//! The ledger: the table with its protections, and the keys that sign its items.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, Part};
use crate::doctor::documents::{Grants, compare, grants, wanted};
use crate::doctor::line::{Check, DEPLOY, Line};
use serde_json::Value;
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;

const TABLE: &str = "AWS::DynamoDB::Table";
const KEY: &str = "AWS::KMS::Key";

fn arn(deployed: &Deployed, table: &str) -> String {
    deployed.arn("dynamodb", &format!("table/{table}"))
}

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed) -> Vec<Call> {
    let region = &deployed.place.region;
    let tables = deployed.of(TABLE).flat_map(|(_, table, _)| {
        [
            calls::describe_table(region, table),
            calls::describe_time_to_live(region, table),
            calls::describe_backups(region, table),
            calls::get_table_policy(region, &arn(deployed, table)),
        ]
    });
    let keys =
        deployed.of(KEY).flat_map(|(_, key, _)| [calls::describe_key(region, key), calls::get_key_policy(region, key)]);
    tables.chain(keys).collect()
}

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("ledger", region);
    let (mut tables, mut keys) = (0, 0);
    for (_, name, part) in deployed.of(TABLE) {
        tables += 1;
        table(&mut check, deployed, answers, (name, part));
    }
    for (id, key, part) in deployed.of(KEY) {
        keys += 1;
        if let Some(found) = check.need(answers, &calls::describe_key(region, key), id) {
            match found.at(&["KeyMetadata", "KeyState"]).and_then(Value::as_str) {
                Some("Enabled") => {}
                Some(state) => check.fault(
                    id,
                    format!("the key `{key}` is `{state}`: the ledger's items cannot be signed or verified"),
                    "cancel its deletion or enable it, in KMS",
                ),
                None => check.unknown(id, "the answer does not show the key's state"),
            }
        }
        let found =
            check.need(answers, &calls::get_key_policy(region, key), id).map(|answer| document(answer, "Policy"));
        if let Some(found) = found {
            compare(&mut check, id, "its policy", wanted(&part.properties["KeyPolicy"]), found);
        }
    }
    let says = format!(" active and protected, {} enabled", counted(keys, "key"));
    check.or_all_well(&deployed.stack, (tables, "table"), &says)
}

fn document(answer: &Answer, name: &str) -> Result<Grants, String> {
    grants(answer.body.get(name).unwrap_or(&Value::Null))
}

fn table(check: &mut Check, deployed: &Deployed, answers: &Answers, (name, part): (&str, &Part)) {
    let region = &deployed.place.region;
    let wanted = &part.properties;
    let Some(found) = check.need(answers, &calls::describe_table(region, name), name) else { return };
    match found.at(&["Table", "TableStatus"]).and_then(Value::as_str) {
        Some("ACTIVE" | "UPDATING") => {}
        Some(status) => check.fault(name, format!("the table is `{status}`"), DEPLOY),
        None => check.unknown(name, "the answer does not show the table's status"),
    }
    for (what, key) in [
        ("its deletion protection", "DeletionProtectionEnabled"),
        ("its expiry", "TimeToLiveSpecification"),
        ("its point-in-time recovery", "PointInTimeRecoverySpecification"),
    ] {
        check.is_resolved(name, what, &wanted[key]);
    }
    let is_protected = found.at(&["Table", "DeletionProtectionEnabled"]).and_then(Value::as_bool).unwrap_or(false);
    if wanted["DeletionProtectionEnabled"] == true && !is_protected {
        check.fault(name, "its deletion protection is off: its undo steps can be lost", DEPLOY);
    }
    if let Some(found) = check.need(answers, &calls::describe_time_to_live(region, name), name) {
        let description = found.at(&["TimeToLiveDescription"]).unwrap_or(&Value::Null);
        let is_on = matches!(description["TimeToLiveStatus"].as_str(), Some("ENABLED" | "ENABLING"));
        let attribute = &wanted["TimeToLiveSpecification"]["AttributeName"];
        if wanted["TimeToLiveSpecification"]["Enabled"] == true
            && !(is_on && description["AttributeName"] == *attribute)
        {
            check.fault(name, "its items do not expire (time to live)", DEPLOY);
        }
    }
    if let Some(found) = check.need(answers, &calls::describe_backups(region, name), name) {
        let path = ["ContinuousBackupsDescription", "PointInTimeRecoveryDescription", "PointInTimeRecoveryStatus"];
        let is_on = found.at(&path).and_then(Value::as_str) == Some("ENABLED");
        if wanted["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true && !is_on {
            check.fault(name, "its point-in-time recovery is off", DEPLOY);
        }
    }
    let Some(policy) = wanted.get("ResourcePolicy").and_then(|policy| policy.get("PolicyDocument")) else { return };
    match answers.of(&calls::get_table_policy(region, &arn(deployed, name))) {
        Observed::Known(answer) => compare(check, name, "its policy", self::wanted(policy), document(answer, "Policy")),
        Observed::Absent => {
            check.fault(name, "it has no policy: any principal with `dynamodb:PutItem` may write to it", DEPLOY)
        }
        Observed::Unknown { why } => check.unknown(name, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::line::State;
    use crate::doctor::tests::{answers, deployed, is_said, known, said, unknown};
    use serde_json::json;

    fn policy() -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "dynamodb:PutItem", "Resource": "*"}]})
    }

    fn stack() -> Deployed {
        let table = json!({"DeletionProtectionEnabled": true, "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": true},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}, "ResourcePolicy": {"PolicyDocument": policy()}});
        let template = json!({"Resources": {"Ledger": {"Type": TABLE, "Properties": table}, "LedgerKey": {"Type": KEY, "Properties": {"KeyPolicy": policy()}}}});
        deployed(&template, &[("Ledger", "parapet-Ledger-1"), ("LedgerKey", "key-1")])
    }

    /// In the order of [`asks`].
    fn good() -> [Observed<Answer>; 6] {
        let of_policy = || known(json!({"Policy": policy().to_string()}));
        [
            known(json!({"Table": {"TableStatus": "ACTIVE", "DeletionProtectionEnabled": true}})),
            known(json!({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}})),
            known(
                json!({"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}}),
            ),
            of_policy(),
            known(json!({"KeyMetadata": {"KeyState": "Enabled"}})),
            of_policy(),
        ]
    }

    fn judged(stack: &Deployed, seen: [Observed<Answer>; 6]) -> Vec<(State, String)> {
        said(judge(stack, &answers(&asks(stack), seen)))
    }

    fn with(at: usize, seen: Observed<Answer>) -> Vec<(State, String)> {
        let mut all = good();
        all[at] = seen;
        judged(&stack(), all)
    }

    #[test]
    fn a_protected_ledger_is_well() {
        is_said(&judged(&stack(), good()), State::Ok, "1 table active and protected, 1 key");
        let none = deployed(&json!({"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}), &[("F", "f")]);
        is_said(&said(judge(&none, &Answers::default())), State::Fault, "the stack has no table");
    }

    #[test]
    fn what_the_template_leaves_open_is_unknown() {
        for (part, key, says) in [
            ("Ledger", "DeletionProtectionEnabled", "what its deletion protection should be"),
            ("Ledger", "TimeToLiveSpecification", "what its expiry should be"),
            ("LedgerKey", "KeyPolicy", "what the template says is not known"),
        ] {
            let mut stack = stack();
            stack.parts.get_mut(part).unwrap().properties[key] = json!({"Ref": "Gone"});
            is_said(&judged(&stack, good()), State::Unknown, says);
        }
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        let open =
            json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "dynamodb:*", "Resource": "*"}]})
                .to_string();
        for (at, seen, state, part) in [
            (0, Observed::Absent, State::Fault, "does not exist"),
            (0, unknown(), State::Unknown, "lacks"),
            (
                0,
                known(json!({"Table": {"TableStatus": "DELETING", "DeletionProtectionEnabled": true}})),
                State::Fault,
                "`DELETING`",
            ),
            (0, known(json!({"Table": {"TableStatus": "ACTIVE"}})), State::Fault, "deletion protection"),
            (0, known(json!({"Table": {"DeletionProtectionEnabled": true}})), State::Unknown, "status"),
            (1, known(json!({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}})), State::Fault, "expire"),
            (1, unknown(), State::Unknown, "lacks"),
            (2, known(json!({})), State::Fault, "recovery is off"),
            (3, Observed::Absent, State::Fault, "no policy"),
            (3, unknown(), State::Unknown, "lacks"),
            (3, known(json!({})), State::Unknown, "no statements"),
            (4, known(json!({"KeyMetadata": {"KeyState": "PendingDeletion"}})), State::Fault, "PendingDeletion"),
            (4, known(json!({})), State::Unknown, "state"),
            (5, unknown(), State::Unknown, "lacks"),
        ] {
            is_said(&with(at, seen), state, part);
        }
        let said = with(3, known(json!({ "Policy": open })));
        assert!(said.len() == 2 && said[0].1.contains("lacks") && said[1].1.contains("more"), "{said:?}");
    }
}
