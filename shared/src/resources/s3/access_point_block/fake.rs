//! The public access block of an access point. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::s3::AccessPointBlocks;
use shared::resources::s3::access_point_block::PointBlock;
use shared::resources::s3::block::Block;

impl Living for AccessPointBlocks {
    fn change(_: &mut Observed<PointBlock>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<PointBlock>, arn: &String) -> Observed<PointBlock> {
        match live {
            Observed::Known(point) if point.arn != *arn => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `GetAccessPoint`
    fn live(value: &Value) -> Observed<PointBlock> {
        Observed::Known(PointBlock {
            arn: value["AccessPointArn"].as_str().unwrap().to_owned(),
            block: Block::read(&value["PublicAccessBlockConfiguration"]),
            vpc: value["VpcConfiguration"]["VpcId"].as_str().map(str::to_owned),
        })
    }

    fn lines(live: &Observed<PointBlock>) -> Vec<String> {
        live.known().map(|point| point.block.sentence()).into_iter().collect()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
