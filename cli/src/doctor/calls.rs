//! The calls of the doctor: each with its permission, of which `--print-policy` makes a policy, and nothing that changes anything.
//!
//! Source for operations and members: the API reference of each service; for resources: the Service Authorization Reference.

use serde_json::{Value, json};
use shared::engine::permission::{On, Permission};
use shared::engine::planned::scalar_text;
use shared::engine::request::{Answer, Api, Means, Protocol, Request};
use shared::resources::cloudtrail::CLOUDTRAIL;
use shared::resources::cloudwatch::CLOUDWATCH;
use shared::resources::lambda::LAMBDA;
use shared::resources::parapet::rule::EVENTS;
use std::collections::BTreeMap;

const fn query(name: &'static str, version: &'static str, errors: &'static [(&'static str, Means)]) -> Api {
    Api { signed_as: name, host: name, protocol: Protocol::Query { version }, errors }
}

const fn json(name: &'static str, version: &'static str, target: &'static str, absent: Absent) -> Api {
    Api { signed_as: name, host: name, protocol: Protocol::Json { version, target }, errors: absent }
}

type Absent = &'static [(&'static str, Means)];

/// "AWS CloudFormation API reference". A stack that is not there is a `ValidationError`, whose message says so.
pub const CLOUDFORMATION: Api = query("cloudformation", "2010-05-15", &[("ValidationError", Means::NotThere)]);
const IAM_ERRORS: Absent = &[("NoSuchEntity", Means::NotThere)];
const IAM_VERSION: &str = "2010-05-08";
/// "AWS Identity and Access Management API reference". One endpoint for each partition.
const IAM: Api = Api { host: "https://iam.amazonaws.com", ..query("iam", IAM_VERSION, IAM_ERRORS) };
const IAM_IN_CHINA: Api =
    Api { host: "https://iam.cn-north-1.amazonaws.com.cn", ..query("iam", IAM_VERSION, IAM_ERRORS) };
const IAM_OF_GOVCLOUD: Api = Api { host: "https://iam.us-gov.amazonaws.com", ..query("iam", IAM_VERSION, IAM_ERRORS) };
/// "Amazon EC2 API reference"
pub const EC2: Api = query("ec2", "2016-11-15", &[]);
/// "Amazon SNS API reference"
pub const SNS: Api = query("sns", "2010-03-31", &[("NotFound", Means::NotThere)]);
/// "Amazon SQS API reference"
pub const SQS: Api = json("sqs", "1.0", "AmazonSQS", &[("QueueDoesNotExist", Means::NotThere)]);
/// "Amazon DynamoDB API reference"
pub const DYNAMODB: Api = json(
    "dynamodb",
    "1.0",
    "DynamoDB_20120810",
    &[("ResourceNotFoundException", Means::NotThere), ("PolicyNotFoundException", Means::NotThere)],
);
/// "AWS KMS API reference"
pub const KMS: Api = json("kms", "1.1", "TrentService", &[("NotFoundException", Means::NotThere)]);
/// "EventBridge Scheduler API reference"
pub const SCHEDULER: Api = Api {
    signed_as: "scheduler",
    host: "scheduler",
    protocol: Protocol::Rest,
    errors: &[("ResourceNotFoundException", Means::NotThere)],
};

/// The region whose endpoint serves the whole partition, and IAM's API there.
#[must_use]
pub fn of_iam(region: &str) -> (&'static Api, &'static str) {
    match region {
        region if region.starts_with("cn-") => (&IAM_IN_CHINA, "cn-north-1"),
        region if region.starts_with("us-gov-") => (&IAM_OF_GOVCLOUD, "us-gov-west-1"),
        _ => (&IAM, "us-east-1"),
    }
}

/// A call.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The region that is asked.
    pub region: String,
    /// The service.
    pub api: &'static Api,
    /// What it needs.
    pub permission: Permission,
    /// What it asks.
    pub request: Request,
    /// How far its pages are followed.
    pub pages: Pages,
}

/// How far the pages of an answer are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// To the last one.
    All,
    /// Until one has a member of this list.
    UntilSome(&'static str),
}

impl Call {
    fn new(region: &str, api: &'static Api, permission: Permission, request: Request) -> Self {
        Self { region: region.to_owned(), api, permission, request, pages: Pages::All }
    }

    /// What tells it from every other call.
    #[must_use]
    pub fn key(&self) -> String {
        let Request { operation, path, query, body, .. } = &self.request;
        format!("{} {} {operation} {path:?} {query:?} {body}", self.region, self.api.signed_as)
    }

    /// The call for the next page of an answer; none where no more is needed. IAM names the next page by `Marker`, the other services by `NextToken`.
    ///
    /// # Errors
    /// There is a next page, and the answer does not name it.
    pub fn next(&self, answer: &Answer) -> Result<Option<Self>, String> {
        if let Pages::UntilSome(list) = self.pages
            && !answer.list(list).is_empty()
        {
            return Ok(None);
        }
        let token = |name: &'static str| Some((name, answer.text(name).filter(|token| !token.is_empty())?));
        let is_truncated = answer.body.get("IsTruncated").and_then(scalar_text).is_some_and(|text| text == "true");
        let next = token("NextToken").or_else(|| token("Marker").filter(|_| is_truncated));
        match next {
            Some((name, token)) => {
                Ok(Some(Self { request: self.request.clone().member(name, Some(token)), ..self.clone() }))
            }
            None if is_truncated => {
                Err(format!("`{}` answers half a list, and not how to get the rest", self.permission.action))
            }
            None => Ok(None),
        }
    }

    /// Whether an error that means that something is not there says so. CloudFormation's `ValidationError` says many things.
    #[must_use]
    pub fn says_absent(&self, message: &str) -> bool {
        self.api.signed_as != CLOUDFORMATION.signed_as || message.trim_end().ends_with("does not exist")
    }
}

macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident($($given:ident),*) = $action:literal on [$($resource:literal),*], $api:expr => $request:expr;)+) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub fn $name(region: &str, $($given: &str),*) -> Call {
                Call::new(region, &$api, permission($action, &[$($resource),*]), $request)
            }
        )+

        /// One of each.
        #[must_use]
        pub fn each() -> Vec<Call> {
            vec![$($name("us-east-1" $(, stringify!($given))*),)+ sweeps_completed("us-east-1", "x", (0, 1)), lookup_events("us-east-1", 0)]
        }

        /// What all of them need.
        pub const PERMISSIONS: &[Permission] = &[$(permission($action, &[$($resource),*]),)+ GET_METRIC_DATA, LOOKUP_EVENTS];
    };
}

const fn permission(action: &'static str, on: &'static [&'static str]) -> Permission {
    if on.is_empty() { Permission::read(action) } else { Permission::on(action, on) }
}

fn named(operation: &'static str, body: Value) -> Request {
    Request::named(operation, body)
}

calls! {
    /// The stack: its status, parameters.
    describe_stacks(stack) = "cloudformation:DescribeStacks" on ["cloudformation:${Region}:${Account}:stack/${AWS::StackName}/*"],
        CLOUDFORMATION => named("DescribeStacks", json!({"StackName": stack}));
    /// What it consists of.
    list_stack_resources(stack) = "cloudformation:ListStackResources" on ["cloudformation:${Region}:${Account}:stack/${AWS::StackName}/*"],
        CLOUDFORMATION => named("ListStackResources", json!({"StackName": stack}));
    /// What it should consist of.
    get_template(stack) = "cloudformation:GetTemplate" on ["cloudformation:${Region}:${Account}:stack/${AWS::StackName}/*"],
        CLOUDFORMATION => named("GetTemplate", json!({"StackName": stack, "TemplateStage": "Processed"}));
    /// The regions that are enabled.
    describe_regions() = "ec2:DescribeRegions" on [], EC2 => named("DescribeRegions", Value::Null);
    /// The trails that log here, whichever region they are of.
    describe_trails() = "cloudtrail:DescribeTrails" on [],
        CLOUDTRAIL => named("DescribeTrails", json!({"includeShadowTrails": true}));
    /// Whether a trail logs.
    get_trail_status(trail) = "cloudtrail:GetTrailStatus" on ["cloudtrail:${Region}:${Account}:trail/*"],
        CLOUDTRAIL => named("GetTrailStatus", json!({"Name": trail}));
    /// What it logs.
    get_event_selectors(trail) = "cloudtrail:GetEventSelectors" on ["cloudtrail:${Region}:${Account}:trail/*"],
        CLOUDTRAIL => named("GetEventSelectors", json!({"TrailName": trail}));
    /// A rule.
    describe_rule_on(bus, rule) = "events:DescribeRule" on ["events:${Region}:${Account}:rule/*${AWS::StackName}-*"],
        EVENTS => named("DescribeRule", json!({"Name": rule, "EventBusName": bus}));
    /// Its targets.
    list_targets_on(bus, rule) = "events:ListTargetsByRule" on ["events:${Region}:${Account}:rule/*${AWS::StackName}-*"],
        EVENTS => named("ListTargetsByRule", json!({"Rule": rule, "EventBusName": bus}));
    /// A function: settings, state, variables, and no address of its code.
    get_function_configuration(function) = "lambda:GetFunctionConfiguration" on ["lambda:${Region}:${Account}:function:${AWS::StackName}-*"],
        LAMBDA => Request::rest("GetFunctionConfiguration", "GET", &["2015-03-31", "functions", function, "configuration"]);
    /// What it may run at the same time.
    get_function_concurrency(function) = "lambda:GetFunctionConcurrency" on ["lambda:${Region}:${Account}:function:${AWS::StackName}-*"],
        LAMBDA => Request::rest("GetFunctionConcurrency", "GET", &["2019-09-30", "functions", function, "concurrency"]);
    /// Who may invoke it.
    get_policy(function) = "lambda:GetPolicy" on ["lambda:${Region}:${Account}:function:${AWS::StackName}-*"],
        LAMBDA => Request::rest("GetPolicy", "GET", &["2015-03-31", "functions", function, "policy"]);
    /// Where its failures go.
    get_event_invoke_config(function) = "lambda:GetFunctionEventInvokeConfig" on ["lambda:${Region}:${Account}:function:${AWS::StackName}-*"],
        LAMBDA => Request::rest("GetFunctionEventInvokeConfig", "GET", &["2019-09-25", "functions", function, "event-invoke-config"]);
    /// The topic.
    get_topic_attributes(topic) = "sns:GetTopicAttributes" on ["sns:${Region}:${Account}:${AWS::StackName}-*"],
        SNS => named("GetTopicAttributes", json!({"TopicArn": topic}));
    /// Who gets its messages.
    list_subscriptions(topic) = "sns:ListSubscriptionsByTopic" on ["sns:${Region}:${Account}:${AWS::StackName}-*"],
        SNS => named("ListSubscriptionsByTopic", json!({"TopicArn": topic}));
    /// The queue.
    get_queue_attributes(queue) = "sqs:GetQueueAttributes" on ["sqs:${Region}:${Account}:${AWS::StackName}-*"],
        SQS => named("GetQueueAttributes", json!({"QueueUrl": queue, "AttributeNames": ["All"]}));
    /// The ledger.
    describe_table(table) = "dynamodb:DescribeTable" on ["dynamodb:${Region}:${Account}:table/${AWS::StackName}-*"],
        DYNAMODB => named("DescribeTable", json!({"TableName": table}));
    /// Whether its items expire.
    describe_time_to_live(table) = "dynamodb:DescribeTimeToLive" on ["dynamodb:${Region}:${Account}:table/${AWS::StackName}-*"],
        DYNAMODB => named("DescribeTimeToLive", json!({"TableName": table}));
    /// Whether it can be restored.
    describe_backups(table) = "dynamodb:DescribeContinuousBackups" on ["dynamodb:${Region}:${Account}:table/${AWS::StackName}-*"],
        DYNAMODB => named("DescribeContinuousBackups", json!({"TableName": table}));
    /// Who may write to it.
    get_table_policy(table) = "dynamodb:GetResourcePolicy" on ["dynamodb:${Region}:${Account}:table/${AWS::StackName}-*"],
        DYNAMODB => named("GetResourcePolicy", json!({"ResourceArn": table}));
    /// The last heartbeat.
    get_heartbeat(table) = "dynamodb:GetItem" on ["dynamodb:${Region}:${Account}:table/${AWS::StackName}-*"],
        DYNAMODB => named("GetItem", json!({"TableName": table, "Key": {"id": {"S": shared::operations::ledger::HEARTBEAT}}, "ConsistentRead": true}));
    /// A key.
    describe_key(key) = "kms:DescribeKey" on ["kms:${Region}:${Account}:key/*"],
        KMS => named("DescribeKey", json!({"KeyId": key}));
    /// Who may use it.
    get_key_policy(key) = "kms:GetKeyPolicy" on ["kms:${Region}:${Account}:key/*"],
        KMS => named("GetKeyPolicy", json!({"KeyId": key, "PolicyName": "default"}));
    /// An alarm.
    describe_alarm(alarm) = "cloudwatch:DescribeAlarms" on ["cloudwatch:${Region}:${Account}:alarm:*"],
        CLOUDWATCH => named("DescribeAlarms", json!({"AlarmNames": [alarm]}));
    /// The schedule of a sweep.
    get_schedule(group, name) = "scheduler:GetSchedule" on ["scheduler:${Region}:${Account}:schedule/*/${AWS::StackName}-*"],
        SCHEDULER => Request::rest("GetSchedule", "GET", &["schedules", name]).query("groupName", Some(group));
    /// The group of the schedules for deferred work.
    get_schedule_group(name) = "scheduler:GetScheduleGroup" on ["scheduler:${Region}:${Account}:schedule-group/${AWS::StackName}"],
        SCHEDULER => Request::rest("GetScheduleGroup", "GET", &["schedule-groups", name]);
    /// A role: who may assume it.
    get_role(role) = "iam:GetRole" on ["iam::${Account}:role/${AWS::StackName}-*"],
        IAM => named("GetRole", json!({"RoleName": role}));
    /// The names of its inline policies.
    list_role_policies(role) = "iam:ListRolePolicies" on ["iam::${Account}:role/${AWS::StackName}-*"],
        IAM => named("ListRolePolicies", json!({"RoleName": role}));
    /// One of them.
    get_role_policy(role, policy) = "iam:GetRolePolicy" on ["iam::${Account}:role/${AWS::StackName}-*"],
        IAM => named("GetRolePolicy", json!({"RoleName": role, "PolicyName": policy}));
    /// Its managed policies.
    list_attached_role_policies(role) = "iam:ListAttachedRolePolicies" on ["iam::${Account}:role/${AWS::StackName}-*"],
        IAM => named("ListAttachedRolePolicies", json!({"RoleName": role}));
    /// A managed policy: which version is in force.
    get_managed_policy(arn) = "iam:GetPolicy" on ["iam::${Account}:policy/${AWS::StackName}-*"],
        IAM => named("GetPolicy", json!({"PolicyArn": arn}));
    /// A version of it.
    get_policy_version(arn, version) = "iam:GetPolicyVersion" on ["iam::${Account}:policy/${AWS::StackName}-*"],
        IAM => named("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": version}));
}

/// How many sweeps of the stack were completed between these times, in seconds since 1970.
#[must_use]
pub fn sweeps_completed(region: &str, stack: &str, (from, to): (i64, i64)) -> Call {
    const DAY: i64 = 86_400;
    let metric = json!({"Namespace": shared::operations::metrics::NAMESPACE, "MetricName": shared::operations::metrics::SWEEPS_COMPLETED,
        "Dimensions": [{"Name": "Stack", "Value": stack}]});
    let query = json!({"Id": "sweeps", "MetricStat": {"Metric": metric, "Period": DAY, "Stat": "Sum"}});
    let body = json!({"MetricDataQueries": [query], "StartTime": from, "EndTime": to});
    Call::new(region, &CLOUDWATCH, GET_METRIC_DATA, named("GetMetricData", body))
}

/// The last change in a region since this time, in seconds since 1970. Of the changes since then the service answers the last one first.
#[must_use]
pub fn lookup_events(region: &str, since: i64) -> Call {
    let writes = json!({"AttributeKey": "ReadOnly", "AttributeValue": "false"});
    let body = json!({"LookupAttributes": [writes], "StartTime": since, "MaxResults": 1});
    let call = Call::new(region, &CLOUDTRAIL, LOOKUP_EVENTS, named("LookupEvents", body));
    Call { pages: Pages::UntilSome("Events"), ..call }
}

const LOOKUP_EVENTS: Permission = Permission::read("cloudtrail:LookupEvents");
const GET_METRIC_DATA: Permission = Permission::read("cloudwatch:GetMetricData");

impl Call {
    /// The same at IAM's endpoint of the partition, where it is a call of IAM.
    #[must_use]
    pub fn at_iam(self, partition_of: &str) -> Self {
        let (api, region) = of_iam(partition_of);
        Self { api, region: region.to_owned(), ..self }
    }
}

/// What the policy is for, beside the stack.
#[derive(Clone, Copy, Debug, Default)]
pub struct Beside<'a> {
    /// `s3://bucket/key` of the policy file, where it is an object.
    pub policy: Option<&'a str>,
    /// The key that the stack's parameter `KmsKeyArn` names.
    pub kms_key: Option<&'a str>,
}

/// Services that decrypt what the doctor reads: the ledger's items, the functions' variables, the policy file.
const DECRYPTING: [&str; 3] = ["dynamodb", "lambda", "s3"];

/// The policy with which the doctor can see everything of a stack: JSON.
#[must_use]
pub fn policy(stack: &str, region: Option<&str>, beside: Beside<'_>) -> Value {
    let (partition, domain) = match region {
        Some(region) if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn"),
        Some(region) if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
        _ => ("aws", "amazonaws.com"),
    };
    let arn = |form: &&str| {
        let named = form.replace("${AWS::StackName}", stack).replace("${Region}", "*").replace("${Account}", "*");
        format!("arn:{partition}:{named}")
    };
    let mut statements: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for Permission { action, on, .. } in PERMISSIONS.iter().copied() {
        let resources = match on {
            On::Resources(forms) => forms.iter().map(arn).collect(),
            On::Reading | On::AccountSetting => vec!["*".to_owned()],
        };
        statements.entry(resources).or_default().push(action);
    }
    if let Some(object) = beside.policy.and_then(|location| location.strip_prefix("s3://")) {
        statements.entry(vec![format!("arn:{partition}:s3:::{object}")]).or_default().push("s3:GetObject");
        // Without it S3 answers of an object that is not there that it is denied ("GetObject", Amazon S3 API reference).
        let bucket = object.split('/').next().unwrap_or(object);
        statements.entry(vec![format!("arn:{partition}:s3:::{bucket}")]).or_default().push("s3:ListBucket");
    }
    let statement = |(resources, mut actions): (Vec<String>, Vec<&str>)| {
        actions.sort_unstable();
        json!({"Effect": "Allow", "Action": actions, "Resource": resources})
    };
    let decrypt = beside.kms_key.map(|key| {
        let through = DECRYPTING.map(|service| format!("{service}.*.{domain}"));
        json!({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [key], "Condition": {"StringLike": {"kms:ViaService": through}}})
    });
    let all: Vec<Value> = statements.into_iter().map(statement).chain(decrypt).collect();
    json!({"Version": "2012-10-17", "Statement": all})
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_policy_reads_and_names_the_stack() {
        let beside = Beside { policy: Some("s3://rules/a/parapet.yaml"), kms_key: Some("arn:of:the:key") };
        let whole = policy("guard", Some("eu-west-1"), beside);
        let in_china = policy("guard", Some("cn-north-1"), beside).to_string();
        let policy = policy("guard", Some("cn-north-1"), Beside::default());
        let statements = policy["Statement"].as_array().unwrap();
        let actions: Vec<&str> = statements
            .iter()
            .flat_map(|one| one["Action"].as_array().unwrap())
            .map(|one| one.as_str().unwrap())
            .collect();
        assert_eq!(actions.len(), actions.iter().collect::<BTreeSet<_>>().len(), "each action stands once");
        for action in &actions {
            let verb = action.split(':').nth(1).unwrap();
            assert!(["Describe", "Get", "List", "Lookup"].iter().any(|read| verb.starts_with(read)), "{action}");
        }
        let text = whole.to_string();
        assert!(actions.len() == PERMISSIONS.len() && !text.contains("${"), "{text}");
        let is_allowed = |action: &str, resource: &str| {
            let allows = |one: &Value| one["Action"] == json!([action]) && one["Resource"] == json!([resource]);
            whole["Statement"].as_array().unwrap().iter().any(allows)
        };
        assert!(is_allowed("s3:GetObject", "arn:aws:s3:::rules/a/parapet.yaml"), "{text}");
        assert!(
            is_allowed("s3:ListBucket", "arn:aws:s3:::rules"),
            "a missing object is told from a denied one: {text}"
        );
        assert!(is_allowed("kms:Decrypt", "arn:of:the:key") && !policy.to_string().contains("kms:Decrypt"), "{text}");
        let through = r#"{"StringLike":{"kms:ViaService":["dynamodb.*.amazonaws.com","lambda.*.amazonaws.com","s3.*.amazonaws.com"]}}"#;
        assert!(text.contains(through) && in_china.contains("\"s3.*.amazonaws.com.cn\""), "{text}");
        assert!(
            text.contains("arn:aws:iam::*:role/guard-*")
                && policy.to_string().contains("arn:aws-cn:iam::*:role/guard-*")
        );
    }

    #[test]
    fn an_action_is_the_operation_that_is_called() {
        for call in each() {
            assert!(call.permission.action.ends_with(&format!(":{}", call.request.operation)), "{call:?}");
        }
    }

    fn of(body: Value) -> Answer {
        Answer { body, request_id: None }
    }

    #[test]
    fn a_page_names_the_next_one() {
        let call = list_stack_resources("r", "s");
        let next = call.next(&of(json!({"NextToken": "2"}))).unwrap().unwrap();
        assert_eq!(next.request.body, json!({"StackName": "s", "NextToken": "2"}));
        assert_ne!(next.key(), call.key());
        assert_eq!(call.next(&of(json!({"NextToken": ""}))), Ok(None));
        assert_eq!(call.next(&Answer::default()), Ok(None));
    }

    #[test]
    fn a_page_of_iam_names_the_next_one_by_its_marker() {
        let call = list_role_policies("r", "s");
        for yes in [json!(true), json!("true")] {
            let next = call.next(&of(json!({"IsTruncated": yes, "Marker": "2"}))).unwrap().unwrap();
            assert_eq!(next.request.body, json!({"RoleName": "s", "Marker": "2"}));
            assert!(call.next(&of(json!({"IsTruncated": yes}))).unwrap_err().contains("half a list"));
        }
        assert_eq!(call.next(&of(json!({"IsTruncated": "false", "Marker": "2"}))), Ok(None));
    }

    #[test]
    fn the_last_change_is_the_only_one_that_is_asked_for() {
        let call = lookup_events("r", 5);
        let event = json!({"Events": [{"EventName": "RunInstances"}], "NextToken": "2"});
        assert_eq!((call.next(&of(event)), &call.request.body["StartTime"]), (Ok(None), &json!(5)));
        let none = call.next(&of(json!({"Events": [], "NextToken": "2"}))).unwrap();
        assert!(none.is_some(), "an empty page with another behind it says nothing yet");
    }

    #[test]
    fn a_stack_is_not_there_only_if_cloudformation_says_so() {
        let call = describe_stacks("r", "s");
        assert!(call.says_absent("Stack with id s does not exist"));
        assert!(
            !call.says_absent("1 validation error detected: Value 's!' at 'stackName' failed to satisfy constraint")
        );
        assert!(get_role("r", "s").says_absent("The role with name s cannot be found."));
    }
}
