//! The situations of `tests/fixtures`: one YAML file a guardrail, or a folder of them, each situation a record of CloudTrail with the state that
//! AWS would show and the answer that is right. `tests/README.md` describes the files.
//!
//! Every crate that tests against them reads them here. [`variants`] makes of a violation what follows from it by rule.

mod expand;
mod file;
pub mod variants;

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use thiserror::Error;

/// Situations by guardrail and name. Each is an object with `story`, `event` (an envelope or a bare record) and `expect`, and
/// with `policy`, `live`, `spread`, `kept` and `delivered` where the file has them.
pub type Situations = BTreeMap<(String, String), Value>;

/// A file, or a situation in it, that cannot be used.
#[derive(Debug, Error)]
pub enum SituationError {
    /// The file cannot be opened.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not YAML.
    #[error("`{}` is not valid YAML: {source}", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// Why.
        source: Box<serde_saphyr::Error>,
    },
    /// The file does not say what a file of situations says.
    #[error("`{}`: {problem}", path.display())]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where.
        problem: String,
    },
}

/// The folder of the files.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

/// Every situation of every guardrail, read once a process.
///
/// # Errors
/// The first file that cannot be used.
pub fn all() -> Result<&'static Situations, &'static SituationError> {
    static ALL: LazyLock<Result<Situations, SituationError>> = LazyLock::new(|| file::read_folder(&folder()));
    ALL.as_ref()
}

/// Resources of templates and plans as files say them, with the right answer: by guardrail and name.
pub type Planned = BTreeMap<String, serde_json::Map<String, Value>>;

/// The cases of every guardrail that judges templates and plans.
///
/// # Errors
/// The first file that cannot be used.
pub fn planned() -> Result<Planned, SituationError> {
    file::read_planned(&folder())
}

/// The situation `FILE.yaml#NAME`; none when `place` has another form.
///
/// # Errors
/// When the file cannot be used or has no such situation.
pub fn at(place: &str) -> Option<Result<Value, SituationError>> {
    let (path, name) = place.split_once('#')?;
    let path = Path::new(path);
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    is_yaml.then(|| file::read_one(path, name))
}
