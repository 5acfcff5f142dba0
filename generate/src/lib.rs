//! Everything that follows from the code: both templates, the manifest of the stack's parts, the pages of guardrails and costs, the policy's schema, the crates of the functions. What is written by hand of the
//! templates stands beside this crate's manifest, in `hub.yaml`, `member.yaml`, `functions.yaml` and `costs.md`; a line `#> name` there is where
//! something generated goes.

mod alarms;
mod costs;
mod crates;
mod dashboard;
mod error;
mod fakes;
mod findings;
mod functions;
mod hub;
mod itself;
mod limits;
mod manifest;
mod member;
mod operate;
mod parts;
mod rewrite;
mod runbooks;
mod shared_policies;
pub mod statements;
mod yaml;

pub use error::Error;
pub use functions::{Function, Rule, functions};
pub use limits::{Limits, check};

use shared::resources::catalogue;
use std::path::Path;

/// The hand-written parts.
pub struct Parts<'a> {
    /// `generate/hub.yaml`
    pub hub: &'a str,
    /// `generate/member.yaml`
    pub member: &'a str,
    /// `generate/functions.yaml`
    pub functions: &'a str,
}

/// The parts of this source tree.
pub const PARTS: Parts<'static> = Parts {
    hub: include_str!("../hub.yaml"),
    member: include_str!("../member.yaml"),
    functions: include_str!("../functions.yaml"),
};

/// The files by their path in the source tree `root`, with what they should hold.
///
/// # Errors
/// [`Error`] where the hand-written parts do not fit the code, or a template would come close to what AWS allows.
pub fn files(parts: &Parts<'_>, root: &Path) -> Result<Vec<(String, String)>, Error> {
    let functions = functions(parts.functions)?;
    let hub = hub::template(parts.hub, &functions)?;
    let member = member::template(parts.member, &functions)?;
    for (name, template) in [("template.yaml", &hub), ("template-spoke.yaml", &member)] {
        check(name, template, &Limits::default())?;
    }
    let pages = [
        (manifest::FILE, manifest::text(&hub, &functions)?),
        (costs::FILE, costs::page(&hub, &member)?),
        ("template.yaml", hub),
        ("template-spoke.yaml", member),
        ("docs/guardrails.md", parapet::guardrails_page::markdown(&catalogue())),
        ("docs/finding-types.md", parapet::finding_types_page::markdown(&catalogue())),
        ("docs/policy-schema.json", parapet::policy::schema_text()),
    ];
    let pages = pages.into_iter().map(|(file, text)| (file.to_owned(), text));
    Ok(pages.chain(functions.iter().flat_map(crates::files)).chain([fakes::file(root)?]).collect())
}
