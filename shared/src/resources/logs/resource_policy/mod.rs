//! RES-09: the resource policies of CloudWatch Logs, by which services write to log groups.
//!
//! An account has up to ten for all its log groups in a region, each by its name, and one for each log group, by its ARN. They take effect for
//! calls of AWS services alone: what they open to everyone is writing log events through any of them, on behalf of any account.
//! Sources: "PutResourcePolicy", "DescribeResourcePolicies" (CloudWatch Logs API reference), "Logs sent to CloudWatch Logs" (user guide).

use super::LOGS;
use crate::engine::resource_policy::prelude::*;

const DESCRIBE: Permission = Permission::read("logs:DescribeResourcePolicies");
const PUT: Permission = Permission::setting("logs:PutResourcePolicy");
const DELETE: Permission = Permission::setting("logs:DeleteResourcePolicy");

/// The resource policies of CloudWatch Logs.
pub type LogsPolicies = Policies<LogGroups>;

/// Resource policies: those of the account by their name, those of a log group by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogGroups;

impl ResourcePolicy for LogGroups {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "logs-resource-policy";
    const NOUN: &'static str = "CloudWatch Logs";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "CloudWatch Logs",
        public: "logs-resource-policy-public" is "RES-09" at Medium,
        untrusted: "logs-resource-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1565.001",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:logs:%:%:resource-policy:%", "arn:%:logs:%:%:log-group:*"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy no service of another account writes to the account's log groups"),
            ("PutDeliveryDestinationPolicy", "a delivery destination has a policy of its own, which is not evaluated"),
        ],
        default: "If nothing is left, the policy is deleted.",
        beside: "Services that write logs of the account by it, such as Route 53 and EventBridge, stay. The policy of a log group is evaluated \
            when it changes; the sweep reads those of the account.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::Logs::ResourcePolicy", "PolicyDocument"), ("aws_cloudwatch_log_resource_policy", "policy_document")];
    const READS: &'static [Permission] = &[DESCRIBE];
    const LISTS: &'static [Permission] = &[DESCRIBE];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("logs.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let named = event.request.text(&["resourceArn"]).or_else(|| event.request.text(&["policyName"]));
        let subject = named.ok_or_else(|| Unlocatable::new(event, "the record names no policy"))?.to_owned();
        Ok(Some(Change::of(subject, event.request.at(&["policyDocument"]))))
    }

    fn named(subject: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = match is_arn(subject) {
            true => subject.clone(),
            false => format!("arn:{partition}:logs:{region}:{account}:resource-policy:{subject}"),
        };
        Resource { id, kind: "Other", name: subject.clone() }
    }

    fn owner(subject: &String) -> Option<&str> {
        arn_part(subject, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn words(subject: &String) -> String {
        let option = if is_arn(subject) { "--resource-arn" } else { "--policy-name" };
        format!("{option} {}", word(subject))
    }

    fn put_line(words: &str, document: &str) -> String {
        format!("aws logs put-resource-policy {words} --policy-document {}", argument(document))
    }

    fn delete_line(words: &str) -> String {
        format!("aws logs delete-resource-policy {words}")
    }
}

fn is_arn(subject: &str) -> bool {
    subject.starts_with("arn:")
}

/// What names the policy in a call that changes it; a log group's takes the revision that it replaces.
fn of(subject: &str, revision: Option<&str>) -> serde_json::Value {
    match (is_arn(subject), revision) {
        (true, Some(revision)) => json!({"resourceArn": subject, "expectedRevisionId": revision}),
        (true, None) => json!({"resourceArn": subject}),
        (false, _) => json!({"policyName": subject}),
    }
}

impl SignedPolicy for LogGroups {
    const API: &'static Api = &LOGS;
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(subject: &String) -> Request {
        let which = if is_arn(subject) { json!({"resourceArn": subject}) } else { json!({"policyScope": "ACCOUNT"}) };
        Request::named("DescribeResourcePolicies", which)
    }

    /// The account's policies come together, on one page; no more than ten.
    fn got(subject: &String, answer: &Answer) -> Observed<Read> {
        let key = if is_arn(subject) { "resourceArn" } else { "policyName" };
        let found = answer.list("resourcePolicies").iter().find(|policy| policy[key].as_str() == Some(subject));
        if found.is_none() && answer.text("nextToken").is_some() {
            return Observed::Unknown { why: "there are more resource policies than one answer shows".to_owned() };
        }
        let text = |member: &str| found.and_then(|policy| policy[member].as_str()).map(str::to_owned);
        let revision = text("revisionId").filter(|_| is_arn(subject));
        Observed::Known(Read::of(text("policyDocument")).at(revision))
    }

    fn put(subject: &String, document: &str, revision: Option<&str>) -> Request {
        Request::named("PutResourcePolicy", of(subject, revision)).member("policyDocument", Some(document))
    }

    fn delete(subject: &String, revision: Option<&str>) -> Request {
        Request::named("DeleteResourcePolicy", of(subject, revision))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("DescribeResourcePolicies", json!({"policyScope": "ACCOUNT"})).member("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed {
            found: answer.texts("resourcePolicies", "policyName"),
            next: answer.text("nextToken").map(str::to_owned),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_by_its_name_or_its_log_group() {
        let group = "arn:aws:logs:eu-central-1:111122223333:log-group:orders";
        let policies = json!({"resourcePolicies": [
            {"policyName": "dns", "policyDocument": "{\"a\":1}", "policyScope": "ACCOUNT", "revisionId": "7"},
            {"resourceArn": group, "policyDocument": "{\"b\":2}", "policyScope": "RESOURCE", "revisionId": "8"},
        ]});
        let answer = Answer { body: policies, request_id: None };
        let read = |subject: &str| LogGroups::got(&subject.to_owned(), &answer);
        assert_eq!(read("dns"), Observed::Known(Read::of(Some("{\"a\":1}".to_owned()))));
        assert_eq!(read(group), Observed::Known(Read::of(Some("{\"b\":2}".to_owned())).at(Some("8".to_owned()))));
        assert_eq!(read("other"), Observed::Known(Read::of(None)));
    }

    #[test]
    fn only_the_policy_of_a_log_group_takes_a_condition() {
        let group = "arn:aws:logs:eu-central-1:111122223333:log-group:orders".to_owned();
        assert_eq!(LogGroups::delete(&group, Some("8")).body, json!({"resourceArn": group, "expectedRevisionId": "8"}));
        assert_eq!(LogGroups::delete(&"dns".to_owned(), Some("8")).body, json!({"policyName": "dns"}));
    }
}
