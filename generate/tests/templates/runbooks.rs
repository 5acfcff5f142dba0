//! What the function of declared guardrails hears and may start: what the stack's parameters name, and nothing without them.

use super::text;
use parapet::template::{Environment, Node};
use regex_lite::Regex;
use serde_json::{Value, json};

const RUNBOOK: &str = "arn:aws:ssm:*:*:automation-definition/AWS-StopEC2Instance:1";

/// A template as it is deployed with these parameters.
fn deployed<'t>(template: &'t Node, parameters: &[(&str, &str)]) -> (Environment, &'t Node) {
    let mut environment = Environment::of_template(template);
    for (name, value) in
        [("AWS::AccountId", "111122223333"), ("AWS::Region", "eu-central-1"), ("AWS::Partition", "aws")]
    {
        environment.set(name, value);
    }
    environment.set("RolesRegion", "eu-central-1");
    for (name, value) in parameters {
        environment.choose(template, name, value).unwrap();
    }
    (environment, template.get("Resources").unwrap())
}

/// The statements of the function's role about runbooks; none where a stack has none.
fn may(file: &str, parameters: &[(&str, &str)]) -> Vec<Value> {
    let template = Node::parse(text(file)).unwrap();
    let (environment, resources) = deployed(&template, parameters);
    let policies = resources.at(&["CustomRole", "Properties", "Policies"]).unwrap().items().iter();
    let resolved = policies.filter_map(|policy| environment.resolve(policy));
    let runbooks = resolved.filter(|policy| policy["PolicyName"] == "runbooks");
    runbooks.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap().clone()).collect()
}

#[test]
fn the_role_may_start_what_is_named_and_pass_one_role_to_systems_manager() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        let statements = may(file, &[("Runbooks", RUNBOOK), ("RunbookRole", "runbooks")]);
        let expected = json!([
            {"Sid": "StartRunbooks", "Effect": "Allow", "Action": "ssm:StartAutomationExecution", "Resource": [RUNBOOK]},
            {
                "Sid": "RunAs",
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": "arn:aws:iam::111122223333:role/runbooks",
                "Condition": {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}},
            },
        ]);
        assert_eq!(Value::from(statements), expected, "{file}");
    }
}

#[test]
fn without_either_parameter_it_may_start_nothing() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        for parameters in [&[][..], &[("Runbooks", RUNBOOK)], &[("RunbookRole", "runbooks")]] {
            assert_eq!(may(file, parameters), Vec::<Value>::new(), "{file} {parameters:?}");
        }
    }
}

/// CloudFormation matches each element of a list.
#[test]
fn only_runbooks_with_a_version_may_be_named() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        let template = Node::parse(text(file)).unwrap();
        let parameter = template.at(&["Parameters", "Runbooks"]).unwrap();
        assert!(parameter.get("ConstraintDescription").and_then(Node::text).is_some(), "{file}");
        let pattern = Regex::new(parameter.get("AllowedPattern").and_then(Node::text).unwrap()).unwrap();
        for allowed in [
            "",
            RUNBOOK,
            "arn:aws-cn:ssm:cn-north-1:111122223333:automation-definition/Isolate_it.v2:12",
            "arn:aws:ssm:eu-west-1::automation-definition/AWS-StopEC2Instance:1",
        ] {
            assert!(pattern.is_match(allowed), "{file}: {allowed}");
        }
        for refused in [
            "*",
            "AWS-StopEC2Instance",
            "arn:aws:ssm:*:*:automation-definition/*",
            "arn:aws:ssm:*:*:automation-definition/*:1",
            "arn:aws:ssm:*:*:automation-definition/AWS-StopEC2Instance",
            "arn:aws:ssm:*:*:automation-definition/AWS-StopEC2Instance:*",
            "arn:aws:ssm:*:*:automation-definition/AWS-StopEC2Instance:$DEFAULT",
            "arn:aws:ssm:*:*:automation-definition/AWS-StopEC2Instance:0",
            "arn:aws:ssm:*:*:document/AWS-StopEC2Instance:1",
            "arn:aws:ec2:*:*:automation-definition/AWS-StopEC2Instance:1",
        ] {
            assert!(!pattern.is_match(refused), "{file}: {refused}");
        }
    }
}

#[test]
fn its_rule_hears_what_the_parameters_name_and_is_off_without_them() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let both = [
        ("CustomEventSources", "ec2.amazonaws.com,iam.amazonaws.com"),
        ("CustomEventNames", "RunInstances,CreateRole"),
    ];
    for (parameters, is_on) in [(&both[..], true), (&both[..1], false), (&both[1..], false), (&[], false)] {
        let (environment, resources) = deployed(&template, parameters);
        let condition = resources.at(&["CustomRule", "Condition"]).and_then(Node::text).unwrap();
        let asked = Node::parse(&format!("!If [{condition}, \"on\", \"off\"]")).unwrap();
        assert_eq!(environment.resolve(&asked), Some(json!(if is_on { "on" } else { "off" })), "{parameters:?}");
    }
    let (mut environment, resources) = deployed(&template, &both);
    for role in ["CustomRole.Arn", "OperateRole.Arn"] {
        environment.set_attribute(role, role);
    }
    let pattern = environment.resolve(resources.at(&["CustomRule", "Properties", "EventPattern"]).unwrap()).unwrap();
    assert_eq!(pattern["source"], json!([{"prefix": "aws."}]));
    assert_eq!(pattern["detail"]["eventSource"], json!(["ec2.amazonaws.com", "iam.amazonaws.com"]));
    assert_eq!(pattern["detail"]["eventName"], json!(["RunInstances", "CreateRole"]));
}
