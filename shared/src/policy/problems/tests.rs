use super::*;
use rstest::rstest;

fn problems(text: &str) -> Vec<String> {
    Policy::problems(text).iter().map(ToString::to_string).collect()
}

/// Each line of `expected`: the place, and words of the problem.
#[rstest]
#[case::one("version: 1\ndefaults: {mod: off}\n", &[("line 2, column 12", "`mod`")])]
#[case::several_in_the_file_s_order(
    "version: 2\ndefaults:\n  mode: enforec\n  grace_second: 5\nguardrails:\n  s3-bucket: {}\n  security-group-admin-port-open:\n    \
     settings:\n      ports: [22, 70000, ssh]\n      allowed_cidrs: [\"10.0.0/8\"]\ntrusted_accounts: [\"12\", \"111122223333\"]\n",
    &[
        ("line 1, column 10", "version 2"),
        ("line 3, column 9", "`enforec`"),
        ("line 4, column 3", "`grace_second`"),
        ("line 6, column 3", "`s3-bucket`"),
        ("line 9, column 19", "`70000`"),
        ("line 9, column 26", "`ssh`"),
        ("line 10, column 23", "`10.0.0/8`"),
        ("line 11, column 20", "twelve digits"),
    ]
)]
#[case::no_version_and_more("defaults: {mode: on}\naccounts: []\n", &[
    ("line 1, column 1", "version"),
    ("line 1, column 18", "`on`"),
    ("line 2, column 11", "keys with their values"),
])]
#[case::two_exemptions(
    "version: 1\nexemptions:\n  - {guardrail: no, resource: a, reason: b, owner: c, expires: soon}\n  - {guardrail: snapshot-public, \
     resource: a, reason: \" \"}\n",
    &[("line 3, column 17", "`no`"), ("line 3, column 64", "`soon`"), ("line 4, column 5", "`expires`"), ("line 4, column 5", "`owner`"), ("line 4, column 55", "empty")]
)]
#[case::through_an_alias(
    "version: 1\naccounts:\n  \"111122223333\": &one {mode: of}\n  \"444455556666\": {mode: all}\n",
    &[("line 3, column 31", "`of`"), ("line 4, column 26", "`all`")]
)]
#[case::the_same_key_twice("version: 1\ndefaults: {}\ndefaults: {}\ntrusted: []\n", &[("line 3, column 1", "there twice"), ("line 4, column 1", "`trusted`")])]
#[case::in_json("{\"version\": 1, \"default\": {}, \"accounts\": {\"1\": {}}}", &[("line 1, column 16", "`default`"), ("line 1, column 44", "`1`")])]
#[case::no_yaml("version: [1\n", &[("line", "")])]
#[case::a_text_over_lines(
    "version: 1\ndefaults: {mode: |\n   a}\n", &[("line", "")]
)]
fn everything_wrong_is_found_at_once(#[case] text: &str, #[case] expected: &[(&str, &str)]) {
    let found = problems(text);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (problem, (place, words)) in found.iter().zip(expected) {
        assert!(problem.starts_with(place) && problem.contains(words), "{problem} is not at {place} with {words}");
    }
}

#[test]
fn a_good_file_has_none() {
    assert_eq!(problems("version: 1\n"), [""; 0]);
}

/// What is written out anew is the same policy: nothing is found that the reader does not refuse.
#[rstest]
#[case("version: 1\ntrusted_accounts: [012345678901, '111122223333']\nprotected_principals: [\"role/a: b\", role/*]\n")]
#[case(
    "version: 1\nexemptions:\n- guardrail: snapshot-public\n  resource: 'it''s'\n  reason: >\n    two\n    lines\n  owner: \"a\\tb\"\n  expires: 2027-03-31\n"
)]
#[case("version: 1\naccounts:\n  \"111122223333\": &one\n    mode: notify\n  \"444455556666\": *one\n")]
#[case("version: 1\naccounts:\n  \"111122223333\": &one {mode: notify}\n  \"444455556666\":\n    <<: *one\n")]
#[case("version: !!int 1\ndefaults: {mode: !!str off}\n")]
#[case("version: 1\nexemptions:\nprotected_principals: ~\n")]
fn the_outline_says_what_the_file_says(#[case] text: &str) {
    let root = tree::read(text).unwrap();
    let outline = Outline { text, root: &root, left_out: BTreeSet::new(), filled_in: BTreeSet::new() };
    let written = outline.write().unwrap();
    assert_eq!(Policy::parse(&written.yaml).unwrap(), Policy::parse(text).unwrap(), "{}", written.yaml);
}
