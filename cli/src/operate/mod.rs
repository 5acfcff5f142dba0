//! The commands that work on an account: `undo`, `stops`, `sweep`, `redrive`, `doctor`. They need the AWS SDKs, which a build has with
//! the feature `aws` only: gates and replays install in a minute without them.

mod doctor;
mod redrive;
mod stops;
mod sweep;
mod undo;

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
mod dead_letters;
#[cfg(feature = "aws")]
mod letter;
#[cfg(feature = "aws")]
mod orders;
#[cfg(feature = "aws")]
mod s3;

pub use doctor::{DoctorArgs, doctor};
pub use redrive::RedriveArgs;
pub use stops::StopsArgs;
pub use sweep::SweepArgs;
pub use undo::UndoArgs;

use crate::exempt::ExemptArgs;
use crate::exempt::store::PolicyStore;
use crate::failure::{CommandResult, Failure};
use std::path::Path;

/// How to get a build that has the SDKs.
#[cfg(not(feature = "aws"))]
pub(crate) const WITH_AWS: &str = "install one that has with `cargo install --path cli --features aws`";

/// What a build without the SDKs says.
#[cfg(not(feature = "aws"))]
fn unavailable(command: &str) -> Failure {
    Failure::new(format!("`parapet {command}` works on an account, and this build has no AWS SDK in it: {WITH_AWS}"))
}

macro_rules! command {
    ($(#[$doc:meta])* $name:ident, $module:ident, $args:ty, $word:literal) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// When it could not run.
        pub fn $name(args: &$args) -> CommandResult {
            #[cfg(feature = "aws")]
            return aws::block_on($module::run(args));
            #[cfg(not(feature = "aws"))]
            {
                let _ = args;
                Err(unavailable($word))
            }
        }
    };
}

command!(
    /// Takes a finding back.
    undo, undo, UndoArgs, "undo"
);
command!(
    /// Shows and lifts stops.
    stops, stops, StopsArgs, "stops"
);
command!(
    /// Gives dead letters back to their functions.
    redrive, redrive, RedriveArgs, "redrive"
);

/// Judges everything that is there.
///
/// # Errors
/// When it could not run.
pub fn sweep(args: &SweepArgs) -> CommandResult {
    #[cfg(feature = "aws")]
    {
        let policy = crate::policy::load(args.policy.as_deref())?;
        aws::block_on(sweep::run(args, policy))
    }
    #[cfg(not(feature = "aws"))]
    {
        let _ = args;
        Err(unavailable("sweep"))
    }
}

/// The policy at a location: a file, or an object in S3 where the build can read it.
///
/// # Errors
/// When it cannot be reached.
pub(crate) fn open(location: Option<&Path>) -> Result<Box<dyn PolicyStore>, Failure> {
    #[cfg(feature = "aws")]
    return s3::open(location);
    #[cfg(not(feature = "aws"))]
    crate::exempt::store::open(location)
}

/// `parapet exempt`, which reaches policies in S3 too where the build can.
///
/// # Errors
/// When it could not run.
pub fn exempt(args: &ExemptArgs) -> CommandResult {
    crate::exempt::run_with(args, open)
}
