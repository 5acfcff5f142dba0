//! EMR's block of public access. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::emr::EmrBlockPublicAccess;
use shared::resources::emr::block_public_access::state::Block;
use shared::resources::s3::document::Of;

holding!(EmrBlockPublicAccess);

impl Fake for EmrBlockPublicAccess {
    /// `GetBlockPublicAccessConfiguration`
    fn answer(value: &Value) -> Block {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&Of::default(), &answer).known().unwrap().now.clone()
    }

    fn line(block: &Block) -> String {
        format!("block {block}")
    }

    fn values() -> Vec<Block> {
        vec![Block::usual(), Block { is_on: true, ranges: vec![] }, Block { is_on: false, ranges: vec![] }]
    }

    fn name() -> &'static str {
        "block public access"
    }
}
