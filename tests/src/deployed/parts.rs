//! The parts: each type by the calls that CloudFormation makes for it.

use super::{ENDING, STACK};
use crate::Result;
use crate::lab::Lab;
use crate::moto::{ACCOUNT, REGION};
use aws_sdk_dynamodb::types::{PointInTimeRecoverySpecification, TimeToLiveSpecification};
use aws_sdk_scheduler::types::{FlexibleTimeWindow, FlexibleTimeWindowMode, Target};
use parapet::doctor::deployed::{Deployed, Part};
use serde_json::{Map, Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::planned::scalar_text;
use shared::engine::request::{Api, Request};
use shared::resources::cloudwatch::CLOUDWATCH;
use shared::resources::lambda::LAMBDA;
use shared::resources::parapet::rule::EVENTS;
use std::collections::BTreeMap;

/// An empty archive.
const ZIP: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// Makes what has no name before it is there, and names all parts.
pub(super) async fn named(lab: &Lab, template: &Value) -> Result<BTreeMap<String, String>> {
    let clients = &lab.clients;
    let mut names = BTreeMap::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        let called = format!("{STACK}-{id}-{ENDING}");
        let name = match resource["Type"].as_str().unwrap_or_default() {
            "AWS::KMS::Key" => {
                let key = aws_sdk_kms::Client::new(&clients.config).create_key().key_spec("HMAC_256".into());
                let key = key.key_usage("GENERATE_VERIFY_MAC".into()).send().await?;
                key.key_metadata.ok_or("no key was made")?.key_id
            }
            "AWS::SNS::Topic" => {
                clients.sns.create_topic().name(called).send().await?.topic_arn.ok_or("no topic was made")?
            }
            "AWS::SQS::Queue" => {
                let made = clients.sqs.create_queue().queue_name(called);
                let seconds = scalar_text(&resource["Properties"]["MessageRetentionPeriod"]).unwrap_or_default();
                made.attributes("MessageRetentionPeriod".into(), seconds)
                    .send()
                    .await?
                    .queue_url
                    .ok_or("no queue was made")?
            }
            "AWS::Lambda::LayerVersion" => {
                let call = Request::rest("PublishLayerVersion", "POST", &["2018-10-31", "layers", id, "versions"]);
                let answer = signed(lab, &LAMBDA, call.member("Content", Some(json!({"ZipFile": ZIP})))).await?;
                answer["LayerVersionArn"].as_str().ok_or("no layer was made")?.to_owned()
            }
            "AWS::Scheduler::ScheduleGroup" => STACK.to_owned(),
            "AWS::IAM::ManagedPolicy" => format!("arn:aws:iam::{ACCOUNT}:policy/{called}"),
            "AWS::IAM::Role" => match resource["Properties"]["RoleName"]["Fn::Sub"].as_str() {
                Some(name) => name.replace("${AWS::StackName}", STACK).replace("${AWS::Region}", REGION),
                None => called,
            },
            _ => called,
        };
        names.insert(id.clone(), name);
    }
    Ok(names)
}

/// What each part refers to has to be there before it.
const ORDER: [&str; 14] = [
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Events::Rule",
    "AWS::SNS::TopicPolicy",
    "AWS::SNS::Subscription",
    "AWS::SQS::QueuePolicy",
    "AWS::DynamoDB::Table",
    "AWS::KMS::Key",
    "AWS::CloudWatch::Alarm",
    "AWS::Scheduler::ScheduleGroup",
];

/// Makes the parts.
pub(super) async fn make(lab: &Lab, stack: &Deployed) -> Result<()> {
    for kind in ORDER.into_iter().chain(["AWS::Scheduler::Schedule"]) {
        for (id, name, part) in stack.of(kind) {
            one(lab, stack, (id, name, part)).await.map_err(|problem| format!("`{id}`: {problem}"))?;
        }
    }
    Ok(())
}

async fn signed(lab: &Lab, api: &'static Api, request: Request) -> Result<Value> {
    Ok(Signed::new(&lab.clients.config).call(api, request).await?.body)
}

fn text(value: &Value) -> String {
    scalar_text(value).unwrap_or_default()
}

async fn one(lab: &Lab, stack: &Deployed, (id, name, part): (&str, &str, &Part)) -> Result<()> {
    let (clients, properties) = (&lab.clients, &part.properties);
    match part.kind.as_str() {
        "AWS::IAM::ManagedPolicy" => {
            let called = name.rsplit('/').next().unwrap_or_default();
            clients
                .iam
                .create_policy()
                .policy_name(called)
                .policy_document(properties["PolicyDocument"].to_string())
                .send()
                .await?;
        }
        "AWS::IAM::Role" => {
            let trust = properties["AssumeRolePolicyDocument"].to_string();
            clients.iam.create_role().role_name(name).assume_role_policy_document(trust).send().await?;
            for policy in properties["Policies"].as_array().into_iter().flatten() {
                inline(lab, name, policy).await?;
            }
            for arn in properties["ManagedPolicyArns"].as_array().into_iter().flatten() {
                clients.iam.attach_role_policy().role_name(name).policy_arn(text(arn)).send().await?;
            }
        }
        "AWS::IAM::RolePolicy" => inline(lab, &text(&properties["RoleName"]), properties).await?,
        "AWS::Lambda::Function" => function(lab, name, properties).await?,
        "AWS::Lambda::Permission" => {
            let function = text(&properties["FunctionName"]);
            let function = function.rsplit(':').next().unwrap_or_default();
            let mut call = Request::rest("AddPermission", "POST", &["2015-03-31", "functions", function, "policy"])
                .member("StatementId", Some(id));
            for key in ["Action", "Principal", "SourceArn"] {
                call = call.member(key, properties.get(key).cloned());
            }
            signed(lab, &LAMBDA, call).await?;
        }
        "AWS::Lambda::EventInvokeConfig" => {
            let function = text(&properties["FunctionName"]);
            let mut call = Request::rest(
                "PutFunctionEventInvokeConfig",
                "PUT",
                &["2019-09-25", "functions", &function, "event-invoke-config"],
            );
            for key in ["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"] {
                call = call.member(key, properties.get(key).cloned());
            }
            signed(lab, &LAMBDA, call).await?;
        }
        "AWS::Events::Rule" => {
            let mut put = Request::named("PutRule", json!({"Name": name, "State": "ENABLED"}));
            if let Some(pattern) = properties.get("EventPattern") {
                put = put.member("EventPattern", Some(pattern.to_string()));
            }
            put = put.member("ScheduleExpression", properties.get("ScheduleExpression").cloned());
            signed(lab, &EVENTS, put).await?;
            signed(lab, &EVENTS, Request::named("PutTargets", json!({"Rule": name, "Targets": properties["Targets"]})))
                .await?;
        }
        "AWS::SNS::TopicPolicy" => {
            let (topic, policy) = (text(&properties["Topics"][0]), properties["PolicyDocument"].to_string());
            clients
                .sns
                .set_topic_attributes()
                .topic_arn(topic)
                .attribute_name("Policy")
                .attribute_value(policy)
                .send()
                .await?;
        }
        "AWS::SNS::Subscription" => {
            let call = clients
                .sns
                .subscribe()
                .topic_arn(text(&properties["TopicArn"]))
                .protocol(text(&properties["Protocol"]));
            call.endpoint(text(&properties["Endpoint"])).send().await?;
        }
        "AWS::SQS::QueuePolicy" => {
            let (queue, policy) = (text(&properties["Queues"][0]), properties["PolicyDocument"].to_string());
            clients.sqs.set_queue_attributes().queue_url(queue).attributes("Policy".into(), policy).send().await?;
        }
        "AWS::DynamoDB::Table" => table(lab, stack, name, properties).await?,
        "AWS::KMS::Key" => {
            let kms = aws_sdk_kms::Client::new(&clients.config);
            kms.put_key_policy()
                .key_id(name)
                .policy_name("default")
                .policy(properties["KeyPolicy"].to_string())
                .send()
                .await?;
        }
        "AWS::CloudWatch::Alarm" => {
            let mut members = numbers(properties).as_object().cloned().unwrap_or_default();
            members.insert("AlarmName".to_owned(), name.into());
            signed(lab, &CLOUDWATCH, Request::named("PutMetricAlarm", members.into())).await?;
        }
        "AWS::Scheduler::ScheduleGroup" => {
            aws_sdk_scheduler::Client::new(&clients.config).create_schedule_group().name(name).send().await?;
        }
        "AWS::Scheduler::Schedule" => schedule(lab, name, properties).await?,
        other => return Err(format!("nothing makes a {other}").into()),
    }
    Ok(())
}

async fn inline(lab: &Lab, role: &str, policy: &Value) -> Result<()> {
    let call = lab.clients.iam.put_role_policy().role_name(role).policy_name(text(&policy["PolicyName"]));
    call.policy_document(policy["PolicyDocument"].to_string()).send().await?;
    Ok(())
}

async fn function(lab: &Lab, name: &str, properties: &Value) -> Result<()> {
    let mut members =
        Map::from_iter([("FunctionName".to_owned(), name.into()), ("Code".to_owned(), json!({"ZipFile": ZIP}))]);
    for key in ["Runtime", "Role", "Handler", "MemorySize", "Timeout", "Architectures", "Layers", "Environment"] {
        members.extend(properties.get(key).map(|value| (key.to_owned(), value.clone())));
    }
    let call =
        Request { body: members.into(), ..Request::rest("CreateFunction", "POST", &["2015-03-31", "functions"]) };
    signed(lab, &LAMBDA, call).await?;
    Ok(())
}

async fn table(lab: &Lab, stack: &Deployed, name: &str, properties: &Value) -> Result<()> {
    let dynamodb = &lab.clients.dynamodb;
    crate::lab::ledger(&lab.clients, name).await?;
    dynamodb
        .update_table()
        .table_name(name)
        .deletion_protection_enabled(properties["DeletionProtectionEnabled"] == true)
        .send()
        .await?;
    let expires = text(&properties["TimeToLiveSpecification"]["AttributeName"]);
    let lifetime = TimeToLiveSpecification::builder().enabled(true).attribute_name(expires).build()?;
    dynamodb.update_time_to_live().table_name(name).time_to_live_specification(lifetime).send().await?;
    let recovery = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build()?;
    dynamodb.update_continuous_backups().table_name(name).point_in_time_recovery_specification(recovery).send().await?;
    let policy = properties["ResourcePolicy"]["PolicyDocument"].to_string();
    dynamodb
        .put_resource_policy()
        .resource_arn(stack.arn("dynamodb", &format!("table/{name}")))
        .policy(policy)
        .send()
        .await?;
    Ok(())
}

/// The window in which a schedule may begin: none.
fn at_once() -> Result<FlexibleTimeWindow> {
    Ok(FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build()?)
}

async fn schedule(lab: &Lab, name: &str, properties: &Value) -> Result<()> {
    let of = &properties["Target"];
    let target =
        Target::builder().arn(text(&of["Arn"])).role_arn(text(&of["RoleArn"])).input(text(&of["Input"])).build()?;
    let call = aws_sdk_scheduler::Client::new(&lab.clients.config).create_schedule().name(name);
    let call =
        call.group_name(text(&properties["GroupName"])).schedule_expression(text(&properties["ScheduleExpression"]));
    call.flexible_time_window(at_once()?).target(target).send().await?;
    Ok(())
}

/// With numbers where a text is one: a parameter's value is a text, and the API wants a number.
fn numbers(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), numbers(value))).collect(),
        Value::Array(list) => list.iter().map(numbers).collect(),
        Value::String(text) => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
        other => other.clone(),
    }
}
