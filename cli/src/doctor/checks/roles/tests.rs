use super::*;
use crate::doctor::line::State;
use crate::doctor::tests::{deployed, is_said, known, said, unknown};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;

const NAME: &str = "parapet-Role-1";
const MANAGED: &str = "arn:aws:iam::111122223333:policy/parapet-Common-1";
const REGION: &str = "eu-west-1";

fn trust(service: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]})
}

fn may(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

fn template() -> Value {
    json!({"Resources": {
        "Role": {"Type": ROLE, "Properties": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com"), "ManagedPolicyArns": [{"Ref": "Common"}],
            "Policies": [{"PolicyName": "own", "PolicyDocument": may(&["ec2:DescribeVpcs"])}]}},
        "More": {"Type": INLINE, "Properties": {"RoleName": {"Ref": "Role"}, "PolicyName": "more", "PolicyDocument": may(&["ec2:DescribeSubnets"])}},
        "Common": {"Type": POLICY, "Properties": {"PolicyDocument": may(&["sns:Publish"])}},
    }})
}

fn made_of(template: &Value) -> Deployed {
    deployed(template, &[("Role", NAME), ("Common", MANAGED), ("More", "m")])
}

fn encoded(document: &Value) -> Value {
    utf8_percent_encode(&document.to_string(), NON_ALPHANUMERIC).to_string().into()
}

fn role(document: &Value) -> Observed<Answer> {
    known(json!({"Role": {"RoleName": NAME, "AssumeRolePolicyDocument": encoded(document)}}))
}

/// What is answered of the role, its inline policies and its attachments, and of the managed policy.
struct Seen {
    role: Observed<Answer>,
    inline: Vec<(&'static str, Value)>,
    attached: Observed<Answer>,
    managed: Value,
    unread: bool,
}

impl Seen {
    fn good() -> Self {
        Self {
            role: role(&trust("lambda.amazonaws.com")),
            inline: vec![("own", may(&["ec2:DescribeVpcs"])), ("more", may(&["EC2:describesubnets"]))],
            attached: known(json!({"AttachedPolicies": [{"PolicyArn": MANAGED}]})),
            managed: may(&["sns:Publish"]),
            unread: false,
        }
    }

    fn said(self) -> Vec<(State, String)> {
        self.of(&made_of(&template()))
    }

    fn of(self, stack: &Deployed) -> Vec<(State, String)> {
        let [get, list, attached] = of_role(REGION, NAME);
        let names: Vec<&str> = self.inline.iter().map(|(name, _)| *name).collect();
        let mut answers = Answers::default()
            .with(&get, self.role)
            .with(&list, known(json!({ "PolicyNames": names })))
            .with(&attached, self.attached)
            .with(
                &calls::get_managed_policy(REGION, MANAGED).at_iam(REGION),
                known(json!({"Policy": {"DefaultVersionId": "v2"}})),
            );
        let asked = more(stack, &answers);
        assert_eq!(asked.len(), self.inline.len() + 1, "each policy is read");
        for (name, document) in &self.inline {
            let call = calls::get_role_policy(REGION, NAME, name).at_iam(REGION);
            assert!(asked.contains(&call));
            let body = json!({"PolicyDocument": encoded(document)});
            let seen = if self.unread { unknown() } else { known(body) };
            answers = answers.with(&call, seen);
        }
        let version = calls::get_policy_version(REGION, MANAGED, "v2").at_iam(REGION);
        let answers = answers.with(&version, known(json!({"PolicyVersion": {"Document": encoded(&self.managed)}})));
        said(judge(stack, &answers))
    }
}

#[test]
fn roles_as_the_template_says_are_well() {
    is_said(&Seen::good().said(), State::Ok, "1 role and 1 managed policy hold exactly");
    let one = Seen { inline: vec![("one", may(&["ec2:DescribeVpcs", "ec2:DescribeSubnets"]))], ..Seen::good() };
    is_said(&one.said(), State::Ok, "hold exactly");
}

#[test]
fn what_is_missing_and_what_is_more_is_named() {
    let good = Seen::good;
    let more = |action: &'static str| vec![("own", may(&["ec2:DescribeVpcs", "ec2:DescribeSubnets", action]))];
    for (seen, state, part) in [
        (
            Seen { role: role(&trust("ec2.amazonaws.com")), inline: good().inline, ..good() },
            State::Fault,
            "its trust policy",
        ),
        (Seen { role: Observed::Absent, ..good() }, State::Fault, "does not exist"),
        (Seen { role: known(json!({"Role": {}})), ..good() }, State::Unknown, "no policy document"),
        (
            Seen { inline: vec![("own", may(&["ec2:DescribeVpcs"]))], ..good() },
            State::Fault,
            "lacks `ec2:describesubnets`",
        ),
        (Seen { inline: vec![], ..good() }, State::Fault, "lacks `ec2:describesubnets` on `*`, `ec2:describevpcs`"),
        (Seen { inline: more("iam:*"), ..good() }, State::Fault, "more than the template: `iam:*` on `*`"),
        (Seen { unread: true, ..good() }, State::Unknown, "the role lacks it"),
        (
            Seen { attached: known(json!({"AttachedPolicies": ""})), ..good() },
            State::Fault,
            "lacks the managed policies",
        ),
        (
            Seen {
                attached: known(json!({"AttachedPolicies": [{"PolicyArn": MANAGED}, {"PolicyArn": "arn:admin"}]})),
                ..good()
            },
            State::Fault,
            "`arn:admin`",
        ),
        (Seen { managed: may(&["sns:Publish", "sns:*"]), ..good() }, State::Fault, "`sns:*`"),
        (Seen { managed: may(&[]), ..good() }, State::Fault, "lacks `sns:publish`"),
        (Seen { managed: json!({}), ..good() }, State::Unknown, "no statements"),
    ] {
        let said = seen.said();
        let is_said = said.iter().any(|(found, says)| *found == state && says.contains(part));
        assert!(is_said && said.iter().all(|(found, _)| *found == state), "{part}: {said:?}");
    }
}

#[test]
fn a_boundary_that_the_template_does_not_have_is_named() {
    let mut body = json!({"Role": {"AssumeRolePolicyDocument": encoded(&trust("lambda.amazonaws.com"))}});
    body["Role"]["PermissionsBoundary"] = json!({"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/AWSDenyAll"});
    is_said(&Seen { role: known(body), ..Seen::good() }.said(), State::Fault, "AWSDenyAll");
}

#[test]
fn what_the_template_leaves_open_is_unknown() {
    for (key, part) in [
        ("PermissionsBoundary", "its permissions boundary"),
        ("AssumeRolePolicyDocument", "its trust policy: what the template says is not known"),
        ("ManagedPolicyArns", "its managed policies"),
    ] {
        let mut template = template();
        template["Resources"]["Role"]["Properties"][key] = json!({"Ref": "Gone"});
        is_said(&Seen::good().of(&made_of(&template)), State::Unknown, part);
    }
    let none = deployed(&json!({"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}), &[("F", "f")]);
    is_said(&said(judge(&none, &Answers::default())), State::Fault, "the stack has no role");
}
