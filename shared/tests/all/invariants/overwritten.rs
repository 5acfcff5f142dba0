//! Whether an owner's change that was overwritten is reported.

use shared::engine::pipeline::Handled;

/// Whether a notice speaks of an owner's change.
pub fn is_reported(handled: &Handled) -> bool {
    handled.notices.iter().any(|notice| notice.kind == "overwritten")
}
