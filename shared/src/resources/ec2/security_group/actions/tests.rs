use super::*;
use crate::resources::ec2::security_group::state::{Traffic, Transport};

fn rule(port: u16, tags: &[(&str, &str)]) -> Rule {
    Rule {
        id: None,
        direction: Direction::Ingress,
        traffic: Traffic::Ports { transport: Transport::Tcp, from: port, to: port },
        source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
        description: Some("it's mine".to_owned()),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
        in_question: true,
    }
}

fn authorize(rules: Vec<Rule>) -> String {
    let set = RuleSet { group: "sg-1".to_owned(), direction: Direction::Ingress, rules };
    GroupAction::Authorize(set).command("eu-west-1")
}

#[test]
fn undoing_restores_descriptions_and_tags() {
    let line = authorize(vec![rule(22, &[("team", "web")])]);
    let permissions = r#"[{"FromPort":22,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"0.0.0.0/0","Description":"it's mine"}],"ToPort":22}]"#;
    let tags = r#"[{"ResourceType":"security-group-rule","Tags":[{"Key":"team","Value":"web"}]}]"#;
    let call = ["aws", "ec2", "authorize-security-group-ingress", "--group-id", "sg-1"];
    let options = ["--ip-permissions", permissions, "--tag-specifications", tags, "--region", "eu-west-1"];
    assert_eq!(shlex::split(&line).unwrap(), [&call[..], &options[..]].concat());
}

#[test]
fn a_group_that_is_known_by_name_only_is_named() {
    let set = RuleSet { group: "app; sg".to_owned(), direction: Direction::Ingress, rules: vec![rule(22, &[])] };
    let line = GroupAction::Revoke(set).command("eu-west-1");
    assert!(
        line.starts_with("aws ec2 revoke-security-group-ingress --group-name 'app; sg' --ip-permissions '"),
        "{line}"
    );
}

#[test]
fn rules_with_other_tags_go_in_a_call_of_their_own() {
    let line = authorize(vec![rule(22, &[("team", "web")]), rule(23, &[]), rule(24, &[])]);
    let calls: Vec<_> = line.split(" && ").collect();
    assert_eq!(calls.len(), 2, "{line}");
    assert!(calls.iter().all(|call| call.ends_with(" --region eu-west-1")), "{line}");
    let words = shlex::split(calls[0]).unwrap();
    assert!(words[6].contains("\"FromPort\":23") && words[6].contains("\"FromPort\":24"), "{line}");
}
