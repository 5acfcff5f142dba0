//! Sign-ins to the console, and what root does: only records show these.

pub mod console;
pub mod failed;
pub mod root_activity;
pub mod root_credentials;
pub mod state;

pub use console::SignIns;
pub use failed::FailedSignIns;
pub use root_activity::RootActivity;
pub use root_credentials::RootCredentials;
