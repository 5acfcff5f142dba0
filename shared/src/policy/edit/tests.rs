//! Each layout of the list: what adding and taking away leave of the file.

use crate::policy::edit::*;
use crate::policy::{AccountId, NonEmpty};
use proptest::prelude::*;
use rstest::rstest;

fn exemption(resource: &str, reason: &str) -> Exemption {
    let text = |text: &str| NonEmpty::try_from(text.to_owned()).unwrap();
    Exemption {
        guardrail: serde_json::from_value("root-access-key-created".into()).unwrap(),
        resource: resource.to_owned(),
        account: None,
        actor: None,
        reason: text(reason),
        owner: text("web@example.com"),
        expires: "2027-03-31".parse().unwrap(),
    }
}

/// `A` and `B` stand for the fields of two entries, so that a case shows its layout.
fn filled(layout: &str) -> String {
    let fields = |name: &str| {
        format!("guardrail: root-access-key-created, resource: {name}, reason: r, owner: o, expires: 2027-03-31")
    };
    let lines = |name: &str, indent: &str| fields(name).replace(", ", &format!("\n{indent}"));
    layout
        .replace("{A}", &format!("{{ {} }}", fields("a")))
        .replace("{B}", &format!("{{ {} }}", fields("b")))
        .replace("{N}", "{ guardrail: root-access-key-created, resource: new, reason: why not, owner: web@example.com, expires: 2027-03-31 }")
        .replace("<A4>", &lines("a", "    "))
        .replace("<B4>", &lines("b", "    "))
        .replace("<A2>", &lines("a", "  "))
        .replace("<N4>", "guardrail: root-access-key-created\n    resource: new\n    reason: why not\n    owner: web@example.com\n    expires: 2027-03-31")
        .replace("<N2>", "guardrail: root-access-key-created\n  resource: new\n  reason: why not\n  owner: web@example.com\n  expires: 2027-03-31")
}

#[rstest]
#[case::no_key("version: 1\n", "version: 1\nexemptions:\n  - <N4>\n")]
#[case::no_key_and_no_line_break("version: 1", "version: 1\nexemptions:\n  - <N4>")]
#[case::a_comment_at_the_end("version: 1\n# a\n", "version: 1\n# a\n\nexemptions:\n  - <N4>\n")]
#[case::a_marked_document("---\nversion: 1\n...\n", "---\nversion: 1\nexemptions:\n  - <N4>\n...\n")]
#[case::as_the_other_lists(
    "version: 1\ntrusted_accounts:\n- \"111122223333\"\n",
    "version: 1\ntrusted_accounts:\n- \"111122223333\"\nexemptions:\n- <N2>\n"
)]
#[case::empty("exemptions: [] # none\nversion: 1\n", "exemptions: # none\n  - <N4>\nversion: 1\n")]
#[case::nothing("exemptions:\nversion: 1\n", "exemptions:\n  - <N4>\nversion: 1\n")]
#[case::null("exemptions: ~  # none\nversion: 1\n", "exemptions:  # none\n  - <N4>\nversion: 1\n")]
#[case::empty_at_the_end("version: 1\nexemptions: []", "version: 1\nexemptions:\n  - <N4>")]
#[case::behind_the_last(
    "version: 1\nexemptions:\n  # a\n  - <A4> # last\n    # still a\n\n# accounts\naccounts: {}\n",
    "version: 1\nexemptions:\n  # a\n  - <A4> # last\n    # still a\n  - <N4>\n\n# accounts\naccounts: {}\n"
)]
#[case::not_indented("exemptions:\n- <A2>\n# b\nversion: 1", "exemptions:\n- <A2>\n- <N2>\n# b\nversion: 1")]
#[case::no_line_break_behind_it("version: 1\nexemptions:\n  - <A4>", "version: 1\nexemptions:\n  - <A4>\n  - <N4>")]
#[case::parted_by_blank_lines(
    "version: 1\nexemptions:\n\n  - <A4>\n\n  # b\n  - <B4>\n",
    "version: 1\nexemptions:\n\n  - <A4>\n\n  # b\n  - <B4>\n\n  - <N4>\n"
)]
#[case::a_dash_of_its_own(
    "version: 1\nexemptions:\n  - # a\n    <A4>\n",
    "version: 1\nexemptions:\n  - # a\n    <A4>\n  - <N4>\n"
)]
#[case::braces_behind_dashes(
    "version: 1\nexemptions:\n  - {A} # a\n",
    "version: 1\nexemptions:\n  - {A} # a\n  - {N}\n"
)]
#[case::in_a_line("exemptions: [{A}] # a\nversion: 1\n", "exemptions: [{A}, {N}] # a\nversion: 1\n")]
#[case::in_a_line_with_a_comma("exemptions: [ {A}, ]\nversion: 1\n", "exemptions: [ {A}, {N}, ]\nversion: 1\n")]
#[case::in_lines(
    "exemptions: [\n  {A} # a\n  # end\n]\nversion: 1\n",
    "exemptions: [\n  {A}, # a\n  {N}\n  # end\n]\nversion: 1\n"
)]
#[case::in_lines_with_a_comma(
    "exemptions: [\n  {A},\n]\nversion: 1\n",
    "exemptions: [\n  {A},\n  {N},\n]\nversion: 1\n"
)]
#[case::a_comment_in_brackets(
    "exemptions: [\n  # none\n]\nversion: 1\n",
    "exemptions: [\n  # none\n  {N}\n]\nversion: 1\n"
)]
#[case::all_in_braces("{ version: 1 }\n", "{ version: 1, exemptions: [{N}] }\n")]
#[case::a_letter_of_several_bytes(
    "# é\nexemptions: [{A}] # ü\nversion: 1\n",
    "# é\nexemptions: [{A}, {N}] # ü\nversion: 1\n"
)]
#[case::an_anchor_on_the_list("exemptions: &all []\nversion: 1\n", "exemptions: &all\n  - <N4>\nversion: 1\n")]
fn an_exemption_comes_behind_the_others_and_goes_again(#[case] before: &str, #[case] after: &str) {
    let new = exemption("new", "why not");
    let mut layouts = vec![(filled(before), filled(after))];
    if before.contains('\n') {
        layouts.push((layouts[0].0.replace('\n', "\r\n"), layouts[0].1.replace('\n', "\r\n")));
    }
    for (before, after) in layouts {
        let added = add(&before, &new).unwrap();
        assert_eq!(added, after);
        let all = list(&added).unwrap();
        let left = remove(&added, &[all.len() - 1]).unwrap();
        assert_eq!(list(&left).unwrap().len(), all.len() - 1);
        if all.len() > 1 || before.contains("[]") {
            let comma = before.replace(" }]", " },]").replace(" }\n", " },\n");
            assert!(left == before || left == comma, "{left}\n{before}");
        }
    }
}

#[rstest]
#[case::the_first_with_its_comment(
    "exemptions:\n  # a\n  - <A4>\n  # b\n  - <B4>\nversion: 1\n",
    "exemptions:\n  # b\n  - <B4>\nversion: 1\n"
)]
#[case::a_comment_that_stands_apart_stays(
    "exemptions:\n  # all\n\n  - <A4>\n\n  - <B4>\nversion: 1\n",
    "exemptions:\n  # all\n\n  - <B4>\nversion: 1\n"
)]
#[case::the_only_one("exemptions: # all\n  - <A4>\n\nversion: 1\n", "exemptions: [] # all\n\nversion: 1\n")]
#[case::the_only_one_of_an_anchored_list(
    "exemptions: &all # all\n- <A2>\nversion: 1\n",
    "exemptions: &all [] # all\nversion: 1\n"
)]
#[case::in_a_line("exemptions: [ {A}, {B} ]\nversion: 1\n", "exemptions: [ {B} ]\nversion: 1\n")]
#[case::in_lines(
    "exemptions: [\n  # a\n  {A}, # a\n  # b\n  {B},\n]\nversion: 1\n",
    "exemptions: [\n  # b\n  {B},\n]\nversion: 1\n"
)]
#[case::the_only_one_in_lines("exemptions: [\n  {A},\n]\nversion: 1\n", "exemptions: []\nversion: 1\n")]
#[case::between_brackets_on_two_lines(
    "exemptions: [ {A},\n  {B} ]\nversion: 1\n",
    "exemptions: [\n  {B} ]\nversion: 1\n"
)]
fn an_exemption_is_taken_away_with_what_is_its_own(#[case] before: &str, #[case] after: &str) {
    assert_eq!(remove(&filled(before), &[0]).unwrap(), filled(after));
}

#[test]
fn json_stays_json() {
    let new = exemption("new", "say \"why\"");
    let compact = r#"{"version":1,"exemptions":[]}"#;
    let added = add(compact, &new).unwrap();
    assert!(added.starts_with(r#"{"version":1,"exemptions":[{"guardrail": "root-access-key-created", "#), "{added}");
    assert_eq!(remove(&added, &[0]).unwrap(), compact);
    for (before, after) in [
        (
            "{\n  \"version\": 1\n}\n",
            "{\n  \"version\": 1,\n  \"exemptions\": [\n    {\n      \"guardrail\": \"root-access-key-created\",\n",
        ),
        ("{\n\t\"version\": 1\n}", "{\n\t\"version\": 1,\n\t\"exemptions\": [\n\t\t{\n\t\t\t\"guardrail\": "),
        (
            "{\n    \"exemptions\": [],\n    \"version\": 1\n}",
            "{\n    \"exemptions\": [\n        {\n            \"guardrail\": \"root-access-key-created\",\n",
        ),
    ] {
        let one = add(before, &new).unwrap();
        assert!(one.starts_with(after), "{one}");
        let two = add(&one, &exemption("another", "r")).unwrap();
        assert!(two.starts_with(one.rsplit_once('}').unwrap().0.rsplit_once('}').unwrap().0), "{two}");
        assert_eq!(remove(&two, &[1]).unwrap(), one);
        assert_eq!(list(&remove(&two, &[0]).unwrap()).unwrap()[0].exemption.resource, "another");
    }
}

#[test]
fn what_stays_is_written_anew_only_where_it_differs() {
    let text = "version: 1\nexemptions:\n  - expires: 2026-01-01 # soon\n    reason: >-\n      long\n      words\n    owner: 'web@example.com' # ask\n    \
                resource: \"new\"\n    guardrail: root-access-key-created\n";
    let replaced = replace(text, &exemption("new", "because: it is")).unwrap();
    let expected =
        text.replace("2026-01-01", "2027-03-31").replace(">-\n      long\n      words", "\"because: it is\"");
    assert_eq!(replaced, expected);
    assert_eq!(replace(text, &exemption("other", "r")), Err(EditError::Missing));
    let Err(EditError::Exists(existing)) = add(text, &exemption("new", "r")) else { panic!("added twice") };
    assert_eq!((existing.line, existing.exemption.reason.as_str()), (Some(3), "long words"));
}

#[rstest]
#[case::others_use_its_anchor("version: 1\nexemptions:\n  - &a {A}\n  - *a\n")]
#[case::the_list_is_elsewhere("exemptions: *all\nversion: 1\n")]
#[case::no_policy("exemptions: []\n")]
#[case::nothing_at_all("")]
fn what_cannot_be_changed_alone_is_refused(#[case] text: &str) {
    let error = remove(&filled(text), &[0]).unwrap_err();
    assert!(matches!(error, EditError::Form { .. } | EditError::Policy(_)), "{error}");
}

#[test]
fn a_text_over_several_lines_is_no_comment() {
    let text =
        filled("version: 1\nexemptions: [\n  {A},\n  {B},\n]\n").replacen("reason: r", "reason: \"r\n  # r\"", 1);
    let text = text.replacen(", owner: o, expires: 2027-03-31", "", 1).replacen(
        "guardrail:",
        "owner: o, expires: 2027-03-31, guardrail:",
        1,
    );
    let left = remove(&text, &[1]).unwrap();
    assert_eq!(list(&left).unwrap()[0].exemption.reason.as_str(), "r # r");
}

#[test]
fn a_refusal_names_the_entry() {
    let text = filled("version: 1\nexemptions:\n  - {B}\n  - &a {A}\n  - *a\n");
    let error = remove(&text, &[1]).unwrap_err().to_string();
    assert!(error.starts_with("line 4: the change would break the file"), "{error}");
}

#[test]
fn an_alias_is_an_entry_like_others() {
    let text = filled("version: 1\nexemptions:\n  - &a {A}\n  - *a # again\n");
    assert_eq!(remove(&text, &[1]).unwrap(), filled("version: 1\nexemptions:\n  - &a {A}\n"));
    assert!(add(&text, &exemption("new", "r")).unwrap().starts_with(&text));
}

/// Texts of every kind: signs of YAML, words that it reads as something else, letters that hide.
fn words() -> impl Strategy<Value = String> {
    let tricky = prop::sample::select(vec![
        "null",
        "yes",
        "1e3",
        "0x1F",
        "~",
        "- a",
        "a: b",
        "a #b",
        "#",
        "*",
        "&a",
        "!t",
        "[x",
        "{y}",
        "'",
        "\"",
        "\\",
        "a\nb",
        " a ",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "\u{1f6a7}",
        "%a",
        "@a",
        "`",
        "a,b",
        "2027-01-01",
        "<<",
        "---",
        "a\r\n",
        "\t",
    ]);
    prop_oneof![tricky.prop_map(str::to_owned), "[ -~]{1,12}", "\\PC{1,8}", any::<String>()]
        .prop_filter("a text that says something", |text| !text.trim().is_empty() && !text.contains('\0'))
}

fn any_exemption() -> impl Strategy<Value = Exemption> {
    let end = prop::sample::select(vec!["2027-03-31", "2027-03-31T12:00:00Z", "9999-12-31"]);
    let account = prop::option::of(Just("111122223333"));
    (words(), words(), prop::option::of(words()), account, end).prop_map(|(resource, reason, actor, account, end)| {
        Exemption {
            account: account.map(|account| AccountId::try_from(account.to_owned()).unwrap()),
            actor,
            expires: end.parse().unwrap(),
            ..exemption(&resource, &reason)
        }
    })
}

/// What stands around the list, the list itself open for entries.
fn layouts() -> impl Strategy<Value = String> {
    let before = prop::sample::select(vec![
        "",
        "# head\n",
        "---\n",
        "trusted_accounts: [ \"111122223333\" ] # é\n",
        "defaults:\n    mode: notify\n\n",
    ]);
    let list = prop::sample::select(vec![
        "",
        "exemptions: []\n",
        "exemptions:\n",
        "exemptions: [ # c\n]\n",
        "exemptions:\n- <A2>\n",
        "exemptions:\n    # a\n\n    -   {A}\n",
        "exemptions: [{A}, {B}]\n",
        "exemptions: [\n    {A},\n\n    # b\n    {B}\n  ]\n",
        "exemptions:\n  # a\n  - <A4>\n\n  # b\n  - <B4>\n    # c\n",
    ]);
    let after = prop::sample::select(vec![
        "",
        "\n# tail",
        "accounts: {}\n",
        "\n# next\naccounts:\n  \"111122223333\": { mode: off }\n",
    ]);
    (before, list, after, any::<[bool; 2]>()).prop_map(|(before, list, after, [crlf, open])| {
        let mut text = filled(&format!("{before}version: 1\n{list}{after}"));
        if open {
            text.truncate(text.trim_end().len());
        }
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    /// Whatever is added stands there as it was meant, every line of before stands there still, and it can go again.
    #[test]
    fn nothing_else_changes(text in layouts(), new in prop::collection::vec(any_exemption(), 1..4)) {
        let (mut now, mut expected) = (text.clone(), Policy::parse(&text).unwrap());
        for exemption in new {
            if expected.exemptions.iter().any(|other| other.is_about_the_same(&exemption)) {
                continue;
            }
            let added = add(&now, &exemption).unwrap();
            let mut lines = added.lines();
            for line in now.lines().filter(|line| !line.contains("exemptions:") && !line.trim().is_empty()) {
                let is_there = lines.any(|other| other == line || other == line.replace(" }", " },"));
                prop_assert!(is_there, "lost `{line}` of\n{now}\nin\n{added}");
            }
            let back = remove(&added, &[expected.exemptions.len()]).unwrap();
            if now.contains("{ ") && !expected.exemptions.is_empty() {
                prop_assert_eq!(Policy::parse(&back).unwrap(), Policy::parse(&now).unwrap());
            } else if !expected.exemptions.is_empty() {
                prop_assert_eq!(&back, &now);
            }
            expected.exemptions.push(exemption);
            now = added;
        }
        prop_assert_eq!(Policy::parse(&now).unwrap(), expected.clone());
        let all: Vec<usize> = (0..expected.exemptions.len()).collect();
        let emptied = remove(&now, &all);
        if !all.is_empty() {
            expected.exemptions.clear();
            prop_assert_eq!(Policy::parse(&emptied.unwrap()).unwrap(), expected);
        }
    }

    /// What goes are lines of the entry and comments that name it; all that stays stands in its order.
    #[test]
    fn only_its_own_lines_go(text in layouts(), index in 0..2_usize) {
        let all = list(&text).unwrap();
        prop_assume!(index < all.len());
        let left = remove(&text, &[index]).unwrap();
        let name = &all[index].exemption.resource;
        let mut stayed = left.lines();
        for line in text.lines().filter(|line| !line.contains("exemptions:") && !line.trim().is_empty()) {
            let is_own = line.contains("root-access-key-created") || line.contains(&format!("# {name}"));
            let is_field = line.trim_start_matches([' ', '-']).split(':').next().is_some_and(|key| FIELDS.contains(&key));
            if !(is_own || is_field || line.contains("# c") && name == "b") {
                prop_assert!(stayed.any(|other| other == line), "lost `{line}` of\n{text}\nin\n{left}");
            }
        }
    }
}

const FIELDS: [&str; 5] = ["guardrail", "resource", "reason", "owner", "expires"];
