//! The `parapet` command as a library: what the command line and the tests share. No SDK in the build.

pub mod patterns;
pub mod template;
