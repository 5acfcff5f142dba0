//! What no field of the policy file takes, for the person who wrote it.

use thiserror::Error;

/// A value of the right JSON type that a field does not take.
#[derive(Clone, Debug, Error)]
pub enum BadValue {
    /// The format's version.
    #[error("version {0} is unknown, this Parapet reads version 1")]
    Version(u8),
    /// An account.
    #[error("`{0}` is not an account id: twelve digits in quotes were expected")]
    Account(String),
    /// A reason or an owner.
    #[error("an empty text was given, a reason in words was expected")]
    Empty,
    /// A text of another form.
    #[error("`{text}` is not {expected}")]
    Form {
        /// What stands there.
        text: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The end of an exemption.
    #[error(
        "`{text}` is no end: a day such as 2027-03-31 or a time with its zone such as 2027-03-31T12:00:00Z was expected"
    )]
    End {
        /// What stands there.
        text: String,
        /// What is wrong with it; none where it has neither form.
        #[source]
        cause: Option<jiff::Error>,
    },
    /// A number that AWS refuses.
    #[error("{number} is more than AWS takes: at most {most}")]
    TooMuch {
        /// What stands there.
        number: u32,
        /// The most that is taken.
        most: u32,
    },
    /// A grace period.
    #[error("{seconds} seconds are more than the {most} that a message can be delayed")]
    TooLong {
        /// What stands there.
        seconds: u32,
        /// The most that is taken.
        most: u32,
    },
    /// A principal or stack that flapping yields to.
    #[error(
        "`{0}` is not a principal or stack that Parapet can yield to: the ARN of a role \
         (`arn:aws:iam::111122223333:role/pipeline`, not of a session), of a user, or of a stack (`arn:aws:cloudformation:eu-west-1:111122223333:stack/web`) was expected"
    )]
    YieldsTo(String),
}
