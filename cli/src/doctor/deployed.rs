//! The stack as CloudFormation has it: what its own template makes of its parameters, with the names that its parts have.

use crate::template::{Environment, Node, is_unresolved};
use jiff::Timestamp;
use serde_json::Value;
use shared::engine::observed::Place;
use shared::engine::request::Answer;
use std::collections::{BTreeMap, BTreeSet};

/// A stack.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// Its name.
    pub stack: String,
    /// Where it is.
    pub place: Place,
    /// `UPDATE_COMPLETE`
    pub status: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The logical ids of its template, whether their conditions hold or not.
    pub ids: BTreeSet<String>,
    /// What it should consist of, by logical ids.
    pub parts: BTreeMap<String, Part>,
    environment: Environment,
}

/// A part.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its type.
    pub kind: String,
    /// Its properties as the template makes them.
    pub properties: Value,
    /// What CloudFormation has of it; none where it made none.
    pub made: Option<Made>,
    /// Whether its condition is known to hold; where it is not, the stack may well be without it.
    pub is_certain: bool,
}

/// What CloudFormation made.
#[derive(Clone, Debug)]
pub struct Made {
    /// `PhysicalResourceId`
    pub name: String,
    /// `CREATE_COMPLETE`
    pub status: String,
    /// When CloudFormation last finished with it.
    pub updated: Option<Timestamp>,
}

impl Part {
    /// Its physical name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.made.as_ref().map(|made| made.name.as_str())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Value::as_str)
}

/// A time as CloudFormation or Lambda writes it.
#[must_use]
pub fn time(text: &str) -> Option<Timestamp> {
    text.replace("+0000", "Z").parse().ok()
}

impl Deployed {
    /// What the answers show: of `DescribeStacks`, `GetTemplate` and `ListStackResources`.
    ///
    /// # Errors
    /// What they do not show.
    pub fn read(
        stack: &str,
        place: &Place,
        stacks: &Answer,
        template: &Answer,
        resources: &Answer,
    ) -> Result<Self, String> {
        let shown = stacks.list("Stacks").first().ok_or("the answer shows no stack")?;
        let status = text(shown, "StackStatus").ok_or("the answer does not show the stack's status")?.to_owned();
        let body = template.text("TemplateBody").ok_or("the answer does not show the stack's template")?;
        let template = Node::parse(body).map_err(|error| format!("the stack's template cannot be read: {error}"))?;
        let mut environment = Environment::of_template(&template);
        let given = |list: &str| shown.get(list).and_then(Value::as_array).cloned().unwrap_or_default();
        for parameter in given("Parameters") {
            let (Some(name), Some(value)) = (text(&parameter, "ParameterKey"), text(&parameter, "ParameterValue"))
            else {
                continue;
            };
            let value = text(&parameter, "ResolvedValue").unwrap_or(value);
            environment.choose(&template, name, value).map_err(|error| error.to_string())?;
        }
        let id = text(shown, "StackId").unwrap_or_default();
        let domain = if place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        for (name, value) in [
            ("AccountId", place.account.as_str()),
            ("Region", &place.region),
            ("Partition", &place.partition),
            ("StackName", stack),
            ("StackId", id),
            ("URLSuffix", domain),
        ] {
            environment.set(&format!("AWS::{name}"), value);
        }
        let made: BTreeMap<String, Made> = resources.list("StackResourceSummaries").iter().filter_map(made).collect();
        let declared = template.get("Resources").map(Node::entries).unwrap_or_default();
        let kind = |node: &Node| node.get("Type").and_then(Node::text).unwrap_or_default().to_owned();
        for resource in declared {
            if let Some(made) = made.get(&resource.key) {
                name(&mut environment, &resource.key, &kind(&resource.value), &made.name, place);
            }
        }
        let mut parts = BTreeMap::new();
        for resource in declared {
            let condition = resource.value.get("Condition").and_then(Node::text);
            let holds = condition.map_or(Some(true), |condition| environment.condition(condition));
            if holds == Some(false) {
                continue;
            }
            let properties = resource.value.get("Properties").and_then(|node| environment.resolve(node));
            parts.insert(
                resource.key.clone(),
                Part {
                    kind: kind(&resource.value),
                    properties: properties.unwrap_or_default(),
                    made: made.get(&resource.key).cloned(),
                    is_certain: holds == Some(true),
                },
            );
        }
        if parts.is_empty() {
            return Err("the stack's template has no resources".to_owned());
        }
        Ok(Self {
            stack: stack.to_owned(),
            place: place.clone(),
            status,
            created: text(shown, "CreationTime").and_then(time),
            ids: declared.iter().map(|resource| resource.key.clone()).collect(),
            parts,
            environment,
        })
    }

    /// The parts of a type that were made: logical id, physical name and part.
    pub fn of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a Part)> {
        self.parts
            .iter()
            .filter(move |(_, part)| part.kind == kind)
            .filter_map(|(id, part)| Some((id.as_str(), part.name()?, part)))
    }

    /// The value of a parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.environment.value(name).and_then(Value::as_str)
    }

    /// Whether a condition of the template holds; none where that is not known.
    #[must_use]
    pub fn holds(&self, condition: &str) -> Option<bool> {
        self.environment.condition(condition)
    }

    /// An ARN in the stack's account and region.
    #[must_use]
    pub fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{rest}", self.place.partition, self.place.region, self.place.account)
    }
}

/// The first value in it that is not known, as the template writes it.
#[must_use]
pub fn first_unresolved(value: &Value) -> Option<String> {
    let within = match value {
        Value::Object(members) => members.values().find_map(first_unresolved),
        Value::Array(list) => list.iter().find_map(first_unresolved),
        _ => None,
    };
    within.or_else(|| is_unresolved(value).then(|| value.to_string()))
}

fn made(resource: &Value) -> Option<(String, Made)> {
    let name = text(resource, "PhysicalResourceId").filter(|name| !name.is_empty())?.to_owned();
    let status = text(resource, "ResourceStatus").unwrap_or_default().to_owned();
    let updated = text(resource, "LastUpdatedTimestamp").and_then(time);
    Some((text(resource, "LogicalResourceId")?.to_owned(), Made { name, status, updated }))
}

/// What `Ref` and `GetAtt` answer of a part ("Resource and property types reference", CloudFormation).
fn name(environment: &mut Environment, id: &str, kind: &str, name: &str, place: &Place) {
    environment.set(id, name);
    let Place { partition, account, region } = place;
    let arn = |service: &str, rest: String| format!("arn:{partition}:{service}:{region}:{account}:{rest}");
    let last = name.rsplit('/').next().unwrap_or(name);
    let attributes: &[(&str, String)] = &match kind {
        "AWS::IAM::Role" => vec![("Arn", format!("arn:{partition}:iam::{account}:role/{name}"))],
        "AWS::Lambda::Function" => vec![("Arn", arn("lambda", format!("function:{name}")))],
        "AWS::SQS::Queue" => {
            vec![("Arn", arn("sqs", last.to_owned())), ("QueueName", last.to_owned()), ("QueueUrl", name.to_owned())]
        }
        "AWS::SNS::Topic" => {
            vec![("TopicArn", name.to_owned()), ("TopicName", name.rsplit(':').next().unwrap_or(name).to_owned())]
        }
        "AWS::DynamoDB::Table" => vec![("Arn", arn("dynamodb", format!("table/{name}")))],
        "AWS::KMS::Key" => vec![("Arn", arn("kms", format!("key/{name}"))), ("KeyId", name.to_owned())],
        "AWS::Events::Rule" => vec![("Arn", arn("events", format!("rule/{}", name.replace('|', "/"))))],
        "AWS::Events::EventBus" => vec![("Arn", arn("events", format!("event-bus/{name}"))), ("Name", name.to_owned())],
        "AWS::Scheduler::ScheduleGroup" => vec![("Arn", arn("scheduler", format!("schedule-group/{name}")))],
        "AWS::Scheduler::Schedule" => vec![],
        "AWS::Logs::LogGroup" => vec![("Arn", arn("logs", format!("log-group:{name}:*")))],
        "AWS::CloudWatch::Alarm" => vec![("Arn", arn("cloudwatch", format!("alarm:{name}")))],
        _ => vec![],
    };
    for (attribute, value) in attributes {
        environment.set_attribute(&format!("{id}.{attribute}"), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{answer, deployed, place};
    use serde_json::json;

    #[test]
    fn the_template_is_read_with_the_stack_s_parameters_and_names() {
        let template = json!({
            "Parameters": {"Mode": {"Type": "String", "Default": "notify"}},
            "Conditions": {"Never": {"Fn::Equals": [{"Ref": "Mode"}, "off"]}, "Perhaps": {"Fn::Equals": [{"Ref": "Gone"}, "1"]}},
            "Resources": {
                "Queue": {"Type": "AWS::SQS::Queue"},
                "Role": {"Type": "AWS::IAM::Role"},
                "Other": {"Type": "AWS::SNS::Topic", "Condition": "Never"},
                "Unsure": {"Type": "AWS::SNS::Topic", "Condition": "Perhaps"},
                "Function": {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Environment": {"Variables": {"MODE": {"Ref": "Mode"}, "DEAD": {"Fn::GetAtt": "Queue.Arn"},
                        "ROLE": {"Fn::If": ["Never", "x", {"Ref": "AWS::NoValue"}]}, "OPEN": {"Ref": "Gone"}}}}},
            },
        });
        let queue = "https://sqs.eu-west-1.amazonaws.com/111122223333/parapet-Queue-1";
        let deployed =
            deployed(&template, &[("Queue", queue), ("Role", "parapet-Role-1"), ("Function", "parapet-Function-1")]);
        let function = &deployed.parts["Function"];
        assert_eq!(function.properties["Role"], "arn:aws:iam::111122223333:role/parapet-Role-1");
        let variables = &function.properties["Environment"]["Variables"];
        assert_eq!(
            (&variables["MODE"], &variables["DEAD"]),
            (&json!("enforce"), &json!("arn:aws:sqs:eu-west-1:111122223333:parapet-Queue-1"))
        );
        assert!(
            variables.get("ROLE").is_none()
                && first_unresolved(&variables["OPEN"]).is_some()
                && first_unresolved(variables).is_some()
        );
        let named = json!({"A": ["x", {"B": {"Fn::Sub": "${Gone}"}}]});
        assert_eq!(first_unresolved(&named), Some(r#"{"Fn::Sub":"${Gone}"}"#.to_owned()), "and nothing around it");
        assert!(deployed.parts["Queue"].is_certain && !deployed.parts["Unsure"].is_certain);
        assert_eq!(deployed.holds("Perhaps"), None);
        assert!(!deployed.parts.contains_key("Other") && deployed.ids.contains("Other"));
        assert_eq!((deployed.parameter("Mode"), deployed.holds("Never")), (Some("enforce"), Some(false)));
        assert_eq!(
            deployed.of("AWS::IAM::Role").map(|(id, name, _)| (id, name)).collect::<Vec<_>>(),
            [("Role", "parapet-Role-1")]
        );
    }

    #[test]
    fn half_an_answer_is_no_stack() {
        let (stacks, body) =
            (answer(json!({"Stacks": [{"StackStatus": "CREATE_COMPLETE"}]})), answer(json!({"TemplateBody": "{}"})));
        let read = |stacks: &Answer, template: &Answer| {
            Deployed::read("p", &place(), stacks, template, &Answer::default()).unwrap_err()
        };
        assert!(read(&Answer::default(), &body).contains("no stack"));
        assert!(read(&stacks, &Answer::default()).contains("template"));
        assert!(read(&stacks, &body).contains("no resources"));
        assert!(read(&stacks, &answer(json!({"TemplateBody": "a: [1"}))).contains("cannot be read"));
    }

    #[test]
    fn the_times_of_two_services_are_read() {
        assert_eq!(time("2026-03-01T10:00:00.000+0000"), time("2026-03-01T10:00:00Z"));
        assert_eq!(time("soon"), None);
    }
}
