use super::*;
use serde_json::json;

#[test]
fn short_tags_come_out_long() {
    let text = "A: !Ref X\nB: !GetAtt R.Arn\nC: !Sub '${AWS::Region}-x'\nD: !If [C, !Ref Y, !Ref AWS::NoValue]\n";
    let node = Node::parse(text).unwrap();
    let expected = json!({
        "A": {"Ref": "X"},
        "B": {"Fn::GetAtt": ["R", "Arn"]},
        "C": {"Fn::Sub": "${AWS::Region}-x"},
        "D": {"Fn::If": ["C", {"Ref": "Y"}, {"Ref": "AWS::NoValue"}]},
    });
    assert_eq!(node.to_value(), expected);
    assert_eq!(node.get("C").unwrap().at, Position { line: 3, column: 4 });
}

#[test]
fn scalars_as_cloudformation_means_them() {
    let text = "[2012-10-17, 012345678901, 22, '22', true, 'true', ~, -1, 1.5, 0, 1e3x]";
    let expected = json!(["2012-10-17", "012345678901", 22, "22", true, "true", null, -1, 1.5, 0, "1e3x"]);
    assert_eq!(Node::parse(text).unwrap().to_value(), expected);
}

#[test]
fn json_is_read_with_its_lines() {
    let node = Node::parse("{\n\t\"a\": {\n\t\t\"b\": [1,\n2]}}").unwrap();
    assert_eq!(node.to_value(), json!({"a": {"b": [1, 2]}}));
    assert_eq!(node.at(&["a", "b"]).unwrap().items()[1].at.line, 4);
}

#[test]
fn an_error_names_its_place() {
    let error = Node::parse("a: 1\nb: [1, 2\nc: }").unwrap_err();
    assert!(error.at.line >= 2, "{error}");
    assert_eq!(Node::parse("").unwrap_err().problem, "the document is empty");
}

#[test]
fn a_tower_is_refused_not_climbed() {
    assert!(Node::parse(&"[".repeat(100_000)).is_err());
    assert!(Node::parse(&"- ".repeat(100_000)).is_err());
}
