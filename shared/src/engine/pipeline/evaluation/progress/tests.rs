use super::*;
use crate::engine::plan::Undo;
use crate::resources::iam::access_key::state::{KeyAction, UserKey};
use rstest::rstest;

fn step(id: &str) -> Step<KeyAction> {
    let key = UserKey { id: id.to_owned(), user: "ana".to_owned() };
    Step { apply: KeyAction::Deactivate(key.clone()), undo: Undo::Apply(KeyAction::Activate(key)) }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn done() -> Result<Applied, ApplyError> {
    Ok(Applied { request_id: None, is_rehearsal: false })
}

fn rehearsed() -> Result<Applied, ApplyError> {
    Ok(Applied { request_id: None, is_rehearsal: true })
}

fn not_there() -> Result<Applied, ApplyError> {
    Err(ApplyError::NotThere { code: "NoSuchEntity".to_owned() })
}

fn denied() -> Result<Applied, ApplyError> {
    Err(ApplyError::Denied { permission: "iam:UpdateAccessKey", code: "AccessDenied".to_owned() })
}

fn throttled() -> Result<Applied, ApplyError> {
    Err(ApplyError::Transient { why: "throttled".to_owned() })
}

/// One word for each state.
fn word(progress: &Progress<KeyAction>) -> String {
    let effect = |effect: &Effect<KeyAction>| match effect {
        Effect::NothingLeft => "nothing left".to_owned(),
        Effect::Applied { steps, at } => format!("{} applied at {}", steps.len(), at.as_second()),
    };
    match progress {
        Progress::Judged => "judged".to_owned(),
        Progress::Called { effect: had, look: Look::Pending } => effect(had),
        Progress::Called { effect: had, look: Look::Taken } => format!("{}, looked", effect(had)),
        Progress::Failed { effect: had, failure } => {
            let kind = match failure {
                Failure::Final(_) => "final",
                Failure::Passing(_) => "passing",
            };
            format!("failed ({kind}), {}", had.as_ref().map_or_else(|| "unchanged".to_owned(), effect))
        }
    }
}

#[rstest]
#[case::no_call(vec![], "judged")]
#[case::a_rehearsal(vec![rehearsed()], "judged")]
#[case::nothing_to_change(vec![not_there()], "nothing left")]
#[case::one_step(vec![done()], "1 applied at 1")]
#[case::two_steps_count_from_the_first(vec![done(), done()], "2 applied at 1")]
#[case::nothing_left_and_then_a_step(vec![not_there(), done()], "1 applied at 2")]
#[case::a_step_and_then_nothing_left(vec![done(), not_there()], "1 applied at 1")]
#[case::a_refusal(vec![denied()], "failed (final), unchanged")]
#[case::a_refusal_after_a_step(vec![done(), denied()], "failed (final), 1 applied at 1")]
#[case::a_part_that_succeeds_after_one_that_failed(vec![throttled(), done()], "failed (passing), 1 applied at 2")]
#[case::the_latest_failure_counts(vec![throttled(), denied()], "failed (final), unchanged")]
#[case::nothing_left_ends_no_failure(vec![denied(), not_there()], "failed (final), nothing left")]
fn calls_advance_it(#[case] answers: Vec<Result<Applied, ApplyError>>, #[case] expected: &str) {
    let mut progress = Progress::Judged;
    for (n, answer) in answers.iter().enumerate() {
        progress.advance("deactivate the key", &step(&n.to_string()), answer, at(n as i64 + 1));
    }
    assert_eq!(word(&progress), expected);
}

#[test]
fn a_look_counts_until_the_next_call() {
    let mut progress = Progress::Judged;
    progress.looked();
    assert_eq!(word(&progress), "judged");
    progress.advance("deactivate the key", &step("a"), &done(), at(1));
    progress.looked();
    assert_eq!(word(&progress), "1 applied at 1, looked");
    progress.advance("deactivate the key", &step("b"), &rehearsed(), at(2));
    assert_eq!(word(&progress), "1 applied at 1, looked", "a rehearsal is no call");
    progress.advance("deactivate the key", &step("b"), &done(), at(3));
    assert_eq!(word(&progress), "2 applied at 1");
    progress.fail(Failure::Final("it changed each time".to_owned()));
    assert_eq!(word(&progress), "failed (final), 2 applied at 1");
    assert_eq!(progress.failure().unwrap().why(), "it changed each time");
}
