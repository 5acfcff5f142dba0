//! The ledger: the table with its protections, and the keys that sign its items.

use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, Part, open};
use crate::doctor::documents::{Grants, beyond, grants};
use crate::doctor::line::{Check, DEPLOY, Line, count, some};
use serde_json::Value;
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
    for (_, name, part) in deployed.of(TABLE) {
        table(&mut check, deployed, answers, (name, part));
    }
    let mut keys = 0;
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
            compare(&mut check, id, &part.properties["KeyPolicy"], found);
        }
    }
    check.or_well(format!("the table is active and protected, {} enabled", count(keys, "key")))
}

fn document(answer: &Answer, name: &str) -> Result<Grants, String> {
    grants(answer.body.get(name).unwrap_or(&Value::Null))
}

fn compare(check: &mut Check, name: &str, wanted: &Value, found: Result<Grants, String>) {
    if let Some(open) = open(wanted) {
        return check.unknown(name, format!("what its policy should be is not known: {open}"));
    }
    match (grants(wanted), found) {
        (Ok(wanted), Ok(found)) => {
            let (missing, more) = (beyond(&wanted, &found), beyond(&found, &wanted));
            if !missing.is_empty() {
                check.fault(name, format!("its policy lacks {}", some(&missing)), DEPLOY);
            }
            if !more.is_empty() {
                check.fault(name, format!("its policy has more than the template: {}", some(&more)), DEPLOY);
            }
        }
        (Err(why), _) | (_, Err(why)) => check.unknown(name, why),
    }
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
        Observed::Known(answer) => compare(check, name, policy, document(answer, "Policy")),
        Observed::Absent => {
            check.fault(name, "it has no policy: any principal with `dynamodb:PutItem` may write to it", DEPLOY)
        }
        Observed::Unknown { why } => check.unknown(name, why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::deployed::tests::{answer, deployed};
    use crate::doctor::line::State;
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

    fn known(body: Value) -> Observed<Answer> {
        Observed::Known(answer(body))
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

    fn said(at: usize, seen: Option<Observed<Answer>>) -> Vec<(State, String)> {
        let (stack, mut all) = (stack(), good());
        if let Some(seen) = seen {
            all[at] = seen;
        }
        let answers =
            asks(&stack).iter().zip(all).fold(Answers::default(), |all, (call, answer)| all.with(call, answer));
        judge(&stack, &answers).into_iter().map(|line| (line.state, line.says)).collect()
    }

    #[test]
    fn a_protected_ledger_is_well() {
        let said = said(0, None);
        assert!(matches!(&*said, [(State::Ok, says)] if says.contains("1 key")), "{said:?}");
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        let unknown = || Observed::Unknown { why: "the role lacks it".to_owned() };
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
            let said = said(at, Some(seen));
            assert!(matches!(&*said, [(found, says)] if *found == state && says.contains(part)), "{part}: {said:?}");
        }
        let said = said(3, Some(known(json!({ "Policy": open }))));
        assert!(said.len() == 2 && said[0].1.contains("lacks") && said[1].1.contains("more"), "{said:?}");
    }
}
