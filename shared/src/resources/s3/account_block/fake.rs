//! The public access block of the account. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::AccountBlock;
use shared::resources::s3::block::Block;

holding!(AccountBlock);

impl Fake for AccountBlock {
    /// `GetPublicAccessBlock`; `none` where there is none.
    fn answer(value: &Value) -> Option<Block> {
        (value != "none").then(|| Block::read(value))
    }

    fn line(block: &Option<Block>) -> String {
        block.map_or("no block".to_owned(), Block::sentence)
    }

    fn values() -> Vec<Option<Block>> {
        vec![Some(Block::ALL), None]
    }

    fn name() -> &'static str {
        "111122223333"
    }
}
