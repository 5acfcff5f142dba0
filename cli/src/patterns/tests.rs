//! Each shape of pattern against the events that it is there for.

use super::*;
use serde_json::json;
use shared::engine::guardrail::ANY_CALL_BY_ROOT;

const RULES: &str = r#"
Resources:
  GroupsFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/groups/
      Events:
        Sam:
          Type: EventBridgeRule
          Properties:
            Pattern:
              source: [aws.sam]
              detail: { n: [{ numeric: [">=", 5] }], ip: [{ cidr: 10.0.0.0/8 }] }
  KeysFunction:
    Type: AWS::Lambda::Function
  Role:
    Type: AWS::IAM::Role
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.ec2]
        detail:
          eventName: [AuthorizeSecurityGroupIngress, { prefix: AddPermission }]
          errorCode: [{ exists: false }]
          userIdentity: { sessionContext: { sessionIssuer: { arn: [{ anything-but: !GetAtt Role.Arn }, { exists: false }] } } }
      Targets: [{ Arn: !GetAtt GroupsFunction.Arn }]
  OtherRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern:
        source: [aws.other]
        detail:
          $or:
            - a: [{ anything-but: { prefix: [x.y, z] } }]
            - b: [{ suffix: .app }, { wildcard: "*.exe" }, { equals-ignore-case: YES }]
            - c: [null, { exists: false }]
              d: [{ anything-but: [ok, fine] }]
      Targets: [{ Arn: !Sub "${KeysFunction.Arn}" }, { Arn: !GetAtt GroupsFunction.Arn }]
"#;

fn reached(event: &Value) -> Vec<String> {
    let attributes = BTreeMap::from([("Role.Arn".to_owned(), "arn:aws:iam::1:role/own".to_owned())]);
    let patterns = Patterns::from_template(RULES, &Params { attributes, ..Params::default() }).unwrap();
    patterns.functions_for(event.to_string().as_bytes()).into_iter().map(str::to_owned).collect()
}

fn call(name: &str, identity: Value) -> Value {
    json!({"source": "aws.ec2", "detail": {"eventName": name, "userIdentity": identity}})
}

#[test]
fn every_caller_reaches_the_function_but_its_own_role() {
    let role = |arn: &str| json!({"sessionContext": {"sessionIssuer": {"arn": arn}}});
    let cases = [
        ("own role", role("arn:aws:iam::1:role/own"), false),
        ("a role that begins alike", role("arn:aws:iam::1:role/own-not"), true),
        ("other role", role("arn:aws:iam::1:role/other"), true),
        ("IAM user", json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/own"}), true),
        ("root", json!({"type": "Root"}), true),
        ("empty issuer", json!({"sessionContext": {"sessionIssuer": {}, "attributes": {}}}), true),
        ("empty context", json!({"sessionContext": {}}), true),
    ];
    for (who, identity, expected) in cases {
        let reached = reached(&call("AuthorizeSecurityGroupIngress", identity));
        assert_eq!(!reached.is_empty(), expected, "{who}: {reached:?}");
    }
}

#[test]
fn a_failed_call_reaches_nothing() {
    let mut event = call("AuthorizeSecurityGroupIngress", json!({}));
    assert_eq!(reached(&event), ["groups"]);
    event["detail"]["errorCode"] = json!("Client.UnauthorizedOperation");
    assert!(reached(&event).is_empty());
    // EventBridge counts a null as existing.
    event["detail"]["errorCode"] = Value::Null;
    assert!(reached(&event).is_empty());
}

#[test]
fn names_match_whole_or_by_prefix() {
    assert_eq!(reached(&call("AddPermission20150331v2", json!({}))), ["groups"]);
    assert!(reached(&call("AuthorizeSecurityGroupIngress2", json!({}))).is_empty());
    assert!(reached(&json!({"source": "aws.ec2", "detail": {"eventName": ["other"]}})).is_empty());
    assert!(reached(&json!({"source": "evil", "detail": {"eventName": "AddPermission1"}})).is_empty());
}

#[test]
fn every_operator_as_eventbridge_reads_it() {
    let other = |detail: Value| json!({"source": "aws.other", "detail": detail});
    let both = ["groups", "KeysFunction"];
    let none: [&str; 0] = [];
    assert_eq!(reached(&other(json!({"a": "xzy", "c": 1}))), both, "prefix is literal");
    assert_eq!(reached(&other(json!({"a": "x.y1", "c": 1}))), none);
    assert_eq!(reached(&other(json!({"a": "zebra", "c": 1}))), none);
    assert_eq!(reached(&other(json!({"b": "my.app", "c": 1}))), both);
    assert_eq!(reached(&other(json!({"b": "my.exe", "c": 1}))), both);
    assert_eq!(reached(&other(json!({"b": "yes", "c": 1}))), both);
    assert_eq!(reached(&other(json!({"b": "no", "c": 1}))), none);
    assert_eq!(reached(&other(json!({"d": "bad"}))), both);
    assert_eq!(reached(&other(json!({"d": "bad", "c": null}))), both);
    assert_eq!(reached(&other(json!({"d": "fine"}))), none);
    let sam = |n: Value, ip: &str| json!({"source": "aws.sam", "detail": {"n": n, "ip": ip}});
    assert_eq!(reached(&sam(json!(5), "10.1.2.3")), ["groups"]);
    assert_eq!(reached(&sam(json!(4), "10.1.2.3")), none);
    assert_eq!(reached(&sam(json!(5), "11.1.2.3")), none);
}

#[test]
fn names_that_can_reach_anything_are_known_when_all_patterns_say() {
    let template = r#"{"Resources": {
        "F": {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": {"Type": "EventBridgeRule",
            "Properties": {"Pattern": {"detail": {"eventName": ["A", {"prefix": "B"}]}}}}}}}}}"#;
    let patterns = Patterns::from_template(template, &Params::default()).unwrap();
    for (name, expected) in [("A", true), ("AB", false), ("B", true), ("BA", true), ("C", false)] {
        assert_eq!(patterns.calls().may_ask(None, name), expected, "{name}");
    }
    let by_root =
        template.replace(r#""A", {"prefix": "B"}]"#, r#"{"anything-but": "A"}], "userIdentity": {"type": ["Root"]}"#);
    let patterns = Patterns::from_template(&by_root, &Params::default()).unwrap();
    assert_eq!(patterns.calls().callers(), &BTreeSet::from(["Root".into()]));
    assert!(!patterns.calls().may_ask(None, "A"));
    assert!(Patterns::from_template(RULES, &Params::default()).unwrap().calls().is_any());
}

#[test]
fn a_rule_that_cannot_be_used_is_an_error_that_names_it() {
    let rule = |pattern: &str, target: &str| {
        let yaml = format!(
            "Resources:\n  F: {{ Type: AWS::Lambda::Function }}\n  R:\n    Type: AWS::Events::Rule\n    Properties:\n      \
             EventPattern: {pattern}\n      Targets: [{{ Arn: {target} }}]\n"
        );
        let error = Patterns::from_template(&yaml, &Params::default()).map(|_| ()).unwrap_err();
        std::error::Error::source(&error).map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
    };
    assert_eq!(
        rule("{ a: [1] }", "!GetAtt G.Arn"),
        "line 3: rule `R` has no function of this template among its targets"
    );
    assert!(rule("{ a: [!Ref Unknown] }", "!GetAtt F.Arn").contains("`Ref Unknown` is known at deployment only"));
    assert!(rule("{ a: x }", "!GetAtt F.Arn").starts_with("line 6: cannot use the pattern of `R`"));
}

#[test]
fn the_built_in_template_serves_every_family() {
    let patterns = Patterns::built_in(&Params::default()).unwrap();
    let served: BTreeSet<&str> = patterns.functions().iter().map(|function| function.family.as_str()).collect();
    let families: BTreeSet<&str> = shared::resources::catalogue().iter().map(|entry| entry.family).collect();
    // `operate` is invoked by people and waits for no event; the guardrails of `custom` stand in policy files.
    let without = ["operate", shared::resources::custom::FUNCTION];
    assert_eq!(served, families.into_iter().chain(without).collect());
    assert!(
        !patterns.calls().is_any(),
        "replay skips what no pattern names: every pattern must name events or callers"
    );
}

#[test]
fn every_trigger_of_every_guardrail_reaches_its_function() {
    let patterns = Patterns::built_in(&Params::default()).unwrap();
    let lists = TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("eventSource: ["));
    // A long list has a line an item.
    let items = TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("- "));
    let items = items.filter(|item| item.ends_with(".amazonaws.com"));
    let sources: BTreeSet<&str> = lists.flat_map(|list| list.trim_end_matches(']').split(", ")).chain(items).collect();
    for entry in shared::resources::catalogue() {
        for name in entry.about.triggers {
            let mut events = sources.iter().flat_map(|source| calls(source, name)).chain(findings(name));
            let reaches = |event: Value| patterns.functions_for(event.to_string().as_bytes()).contains(&entry.family);
            assert!(events.any(reaches), "{name} does not reach {}", entry.family);
        }
    }
}

/// The records of CloudTrail that a trigger can come in, from one service.
fn calls(source: &str, trigger: &str) -> [Value; 2] {
    let service = source.split('.').next().unwrap();
    let is_any = trigger == ANY_CALL_BY_ROOT;
    ["API Call", "Console Sign In"].map(|what| {
        json!({
            "source": format!("aws.{service}"), "detail-type": format!("AWS {what} via CloudTrail"),
            "detail": {"eventSource": source, "eventName": if is_any { "AnyCall" } else { trigger },
                "userIdentity": if is_any { json!({"type": "Root"}) } else { json!({}) }},
        })
    })
}

/// The findings of AWS's own detection that a trigger can be the type of.
fn findings(trigger: &str) -> [Value; 2] {
    [
        json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {"type": trigger}}),
        json!({"source": "aws.health", "detail-type": "AWS Health Event", "detail": {"eventTypeCode": trigger}}),
    ]
}

#[test]
fn what_is_built_in_are_the_patterns_of_the_whole_template() {
    let reduced = rules_and_functions_only(TEMPLATE);
    assert!(reduced.len() < TEMPLATE.len() / 2, "nothing was left out");
    assert_eq!(reduced.lines().count(), TEMPLATE.lines().count(), "lines have other numbers");
    let hub = Params { bus: Some("Members".to_owned()), region: "eu-west-1".to_owned(), ..Params::default() };
    for params in [Params::default(), hub] {
        let whole = Patterns::from_template(TEMPLATE, &params).unwrap();
        let built_in = Patterns::built_in(&params).unwrap();
        assert!(whole.matcher.patterns().next().is_some(), "no rule is on this bus");
        assert_eq!(built_in.functions(), whole.functions());
        assert_eq!(built_in.own_roles(), whole.own_roles());
        assert_eq!(built_in.event_sources(), whole.event_sources());
        assert_eq!(built_in.matcher.patterns().collect::<Vec<_>>(), whole.matcher.patterns().collect::<Vec<_>>());
    }
}
