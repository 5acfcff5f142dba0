//! AWS CodeArtifact: domains and the repositories in them.

pub mod domain_policy;
pub mod repository_policy;

pub use domain_policy::PackageDomainPolicies;
pub use repository_policy::PackageRepositoryPolicies;

use crate::engine::observed::Observed;
use crate::engine::request::{Answer, Api, Means, Protocol};
use crate::engine::resource_policy::Read;

/// "AWS CodeArtifact API reference".
pub const CODEARTIFACT: Api = Api {
    signed_as: "codeartifact",
    host: "codeartifact",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConflictException", Means::Changed),
        ("InternalServerException", Means::Transient),
        ("ThrottlingException", Means::Transient),
    ],
};

/// The policy that a call answered, with its revision.
fn answered(answer: &Answer) -> Observed<Read> {
    let text = |member: &str| answer.at(&["policy", member])?.as_str().map(str::to_owned);
    match text("document") {
        Some(document) => Observed::Known(Read::of(Some(document)).at(text("revision"))),
        None => Observed::Unknown { why: "the answer shows no `policy.document`".to_owned() },
    }
}
