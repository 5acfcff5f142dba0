use super::*;
use crate::engine::finding::{Finding, Outcome};
use crate::engine::pipeline::Rules;
use crate::engine::plan::{Action, Effect};
use crate::engine::verdict::VerdictKind;
use crate::resources::by_record::Judge;
use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../../docs/custom-guardrails.md");

/// A policy with one guardrail that looks at `RunInstances`.
fn file(when: &str, more: &str) -> String {
    let when = serde_json::to_string(when).unwrap();
    format!(
        "version: 1\nrunbook_owners: [amazon]\ntrusted_accounts: [\"444455556666\"]\ncustom:\n  - name: custom-one\n    title: one\n    severity: high\n    \
         event_source: ec2.amazonaws.com\n    event_names: [RunInstances]\n    when: {when}\n    message: \"{{actor.name}} used {{region}}{{{{}}}}\"\n    \
         settings: {{ regions: [eu-central-1], most: 3 }}\n{more}"
    )
}

fn record(more: &Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.08", "eventID": "11111111-2222-4333-8444-555555555555", "eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
        "eventTime": "2026-01-31T12:00:00Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333", "eventType": "AwsApiCall",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "accountId": "111122223333", "userName": "ben"},
        "requestParameters": {"instanceType": "t3.micro", "tags": [{"key": "owner", "n": 1}, {"key": "team"}], "count": 2, "none": null},
        "responseElements": null,
    });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    record
}

fn judged(policy: &str, record: &Value) -> Vec<Finding> {
    let policy = read(policy).unwrap_or_else(|error| panic!("{error}\n{policy}"));
    let rules = Rules { policy, runbook_role: Some("runbooks".to_owned()), ..Rules::default() };
    Judge::new(rules, Timestamp::UNIX_EPOCH).by_record(KIND, &Event::from_record(record).unwrap()).unwrap()
}

fn one(policy: &str, more: &Value) -> Finding {
    let mut all = judged(policy, &record(more));
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

#[rstest]
#[case::a_text("request.instanceType == \"t3.micro\"", true)]
#[case::a_number("request.count > settings.most", false)]
#[case::a_list("!(region in settings.regions)", false)]
#[case::an_account("actor.account in trusted_accounts || account == \"111122223333\"", true)]
#[case::a_field_that_is_not_there("has(request.imageId)", false)]
#[case::a_body_that_is_null("has(response.instancesSet)", false)]
#[case::one_of_several("request.tags.exists(tag, tag.key == \"team\")", true)]
#[case::each_of_several("request.tags.all(tag, tag.key == \"team\")", false)]
#[case::decided_by_the_rest("request.imageId == \"x\" || request.count == 2", true)]
#[case::a_pattern("glob(request.instanceType, \"t3.*\") && request.instanceType.glob(\"*.micro\")", true)]
#[case::json("json('{\"Statement\": {\"Effect\": \"Allow\"}}').Statement.Effect == \"Allow\"", true)]
#[case::one_or_several("list(request.count) == [2] && list([1, 2]).size() == 2", true)]
#[case::small_letters("lower(\"ABC\") == \"abc\"", true)]
#[case::the_caller("actor.kind == \"iam-user\" && !actor.is_aws && actor.principal.endsWith(\":user/ben\")", true)]
#[case::the_record("record.eventName.startsWith(\"Run\") && record.eventTime == \"2026-01-31T12:00:00Z\"", true)]
fn an_expression_decides(#[case] when: &str, #[case] violates: bool) {
    let finding = one(&file(when, ""), &json!({}));
    let expected = if violates { VerdictKind::Violation } else { VerdictKind::Compliant };
    assert_eq!(finding.verdict, expected, "{:?}", finding.reasons);
    if violates {
        assert_eq!(finding.reasons[0], "ben used eu-central-1{}");
    }
}

#[rstest]
#[case::a_missing_field("request.imageId == \"ami-1\"", "the record has no `imageId`")]
#[case::behind_a_missing_field("has(request.placement.tenancy)", "the record has no `placement`")]
#[case::a_field_of_null("request.none.size() > 1", "given what it does not take")]
#[case::what_another_would_have_to_decide(
    "request.imageId == \"x\" || request.count == 3",
    "the record has no `imageId`"
)]
#[case::in_a_list("request.tags.all(tag, tag.n == 1)", "the record has no `n`")]
#[case::no_truth("request.instanceType", "neither true nor false")]
#[case::another_type("request.instanceType < 3", "`<` is given what it does not take (string, int)")]
#[case::behind_a_list("request.tags[7].key == \"x\"", "fewer elements")]
#[case::no_json("json(request.instanceType).a == 1", "`json`: the text is no JSON")]
#[case::a_caller_without_mfa("actor.mfa", "the record has no `mfa`")]
fn what_a_record_does_not_show_is_undetermined(#[case] when: &str, #[case] why: &str) {
    let finding = one(&file(when, ""), &json!({}));
    assert_eq!(finding.verdict, VerdictKind::Undetermined, "{:?}", finding.reasons);
    assert!(finding.reasons[0].contains(why), "{:?}", finding.reasons);
}

#[test]
fn what_was_too_large_for_its_record_is_never_missing() {
    let omitted = json!({"requestParameters": {"omitted": true, "originalSize": 200_000, "reasonCode": "REQUEST_PARAMETERS_TOO_LARGE"}});
    for when in ["has(request.imageId)", "!has(request.imageId)", "request.instanceType == \"x\""] {
        let finding = one(&file(when, ""), &omitted);
        assert_eq!(finding.verdict, VerdictKind::Undetermined, "{when}");
        assert!(finding.reasons[0].contains("too large for the record"), "{:?}", finding.reasons);
    }
    assert_eq!(one(&file("region == \"eu-central-1\"", ""), &omitted).verdict, VerdictKind::Violation);
}

/// The place in the file, and words of the problem. The expression stands behind `    when: "`.
#[rstest]
#[case::syntax("region ==", "line 10, column 21", "it is no expression in CEL: mismatched input the end")]
#[case::in_the_middle("region == )", "line 10, column 22", "unexpected token")]
#[case::an_unknown_variable("regoin == 'x'", "line 10, column 12", "there is no variable `regoin`")]
#[case::a_variable_of_a_macro_outside(
    "request.tags.all(tag, true) && tag.key == 'x'",
    "line 10",
    "there is no variable `tag`"
)]
#[case::an_unknown_function("region.upper() == 'X'", "line 10", "there is no function `upper`")]
#[case::a_function_with_an_underscore("_x(region)", "line 10", "there is no function `_x`")]
#[case::regular_expressions("region.matches('x')", "line 10", "`glob(text, pattern)`")]
#[case::too_many_arguments("size(region, 1) == 2", "line 10", "`size` takes 1 in all")]
#[case::an_unknown_field_of_the_record("record.evntName == 'x'", "line 10", "`record` has no field `evntName`")]
#[case::by_its_name("actor['user'] == 'x'", "line 10", "`actor` has no field `user`")]
#[case::another_name("record.requestParameters.x == 1", "line 10", "is called `request` here")]
#[case::an_unknown_setting("settings.region == region", "line 10", "`settings` of this guardrail has no `region`")]
#[case::a_text("region", "line 10", "it makes a text: true or false was expected")]
#[case::a_number("size(region)", "line 10", "it makes a number")]
#[case::a_list("request.tags.filter(tag, true)", "line 10", "it makes a list")]
#[case::one_side("region && account == 'x'", "line 10", "`&&` is given a text")]
#[case::a_message_of_a_type("Message{a: 1} == 1", "line 10", "message types are not supported")]
#[case::macros_in_macros("[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))", "line 10", "more than 3 macros")]
#[case::a_sum_in_a_macro("request.tags.all(tag, tag.key + tag.key == 'x')", "line 10", "`+` stands in a macro")]
#[case::a_name_that_is_taken("request.tags.all(region, true)", "line 10", "`region` is a predefined variable")]
fn a_bad_expression_is_refused_with_its_place(#[case] when: &str, #[case] place: &str, #[case] words: &str) {
    let text = file(when, "");
    let found = problems(&text);
    assert_eq!(found.first().cloned(), read(&text).err(), "{found:#?}");
    let error = found.first().map(ToString::to_string).unwrap_or_default();
    assert!(error.starts_with(place) && error.contains(words) && error.contains("`when`"), "{error}");
}

#[test]
fn an_expression_in_a_block_has_its_own_lines() {
    let text = file("X", "").replace("when: \"X\"", "when: |\n      region != \"x\" &&\n      account == )\n");
    assert!(problems(&text)[0].to_string().starts_with("line 12, column 18"), "{}", problems(&text)[0]);
}

#[test]
fn each_entry_of_a_file_has_its_problems() {
    let runbook = "    resource: \"{}\"\n    runbook: { document: AWS-StopEC2Instance, version: 1, parameters: { InstanceId: { kind: instance-id, value: size(region) } } }\n";
    let text = file("regio", runbook).replace("used {region}", "used {regio}");
    let found: Vec<String> = problems(&text).iter().map(ToString::to_string).collect();
    let named: Vec<&str> = found.iter().filter_map(|problem| problem.split('`').nth(1)).collect();
    assert_eq!(named, ["when", "message", "resource", "runbook.parameters.InstanceId.value"], "{found:#?}");
    let unclosed = file("true", "").replace("used {region}{{}}", "used {region");
    assert!(problems(&unclosed)[0].problem.contains("has no other one"), "{:?}", problems(&unclosed));
}

#[test]
fn a_deep_expression_is_refused_and_overflows_nothing() {
    let conditions = "true ? true : ".repeat(120) + "true";
    assert!(
        problems(&file(&conditions, ""))[0].problem.contains("too large"),
        "{:?}",
        problems(&file(&conditions, ""))
    );
    // These are simpler than they look: the parser leaves out brackets, and what is negated twice.
    for simple in [format!("{}true{}", "(".repeat(90), ")".repeat(90)), format!("{}true", "!".repeat(1_990))] {
        assert_eq!(problems(&file(&simple, "")), [], "{simple}");
    }
    let many = format!("[{}1].size() > 0", "1,".repeat(600));
    assert!(problems(&file(&many, ""))[0].problem.contains("too large"));
}

#[test]
fn no_expression_keeps_a_function() {
    let many: Vec<Value> = (0..3_000).map(|at| json!({"key": at})).collect();
    let record = json!({"requestParameters": {"tags": many}});
    let finding = one(
        &file(
            "request.tags.all(a, request.tags.all(b, request.tags.all(c, a.key >= 0 && b.key >= 0 && c.key >= 0)))",
            "",
        ),
        &record,
    );
    assert!(
        finding.verdict == VerdictKind::Undetermined && finding.reasons[0].contains("too much work"),
        "{:?}",
        finding.reasons
    );
    // One loop over the same list is no trouble.
    assert_eq!(one(&file("request.tags.exists(tag, tag.key == 2999)", ""), &record).verdict, VerdictKind::Violation);
    let long = json!({"requestParameters": {"name": "a".repeat(100_000)}});
    for pattern in ["*a".repeat(200) + "b", format!("*{}b", "a".repeat(1_500))] {
        let finding = one(&file(&format!("request.name.glob(\"{pattern}\")"), ""), &long);
        assert_eq!(finding.verdict, VerdictKind::Undetermined);
    }
}

#[rstest]
#[case("request.a.all(x, x in request.b || true)")]
#[case("request.a.all(x, request.b == request.a || true)")]
#[case("request.a.all(x, !(request.text < x))")]
#[case("request.a.all(x, !request.text.contains(x))")]
#[case("request.a.all(x, !request.text.startsWith(x))")]
#[case("request.a.all(x, !request.text.endsWith(x))")]
#[case("request.a.all(x, string(request.text) != x)")]
#[case("request.a.all(x, size(list(request.b)) > 0)")]
fn what_a_loop_searches_again_and_again_is_counted(#[case] when: &str) {
    let texts = |prefix: &str| (0..2_000).map(|at| format!("{prefix}{at}")).collect::<Vec<_>>();
    let record = json!({"requestParameters": {"a": texts("a"), "b": texts("b"), "text": "t".repeat(50_000)}});
    let finding = one(&file(when, ""), &record);
    assert_eq!(finding.verdict, VerdictKind::Undetermined, "{:?}", finding.reasons);
    assert!(finding.reasons[0].contains("too much work"), "{:?}", finding.reasons);
    let small = json!({"requestParameters": {"a": ["a"], "b": ["a"], "text": "b"}});
    assert_ne!(one(&file(when, ""), &small).verdict, VerdictKind::Undetermined);
}

#[test]
fn other_calls_are_not_looked_at() {
    let policy = file("true", "");
    for more in [
        json!({"eventName": "RunInstances2"}),
        json!({"eventName": "StopInstances"}),
        json!({"eventSource": "ecs.amazonaws.com"}),
    ] {
        assert!(judged(&policy, &record(&more)).is_empty(), "{more}");
    }
    assert!(judged(&policy, &record(&json!({"errorCode": "AccessDenied"}))).is_empty(), "it failed");
    assert!(judged(&file("true", "    mode: off\n"), &record(&json!({}))).is_empty());
}

#[test]
fn the_resource_is_what_the_expression_names_or_the_caller() {
    let named = |resource: &str| one(&file("true", &format!("    resource: {resource}\n")), &json!({}));
    let caller = "arn:aws:iam::111122223333:user/ben";
    assert_eq!(one(&file("true", ""), &json!({})).resource.id, caller);
    assert_eq!(
        named("\"'arn:aws:ec2:' + region + ':' + account + ':key-pair/a'\"").resource.id,
        "arn:aws:ec2:eu-central-1:111122223333:key-pair/a"
    );
    let without = named("request.keyName");
    assert_eq!(without.resource.id, caller);
    assert!(without.reasons.iter().any(|reason| reason.contains("the caller stands for it")), "{:?}", without.reasons);
}

#[test]
fn an_exemption_covers_it() {
    let exemption = "exemptions:\n  - { guardrail: custom-one, resource: \"*:user/ben\", reason: r, owner: o, expires: 2027-01-01 }\n";
    assert_eq!(one(&file("true", exemption), &json!({})).outcome, Outcome::Exempt);
}

const RUNBOOK: &str = "    max_class: R2\n    runbook: { document: AWS-StopEC2Instance, version: 3, parameters: { InstanceId: { kind: instance-id, value: request.ids } } }\n";

#[test]
fn a_runbook_gets_ids_of_the_record_and_the_operator_s_role() {
    let finding =
        one(&file("true", RUNBOOK), &json!({"requestParameters": {"ids": ["i-0123456789abcdef0", "i-12345678"]}}));
    assert_eq!(
        finding.steps[0].action,
        "start the runbook `AWS-StopEC2Instance`, version 3, with InstanceId `i-0123456789abcdef0`, `i-12345678`"
    );
    assert!(
        finding.steps[0].command.contains("arn:aws:iam::111122223333:role/runbooks"),
        "{}",
        finding.steps[0].command
    );
    assert!(finding.steps[0].undo.contains("no inverse") && finding.steps[0].undo_command.is_none());
}

#[rstest]
#[case::another_kind(json!("vol-0123456789abcdef0"))]
#[case::a_command(json!("i-0123456789abcdef0; rm -rf /"))]
#[case::one_of_several(json!(["i-0123456789abcdef0", "x"]))]
#[case::a_number(json!(7))]
#[case::none(json!([]))]
#[case::too_many(json!(vec!["i-12345678"; 51]))]
#[case::an_object(json!({"a": "i-0123456789abcdef0"}))]
fn what_is_no_id_starts_nothing(#[case] ids: Value) {
    let finding = one(&file("true", RUNBOOK), &json!({"requestParameters": {"ids": ids}}));
    assert!(finding.steps.is_empty() && finding.verdict == VerdictKind::Violation);
    assert!(
        finding.reasons.iter().any(|reason| reason.contains("the runbook cannot be started: parameter `InstanceId`")),
        "{:?}",
        finding.reasons
    );
}

#[test]
fn a_runbook_does_not_start_itself() {
    let by_itself = json!({"requestParameters": {"ids": "i-12345678"}, "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/runbooks/x",
        "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/runbooks"}}}});
    let finding = one(&file("true", RUNBOOK), &by_itself);
    assert!(finding.steps.is_empty() && finding.verdict == VerdictKind::Violation, "{finding:#?}");
    assert!(
        finding.reasons[0].contains("no runbook is started, because the call was made by `RunbookRole`"),
        "{:?}",
        finding.reasons
    );
}

#[test]
fn the_call_is_the_same_for_each_delivery() {
    let start = |event: &str| {
        let policy = read(&file("true", RUNBOOK)).unwrap();
        let family = DeclaredGuardrails::default().of_policy(&policy).remove(0);
        let record = record(&json!({"eventID": event, "requestParameters": {"ids": "i-12345678"}}));
        match family.locate(&Event::from_record(&record).unwrap()).unwrap().remove(0).proven.unwrap().runbook.unwrap() {
            Ready::Start(start) => start,
            Ready::Not(why) => panic!("{why}"),
        }
    };
    assert_eq!(start("a"), start("a"));
    assert_ne!(start("a").token, start("b").token);
    let call = StartRunbook { role: Some("arn:aws:iam::111122223333:role/runbooks".to_owned()), ..start("a") };
    let body = call.request().body;
    assert_eq!(
        body["Parameters"],
        json!({"InstanceId": ["i-12345678"], "AutomationAssumeRole": ["arn:aws:iam::111122223333:role/runbooks"]})
    );
    assert_eq!((&body["DocumentName"], &body["DocumentVersion"]), (&json!("AWS-StopEC2Instance"), &json!("3")));
    assert!(call.effect() == Effect::Overwriting && call.guards_itself());
}

#[test]
fn a_bad_expression_is_undetermined_where_only_the_form_was_read() {
    // As a function reads the file.
    let policy = Policy::parse(
        &(file("true", "")
            + &file("regoin == 'x'", "").split("custom:\n").nth(1).unwrap().replace("custom-one", "custom-two")),
    )
    .unwrap();
    let judge = Judge::new(Rules { policy, ..Rules::default() }, Timestamp::UNIX_EPOCH);
    let findings = judge.by_record(KIND, &Event::from_record(&record(&json!({}))).unwrap()).unwrap();
    assert_eq!(findings.len(), 2);
    for finding in findings {
        assert_eq!(finding.verdict, VerdictKind::Undetermined);
        assert!(
            finding.reasons[0].contains("the policy file cannot be used: `when` of `custom-two`"),
            "{:?}",
            finding.reasons
        );
    }
}

/// The examples of the page: an entry of the policy file, and what of two records is its own.
fn examples() -> Vec<(String, Value)> {
    let blocks = |language: &str| -> Vec<String> {
        let fence = format!("```{language}\n");
        let of = PAGE.split(fence.as_str()).skip(1);
        of.filter_map(|rest| rest.split("```").next()).map(str::to_owned).collect()
    };
    let records = blocks("json").into_iter().map(|text| serde_json::from_str(&text).unwrap());
    blocks("yaml").into_iter().zip(records).collect()
}

#[test]
fn the_examples_of_the_page_say_what_it_says() {
    let examples = examples();
    assert_eq!(examples.len(), PAGE.matches("\n### ").count());
    assert!(examples.len() >= 10);
    for (entry, records) in examples {
        let indented: String = entry.lines().map(|line| format!("  {line}\n")).collect();
        let text = format!("version: 1\nrunbook_owners: [amazon]\ncustom:\n{indented}");
        let declared = &read(&text).unwrap_or_else(|error| panic!("{error}\n{entry}")).custom[0].declared;
        let base = json!({"eventSource": declared.event_source.as_str(), "eventName": declared.event_names[0].as_str(), "requestParameters": null});
        let finding = |which: &str| {
            let mut own = base.clone();
            own.as_object_mut().unwrap().extend(records[which].as_object().unwrap().clone());
            one(&text, &own)
        };
        let violates = finding("violates");
        assert_eq!(violates.verdict, VerdictKind::Violation, "{entry}{:?}", violates.reasons);
        assert!(
            declared.resource.is_none() || violates.resource.id != "arn:aws:iam::111122223333:user/ben",
            "{entry}{:?}",
            violates.reasons
        );
        assert_eq!(declared.runbook.is_some(), !violates.steps.is_empty(), "{entry}{:?}", violates.reasons);
        let complies = finding("complies");
        assert_eq!(complies.verdict, VerdictKind::Compliant, "{entry}{:?}", complies.reasons);
    }
}

#[test]
fn the_example_at_the_top_of_the_page_is_a_policy() {
    let top = PAGE.split("\n\n").find(|part| part.starts_with("    version: 1")).unwrap();
    let dedented: String =
        top.lines().map(|line| line.strip_prefix("    ").unwrap_or(line).to_owned() + "\n").collect();
    assert_eq!(read(&dedented).unwrap().custom.len(), 1);
}
