//! IAM Access Analyzer: analyzers and their archive rules.

pub mod analyzer;
pub mod archive_rule;

pub use analyzer::Analyzers;
pub use archive_rule::ArchiveRules;

use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};
use crate::engine::request::{Api, Means, Protocol};

/// "IAM Access Analyzer API reference".
pub const ACCESS_ANALYZER: Api = Api {
    signed_as: "access-analyzer",
    host: "access-analyzer",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConflictException", Means::Changed),
        ("InternalServerException", Means::Transient),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "access-analyzer.amazonaws.com";

const IDS: &[&str] = &["arn:%:access-analyzer:%:%:analyzer/%"];

/// The analyzer that a call names.
fn analyzer_of(event: &Event) -> Result<String, Unlocatable> {
    let unnamed = || Unlocatable::new(event, "the record names no analyzer");
    event.request.text(&["analyzerName"]).filter(|name| !name.is_empty()).map(str::to_owned).ok_or_else(unnamed)
}

fn resource(name: &str, Place { partition, account, region }: &Place) -> Resource {
    let id = format!("arn:{partition}:access-analyzer:{region}:{account}:analyzer/{name}");
    Resource { id, kind: "Other", name: name.to_owned() }
}
