//! EMR's block of public access: DB-11.
//!
//! Sources: "Using Amazon EMR block public access" (management guide); "PutBlockPublicAccessConfiguration" (API reference): one for each account and region,
//! which refuses to start a cluster whose security groups admit everyone to a port that it does not except; port 22 is excepted by default.

pub mod state;
pub mod weakened;

use super::EMR;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use serde_json::json;
use state::Block;
use weakened::EmrBlockPublicAccessWeakened;

const GET: Permission = Permission::read("elasticmapreduce:GetBlockPublicAccessConfiguration");
pub(crate) const PUT: Permission = Permission::setting("elasticmapreduce:PutBlockPublicAccessConfiguration");

/// There is one.
const NAME: &str = "block public access";

/// The family of EMR's block of public access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EmrBlockPublicAccess;

document_family!(
    EmrBlockPublicAccess,
    "emr-block-public-access",
    reads: &[GET],
    lists: &[],
    undoes: &[PUT],
    EmrBlockPublicAccessWeakened,
);

impl Document for EmrBlockPublicAccess {
    type Value = Block;

    const SOURCE: &'static str = "elasticmapreduce.amazonaws.com";
    const TRIGGERS: &'static [&'static str] = &["PutBlockPublicAccessConfiguration"];

    const PLANNED: &'static [PlannedForm<Held<Block>>] =
        &[PlannedForm::one("aws_emr_block_public_access_configuration", planned)];

    fn set_by(event: &Event) -> Option<Block> {
        Block::read(event.request.at(&["blockPublicAccessConfiguration"])?)
    }

    fn subject(_: &Event) -> Result<String, Unlocatable> {
        Ok(NAME.to_owned())
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:elasticmapreduce:{region}:{account}:block-public-access");
        Resource { id, kind: "Other", name: name.to_owned() }
    }

    /// A block without an exception: nothing is stricter.
    fn is_strictest(block: &Block) -> bool {
        block.is_on && block.ranges.is_empty()
    }

    fn permission(_: &Block) -> Permission {
        PUT
    }

    fn says(_: &str, block: &Block) -> String {
        format!("set EMR's block of public access: {block}")
    }

    fn line(_: &str, block: &Block) -> String {
        let configuration = block.written().to_string();
        let configuration = word(&configuration);
        format!("aws emr put-block-public-access-configuration --block-public-access-configuration {configuration}")
    }
}

fn planned(it: &PlannedResource<'_>) -> Result<Option<Held<Block>>, Unreadable> {
    let port = |range: &PlannedResource<'_>, name: &str| {
        let port = range.number(name)?.and_then(|port| u16::try_from(port).ok());
        port.ok_or_else(|| Unreadable::from(format!("`{name}` is no port")))
    };
    let range = |range: &PlannedResource<'_>| Ok((port(range, "min_range")?, port(range, "max_range")?));
    let ranges = it.parts("permitted_public_security_group_rule_range")?;
    let mut ranges: Vec<(u16, u16)> = ranges.iter().map(range).collect::<Result<_, Unreadable>>()?;
    ranges.sort_unstable();
    let is_on = it.flag("block_public_security_group_rules")?.unwrap_or_default();
    Ok(Some(Held { name: NAME.to_owned(), ..Held::set_by(it, &[], Block { is_on, ranges }) }))
}

impl SignedFamily for EmrBlockPublicAccess {
    const API: &'static Api = &EMR;

    fn get(_: &Of<Block>) -> Request {
        Request::named("GetBlockPublicAccessConfiguration", json!({}))
    }

    fn got(key: &Of<Block>, answer: &Answer) -> Observed<Held<Block>> {
        match answer.body.get("BlockPublicAccessConfiguration").and_then(Block::read) {
            Some(block) => Observed::Known(Held::of(key, block)),
            None => Observed::Unknown { why: "the answer does not show the block of public access".to_owned() },
        }
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing::one(Of::new(NAME.to_owned(), false))
    }

    fn actions() -> Vec<Write<Self>> {
        vec![Write::whole(NAME, Block::usual())]
    }
}

impl SignedAction for Write<EmrBlockPublicAccess> {
    const API: &'static Api = &EMR;

    fn request(&self) -> Request {
        let configuration = self.value.written();
        Request::named("PutBlockPublicAccessConfiguration", json!({ "BlockPublicAccessConfiguration": configuration }))
    }
}
