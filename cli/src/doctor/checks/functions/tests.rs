use super::*;
use crate::doctor::line::State;
use crate::doctor::tests::{answers, deployed, is_said, known, said, unknown};

const NAME: &str = "parapet-F-1";
const ARN: &str = "arn:aws:lambda:eu-west-1:111122223333:function:parapet-F-1";
const RULE: &str = "arn:aws:events:eu-west-1:111122223333:rule/parapet-R-1";

fn template() -> Value {
    let function = json!({"Runtime": "provided.al2023", "Timeout": 900, "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Layers": ["layer:1"], "Environment": {"Variables": {"PARAPET_MODE": {"Ref": "Mode"}, "RUST_LOG": "info"}}});
    json!({
        "Parameters": {"Mode": {"Type": "String"}},
        "Resources": {
            "F": {"Type": FUNCTION, "Properties": function}, "Role": {"Type": "AWS::IAM::Role"}, "R": {"Type": "AWS::Events::Rule"},
            "P": {"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Fn::GetAtt": ["F", "Arn"]}, "Action": "lambda:InvokeFunction",
                "Principal": "events.amazonaws.com", "SourceArn": {"Fn::GetAtt": ["R", "Arn"]}}},
            "C": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "F"}, "MaximumRetryAttempts": 2,
                "MaximumEventAgeInSeconds": "21600", "DestinationConfig": {"OnFailure": {"Destination": "queue"}}}},
        },
    })
}

fn made_of(template: &Value) -> Deployed {
    deployed(template, &[("F", NAME), ("Role", "parapet-Role-1"), ("R", "parapet-R-1"), ("P", "p"), ("C", "c")])
}

fn configuration() -> Value {
    json!({"FunctionName": NAME, "State": "Active", "LastUpdateStatus": "Successful", "LastModified": "2026-03-01T09:59:00.000+0000",
        "Runtime": "provided.al2023", "Timeout": 900, "Role": "arn:aws:iam::111122223333:role/parapet-Role-1", "Layers": [{"Arn": "layer:1"}],
        "Environment": {"Variables": {"PARAPET_MODE": "enforce", "RUST_LOG": "info"}}})
}

fn policy() -> Value {
    let statement = json!({"Sid": "x", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction",
        "Resource": ARN, "Condition": {"ArnLike": {"AWS:SourceArn": RULE}}});
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// What is answered to the four calls.
struct Seen([Observed<Answer>; 4]);

fn of_policy(policy: &Value) -> Observed<Answer> {
    known(json!({"Policy": policy.to_string()}))
}

impl Seen {
    fn good() -> Self {
        let failures = json!({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 21600, "DestinationConfig": {"OnFailure": {"Destination": "queue"}}});
        Self([known(configuration()), known(json!({})), of_policy(&policy()), known(failures)])
    }

    fn with(at: usize, answer: Observed<Answer>) -> Self {
        let mut seen = Self::good();
        seen.0[at] = answer;
        seen
    }

    fn said(self) -> Vec<(State, String)> {
        self.of(&made_of(&template()))
    }

    fn of(self, stack: &Deployed) -> Vec<(State, String)> {
        said(judge(stack, &answers(&asks(stack), self.0)))
    }
}

#[test]
fn a_function_as_the_template_says_is_well() {
    for seen in [Seen::good(), Seen::with(1, Observed::Absent)] {
        is_said(&seen.said(), State::Ok, "1 function active");
    }
}

#[test]
fn what_differs_is_named() {
    let with = |change: fn(&mut Value)| {
        let mut all = configuration();
        change(&mut all);
        Seen::with(0, known(all))
    };
    let more = {
        let mut policy = policy();
        policy["Statement"].as_array_mut().unwrap().push(
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "lambda:InvokeFunction", "Resource": ARN}),
        );
        policy
    };
    for (seen, state, part) in [
        (with(|all| all["State"] = "Failed".into()), State::Fault, "`Failed`"),
        (with(|all| all["LastUpdateStatus"] = "Failed".into()), State::Fault, "last update"),
        (with(|all| all["LastUpdateStatus"] = Value::Null), State::Unknown, "the status of its last update"),
        (with(|all| all["LastUpdateStatus"] = "InProgress".into()), State::Unknown, "being updated"),
        (with(|all| all["LastModified"] = "2026-03-01T11:00:00.000+0000".into()), State::Fault, "not the deployment's"),
        (with(|all| all["LastModified"] = Value::Null), State::Unknown, "when it was changed"),
        (with(|all| all["Timeout"] = 3.into()), State::Fault, "`Timeout` is \"3\""),
        (with(|all| all["Role"] = "another".into()), State::Fault, "`Role`"),
        (with(|all| all["Layers"] = json!([])), State::Fault, "layers"),
        (
            with(|all| all["Environment"]["Variables"]["PARAPET_MODE"] = "off".into()),
            State::Fault,
            "`PARAPET_MODE` is another",
        ),
        (
            with(|all| all["Environment"] = json!({"Variables": {"RUST_LOG": "info"}})),
            State::Fault,
            "`PARAPET_MODE` is missing",
        ),
        (with(|all| all["Environment"]["Variables"]["X"] = "y".into()), State::Fault, "`X` is not in the template"),
        (
            with(|all| all["Environment"] = json!({"Error": {"Message": "KMS"}})),
            State::Unknown,
            "does not show its variables",
        ),
        (Seen::with(0, Observed::Absent), State::Fault, "does not exist"),
        (Seen::with(0, unknown()), State::Unknown, "lacks"),
        (Seen::with(1, known(json!({"ReservedConcurrentExecutions": 0}))), State::Fault, "never run"),
        (
            Seen::with(1, known(json!({"ReservedConcurrentExecutions": 5}))),
            State::Fault,
            "is 5, the template says none",
        ),
        (Seen::with(1, unknown()), State::Unknown, "lacks"),
        (Seen::with(2, Observed::Absent), State::Fault, "may not invoke"),
        (Seen::with(2, of_policy(&more)), State::Fault, "999988887777"),
        (Seen::with(2, known(json!({}))), State::Unknown, "no policy"),
        (Seen::with(2, unknown()), State::Unknown, "lacks"),
        (Seen::with(3, Observed::Absent), State::Fault, "dead letters, age, retries"),
        (Seen::with(3, unknown()), State::Unknown, "lacks"),
    ] {
        is_said(&seen.said(), state, part);
    }
}

#[test]
fn what_the_template_leaves_open_is_unknown() {
    let with = |part: &str, key: &str| {
        let mut template = template();
        template["Resources"][part]["Properties"][key] = json!({"Ref": "Gone"});
        Seen::good().of(&made_of(&template))
    };
    for (part, key, says) in [
        ("F", "Timeout", "its `Timeout`"),
        ("F", "Layers", "its layers"),
        ("F", "ReservedConcurrentExecutions", "its reserved concurrency"),
        ("P", "SourceArn", "what `P` should allow"),
        ("C", "MaximumRetryAttempts", "what becomes of its failures"),
    ] {
        is_said(&with(part, key), State::Unknown, says);
    }
    let none = deployed(&json!({"Resources": {"Role": {"Type": "AWS::IAM::Role"}}}), &[("Role", "parapet-Role-1")]);
    is_said(&said(judge(&none, &Answers::default())), State::Fault, "the stack has no function");
}
