//! What Parapet's own policies deny, by an evaluator from outside this project: before, the principal can do everything
//! that it may; after, what the policy is there for is denied, and everything else works on. And how a session cut is
//! taken away.

use crate::world::{Watch, World, now};
use iam_rs::{
    Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal as Who, PrincipalId, evaluate_policy,
};
use rstest::rstest;
use serde_json::json;
use shared::engine::finding::Outcome;
use shared::engine::observed::{Observed, Place};
use shared::engine::pipeline::{Rules, RunContext, sweep};
use shared::engine::verdict::VerdictKind;
use shared::policy::Mode;
use shared::resources::iam::deny_policy::{Deny, Principal};
use shared::resources::iam::session_cut::SessionCuts;
use shared::resources::iam::session_cut::state::{CutRef, FoundCut, LONGEST_OF_ROLE, cut};

const MOMENT: &str = "2026-03-02T09:14:07Z";

/// How a principal comes to make a request, as the keys of its context show it ("AWS global condition context keys").
#[derive(Clone, Copy, Debug)]
enum By {
    /// A long-term access key: neither an issue time nor anything about MFA.
    Key,
    /// A session, issued then, with or without MFA.
    Session(&'static str, bool),
}

fn is_allowed(deny: Option<&Deny>, action: &str, by: By) -> bool {
    let mut statements = vec![json!({"Effect": "Allow", "Action": "*", "Resource": "*"})];
    statements.extend(deny.map(|deny| deny.document()["Statement"][0].clone()));
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = IAMPolicy::from_json(&policy.to_string()).unwrap();
    let mut facts = Context::new();
    if let By::Session(issued, mfa) = by {
        facts.insert("aws:TokenIssueTime".to_owned(), ContextValue::String(issued.to_owned()));
        facts.insert("aws:MultiFactorAuthPresent".to_owned(), ContextValue::Boolean(mfa));
    }
    let who = Who::Aws(PrincipalId::String("arn:aws:iam::111122223333:user/ben".to_owned()));
    let bucket = Arn::parse("arn:aws:s3:::reports/january").unwrap();
    let asked = IAMRequest::new_with_context(who, action, bucket, facts);
    evaluate_policy(&policy, &asked).unwrap() == Decision::Allow
}

const OLD: &str = "2026-03-02T09:14:06Z";
const NEW: &str = "2026-03-02T09:14:08Z";

#[rstest]
#[case::a_session_from_before(By::Session(OLD, true), false)]
#[case::of_that_very_second(By::Session(MOMENT, false), true)]
#[case::since(By::Session(NEW, false), true)]
#[case::a_key(By::Key, true)]
fn a_cut_denies_the_sessions_from_before(#[case] by: By, #[case] expected: bool) {
    let deny = cut(Principal::User("ben".to_owned()), None, MOMENT.parse().unwrap()).unwrap().deny;
    assert!(is_allowed(None, "s3:GetObject", by));
    assert_eq!(is_allowed(Some(&deny), "s3:GetObject", by), expected);
}

#[rstest]
#[case::a_session_from_before(By::Session(OLD, false), true)]
#[case::of_that_very_second(By::Session(MOMENT, false), false)]
#[case::since(By::Session(NEW, false), false)]
#[case::since_with_a_device_that_the_attacker_enrolled(By::Session(NEW, true), false)]
#[case::a_key(By::Key, true)]
fn a_hold_denies_the_sessions_since(#[case] by: By, #[case] expected: bool) {
    let deny = Deny::SessionsSince { moment: MOMENT.parse().unwrap() };
    for action in ["s3:GetObject", "iam:ChangePassword", "iam:EnableMFADevice"] {
        assert!(is_allowed(None, action, by));
        assert_eq!(is_allowed(Some(&deny), action, by), expected, "{action}");
    }
}

#[rstest]
#[case::by_password_alone("s3:GetObject", By::Session(NEW, false), false, false)]
#[case::to_give_itself_a_key("iam:CreateAccessKey", By::Session(NEW, false), false, false)]
#[case::to_set_a_password("iam:ChangePassword", By::Session(NEW, false), false, false)]
#[case::to_remove_a_device("iam:DeactivateMFADevice", By::Session(NEW, false), false, false)]
#[case::to_enrol_a_device("iam:EnableMFADevice", By::Session(NEW, false), true, false)]
#[case::to_make_a_device("iam:CreateVirtualMFADevice", By::Session(NEW, false), true, false)]
#[case::with_mfa("s3:GetObject", By::Session(NEW, true), true, true)]
#[case::a_key("s3:GetObject", By::Key, true, true)]
fn without_mfa_only_enrolling_is_left(
    #[case] action: &str,
    #[case] by: By,
    #[case] where_it_may_enrol: bool,
    #[case] where_it_may_not: bool,
) {
    assert!(is_allowed(None, action, by));
    let deny = |may_enrol| Deny::SessionsWithoutMfa { may_enrol };
    assert_eq!(is_allowed(Some(&deny(true)), action, by), where_it_may_enrol);
    assert_eq!(is_allowed(Some(&deny(false)), action, by), where_it_may_not);
}

/// A cut on a role, looked at so long after its moment.
fn found(hours_after: i64) -> (CutRef, FoundCut) {
    let moment: jiff::Timestamp = MOMENT.parse().unwrap();
    let on = Principal::Role("web".to_owned());
    let deny = cut(on.clone(), None, moment).unwrap().deny;
    let (name, seen) = (deny.name(), moment + jiff::SignedDuration::from_hours(hours_after));
    let key = CutRef { on: on.clone(), name: name.clone() };
    (key, FoundCut { on, name, deny: Some(deny), seen })
}

fn swept(hours_after: i64, mode: Mode) -> (Vec<Outcome>, Vec<String>) {
    let (key, cut) = found(hours_after);
    let world = World::<SessionCuts>::new(Observed::Known(cut.clone()));
    let rules = Rules { fallback: mode, ..Rules::default() };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let place =
        Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "us-east-1".to_owned() };
    let handled = now(sweep(&SessionCuts, context, &place, key, Observed::Known(cut), None));
    (handled.findings.iter().map(|finding| finding.outcome).collect(), world.calls())
}

#[test]
fn the_sweep_takes_a_cut_away_once_it_denies_nothing_any_more() {
    let ended = LONGEST_OF_ROLE.as_hours();
    assert_eq!(swept(ended - 1, Mode::Enforce), (Vec::new(), Vec::new()), "it still denies");
    let (outcomes, calls) = swept(ended, Mode::Enforce);
    assert_eq!(outcomes, [Outcome::Remediated]);
    assert_eq!(calls, ["lift from role web the deny of everything to sessions from before 2026-03-02T09:14:07Z"]);
    assert_eq!(
        swept(ended, Mode::Notify),
        (vec![Outcome::Notified], Vec::new()),
        "nothing is revoked that was not asked for"
    );
}

/// A listing shows that the cut has ended; the role may not read it, so that nothing is deleted, and that is said.
#[test]
fn what_only_the_listing_shows_is_not_acted_on() {
    let (key, cut) = found(LONGEST_OF_ROLE.as_hours());
    let why = "the role lacks `iam:GetRolePolicy` (`AccessDenied`)".to_owned();
    let world = World::<SessionCuts>::new(Observed::Unknown { why });
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let place = Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: String::new() };
    let handled = now(sweep(&SessionCuts, context, &place, key, Observed::Known(cut), None));
    let [finding] = handled.findings.as_slice() else { panic!("{:?}", handled.findings) };
    assert_eq!((finding.verdict, finding.outcome), (VerdictKind::Violation, Outcome::Notified));
    assert!(finding.reasons.iter().any(|reason| reason.contains("lacks `iam:GetRolePolicy`")), "{:?}", finding.reasons);
    assert!(world.calls().is_empty());
}
