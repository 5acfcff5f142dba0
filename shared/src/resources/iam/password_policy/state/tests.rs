use super::*;

fn rules() -> PasswordRules {
    PasswordRules { min_length: 10, symbols: true, max_age: Some(90), users_may_change: true, ..Default::default() }
}

#[test]
fn the_stricter_of_two_is_weaker_than_neither() {
    let other = PasswordRules { min_length: 14, numbers: true, reuse_prevention: Some(24), ..Default::default() };
    let both = rules().stricter(&other);
    assert!(both.weaker_than(&rules()).is_empty() && both.weaker_than(&other).is_empty());
    assert_eq!((both.max_age, both.reuse_prevention, both.users_may_change), (Some(90), Some(24), true));
    assert!(!other.stricter(&rules()).users_may_change, "what is not strictness stays");
}

#[test]
fn each_weakness_is_named() {
    let least = PasswordRules { uppercase: true, lowercase: true, numbers: true, reuse_prevention: Some(5), ..rules() };
    let named: Vec<String> = PasswordRules::default()
        .weaker_than(&least)
        .into_iter()
        .map(|(is, should)| format!("{is}, {should}"))
        .collect();
    assert_eq!(
        named,
        [
            "minimum length 6, at least 10",
            "no symbols required, required",
            "no numbers required, required",
            "no upper-case letters required, required",
            "no lower-case letters required, required",
            "passwords never expire, after 90 days",
            "0 earlier passwords barred, at least 5",
        ]
    );
    let longer = PasswordRules { max_age: Some(91), ..rules() };
    assert_eq!(
        longer.weaker_than(&rules()),
        [("passwords expire after 91 days".to_owned(), "after 90 days".to_owned())]
    );
}

#[test]
fn the_command_says_every_field() {
    let set = PasswordPolicyAction::Set(rules());
    assert_eq!(
        set.command("us-east-1"),
        "aws iam update-account-password-policy --minimum-password-length 10 --require-symbols --no-require-numbers \
         --no-require-uppercase-characters --no-require-lowercase-characters --allow-users-to-change-password \
         --no-hard-expiry --max-password-age 90 --region us-east-1"
    );
    assert_eq!(PasswordPolicyAction::Delete.command(""), "aws iam delete-account-password-policy");
    assert_eq!(
        set.to_string(),
        "set the account's password policy: at least 10 characters, symbols, expires after 90 days, users may change their own"
    );
}
