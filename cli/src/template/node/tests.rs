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

#[test]
fn json_is_read_as_the_yaml_that_it_is() {
    let text = "\u{20}{\n  \"Resources\": {\"A\": {\"Type\": \"T\", \"N\": [1, -2.5, \"01\", 1e400, true, null, {}, []]}},\n\t\"Ä\": \"\\u00e9\\n\",\"a\": {\"Fn::Sub\": \"x\"},\n\"b\":1}\n";
    let json = super::json::read(text).unwrap();
    // What is behind is a comment, which JSON does not have.
    let yaml = Node::parse(&format!("{}# and YAML\n", text.replace('\t', " "))).unwrap();
    assert_eq!(json, yaml);
    for other in [
        "{\"a\": 1, \"a\": 1}",
        "{\"a\": 1, \"\\u0061\": 1}",
        "",
        "[1]",
        "a: 1",
        "{\"a\": 1,}",
        "{\"a\": 1} // c",
        "{a: 1}",
        "{\"a\":",
    ] {
        assert_eq!(super::json::read(other), None, "{other}");
    }
    assert_eq!(super::json::read(&format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200))), None);
}
