//! The public access block of an access point: S3-06.
//!
//! It is chosen as the access point is made and cannot be changed afterwards, so nothing closes it but to make another access point: that is a
//! person's decision. Source: "Managing public access to access points for general purpose buckets" in the S3 user guide.

#[cfg(feature = "s3control")]
mod client;
pub mod off;

use super::access_point::{GET_POINT, LIST_POINTS, arn_in, point_resource};
use super::block::Block;
use super::record::{S3, flag};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use off::S3AccessPointBlockOff;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// The family of the public access blocks of access points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessPointBlocks;

/// What is known of an access point's block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointBlock {
    /// The access point's ARN.
    pub arn: String,
    /// What it blocks.
    pub block: Block,
    /// The VPC that it is limited to.
    pub vpc: Option<String>,
}

impl Family for AccessPointBlocks {
    type Key = String;
    type State = PointBlock;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "s3-access-point-block"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_POINT]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_POINTS]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<PointBlock>]> {
        const FORMS: &[PlannedForm<PointBlock>] =
            &[PlannedForm::one("AWS::S3::AccessPoint", planned), PlannedForm::one("aws_s3_access_point", planned)];
        Cow::Borrowed(FORMS)
    }

    guardrails![S3AccessPointBlockOff];

    /// Everything is blocked unless the request says otherwise; of a block that it does not write out whole, a read shows the rest.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(S3, &["CreateAccessPoint"]) {
            return Ok(Vec::new());
        }
        let key = arn_in(event)?;
        let at = |path: &[&str]| {
            let within: Vec<&str> = ["CreateAccessPointRequest"].iter().chain(path).copied().collect();
            event.request.at(&within).or_else(|| event.request.at(path))
        };
        let is_whole = |block: &&Value| Block::ALL.flags().iter().all(|(name, _)| flag(block, name).is_some());
        let proven = at(&["PublicAccessBlockConfiguration"]).filter(is_whole).map(|block| PointBlock {
            arn: key.clone(),
            block: Block::read(block),
            vpc: at(&["VpcConfiguration", "VpcId"]).and_then(Value::as_str).map(str::to_owned),
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, _: &mut PointBlock, _: &TargetOf<Self>) {}

    fn resource(&self, arn: &String, _: Option<&PointBlock>, _: &Place) -> Resource {
        point_resource(arn)
    }
}

/// Everything is blocked unless the file says otherwise.
pub(crate) fn planned(it: &PlannedResource<'_>) -> Result<Option<PointBlock>, Unreadable> {
    // Terraform's provider switches on what a block leaves out; S3 takes it as off.
    let (block, vpc, unsaid) = if it.is_terraform() {
        ("public_access_block_configuration", "vpc_configuration.vpc_id", true)
    } else {
        ("PublicAccessBlockConfiguration", "VpcConfiguration.VpcId", false)
    };
    let block = it.parts(block)?.first().map_or(Ok(Block::ALL), |block| Block::planned(block, unsaid))?;
    // Which VPC it is makes no difference.
    let vpc = it.text(vpc).unwrap_or_else(|why| Some(why.to_string()));
    Ok(Some(PointBlock { arn: it.named(&["Name", "name"]), block, vpc }))
}
