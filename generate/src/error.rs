//! What keeps the files from being generated.

use std::path::PathBuf;
use thiserror::Error;

/// Why nothing was generated. Each says what to change.
#[derive(Debug, Error)]
pub enum Error {
    /// A file of the hand-written parts, or one of those that are written.
    #[error("{}: {why}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// The hand-written description of the functions.
    #[error("functions.yaml: {0}")]
    Functions(String),
    /// The hand-written parts of a template.
    #[error("{file}: {why}")]
    Parts {
        /// Which.
        file: &'static str,
        /// What is wrong.
        why: String,
    },
    /// A template or a role would come too close to what AWS allows.
    #[error("{what} would be {is}, and AWS allows {allows}: {way_out} (refused above {most})")]
    Limit {
        /// Of what.
        what: String,
        /// How many it would be.
        is: usize,
        /// How many are passed.
        most: usize,
        /// AWS's own limit.
        allows: &'static str,
        /// What to do.
        way_out: &'static str,
    },
}
