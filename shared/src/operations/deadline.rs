//! How long a run may go on: Lambda ends it at its deadline, whatever it is about. What is begun before `stop` is finished,
//! written down and notified before that; the rest comes back.

use jiff::{SignedDuration, Timestamp};

/// The time of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// Nothing new is begun from here on.
    pub stop: Timestamp,
    /// A call that hangs until here is left alone, so that the run ends with an answer and not by Lambda.
    pub leave: Timestamp,
    /// Here Lambda ends the process.
    pub end: Timestamp,
}

/// What was begun is finished in this time: a few calls of ten seconds at most, three looks with pauses between them, and the
/// notification.
const TO_FINISH: SignedDuration = SignedDuration::from_secs(60);
/// Of a short run no more than this part is kept back.
const PART: i32 = 4;
/// This part of what is kept back is for saying what happened.
const TO_ANSWER: i32 = 12;

impl Deadline {
    /// The time of a run that begins now.
    #[must_use]
    pub fn of(now: Timestamp, end: Timestamp) -> Self {
        let kept_back = TO_FINISH.min(end.duration_since(now).max(SignedDuration::ZERO) / PART);
        let before = |time| end.checked_sub(time).unwrap_or(now);
        Self { stop: before(kept_back), leave: before(kept_back / TO_ANSWER), end }
    }

    /// A run without a deadline: a command of a person.
    pub const NONE: Self = Self { stop: Timestamp::MAX, leave: Timestamp::MAX, end: Timestamp::MAX };
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::as_the_template_has_it("2026-03-02T09:15:00Z", "2026-03-02T09:14:00Z", "2026-03-02T09:14:55Z")]
    #[case::a_short_one("2026-03-02T09:00:48Z", "2026-03-02T09:00:36Z", "2026-03-02T09:00:47Z")]
    #[case::none_left("2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z")]
    #[case::over_already("2026-03-02T08:59:00Z", "2026-03-02T08:59:00Z", "2026-03-02T08:59:00Z")]
    fn what_is_kept_back_fits_the_run(#[case] end: Timestamp, #[case] stop: Timestamp, #[case] leave: Timestamp) {
        assert_eq!(Deadline::of("2026-03-02T09:00:00Z".parse().unwrap(), end), Deadline { stop, leave, end });
    }
}
