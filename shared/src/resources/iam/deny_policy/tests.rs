use super::*;
use rstest::rstest;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn all() -> [Deny; 4] {
    [
        Deny::SessionsBefore { moment: at("2026-03-02T09:14:07Z"), until: at("2026-03-03T21:14:07Z") },
        Deny::SessionsSince { moment: at("2026-03-02T09:14:07Z") },
        Deny::SessionsWithoutMfa { may_enrol: true },
        Deny::SessionsWithoutMfa { may_enrol: false },
    ]
}

#[test]
fn each_is_known_again_by_name_and_document() {
    for deny in all() {
        let (name, document) = (deny.name(), deny.document());
        assert!(Deny::is_named(&name), "{name}");
        assert!(name.len() <= 128 && document.to_string().len() < 420, "the quota of a user is 2,048 characters");
        assert_eq!(Deny::read(&name, &document), Some(deny));
    }
    assert_eq!(all()[0].name(), "parapet-session-cut-until-20260303T211407Z");
    assert_eq!(Deny::cut_until(&all()[0].name()), Some(at("2026-03-03T21:14:07Z")));
}

#[rstest]
#[case::an_allow_in_our_name(json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))]
#[case::another_moment(Deny::SessionsSince { moment: Timestamp::UNIX_EPOCH }.document())]
#[case::no_document(Value::Null)]
fn a_name_alone_proves_nothing(#[case] document: Value) {
    for deny in all() {
        assert_eq!(Deny::read(&deny.name(), &document), None, "{}", deny.name());
    }
}

#[rstest]
#[case("parapet-session-cut-until-")]
#[case("parapet-session-cut-until-soon")]
#[case("parapet-session-cut-until-2026-03-03T21:14:07Z")]
#[case("my-parapet-session-cut-until-20260303T211407Z")]
fn a_name_that_is_no_cut_s(#[case] name: &str) {
    assert_eq!(Deny::cut_until(name), None);
}

#[test]
fn commands_are_whole_and_shell_safe() {
    let [_, hold, ..] = all();
    let on = Principal::User("eve; reboot".to_owned());
    let put = DenyAction::Put(DenyPolicy { on: on.clone(), deny: hold.clone() });
    assert_eq!(
        put.command("us-east-1"),
        "aws iam put-user-policy --user-name 'eve; reboot' --policy-name parapet-sign-in-hold-since-20260302T091407Z \
         --policy-document '{\"Statement\":[{\"Action\":\"*\",\"Condition\":{\"DateGreaterThanEquals\":\
         {\"aws:TokenIssueTime\":\"2026-03-02T09:14:07Z\"}},\"Effect\":\"Deny\",\"Resource\":\"*\",\
         \"Sid\":\"ParapetSignInHold\"}],\"Version\":\"2012-10-17\"}' --region us-east-1"
    );
    let lift = DenyAction::Lift(DenyPolicy { on: Principal::Role("web".to_owned()), deny: hold });
    assert_eq!(
        lift.command(""),
        "aws iam delete-role-policy --role-name web --policy-name parapet-sign-in-hold-since-20260302T091407Z"
    );
    assert_eq!((put.permission(), lift.permission()), ("iam:PutUserPolicy", "iam:DeleteRolePolicy"));
    assert_eq!(put.to_string(), "deny user eve; reboot everything to sessions since 2026-03-02T09:14:07Z");
}
