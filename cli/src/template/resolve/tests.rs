//! Functions answered, and left open.

use super::*;
use shared::engine::planned::unresolved_reason;

const TEMPLATE: &str = r#"
Parameters:
  Port: { Type: Number, Default: 22 }
  Nets: { Type: CommaDelimitedList, Default: "10.0.0.0/8, 0.0.0.0/0" }
  Secret: { Type: "AWS::SSM::Parameter::Value<String>", Default: /a/b }
  Open: { Type: String }
Mappings:
  ByRegion: { us-east-1: { net: 0.0.0.0/0 } }
Conditions:
  IsGlobal: !Equals [!Ref AWS::Region, us-east-1]
  IsPort: !Equals [!Ref Port, 22]
  Both: !And [!Condition IsGlobal, !Not [!Condition IsPort]]
  Either: !Or [!Condition IsGlobal, !Equals [!Ref Open, x]]
  Circle: !Condition Circle
  Untold: !Equals [!Ref Open, x]
"#;

fn resolve(expression: &str) -> Option<Value> {
    let mut environment = Environment::of_template(&Node::parse(TEMPLATE).unwrap());
    environment.set("AWS::Region", "us-east-1");
    environment.set_attribute("Role.Arn", "arn:role");
    environment.resolve(&Node::parse(expression).unwrap())
}

#[test]
fn functions_are_answered() {
    let cases = [
        ("!Ref Port", json!("22")),
        ("!Sub '${AWS::Region}-${Role.Arn}-${!Literal}'", json!("us-east-1-arn:role-${Literal}")),
        ("!Sub ['${a}-${Port}', {a: !Ref AWS::Region}]", json!("us-east-1-22")),
        ("!Join ['', [a, !Ref Port]]", json!("a22")),
        ("!Select [1, !Ref Nets]", json!("0.0.0.0/0")),
        ("!Select [0, !Split ['-', !Ref AWS::Region]]", json!("us")),
        ("!FindInMap [ByRegion, !Ref AWS::Region, net]", json!("0.0.0.0/0")),
        ("!If [IsGlobal, 1, 2]", json!(1)),
        ("!If [Both, 1, 2]", json!(2)),
        ("!If [Either, 1, 2]", json!(1)),
        ("[1, !If [Both, 2, !Ref AWS::NoValue]]", json!([1])),
        ("{Fn::GetAtt: Role.Arn}", json!("arn:role")),
    ];
    for (expression, expected) in cases {
        assert_eq!(resolve(expression), Some(expected), "{expression}");
    }
}

#[test]
fn what_is_known_at_deployment_only_stays_a_call() {
    for expression in ["!Ref Open", "!GetAtt A.Arn", "!If [Untold, 1, 2]", "!If [Circle, 1, 2]", "!Ref Secret"] {
        let value = resolve(expression).unwrap();
        assert!(is_unresolved(&value), "{expression}: {value}");
    }
    let value = resolve("{CidrIp: !GetAtt A.Arn}").unwrap();
    assert_eq!(unresolved_reason(&value).as_deref(), Some("`Fn::GetAtt A.Arn` is known at deployment only"));
    assert_eq!(resolve("!Ref AWS::NoValue"), None);
}
