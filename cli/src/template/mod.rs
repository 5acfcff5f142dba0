//! Templates and plans as files: every value knows its line, CloudFormation's functions are resolved as far as they can
//! be before deployment.

mod loops;
mod node;
mod places;
mod resolve;

pub use loops::expanded;
pub use node::{Content, Entry, Node, ParseError, Position};
pub(crate) use places::Places;
pub use resolve::{Environment, NotAllowed};
pub use shared::engine::planned::{KNOWN_AFTER_APPLY, is_unresolved, unresolved_reason};
