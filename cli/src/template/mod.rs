//! Templates and plans as files: every value knows its line, CloudFormation's functions are resolved as far as they can
//! be before deployment.

mod node;
mod resolve;

pub use node::{Content, Entry, Node, ParseError, Position};
pub use resolve::Environment;
pub use shared::engine::planned::{KNOWN_AFTER_APPLY, is_unresolved, unresolved_reason};
