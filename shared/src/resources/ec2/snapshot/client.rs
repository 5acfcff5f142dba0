//! Snapshots: the reads of one, and the list of all that the account owns.

use super::DESCRIBE_SNAPSHOTS;
use super::Snapshots;
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::ec2::client::Ec2;
use crate::resources::ec2::sharing::client::read_each;
use crate::resources::ec2::sharing::{Shared, SharedRef};

impl Observe<Snapshots> for Ec2 {
    async fn observe(&self, key: &SharedRef, _: ReadDepth) -> Result<Observed<Shared>, ReadError> {
        self.snapshot(&key.id).await
    }
}

/// Which snapshots a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Those that everyone can restore: few, found in one call, and the gravest.
    Public,
    /// All.
    Own,
}

impl Part {
    const ALL: [Self; 2] = [Self::Public, Self::Own];

    fn word(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Own => "own",
        }
    }

    /// Where the list goes on: the part and EC2's token.
    fn cursor(self, token: Option<&str>) -> String {
        format!("{} {}", self.word(), token.unwrap_or_default())
    }

    fn of_cursor(cursor: Option<&str>) -> (Self, Option<&str>) {
        let Some((word, token)) = cursor.and_then(|cursor| cursor.split_once(' ')) else { return (Self::Public, None) };
        let part = Self::ALL.into_iter().find(|part| part.word() == word).unwrap_or(Self::Public);
        (part, Some(token).filter(|token| !token.is_empty()))
    }
}

/// `DescribeSnapshots` shows no permissions and has no filter for "shared": each snapshot is a call of its own.
/// An account with 10,000 snapshots costs 10,000 of them, eight at a time, at EC2's 20 a second more than eight minutes. So
/// the public ones (`RestorableByUserIds=all`), for which one call is enough, come first. They come once more among all: what
/// was closed then complies, what was notified is not notified again.
impl List<Snapshots> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<Snapshots>>, ReadError> {
        const PAGE: i32 = 100;
        let (part, token) = Part::of_cursor(from);
        let call = self.client.describe_snapshots().owner_ids("self").max_results(PAGE);
        let call = match part {
            Part::Public => call.restorable_by_user_ids("all"),
            Part::Own => call,
        };
        let answer = match call.set_next_token(token.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_SNAPSHOTS.action),
        };
        let ids = answer.snapshots().iter().filter_map(|snapshot| snapshot.snapshot_id().map(str::to_owned)).collect();
        let found = read_each(ids, async |id: String| self.snapshot(&id).await).await?;
        let next = match (answer.next_token().filter(|token| !token.is_empty()), part) {
            (Some(token), part) => Some(part.cursor(Some(token))),
            (None, Part::Public) => Some(Part::Own.cursor(None)),
            (None, Part::Own) => None,
        };
        Ok(Observed::Known(Page { found, next }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_snapshots_come_first_and_a_cursor_says_where_it_goes_on() {
        assert_eq!(Part::of_cursor(None), (Part::Public, None));
        for part in Part::ALL {
            assert_eq!(Part::of_cursor(Some(&part.cursor(None))), (part, None));
            assert_eq!(Part::of_cursor(Some(&part.cursor(Some("a b=")))), (part, Some("a b=")));
        }
    }
}
