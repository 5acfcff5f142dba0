//! The public access block of the account: S3-05.
//!
//! S3 Control's call `PutPublicAccessBlock` is recorded as `PutAccountPublicAccessBlock`, with the account in `host` and no bucket. It is
//! one setting for all regions, recorded where the endpoint is that was called.

#[cfg(feature = "s3control")]
pub(crate) mod client;
pub mod weakened;

use super::block::Block;
use super::document::{Document, Held, document_family};
use super::record::document;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::shell::word;
use crate::engine::unreadable::Unreadable;
use weakened::S3AccountPublicAccessBlockWeakened;

pub(crate) const GET_ACCOUNT_BLOCK: Permission = Permission::read("s3:GetAccountPublicAccessBlock");
pub(crate) const PUT_ACCOUNT_BLOCK: Permission = Permission::setting("s3:PutAccountPublicAccessBlock");

/// The family of the account's public access block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountBlock;

document_family!(
    AccountBlock,
    "s3-account-public-access-block",
    reads: &[GET_ACCOUNT_BLOCK],
    lists: &[],
    undoes: &[PUT_ACCOUNT_BLOCK],
    S3AccountPublicAccessBlockWeakened,
);

impl Document for AccountBlock {
    type Value = Option<Block>;

    const TRIGGERS: &'static [&'static str] = &["DeleteAccountPublicAccessBlock", "PutAccountPublicAccessBlock"];
    const PLANNED: &'static [PlannedForm<Held<Option<Block>>>] =
        &[PlannedForm::one("aws_s3_account_public_access_block", planned)];

    fn set_by(event: &Event) -> Option<Option<Block>> {
        if event.name.starts_with("Delete") {
            return Some(None);
        }
        document(event, "PublicAccessBlockConfiguration").map(|block| Some(Block::read(block)))
    }

    /// A caller can change its own account's alone.
    fn subject(event: &Event) -> Result<String, Unlocatable> {
        Ok(event.account.clone())
    }

    /// It has no ARN: one that looks like one, so that an exemption can name it.
    fn named(account: &str, place: &Place) -> Resource {
        let id = format!("arn:{}:s3::{account}:account-public-access-block", place.partition);
        Resource { id, kind: "AwsAccount", name: "account-public-access-block".to_owned() }
    }

    fn is_strictest(block: &Option<Block>) -> bool {
        *block == Some(Block::ALL)
    }

    fn permission(_: &Option<Block>) -> Permission {
        PUT_ACCOUNT_BLOCK
    }

    fn says(account: &str, block: &Option<Block>) -> String {
        match block {
            Some(block) => format!("set the public access block of account {account} to: {}", block.sentence()),
            None => format!("delete the public access block of account {account}"),
        }
    }

    fn line(account: &str, block: &Option<Block>) -> String {
        let account = word(account);
        match block {
            Some(block) => format!("aws s3control put-public-access-block --account-id {account} {}", block.option()),
            None => format!("aws s3control delete-public-access-block --account-id {account}"),
        }
    }
}

/// What is left out is off.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Held<Option<Block>>>, Unreadable> {
    Ok(Some(Held::set_by(it, &["account_id"], Some(Block::planned(it, false)?))))
}
